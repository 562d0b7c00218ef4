import { vaultMounts } from "../node/names";
import type { Product } from "../node/products";
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
  readonly vault: Endpoint;
  /** Name of Vault's machine address, by which a sign-in is meant for this Vault and no other. */
  readonly vaultServerId: string;
  /** @default - nobody signs in by cloud, and no secret is read: tokens come from the environment */
  readonly cloud?: Cloud;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Where a token came from. */
export type TokenSource = "environment" | "cloud" | "bootstrap";

interface Token {
  readonly value: string;
  readonly from: TokenSource;
  /** Milliseconds since 1970. */
  readonly renewAt?: number;
}

/**
 * Who acts. A token in the environment goes first. Without one, Vault is signed in to with the cloud's identity, as `deployer`
 * or `planner`; for Consul and Nomad the deployer reads the bootstrap tokens, until they are retired.
 */
export class Sessions {
  private readonly tokens = new Map<Product, Promise<Token | undefined>>();

  constructor(private readonly props: SessionProps) {}

  /** The token for a product, or nothing where this identity has none. @throws OperateError where a sign-in is refused */
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
      (Object.keys(tokenVariables) as Product[]).map(async (product) => {
        const token = await this.token(product, signal);
        return token === undefined ? [] : [[tokenVariables[product], token] as const];
      }),
    );
    return Object.fromEntries(entries.flat());
  }

  /** Gives back what was lent: the token of a sign-in to Vault. */
  async close(signal: AbortSignal = AbortSignal.timeout(10_000)): Promise<void> {
    const token = await this.tokens.get("vault")?.catch(() => undefined);
    this.tokens.clear();
    if (token?.from !== "cloud") return;
    const client = new ProductClient("vault", this.props.vault, async () => token.value);
    await client.ask("auth/token/revoke-self", { method: "POST", signal }).catch(() => undefined);
  }

  private async find(product: Product, signal: AbortSignal): Promise<Token | undefined> {
    const known = this.tokens.get(product);
    const token = await known;
    if (known !== undefined && (token?.renewAt === undefined || token.renewAt > Date.now())) return token;
    const found = this.look(product, signal);
    this.tokens.set(product, found);
    // A failure is no answer for the next time.
    found.catch(() => this.tokens.delete(product));
    return found;
  }

  private async look(product: Product, signal: AbortSignal): Promise<Token | undefined> {
    const { cloud, env = process.env } = this.props;
    const given = env[tokenVariables[product]];
    if (given) return { value: given, from: "environment" };
    if (cloud === undefined) return undefined;
    return product === "vault" ? this.signIn(cloud, signal) : bootstrapToken(cloud, product, signal);
  }

  private async signIn(cloud: Cloud, signal: AbortSignal): Promise<Token | undefined> {
    const role = await cloud.ciRole(signal);
    if (role === undefined) return undefined;
    const client = new ProductClient("vault", this.props.vault, async () => undefined);
    const path = `auth/${vaultMounts.deployerAuth}/login`;
    const body = { role, ...(await cloud.proof(this.props.vaultServerId, signal)) };
    const answer = await client.ask<VaultLogin>(path, { method: "POST", body, token: null, signal });
    const auth = answer.json?.auth;
    if (answer.status !== 200 || auth === undefined) throw refusal("vault", `the sign-in as ${role}`, answer);
    // Renewed in good time: policies end it after its first life.
    return { value: auth.client_token, from: "cloud", renewAt: Date.now() + auth.lease_duration * 600 };
  }
}

interface VaultLogin {
  readonly auth?: { readonly client_token: string; readonly lease_duration: number };
}

/** The bootstrap token of Consul or Nomad, where this identity may read it. */
export async function bootstrapToken(
  cloud: Cloud,
  product: Exclude<Product, "vault">,
  signal: AbortSignal,
): Promise<Token | undefined> {
  let text: string | undefined;
  try {
    text = await cloud.readSecret("bootstrap", signal);
  } catch (error) {
    if (OperateError.is(error) && error.kind === "denied") return undefined;
    throw error;
  }
  if (text === undefined) return undefined;
  const value = (JSON.parse(text) as Partial<Record<Product, string>>)[product];
  return value === undefined ? undefined : { value, from: "bootstrap" };
}

/** @throws OperateError where this identity has no token for a product */
export async function demandToken(sessions: Sessions, product: Product, signal: AbortSignal): Promise<string> {
  const token = await sessions.token(product, signal);
  if (token !== undefined) return token;
  throw new OperateError("denied", `there is no token for ${product}`, tokenAdvice[product]);
}
