import { ports } from "../../core/traffic";
import type { CloudName, NodeCloud } from "../cloud/clouds";
import { clusterRuns, machineHost, type NodeProps, runsOf } from "../node-props";
import { directories, files, nodeUsers } from "../paths";
import { products } from "../products";

/** Users of the node, for systemd-sysusers. None can sign in. */
export function usersFile(): string {
  return nodeUsers.map((user) => `u ${user} - "${user} of this node" /nonexistent /usr/sbin/nologin\n`).join("");
}

/**
 * Every directory of the table, and owner and mode of every file that the archive brings, for systemd-tmpfiles; on each boot. What
 * Vault Agent owns is made by it or for it, and systemd would not follow a path through its directories.
 */
export function ownershipFile(props: NodeProps): string {
  const runs: readonly string[] = [...runsOf(props), "vault-agent"];
  const mine = (path: string) => {
    const [, product] =
      /^\/(?:etc|var\/lib|var\/log|run)\/(vault-agent|vault|consul|nomad)(?:\.d)?(?:\/|$)/.exec(path) ?? [];
    return product === undefined || runs.includes(product);
  };
  // A client of Nomad is root.
  const worker = props.role === "worker";
  const made = Object.values(directories)
    .filter(({ path }) => mine(path))
    .map(({ path, mode, owner, group }) =>
      worker && path === directories.nomadData.path
        ? `d ${path} ${mode} root root\n`
        : `d ${path} ${mode} ${owner} ${group}\n`,
    );
  const set = Object.values(files)
    .filter(({ path, owner }) => mine(path) && owner !== "vault-agent")
    .map(({ path, mode, owner, group }) => `z ${path} ${mode} ${owner} ${group}\n`);
  return [...made, ...set].join("");
}

/** Names below `.consul` go to the agent on this node, all others where they went before. */
export function resolverFile(): string {
  return `[Resolve]\nDNS=127.0.0.1:${ports.consulDns}\nDomains=~consul\nDNSSEC=no\n`;
}

/** Memory holds keys. */
export const coredumpFile = "[Coredump]\nStorage=none\nProcessSizeMax=0\n";

export const kernelFile = [
  "kernel.core_pattern=|/bin/false",
  "fs.suid_dumpable=0",
  "vm.swappiness=0",
  "kernel.kptr_restrict=2",
  "kernel.dmesg_restrict=1",
  "",
].join("\n");

/** What the bridge network of Nomad's jobs needs. */
export const bridgeKernelFile = [
  "net.bridge.bridge-nf-call-arptables=1",
  "net.bridge.bridge-nf-call-ip6tables=1",
  "net.bridge.bridge-nf-call-iptables=1",
  "",
].join("\n");

/** The journal stays small and survives a restart. */
export const journalFile =
  "[Journal]\nStorage=persistent\nSystemMaxUse=1G\nMaxRetentionSec=30day\nForwardToConsole=no\n";

/** Vault's audit log; Vault opens it again on SIGHUP. */
export function logRotationFile(): string {
  const { path, owner, group } = directories.vaultLog;
  return [
    `${path}/*.log {`,
    `  su ${owner} ${group}`,
    "  daily",
    "  maxsize 256M",
    "  rotate 14",
    "  compress",
    "  delaycompress",
    "  missingok",
    "  notifempty",
    `  create 0600 ${owner} ${group}`,
    "  sharedscripts",
    "  postrotate",
    "    /bin/systemctl kill --signal=HUP vault.service",
    "  endscript",
    "}",
    "",
  ].join("\n");
}

/**
 * What passes through this node to the metadata address comes from a job: refused. So is what users of the node ask there, but for
 * those who sign in with its cloud identity.
 *
 * A job in the host's own network that runs as root is not told apart; namespaces refuse that network.
 */
export function metadataFile({ name }: NodeCloud): string {
  const addresses = metadataAddresses[name];
  return [
    "table inet caravan",
    "delete table inet caravan",
    "table inet caravan {",
    "  chain forward {",
    "    type filter hook forward priority -10; policy accept;",
    ...addresses.map((address) => `    ${address} drop`),
    "  }",
    "  chain output {",
    "    type filter hook output priority -10; policy accept;",
    ...addresses.map((address) => `    meta skuid != { root, consul, vault-agent } ${address} drop`),
    "  }",
    "}",
    "",
  ].join("\n");
}

/**
 * Where a cloud tells a machine who it is. Google's address answers names too, and Azure has a second one, which also answers
 * names: https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
 */
const metadataAddresses: Readonly<Record<CloudName, readonly string[]>> = {
  aws: ["ip daddr 169.254.169.254", "ip6 daddr fd00:ec2::254"],
  azure: ["ip daddr 169.254.169.254", "ip daddr 168.63.129.16 tcp dport { 80, 32526 }"],
  gcp: [
    "ip daddr 169.254.169.254 meta l4proto tcp th dport != 53",
    "ip6 daddr fd20:ce::254 meta l4proto tcp th dport != 53",
  ],
};

/** The same without ports, for those who know addresses only. */
const aroundTheProxy: Readonly<Record<CloudName, readonly string[]>> = {
  aws: ["169.254.169.254", "fd00:ec2::254"],
  azure: ["169.254.169.254", "168.63.129.16"],
  gcp: ["169.254.169.254", "fd20:ce::254", "metadata.google.internal"],
};

/** The variables that programs read a proxy from; curl reads some only in lower case. */
export function proxyFile(props: NodeProps): string | undefined {
  if (props.proxy === undefined) return undefined;
  const { url, except = [] } = props.proxy;
  const around = [
    "localhost",
    // curl before 7.86 knows no ranges.
    "127.0.0.1",
    "127.0.0.0/8",
    ...aroundTheProxy[props.cloud.name],
    ".consul",
    ...products.filter((product) => clusterRuns(props, product)).map((product) => machineHost(props, product)),
    // The servers know one another by address.
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    ...except,
  ].join(",");
  const variables = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: around };
  return Object.entries(variables)
    .flatMap(([name, value]) => [`${name}="${value}"\n`, `${name.toLowerCase()}="${value}"\n`])
    .join("");
}

/** The container engine reaches registries as everything else here reaches the outside. */
export const dockerFile = `[Service]\nEnvironmentFile=-${files.proxy.path}\nLimitCORE=0\n`;
