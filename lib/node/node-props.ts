import type { NodeCloud } from "./cloud/clouds";
import type { NodeExtensions } from "./extensions";
import type { ClientProduct, Product } from "./products";
import type { Software } from "./software/software-props";
import type { Versions } from "./versions";

/** A group of servers, by its name in `servers`. */
export interface ServerGroup {
  /** Servers in the group. 1 is for trying out: it survives no loss and no replacement without an outage. */
  readonly count: 1 | 3 | 5;
  /** Products the group runs. A product runs in exactly one group. */
  readonly runs: readonly Product[];
}

/** A directory of the worker that jobs may mount. */
export interface HostVolume {
  /** Absolute path on the worker. */
  readonly path: string;
  /** @default true */
  readonly readOnly?: boolean;
}

/** How what runs here reaches the outside. */
export interface Proxy {
  /** Address of the proxy, such as `"http://proxy.example.com:3128"`. Holds no password: user data is no secret. */
  readonly url: string;
  /**
   * Names, domains (`.example.com`) and ranges reached without it, beside the cluster's own, the metadata address and loopback.
   *
   * @default none
   */
  readonly except?: readonly string[];
}

export interface Telemetry {
  /**
   * How long a figure stays readable after its last change.
   *
   * @default "1h"
   */
  readonly prometheusRetention?: string;
  /**
   * Host and port of a StatsD collector, such as `"127.0.0.1:8125"`.
   *
   * @default - Prometheus only
   */
  readonly statsd?: string;
}

/** What all nodes of an environment have in common. */
export interface ClusterProps {
  /** Name of the environment: 1 to 16 lower-case letters, digits and hyphens. */
  readonly environment: string;
  readonly cloud: NodeCloud;
  /** Consul's and Nomad's datacenter, part of the names in Consul's certificates. */
  readonly datacenter: string;
  /** Nomad's region, part of the names in Nomad's certificates. */
  readonly region: string;
  /** All server groups, by name. A product that no group runs is not part of the cluster. */
  readonly servers: Readonly<Record<string, ServerGroup>>;
  /** Private domain of the cluster: Vault's machine address is `vault.<environment>.<insideDomain>`. */
  readonly insideDomain: string;
  /**
   * How agents find their servers: by the cloud's API (`"cloud"`), or by addresses that first boot writes (`"addresses"`), where
   * that API cannot be reached: a network without NAT has no endpoint for the dual-stack name that Consul and Nomad call.
   *
   * @default "cloud"
   */
  readonly discovery?: "cloud" | "addresses";
  /**
   * Versions other than those this release is tested with.
   *
   * @default - `defaultVersions`
   */
  readonly versions?: Partial<Versions>;
  /**
   * Whether first boot installs the programs or the image has them.
   *
   * @default { from: "install" }
   */
  readonly software?: Software;
  /** @default - none */
  readonly proxy?: Proxy;
  /**
   * Certificates of a company's own authorities in PEM, trusted beside the system's: those of an intercepting proxy or a mirror.
   *
   * @default - the system's only
   */
  readonly caBundle?: string;
  readonly telemetry?: Telemetry;
  /**
   * How many snapshots of each product are kept, 24 to 8760; there is one every hour. For as long as one is kept it is locked.
   *
   * @default 336, two weeks
   */
  readonly snapshotsKept?: number;
  /**
   * What a user adds to the products' files on every node; a node's own `extend` goes over it.
   *
   * @default - nothing
   */
  readonly extend?: NodeExtensions;
}

/** A node of a server group. */
export interface ServerNodeProps extends ClusterProps {
  readonly role: "server";
  /** Name of its group, a key of `servers`. */
  readonly group: string;
  /**
   * Worker groups by name, as far as they decide what their nodes may do: servers hand access over to them.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, Pick<WorkerNodeProps, "nodePool" | "runs">>>;
  /**
   * What the cloud calls the disk that it attaches for the products' data: a device name on AWS (`"/dev/sdf"`), a logical unit
   * number on Azure (`"10"`), a device name on Google Cloud (`"caravan-data"`). First boot makes a filesystem on it if it is
   * blank, never otherwise, and mounts it before a product starts.
   *
   * @default - their data is on the machine's own disk
   */
  readonly dataDevice?: string;
  /**
   * PGP public keys, one a holder, to which Vault encrypts its recovery keys before anybody sees them: as
   * `gpg --export KEY | base64 -w0` prints them. More than half of the holders are needed for a recovery. They count when Vault
   * is born, not later.
   *
   * @default - five shares, of which three are needed, in the clear in the cloud's secret store
   */
  readonly recoveryPgpKeys?: readonly string[];
}

