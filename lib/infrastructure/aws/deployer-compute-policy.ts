import { ENVIRONMENT_TAG, nodeGroupNames } from "./names";
import { autoScalingGroupArn } from "./node-policy";
import { type AwsPlace, regionalArn } from "./place";
import type { PolicyStatement } from "./policy-document";
import { ownTag } from "./read-policy";

/**
 * What the deployer does with groups of nodes: launch templates that bear the environment's tag, and Auto Scaling groups
 * that bear its name.
 *
 * Auto Scaling asks whether whoever names a launch template may start machines from it:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
export function computeStatements(place: AwsPlace): PolicyStatement[] {
  const of = (...types: readonly string[]) => types.map((type) => regionalArn(place, "ec2", `${type}/*`));
  const tagging = { StringEquals: { [`aws:RequestTag/${ENVIRONMENT_TAG}`]: place.environment } };
  const own = { StringEquals: ownTag(place) };
  const fromTemplate = { ArnLike: { "ec2:LaunchTemplate": of("launch-template") } };
  return [
    {
      sid: "MakeLaunchTemplates",
      actions: ["ec2:CreateLaunchTemplate"],
      resources: of("launch-template"),
      conditions: tagging,
    },
    {
      sid: "ChangeLaunchTemplates",
      actions: [
        "ec2:CreateLaunchTemplateVersion",
        "ec2:DeleteLaunchTemplate",
        "ec2:DeleteLaunchTemplateVersions",
        "ec2:ModifyLaunchTemplate",
      ],
      resources: of("launch-template"),
      conditions: own,
    },
    {
      sid: "StartNodes",
      actions: ["ec2:RunInstances"],
      resources: of("instance", "network-interface", "volume"),
      conditions: { ...tagging, ...fromTemplate },
    },
    {
      // Subnets and images may be somebody else's.
      sid: "StartNodesIn",
      actions: ["ec2:RunInstances"],
      resources: [
        ...of("security-group", "subnet"),
        regionalArn({ ...place, accountId: "" }, "ec2", "image/*"),
        regionalArn({ ...place, accountId: "" }, "ec2", "snapshot/*"),
      ],
      conditions: fromTemplate,
    },
    { sid: "StartNodesBy", actions: ["ec2:RunInstances"], resources: of("launch-template"), conditions: own },
    {
      sid: "MakeGroups",
      actions: [
        "autoscaling:CreateAutoScalingGroup",
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:DeleteAutoScalingGroup",
        "autoscaling:DeleteLifecycleHook",
        "autoscaling:DeleteTags",
        "autoscaling:DisableMetricsCollection",
        "autoscaling:EnableMetricsCollection",
        "autoscaling:PutLifecycleHook",
        "autoscaling:ResumeProcesses",
        // The last step of a teardown: what is protected from scaling in goes too.
        "autoscaling:SetInstanceProtection",
        "autoscaling:SuspendProcesses",
        // `caravan roll`: an old server goes when a new one votes.
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
      ],
      resources: [autoScalingGroupArn(place, nodeGroupNames(place.environment))],
    },
  ];
}
