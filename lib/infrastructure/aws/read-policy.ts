import {
  ciPath,
  clusterBucketName,
  ENVIRONMENT_TAG,
  iamPath,
  logBucketName,
  logGroupPrefix,
  roleName,
  secretArns,
} from "./names";
import { type AwsPlace, iamArn, regionalArn, s3Arn } from "./place";
import type { PolicyStatement } from "./policy-document";

/** ARN of the role by which Auto Scaling acts in an environment. */
export function autoScalingRoleArn(place: AwsPlace): string {
  const name = `AWSServiceRoleForAutoScaling_${roleName(place.environment)}`;
  return iamArn(place, `role/aws-service-role/autoscaling.amazonaws.com/${name}`);
}

/** What identifies an environment's own resources, as a condition. */
export function ownTag(place: AwsPlace): Readonly<Record<string, string>> {
  return { [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: place.environment };
}

export interface ReadProps extends AwsPlace {
  /** Names of the buckets beside the cluster's and the logs'. */
  readonly buckets: readonly string[];
  /** ARN of the identity provider of CI, if there is one. */
  readonly oidcProviderArn?: string;
}

/**
 * What a plan reads to compare our stacks with what is there: configuration, no content. Grows with the stacks, one
 * service after another.
 */
export function readStatements(place: ReadProps): PolicyStatement[] {
  const inRegion = { StringEquals: { "aws:RequestedRegion": place.region } };
  const buckets = [clusterBucketName(place), logBucketName(place), ...place.buckets].map((name) => s3Arn(place, name));
  return [
    {
      // Describing knows no resources.
      sid: "ReadNetwork",
      actions: [
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeAddressesAttribute",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeFlowLogs",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroupRules",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcEndpointServices",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
      conditions: inRegion,
    },
    {
      // Nor does this.
      sid: "ReadNodes",
      actions: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeLifecycleHooks",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeImages",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:GetInstanceUefiData",
      ],
      resources: ["*"],
      conditions: inRegion,
    },
    {
      sid: "ReadVpcs",
      actions: ["ec2:DescribeVpcAttribute"],
      resources: [regionalArn(place, "ec2", "vpc/*")],
    },
    {
      sid: "ReadIdentities",
      actions: [
        "iam:GetInstanceProfile",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListInstanceProfileTags",
        "iam:ListPolicyTags",
        "iam:ListPolicyVersions",
        "iam:ListRolePolicies",
        "iam:ListRoleTags",
      ],
      resources: [
        ...["role", "policy", "instance-profile"].map((kind) => iamArn(place, `${kind}${iamPath(place.environment)}*`)),
        ...["role", "policy"].map((kind) => iamArn(place, `${kind}${ciPath(place.environment)}*`)),
        autoScalingRoleArn(place),
      ],
    },
    ...(place.oidcProviderArn === undefined
      ? []
      : [
          {
            sid: "ReadIdentityProvider",
            actions: ["iam:GetOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags"],
            resources: [place.oidcProviderArn],
          },
        ]),
    {
      sid: "ReadKeys",
      actions: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
      resources: [regionalArn(place, "kms", "key/*")],
      conditions: { StringEquals: ownTag(place) },
    },
    {
      // Neither knows resources.
      sid: "FindKeysAndLogGroups",
      actions: ["kms:ListAliases", "logs:DescribeLogGroups"],
      resources: ["*"],
      conditions: inRegion,
    },
    {
      sid: "ReadLogGroups",
      actions: ["logs:ListTagsForResource"],
      resources: [regionalArn(place, "logs", `log-group:${logGroupPrefix(place.environment)}*`)],
    },
    {
      sid: "ReadBuckets",
      actions: [
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLocation",
        "s3:GetBucketLogging",
        "s3:GetBucketNotification",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
      ],
      resources: buckets,
    },
    {
      sid: "ReadSecretsButNotTheirValues",
      actions: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:ListSecretVersionIds",
      ],
      resources: [secretArns(place)],
    },
    {
      // AWS's own, such as the ids of its images.
      sid: "ReadPublicParameters",
      actions: ["ssm:GetParameter", "ssm:GetParameters"],
      resources: [publicParameters(place)],
    },
  ];
}

/** Parameters that AWS publishes belong to no account. */
export function publicParameters(place: AwsPlace): string {
  return regionalArn({ ...place, accountId: "" }, "ssm", "parameter/aws/service/*");
}
