import type { Product } from "./products";

/** Where things stand in Vault that nodes use: written by first boot's hand-over, read by Vault Agent. */
export const vaultMounts = {
  /** PKI with the cluster's own CA, imported. */
  pki: "pki-nodes",
  /** Key-value store, version 2: gossip keys and introductions. */
  secrets: "node-secrets",
  /** Consul secrets engine. */
  consul: "consul",
  /** Cloud auth method of nodes. */
  nodeAuth: "node",
  /** Cloud auth method of CI's identities. */
  deployerAuth: "deployer",
  /** JWT auth method of Nomad's workloads. */
  workloads: "jwt-nomad",
} as const;

/** Default role of Nomad's workloads in Vault, and their auth method's name in Consul. */
export const workloadRole = "nomad-workloads";

/** Whom a workload's identity is for: what Nomad signs into it, and what Vault and Consul ask of it. */
export const workloadAudiences = { vault: "vault.io", consul: "consul.io" } as const;

/** What Nomad signs for Vault beside its own claims, by name, so that no two namespaces' jobs are one to Vault. */
export const workloadClaims = { unique_id: "${job.region}:${job.namespace}:${job.id}" } as const;

/** PKI roles; the product and what it is on the node. Vault has no client. */
export type PkiRole = "vault-server" | `${"consul" | "nomad"}-${"server" | "client"}`;

export function pkiRole(product: Product, role: "server" | "worker"): PkiRole {
  if (product === "vault") return "vault-server";
  return `${product}-${role === "server" ? "server" : "client"}`;
}

/** Paths in the node secrets, below the mount, and the fields they have. */
export const nodeSecrets = {
  /** Field `key`: 32 bytes in base64. */
  consulGossip: { path: "gossip/consul", field: "key" },
  nomadGossip: { path: "gossip/nomad", field: "key" },
  /** Field `jwt`: short-lived introduction of a worker group's new Nomad clients. */
  introduction: (group: string) => ({ path: `introduction/${group}`, field: "jwt" }),
} as const;

/** Roles of Vault's Consul engine. */
export const consulRoles = {
  /** Token of a worker group's Consul agents: nodes whose names begin with `<group>-`. */
  agent: (group: string) => `agent-${group}`,
  /** Token with which Nomad's clients of a worker group register services. */
  nomadClient: (group: string) => `nomad-client-${group}`,
  /** Token with which a worker's Consul agent answers DNS: reads services and nodes, nothing more. */
  dns: "dns",
} as const;

/** What the names of Consul's nodes begin with that stand for services outside of the platform. */
export const externalNodePrefix = "external-";
