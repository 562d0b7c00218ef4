import { logGroupPrefix } from "./names";
import { SEALING_ACTIONS } from "./node-policy";
import { type AwsPlace, accountArn, regionalArn, regionalService } from "./place";
import type { PolicyStatement } from "./policy-document";

/** In a key's own policy, the key. */
const THIS_KEY = ["*"];

/**
 * Lets the account administer a key, as far as its IAM policies allow, but not use it: neither encrypt nor decrypt, nor
 * grant that to others. Without it a key whose administrator is gone could never be changed again.
 */
export function administerStatement(place: AwsPlace): PolicyStatement {
  return {
    sid: "AccountAdministers",
    principals: { aws: [accountArn(place)] },
    actions: [
      "kms:CancelKeyDeletion",
      "kms:CreateAlias",
      "kms:DeleteAlias",
      "kms:DescribeKey",
      "kms:DisableKey",
      "kms:DisableKeyRotation",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListGrants",
      "kms:ListKeyPolicies",
      "kms:ListKeyRotations",
      "kms:ListResourceTags",
      "kms:PutKeyPolicy",
      "kms:RevokeGrant",
      "kms:RotateKeyOnDemand",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateAlias",
      "kms:UpdateKeyDescription",
    ],
    resources: THIS_KEY,
  };
}

/** Lets roles seal and unseal with a key. */
export function sealingStatement(roleArns: readonly string[]): PolicyStatement {
  return { sid: "RolesSeal", principals: { aws: roleArns }, actions: SEALING_ACTIONS, resources: THIS_KEY };
}

/**
 * Lets whoever in the account may use it do so through one of these services only; IAM policies decide who.
 *
 * `services` are short names: `["s3"]`.
 */
export function throughServicesStatement(place: AwsPlace, services: readonly string[]): PolicyStatement {
  return {
    sid: "AccountUsesThroughServices",
    principals: { aws: [accountArn(place)] },
    actions: [...DATA_ACTIONS, "kms:DescribeKey"],
    resources: THIS_KEY,
    conditions: {
      StringEquals: {
        "kms:CallerAccount": place.accountId,
        "kms:ViaService": services.map((service) => regionalService(service, place)),
      },
    },
  };
}

const DATA_ACTIONS = [
  "kms:Decrypt",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
] as const;

/**
 * Who uses the key of disks, buckets, secrets and logs.
 *
 * Auto Scaling's role is named because no IAM policy of ours can allow it anything:
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html. Log groups:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html. Alarms tell an encrypted topic.
 */
export function dataStatements(place: AwsPlace, autoScalingRoleArn: string): PolicyStatement[] {
  return [
    throughServicesStatement(place, ["ec2", "s3", "secretsmanager"]),
    {
      sid: "AccountGrantsToDisks",
      principals: { aws: [accountArn(place)] },
      actions: ["kms:CreateGrant"],
      resources: THIS_KEY,
      conditions: {
        StringEquals: { "kms:CallerAccount": place.accountId, "kms:ViaService": regionalService("ec2", place) },
        Bool: { "kms:GrantIsForAWSResource": true },
      },
    },
    {
      sid: "AutoScalingUses",
      principals: { aws: [autoScalingRoleArn] },
      actions: [...DATA_ACTIONS, "kms:DescribeKey"],
      resources: THIS_KEY,
    },
    {
      sid: "AutoScalingGrantsToDisks",
      principals: { aws: [autoScalingRoleArn] },
      actions: ["kms:CreateGrant"],
      resources: THIS_KEY,
      conditions: { Bool: { "kms:GrantIsForAWSResource": true } },
    },
    {
      sid: "LogGroupsUse",
      principals: { service: [regionalService("logs", place)] },
      actions: [...DATA_ACTIONS, "kms:DescribeKey"],
      resources: THIS_KEY,
      conditions: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": regionalArn(
            place,
            "logs",
            `log-group:${logGroupPrefix(place.environment)}*`,
          ),
        },
      },
    },
    {
      // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
      sid: "AlarmsTell",
      principals: { service: ["cloudwatch.amazonaws.com"] },
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: THIS_KEY,
      conditions: {
        StringEquals: { "aws:SourceAccount": place.accountId },
        ArnLike: { "aws:SourceArn": regionalArn(place, "cloudwatch", "alarm:*") },
      },
    },
  ];
}
