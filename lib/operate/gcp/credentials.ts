import { readFile } from "node:fs/promises";
import { OperateError } from "../errors";
import { ask, type HttpAnswer } from "../http";
import { programOutput } from "../program";

type Env = Readonly<Record<string, string | undefined>>;

interface Lent {
  readonly token: string;
  /** E-mail address of whose it is, where the source tells it. */
  readonly email?: string;
  /** Milliseconds since 1970; not there where the source does not tell. */
  readonly expires?: number;
}

/** https://google.aip.dev/auth/4117: how CI tells that it is a service account, without a key. */
interface ExternalAccount {
  readonly type?: string;
  readonly audience: string;
  readonly subject_token_type: string;
  readonly token_url: string;
  readonly service_account_impersonation_url?: string;
  readonly credential_source: {
    readonly file?: string;
    readonly url?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly format?: { readonly type?: string; readonly subject_token_field_name?: string };
  };
}

const SPARE_MS = 5 * 60_000;
/** For so long a token is believed whose end nobody tells. */
const UNTOLD_MS = 10 * 60_000;
const METADATA_MS = 2_000;
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"];

/**
 * Tokens of whoever runs this, from where Google's libraries and Terraform's provider look: a token in a variable, a file of workload
 * identity federation (CI), gcloud, the machine's service account. People of every kind are left to gcloud; keys of service accounts
 * are not taken: https://cloud.google.com/docs/authentication/application-default-credentials
 */
export class GcpCredentialChain {
  private lent: Promise<Lent> | undefined;

  constructor(
    private readonly env: Env = process.env,
    /** Where gcloud's, Google's sign-in's and IAM's hosts answer instead. @default - the hosts themselves */
    private readonly endpoint?: string,
  ) {}

  /** A token that is good for five minutes at least. @throws OperateError of kind `denied` if there is none */
  async get(): Promise<string> {
    return (await this.current()).token;
  }

  /** E-mail address of who acts. */
  async email(): Promise<string> {
    const { email, token } = await this.current();
    if (email !== undefined) return email;
    const answer = await ask({
      url: this.at("https://oauth2.googleapis.com/tokeninfo"),
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ access_token: token }).toString(),
    });
    const told = json(answer, "whose the token is") as { readonly email?: string; readonly azp?: string };
    return told.email ?? told.azp ?? "unknown";
  }

  private async current(): Promise<Lent> {
    const known = await this.lent;
    if (known !== undefined && (known.expires === undefined || known.expires - Date.now() > SPARE_MS)) return known;
    const found = this.find();
    this.lent = found;
    found.catch(() => {
      this.lent = undefined;
    });
    return found;
  }

  private async find(): Promise<Lent> {
    const given = this.env["GOOGLE_OAUTH_ACCESS_TOKEN"] || this.env["CLOUDSDK_AUTH_ACCESS_TOKEN"];
    if (given) return { token: given };
    const file = this.env["GOOGLE_APPLICATION_CREDENTIALS"] || this.env["CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"];
    const account = file ? (JSON.parse(await readFile(file, "utf8")) as ExternalAccount) : undefined;
    if (account?.type === "external_account") return this.fromFederation(account);
    if (account?.type === "service_account") {
      throw none(
        `${file} holds a key of a service account, which is not taken: it does not end, and is what leaks most`,
      );
    }
    return (await this.fromGcloud(account !== undefined)) ?? (await this.fromMachine());
  }

  private async fromFederation(account: ExternalAccount): Promise<Lent> {
    const exchanged = json(
      await ask({
        url: this.at(account.token_url),
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
          requestedTokenType: "urn:ietf:params:oauth:token-type:access_token",
          audience: account.audience,
          scope: SCOPES[0],
          subjectTokenType: account.subject_token_type,
          subjectToken: await subjectToken(account),
        }),
      }),
      "a token for CI's own",
    ) as { readonly access_token: string; readonly expires_in?: number };
    const url = account.service_account_impersonation_url;
    if (url === undefined) {
      return { token: exchanged.access_token, expires: Date.now() + (exchanged.expires_in ?? 0) * 1_000 };
    }
    const answer = await ask({
      url: this.at(url),
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${exchanged.access_token}` },
      body: JSON.stringify({ scope: SCOPES }),
    });
    const told = json(answer, "a token of the service account") as {
      readonly accessToken: string;
      readonly expireTime: string;
    };
    const email = /\/serviceAccounts\/([^/:]+):/.exec(decodeURIComponent(url))?.[1];
    return { token: told.accessToken, email, expires: Date.parse(told.expireTime) };
  }

  /** @param isDefault Whether a file says that gcloud's application default credentials act. */
  private async fromGcloud(isDefault: boolean): Promise<Lent | undefined> {
    const args = ["auth", ...(isDefault ? ["application-default"] : []), "print-access-token"];
    const { error, stdout, stderr } = await programOutput("gcloud", args);
    if (error?.code === "ENOENT") return undefined;
    if (error !== undefined) throw none(`gcloud gives no token: ${stderr.trim().slice(0, 300)}`);
    return { token: stdout.trim(), expires: Date.now() + UNTOLD_MS };
  }

  /** https://cloud.google.com/compute/docs/access/authenticate-workloads */
  private async fromMachine(): Promise<Lent> {
    const host = this.env["GCE_METADATA_HOST"] || "metadata.google.internal";
    const call = (what: string) =>
      ask({
        url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/${what}`,
        headers: { "metadata-flavor": "Google" },
        timeoutMs: METADATA_MS,
      }).catch(() => {
        throw none("no credentials of Google in the environment, no gcloud, and no metadata service of a machine");
      });
    const told = json(await call("token"), "the machine's token") as {
      readonly access_token: string;
      readonly expires_in: number;
    };
    const email = (await call("email")).body.toString().trim();
    return { token: told.access_token, email, expires: Date.now() + told.expires_in * 1_000 };
  }

  private at(url: string): string {
    return this.endpoint === undefined ? url : url.replace(/^https?:\//, this.endpoint);
  }
}

async function subjectToken({ credential_source: source }: ExternalAccount): Promise<string> {
  const text = source.file
    ? await readFile(source.file, "utf8")
    : (await ask({ url: source.url ?? "", headers: source.headers })).body.toString();
  if (source.format?.type !== "json") return text.trim();
  const token = (JSON.parse(text) as Record<string, unknown>)[source.format.subject_token_field_name ?? ""];
  if (typeof token === "string") return token;
  throw none("CI's own token is not where the file of workload identity federation says");
}

function none(reason: string): OperateError {
  return new OperateError(
    "denied",
    reason,
    'sign in to Google Cloud: "gcloud auth login", or in CI GOOGLE_APPLICATION_CREDENTIALS with a file of workload identity federation',
  );
}

function json(answer: HttpAnswer, what: string): unknown {
  const text = answer.body.toString();
  if (answer.status === 200) return JSON.parse(text);
  const told = /"(?:error_description|message)"\s*:\s*"([^"\\]{0,300})/.exec(text)?.[1];
  throw none(`${what} is not given: HTTP ${answer.status}${told === undefined ? "" : `: ${told}`}`);
}
