import { ports } from "../../../core/traffic";
import type { InfrastructureContract } from "../../../infrastructure/contract";
import { vaultMounts } from "../../../node/names";
import { type Product, products } from "../../../node/products";
import { serversOf } from "../../../platform/servers";

/**
 * How the servers of a product are found: on each node that has a service in Consul, by the peers that Vault itself names,
 * or at addresses that are given.
 */
export type ServerDiscovery =
  | { readonly by: "consul"; readonly service: string; readonly port: number }
  | { readonly by: "vault-raft"; readonly port: number }
  | { readonly by: "addresses"; readonly addresses: readonly string[] };

/** Which authority signed the servers' certificates: all issuers of a PKI engine of Vault, or certificates in PEM. */
export type AuthorityDiscovery =
  | { readonly by: "pki"; readonly mount: string }
  | { readonly by: "pem"; readonly certificates: string };

/** A cluster as Prometheus sees it. */
export interface MonitoredCluster {
  readonly environment: string;
  readonly datacenter: string;
  readonly scheme: "http" | "https";
  /** Addresses for machines, `host:port`. */
  readonly machine: Partial<Readonly<Record<Product, string>>>;
  /** Every server of each product. */
  readonly servers: Partial<Readonly<Record<Product, ServerDiscovery>>>;
  /** Port of Nomad's clients, on each node that has node exporter; absent where clients answer elsewhere. */
  readonly nomadClientPort?: number;
  /** Absent where the operating system's authorities will do. */
  readonly authority?: AuthorityDiscovery;
  /** Addresses for browsers, whose certificates end too: `https://nomad.example.com`. */
  readonly people: readonly string[];
}

/** What is known of an infrastructure's servers. Addresses (`host:port`) that are given stand in for what would be found. */
export function monitoredCluster(
  infrastructure: InfrastructureContract,
  addresses: Partial<Readonly<Record<Product, readonly string[]>>> = {},
): MonitoredCluster {
  const known = infrastructure.static;
  const servers = serversOf(infrastructure);
  const machine = Object.fromEntries(
    servers.products.map((product) => [product, hostAndPort(servers.addresses[product]?.machine ?? "")]),
  );
  const given = (product: Product): ServerDiscovery | undefined => {
    const own = addresses[product];
    return own === undefined ? undefined : { by: "addresses", addresses: own };
  };
  const found = Object.fromEntries(
    servers.products.map((product) => [product, given(product) ?? discoveryOf(infrastructure, product)]),
  );
  const people = products.flatMap((product) => {
    const { people: address, machine: same } = servers.addresses[product] ?? {};
    return address === undefined || address === same || !address.startsWith("https:") ? [] : [address];
  });
  return {
    environment: known.environment,
    datacenter: servers.datacenter,
    scheme: servers.vault.machine.startsWith("https:") ? "https" : "http",
    machine,
    servers: found,
    ...(known.cloud === "existing" ? {} : { nomadClientPort: ports.nomad }),
    ...authorityOf(infrastructure),
    people,
  };
}

/**
 * Servers of this library register nothing but Consul's own service: by it the nodes are known that run Consul's servers,
 * and Nomad's where they run beside them. A Vault of its own has no agent of Consul at all, but knows its peers.
 */
function discoveryOf({ static: known }: InfrastructureContract, product: Product): ServerDiscovery | undefined {
  if (known.cloud === "existing") {
    const address = known[product]?.address;
    return address === undefined ? undefined : { by: "addresses", addresses: [hostAndPort(address)] };
  }
  if (product === "vault") return { by: "vault-raft", port: ports.vault };
  const group = Object.values(known.serverGroups).find((runs) => runs.includes(product));
  if (group?.includes("consul")) return { by: "consul", service: "consul", port: ports[product] };
  // One of them at a time answers there.
  return { by: "addresses", addresses: [`${known.machine[product]}:${ports[product]}`] };
}

function authorityOf({ static: known }: InfrastructureContract): { readonly authority?: AuthorityDiscovery } {
  if (known.cloud !== "existing") return { authority: { by: "pki", mount: vaultMounts.pki } };
  return known.ca === undefined ? {} : { authority: { by: "pem", certificates: known.ca } };
}

function hostAndPort(address: string): string {
  const { protocol, hostname, port } = new URL(address);
  return `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
}
