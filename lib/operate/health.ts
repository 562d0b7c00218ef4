import type { Product } from "../node/products";
import { OperateError } from "./errors";
import type { ProductAnswer, ProductClient } from "./product-client";

/** One server of a product, as its raft knows it. */
export interface RaftServer {
  readonly id: string;
  /** Its address without the port. */
  readonly address: string;
  readonly voter: boolean;
  readonly leader: boolean;
  /** Whether autopilot finds it alive and close behind the leader. */
  readonly healthy: boolean;
  readonly version: string;
}

/** How a product is, as far as it can be seen with the token at hand. */
export interface ProductHealth {
  readonly product: Product;
  /** Why it does not answer. With it nothing else is known. */
  readonly unreachable?: string;
  /** Vault: whether it was ever initialised. */
  readonly initialized?: boolean;
  /** Vault: whether the server that answered is sealed. */
  readonly sealed?: boolean;
  /** Address of the leader without the port; none where nobody leads. */
  readonly leader?: string;
  /** Members of its raft; not there where the token may not see them. */
  readonly servers?: readonly RaftServer[];
  /** Why they are not seen. */
  readonly unseen?: string;
  /** Whether that is because whoever acts may not see them; otherwise it may pass. */
  readonly denied?: boolean;
  /** When the certificate of the server that answered ends, ISO 8601. */
  readonly certificateEnds?: string;
}

/** Asks a product how it is. It does not throw for what a product says, nor where nobody answers. */
export async function productHealth(client: ProductClient, signal: AbortSignal): Promise<ProductHealth> {
  try {
    return await (client.product === "vault" ? vaultHealth(client, signal) : raftHealth(client, signal));
  } catch (error) {
    if (!OperateError.is(error) || error.kind !== "unreachable") throw error;
    return { product: client.product, unreachable: error.reason };
  }
}

interface VaultSaysHealth {
  readonly initialized: boolean;
  readonly sealed: boolean;
}

interface VaultAutopilot {
  readonly data?: {
    readonly servers: Readonly<
      Record<
        string,
        {
          readonly id: string;
          readonly address: string;
          readonly status: string;
          readonly healthy: boolean;
          readonly version: string;
        }
      >
    >;
  };
}

/** https://developer.hashicorp.com/vault/api-docs/system/health, https://developer.hashicorp.com/vault/api-docs/system/storage/raftautopilot */
async function vaultHealth(client: ProductClient, signal: AbortSignal): Promise<ProductHealth> {
  const unsigned = { token: null, signal } as const;
  const asked = "sys/health?standbyok=true&perfstandbyok=true&sealedcode=200&uninitcode=200&haunhealthycode=200";
  const health = await client.ask<VaultSaysHealth>(asked, unsigned);
  const { initialized, sealed } = health.json ?? {};
  const base = { product: client.product, initialized, sealed, certificateEnds: health.certificateEnds?.toISOString() };
  if (health.status !== 200) return { ...base, unseen: said("sys/health", health) };
  if (initialized !== true || sealed !== false) return base;
  const { json } = await client.ask<{ leader_address?: string }>("sys/leader", unsigned);
  // A standby, and who led and lost the others, go on to name the last leader in good health. But only one who leads, asked
  // through any server, refuses whoever has no token.
  const refusal = await client.ask("auth/token/lookup-self", unsigned);
  const leader = refusal.status === 403 ? hostOf(json?.leader_address) : undefined;
  const members = await raftMembers(client, "sys/storage/raft/autopilot/state", signal);
  if (members instanceof Unseen) return { ...base, leader, ...members };
  const servers = Object.values((members as VaultAutopilot).data?.servers ?? {}).map(
    ({ id, address, status, healthy, version }): RaftServer => ({
      id,
      address: hostOf(address) ?? "",
      voter: status === "leader" || status === "voter",
      leader: status === "leader",
      healthy,
      version,
    }),
  );
  return { ...base, leader, servers };
}

interface Autopilot {
  readonly Servers?: readonly {
    readonly ID: string;
    readonly Address: string;
    readonly Voter: boolean;
    readonly Leader: boolean;
    readonly Healthy: boolean;
    readonly Version: string;
  }[];
}

/**
 * Consul and Nomad answer alike: https://developer.hashicorp.com/consul/api-docs/operator/autopilot#read-the-health-of-servers,
 * https://developer.hashicorp.com/nomad/api-docs/operator/autopilot#read-health
 */
async function raftHealth(client: ProductClient, signal: AbortSignal): Promise<ProductHealth> {
  const { product } = client;
  const status = await client.ask<string>("status/leader", { token: null, signal });
  const leader = typeof status.json === "string" ? hostOf(status.json) : undefined;
  const base = { product, leader, certificateEnds: status.certificateEnds?.toISOString() };
  const members = await raftMembers(client, "operator/autopilot/health", signal);
  if (members instanceof Unseen) return { ...base, ...members };
  const servers = ((members as Autopilot).Servers ?? []).map(
    (server): RaftServer => ({
      id: server.ID,
      address: hostOf(server.Address) ?? "",
      voter: server.Voter,
      leader: server.Leader,
      healthy: server.Healthy,
      version: server.Version,
    }),
  );
  return { ...base, servers };
}

class Unseen {
  constructor(
    readonly unseen: string,
    readonly denied: boolean,
  ) {}
}

/** The members of raft as the product tells them, or why they are not seen. */
async function raftMembers(client: ProductClient, path: string, signal: AbortSignal): Promise<unknown> {
  let token: string | undefined;
  try {
    token = await client.token(signal);
  } catch (error) {
    if (!OperateError.is(error)) throw error;
    // Nobody to sign in as, or a sign-in that fails: it says nothing of the product.
    return new Unseen(error.reason, error.kind === "denied");
  }
  let answer: ProductAnswer<unknown>;
  try {
    answer = await client.ask(path, { token: token ?? null, signal });
  } catch (error) {
    if (!OperateError.is(error) || error.kind !== "unreachable") throw error;
    // It has answered before: a Consul that nobody leads keeps who asks this waiting.
    return new Unseen(error.reason, false);
  }
  // Where not all is well, Consul and Nomad tell it with 429.
  if (answer.status === 200 || (answer.status === 429 && answer.json !== undefined)) return answer.json;
  return new Unseen(said(path, answer), answer.status === 401 || answer.status === 403);
}

function said(path: string, { status, text }: ProductAnswer<unknown>): string {
  return `${path}: HTTP ${status} ${text.replace(/\s+/g, " ").trim().slice(0, 200)}`.trim();
}

/** The host of `https://10.0.0.1:8200` or `10.0.0.1:8300`. */
function hostOf(address: string | undefined): string | undefined {
  const host = address
    ?.replace(/^https?:\/\//, "")
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "");
  return host === undefined || host === "" ? undefined : host;
}
