import type { Product } from "../node/products";
import type { Cloud, MachineGroup } from "./cloud";
import { OperateError, reasonOf } from "./errors";
import { productHealth } from "./health";
import type { Observation } from "./judge";
import { type Living, productsOf } from "./living";
import { bootstrapToken } from "./sessions";

/** Looks at everything that is asked of products and machines. Nobody who does not answer makes it fail. */
export async function observe(living: Living, signal: AbortSignal): Promise<Observation> {
  const unseen: string[] = [];
  const [products, machines] = await Promise.all([
    Promise.all(productsOf(living).map((product) => productHealth(living.clients[product], signal))),
    machinesOf(living, unseen, signal),
  ]);
  const { environment, groups } = living;
  return { environment, groups, products, machines, unseen, at: new Date().toISOString() };
}

/** What does not change from one moment to the next: snapshots, and tokens that should be gone. */
export async function observeKeeping(living: Living, signal: AbortSignal): Promise<Partial<Observation>> {
  const { cloud } = living;
  if (cloud === undefined) return {};
  const products = productsOf(living);
  const unseen: string[] = [];
  const snapshots = await Promise.all(
    products.map((product) =>
      attempt(
        `snapshots of ${product}`,
        unseen,
        async () => [product, await lastSnapshot(cloud, product, signal)] as const,
      ),
    ),
  );
  const tokens = await Promise.all(
    products.map((product) =>
      attempt(`bootstrap token of ${product}`, unseen, async () =>
        product !== "vault" && (await bootstrapIsGood(living, cloud, product, signal)) ? [product] : [],
      ),
    ),
  );
  return {
    snapshots: Object.fromEntries(snapshots.filter((entry) => entry !== undefined)),
    bootstrapTokens: tokens.flatMap((found) => found ?? []),
    unseen,
  };
}

/** Whether the bootstrap token in the secret store still opens a product. */
export async function bootstrapIsGood(
  living: Living,
  cloud: Cloud,
  product: "consul" | "nomad",
  signal: AbortSignal,
): Promise<boolean> {
  const token = await bootstrapToken(cloud, product, signal);
  if (token === undefined) return false;
  const { status } = await living.clients[product].ask("acl/token/self", { token, signal });
  return status === 200;
}

/** When the last snapshot was saved, by its name: `snapshots/vault/20260101T000000Z.snap`. */
export async function lastSnapshot(cloud: Cloud, product: Product, signal: AbortSignal): Promise<string | null> {
  const keys = await cloud.listObjects(`snapshots/${product}/`, signal);
  const times = keys.map((key) => /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(key)?.slice(1) ?? []);
  const [y, mo, d, h, mi, s] = times.filter((time) => time.length === 6).at(-1) ?? [];
  return y === undefined ? null : `${y}-${mo}-${d}T${h}:${mi}:${s}.000Z`;
}

async function machinesOf(
  { cloud, groups }: Living,
  unseen: string[],
  signal: AbortSignal,
): Promise<Record<string, MachineGroup> | undefined> {
  if (cloud === undefined) return undefined;
  const found = await Promise.all(
    Object.keys(groups).map((name) =>
      attempt(`machines of group ${name}`, unseen, async () => [name, await cloud.group(name, signal)] as const),
    ),
  );
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}

async function attempt<T>(what: string, unseen: string[], look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (!OperateError.is(error)) throw error;
    unseen.push(`${what}: ${reasonOf(error)}`);
    return undefined;
  }
}
