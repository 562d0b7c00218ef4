import { Construct } from "constructs";
import { bucketLogStatement, encryptedStatements } from "./bucket-policy";
import { AwsKey, type AwsKeyTransform } from "./key";
import { throughServicesStatement } from "./key-policy";
import { bucketName } from "./names";
import type { AwsPlace } from "./place";
import { AwsPrivateBucket, type AwsPrivateBucketTransform } from "./private-bucket";

export interface AwsStateBucketProps extends AwsPlace {
  readonly bucketName: string;
  /** @default - one is made */
  readonly logBucketName?: string;
  readonly keepVersionsDays: number;
  readonly keepLogsDays: number;
  readonly transform?: AwsStateBucketTransform;
}

export interface AwsStateBucketTransform {
  readonly key?: AwsKeyTransform;
  readonly bucket?: AwsPrivateBucketTransform;
  readonly logBucket?: AwsPrivateBucketTransform;
}

const KEEP_PLANS_DAYS = 14;
const LOG_PREFIX = "state/";

/** The bucket of an environment's Terraform state with its key, and the bucket that logs who reads and writes it. */
export class AwsStateBucket extends Construct {
  readonly bucketArn: string;
  readonly keyArn: string;
  /** Names of both buckets, as far as they are made here. */
  readonly bucketNames: readonly string[];

  constructor(scope: Construct, id: string, props: AwsStateBucketProps) {
    super(scope, id);
    const { environment, accountId, region, transform } = props;
    const place = { environment, accountId, region };
    const key = new AwsKey(this, "key", {
      ...place,
      purpose: "state",
      description: `Encrypts the Terraform state of the environment ${environment}`,
      // The bucket's policy and IAM decide who reads state, people who set it up included.
      users: [throughServicesStatement(place, ["s3"])],
      transform: transform?.key,
    });
    const ownLogBucket = props.logBucketName === undefined ? bucketName(place, "state-log") : undefined;
    const logBucketName =
      props.logBucketName ??
      new AwsPrivateBucket(this, "log", {
        bucketName: bucketName(place, "state-log"),
        lifecycleRules: [
          {
            id: "old-logs",
            status: "Enabled",
            filter: [{ prefix: "" }],
            expiration: [{ days: props.keepLogsDays }],
            noncurrentVersionExpiration: [{ noncurrentDays: 1 }],
          },
        ],
        statements: (arn) => [bucketLogStatement(place, props.bucketName, { logBucketArn: arn, prefix: LOG_PREFIX })],
        transform: transform?.logBucket,
      }).bucketName;
    const bucket = new AwsPrivateBucket(this, "Default", {
      bucketName: props.bucketName,
      kmsKeyArn: key.arn,
      lifecycleRules: [
        {
          id: "old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          noncurrentVersionExpiration: [{ noncurrentDays: props.keepVersionsDays }],
        },
        {
          id: "plans",
          status: "Enabled",
          filter: [{ prefix: "plans/" }],
          expiration: [{ days: KEEP_PLANS_DAYS }],
        },
      ],
      accessLog: { bucketName: logBucketName, prefix: LOG_PREFIX },
      statements: (arn) => encryptedStatements(arn, key.arn),
      transform: transform?.bucket,
    });
    this.bucketArn = bucket.bucketArn;
    this.keyArn = key.arn;
    this.bucketNames = [props.bucketName, ...(ownLogBucket === undefined ? [] : [ownLogBucket])];
  }
}
