import type { ConsulPolicyRules } from "../policy/consul-rules";
import type { NomadPolicyRules } from "../policy/nomad-rules";
import type { VaultPathRule } from "../policy/vault-rules";
import { MANAGEMENT } from "./issuer";

/** What a person may be. What a developer may do, a Team says. */
export const personas = ["admin", "operator", "auditor"] as const;
export type Persona = (typeof personas)[number];

export interface PersonaRules {
  readonly description: string;
  readonly vault: readonly VaultPathRule[];
  readonly consul: ConsulPolicyRules;
  /** Rules, or everything: only a management token may change Nomad's ACL. */
  readonly nomad: NomadPolicyRules | typeof MANAGEMENT;
}

const rule = (path: string, ...capabilities: VaultPathRule["capabilities"]): VaultPathRule => ({ path, capabilities });
const manage = (path: string) => rule(path, "create", "read", "update", "delete", "list");
const look = (path: string) => rule(path, "read", "list");

const readAll: ConsulPolicyRules = {
  agent_prefix: { "": "read" },
  key_prefix: { "": "read" },
  node_prefix: { "": "read" },
  service_prefix: { "": { policy: "read", intentions: "read" } },
  session_prefix: { "": "read" },
};

/**
 * Least rights that let each do its work. An admin reads no application's secret, but writes policies, and so could let
 * itself: that is on record in the audit log, not prevented.
 */
export const personaRules: Readonly<Record<Persona, PersonaRules>> = {
  admin: {
    description: "Governs all three products; by hand only what Git cannot do",
    vault: [
      rule("sys/auth", "read", "sudo"),
      rule("sys/auth/*", "create", "read", "update", "delete", "sudo"),
      rule("sys/audit", "read", "sudo"),
      rule("sys/audit/*", "create", "read", "update", "delete", "sudo"),
      rule("sys/mounts", "read"),
      manage("sys/mounts/*"),
      rule("sys/policies/acl", "list"),
      manage("sys/policies/acl/*"),
      manage("sys/quotas/*"),
      manage("identity/*"),
      manage("auth/+/role/*"),
      manage("auth/+/config"),
      rule("sys/leases/lookup/*", "list", "sudo"),
      rule("sys/leases/revoke", "update"),
      rule("sys/leases/revoke-prefix/*", "update", "sudo"),
      rule("sys/storage/raft/configuration", "read"),
      rule("sys/storage/raft/autopilot/*", "read", "update"),
      rule("sys/health", "read", "sudo"),
      rule("sys/rotate", "update", "sudo"),
      rule("sys/step-down", "update", "sudo"),
    ],
    consul: {
      ...readAll,
      acl: "write",
      keyring: "read",
      mesh: "write",
      operator: "write",
      service_prefix: { "": { policy: "read", intentions: "write" } },
    },
    nomad: MANAGEMENT,
  },
  operator: {
    description: "Keeps it running: health, raft, nodes and allocations; no secrets, no policies",
    vault: [
      rule("sys/health", "read"),
      rule("sys/leader", "read"),
      rule("sys/seal-status", "read"),
      rule("sys/storage/raft/configuration", "read"),
      rule("sys/storage/raft/autopilot/*", "read"),
      rule("sys/leases/lookup/*", "list", "sudo"),
      rule("sys/metrics", "read"),
    ],
    consul: { ...readAll, mesh: "read", operator: "read" },
    nomad: {
      agent: { policy: "read" },
      node: { policy: "write" },
      operator: { capabilities: ["snapshot-save", "keyring-read"] },
      plugin: { policy: "read" },
      node_pool: { "*": { policy: "read" } },
      namespace: {
        "*": { policy: "read", capabilities: ["alloc-lifecycle", "read-logs", "csi-list-volume", "scale-job"] },
      },
    },
  },
  auditor: {
    description: "Sees who may do what; changes nothing, sees no secret",
    vault: [
      rule("sys/policies/acl", "list"),
      rule("sys/policies/acl/*", "read"),
      rule("sys/auth", "read"),
      rule("sys/mounts", "read"),
      rule("sys/audit", "read", "sudo"),
      rule("sys/quotas/rate-limit", "list"),
      rule("sys/quotas/rate-limit/*", "read"),
      look("auth/+/role/*"),
      rule("auth/+/role", "list"),
      look("identity/group/*"),
      look("identity/group-alias/*"),
      look("identity/entity/*"),
    ],
    consul: {
      acl: "read",
      mesh: "read",
      operator: "read",
      node_prefix: { "": "read" },
      service_prefix: { "": { policy: "read", intentions: "read" } },
    },
    nomad: {
      agent: { policy: "read" },
      node: { policy: "read" },
      node_pool: { "*": { policy: "read" } },
      namespace: { "*": { capabilities: ["list-jobs", "read-job"], variables: { "*": ["list"] } } },
    },
  },
};
