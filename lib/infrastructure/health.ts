import type { Product } from "../node/products";

/** How a balancer asks a server how it is: over TLS, without a token, answered with 200 if well. */
export interface HealthCheck {
  readonly path: string;
  /** Status codes that mean well: `"200"`, `"200-499"`. */
  readonly healthy: string;
}

/**
 * Whether a server can serve machines.
 *
 * - Vault: initialised and unsealed; a standby passes requests on. https://developer.hashicorp.com/vault/api-docs/system/health
 * - Consul: it knows a leader. `status/leader` says 200 without one too; the list of services, empty to strangers, says 500.
 * - Nomad: it is a server and knows a leader. https://developer.hashicorp.com/nomad/api-docs/agent#health
 */
export const serverHealth: Readonly<Record<Product, HealthCheck>> = {
  vault: { path: "/v1/sys/health?standbyok=true", healthy: "200" },
  consul: { path: "/v1/catalog/services", healthy: "200" },
  nomad: { path: "/v1/agent/health?type=server", healthy: "200" },
};

/** Whether a Vault server leads: a standby answers 429, a sealed one 503. */
export const vaultLeaderHealth: HealthCheck = { path: "/v1/sys/health", healthy: "200" };

/** Whether an ingress gateway answers at all; which host it is asked for is unknown to it. */
export const ingressHealth: HealthCheck = { path: "/", healthy: "200-499" };
