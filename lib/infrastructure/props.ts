import type { PropsCheck } from "../core/errors";
import { integer, oneOf, shortName } from "../core/rules";
import { size } from "../core/values";
import type { NodeExtensions } from "../node/extensions";
import type { ClusterProps, ServerGroup as NodeServerGroup, WorkerNodeProps } from "../node/node-props";
import { type Product, products } from "../node/products";

/** What all nodes of an environment have in common, beside where they stand. */
export interface ClusterSettings
  extends Partial<
    Pick<
      ClusterProps,
      "insideDomain" | "versions" | "software" | "proxy" | "caBundle" | "telemetry" | "snapshotsKept" | "extend"
    >
  > {
  /**
   * Consul's and Nomad's datacenter.
   *
   * @default - the cloud's region
   */
  readonly datacenter?: string;
  /**
   * Nomad's region, a name of its own: clusters of one region share nothing with those of another.
   *
   * @default "global"
   */
  readonly nomadRegion?: string;
}

/** What a machine of a group is. */
export interface MachineSettings {
  /**
   * The machine image of this group, by its id. Changing it changes the recipe only; machines that run stay.
   *
   * @default - the environment's image for the processor of the instance type
   */
  readonly imageId?: string;
  /**
   * Size of its disk, 20 GiB to 16 TiB: `"100GiB"`.
   *
   * @default "30GiB" for a server, whose data is on another, "100GiB" for a worker
   */
  readonly diskSize?: string;
  /**
   * What a user adds to the products' files on its nodes, laid over what the environment adds.
   *
   * @default - nothing
   */
  readonly extend?: NodeExtensions;
}

/** Servers that are alike. */
export interface ServerGroup extends MachineSettings {
  /** The products that each of its servers runs. A product runs in exactly one group. */
  readonly runs: NodeServerGroup["runs"];
  /**
   * How many: 1, 3 or 5. 1 is for trying out: it survives no loss without an outage.
   *
   * @default 3
   */
  readonly count?: NodeServerGroup["count"];
  /**
   * Size of the disk for the data of its products, 10 GiB to 16 TiB: `"20GiB"`. The one of a group of one outlives its server,
   * and can grow.
   *
   * @default "20GiB"
   */
  readonly dataDiskSize?: string;
  /**
   * The machine type, in the cloud's words. It decides the processor, x86-64 or arm64.
   *
   * @default "m7i.large" on AWS, "Standard_D2s_v5" on Azure, "e2-standard-2" on Google Cloud
   */
  readonly instanceType?: string;
}

/** Server groups by name. */
export type ServerGroups = Readonly<Record<string, ServerGroup>>;

/** Workers that are alike. */
export interface WorkerGroup
  extends MachineSettings,
    Pick<WorkerNodeProps, "runs" | "nodePool" | "labels" | "hostVolumes" | "system" | "csi" | "rawExec"> {
  /**
   * The fewest workers.
   *
   * @default 2, or `max` if that is less
   */
  readonly min?: number;
  /**
   * The most workers. Between the two whoever scales the group decides; Terraform leaves it alone.
   *
   * @default - as many as `min`
   */
  readonly max?: number;
  /**
   * The machine type, in the cloud's words, or several that will do, the best first. All must have the same processor,
   * x86-64 or arm64. Machines with GPUs usually need an `imageId` that has the drivers.
   *
   * @default "m7i.large" on AWS, "Standard_D2s_v5" on Azure, "e2-standard-2" on Google Cloud
   */
  readonly instanceType?: string | readonly string[];
  /**
   * How many of a hundred workers are spot machines, which the cloud may take back at short notice: two minutes on AWS, 30
   * seconds on Azure and Google Cloud, where a group has all or none. Name several machine types then. Nodes of such a group
   * drain for most of that time when they leave, unless `extend.nomad.client.drain_on_shutdown` says otherwise.
   *
   * @default 0
   */
  readonly spotPercent?: number;
}

/** Worker groups by name. */
export type WorkerGroups = Readonly<Record<string, WorkerGroup>>;

/** All three products on the same servers. Vault in a group of its own is safer: `{ vault: ..., main: ... }`. */
export const defaultServerGroups: ServerGroups = { main: { runs: products } };