/** A node of a worker group. */
export interface WorkerNodeProps extends ClusterProps {
  readonly role: "worker";
  /** Name of its group: 1 to 16 lower-case letters, digits and hyphens. Its nodes are called `<group>-...`. */
  readonly group: string;
  /**
   * Clients that it runs.
   *
   * @default - those of Consul and Nomad that the cluster has servers of
   */
  readonly runs?: readonly ClientProduct[];
  /**
   * Nomad node pool.
   *
   * @default - the group's name
   */
  readonly nodePool?: string;
  /**
   * Labels of the node (Nomad's `meta`), for constraints of jobs.
   *
   * @default - none but those of this library (`caravan.*`)
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Directories that jobs may mount, by name.
   *
   * @default - none
   */
  readonly hostVolumes?: Readonly<Record<string, HostVolume>>;
  /**
   * Registries of the cloud that jobs take images from, as they stand in an image's name. The node signs in with its own
   * identity, so that no password is kept anywhere: `"123456789012.dkr.ecr.eu-central-1.amazonaws.com"`. On Azure and Google
   * Cloud the image must have `docker-credential-acr-env` or `docker-credential-gcr`.
   *
   * @default - none
   */
  readonly registries?: readonly string[];
  /**
   * Whether the pool is for the platform's own jobs (storage plugins, collectors): privileged containers are allowed, and the
   * cloud's metadata address can be reached from them. Only such a pool has either.
   *
   * @default false
   */
  readonly system?: boolean;
  /**
   * Whether jobs may mount volumes that a CSI plugin makes in the cloud. The plugin's part on the node is a privileged container,
   * and so privileged containers are allowed; what namespaces are for keeps them to the plugin.
   *
   * @default false
   */
  readonly csi?: boolean;
  /**
   * Whether jobs may use the `raw_exec` driver. Such a job is root on the node, without any isolation: it reads every secret of
   * the node and is the node to the cloud, Vault, Consul and Nomad. Give such jobs a group, and so a node pool, of their own.
   *
   * https://developer.hashicorp.com/nomad/docs/drivers/raw_exec
   *
   * @default false
   */
  readonly rawExec?: boolean;
}

/** What a node is given: data in, files out. */
export type NodeProps = ServerNodeProps | WorkerNodeProps;

/** Products that some server group of the cluster runs. */
export function clusterRuns(props: Pick<ClusterProps, "servers">, product: Product): boolean {
  return Object.values(props.servers).some(({ runs }) => runs.includes(product));
}

/** The group that runs a product's servers, or nothing if none does. */
export function groupOf(props: ClusterProps, product: Product): (ServerGroup & { readonly name: string }) | undefined {
  for (const [name, group] of Object.entries(props.servers)) {
    if (group.runs.includes(product)) return { name, ...group };
  }
  return undefined;
}

/** What the node runs: servers or clients of these. */
export function runsOf(props: NodeProps): readonly Product[] {
  if (props.role === "server") return props.servers[props.group]?.runs ?? [];
  return props.runs ?? (["consul", "nomad"] as const).filter((product) => clusterRuns(props, product));
}

/** The node pool of a worker. */
export function nodePoolOf(props: WorkerNodeProps): string {
  return props.nodePool ?? props.group;
}

/** Host name of a product's `machine` address, a name in its servers' certificates. */
export function machineHost(props: Pick<ClusterProps, "environment" | "insideDomain">, product: Product): string {
  return `${product}.${props.environment}.${props.insideDomain}`;
}

/**
 * The tag by which the servers of a product find each other: what a server group that runs it bears, and what its agents look
 * for.
 */
export function joinTag(environment: string, product: Product): { readonly key: string; readonly value: string } {
  return { key: `caravan-${product}`, value: environment };
}

/** Name of the group as Vault, Consul and the environment file know it: `server-main`, `worker-general`. */
export function nodeRoleName(role: NodeProps["role"], group: string): string {
  return `${role}-${group}`;
}
