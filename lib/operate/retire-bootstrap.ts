import { type Bounds, Deadline } from "./bounds";
import { OperateError } from "./errors";
import { demandCloud, type Living, productsOf } from "./living";
import type { ProductClient } from "./product-client";
import { bootstrapToken, tokenVariables } from "./sessions";

type AclProduct = "consul" | "nomad";

export interface RetireResult {
  readonly environment: string;
  /** Products whose bootstrap token was destroyed now. */
  readonly retired: readonly AclProduct[];
  /** Products whose bootstrap token was gone before. */
  readonly gone: readonly AclProduct[];
}

interface Plan {
  readonly product: AclProduct;
  /** What the product calls the token; nothing where it is gone. */
  readonly accessor?: string;
}

/**
 * Destroys the bootstrap tokens of Consul and Nomad, once CI signs in by itself. Each is destroyed with another token, that of CI's
 * sign-in or the one in `CONSUL_HTTP_TOKEN` and `NOMAD_TOKEN`: whoever can do this can administer the product without it, so
 * nobody is locked out. Both are looked at before either is destroyed.
 *
 * It takes somebody who may read the bootstrap secret: the deployer.
 *
 * @throws OperateError of kind `refused` where nobody else would be left who can administer a product
 */
export async function retireBootstrap(living: Living, bounds: Bounds = {}): Promise<RetireResult> {
  const deadline = new Deadline(bounds, "2m");
  const { signal } = deadline;
  const products = productsOf(living).filter((product) => product !== "vault");
  const plans: Plan[] = [];
  for (const product of products) plans.push(await planOf(living, product, signal));
  for (const { product, accessor } of plans) {
    if (accessor === undefined) continue;
    await living.clients[product].demand(`acl/token/${accessor}`, { method: "DELETE", signal });
    deadline.report(`${product}: its bootstrap token is destroyed`);
  }
  const named = (gone: boolean) =>
    plans.flatMap((plan) => ((plan.accessor === undefined) === gone ? [plan.product] : []));
  return { environment: living.environment, retired: named(false), gone: named(true) };
}

async function planOf(living: Living, product: AclProduct, signal: AbortSignal): Promise<Plan> {
  const client = living.clients[product];
  const bootstrap = await bootstrapToken(demandCloud(living), product, signal);
  if (bootstrap === undefined) {
    throw new OperateError(
      "denied",
      `the bootstrap token of ${product} cannot be read, so it cannot be told from others`,
      "act as the deployer, who alone may read the bootstrap secret",
    );
  }
  const itself = await client.ask<{ AccessorID: string }>("acl/token/self", { token: bootstrap, signal });
  if (itself.status === 401 || itself.status === 403 || itself.status === 404) return { product };
  const accessor = itself.json?.AccessorID;
  if (itself.status !== 200 || accessor === undefined) {
    throw new OperateError(
      "failed",
      `${product} does not say whether its bootstrap token is good: HTTP ${itself.status}`,
      "caravan status",
    );
  }
  const own = await living.sessions.token(product, signal);
  const why =
    own === undefined || own === bootstrap
      ? "there is no other token here"
      : await cannotAdminister(client, product, accessor, signal);
  if (why === undefined) return { product, accessor };
  throw new OperateError(
    "refused",
    `without its bootstrap token nobody might be able to administer ${product}: ${why}. Nothing was destroyed`,
    `apply the platform layer, which lets the deployer sign in to ${product}; or set ${tokenVariables[product]} to another administrator's token`,
  );
}

/** Why the token of whoever acts is no administrator's; nothing if it is. */
async function cannotAdminister(
  client: ProductClient,
  product: AclProduct,
  bootstrapAccessor: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (product === "nomad") {
    const self = await client.ask<{ Type?: string }>("acl/token/self", { signal });
    return self.json?.Type === "management" ? undefined : "the token at hand is not a management token";
  }
  // Consul shows a token's secret to those only who may write ACL: https://developer.hashicorp.com/consul/api-docs/acl/tokens#read-a-token
  const seen = await client.ask<{ SecretID?: string }>(`acl/token/${bootstrapAccessor}`, { signal });
  const isShown = seen.status === 200 && /^[0-9a-f-]{36}$/.test(seen.json?.SecretID ?? "");
  return isShown ? undefined : "the token at hand does not have acl:write";
}
