import { S3Bucket, type S3BucketConfig } from "@cdktf/provider-aws/lib/s3-bucket";
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationConfig,
  type S3BucketLifecycleConfigurationRule,
} from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA, type S3BucketLoggingAConfig } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import {
  S3BucketOwnershipControls,
  type S3BucketOwnershipControlsConfig,
} from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy, type S3BucketPolicyConfig } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import {
  S3BucketPublicAccessBlock,
  type S3BucketPublicAccessBlockConfig,
} from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import {
  S3BucketServerSideEncryptionConfigurationA,
  type S3BucketServerSideEncryptionConfigurationAConfig,
} from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA, type S3BucketVersioningAConfig } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { type PolicyStatement, policyDocument } from "./policy-document";

export interface AwsPrivateBucketTransform {
  readonly bucket?: Transform<S3BucketConfig>;
  readonly publicAccessBlock?: Transform<S3BucketPublicAccessBlockConfig>;
  readonly ownershipControls?: Transform<S3BucketOwnershipControlsConfig>;
  readonly versioning?: Transform<S3BucketVersioningAConfig>;
  readonly encryption?: Transform<S3BucketServerSideEncryptionConfigurationAConfig>;
  readonly lifecycle?: Transform<S3BucketLifecycleConfigurationConfig>;
  readonly logging?: Transform<S3BucketLoggingAConfig>;
  readonly policy?: Transform<S3BucketPolicyConfig>;
}

export interface AwsPrivateBucketProps {
  readonly bucketName: string;
  /**
   * ARN of the key that encrypts it.
   *
   * @default - S3's own key, which S3 needs for the buckets it writes access logs to
   */
  readonly kmsKeyArn?: string;
  /** Statements of the bucket's policy beside those that demand TLS. `bucketArn` is the bucket's own. */
  readonly statements?: (bucketArn: string) => readonly PolicyStatement[];
  /** When objects and their versions go; unfinished uploads always do after 7 days. */
  readonly lifecycleRules: readonly S3BucketLifecycleConfigurationRule[];
  /**
   * Where S3 writes who reads and writes this bucket.
   *
   * @default - nowhere
   */
  readonly accessLog?: { readonly bucketName: string; readonly prefix: string };
  /**
   * Whether a writer may lock what it writes against deletion; without a retention that holds for all. It can be said only
   * when the bucket is made.
   *
   * @default false
   */
  readonly objectLock?: boolean;
  readonly transform?: AwsPrivateBucketTransform;
}

const ABORT_UPLOADS_DAYS = 7;

/**
 * A bucket for nobody but its account: no public access in any of the four ways, no ACLs, TLS from 1.2 on, encrypted,
 * versioned, protected. A teardown empties it.
 */
export class AwsPrivateBucket extends Construct {
  /** Whoever refers to it waits for the bucket's policy. */
  readonly bucketName: string;
  readonly bucketArn: string;

  constructor(scope: Construct, id: string, props: AwsPrivateBucketProps) {
    super(scope, id);
    const { kmsKeyArn, accessLog, transform } = props;
    const made = protect(
      new S3Bucket(
        this,
        "Default",
        transformed(transform?.bucket, {
          bucket: props.bucketName,
          objectLockEnabled: props.objectLock,
          forceDestroy: !isDeletionProtected(this),
        }),
      ),
    );
    const bucket = made.bucket;
    this.bucketArn = made.arn;

    const publicAccessBlock = new S3BucketPublicAccessBlock(
      this,
      "public-access-block",
      transformed(transform?.publicAccessBlock, {
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      }),
    );
    new S3BucketOwnershipControls(
      this,
      "ownership-controls",
      transformed(transform?.ownershipControls, {
        bucket,
        rule: { objectOwnership: "BucketOwnerEnforced" },
        dependsOn: [publicAccessBlock],
      }),
    );
    const versioning = new S3BucketVersioningA(
      this,
      "versioning",
      transformed(transform?.versioning, { bucket, versioningConfiguration: { status: "Enabled" } }),
    );
    new S3BucketServerSideEncryptionConfigurationA(
      this,
      "encryption",
      transformed(transform?.encryption, {
        bucket,
        rule: [
          kmsKeyArn === undefined
            ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
            : {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn },
                bucketKeyEnabled: true,
              },
        ],
      }),
    );
    new S3BucketLifecycleConfiguration(
      this,
      "lifecycle",
      transformed(transform?.lifecycle, {
        bucket,
        rule: [
          {
            id: "unfinished-uploads",
            status: "Enabled",
            filter: [{ prefix: "" }],
            abortIncompleteMultipartUpload: [{ daysAfterInitiation: ABORT_UPLOADS_DAYS }],
          },
          ...props.lifecycleRules,
        ],
        // Rules about old versions are refused before versions are kept.
        dependsOn: [versioning],
      }),
    );
    if (accessLog !== undefined) {
      new S3BucketLoggingA(
        this,
        "logging",
        transformed(transform?.logging, {
          bucket,
          targetBucket: accessLog.bucketName,
          targetPrefix: accessLog.prefix,
        }),
      );
    }
    const statements = [...tlsStatements(made.arn), ...(props.statements?.(made.arn) ?? [])];
    const policy = new S3BucketPolicy(
      this,
      "policy",
      transformed(transform?.policy, {
        bucket,
        policy: policyDocument("resource", `${this.node.path}/policy`, statements),
        // S3 refuses two changes of a bucket's access at one moment.
        dependsOn: [publicAccessBlock],
      }),
    );
    this.bucketName = policy.bucket;
  }
}

/** CIS AWS v6.0 3.1.1: no plain HTTP; and none of the versions of TLS before 1.2, which RFC 8996 deprecates. */
function tlsStatements(bucketArn: string): PolicyStatement[] {
  const everything = {
    effect: "Deny",
    principals: { aws: ["*"] },
    actions: ["s3:*"],
    resources: [bucketArn, `${bucketArn}/*`],
  } as const;
  return [
    { sid: "NeverPlainHttp", ...everything, conditions: { Bool: { "aws:SecureTransport": false } } },
    { sid: "NeverOldTls", ...everything, conditions: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
  ];
}
