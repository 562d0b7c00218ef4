import { type ClusterProps, machineHost, type NodeProps } from "./node-props";
import type { Product } from "./products";

/** How long a node's certificate is valid. Vault Agent renews it well before, at about nine tenths. */
export const certificateLifetime = "720h";

/** What a product's certificate on a node says, beside the node's own address. */
export interface CertificateNames {
  /** The name by which agents of the product know each other's role. */
  readonly commonName: string;
  /** All DNS names, the common name first. */
  readonly dnsNames: readonly string[];
  /** Fixed addresses; the node's own private address comes to them on the node. */
  readonly addresses: readonly string[];
}

/**
 * The names in a product's certificate. Consul and Nomad take `server.<datacenter>.consul` and `server.<region>.nomad` as the mark
 * of a server (`verify_server_hostname`); a client's name carries no such right.
 */
export function certificateNames(props: ClusterProps, role: NodeProps["role"], product: Product): CertificateNames {
  return certificateNamesAt(machineHost(props, product), props, role, product);
}

/** The same of servers that answer at a host of their own. */
export function certificateNamesAt(
  host: string,
  place: CertificatePlace,
  role: NodeProps["role"],
  product: Product,
): CertificateNames {
  const commonName = product === "vault" ? host : markOf(place, role === "server" ? "server" : "client", product);
  const shared = role === "server" && commonName !== host ? [host] : [];
  return { commonName, dnsNames: [commonName, ...shared, "localhost"], addresses: ["127.0.0.1"] };
}

/** Where a cluster is, as its certificates say it. */
export type CertificatePlace = Pick<ClusterProps, "datacenter" | "region">;

function markOf(
  { datacenter, region }: CertificatePlace,
  what: "server" | "client",
  product: "consul" | "nomad",
): string {
  return product === "consul" ? `${what}.${datacenter}.consul` : `${what}.${region}.nomad`;
}
