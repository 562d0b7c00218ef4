import { gzipSync } from "node:zlib";
import {
  type AccessProps,
  cloudInit,
  type EnvironmentValues,
  environmentFile,
  joinTag,
  machineHost,
  type NodeProps,
  nodeRoleName,
  ports,
  products,
  runsOf,
  type ServerNodeProps,
  type WorkerNodeProps,
} from "../../lib/node";
import { serverLibrary } from "../../lib/node/first-boot";
import { defaultVersions } from "../../lib/node/versions";
import type { Scope } from "../support/scope";
import { balance } from "./balancer";
import { Cloud } from "./cloud";
import { Host, type HostProps } from "./host";
import { Network } from "./network";
import { debianTree } from "./tree";

export interface ClusterOptions {
  /** Server groups, by name. */
  readonly servers: ServerNodeProps["servers"];
  /**
   * Numbers of workers, by group.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, number>>;
  /**
   * What all worker groups have besides.
   *
   * @default - nothing
   */
  readonly workerProps?: Omit<WorkerNodeProps, keyof ServerNodeProps>;
  /**
   * Whether servers have their data on the one volume that outlives them. For a single server.
   *
   * @default false
   */
  readonly dataVolume?: boolean;
  /** Paths of the programs that run on nodes. */
  readonly programs: { readonly vault: string; readonly consul: string; readonly nomad: string };
  /**
   * What of a host's image or disk differs, by its name: `"main1"`, `"general2"`.
   *
   * @default - nothing
   */
  readonly differs?: (name: string) => Pick<HostProps, "files" | "diskSize">;
}

const ENVIRONMENT = "prod";
const REGION = "eu-central-1";
const INSIDE_DOMAIN = "caravan.internal";
export const BUCKET = "caravan-prod-cluster";
export const LOG_GROUP = "/caravan/prod/first-boot";

/** A cluster in a room of its own, whose nodes have nothing but the user data that this library writes. */
export class Cluster {
  /** Its nodes: those launched together by name, then those added. */
  readonly servers: Host[] = [];
  readonly workers: Host[] = [];

  private constructor(
    private readonly scope: Scope,
    readonly cloud: Cloud,
    /** Address of the internal balancer. */
    readonly balancer: string,
    /** Who there is, of which first boot makes what it hands over. */
    readonly access: AccessProps,
    /** Properties of a group's nodes, by the group's name. */
    private readonly groups: Map<string, NodeProps>,
    private readonly values: EnvironmentValues,
    private readonly host: (props: NodeProps, name: string, programs: ClusterOptions["programs"]) => HostProps,
    private programs: ClusterOptions["programs"],
  ) {}

  /** Does what Terraform would, and launches all nodes at once. It does not wait for them to be well. */
  static async launch(scope: Scope, options: ClusterOptions): Promise<Cluster> {
    const cluster = await Cluster.prepare(scope, options);
    const counts = { ...mapValues(options.servers, ({ count }) => count), ...options.workers };
    const all = Object.entries(counts).flatMap(([group, count]) =>
      Array.from({ length: count }, (_, index) => [group, `${group}${index + 1}`] as const),
    );
    await Promise.all(all.map(([group, name]) => cluster.add(group, name)));
    for (const hosts of [cluster.servers, cluster.workers]) hosts.sort((a, b) => (a.name < b.name ? -1 : 1));
    return cluster;
  }

  /** Does what Terraform would before the first node. */
  static async prepare(scope: Scope, options: ClusterOptions): Promise<Cluster> {
    const { servers, workers = {}, workerProps, dataVolume, programs, differs } = options;
    const network = await Network.open(scope);
    const [cloud, tree] = await Promise.all([Cloud.start(scope, network, REGION), debianTree()]);
    const common = {
      environment: ENVIRONMENT,
      cloud: { name: "aws", region: REGION },
      datacenter: REGION,
      region: "global",
      insideDomain: INSIDE_DOMAIN,
      servers,
    } as const;
    const workerGroups = mapValues(workers, () => workerProps ?? {});
    const groups = new Map<string, NodeProps>([
      ...Object.keys(servers).map((group): [string, NodeProps] => [
        group,
        {
          ...{ ...common, role: "server", group, workers: workerGroups },
          ...(dataVolume ? { dataDevice: "/dev/sdf" } : {}),
        },
      ]),
      ...Object.keys(workers).map((group): [string, NodeProps] => [
        group,
        { ...common, ...workerProps, role: "worker", group },
      ]),
    ]);
    const values = {
      ...(await ground(cloud, [...groups.values()])),
      ...(dataVolume ? { dataVolume: await cloud.volume() } : {}),
    };

    const balancer = network.address(2);
    await network.sh(`ip address add ${balancer}/24 dev bridge`);
    const names = `${balancer} ${products.map((product) => machineHost(common, product)).join(" ")}\n`;
    const host = (props: NodeProps, name: string, programs: ClusterOptions["programs"]): HostProps => {
      const { files, ...disk } = differs?.(name) ?? {};
      return {
        ...{ tree, names, files: { ...image, ...files }, ...disk, programs: atUsrBin(programs) },
        role: roleOf(props),
        controlGroups: props.role === "worker",
        userData: userData(props, values),
        tags: Object.fromEntries(props.role === "worker" ? [] : runsOf(props).map((product) => tagOf(product))),
      };
    };
    const cluster = new Cluster(
      scope,
      cloud,
      balancer,
      { ...common, workers: workerGroups },
      groups,
      values,
      host,
      programs,
    );
    await balance(scope, network, {
      address: balancer,
      ports: [ports.vault, ports.consul, ports.nomad],
      targets: () => cluster.servers.filter((server) => server.running).map((server) => server.address),
    });
    return cluster;
  }

