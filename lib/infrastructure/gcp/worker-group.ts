import type { ArtifactRegistryRepositoryIamMemberConfig } from "@cdktf/provider-google/lib/artifact-registry-repository-iam-member";
import type { ServiceAccountIamMemberConfig } from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { oneOf } from "../../core/rules";
import type { Transform } from "../../layer/transform";
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
import { namedPort } from "./named-ports";
import type { GcpNodeAccount } from "./node-account";
import {
  checkNodeGroup,
  type GcpNodeGroupProps,
  type GcpNodeGroupTransform,
  instanceGroup,
  nodeRecipe,
  placeOf,
} from "./node-group";
import { allowPulling, checkRepositories, registriesOf } from "./registry";
import { allowScaling, allowStorage } from "./worker-rights";

export interface GcpWorkerGroupProps extends GcpNodeGroupProps, Omit<WorkerGroup, keyof MachineSettings> {
  /**
   * Repositories of Artifact Registry that its nodes take images from: `["shop"]` of the environment's project and region,
   * `["europe-west4-docker.pkg.dev/acme-images/base"]` of another's, whose owner lets the group's account in. Nodes sign in with
   * their service account; there is no password.
   *
   * @default - none
   */
  readonly repositories?: readonly string[];
  /**
   * Accounts of the groups whose nodes mount volumes of CSI plugins (`csi`), by their names: a `system` group's account may then
   * make disks and attach them to their machines.
   *
   * @default - there are none
   */
  readonly storageAccounts?: Readonly<Record<string, GcpNodeAccount>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpWorkerGroupTransform;
}

export interface GcpWorkerGroupTransform extends GcpNodeGroupTransform {
  /** Laid on each of the grants on repositories. */
  readonly repositoryMember?: Transform<ArtifactRegistryRepositoryIamMemberConfig>;
  /** Laid on each of the grants by which a `system` group attaches disks to machines of others. */
  readonly accountMember?: Transform<ServiceAccountIamMemberConfig>;
}

/**
 * A group of workers over the zones, on demand or spot, of the first machine type that Google has room for. Whoever scales it (the
 * Nomad Autoscaler, a person) sets how many; Terraform makes it with `min` and leaves its size alone then. Google Cloud has bounds for
 * its own autoscaler only, which would be a second one: `max` and a later `min` are the Nomad Autoscaler's. A node that is to end
 * drains its jobs and leaves while its machine shuts down, for which Google gives it 90 seconds, a spot machine 30.
 *
 * A `system` group is for the platform's own jobs that need the cloud's API: its containers reach the metadata service, and its
 * account may scale the environment's workers, as the Nomad Autoscaler does. A group with `rawExec` breaks the policy's rule
 * `gcp-user-data-raw-exec` by choice.
 *
 * A change of version, image or disk changes the recipe; the workers that run stay as they are.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpWorkerGroup extends Construct {
  /** Name of the managed instance group. */
  readonly instanceGroupName: string;
  /** Address of the instance group, as balancers take it. */
  readonly instanceGroupUrl: string;
  readonly nodePool: string;

  constructor(scope: Construct, id: string, props: GcpWorkerGroupProps) {
    const { cluster, group, spotPercent = 0, repositories = [], account } = props;
    const types = instanceTypesOf(props, defaultInstanceType);
    const check = new PropsCheck("GcpWorkerGroup", scope, id);
    checkWorkerName(check, "group", group, cluster.servers);
    checkWorkerGroup(check, props);
    checkSpot(check, props);
    checkNodeGroup(check, props, types);
    checkRepositories(check, "repositories", repositories);
    check.done();
    super(scope, id);

    const place = placeOf(cluster);
    const node = workerNode(props);
    this.nodePool = nodePoolOf(node);
    const [instanceType = defaultInstanceType] = types;
    const recipe = nodeRecipe(this, props, {
      node,
      instanceType,
      diskSize: "100GiB",
      spot: spotPercent === 100,
      rawExec: props.rawExec,
      labels: { "caravan-node-pool": this.nodePool },
    });
    const workers = instanceGroup(this, props, recipe, {
      targetSize: workerRange(props).min,
      namedPort: [namedPort("apps")],
      distributionPolicyTargetShape: "BALANCED",
      instanceFlexibilityPolicy:
        types.length === 1
          ? undefined
          : {
              instanceSelections: types.map((type, rank) => ({
                name: `rank-${rank + 1}`,
                rank: rank + 1,
                machineTypes: [type],
              })),
            },
      lifecycle: { ignoreChanges: ["target_size"] },
    });
    if (repositories.length > 0) {
      allowPulling(this, place, account.member, repositories, props.transform?.repositoryMember);
    }
    if (props.system === true) {
      allowScaling(account, place);
      const { storageAccounts = {} } = props;
      if (Object.keys(storageAccounts).length > 0) {
        allowStorage(this, account, place, storageAccounts, props.transform?.accountMember);
      }
    }
    this.instanceGroupName = workers.name;
    this.instanceGroupUrl = workers.instanceGroup;
  }
}

/** Checks the share of spot machines: a managed instance group has one kind. */
export function checkSpot(
  check: PropsCheck,
  {
    spotPercent,
    nodePool,
    group,
  }: { readonly spotPercent?: number; readonly nodePool?: string; readonly group?: string },
): void {
  if (spotPercent === undefined || !Number.isInteger(spotPercent)) return;
  const either = oneOf([0, 100]);
  check.required("spotPercent", spotPercent, {
    ...either,
    fix: `make two groups of one node pool, one of spot machines: { nodePool: "${nodePool ?? group ?? "general"}", spotPercent: 100 }`,
  });
}

/**
 * A spot machine has 30 seconds from notice to end, and Consul leaves in some of them:
 * https://cloud.google.com/compute/docs/instances/spot#preemption
 */
const spotDrain: NodeExtensions = { nomad: { client: { drain_on_shutdown: { deadline: "20s" } } } };

function workerNode({ cluster: all, group, extend, spotPercent = 0, ...props }: GcpWorkerGroupProps): WorkerNodeProps {
  const cluster = spotPercent > 0 ? clusterWith({ ...all, extend: spotDrain }, all.extend) : all;
  const { runs, nodePool, labels, hostVolumes, system, csi, rawExec, repositories } = props;
  const registries = repositories === undefined ? undefined : registriesOf(placeOf(all), repositories);
  return {
    ...clusterWith(cluster, extend),
    role: "worker",
    group,
    ...{ runs, nodePool, labels, hostVolumes, registries, system, csi, rawExec },
  };
}
