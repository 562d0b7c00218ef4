import { type AwsPlace, regionalArn, s3Arn } from "./place";
import type { PolicyStatement } from "./policy-document";

/** A request may leave the encryption to the bucket, or name its key; any other would weaken it. */
export function encryptedStatements(bucketArn: string, keyArn: string): PolicyStatement[] {
  const writing = {
    effect: "Deny",
    principals: { aws: ["*"] },
    actions: ["s3:PutObject"],
    resources: [`${bucketArn}/*`],
  } as const;
  const algorithm = "s3:x-amz-server-side-encryption";
  const key = "s3:x-amz-server-side-encryption-aws-kms-key-id";
  return [
    {
      sid: "NeverOtherEncryption",
      ...writing,
      conditions: { StringNotEquals: { [algorithm]: "aws:kms" }, Null: { [algorithm]: false } },
    },
    {
      sid: "NeverOtherKey",
      ...writing,
      conditions: { StringNotEquals: { [key]: keyArn }, Null: { [key]: false } },
    },
  ];
}

export interface LogDelivery {
  /** ARN of the bucket that the logs go to. */
  readonly logBucketArn: string;
  /** What stands before their keys: `"state/"`. */
  readonly prefix: string;
}

/**
 * Lets S3 write the access log of a bucket.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export function bucketLogStatement(place: AwsPlace, source: string, log: LogDelivery): PolicyStatement {
  return {
    sid: "DeliverAccessLogs",
    principals: { service: ["logging.s3.amazonaws.com"] },
    actions: ["s3:PutObject"],
    resources: [`${log.logBucketArn}/${log.prefix}*`],
    conditions: {
      StringEquals: { "aws:SourceAccount": place.accountId },
      ArnEquals: { "aws:SourceArn": s3Arn(place, source) },
    },
  };
}

/**
 * Lets load balancers of the account write their access logs.
 *
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export function balancerLogStatement(place: AwsPlace, log: LogDelivery): PolicyStatement {
  return {
    sid: "DeliverBalancerLogs",
    principals: { service: ["logdelivery.elasticloadbalancing.amazonaws.com"] },
    actions: ["s3:PutObject"],
    resources: [`${log.logBucketArn}/${log.prefix}/AWSLogs/${place.accountId}/*`],
    conditions: {
      StringEquals: { "aws:SourceAccount": place.accountId },
      ArnLike: { "aws:SourceArn": regionalArn(place, "elasticloadbalancing", "loadbalancer/*") },
    },
  };
}
