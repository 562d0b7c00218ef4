import { gzipSync } from "node:zlib";
import {
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
} from "../../lib/node";
import { serverLibrary } from "../../lib/node/first-boot";
import { defaultVersions } from "../../lib/node/versions";
import type { Scope } from "../support/temporary";
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
  /** Paths of the programs that run on nodes. */
  readonly programs: { readonly vault: string; readonly consul: string; readonly nomad: string };
}

const REGION = "eu-central-1";
const BUCKET = "caravan-prod-cluster";

/** A cluster in a room of its own, whose nodes have nothing but the user data that this library writes. */
export class Cluster {
  private constructor(
    readonly cloud: Cloud,
    readonly servers: readonly Host[],
    readonly workers: readonly Host[],
    private readonly values: EnvironmentValues,
  ) {}

  /** Does what Terraform would, and launches all nodes at once. It does not wait for them to be well. */
  static async launch(scope: Scope, { servers, workers = {}, programs }: ClusterOptions): Promise<Cluster> {
    const network = await Network.open(scope);
    const [cloud, tree] = await Promise.all([Cloud.start(scope, network, REGION), debianTree()]);
    const cluster = {
      environment: "prod",
      cloud: { name: "aws", region: REGION },
      datacenter: REGION,
      region: "global",
      insideDomain: "caravan.internal",
      servers,
    } as const;
    const groups = Object.fromEntries(Object.keys(workers).map((group) => [group, {}]));
    const server = (group: string): NodeProps => ({ ...cluster, role: "server", group, workers: groups });
    const nodes = [
      ...Object.entries(servers).map(([group, { count }]) => ({ props: server(group), count })),
      ...Object.entries(workers).map(([group, count]): { props: NodeProps; count: number } => ({
        props: { ...cluster, role: "worker", group },
        count,
      })),
    ];
    const values = await ground(
      cloud,
      nodes.map(({ props }) => props),
    );

    const address = network.address(2);
    await network.sh(`ip address add ${address}/24 dev bridge`);
    const all: Host[] = [];
    const listening = [ports.vault, ports.consul, ports.nomad];
    await balance(scope, network, {
      address,
      ports: listening,
      targets: () => all.filter((host) => host.running).map((host) => host.address),
    });
    const names = `${address} ${products.map((product) => machineHost(cluster, product)).join(" ")}\n`;
    const common = { tree, names, files: image, programs: atUsrBin(programs) };
    const launched = await Promise.all(
      nodes.flatMap(({ props, count }) =>
        Array.from({ length: count }, async (_, index) => {
          const host = await Host.launch(scope, cloud, `${props.group}${index + 1}`, {
            ...common,
            role: roleOf(props),
            controlGroups: props.role === "worker",
            userData: userData(props, values),
            tags: Object.fromEntries(props.role === "worker" ? [] : runsOf(props).map((product) => tagOf(product))),
          });
          if (props.role === "server") all.push(host);
          return { host, props };
        }),
      ),
    );
    const having = (role: NodeProps["role"]) =>
      launched.filter(({ props }) => props.role === role).map(({ host }) => host);
    return new Cluster(cloud, having("server"), having("worker"), values);
  }

  /** Waits until first boot has done all its steps on every node. */
  async born(timeoutMs: number): Promise<void> {
    const done = ["systemctl", "is-active", "caravan-first-boot.service"] as const;
    await Promise.all([...this.servers, ...this.workers].map((host) => host.until("first boot", timeoutMs, ...done)));
  }

  /** An object of the cluster's bucket. */
  object(key: string): Promise<string> {
    return this.cloud.get(BUCKET, key);
  }

  objects(prefix = ""): Promise<string[]> {
    return this.cloud.list(BUCKET, prefix);
  }

  /** What a secret of the cluster holds. */
  secret(name: "publicCaSecret" | "bootstrapTokensSecret" | "recoveryKeysSecret"): Promise<string> {
    return this.cloud.secretValue(this.values[name]);
  }
}

const tagOf = (product: (typeof products)[number]) => {
  const { key, value } = joinTag("prod", product);
  return [key, value] as const;
};

const roleOf = ({ role, group }: NodeProps) => `caravan-prod-${nodeRoleName(role, group)}`;

/** Roles, keys, secrets and the bucket with the servers' libraries: what Terraform makes before the first node. */
async function ground(cloud: Cloud, nodes: readonly NodeProps[]): Promise<EnvironmentValues> {
  const nodeRoles: Record<string, string> = {};
  for (const node of nodes) nodeRoles[nodeRoleName(node.role, node.group)] = await cloud.role(roleOf(node));
  await cloud.bucket(BUCKET);
  for (const node of nodes) {
    if (node.role !== "server") continue;
    const { key, content } = serverLibrary(node);
    await cloud.put(BUCKET, key, content);
  }
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
    logGroup: "/caravan/prod/first-boot",
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

function atUsrBin(programs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`/usr/bin/${name}`, program]));
}
