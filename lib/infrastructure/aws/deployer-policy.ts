import { LIBRARY_OBJECTS } from "../cluster-objects";
import { administerStatement } from "./key-policy";
import {
  clusterBucketName,
  ENVIRONMENT_TAG,
  iamPath,
  keyAlias,
  logBucketName,
  logGroupPrefix,
  secretArn,
  secretArns,
} from "./names";
import { type AwsPlace, iamArn, regionalArn, regionalService, s3Arn } from "./place";
import { type StateAccessProps, stateStatements } from "./planner-policy";
import type { PolicyStatement } from "./policy-document";
import { autoScalingRoleArn, ownTag } from "./read-policy";

export interface DeployerStateProps extends StateAccessProps {
  /** Id of the stack that makes state and CI roles. */
  readonly stateStackId: string;
}

/**
 * What the deployer does with state. The stack that made it, and with it the deployer's own rights, is none of its
 * business: people apply that one.
 */
export function deployerStateStatements(props: DeployerStateProps): PolicyStatement[] {
  const ownState = `${props.bucketArn}/*${props.stateStackId}.tfstate`;
  const alias = regionalArn(props, "kms", keyAlias(props.environment, "state"));
  return [
    ...stateStatements(props),
    { sid: "WriteState", actions: ["s3:PutObject"], resources: [`${props.bucketArn}/*.tfstate`] },
    { sid: "WriteRecords", actions: ["s3:PutObject"], resources: [`${props.bucketArn}/records/*`] },
    { sid: "ReadPlans", actions: ["s3:GetObject"], resources: [`${props.bucketArn}/plans/*`] },
    { sid: "NeverOwnState", effect: "Deny", actions: ["s3:PutObject"], resources: [ownState] },
    {
      sid: "NeverStateKey",
      effect: "Deny",
      actions: administerStatement(props).actions?.filter((action) => !/:(Describe|Get|List)/.test(action)),
      resources: [props.keyArn, alias],
    },
    {
      sid: "NeverRecoveryKeys",
      effect: "Deny",
      actions: ["secretsmanager:GetSecretValue"],
      resources: [secretArn(props, "recovery-keys")],
    },
  ];
}

export interface DeployerIdentityProps extends AwsPlace {
  /** ARN of the policy that must bound every role that the deployer makes. */
  readonly nodePermissionsBoundaryArn?: string;
  /** ARNs of roles that somebody else made and that the deployer gives to nodes. */
  readonly passableRoleArns: readonly string[];
}

/** What the deployer does with identities: below the environment's path only. */
export function identityStatements(props: DeployerIdentityProps): PolicyStatement[] {
  const path = iamPath(props.environment);
  const roles = [iamArn(props, `role${path}*`)];
  const boundary = props.nodePermissionsBoundaryArn;
  const bounded = boundary === undefined ? undefined : { StringEquals: { "iam:PermissionsBoundary": boundary } };
  const autoScaling = autoScalingRoleArn(props);
  return [
    {
      sid: "MakeRoles",
      actions: [
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:PutRolePolicy",
        // Taking a boundary away is another action, which nothing allows.
        ...(boundary === undefined ? [] : ["iam:PutRolePermissionsBoundary"]),
      ],
      resources: roles,
      conditions: bounded,
    },
    {
      sid: "ChangeRoles",
      actions: [
        "iam:DeleteRole",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ],
      resources: roles,
    },
    {
      sid: "MakeInstanceProfiles",
      actions: [
        "iam:AddRoleToInstanceProfile",
        "iam:CreateInstanceProfile",
        "iam:DeleteInstanceProfile",
        "iam:RemoveRoleFromInstanceProfile",
        "iam:TagInstanceProfile",
        "iam:UntagInstanceProfile",
      ],
      resources: [iamArn(props, `instance-profile${path}*`)],
    },
    {
      sid: "PassRoles",
      actions: ["iam:PassRole"],
      resources: [...roles, ...props.passableRoleArns],
      conditions: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"] } },
    },
    {
      sid: "MakeAutoScalingRole",
      actions: ["iam:CreateServiceLinkedRole"],
      resources: [autoScaling],
      conditions: { StringEquals: { "iam:AWSServiceName": "autoscaling.amazonaws.com" } },
    },
    {
      sid: "ChangeAutoScalingRole",
      actions: [
        "iam:DeleteServiceLinkedRole",
        "iam:GetServiceLinkedRoleDeletionStatus",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateRoleDescription",
      ],
      resources: [autoScaling],
    },
  ];
}