/** The name of a group of servers or workers; it is part of names that clouds keep short. */
export const groupName = shortName(16, "main");

export function serverCount({ count = 3 }: ServerGroup): NodeServerGroup["count"] {
  return count;
}

export function workerRange({ min, max }: Pick<WorkerGroup, "min" | "max">): {
  readonly min: number;
  readonly max: number;
} {
  const least = min ?? Math.min(2, max ?? 2);
  return { min: least, max: max ?? least };
}

/** The machine types of a group, the best first. */
export function instanceTypesOf({ instanceType }: ServerGroup | WorkerGroup, byDefault: string): readonly string[] {
  if (instanceType === undefined) return [byDefault];
  return typeof instanceType === "string" ? [instanceType] : instanceType;
}

export const diskSize = size({ min: "20GiB", max: "16TiB", unit: "GiB" });
export const dataDiskSize = size({ min: "10GiB", max: "16TiB", unit: "GiB" });

/** Checks server groups as the property `servers`. */
export function checkServerGroups(check: PropsCheck, property: string, groups: ServerGroups): void {
  const groupOf = new Map<Product, string>();
  for (const [name, { runs, count, diskSize: disk, dataDiskSize: dataDisk }] of Object.entries(groups)) {
    check.required(`${property}["${name}"]`, name, groupName);
    check.optional(`${property}.${name}.count`, count, oneOf([1, 3, 5]));
    check.optional(`${property}.${name}.diskSize`, disk, diskSize);
    check.optional(`${property}.${name}.dataDiskSize`, dataDisk, dataDiskSize);
    check.each(`${property}.${name}.runs`, runs, oneOf(products));
    for (const product of Array.isArray(runs) ? runs : []) {
      const other = groupOf.get(product);
      if (other !== undefined) {
        check.add({
          property: `${property}.${name}.runs`,
          given: runs,
          allowed: `each product in exactly one group; ${product} already runs in "${other}"`,
          fix: `remove ${product} from one of them`,
        });
      }
      groupOf.set(product, name);
    }
  }
  for (const product of products.filter((each) => !groupOf.has(each))) {
    check.add({
      property,
      given: groups,
      allowed: `each product in exactly one group; ${product} runs in none`,
      fix: `add "${product}" to the runs of a group`,
    });
  }
}

/** Checks the names of worker groups. */
export function checkWorkerNames(check: PropsCheck, property: string, names: readonly string[]): void {
  check.each(property, names, groupName);
}

/** Checks worker groups as the property `workers`: what decides how many there are and on which disks. */
export function checkWorkerGroups(
  check: PropsCheck,
  property: string,
  groups: WorkerGroups,
  servers: ServerGroups,
): void {
  for (const [name, group] of Object.entries(groups)) {
    checkWorkerName(check, `${property}["${name}"]`, name, servers);
    checkWorkerGroup(check.under(`${property}.${name}`), group);
  }
}

/** Checks the name of a worker group beside the server groups that there are. */
export function checkWorkerName(check: PropsCheck, property: string, name: string, servers: object): void {
  check.required(property, name, groupName);
  if (name in servers) {
    check.add({
      property,
      given: name,
      allowed: "a name that no server group has: nodes and their rights are called by it",
      fix: "rename the worker group",
    });
  }
}

/** Checks a worker group as far as it decides how many workers there are and on which disks. */
export function checkWorkerGroup(check: PropsCheck, group: WorkerGroup): void {
  checkWorkerRange(check, group);
  check.optional("spotPercent", group.spotPercent, integer(0, 100, "percent"));
  check.optional("diskSize", group.diskSize, diskSize);
}

/** Checks the bounds of a group that somebody scales. */
export function checkWorkerRange(check: PropsCheck, { min, max }: Pick<WorkerGroup, "min" | "max">): void {
  const count = integer(0, 1000, "machines");
  const known = [check.optional("min", min, count), check.optional("max", max, count)].every(Boolean);
  if (known && Number(min) > Number(max)) {
    check.add({
      property: "min",
      given: min,
      allowed: `at most max, which is ${max}`,
      fix: "raise max or lower min",
    });
  }
}