  /** Launches one more node of a group. */
  async add(group: string, name: string): Promise<Host> {
    const props = this.groups.get(group);
    if (props === undefined) throw new Error(`the cluster has no group ${group}`);
    const host = await Host.launch(this.scope, this.cloud, name, this.host(props, name, this.programs));
    (props.role === "server" ? this.servers : this.workers).push(host);
    return host;
  }

  /**
   * Changes the recipe of a group, as an apply of Terraform does: what is launched from now on has it.
   *
   * @param programs Paths of programs that nodes run from now on in place of those they had.
   */
  async change(
    group: string,
    to: Pick<NodeProps, "extend" | "versions">,
    programs: Partial<ClusterOptions["programs"]> = {},
  ): Promise<void> {
    const props = this.groups.get(group);
    if (props === undefined) throw new Error(`the cluster has no group ${group}`);
    const changed = { ...props, ...to };
    await putLibrary(this.cloud, changed);
    this.groups.set(group, changed);
    this.programs = { ...this.programs, ...programs };
  }

  /** Leaves a node out of what is told of the cluster: its machine has ended. */
  forget(host: Host): void {
    for (const hosts of [this.servers, this.workers]) {
      if (hosts.includes(host)) hosts.splice(hosts.indexOf(host), 1);
    }
  }

  /** Name at which machines reach a product. */
  nameOf(product: (typeof products)[number]): string {
    return machineHost({ environment: ENVIRONMENT, insideDomain: INSIDE_DOMAIN }, product);
  }

  /** Waits until first boot has done all its steps on every node. */
  async born(timeoutMs: number): Promise<void> {
    const done = ["systemctl", "is-active", "caravan-first-boot.service"] as const;
    await Promise.all([...this.servers, ...this.workers].map((host) => host.until("first boot", timeoutMs, ...done)));
  }

  /** ARNs of the nodes' roles, by what each is and its group: `"server-main"`. */
  get nodeRoles(): Readonly<Record<string, string>> {
    return this.values.nodeRoles;
  }

  /** Id of the volume for data, if there is one. */
  get dataVolume(): string | undefined {
    return this.values.dataVolume;
  }

  /** An object of the cluster's bucket. */
  object(key: string): Promise<string> {
    return this.cloud.get(BUCKET, key);
  }

  objects(prefix = ""): Promise<string[]> {
    return this.cloud.list(BUCKET, prefix);
  }

  deleteObject(key: string): Promise<void> {
    return this.cloud.delete(BUCKET, key);
  }

  /** What a secret of the cluster holds. */
  secret(name: "publicCaSecret" | "bootstrapTokensSecret" | "recoveryKeysSecret"): Promise<string> {
    return this.cloud.secretValue(this.values[name]);
  }
}

const tagOf = (product: (typeof products)[number]) => {
  const { key, value } = joinTag(ENVIRONMENT, product);
  return [key, value] as const;
};

function mapValues<A, B>(object: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
}

const roleOf = ({ role, group }: NodeProps) => `caravan-prod-${nodeRoleName(role, group)}`;

async function putLibrary(cloud: Cloud, node: NodeProps): Promise<void> {
  if (node.role !== "server") return;
  const { key, content } = serverLibrary(node);
  await cloud.put(BUCKET, key, content);
}

/** Roles, keys, secrets and the bucket with the servers' libraries: what Terraform makes before the first node. */
async function ground(cloud: Cloud, nodes: readonly NodeProps[]): Promise<EnvironmentValues> {
  const nodeRoles: Record<string, string> = {};
  for (const node of nodes) nodeRoles[nodeRoleName(node.role, node.group)] = await cloud.role(roleOf(node));
  await cloud.bucket(BUCKET);
  for (const node of nodes) await putLibrary(cloud, node);
  return {
    account: cloud.account,
    bucket: BUCKET,
    bucketKey: await cloud.key(),
    sealKey: await cloud.key(),
    keyringKey: await cloud.key(),
    publicCaSecret: await cloud.secret("caravan/prod/public-ca"),
    bootstrapTokensSecret: await cloud.secret("caravan/prod/bootstrap-tokens"),
    recoveryKeysSecret: await cloud.secret("caravan/prod/recovery-keys"),
    deployerRoles: [await cloud.role("deployer")],
    plannerRoles: [await cloud.role("planner")],
    nodeRoles,
    logGroup: await cloud.logGroup(LOG_GROUP),
  };
}

/** The document as it is in the launch template, its end made as Terraform makes it: `base64gzip(base64encode(...))`. */
function userData(props: NodeProps, values: EnvironmentValues): Uint8Array {
  const [first = ""] = cloudInit(props, values).userDataBase64.split("$");
  const environment = Buffer.from(environmentFile(values)).toString("base64");
  return Buffer.concat([Buffer.from(first, "base64"), gzipSync(environment)]);
}

/** What of a worker's image no test runs: `install.sh` looks for it. */
const image: NonNullable<HostProps["files"]> = {
  "usr/bin/docker": {
    content: `#!/bin/sh\necho "Docker version ${defaultVersions.docker}, build test"\n`,
    executable: true,
  },
  "opt/cni/bin/consul-cni": { content: "#!/bin/sh\nexit 1\n", executable: true },
};

function atUsrBin(programs: ClusterOptions["programs"]): Record<string, string> {
  return Object.fromEntries(products.map((name) => [`/usr/bin/${name}`, programs[name]]));
}
