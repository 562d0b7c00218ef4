import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { oneOf } from "../../core/rules";
import type { NodeExtensions } from "../../node/extensions";
import { nodePoolOf, type WorkerNodeProps } from "../../node/node-props";
import { clusterWith } from "../cluster-settings";
import {
  checkWorkerGroup,
  checkWorkerName,
  instanceTypesOf,
  type MachineSettings,
  type WorkerGroup,
  workerRange,
} from "../props";
import { defaultInstanceType } from "./instance-type";
import { volumesPlace } from "./names";
import { type AzureNodeGroupProps, checkNodeGroup, placeOf, scaleSetOf } from "./node-group";
import type { AzureNodeIdentity } from "./node-identity";
import { resourceGroupId } from "./place";
import { allowPulling, checkRegistries, registriesOf } from "./registry";

export interface AzureWorkerGroupProps extends AzureNodeGroupProps, Omit<WorkerGroup, keyof MachineSettings> {
  /**
   * Ids of the container registries that its nodes take images from. Nodes sign in with their identity; there is no password. Those
   * in the environment's resource group are opened here, others by their owner, with the role AcrPull.
   *
   * @default - none
   */
  readonly registryIds?: readonly string[];
}

/** The most that Azure waits. Drains of Nomad and Consul end after at most 11 minutes. */
const LEAVE_MINUTES = 15;

/**
 * A group of workers over the zones, between `min` and `max`, on demand or spot. Whoever scales it (the Nomad Autoscaler, a person) sets
 * how many; Azure keeps them within the bounds. Before a machine ends, for whatever reason, its node drains its jobs and leaves: it has
 * 15 minutes, a spot machine 30 seconds.
 *
 * A `system` group is for the platform's own jobs that need the cloud's API: its containers reach the metadata service, and its identity
 * may be let scale workers and make volumes (`allowSystem`). A group with `rawExec` breaks the policy's rule `azure-user-data-raw-exec`
 * by choice.
 *
 * A change of version, image or disk changes the recipe; the workers that run stay as they are.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureWorkerGroup extends Construct {
  readonly scaleSetName: string;
  readonly scaleSetId: string;
  readonly nodePool: string;

  constructor(scope: Construct, id: string, props: AzureWorkerGroupProps) {
    const { cluster, group, spotPercent = 0, rawExec = false, registryIds = [] } = props;
    const types = instanceTypesOf(props, defaultInstanceType);
    const check = new PropsCheck("AzureWorkerGroup", scope, id);
    checkWorkerName(check, "group", group, cluster.servers);
    checkWorkerGroup(check, props);
    checkSpot(check, props);
    checkNodeGroup(check, props, types);
    checkRegistries(check, "registryIds", registryIds);
    check.done();
    super(scope, id);

    const node = workerNode(props);
    this.nodePool = nodePoolOf(node);
    const [instanceType = defaultInstanceType] = types;
    const { min, max } = workerRange(props);
    const scaleSet = scaleSetOf(this, props, {
      node,
      instanceType,
      diskSize: "100GiB",
      zoneBalance: false,
      size: { first: min, min, max },
      leaveMinutes: LEAVE_MINUTES,
      spot: spotPercent === 100,
      rawExec,
      isProtected: false,
      tags: { "caravan-node-pool": this.nodePool },
    });
    this.scaleSetName = scaleSet.scaleSetName;
    this.scaleSetId = scaleSet.scaleSetId;
    allowPulling(props.identity, placeOf(cluster), registryIds);
  }
}

/** Checks the share of spot machines: a scale set is of one kind. */
export function checkSpot(check: PropsCheck, { spotPercent }: Pick<WorkerGroup, "spotPercent">): void {
  const all = oneOf([0, 100]);
  check.optional("spotPercent", spotPercent, {
    ...all,
    fix: "make two groups with the same nodePool, one of them spot",
    accepts: all.accepts,
  });
}

/**
 * Lets the identity of a `system` group do what the platform's own jobs do: scale the workers, and where some group mounts volumes of
 * CSI plugins, make disks in the resource group of volumes and attach them to workers. Servers and their disks are out of reach.
 *
 * @param workers the worker groups by name
 */
export function allowSystem(
  identity: AzureNodeIdentity,
  workers: Readonly<Record<string, Pick<AzureWorkerGroup, "scaleSetId">>>,
  {
    cluster,
    diskEncryptionSetId,
    storage,
  }: Pick<AzureNodeGroupProps, "cluster" | "diskEncryptionSetId"> & {
    readonly storage: boolean;
  },
): void {
  for (const [name, { scaleSetId }] of Object.entries(workers)) {
    identity.allow(`scale-${name}`, { right: "scale-workers", scope: scaleSetId });
    if (storage) identity.allow(`move-volumes-${name}`, { right: "move-volumes", scope: scaleSetId });
  }
  if (!storage) return;
  identity.allow("make-volumes", { right: "make-volumes", scope: resourceGroupId(volumesPlace(placeOf(cluster))) });
  identity.allow("encrypt-volumes", { right: "encrypt-volumes", scope: diskEncryptionSetId });
}

/**
 * A spot machine has 30 seconds from notice to end, and Consul leaves in some of them:
 * https://learn.microsoft.com/en-us/azure/virtual-machines/linux/scheduled-events
 */
const spotDrain: NodeExtensions = { nomad: { client: { drain_on_shutdown: { deadline: "15s" } } } };

function workerNode({
  cluster: all,
  group,
  extend,
  spotPercent = 0,
  ...props
}: AzureWorkerGroupProps): WorkerNodeProps {
  const cluster = spotPercent > 0 ? clusterWith({ ...all, extend: spotDrain }, all.extend) : all;
  const { runs, nodePool, labels, hostVolumes, system, csi, rawExec, registryIds } = props;
  const registries = registryIds === undefined ? undefined : registriesOf(registryIds);
  return {
    ...clusterWith(cluster, extend),
    role: "worker",
    group,
    ...{ runs, nodePool, labels, hostVolumes, registries, system, csi, rawExec },
  };
}
