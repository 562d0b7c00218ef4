import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, text } from "../../core/rules";
import { CLUSTER_OBJECTS, LIBRARY_OBJECTS } from "../cluster-objects";
import { encryptedStatements } from "./bucket-policy";
import { clusterBucketName } from "./names";
import type { AwsNodeRole } from "./node-role";
import { type AwsPlace, regionalService } from "./place";
import { checkPlace } from "./place-check";
import type { PolicyStatement } from "./policy-document";
import { AwsPrivateBucket, type AwsPrivateBucketTransform } from "./private-bucket";
import { kmsKeyArn } from "./rules";

export interface AwsClusterBucketProps extends AwsPlace {
  /** ARN of the key that encrypts it: the environment's data key. */
  readonly kmsKeyArn: string;
  /** Roles of the servers: only their nodes read the cluster's document, and write in the bucket. */
  readonly servers: readonly AwsNodeRole[];
  /** Where S3 writes who reads and writes it; `AwsLogBucket` makes one. */
  readonly accessLog: { readonly bucketName: string; readonly prefix: string };
  /**
   * How many days a version is kept after it was overwritten or deleted, 14 to 3650. Servers can delete a snapshot but
   * none of its versions, so that this is how long a snapshot outlives who breaks into a server.
   *
   * @default 30
   */
  readonly keepVersionsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsPrivateBucketTransform;
}

/**
 * The bucket of the cluster itself: its document (CA, gossip keys, preset tokens), births, claims and snapshots, and what
 * has no room in user data.
 *
 * Its policy denies everybody but the servers' roles to read or write anything but the library, whatever their own policies
 * allow. It keeps versions, and takes locks: whoever writes a snapshot says until when it cannot be deleted (S3 Object Lock).
 * There is no retention that holds for all objects, as births and claims must stay changeable.
 *
 * The roles get what they need, but for given ones.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsClusterBucket extends Construct {
  readonly bucketName: string;
  readonly bucketArn: string;

  constructor(scope: Construct, id: string, props: AwsClusterBucketProps) {
    const check = new PropsCheck("AwsClusterBucket", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    check.required("accessLog.bucketName", props.accessLog?.bucketName, text);
    check.optional("keepVersionsDays", props.keepVersionsDays, integer(14, 3650, "days"));
    if (props.servers.length === 0) {
      check.add({ property: "servers", given: [], allowed: "one role or more", fix: "give the roles of the servers" });
    }
    check.done();
    super(scope, id);
    const roleArns = props.servers.map((role) => role.roleArn);
    const bucket = new AwsPrivateBucket(this, "Default", {
      bucketName: clusterBucketName(props),
      kmsKeyArn: props.kmsKeyArn,
      objectLock: true,
      accessLog: props.accessLog,
      lifecycleRules: [
        {
          id: "old-versions",
          status: "Enabled",
          filter: [{ prefix: "" }],
          // The last trace of a deleted object.
          expiration: [{ expiredObjectDeleteMarker: true }],
          noncurrentVersionExpiration: [{ noncurrentDays: props.keepVersionsDays ?? 30 }],
        },
      ],
      statements: (arn) => [...encryptedStatements(arn, props.kmsKeyArn), onlyServers(arn, roleArns)],
      transform: props.transform,
    });
    this.bucketName = bucket.bucketName;
    this.bucketArn = bucket.bucketArn;
    const statements = serverStatements(props, bucket.bucketArn, props.kmsKeyArn);
    for (const role of props.servers) role.allow("cluster-bucket", statements);
  }
}

/** `aws:PrincipalArn` is the role's own ARN, also for its sessions. */
function onlyServers(bucketArn: string, roleArns: readonly string[]): PolicyStatement {
  return {
    sid: "OnlyServers",
    effect: "Deny",
    principals: { aws: ["*"] },
    actions: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
    notResources: [`${bucketArn}/${LIBRARY_OBJECTS}`],
    conditions: { ArnNotEquals: { "aws:PrincipalArn": roleArns } },
  };
}

function serverStatements(place: AwsPlace, bucketArn: string, keyArn: string): PolicyStatement[] {
  const objects = (...keys: readonly string[]) => keys.map((key) => `${bucketArn}/${key}`);
  return [
    // Without it S3 answers 403 instead of 404 for what is not there.
    { sid: "List", actions: ["s3:ListBucket"], resources: [bucketArn] },
    { sid: "Read", actions: ["s3:GetObject"], resources: objects(...CLUSTER_OBJECTS, LIBRARY_OBJECTS) },
    { sid: "Write", actions: ["s3:PutObject"], resources: objects(...CLUSTER_OBJECTS) },
    {
      sid: "KeepSnapshots",
      actions: ["s3:DeleteObject", "s3:PutObjectRetention"],
      resources: objects("snapshots/*"),
    },
    { sid: "ForgetTurns", actions: ["s3:DeleteObject"], resources: objects("leaving/*") },
    {
      sid: "UseKeyForBucket",
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: [keyArn],
      conditions: {
        StringEquals: { "kms:ViaService": regionalService("s3", place) },
        // The bucket's own ARN where S3 uses a key for the bucket, the object's where a request asks otherwise.
        StringLike: { "kms:EncryptionContext:aws:s3:arn": [bucketArn, `${bucketArn}/*`] },
      },
    },
  ];
}
