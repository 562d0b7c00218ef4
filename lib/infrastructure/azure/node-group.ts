import { Token } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { oneOf, text } from "../../core/rules";
import { scaleSetName } from "../../node/cloud/azure";
import { cloudInit } from "../../node/cloud-init";
import type { AzureEnvironmentValues } from "../../node/environment-file";
import { type ClusterProps, type NodeProps, nodeRoleName } from "../../node/node-props";
import type { MachineSettings } from "../props";
import { AzureImage, type AzureImages, type AzureImageTransform, checkImageOf } from "./image";
import { architectureOf, checkInstanceTypes } from "./instance-type";
import { ENVIRONMENT_TAG } from "./names";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";
import {
  applicationSecurityGroupId,
  backendPoolId,
  diskEncryptionSetId,
  gatewayPoolId,
  securityGroupId,
  subnetId,
} from "./rules";
import { AzureScaleSet, type AzureScaleSetProps, type AzureScaleSetTransform } from "./scale-set";
import { type AzureZone, checkZones } from "./zones";

/** What the groups of servers and of workers are given alike. */
export interface AzureNodeGroupProps extends MachineSettings {
  /** Name of the group: 1 to 16 lower-case letters, digits and hyphens. */
  readonly group: string;
  /** What all nodes of the environment have in common. Its cloud says subscription, resource group and region. */
  readonly cluster: ClusterProps;
  /** What nodes learn only after apply: names of keys, addresses of secrets and of the cluster's container. */
  readonly values: AzureEnvironmentValues;
  /** The environment's machine images, for groups without an `imageId`. */
  readonly images?: AzureImages;
  /** Id of the subnet that its machines stand in. */
  readonly subnetId: string;
  /** The zones that its machines spread over; none in a region without zones. They cannot be changed later. */
  readonly zones: readonly AzureZone[];
  /**
   * Id of the network security group of its interfaces.
   *
   * @default - that of the subnet
   */
  readonly securityGroupId?: string;
  /** Ids of the application security groups of its interfaces: by these the firewall knows what they are. */
  readonly applicationSecurityGroupIds: readonly string[];
  /**
   * Ids of the pools of load balancers that its machines are in.
   *
   * @default - none
   */
  readonly backendPoolIds?: readonly string[];
  /**
   * Ids of the pools of application gateways that its machines are in.
   *
   * @default - none
   */
  readonly gatewayPoolIds?: readonly string[];
  /** Who its nodes are to Azure. */
  readonly identity: AzureNodeIdentity;
  /** Id of what encrypts its disks with the data key. */
  readonly diskEncryptionSetId: string;
  /**
   * Tags of its machines, such as those by which costs are told apart.
   *
   * @default - those of this library
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzureNodeGroupTransform;
}

export interface AzureNodeGroupTransform extends AzureScaleSetTransform {
  readonly image?: AzureImageTransform;
}

/** Where a cluster stands. */
export function placeOf({ environment, cloud }: ClusterProps): AzurePlace {
  const { subscriptionId, tenantId, resourceGroup } =
    cloud.name === "azure" ? cloud : { subscriptionId: "", tenantId: "", resourceGroup: "" };
  return { environment, region: cloud.region, subscriptionId, tenantId, resourceGroup };
}

/** Checks what groups are given alike. */
export function checkNodeGroup(check: PropsCheck, props: AzureNodeGroupProps, types: readonly string[]): void {
  check.required("cluster.cloud.name", props.cluster.cloud.name, oneOf(["azure"]));
  check.required("values.bucket", props.values?.bucket, text);
  check.required("subnetId", props.subnetId, subnetId);
  checkZones(check, "zones", props.zones);
  check.optional("securityGroupId", props.securityGroupId, securityGroupId);
  check.each("applicationSecurityGroupIds", props.applicationSecurityGroupIds, applicationSecurityGroupId);
  check.each("backendPoolIds", props.backendPoolIds, backendPoolId);
  check.each("gatewayPoolIds", props.gatewayPoolIds, gatewayPoolId);
  check.required("diskEncryptionSetId", props.diskEncryptionSetId, diskEncryptionSetId);
  checkImageOf(check, "", props, props.images, checkInstanceTypes(check, "instanceType", types));
}

/** Makes the scale set of a group. */
export function scaleSetOf(
  scope: Construct,
  props: AzureNodeGroupProps,
  recipe: Pick<
    AzureScaleSetProps,
    | "instanceType"
    | "diskSize"
    | "dataDisk"
    | "zoneBalance"
    | "size"
    | "leaveMinutes"
    | "spot"
    | "rawExec"
    | "isProtected"
  > & { readonly node: NodeProps; readonly tags: Readonly<Record<string, string>> },
): AzureScaleSet {
  const place = placeOf(props.cluster);
  const { node, tags, ...rest } = recipe;
  const architecture = Token.isUnresolved(rest.instanceType) ? undefined : architectureOf(rest.instanceType);
  const image = new AzureImage(scope, "image", {
    region: place.region,
    subscriptionId: place.subscriptionId,
    imageId: props.imageId ?? (architecture && props.images?.[architecture]) ?? "",
    architecture,
    transform: props.transform?.image,
  });
  return new AzureScaleSet(scope, "machines", {
    ...place,
    ...rest,
    name: scaleSetName(place.environment, node.role, node.group),
    image,
    identity: props.identity,
    network: {
      subnetId: props.subnetId,
      securityGroupId: props.securityGroupId,
      applicationSecurityGroupIds: props.applicationSecurityGroupIds,
      backendPoolIds: props.backendPoolIds ?? [],
      gatewayPoolIds: props.gatewayPoolIds ?? [],
    },
    zones: props.zones,
    userDataBase64: cloudInit(node, props.values).userDataBase64,
    diskSize: props.diskSize ?? recipe.diskSize,
    diskEncryptionSetId: props.diskEncryptionSetId,
    tags: {
      ...props.tags,
      [ENVIRONMENT_TAG]: place.environment,
      "caravan-group": nodeRoleName(node.role, node.group),
      ...tags,
    },
    transform: props.transform,
  });
}
