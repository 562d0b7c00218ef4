import type { Product } from "./products";

/** A user of a node, each with a group of its own name. */
export type NodeUser = "root" | "vault" | "consul" | "nomad" | "vault-agent";

/** A file or directory of a node and who may do what with it. */
export interface NodePath {
  readonly path: string;
  readonly owner: NodeUser;
  readonly group: NodeUser;
  /** As chmod takes it. A directory's begins with a set group bit where what Vault Agent writes shall belong to that group. */
  readonly mode: string;
  /** What it is for. */
  readonly holds: string;
}

function at(path: string, mode: string, owner: NodeUser, group: NodeUser, holds: string): NodePath {
  return { path, mode, owner, group, holds };
}

/**
 * System users. Nomad's clients run as root, as they must to set up tasks; its servers run as `nomad`. Vault Agent is in
 * no group of a product: the directories it writes to hand their group on.
 */
export const nodeUsers: readonly Exclude<NodeUser, "root">[] = ["vault", "consul", "nomad", "vault-agent"];

/** Directories, made before any file. */
export const directories = {
  caravan: at("/etc/caravan", "0755", "root", "root", "what this node is"),
  /** Survives a restart: which step was done, and Vault's init output until it is stored. */
  state: at("/var/lib/caravan", "0700", "root", "root", "first boot's own state"),
  /** In memory: everything secret that is only passed on. */
  runtime: at("/run/caravan", "0700", "root", "root", "what first boot only passes on"),
  library: at("/usr/local/lib/caravan", "0755", "root", "root", "first boot's steps"),
  handOver: at("/usr/local/lib/caravan/hand-over", "0755", "root", "root", "hand-over lists, one a product"),

  // Vault Agent passes through these to the directories it writes to; the files in them are their product's.
  vaultConfig: at("/etc/vault.d", "0755", "root", "root", "Vault's configuration"),
  vaultTls: at("/etc/vault.d/tls", "2750", "vault-agent", "vault", "Vault's certificate"),
  vaultData: at("/var/lib/vault", "0700", "vault", "vault", "Vault's storage"),
  vaultLog: at("/var/log/vault", "0700", "vault", "vault", "Vault's audit log"),

  vaultAgentConfig: at("/etc/vault-agent.d", "0750", "root", "vault-agent", "Vault Agent's configuration"),
  vaultAgentRuntime: at("/run/vault-agent", "0700", "vault-agent", "vault-agent", "Vault Agent's own runtime state"),

  consulConfig: at("/etc/consul.d", "0755", "root", "root", "Consul's configuration"),
  consulTls: at("/etc/consul.d/tls", "2750", "vault-agent", "consul", "Consul's certificate"),
  consulSecret: at("/etc/consul.d/secret", "2750", "vault-agent", "consul", "Consul's gossip key and tokens"),
  consulData: at("/var/lib/consul", "0700", "consul", "consul", "Consul's data"),

  nomadConfig: at("/etc/nomad.d", "0755", "root", "root", "Nomad's configuration"),
  nomadTls: at("/etc/nomad.d/tls", "2750", "vault-agent", "nomad", "Nomad's certificate"),
  nomadSecret: at("/etc/nomad.d/secret", "2750", "vault-agent", "nomad", "Nomad's gossip key and tokens"),
  nomadData: at("/var/lib/nomad", "0700", "nomad", "nomad", "Nomad's data; root's on a worker"),
} as const;