export interface DeployerKeyProps extends AwsPlace {
  /** ARNs of keys that somebody else made and that the deployer's resources are encrypted with. */
  readonly usableKeyArns: readonly string[];
}

/** What the deployer does with keys: administers those of the environment, uses them through services only. */
export function keyStatements(props: DeployerKeyProps): PolicyStatement[] {
  const keys = [regionalArn(props, "kms", "key/*")];
  const requestTag = { [`aws:RequestTag/${ENVIRONMENT_TAG}`]: props.environment };
  const through = (...services: readonly string[]) => ({
    "kms:ViaService": services.map((service) => regionalService(service, props)),
  });
  const use = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"];
  const services = through("ec2", "s3", "secretsmanager");
  const given = props.usableKeyArns;
  const forDisks = (sid: string, resources: readonly string[], own: Readonly<Record<string, string>>) => ({
    sid,
    actions: ["kms:CreateGrant"],
    resources,
    conditions: { StringEquals: { ...own, ...through("ec2") }, Bool: { "kms:GrantIsForAWSResource": true } },
  });
  return [
    {
      // A key that is not there yet has no ARN.
      sid: "MakeKeys",
      actions: ["kms:CreateKey"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:RequestedRegion": props.region, ...requestTag } },
    },
    {
      // Only a new key has neither tag nor alias: the keys of others cannot be made ours.
      sid: "TagNewKeys",
      actions: ["kms:TagResource"],
      resources: keys,
      conditions: {
        StringEquals: requestTag,
        Null: { [`aws:ResourceTag/${ENVIRONMENT_TAG}`]: true, "kms:ResourceAliases": true },
      },
    },
    {
      sid: "AdministerKeys",
      actions: administerStatement(props).actions,
      resources: keys,
      conditions: { StringEquals: ownTag(props) },
    },
    {
      sid: "NameKeys",
      actions: ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
      resources: ["seal", "keyring", "data"].map((purpose) =>
        regionalArn(props, "kms", keyAlias(props.environment, purpose)),
      ),
    },
    {
      sid: "UseKeysThroughServices",
      actions: use,
      resources: keys,
      conditions: { StringEquals: { ...ownTag(props), ...services } },
    },
    forDisks("GrantKeysToDisks", keys, ownTag(props)),
    ...(given.length === 0
      ? []
      : [
          { sid: "UseGivenKeys", actions: use, resources: given, conditions: { StringEquals: services } },
          forDisks("GrantGivenKeysToDisks", given, {}),
        ]),
  ];
}

/** What the deployer does with the cluster's bucket, its secrets and the log groups. */
export function storageStatements(place: AwsPlace): PolicyStatement[] {
  const cluster = s3Arn(place, clusterBucketName(place));
  const buckets = [cluster, s3Arn(place, logBucketName(place))];
  return [
    {
      sid: "MakeBuckets",
      actions: [
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteBucketPolicy",
        "s3:ListBucketVersions",
        "s3:PutBucketLogging",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging",
        "s3:PutBucketVersioning",
        "s3:PutEncryptionConfiguration",
        "s3:PutLifecycleConfiguration",
      ],
      resources: buckets,
    },
    {
      // A teardown empties them; what is locked stays, as nothing here goes past a lock.
      sid: "EmptyBuckets",
      actions: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
      resources: buckets.map((bucket) => `${bucket}/*`),
    },
    {
      sid: "WriteLibrary",
      actions: ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"],
      resources: [`${cluster}/${LIBRARY_OBJECTS}`],
    },
    {
      sid: "MakeSecrets",
      actions: [
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteResourcePolicy",
        "secretsmanager:DeleteSecret",
        "secretsmanager:PutResourcePolicy",
        "secretsmanager:RestoreSecret",
        "secretsmanager:TagResource",
        "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecret",
      ],
      resources: [secretArns(place)],
    },
    {
      sid: "ReadItsSecrets",
      actions: ["secretsmanager:GetSecretValue"],
      resources: [secretArn(place, "bootstrap"), secretArn(place, "public-ca")],
    },
    {
      sid: "MakeLogGroups",
      actions: [
        "logs:AssociateKmsKey",
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
      resources: [regionalArn(place, "logs", `log-group:${logGroupPrefix(place.environment)}*`)],
    },
  ];
}
