import { readFile } from "node:fs/promises";
import { OperateError } from "../errors";
import { ask, type HttpAnswer } from "../http";
import { programOutput } from "../program";

type Env = Readonly<Record<string, string | undefined>>;

interface Lent {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const SPARE_MS = 5 * 60_000;
const METADATA_MS = 2_000;
/** For whom a token of CI's own must be that is exchanged for one of Entra ID. */
const EXCHANGE = "api://AzureADTokenExchange";

/**
 * Tokens of whoever runs this, from where Terraform's provider looks, by its variables and by those of Azure's SDKs: a federated
 * token (CI), the Azure CLI, the managed identity of the machine. People of every kind are left to the CLI:
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs#argument-reference
 */
export class AzureCredentialChain {
  private readonly lent = new Map<string, Promise<Lent>>();

  constructor(
    /** @default - the one that variables or the Azure CLI name */
    private readonly tenantId: string | undefined,
    private readonly env: Env = process.env,
  ) {}

  /**
   * A token that is good for five minutes at least.
   *
   * @param resource For whom: `"https://vault.azure.net"`
   * @throws OperateError of kind `denied` if there is none
   */
  async get(resource: string): Promise<string> {
    const known = await this.lent.get(resource);
    if (known !== undefined && known.expires - Date.now() > SPARE_MS) return known.token;
    const found = this.find(resource);
    this.lent.set(resource, found);
    found.catch(() => this.lent.delete(resource));
    return (await found).token;
  }

  private async find(resource: string): Promise<Lent> {
    const federated = await this.federatedToken();
    if (federated !== undefined) return this.exchanged(federated, resource);
    if (this.env["ARM_USE_MSI"] === "true") return this.fromMachine(resource);
    return (await this.fromCli(resource)) ?? (await this.fromMachine(resource));
  }

  /** What CI says of itself: in a variable, in a file, or by GitHub's own address. */
  private async federatedToken(): Promise<string | undefined> {
    const { ARM_OIDC_TOKEN: given, ARM_USE_OIDC: use } = this.env;
    if (given) return given;
    const file = this.env["ARM_OIDC_TOKEN_FILE_PATH"] || this.env["AZURE_FEDERATED_TOKEN_FILE"];
    if (file) return (await readFile(file, "utf8")).trim();
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = this.env;
    if (use !== "true" || !url || !token) return undefined;
    const answer = await ask({
      url: `${url}&audience=${encodeURIComponent(EXCHANGE)}`,
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
    });
    return (json(answer, "GitHub's token") as { readonly value: string }).value;
  }

  private async exchanged(assertion: string, resource: string): Promise<Lent> {
    const client = this.env["ARM_CLIENT_ID"] || this.env["AZURE_CLIENT_ID"];
    const tenant = this.env["ARM_TENANT_ID"] || this.env["AZURE_TENANT_ID"] || this.tenantId;
    if (!client) throw none("there is a federated token, and neither ARM_CLIENT_ID nor AZURE_CLIENT_ID says whose");
    if (!tenant)
      throw none("there is a federated token, and neither ARM_TENANT_ID nor AZURE_TENANT_ID says of which tenant");
    const authority = this.env["AZURE_AUTHORITY_HOST"] || "https://login.microsoftonline.com/";
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
      // A resource's own slash stays before the scope's: the token is for what stands before "/.default".
      scope: `${resource}/.default`,
    });
    const answer = await ask({
      url: new URL(`${tenant}/oauth2/v2.0/token`, authority).href,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });
    const told = json(answer, `a token for ${client}`) as {
      readonly access_token: string;
      readonly expires_in: number;
    };
    return { token: told.access_token, expires: Date.now() + told.expires_in * 1_000 };
  }

  private async fromCli(resource: string): Promise<Lent | undefined> {
    const tenant = this.tenantId === undefined ? [] : ["--tenant", this.tenantId];
    const args = ["account", "get-access-token", "--resource", resource, ...tenant, "--output", "json"];
    const { error, stdout, stderr } = await programOutput("az", args);
    if (error?.code === "ENOENT") return undefined;
    if (error !== undefined) {
      throw none(`the Azure CLI gives no token for ${resource}: ${stderr.trim().slice(0, 300)}`);
    }
    const told = JSON.parse(stdout) as { readonly accessToken: string; readonly expires_on?: number };
    // Older ones give a local time only.
    return { token: told.accessToken, expires: (told.expires_on ?? 0) * 1_000 || Date.now() + 2 * SPARE_MS };
  }

  /** https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
  private async fromMachine(resource: string): Promise<Lent> {
    const base = this.env["ARM_MSI_ENDPOINT"] || "http://169.254.169.254/metadata/identity/oauth2/token";
    const client = this.env["ARM_CLIENT_ID"] || this.env["AZURE_CLIENT_ID"];
    const url = new URL(base);
    url.searchParams.set("api-version", "2018-02-01");
    url.searchParams.set("resource", resource);
    if (client) url.searchParams.set("client_id", client);
    const answer = await ask({ url: url.href, headers: { metadata: "true" }, timeoutMs: METADATA_MS }).catch(() => {
      throw none("no credentials of Azure in the environment, no Azure CLI, and no metadata service of a machine");
    });
    const told = json(answer, "the machine's identity") as {
      readonly access_token: string;
      readonly expires_on: string;
    };
    return { token: told.access_token, expires: Number(told.expires_on) * 1_000 };
  }
}

/** What a token says of its bearer. It is not looked at whether that is true: who takes it does that. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, payload = ""] = token.split(".");
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function none(reason: string): OperateError {
  return new OperateError(
    "denied",
    reason,
    'sign in to Azure: "az login", or in CI ARM_USE_OIDC with ARM_CLIENT_ID and ARM_TENANT_ID',
  );
}

function json(answer: HttpAnswer, what: string): unknown {
  const text = answer.body.toString();
  if (answer.status === 200) return JSON.parse(text);
  const told = /"error_description"\s*:\s*"([^"\\]{0,300})/.exec(text)?.[1];
  throw none(`${what} is not given: HTTP ${answer.status}${told === undefined ? "" : `: ${told}`}`);
}
