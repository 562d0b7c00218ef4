import { type EnvironmentValues, environmentFile } from "../../../lib/node/environment-file";
import { serverLibrary } from "../../../lib/node/first-boot";
import { nodeFiles } from "../../../lib/node/node-files";
import type { NodeProps, ServerNodeProps } from "../../../lib/node/node-props";
import { directories, files } from "../../../lib/node/paths";
import { products } from "../../../lib/node/products";
import { ACCOUNT, BUCKET, type Lan, LOG_GROUP, SECRETS } from "./lan";
import type { Host, Network } from "./network";

/** A server of a cluster of one that runs everything. */
export const single = {
  role: "server",
  group: "main",
  environment: "prod",
  cloud: { name: "aws", region: "eu-central-1" },
  datacenter: "dc1",
  region: "global",
  insideDomain: "caravan.internal",
  servers: { main: { count: 1, runs: ["vault", "consul", "nomad"] } },
  workers: { general: {} },
} as const satisfies ServerNodeProps;

/** A server of a cluster of three. */
export const oneOfThree = { ...single, servers: { main: { ...single.servers.main, count: 3 } } } as const;

/** Ids of KMS keys. */
export interface Keys {
  readonly seal: string;
  readonly keyring: string;
}

/** The roles that exist in the account, by name. */
export const ROLES = ["server-main", "worker-general", "deployer", "planner"];
const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

/** Puts onto a host of AWS what cloud-init would, and into the bucket what Terraform would. */
export function install(lan: Lan, host: Host, props: NodeProps, keys: Keys): Promise<void> {
  return installWith(lan, host, props, {
    account: ACCOUNT,
    bucket: BUCKET,
    bucketKey: "alias/caravan",
    sealKey: keys.seal,
    keyringKey: keys.keyring,
    publicCaSecret: SECRETS.ca,
    bootstrapTokensSecret: SECRETS.bootstrapTokens,
    recoveryKeysSecret: SECRETS.recoveryKeys,
    deployerRoles: [arn("deployer")],
    plannerRoles: [arn("planner")],
    nodeRoles: Object.fromEntries(
      [...Object.keys(props.servers).map((name) => `server-${name}`), "worker-general"].map((name) => [
        name,
        arn(name),
      ]),
    ),
    logGroup: LOG_GROUP,
  });
}

/** The same on any cloud, with what Terraform would tell the node. */
export async function installWith(
  network: Network,
  host: Host,
  props: NodeProps,
  values: EnvironmentValues,
): Promise<void> {
  for (const { path, mode, content } of nodeFiles(props)) host.write(path, content, Number.parseInt(mode, 8));
  host.write(files.environment.path, environmentFile(values));
  if (props.role === "server") {
    const { key, content } = serverLibrary(props);
    network.putObject(key, content);
  }
  await host.do("systemd-sysusers; systemd-tmpfiles --create /etc/tmpfiles.d/caravan.conf");
}

/**
 * Some steps of a server's first boot, with its library unpacked: `steps("document", "certificates")`. What follows them has their
 * functions.
 */
export function steps(...names: string[]): string {
  const parts = ["common", "aws", "document", "certificates", "hand-over", "vault", "consul", "snapshot"];
  return [
    `cd ${directories.library.path}`,
    ...parts.map((name) => `. ./${name}.sh`),
    "who_am_i",
    "take_name",
    ...names.map((name) => `step=${name}; step_${name}`),
  ].join("\n");
}

/** Lays a server's library out as first boot does, for tests of single steps. */
export function unpackLibrary(host: Host, props: ServerNodeProps): void {
  const library: Record<string, string> = JSON.parse(serverLibrary(props).content);
  for (const [path, text] of Object.entries(library)) host.write(path, text, 0o755);
}

export const FIRST_BOOT = files.firstBoot.path;

/** Tags of a server that runs everything. */
export const serverTags = Object.fromEntries(products.map((product) => [`caravan-${product}`, "prod"]));
