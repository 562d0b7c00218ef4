import {
  ComputeRegionInstanceGroupManager,
  type ComputeRegionInstanceGroupManagerConfig,
} from "@cdktf/provider-google/lib/compute-region-instance-group-manager";
import type { ComputeRegionInstanceTemplateConfig } from "@cdktf/provider-google/lib/compute-region-instance-template";
import type { DataGoogleComputeImageConfig } from "@cdktf/provider-google/lib/data-google-compute-image";
import { Token } from "cdktf";
import type { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { listOf, oneOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { cloudInit } from "../../node/cloud-init";
import type { GcpEnvironmentValues } from "../../node/environment-file";
import { type ClusterProps, type NodeProps, nodeRoleName } from "../../node/node-props";
import type { MachineSettings } from "../props";
import { checkImageOf, GcpImage, type GcpImages } from "./image";
import { GcpInstanceTemplate, type GcpInstanceTemplateProps } from "./instance-template";
import { architectureOf, checkInstanceTypes } from "./instance-type";
import { ENVIRONMENT_LABEL, nodeGroupName } from "./names";
import type { GcpNodeAccount } from "./node-account";
import type { GcpPlace } from "./place";
import { labelsOf } from "./provider";
import { cryptoKeyName, region, subnetworkName, zoneOf } from "./rules";

/** What the groups of servers and of workers are given alike. */
export interface GcpNodeGroupProps extends MachineSettings {
  /** Name of the group: 1 to 16 lower-case letters, digits and hyphens. */
  readonly group: string;
  /** What all nodes of the environment have in common. Its cloud says project and region. */
  readonly cluster: ClusterProps;
  /** What nodes learn only after apply: names of keys, secrets, the cluster's bucket. */
  readonly values: GcpEnvironmentValues;
  /** The environment's machine images, for groups without an `imageId`. */
  readonly images?: GcpImages;
  /** Full name of the subnet that its machines stand in. */
  readonly subnetId: string;
  /** Names of the zones that its machines spread over: `["europe-west1-b", ...]`. They cannot be changed later. */
  readonly zones: readonly string[];
  /** Who its nodes are to Google Cloud. */
  readonly account: GcpNodeAccount;
  /** Full name of the key that encrypts its disks. */
  readonly kmsKeyName: string;
  /**
   * Labels of its machines and their disks, such as those by which costs are told apart.
   *
   * @default - those of this library
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpNodeGroupTransform;
}

export interface GcpNodeGroupTransform {
  readonly image?: Transform<DataGoogleComputeImageConfig>;
  readonly instanceTemplate?: Transform<ComputeRegionInstanceTemplateConfig>;
  readonly instanceGroup?: Transform<ComputeRegionInstanceGroupManagerConfig>;
}

/** Where a cluster stands. */
export function placeOf({ environment, cloud }: ClusterProps): GcpPlace {
  return { environment, region: cloud.region, project: cloud.name === "gcp" ? cloud.project : "" };
}

/** Checks what groups are given alike. */
export function checkNodeGroup(check: PropsCheck, props: GcpNodeGroupProps, types: readonly string[]): void {
  const { cloud } = props.cluster;
  check.required("cluster.cloud.name", cloud.name, oneOf(["gcp"]));
  check.required("subnetId", props.subnetId, subnetworkName);
  if (region.accepts(cloud.region) && check.required("zones", props.zones, listOf(1, 3, "zones"))) {
    check.each("zones", props.zones, zoneOf(cloud.region));
  }
  check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
  checkImageOf(check, "", props, props.images, checkInstanceTypes(check, "instanceType", types));
}

export interface NodeRecipe {
  readonly name: string;
  readonly template: GcpInstanceTemplate;
}

/** Makes what every group starts its nodes from. */
export function nodeRecipe(
  scope: Construct,
  props: GcpNodeGroupProps,
  recipe: Pick<
    GcpInstanceTemplateProps,
    "instanceType" | "diskSize" | "dataDisk" | "networkTags" | "spot" | "rawExec"
  > & {
    readonly node: NodeProps;
    readonly labels: Readonly<Record<string, string>>;
  },
): NodeRecipe {
  const place = placeOf(props.cluster);
  const { node, instanceType, labels, ...rest } = recipe;
  const { role, group } = node;
  const name = nodeGroupName(place.environment, role, group);
  const architecture = Token.isUnresolved(instanceType) ? undefined : architectureOf(instanceType);
  const image = new GcpImage(scope, "image", {
    imageId: props.imageId ?? (architecture && props.images?.[architecture]) ?? "",
    architecture,
    transform: { image: props.transform?.image },
  });
  const diskLabels = {
    ...labelsOf(props.tags ?? {}),
    [ENVIRONMENT_LABEL]: place.environment,
    "caravan-group": nodeRoleName(role, group),
  };
  const template = new GcpInstanceTemplate(scope, "instance-template", {
    ...rest,
    project: place.project,
    region: place.region,
    name,
    image,
    instanceType,
    serviceAccountEmail: props.account.email,
    subnetId: props.subnetId,
    userDataBase64: cloudInit(node, props.values).userDataBase64,
    diskSize: props.diskSize ?? recipe.diskSize,
    kmsKeyName: props.kmsKeyName,
    labels: { ...diskLabels, ...labelsOf(labels) },
    diskLabels,
    transform: { instanceTemplate: props.transform?.instanceTemplate },
  });
  return { name, template };
}

/**
 * A managed instance group that starts a machine anew only when it is gone, and then from the newest recipe: no health check, no
 * balancing of zones, no rollout. Whoever wants the newest recipe on a machine replaces it.
 */
export function instanceGroup(
  scope: Construct,
  props: GcpNodeGroupProps,
  { name, template }: NodeRecipe,
  more: Partial<ComputeRegionInstanceGroupManagerConfig>,
): ComputeRegionInstanceGroupManager {
  const { project, region } = placeOf(props.cluster);
  const zones = more.distributionPolicyZones ?? [...props.zones];
  return new ComputeRegionInstanceGroupManager(
    scope,
    "Default",
    transformed(props.transform?.instanceGroup, {
      project,
      region,
      name,
      baseInstanceName: name,
      description: `Nodes of ${name}`,
      version: [{ instanceTemplate: template.selfLink }],
      distributionPolicyZones: zones,
      updatePolicy: {
        type: "OPPORTUNISTIC",
        instanceRedistributionType: "NONE",
        minimalAction: "REPLACE",
        mostDisruptiveAllowedAction: "REPLACE",
        // A successor starts before the end of the machine that it replaces: as many as there are zones, or none.
        replacementMethod: "SUBSTITUTE",
        maxSurgeFixed: zones.length,
        maxUnavailableFixed: 0,
      },
      instanceLifecyclePolicy: { defaultActionOnFailure: "REPAIR", forceUpdateOnRepair: "YES" },
      // A zone without capacity for an hour must not make Terraform want another group.
      waitForInstances: false,
      ...more,
    }),
  );
}
