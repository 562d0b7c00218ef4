import { vaultMounts } from "../node/names";
import { type Product, products } from "../node/products";
import type { Cloud } from "./cloud";
import { OperateError } from "./errors";
import { type Endpoint, ProductClient, refusal, tokenAdvice } from "./product-client";

/** The variables that everybody knows: https://developer.hashicorp.com/vault/docs/commands#configure-environment-variables */
export const tokenVariables: Readonly<Record<Product, string>> = {
  vault: "VAULT_TOKEN",
  consul: "CONSUL_HTTP_TOKEN",
  nomad: "NOMAD_TOKEN",
};

export interface SessionProps {
  /** Where each product is reached. */
  readonly endpoints: Readonly<Record<Product, Endpoint>>;
  /** Name of Vault's machine address, by which a sign-in is meant for this Vault and no other. */
  readonly vaultServerId: string;
  /** @default - nobody signs in by cloud, and no secret is read */
  readonly cloud?: Cloud;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Where a token came from: a variable; a sign-in, to Vault with the cloud's identity, to Consul and Nomad by way of Vault; or the
 * secret of bootstrap tokens.
 */
export type TokenSource = "environment" | "sign-in" | "bootstrap";

interface Token {
  readonly value: string;
  readonly from: TokenSource;
  /** Milliseconds since 1970. */
  readonly renewAt?: number;
}

/** A bootstrap token is a makeshift: it is looked for something better again soon. */
const MAKESHIFT_MS = 60_000;

/**
 * Who acts. A token in the environment goes first. Without one, Vault is signed in to with the cloud's identity, as CI's role; Consul
 * and Nomad by way of Vault, as the Platform layer lets CI. Before that layer is applied, the deployer reads their bootstrap tokens.
 */
export class Sessions {
  private readonly tokens = new Map<Product, Promise<Token | undefined>>();

  constructor(private readonly props: SessionProps) {}

  /** The token for a product, or nothing where this identity has none. @throws OperateError where a sign-in fails */
  async token(product: Product, signal: AbortSignal = AbortSignal.timeout(60_000)): Promise<string | undefined> {
    return (await this.find(product, signal))?.value;
  }

  /** Where a product's token comes from. */
  async source(product: Product, signal: AbortSignal): Promise<TokenSource | undefined> {
    return (await this.find(product, signal))?.from;
  }

  /** The variables that make Terraform and the products' own commands act as this identity does. They hold secrets. */
  async variables(signal: AbortSignal): Promise<Record<string, string>> {
    const entries = await Promise.all(
      products.map(async (product) => {
        const token = await this.token(product, signal);
        return token === undefined ? [] : [[tokenVariables[product], token] as const];
      }),
    );
    return Object.fromEntries(entries.flat());
  }

  /** Gives back what was lent. A token of Nomad cannot be given back by whoever has it; it ends by itself. */
  async close(signal: AbortSignal = AbortSignal.timeout(10_000)): Promise<void> {
    const lent = await Promise.all(products.map((product) => this.tokens.get(product)?.catch(() => undefined)));
    this.tokens.clear();
    const [vault, consul] = lent.map((token) => (token?.from === "sign-in" ? token.value : undefined));
    if (consul !== undefined) await this.tell("consul", "acl/logout", consul, signal);
    if (vault !== undefined) await this.tell("vault", "auth/token/revoke-self", vault, signal);
  }

  private async tell(product: Product, path: string, token: string, signal: AbortSignal): Promise<void> {
    await this.client(product)
      .ask(path, { method: "POST", token, signal })
      .catch(() => undefined);
  }

  private async find(product: Product, signal: AbortSignal): Promise<Token | undefined> {
    const known = this.tokens.get(product);
    const token = await known;
    if (token !== undefined && (token.renewAt === undefined || token.renewAt > Date.now())) return token;
    const latest = this.tokens.get(product);
    // Somebody else may have begun to look meanwhile.
    if (latest !== undefined && latest !== known) return latest;
    const found = this.look(product, signal);
    this.tokens.set(product, found);
    const forget = () => this.tokens.get(product) === found && this.tokens.delete(product);
    found.then((one) => one ?? forget(), forget);
    return found;
  }

  private async look(product: Product, signal: AbortSignal): Promise<Token | undefined> {
    const { cloud, env = process.env } = this.props;
    const given = env[tokenVariables[product]];
    if (given) return { value: given, from: "environment" };
    if (product === "vault") return cloud === undefined ? undefined : this.signIn(cloud, signal);
    let failure: OperateError | undefined;
    try {
      const issued = await this.byWayOfVault(product, signal);
      if (issued !== undefined) return issued;
    } catch (error) {
      if (!OperateError.is(error)) throw error;
      failure = error;
    }
    const bootstrap = cloud === undefined ? undefined : await this.bootstrap(cloud, product, signal);
    if (bootstrap !== undefined || failure === undefined || failure.kind === "denied") return bootstrap;
    // Not that it is denied: Vault has no leader, or is not reached. It may pass.
    throw new OperateError("failed", `there is no token for ${product}: ${failure.reason}`, failure.fix);
  }