/** Files. A file that Vault Agent writes is made by first boot on a server, where Vault does not answer yet. */
export const files = {
  /** The few lines that Terraform fills in: `environmentFile`. */
  environment: at("/etc/caravan/environment", "0644", "root", "root", "names and ids known after apply"),
  /** What is known at synth, for scripts: `nodeFacts`. */
  facts: at("/etc/caravan/node", "0644", "root", "root", "role, group, products and names"),
  clusterCa: at("/etc/caravan/ca.pem", "0644", "root", "root", "the cluster's own CA certificates"),
  caBundle: at("/usr/local/share/ca-certificates/caravan.crt", "0644", "root", "root", "a company's own authorities"),
  /** For systemd's `EnvironmentFile`; there only with a proxy. */
  proxy: at("/etc/caravan/proxy", "0644", "root", "root", "how what runs here reaches the outside"),
  software: at("/etc/caravan/software", "0644", "root", "root", "versions and sources of the programs"),
  /** For nft: who may ask the cloud's metadata address. */
  metadata: at("/etc/caravan/metadata.nft", "0644", "root", "root", "keeps jobs from the metadata address"),
  recoveryPgpKeys: at(
    "/etc/caravan/recovery-pgp-keys.json",
    "0644",
    "root",
    "root",
    "public keys of who holds Vault's recovery keys",
  ),
  install: at("/usr/local/lib/caravan/install.sh", "0755", "root", "root", "installs the programs, or looks for them"),
  firstBoot: at("/usr/local/lib/caravan/first-boot.sh", "0755", "root", "root", "first boot's steps, in order"),
  log: at("/usr/local/lib/caravan/log.sh", "0755", "root", "root", "takes what units say to the cloud's log"),
  caravanNode: at("/usr/local/bin/caravan-node", "0755", "root", "root", "the operator's command on a node"),

  vaultConfig: at("/etc/vault.d/vault.json", "0640", "root", "vault", "configuration known at synth"),
  /** Certificate, CA and key in this order: it is both certificate and key file. */
  vaultCertificate: at("/etc/vault.d/tls/vault.pem", "0640", "vault-agent", "vault", "certificate, then key"),

  vaultAgentConfig: at("/etc/vault-agent.d/agent.json", "0640", "root", "vault-agent", "configuration known at synth"),

  consulConfig: at("/etc/consul.d/consul.json", "0640", "root", "consul", "configuration known at synth"),
  consulCertificate: at("/etc/consul.d/tls/consul.pem", "0640", "vault-agent", "consul", "certificate, then key"),
  consulSecret: at("/etc/consul.d/secret/secret.json", "0640", "vault-agent", "consul", "gossip key and agent tokens"),
  /** Written by first boot where `discovery` is `addresses`. */
  consulPeers: at("/etc/consul.d/peers.json", "0640", "root", "consul", "addresses of the servers"),

  nomadConfig: at("/etc/nomad.d/nomad.json", "0640", "root", "nomad", "configuration known at synth"),
  nomadCertificate: at("/etc/nomad.d/tls/nomad.pem", "0640", "vault-agent", "nomad", "certificate, then key"),
  nomadSecret: at("/etc/nomad.d/secret/secret.json", "0640", "vault-agent", "nomad", "gossip key, Consul's token"),
  nomadPeers: at("/etc/nomad.d/peers.json", "0640", "root", "nomad", "addresses of the servers"),
  /** Copied to where a new client looks for it when its unit starts. */
  nomadIntroduction: at(
    "/etc/nomad.d/secret/introduction.jwt",
    "0640",
    "vault-agent",
    "nomad",
    "introduction of a new Nomad client",
  ),
} as const;

/** Units, by their file names in /etc/systemd/system. */
export const units = {
  firstBoot: "caravan-first-boot.service",
  vault: "vault.service",
  vaultAgent: "vault-agent.service",
  consul: "consul.service",
  nomad: "nomad.service",
  /** Tell a product when Vault Agent has written its certificate or its secrets anew. */
  renewedPath: (product: Product) => `caravan-renewed-${product}.path`,
  renewed: (product: Product) => `caravan-renewed-${product}.service`,
  secretsPath: (product: Product) => `caravan-secrets-${product}.path`,
  secrets: (product: Product) => `caravan-secrets-${product}.service`,
  /** Takes what this library's units say to the cloud's log. */
  log: "caravan-log.service",
  /** Keeps jobs from the cloud's metadata address. */
  metadata: "caravan-metadata.service",
  snapshotTimer: "caravan-snapshot.timer",
  snapshot: "caravan-snapshot.service",
  introduceTimer: "caravan-introduce.timer",
  introduce: "caravan-introduce.service",
  /** Listens for the cloud's notices (lifecycle, spot) and leaves. */
  leave: "caravan-leave.service",
} as const;

/** Where the programs are, however they came. */
export const programs = {
  vault: "/usr/bin/vault",
  consul: "/usr/bin/consul",
  nomad: "/usr/bin/nomad",
} as const;
