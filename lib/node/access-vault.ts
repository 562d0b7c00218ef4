import { ports } from "../core/traffic";
import { type AccessProps, nodeFact } from "./access-props";
import type { Settings, VaultObject } from "./access-vault-objects";
import { secretPath, vaultPolicies, workerRuns } from "./access-vault-policies";
import { ciSignIn, nodeSignIn } from "./access-vault-sign-in";
import { certificateLifetime, certificateNames } from "./certificates";
import { consulRoles, nodeSecrets, type PkiRole, pkiRole, vaultMounts } from "./names";
import { clusterRuns, groupOf, machineHost, nodePoolOf } from "./node-props";
import { directories } from "./paths";
import { products } from "./products";

/** Objects in the order in which they can be made. */
export interface VaultAccess {
  readonly objects: readonly VaultObject[];
}

const TEN_YEARS = "87600h";

/** Who is what to Vault. Audit comes first, so that everything after it is on record. */
export function vaultAccess(props: AccessProps): VaultAccess {
  return {
    objects: [
      {
        kind: "audit",
        path: "file",
        type: "file",
        options: { file_path: `${directories.vaultLog.path}/audit.log`, mode: "0600" },
      },
      { kind: "configuration", path: "sys/storage/raft/autopilot/configuration", settings: autopilot(props) },
      ...vaultPolicies(props),
      ...pki(props),
      ...secrets(props),
      ...consulEngine(props),
      ...nodeSignIn(props),
      ...ciSignIn(props),
    ],
  };
}

/** Below three servers autopilot may not remove any: Vault refuses a smaller quorum. */
function autopilot(props: AccessProps): Settings {
  const count = groupOf(props, "vault")?.count ?? 1;
  const common = { server_stabilization_time: "10s", last_contact_threshold: "10s" };
  if (count < 3) return { ...common, cleanup_dead_servers: false };
  // Times as Vault tells them: Terraform's provider compares the text.
  return { ...common, cleanup_dead_servers: true, dead_server_last_contact_threshold: "10m0s", min_quorum: count };
}

function pki(props: AccessProps): VaultObject[] {
  const mount = vaultMounts.pki;
  return [
    {
      kind: "mount",
      path: mount,
      type: "pki",
      settings: { description: "The node CA", config: { max_lease_ttl: TEN_YEARS } },
    },
    {
      kind: "configuration",
      path: `${mount}/issuers/import/bundle`,
      settings: { pem_bundle: nodeFact.caWithKey },
      secret: true,
    },
    {
      kind: "configuration",
      path: `${mount}/config/auto-tidy`,
      settings: { enabled: true, tidy_cert_store: true, tidy_revoked_certs: true },
    },
    ...certificateRoles(props).map(
      ([name, domains]): VaultObject => ({
        kind: "role",
        of: "pki",
        mount,
        name,
        settings: {
          allowed_domains: domains,
          allow_bare_domains: true,
          allow_subdomains: false,
          allow_localhost: true,
          allow_ip_sans: true,
          server_flag: true,
          client_flag: true,
          require_cn: true,
          key_type: "ec",
          key_bits: 256,
          ttl: certificateLifetime,
          max_ttl: certificateLifetime,
          // Thousands of short-lived certificates a year would fill the storage; nodes are cut off by their cloud identity.
          no_store: true,
        },
      }),
    ),
  ];
}

function certificateRoles(props: AccessProps): (readonly [PkiRole, readonly string[]])[] {
  const there = products.filter((product) => clusterRuns(props, product));
  const roles = there.flatMap((product) =>
    (["server", "worker"] as const).map(
      (role) => [pkiRole(product, role), certificateNames(props, role, product).dnsNames] as const,
    ),
  );
  return [...new Map(roles)];
}

function secrets(props: AccessProps): VaultObject[] {
  const keys = [
    ["consul", nodeSecrets.consulGossip],
    ["nomad", nodeSecrets.nomadGossip],
  ] as const;
  return [
    {
      kind: "mount",
      path: vaultMounts.secrets,
      type: "kv",
      settings: { description: "What nodes read", options: { version: "2" } },
    },
    ...keys
      .filter(([product]) => clusterRuns(props, product))
      .map(
        ([product, { path, field }]): VaultObject => ({
          kind: "configuration",
          path: secretPath(path),
          settings: { options: onlyOnce, data: { [field]: nodeFact.gossipKey(product) } },
          secret: true,
        }),
      ),
    // The leader of Nomad finds here for whom it makes introductions, so that a group can be added without new servers.
    ...Object.keys(props.workers)
      .filter((group) => workerRuns(props, group).includes("nomad"))
      .map(
        (group): VaultObject => ({
          kind: "configuration",
          path: secretPath(nodeSecrets.introduction(group).path),
          settings: {
            options: onlyOnce,
            data: { pool: nodePoolOf({ ...props, role: "worker", group, ...props.workers[group] }) },
          },
          secret: true,
        }),
      ),
  ];
}

/** Vault's check-and-set: write only what is not there. */
const onlyOnce = { cas: 0 };

function consulEngine(props: AccessProps): VaultObject[] {
  if (!clusterRuns(props, "consul")) return [];
  const mount = vaultMounts.consul;
  const groups = Object.keys(props.workers).filter((group) => workerRuns(props, group).includes("consul"));
  const roles = [
    consulRoles.dns,
    ...groups.flatMap((group) => [
      consulRoles.agent(group),
      ...(workerRuns(props, group).includes("nomad") ? [consulRoles.nomadClient(group)] : []),
    ]),
  ];
  return [
    {
      kind: "mount",
      path: mount,
      type: "consul",
      settings: { description: "Consul's tokens of workers", config: { max_lease_ttl: TEN_YEARS } },
    },
    {
      kind: "configuration",
      path: `${mount}/config/access`,
      settings: {
        address: `${machineHost(props, "consul")}:${ports.consul}`,
        scheme: "https",
        ca_cert: nodeFact.ca,
        token: nodeFact.token("consul-vault"),
      },
      secret: true,
    },
    ...roles.map(
      (name): VaultObject => ({
        kind: "role",
        of: "consul",
        mount,
        name,
        // Nomad cannot renew what it was started with: the lease is renewed for a year, and gone a day after its node.
        settings: { consul_policies: [name], local: true, ttl: "24h", max_ttl: "8760h" },
      }),
    ),
  ];
}
