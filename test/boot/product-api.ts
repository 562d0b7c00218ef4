import type { Product } from "../../lib/node";
import { type Answer, Api } from "../support/hashicorp/api";
import type { Servers } from "../support/hashicorp/servers";
import type { Client } from "./client";
import type { Cluster } from "./cluster";

/** A product of a cluster of hosts, for stand-in providers: through the balancer, by its certificate. */
class ProductApi extends Api {
  constructor(
    product: Product,
    address: string,
    private readonly client: Client,
  ) {
    super(product, address, client.tokens[product]);
  }

  override as(token: string): Api {
    return new ProductApi(this.product, this.address, this.client.as({ [this.product]: token }));
  }

  override async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const { status, body: text } = await this.client.ask(this.product, method, path, body, 30_000);
    try {
      return { status, body: JSON.parse(text) };
    } catch {
      return { status, body: text };
    }
  }
}

/** The three products of a cluster, as somebody with these tokens. */
export function productApis(cluster: Cluster, client: Client): Servers {
  const api = (product: Product, port: number) =>
    new ProductApi(product, `https://${cluster.nameOf(product)}:${port}`, client);
  return { vault: api("vault", 8200), consul: api("consul", 8501), nomad: api("nomad", 4646) };
}
