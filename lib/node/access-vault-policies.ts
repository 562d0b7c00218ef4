import type { AccessProps } from "./access-props";
import type { VaultRule } from "./access-rules";
import { consulRoles, nodeSecrets, pkiRole, vaultMounts } from "./names";
import { clusterRuns, nodeRoleName, runsOf } from "./node-props";
import type { Product } from "./products";

export interface VaultPolicy {
  readonly kind: "policy";
  readonly name: string;
  readonly rules: readonly VaultRule[];
}

/** Policies of nodes, one a group, and of CI. Roles that sign in have the policy of their own name. */
export function vaultPolicies(props: AccessProps): VaultPolicy[] {
  return [
    ...Object.entries(props.servers).map(([group, { runs }]): VaultPolicy => {
      return { kind: "policy", name: nodeRoleName("server", group), rules: serverRules(props, runs) };
    }),
    ...Object.keys(props.workers).map((group): VaultPolicy => {
      return { kind: "policy", name: nodeRoleName("worker", group), rules: workerRules(props, group) };
    }),
    { kind: "policy", name: "deployer", rules: deployerRules },
    { kind: "policy", name: "planner", rules: plannerRules },
  ];
}

function serverRules(props: AccessProps, runs: readonly Product[]): VaultRule[] {
  const issue = runs.map(
    (product): VaultRule => allow(`${vaultMounts.pki}/issue/${pkiRole(product, "server")}`, "update"),
  );
  const perProduct: Record<Product, VaultRule[]> = {
    vault: [
      allow("sys/storage/raft/snapshot", "read"),
      allow("sys/storage/raft/autopilot/state", "read"),
      allow("sys/storage/raft/configuration", "read"),
      allow("sys/storage/raft/remove-peer", "update"),
      // A leader that leaves lets another lead first.
      allow("sys/step-down", "update", "sudo"),
    ],
    // Rotation leaves the new key where workers read it.
    consul: [allow(secretPath(nodeSecrets.consulGossip.path), "create", "update")],
    nomad: [
      allow(secretPath(nodeSecrets.nomadGossip.path), "create", "update"),
      allow(`${vaultMounts.secrets}/metadata/introduction/*`, "list"),
      allow(secretPath(nodeSecrets.introduction("*").path), "create", "read", "update"),
    ],
  };
  // Rotation of the CA and of the engine's own token, which every server can read in the cluster document.
  const engine = clusterRuns(props, "consul") ? [allow(`${vaultMounts.consul}/config/access`, "update")] : [];
  return [...issue, ...runs.flatMap((product) => perProduct[product]), ...engine];
}

function workerRules(props: AccessProps, group: string): VaultRule[] {
  const runs = workerRuns(props, group);
  return [
    ...runs.map((product) => allow(`${vaultMounts.pki}/issue/${pkiRole(product, "worker")}`, "update")),
    ...(runs.includes("consul")
      ? [
          allow(secretPath(nodeSecrets.consulGossip.path), "read"),
          allow(`${vaultMounts.consul}/creds/${consulRoles.agent(group)}`, "read"),
          allow(`${vaultMounts.consul}/creds/${consulRoles.dns}`, "read"),
        ]
      : []),
    ...(runs.includes("nomad") ? [allow(secretPath(nodeSecrets.introduction(group).path), "read")] : []),
    ...(runs.includes("nomad") && runs.includes("consul")
      ? [allow(`${vaultMounts.consul}/creds/${consulRoles.nomadClient(group)}`, "read")]
      : []),
  ];
}

/** Policies can be written with this, so it is an administrator's; what only nodes may see is denied all the same. */
const deployerRules: readonly VaultRule[] = [
  ...["sys/auth", "sys/audit", "sys/config/ui/headers"].flatMap((path) => [
    allow(path, "read", "sudo"),
    allow(`${path}/*`, "create", "read", "update", "delete", "sudo"),
  ]),
  allow("sys/mounts", "read"),
  ...["sys/mounts/*", "sys/policies/acl/*", "sys/quotas/*", "identity/*"].map(manage),
  ...["auth/+/config", "auth/+/config/*", "auth/+/role/*"].map(manage),
  ...["+/config", "+/config/*", "+/role/*", "+/roles/*"].map(manage),
  ...["+/issuer/*", "+/issuers/*", "+/keys/*"].map(manage),
  // What engines of the Platform layer have besides: roots of certificates, users of databases, accounts of Google Cloud.
  ...["+/static-roles/*", "+/impersonated-account/*"].map(manage),
  ...["+/root/generate/internal", "+/rotate-root/*"].map((path) => allow(path, "create", "update")),
  allow("sys/policies/acl", "list"),
  allow("sys/storage/raft/autopilot/*", "read", "update"),
  allow("auth/token/create", "update"),
  ...onlyForNodes(),
  // A new worker group: the pool for which Nomad's leader makes introductions. Reading one is not allowed.
  allow(secretPath(nodeSecrets.introduction("*").path), "create"),
];

const plannerRules: readonly VaultRule[] = [
  ...["sys/auth", "sys/audit"].map((path) => allow(path, "read", "sudo")),
  ...["sys/mounts", "sys/mounts/*", "sys/auth/*", "sys/storage/raft/autopilot/*"].map((path) => allow(path, "read")),
  ...["sys/policies/acl", "sys/policies/acl/*", "sys/quotas/*", "identity/*"].map(look),
  ...["auth/+/config", "auth/+/config/*", "auth/+/role", "auth/+/role/*"].map(look),
  ...["+/config", "+/config/*", "+/role/*", "+/roles", "+/roles/*", "+/issuer/*", "+/issuers"].map(look),
  allow("auth/token/create", "update"),
  ...onlyForNodes(),
  // Reading either makes a token or a secret.
  deny("identity/oidc/token/*"),
];

function onlyForNodes(): VaultRule[] {
  return [
    deny(`${vaultMounts.secrets}/*`),
    deny(`${vaultMounts.consul}/config/access`),
    deny(`${vaultMounts.consul}/creds/*`),
    deny(`${vaultMounts.pki}/issue/*`),
    deny(`${vaultMounts.pki}/sign/*`),
    deny(`${vaultMounts.pki}/root/*`),
  ];
}

/** What the nodes of a worker group run. */
export function workerRuns(props: AccessProps, group: string): readonly Product[] {
  return runsOf({ ...props, role: "worker", group, ...props.workers[group] });
}

/** A secret of nodes, as Vault's API names it. */
export function secretPath(path: string): string {
  return `${vaultMounts.secrets}/data/${path}`;
}

function allow(path: string, ...capabilities: VaultRule["capabilities"]): VaultRule {
  return { path, capabilities };
}

function manage(path: string): VaultRule {
  return allow(path, "create", "read", "update", "delete", "list");
}

function look(path: string): VaultRule {
  return allow(path, "read", "list");
}

function deny(path: string): VaultRule {
  return allow(path, "deny");
}
