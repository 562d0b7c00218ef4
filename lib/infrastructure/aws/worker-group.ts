import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { transformed } from "../../layer/transform";
import type { NodeExtensions } from "../../node/extensions";
import { nodePoolOf, nodeRoleName, type WorkerNodeProps } from "../../node/node-props";
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
import { nodeGroupNames } from "./names";
import { type AwsNodeGroupProps, checkNodeGroup, leaveHook, nodeRecipe } from "./node-group";
import { scaleStatements } from "./node-policy";
import type { AwsPlace } from "./place";
import { checkRepositories, pullStatements, registriesOf } from "./registry-policy";
import { storageStatements } from "./storage-policy";

export interface AwsWorkerGroupProps extends AwsNodeGroupProps, Omit<WorkerGroup, keyof MachineSettings> {
  /**
   * Whether some group of the environment mounts volumes of CSI plugins: a `system` group's role may then make them.
   *
   * @default false
   */
  readonly storage?: boolean;
  /**
   * Repositories of ECR that its nodes take images from, by name or by its beginning: `["shop/*"]` of the environment's account
   * and region, `["210987654321.dkr.ecr.eu-west-1.amazonaws.com/base/*"]` of another's, whose owner must allow it too. Nodes
   * sign in with their role; there is no password.
   *
   * @default - none
   */
  readonly repositories?: readonly string[];
}

/** Drains of Nomad and Consul end after at most 11 minutes. */
const LEAVE_SECONDS = 900;

/**
 * A group of workers over the zones of its subnets: between `min` and `max`, on demand or in part as spot machines, of the
 * first instance type that AWS has room for. Whoever scales it (the Nomad Autoscaler, a person) sets how many; Terraform
 * sets the bounds. Before a machine ends, for whatever reason, its node drains its jobs and leaves.
 *
 * A `system` group is for the platform's own jobs that need the cloud's API: its containers reach the metadata service, and its
 * role may scale the environment's workers, as the Nomad Autoscaler does. A group with `rawExec` breaks the policy's rule
 * `aws-user-data-raw-exec` by choice.
 *
 * A change of version, image or disk changes the recipe; the workers that run stay as they are.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsWorkerGroup extends Construct {
  readonly autoScalingGroupName: string;
  readonly nodePool: string;

  constructor(scope: Construct, id: string, props: AwsWorkerGroupProps) {
    const { cluster, group, spotPercent = 0, system = false, rawExec = false, repositories = [], transform } = props;
    const types = instanceTypesOf(props, defaultInstanceType);
    const check = new PropsCheck("AwsWorkerGroup", scope, id);
    checkWorkerName(check, "group", group, cluster.servers);
    checkWorkerGroup(check, props);
    checkNodeGroup(check, props, types);
    checkRepositories(check, "repositories", props.repositories ?? []);
    check.done();
    super(scope, id);

    const node = workerNode(props);
    this.nodePool = nodePoolOf(node);
    const [instanceType = defaultInstanceType] = types;
    const { name, template, tags } = nodeRecipe(this, props, {
      node,
      instanceType,
      diskSize: "100GiB",
      metadataForContainers: system,
      rawExec,
      tags: { "caravan-group": nodeRoleName("worker", group), "caravan-node-pool": this.nodePool },
    });
    const { min, max } = workerRange(props);
    const workers = new AutoscalingGroup(
      this,
      "Default",
      transformed(transform?.autoScalingGroup, {
        name,
        minSize: min,
        maxSize: max,
        vpcZoneIdentifier: [...props.subnetIds],
        mixedInstancesPolicy: {
          launchTemplate: {
            launchTemplateSpecification: { launchTemplateId: template.launchTemplateId, version: template.version },
            override: types.map((type) => ({ instanceType: type })),
          },
          instancesDistribution: {
            onDemandAllocationStrategy: "prioritized",
            onDemandBaseCapacity: 0,
            onDemandPercentageAboveBaseCapacity: 100 - spotPercent,
            spotAllocationStrategy: "price-capacity-optimized",
          },
        },
        capacityRebalance: spotPercent > 0,
        serviceLinkedRoleArn: props.autoScalingRoleArn,
        healthCheckType: "EC2",
        healthCheckGracePeriod: 300,
        terminationPolicies: ["OldestLaunchTemplate", "OldestInstance"],
        waitForCapacityTimeout: "0",
        tag: tags,
      }),
    );
    const place = placeOf(props);
    if (repositories.length > 0) props.role.allow("images", pullStatements(place, repositories));
    if (system) {
      props.role.allow("scale-workers", scaleStatements(place, nodeGroupNames(cluster.environment, "worker")));
      if (props.storage === true) props.role.allow("storage", storageStatements(place, props.kmsKeyArn));
    }
    this.autoScalingGroupName = workers.name;
    leaveHook(this, workers.name, LEAVE_SECONDS, transform?.lifecycleHook);
  }
}

function placeOf({ cluster, values }: Pick<AwsWorkerGroupProps, "cluster" | "values">): AwsPlace {
  return { environment: cluster.environment, accountId: values.account, region: cluster.cloud.region };
}

/**
 * A spot machine has two minutes from notice to end, and Consul leaves in some seconds of them:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 */
const spotDrain: NodeExtensions = { nomad: { client: { drain_on_shutdown: { deadline: "90s" } } } };

function workerNode({ cluster: all, group, extend, spotPercent = 0, ...props }: AwsWorkerGroupProps): WorkerNodeProps {
  const cluster = spotPercent > 0 ? clusterWith({ ...all, extend: spotDrain }, all.extend) : all;
  const { runs, nodePool, labels, hostVolumes, system, csi, rawExec, repositories } = props;
  const registries =
    repositories === undefined ? undefined : registriesOf(placeOf({ cluster, values: props.values }), repositories);
  return {
    ...clusterWith(cluster, extend),
    role: "worker",
    group,
    ...{ runs, nodePool, labels, hostVolumes, registries, system, csi, rawExec },
  };
}