  private async signIn(cloud: Cloud, signal: AbortSignal): Promise<Token | undefined> {
    const who = await cloud.ciRole(signal);
    if (who === undefined) return undefined;
    for (const role of [ciSignIn.roles[who], who]) {
      const path = `auth/${vaultMounts.deployerAuth}/login`;
      const body = { role, ...(await cloud.proof(this.props.vaultServerId, role, signal)) };
      const answer = await this.client("vault").ask<VaultLogin>(path, { method: "POST", body, signal });
      const auth = answer.json?.auth;
      if (answer.status === 200 && auth !== undefined) {
        return { value: auth.client_token, from: "sign-in", renewAt: Date.now() + spent(auth.lease_duration * 1_000) };
      }
      const refused = refusal("vault", `the sign-in as ${role}`, answer);
      if (answer.status !== 400 && answer.status !== 403) throw refused;
      // The Platform layer's role may not be there yet; first boot made the other.
      if (role === who) throw new OperateError("denied", refused.reason, tokenAdvice.vault);
    }
    return undefined;
  }

  /** Vault signs who it knows us as, and the product gives a token for it. Nothing where Vault signs nothing like it. */
  private async byWayOfVault(product: Exclude<Product, "vault">, signal: AbortSignal): Promise<Token | undefined> {
    const token = await this.token("vault", signal);
    if (token === undefined) return undefined;
    const vault = this.client("vault");
    const self = await vault.ask<VaultSelf>("auth/token/lookup-self", { token, signal });
    if (self.status >= 500) throw refusal("vault", "auth/token/lookup-self", self);
    const policies = [...(self.json?.data?.policies ?? []), ...(self.json?.data?.identity_policies ?? [])];
    const grant = ciSignIn.grants.find((name) => policies.includes(`grant-${name}`));
    if (grant === undefined) return undefined;
    const signed = await vault.ask<VaultSigned>(`identity/oidc/token/${grant}`, { token, signal });
    const jwt = signed.json?.data?.token;
    if (jwt === undefined) throw refusal("vault", `identity/oidc/token/${grant}`, signed);
    const { method } = ciSignIn;
    const login = await this.client(product).ask<AclLogin>("acl/login", {
      method: "POST",
      body:
        product === "consul" ? { AuthMethod: method, BearerToken: jwt } : { AuthMethodName: method, LoginToken: jwt },
      signal,
    });
    const { SecretID, ExpirationTime } = login.json ?? {};
    if (SecretID === undefined) throw refusal(product, "the sign-in by way of Vault", login);
    const left = ExpirationTime ? Date.parse(ExpirationTime) - Date.now() : 3_600_000;
    return { value: SecretID, from: "sign-in", renewAt: Date.now() + spent(left) };
  }

  private async bootstrap(cloud: Cloud, product: "consul" | "nomad", signal: AbortSignal): Promise<Token | undefined> {
    const value = await bootstrapToken(cloud, product, signal);
    if (value === undefined) return undefined;
    const { status } = await this.client(product).ask("acl/token/self", { token: value, signal });
    if (status === 401 || status === 403 || status === 404) return undefined;
    return { value, from: "bootstrap", renewAt: Date.now() + MAKESHIFT_MS };
  }

  private client(product: Product): ProductClient {
    return new ProductClient(product, this.props.endpoints[product], async () => undefined);
  }
}

/** What the Platform layer calls CI's way to Consul and Nomad: `lib/platform` (`CiSignIn`, `TokenIssuer`). */
export const ciSignIn = {
  /** Roles of Vault that come with the way on to Consul and Nomad. */
  roles: { deployer: "apply", planner: "plan" },
  /** What Vault signs for whom. */
  grants: ["deployer", "planner"],
  /** Auth method of Consul and Nomad. */
  method: "vault",
} as const;

/** When a token that lives so long is renewed: in good time, as policies end it after its first life. */
function spent(lifetimeMs: number): number {
  return lifetimeMs * 0.6;
}

interface VaultLogin {
  readonly auth?: { readonly client_token: string; readonly lease_duration: number };
}

interface VaultSelf {
  readonly data?: { readonly policies?: readonly string[]; readonly identity_policies?: readonly string[] };
}

interface VaultSigned {
  readonly data?: { readonly token?: string };
}

interface AclLogin {
  readonly SecretID?: string;
  readonly ExpirationTime?: string;
}

/** The bootstrap token of Consul or Nomad, where this identity may read it. */
export async function bootstrapToken(
  cloud: Cloud,
  product: Exclude<Product, "vault">,
  signal: AbortSignal,
): Promise<string | undefined> {
  let text: string | undefined;
  try {
    text = await cloud.readSecret("bootstrap", signal);
  } catch (error) {
    if (OperateError.is(error) && error.kind === "denied") return undefined;
    throw error;
  }
  return text === undefined ? undefined : (JSON.parse(text) as Partial<Record<Product, string>>)[product];
}

/** @throws OperateError where this identity has no token for a product */
export async function demandToken(sessions: Sessions, product: Product, signal: AbortSignal): Promise<string> {
  const token = await sessions.token(product, signal);
  if (token !== undefined) return token;
  throw new OperateError("denied", `there is no token for ${product}`, tokenAdvice[product]);
}
