import { request } from "node:https";
import { homedir } from "node:os";
import { type Product, ports } from "../../lib/node";
import { run } from "../support/temporary";
import type { Cluster } from "./cluster";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

const HEADERS: Readonly<Record<Product, string>> = {
  vault: "x-vault-token",
  consul: "x-consul-token",
  nomad: "x-nomad-token",
};

/** Somebody outside who uses the products through the cluster's balancer, with the cluster's CA and the tokens that are theirs. */
export class Client {
  private constructor(
    private readonly cluster: Cluster,
    private readonly ca: string,
    readonly tokens: Readonly<Record<Product, string>>,
  ) {}

  /** CI's `deployer`: signs in to Vault with its AWS role, and has the bootstrap tokens of the other two. */
  static async deployer(cluster: Cluster, vault: string): Promise<Client> {
    const ca = await cluster.secret("publicCaSecret");
    const { consul, nomad } = JSON.parse(await cluster.secret("bootstrapTokensSecret")) as Record<Product, string>;
    const anybody = new Client(cluster, ca, { vault: "", consul, nomad });
    return anybody.as({ vault: await Client.login(cluster, vault, "deployer") });
  }

  /** The same client with other tokens. */
  as(tokens: Partial<Record<Product, string>>): Client {
    return new Client(this.cluster, this.ca, { ...this.tokens, ...tokens });
  }

  /** Asks once. Rejects only when there was no answer within `timeoutMs`. */
  ask(product: Product, method: string, path: string, body?: unknown, timeoutMs = 10_000): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        {
          host: this.cluster.balancer,
          port: ports[product],
          servername: this.cluster.nameOf(product),
          ca: this.ca,
          agent: false,
          method,
          path: `/v1/${path}`,
          headers: { [HEADERS[product]]: this.tokens[product] },
        },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          answer.once("error", reject).once("end", () => resolve({ status: answer.statusCode ?? 0, body: text }));
        },
      );
      const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      asked.once("close", () => clearTimeout(timer)).once("error", reject);
      asked.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  }

  /** Asks until the product agrees, as a client does that tries again. Returns what it answered, read as JSON if it is. */
  async demand<T>(product: Product, method: string, path: string, body?: unknown, timeoutMs = 30_000): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const last = await this.ask(product, method, path, body, 3_000).catch(String);
      if (typeof last !== "string" && last.status < 300) return parsed(last.body) as T;
      if (Date.now() > end) {
        const why = typeof last === "string" ? last : `HTTP ${last.status} ${last.body}`;
        throw new Error(`${product}: ${method} ${path}: not within ${timeoutMs / 1000} s: ${why.slice(0, 1_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /**
   * Signs in to Vault with an AWS role, as CI does, or nodes at another mount. Returns the token; throws what Vault says.
   *
   * @param program Path of Vault's program.
   * @param role Vault's role.
   */
  static async login(
    cluster: Cluster,
    program: string,
    role: string,
    {
      as = role,
      mount = "deployer",
      header = cluster.nameOf("vault"),
    }: { as?: string; mount?: string; header?: string } = {},
  ): Promise<string> {
    const { accessKeyId, secretAccessKey, token } = await cluster.cloud.assume(as, "ci");
    const how = ["-token-only", "-method=aws", `-path=${mount}`, `role=${role}`, `region=${cluster.cloud.region}`];
    const { code, stdout, stderr } = await run(program, ["login", ...how, `header_value=${header}`], {
      env: {
        VAULT_ADDR: `https://${cluster.balancer}:${ports.vault}`,
        HOME: homedir(),
        VAULT_TLS_SERVER_NAME: cluster.nameOf("vault"),
        VAULT_CACERT_BYTES: await cluster.secret("publicCaSecret"),
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: token,
      },
    });
    if (code !== 0) throw new Error(`vault login of ${as} as ${role}: ${stdout}${stderr}`);
    return stdout.trim();
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
