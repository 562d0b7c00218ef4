import { StorageBucketObject, type StorageBucketObjectConfig } from "@cdktf/provider-google/lib/storage-bucket-object";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf } from "../../core/rules";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { serverTag } from "../../node/cloud/gcp";
import { serverLibrary } from "../../node/first-boot";
import { joinTag, type ServerNodeProps } from "../../node/node-props";
import { clusterWith } from "../cluster-settings";
import { dataDiskSize, diskSize } from "../props";
import { defaultInstanceType } from "./instance-type";
import { namedPort } from "./named-ports";
import {
  checkNodeGroup,
  type GcpNodeGroupProps,
  type GcpNodeGroupTransform,
  instanceGroup,
  nodeRecipe,
} from "./node-group";

export interface GcpServerGroupProps extends GcpNodeGroupProps, Pick<ServerNodeProps, "workers"> {
  /**
   * The machine type.
   *
   * @default "e2-standard-2"
   */
  readonly instanceType?: string;
  /**
   * Size of the disk for the data of its products: `"20GiB"`. The disk of a lone server that is there already keeps its size;
   * `gcloud compute disks resize` makes it larger, and the next boot its filesystem.
   *
   * @default "20GiB"
   */
  readonly dataDiskSize?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpServerGroupTransform;
}

export interface GcpServerGroupTransform extends GcpNodeGroupTransform {
  readonly library?: Transform<StorageBucketObjectConfig>;
}

/** What the machine calls the disk for the data of its products. */
const DATA_DEVICE = "caravan-data";

/**
 * A group of 1, 3 or 5 servers, evenly over the zones, as `cluster.servers` says. The group starts a server anew only when its
 * machine is gone, never because of what runs on it. A change of version, image or size changes the recipe; the servers that run
 * stay as they are until somebody replaces them one by one.
 *
 * Google Cloud knows no protection from shrinking: a `count` of 3 instead of 5 ends two servers, which leave as their machines
 * shut down.
 *
 * The data of the products is on a disk of its own. That of a group of one is stateful: it outlives its machine, since there is no
 * other copy but the snapshots in the cluster's bucket, and the group gives it to the next. Such a group stands in the first of
 * `zones`, where its disk is; as zones are fixed and the group protected, it neither grows nor becomes one later.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpServerGroup extends Construct {
  /** Name of the managed instance group. */
  readonly instanceGroupName: string;
  /** Address of the instance group, as balancers take it. */
  readonly instanceGroupUrl: string;

  constructor(scope: Construct, id: string, props: GcpServerGroupProps) {
    const { cluster, group, instanceType = defaultInstanceType } = props;
    const check = new PropsCheck("GcpServerGroup", scope, id);
    check.required("group", group, oneOf(Object.keys(cluster.servers)));
    check.optional("diskSize", props.diskSize, diskSize);
    check.optional("dataDiskSize", props.dataDiskSize, dataDiskSize);
    checkNodeGroup(check, props, [instanceType]);
    check.done();
    super(scope, id);

    const { count = 1, runs = [] } = cluster.servers[group] ?? {};
    const { environment } = cluster;
    const lone = count === 1;
    const node: ServerNodeProps = {
      ...clusterWith(cluster, props.extend),
      role: "server",
      group,
      workers: props.workers,
      dataDevice: DATA_DEVICE,
    };
    const values = { ...props.values, dataVolume: lone ? DATA_DEVICE : undefined };
    const recipe = nodeRecipe(
      this,
      { ...props, values },
      {
        node,
        instanceType,
        diskSize: "30GiB",
        dataDisk: { size: props.dataDiskSize ?? "20GiB", device: DATA_DEVICE, kept: lone },
        networkTags: runs.map((product) => serverTag(environment, product)),
        labels: Object.fromEntries(runs.map((product) => Object.values(joinTag(environment, product)))),
      },
    );
    const zones = lone ? props.zones.slice(0, 1) : [...props.zones];
    const servers = protect(
      instanceGroup(this, { ...props, zones }, recipe, {
        targetSize: count,
        namedPort: runs.map(namedPort),
        distributionPolicyTargetShape: "EVEN",
        dependsOn: [this.addLibrary(node, props)],
        ...(lone ? STATEFUL : {}),
      }),
    );
    this.instanceGroupName = servers.name;
    this.instanceGroupUrl = servers.instanceGroup;
  }

  /** What of a server has no room in user data, which names it by its hash; a server that starts must find it. */
  private addLibrary(node: ServerNodeProps, { values, transform }: GcpServerGroupProps): StorageBucketObject {
    const { key, content } = serverLibrary(node);
    return new StorageBucketObject(
      this,
      "library",
      transformed(transform?.library, {
        bucket: values.bucket,
        name: key,
        content: hcl.text(content),
        contentType: "application/json",
        // The group points at the new one before the old one goes.
        lifecycle: { createBeforeDestroy: true },
      }),
    );
  }
}

/** https://cloud.google.com/compute/docs/instance-groups/configuring-stateful-disks-in-migs: a disk can be with one machine only. */
const STATEFUL = {
  statefulDisk: [{ deviceName: DATA_DEVICE, deleteRule: "NEVER" }],
  updatePolicy: {
    type: "OPPORTUNISTIC",
    instanceRedistributionType: "NONE",
    minimalAction: "REPLACE",
    mostDisruptiveAllowedAction: "REPLACE",
    replacementMethod: "RECREATE",
    maxSurgeFixed: 0,
    maxUnavailableFixed: 1,
  },
};
