import type { Product } from "../../lib/node";
import type { Client } from "./client";

/** Where each product keeps what a load writes. */
const place: Readonly<Record<Product, (key: string) => { path: string; body: unknown }>> = {
  vault: (key) => ({ path: `load/${key}`, body: { value: key } }),
  consul: (key) => ({ path: `kv/load/${key}`, body: key }),
  nomad: (key) => ({ path: `var/load/${key}`, body: { Path: `load/${key}`, Items: { value: key } } }),
};

const list: Readonly<Record<Product, string>> = {
  vault: "load?list=true",
  consul: "kv/load/?keys",
  nomad: "vars?prefix=load",
};

/** What a load saw of one product. */
export interface Seen {
  readonly acknowledged: number;
  /** Acknowledged, but no longer there. */
  readonly lost: readonly string[];
  /** Not acknowledged within 30 s. */
  readonly failed: readonly string[];
  /** The longest time between two acknowledgements, in seconds: no leader was missing for longer. */
  readonly longestGap: number;
}

const PAUSE_MS = 100;

/** Somebody who may read and write below `load/` in Vault, and nothing else. */
export async function writer(deployer: Client): Promise<Client> {
  const make = (path: string, body: unknown) => deployer.demand("vault", "POST", path, body);
  const { body: mounts } = await deployer.ask("vault", "GET", "sys/mounts");
  if (!mounts.includes('"load/"')) {
    await make("sys/mounts/load", { type: "kv" });
    await make("sys/auth/load", { type: "approle" });
    await make("sys/policies/acl/load", {
      policy: 'path "load/*" { capabilities = ["create", "read", "update", "list"] }',
    });
    await make("auth/load/role/load", { token_policies: ["load"], token_ttl: "2h" });
  }
  const role = await deployer.demand<{ data: { role_id: string } }>("vault", "GET", "auth/load/role/load/role-id");
  const secret = await deployer.demand<{ data: { secret_id: string } }>(
    "vault",
    "POST",
    "auth/load/role/load/secret-id",
  );
  const signedIn = await deployer.demand<{ auth: { client_token: string } }>("vault", "POST", "auth/load/login", {
    role_id: role.data.role_id,
    secret_id: secret.data.secret_id,
  });
  return deployer.as({ vault: signedIn.auth.client_token });
}

/** Somebody who writes to every product all the time, through the balancer, and tries each write again for 30 s. */
export class Load {
  private stopped = false;
  private readonly writers: ReadonlyMap<Product, Promise<Omit<Seen, "lost"> & { keys: string[] }>>;

  private constructor(
    private readonly client: Client,
    products: readonly Product[],
  ) {
    this.writers = new Map(products.map((product) => [product, this.write(product)]));
  }

  static async start(deployer: Client, products: readonly Product[] = ["vault", "consul", "nomad"]): Promise<Load> {
    return new Load(await writer(deployer), products);
  }

  /** Ends it, reads everything back and prints a line a product. */
  async stop(): Promise<Readonly<Record<Product, Seen>>> {
    this.stopped = true;
    const seen: Partial<Record<Product, Seen>> = {};
    for (const [product, writer] of this.writers) {
      const { keys, ...rest } = await writer;
      const kept = JSON.stringify(await this.client.demand(product, "GET", list[product]));
      const lost = keys.filter((key) => !kept.includes(`${key}"`));
      seen[product] = { ...rest, lost };
      console.log(
        `${product}: ${rest.acknowledged} writes acknowledged, ${lost.length} lost, ${rest.failed.length} failed, longest gap ${rest.longestGap.toFixed(1)} s`,
      );
    }
    return seen as Record<Product, Seen>;
  }

  private async write(product: Product): Promise<Omit<Seen, "lost"> & { keys: string[] }> {
    const keys: string[] = [];
    const failed: string[] = [];
    const started = Date.now();
    let [last, longest] = [started, 0];
    for (let count = 0; !this.stopped; count++) {
      const key = `${started}-${count}`;
      const { path, body } = place[product](key);
      try {
        await this.client.demand(product, "PUT", path, body);
        keys.push(key);
        longest = Math.max(longest, Date.now() - last);
        last = Date.now();
      } catch (error) {
        failed.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return { acknowledged: keys.length, failed, longestGap: longest / 1000, keys };
  }
}
