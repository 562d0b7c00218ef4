import type { TrafficRole } from "../core/traffic";

/** What a server group can run. */
export type Product = "vault" | "consul" | "nomad";

/** In the order in which they start. */
export const products: readonly Product[] = ["vault", "consul", "nomad"];

/** What a worker can run: clients of these. Vault has none; a worker signs in to it through Vault Agent. */
export type ClientProduct = "consul" | "nomad";

/** The roles in the traffic table of a node that runs these. */
export function trafficRoles(role: "server" | "worker", runs: readonly Product[]): TrafficRole[] {
  return role === "worker" ? ["worker"] : runs.map((product): TrafficRole => `${product}Server`);
}
