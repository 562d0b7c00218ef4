import type { AutoscalingGroupConfig, AutoscalingGroupTag } from "@cdktf/provider-aws/lib/autoscaling-group";
import {
  AutoscalingLifecycleHook,
  type AutoscalingLifecycleHookConfig,
} from "@cdktf/provider-aws/lib/autoscaling-lifecycle-hook";
import type { DataAwsAmiConfig } from "@cdktf/provider-aws/lib/data-aws-ami";
import type { LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template";
import { Token } from "cdktf";
import type { Construct } from "constructs";
import { type PropsCheck, rule } from "../../core/errors";
import { listOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { cloudInit } from "../../node/cloud-init";
import type { AwsEnvironmentValues } from "../../node/environment-file";
import type { ClusterProps, NodeProps } from "../../node/node-props";
import type { MachineSettings } from "../props";
import { AwsImage, type AwsImages } from "./image";
import { type AwsArchitecture, architectureOf, checkInstanceTypes } from "./instance-type";
import { AwsLaunchTemplate, type AwsLaunchTemplateProps, checkSecurityGroups } from "./launch-template";
import { ENVIRONMENT_TAG, nodeGroupName } from "./names";
import { leaveStatement } from "./node-policy";
import type { AwsNodeRole } from "./node-role";
import { accountId, imageId, kmsKeyArn, roleArn, subnetId } from "./rules";

/** What the groups of servers and of workers are given alike. */
export interface AwsNodeGroupProps extends MachineSettings {
  /** Name of the group: 1 to 16 lower-case letters, digits and hyphens. */
  readonly group: string;
  /** What all nodes of the environment have in common. */
  readonly cluster: ClusterProps;
  /** What nodes learn only after apply: names and ids of keys, secrets, the cluster's bucket. */
  readonly values: AwsEnvironmentValues;
  /** The environment's machine images, for groups without an `imageId`. */
  readonly images?: AwsImages;
  /** Where its machines stand: private subnets, one a zone. */
  readonly subnetIds: readonly string[];
  /** Security groups of its machines, 1 to 5. */
  readonly securityGroupIds: readonly string[];
  /** Who its nodes are to AWS. They may then tell the group that they have left. */
  readonly role: AwsNodeRole;
  /** ARN of the key that encrypts its disks. */
  readonly kmsKeyArn: string;
  /** ARN of the role by which Auto Scaling acts; the key's policy must let it use the key. */
  readonly autoScalingRoleArn: string;
  /**
   * Tags of the group, its machines and their disks, such as those by which costs are told apart.
   *
   * @default - those of this library
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsNodeGroupTransform;
}

export interface AwsNodeGroupTransform {
  readonly image?: Transform<DataAwsAmiConfig>;
  readonly launchTemplate?: Transform<LaunchTemplateConfig>;
  readonly autoScalingGroup?: Transform<AutoscalingGroupConfig>;
  readonly lifecycleHook?: Transform<AutoscalingLifecycleHookConfig>;
}

/** By this name a node tells Auto Scaling that it has left. */
const LEAVE_HOOK = "caravan-leave";

/** Checks what groups are given alike. */
export function checkNodeGroup(check: PropsCheck, props: AwsNodeGroupProps, types: readonly string[]): void {
  check.required("values.account", props.values?.account, accountId);
  if (check.required("subnetIds", props.subnetIds, listOf(1, 10, "subnets"))) {
    check.each("subnetIds", props.subnetIds, subnetId);
  }
  checkSecurityGroups(check, props.securityGroupIds, 1, 5);
  check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
  check.required("autoScalingRoleArn", props.autoScalingRoleArn, roleArn);
  checkImageOf(check, "", props, props.images, checkInstanceTypes(check, "instanceType", types));
}

/** Checks that a group has an image for its processor. `at` stands before the property's name: `"servers.main."`. */
export function checkImageOf(
  check: PropsCheck,
  at: string,
  group: Pick<MachineSettings, "imageId">,
  images: AwsImages | undefined,
  architecture: AwsArchitecture | undefined,
): void {
  if (group.imageId !== undefined) check.required(`${at}imageId`, group.imageId, imageId);
  else if (architecture !== undefined) {
    const here = rule<string>({
      allowed: `${imageId.allowed}, for ${architecture}`,
      fix: `look up an image for ${architecture} in the region and give its id: images: { ${architecture}: "ami-..." }`,
      accepts: imageId.accepts,
    });
    check.required(`images.${architecture}`, images?.[architecture], here);
  }
}

export interface NodeRecipe {
  readonly name: string;
  readonly template: AwsLaunchTemplate;
  readonly tags: AutoscalingGroupTag[];
}

/** Makes what every group starts its nodes from. */
export function nodeRecipe(
  scope: Construct,
  props: AwsNodeGroupProps,
  recipe: {
    readonly node: NodeProps;
    readonly instanceType: string;
    readonly diskSize: string;
    readonly dataDisk?: AwsLaunchTemplateProps["dataDisk"];
    readonly metadataForContainers?: boolean;
    readonly rawExec?: boolean;
    readonly tags: Readonly<Record<string, string>>;
  },
): NodeRecipe {
  const { environment, cloud } = props.cluster;
  const { node, instanceType, dataDisk, metadataForContainers, rawExec } = recipe;
  const name = nodeGroupName(environment, node.role, props.group);
  const tags = { ...props.tags, [ENVIRONMENT_TAG]: environment, ...recipe.tags };
  const architecture = Token.isUnresolved(instanceType) ? undefined : architectureOf(instanceType);
  const image = new AwsImage(scope, "image", {
    imageId: props.imageId ?? (architecture && props.images?.[architecture]) ?? "",
    architecture,
    transform: { image: props.transform?.image },
  });
  const template = new AwsLaunchTemplate(scope, "launch-template", {
    name,
    image,
    instanceType,
    instanceProfileArn: props.role.instanceProfileArn,
    securityGroupIds: props.securityGroupIds,
    userDataBase64: cloudInit(node, props.values).userDataBase64,
    diskSize: props.diskSize ?? recipe.diskSize,
    kmsKeyArn: props.kmsKeyArn,
    tags,
    dataDisk,
    metadataForContainers,
    rawExec,
    transform: { launchTemplate: props.transform?.launchTemplate },
  });
  const place = { environment, accountId: props.values.account, region: cloud.region };
  props.role.allow("leave", [leaveStatement(place, name)]);
  return {
    name,
    template,
    // Machines and disks get theirs from the launch template.
    tags: Object.entries({ ...tags, Name: name }).map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
  };
}

/**
 * Lets a node leave its cluster before its machine ends. Should the node never answer, as when it is already gone, the end
 * comes after the timeout.
 */
export function leaveHook(
  scope: Construct,
  autoScalingGroupName: string,
  heartbeatTimeout: number,
  transform: AwsNodeGroupTransform["lifecycleHook"],
): void {
  new AutoscalingLifecycleHook(
    scope,
    "leave-hook",
    transformed(transform, {
      name: LEAVE_HOOK,
      autoscalingGroupName: autoScalingGroupName,
      lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeatTimeout,
      defaultResult: "CONTINUE",
    }),
  );
}
