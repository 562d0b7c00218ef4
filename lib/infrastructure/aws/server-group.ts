import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { S3Object, type S3ObjectConfig } from "@cdktf/provider-aws/lib/s3-object";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf } from "../../core/rules";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { serverLibrary } from "../../node/first-boot";
import { joinTag, nodeRoleName, type ServerNodeProps } from "../../node/node-props";
import { diskSize } from "../props";
import { defaultInstanceType } from "./instance-type";
import {
  type AwsNodeGroupProps,
  type AwsNodeGroupTransform,
  checkNodeGroup,
  clusterWith,
  leaveHook,
  nodeRecipe,
} from "./node-group";

export interface AwsServerGroupProps extends AwsNodeGroupProps, Pick<ServerNodeProps, "workers"> {
  /**
   * The instance type.
   *
   * @default "m7i.large"
   */
  readonly instanceType?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsServerGroupTransform;
}

export interface AwsServerGroupTransform extends AwsNodeGroupTransform {
  readonly library?: Transform<S3ObjectConfig>;
}

/** A server leaves within minutes; one that is gone holds up nothing, for its successor starts first. */
const LEAVE_SECONDS = 600;

/**
 * A group of 1, 3 or 5 servers over the zones of its subnets, as `cluster.servers` says. Auto Scaling starts a server anew
 * only when its machine is gone, never because of what runs on it: no health check of a balancer, no balancing of zones,
 * no refresh. A change of version, image or size changes the recipe; the servers that run stay as they are until somebody
 * replaces them one by one.
 *
 * Servers are protected from scaling in: after a smaller `count` the group shrinks as somebody takes servers out of it.
 *
 * The disk of a group of one stays when its server goes: there is no other copy but the snapshots in the cluster's bucket.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsServerGroup extends Construct {
  readonly autoScalingGroupName: string;

  constructor(scope: Construct, id: string, props: AwsServerGroupProps) {
    const { cluster, group, instanceType = defaultInstanceType, transform } = props;
    const check = new PropsCheck("AwsServerGroup", scope, id);
    check.required("group", group, oneOf(Object.keys(cluster.servers)));
    check.optional("diskSize", props.diskSize, diskSize);
    checkNodeGroup(check, props, [instanceType]);
    check.done();
    super(scope, id);

    const { count = 1, runs = [] } = cluster.servers[group] ?? {};
    const joins = runs.map((product) => joinTag(cluster.environment, product));
    const node: ServerNodeProps = {
      ...clusterWith(cluster, props.extend),
      role: "server",
      group,
      workers: props.workers,
    };
    const { name, template, tags } = nodeRecipe(this, props, {
      node,
      instanceType,
      diskSize: "50GiB",
      keepDisk: count === 1,
      tags: {
        "caravan-group": nodeRoleName("server", group),
        ...Object.fromEntries(joins.map(({ key, value }) => [key, value])),
      },
    });
    const servers = protect(
      new AutoscalingGroup(
        this,
        "Default",
        transformed(transform?.autoScalingGroup, {
          name,
          minSize: count,
          maxSize: count,
          desiredCapacity: count,
          vpcZoneIdentifier: [...props.subnetIds],
          launchTemplate: { id: template.launchTemplateId, version: template.version },
          serviceLinkedRoleArn: props.autoScalingRoleArn,
          healthCheckType: "EC2",
          healthCheckGracePeriod: 300,
          suspendedProcesses: ["AZRebalance"],
          terminationPolicies: ["OldestLaunchTemplate", "OldestInstance"],
          protectFromScaleIn: true,
          // In a teardown nobody need leave in good order.
          forceDelete: !isDeletionProtected(this),
          // A successor starts before the end of the machine that it replaces.
          instanceMaintenancePolicy: { minHealthyPercentage: 100, maxHealthyPercentage: 200 },
          // A zone without capacity for an hour must not make Terraform want another group.
          waitForCapacityTimeout: "0",
          // For the alarm of a group below its size; Auto Scaling's own metrics cost nothing.
          metricsGranularity: "1Minute",
          enabledMetrics: ["GroupInServiceInstances"],
          tag: tags,
          dependsOn: [this.addLibrary(node, props)],
        }),
      ),
    );
    this.autoScalingGroupName = servers.name;
    leaveHook(this, servers.name, LEAVE_SECONDS, transform?.lifecycleHook);
  }

  /** What of a server has no room in user data, which names it by its hash; a server that starts must find it. */
  private addLibrary(node: ServerNodeProps, { values, transform }: AwsServerGroupProps): S3Object {
    const { key, content } = serverLibrary(node);
    return new S3Object(
      this,
      "library",
      transformed(transform?.library, {
        bucket: values.bucket,
        key,
        content: hcl.text(content),
        contentType: "application/json",
        serverSideEncryption: "aws:kms",
        kmsKeyId: values.bucketKey,
        // The group points at the new one before the old one goes.
        lifecycle: { createBeforeDestroy: true },
      }),
    );
  }
}
