import type { ManagedDiskConfig } from "@cdktf/provider-azurerm/lib/managed-disk";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { oneOf } from "../../core/rules";
import type { Transform } from "../../layer/transform";
import type { ServerNodeProps } from "../../node/node-props";
import { clusterWith } from "../cluster-settings";
import { dataDiskSize, diskSize } from "../props";
import { AzureDataVolume } from "./data-volume";
import { defaultInstanceType, diskTypeOf } from "./instance-type";
import { diskName } from "./names";
import {
  type AzureNodeGroupProps,
  type AzureNodeGroupTransform,
  checkNodeGroup,
  placeOf,
  scaleSetOf,
} from "./node-group";

export interface AzureServerGroupProps extends AzureNodeGroupProps, Pick<ServerNodeProps, "workers"> {
  /**
   * The size of its machines.
   *
   * @default "Standard_D2s_v5"
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
  readonly transform?: AzureServerGroupTransform;
}

export interface AzureServerGroupTransform extends AzureNodeGroupTransform {
  /** Of a group of one. */
  readonly dataVolume?: Transform<ManagedDiskConfig>;
}

const DATA_LUN = "10";

/** A server leaves within minutes. */
const LEAVE_MINUTES = 10;

/**
 * Twice the largest group: with room for successors beside those that they replace. A group that was larger never shrinks because of
 * it.
 */
const AT_MOST = 10;

/**
 * A group of 1, 3 or 5 servers, evenly over the zones, as `cluster.servers` says. Azure starts a server anew only when its machine is
 * gone, never because of what runs on it. A change of version, image or size changes the recipe; the servers that run stay as they are
 * until somebody replaces them one by one.
 *
 * After a smaller `count` the group shrinks as somebody takes servers out of it.
 *
 * The data of the products is on a disk of its own. That of a group of one is a managed disk that outlives its server, since there is
 * no other copy but the snapshots in the cluster's container: the next machine attaches it and goes on. Such a group stands in the first
 * of `zones`; as zones are fixed and the group protected, it neither grows nor becomes one later.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureServerGroup extends Construct {
  readonly scaleSetName: string;
  readonly scaleSetId: string;

  constructor(scope: Construct, id: string, props: AzureServerGroupProps) {
    const { cluster, group, instanceType = defaultInstanceType } = props;
    const check = new PropsCheck("AzureServerGroup", scope, id);
    check.required("group", group, oneOf(Object.keys(cluster.servers)));
    check.optional("diskSize", props.diskSize, diskSize);
    check.optional("dataDiskSize", props.dataDiskSize, dataDiskSize);
    checkNodeGroup(check, props, [instanceType]);
    check.done();
    super(scope, id);

    const { count = 1 } = cluster.servers[group] ?? {};
    const lone = count === 1;
    const dataSize = props.dataDiskSize ?? "20GiB";
    const zones = lone ? props.zones.slice(0, 1) : props.zones;
    const dataVolume = lone
      ? new AzureDataVolume(this, "data-volume", {
          ...placeOf(cluster),
          identity: props.identity,
          zone: zones[0],
          size: dataSize,
          diskType: diskTypeOf(instanceType),
          diskEncryptionSetId: props.diskEncryptionSetId,
          name: diskName(cluster.environment, "server", group, "data"),
          transform: props.transform?.dataVolume,
        })
      : undefined;
    const node: ServerNodeProps = {
      ...clusterWith(cluster, props.extend),
      role: "server",
      group,
      workers: props.workers,
      dataDevice: DATA_LUN,
    };
    const values = { ...props.values, dataVolume: dataVolume?.volumeId };
    const scaleSet = scaleSetOf(
      this,
      { ...props, values, zones },
      {
        node,
        instanceType,
        diskSize: "30GiB",
        dataDisk: lone ? undefined : { size: dataSize, lun: DATA_LUN },
        zoneBalance: true,
        size: { first: count, min: count, max: AT_MOST },
        leaveMinutes: LEAVE_MINUTES,
        isProtected: true,
        tags: {},
      },
    );
    if (lone) props.identity.allow("attach-data", { right: "attach-data", scope: scaleSet.scaleSetId });
    this.scaleSetName = scaleSet.scaleSetName;
    this.scaleSetId = scaleSet.scaleSetId;
  }
}
