import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import type { EbsVolumeConfig } from "@cdktf/provider-aws/lib/ebs-volume";
import { S3Object, type S3ObjectConfig } from "@cdktf/provider-aws/lib/s3-object";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf } from "../../core/rules";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { serverLibrary } from "../../node/first-boot";
import { joinTag, nodeRoleName, type ServerNodeProps } from "../../node/node-props";
import { clusterWith } from "../cluster-settings";
import { dataDiskSize, diskSize } from "../props";
import { AwsDataVolume } from "./data-volume";
import { defaultInstanceType } from "./instance-type";
import { nodeGroupName } from "./names";
import {
  type AwsNodeGroupProps,
  type AwsNodeGroupTransform,
  checkNodeGroup,
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
   * Size of the disk for the data of its products: `"20GiB"`.
   *
   * @default "20GiB"
   */
  readonly dataDiskSize?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsServerGroupTransform;
}

export interface AwsServerGroupTransform extends AwsNodeGroupTransform {
  readonly library?: Transform<S3ObjectConfig>;
  /** Of a group of one. */
  readonly dataVolume?: Transform<EbsVolumeConfig>;
}

const DATA_DEVICE = "/dev/sdf";

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
 * The data of the products is on a disk of its own. That of a group of one is a volume that outlives its server, since there is
 * no other copy but the snapshots in the cluster's bucket: the next machine attaches it and goes on. Such a group stands in the
 * zone of the first of `subnetIds`.
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
    check.optional("dataDiskSize", props.dataDiskSize, dataDiskSize);
    checkNodeGroup(check, props, [instanceType]);
    check.done();
    super(scope, id);

    const { count = 1, runs = [] } = cluster.servers[group] ?? {};
    const { environment, cloud } = cluster;
    const lone = count === 1;
    const dataSize = props.dataDiskSize ?? "20GiB";
    const dataVolume = lone
      ? new AwsDataVolume(this, "data-volume", {
          ...{ environment, accountId: props.values.account, region: cloud.region },
          nodeRoleName: nodeRoleName("server", group),
          role: props.role,
          subnetId: props.subnetIds[0] ?? "",
          size: dataSize,
          kmsKeyArn: props.kmsKeyArn,
          name: `${nodeGroupName(environment, "server", group)}-data`,
          transform: transform?.dataVolume,
        })
      : undefined;
    const joins = runs.map((product) => joinTag(environment, product));
    const node: ServerNodeProps = {
      ...clusterWith(cluster, props.extend),
      role: "server",
      group,
      workers: props.workers,
      dataDevice: DATA_DEVICE,
    };
    const values = { ...props.values, dataVolume: dataVolume?.volumeId };
    const { name, template, tags } = nodeRecipe(
      this,
      { ...props, values },
      {
        node,
        instanceType,
        diskSize: "30GiB",
        dataDisk: lone ? undefined : { size: dataSize, device: DATA_DEVICE },
        tags: {
          "caravan-group": nodeRoleName("server", group),
          ...Object.fromEntries(joins.map(({ key, value }) => [key, value])),
        },
      },
    );
    const servers = protect(
      new AutoscalingGroup(
        this,
        "Default",
        transformed(transform?.autoScalingGroup, {
          name,
          minSize: count,
          maxSize: count,
          desiredCapacity: count,
          // A volume is in one zone.
          vpcZoneIdentifier: lone ? props.subnetIds.slice(0, 1) : [...props.subnetIds],
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
