import { ENVIRONMENT_TAG } from "./names";
import { type AwsPlace, regionalArn, regionalService } from "./place";
import type { PolicyStatement } from "./policy-document";

/**
 * What every node may do.
 *
 * AWS's own policy AmazonSSMManagedInstanceCore would let a node read every SSM parameter of the account, so Session
 * Manager gets its own short list instead:
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
 */
export function nodeStatements(place: AwsPlace): PolicyStatement[] {
  return [
    ...sessionStatements(place),
    {
      // Vault, Consul and Nomad find their peers by tag; describing knows no resources.
      sid: "FindPeers",
      actions: ["ec2:DescribeInstances"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": place.region } },
    },
  ];
}

/** What Session Manager needs of a machine. */
export function sessionStatements(place: AwsPlace): PolicyStatement[] {
  return [
    {
      sid: "RegisterWithSessionManager",
      actions: ["ssm:UpdateInstanceInformation"],
      resources: [regionalArn(place, "ec2", "instance/*")],
    },
    {
      sid: "CarrySessions",
      actions: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      // These know no resources.
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": place.region } },
    },
  ];
}

/** Lets runners of CI read what they sign in to their forge with. */
export function registrationStatements(
  place: AwsPlace,
  secretArns: readonly string[],
  kmsKeyArn: string,
): PolicyStatement[] {
  return [
    { sid: "ReadRegistration", actions: ["secretsmanager:GetSecretValue"], resources: secretArns },
    {
      sid: "DecryptRegistration",
      actions: ["kms:Decrypt"],
      resources: [kmsKeyArn],
      conditions: { StringEquals: { "kms:ViaService": regionalService("secretsmanager", place) } },
    },
  ];
}

/** Lets a node say that it has left and may be ended, within its own Auto Scaling group. */
export function leaveStatement(place: AwsPlace, groupName: string): PolicyStatement {
  return {
    sid: "SayThatItHasLeft",
    actions: ["autoscaling:CompleteLifecycleAction"],
    resources: [autoScalingGroupArn(place, groupName)],
  };
}

/**
 * Lets a lone server attach the volume with its data to a machine of its group. EC2 opens an encrypted volume with a grant that
 * whoever attaches it makes: https://docs.aws.amazon.com/kms/latest/developerguide/services-ebs.html
 */
export function attachStatements(
  place: AwsPlace,
  volumeArn: string,
  group: string,
  kmsKeyArn: string,
): PolicyStatement[] {
  const throughEc2 = { "kms:ViaService": regionalService("ec2", place) };
  return [
    { sid: "AttachData", actions: ["ec2:AttachVolume"], resources: [volumeArn] },
    {
      sid: "AttachToOwnGroup",
      actions: ["ec2:AttachVolume"],
      resources: [regionalArn(place, "ec2", "instance/*")],
      conditions: {
        StringEquals: {
          "aws:ResourceTag/caravan-group": group,
          [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: place.environment,
        },
      },
    },
    {
      sid: "OpenData",
      actions: ["kms:CreateGrant"],
      resources: [kmsKeyArn],
      conditions: { StringEquals: throughEc2, Bool: { "kms:GrantIsForAWSResource": true } },
    },
    { sid: "ReadData", actions: ["kms:Decrypt"], resources: [kmsKeyArn], conditions: { StringEquals: throughEc2 } },
  ];
}

/**
 * Lets the Nomad Autoscaler scale groups of workers:
 * https://developer.hashicorp.com/nomad/tools/autoscaling/plugins/target/aws-asg
 */
export function scaleStatements(place: AwsPlace, groupNames: string): PolicyStatement[] {
  return [
    {
      sid: "ScaleWorkers",
      actions: [
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:UpdateAutoScalingGroup",
      ],
      resources: [autoScalingGroupArn(place, groupNames)],
    },
    {
      // Describing knows no resources.
      sid: "SeeWorkers",
      actions: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": place.region } },
    },
  ];
}

/** ARN of an Auto Scaling group, which holds an id that nobody knows before it is made. */
export function autoScalingGroupArn(place: AwsPlace, groupName: string): string {
  return regionalArn(place, "autoscaling", `autoScalingGroup:*:autoScalingGroupName/${groupName}`);
}

/** What Vault's AWS sign-in asks IAM: the unique ids of the roles that may sign in. */
export function resolveRolesStatement(roleArns: readonly string[]): PolicyStatement {
  return { sid: "ResolveRolesThatSignIn", actions: ["iam:GetRole"], resources: roleArns };
}

/** What Vault and Nomad do with the key that seals them: https://developer.hashicorp.com/vault/docs/configuration/seal/awskms */
export const SEALING_ACTIONS = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"] as const;

/** Who may assume a node's role. A role is passed within its own account only, so the service needs no condition on it. */
export const nodeTrust: readonly PolicyStatement[] = [
  { sid: "Instances", actions: ["sts:AssumeRole"], principals: { service: ["ec2.amazonaws.com"] } },
];
