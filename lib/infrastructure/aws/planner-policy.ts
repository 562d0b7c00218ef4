import { CLUSTER_OBJECTS, LIBRARY_OBJECTS } from "../cluster-objects";
import { clusterBucketName, secretArn } from "./names";
import { type AwsPlace, regionalArn, regionalService, s3Arn } from "./place";
import type { PolicyStatement } from "./policy-document";
import { publicParameters } from "./read-policy";

export interface StateAccessProps extends AwsPlace {
  /** ARN of the state's bucket. */
  readonly bucketArn: string;
  /** ARN of the state's key. */
  readonly keyArn: string;
}

/** What both identities of CI do with state: read it and lock it. */
export function stateStatements({ bucketArn, keyArn, ...place }: StateAccessProps): PolicyStatement[] {
  return [
    { sid: "FindState", actions: ["s3:ListBucket"], resources: [bucketArn] },
    { sid: "ReadState", actions: ["s3:GetObject"], resources: [`${bucketArn}/*.tfstate`] },
    {
      sid: "LockState",
      actions: ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
      resources: [`${bucketArn}/*.tflock`],
    },
    { sid: "WritePlans", actions: ["s3:PutObject"], resources: [`${bucketArn}/plans/*`] },
    { sid: "ReadRecords", actions: ["s3:GetObject"], resources: [`${bucketArn}/records/*`] },
    {
      sid: "UseStateKey",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [keyArn],
      conditions: { StringEquals: { "kms:ViaService": regionalService("s3", place) } },
    },
  ];
}

/**
 * What the planner may do beside reading configuration, and what it never may, whatever else it is given: a pull request
 * runs with it before anybody has looked.
 */
export function plannerStatements(props: StateAccessProps): PolicyStatement[] {
  const publicCa = secretArn(props, "public-ca");
  const cluster = s3Arn(props, clusterBucketName(props));
  return [
    ...stateStatements(props),
    { sid: "ReadPublicCa", actions: ["secretsmanager:GetSecretValue"], resources: [publicCa] },
    {
      sid: "DecryptPublicCa",
      actions: ["kms:Decrypt"],
      resources: [regionalArn(props, "kms", "key/*")],
      conditions: {
        StringEquals: { "kms:ViaService": regionalService("secretsmanager", props) },
        StringLike: { "kms:EncryptionContext:SecretARN": publicCa },
      },
    },
    {
      sid: "CompareLibrary",
      actions: ["s3:GetObject", "s3:GetObjectTagging"],
      resources: [`${cluster}/${LIBRARY_OBJECTS}`],
    },
    {
      sid: "NeverClusterObjects",
      effect: "Deny",
      actions: ["s3:*Object*"],
      resources: CLUSTER_OBJECTS.map((key) => `${cluster}/${key}`),
    },
    {
      sid: "NeverStateItself",
      effect: "Deny",
      actions: ["s3:DeleteObject*", "s3:PutObject*"],
      resources: [`${props.bucketArn}/*.tfstate`],
    },
    {
      sid: "NeverSecretValues",
      effect: "Deny",
      actions: ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"],
      notResources: [publicCa],
    },
    {
      sid: "NeverParameterValues",
      effect: "Deny",
      actions: ["ssm:GetParameter*"],
      notResources: [publicParameters(props)],
    },
    {
      // Secrets Manager decrypts in the caller's name, so the public CA has to be an exception. Where the context is
      // missing, the negated operator holds.
      sid: "NeverDecryptOtherThanState",
      effect: "Deny",
      actions: ["kms:Decrypt"],
      notResources: [props.keyArn],
      conditions: { StringNotLike: { "kms:EncryptionContext:SecretARN": publicCa } },
    },
  ];
}
