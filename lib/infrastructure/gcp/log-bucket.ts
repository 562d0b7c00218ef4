import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer } from "../../core/rules";
import { logBucketName } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { GcpPrivateBucket, type GcpPrivateBucketTransform } from "./private-bucket";
import { cryptoKeyName } from "./rules";

export interface GcpLogBucketProps extends GcpPlace {
  /** Full name of the key that encrypts it: the environment's data key. */
  readonly kmsKeyName: string;
  /**
   * How many days a log is kept, 1 to 3650.
   *
   * @default 365
   */
  readonly keepLogsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpPrivateBucketTransform;
}

const CLUSTER_PREFIX = "cluster";

/** Writes usage logs: https://cloud.google.com/storage/docs/access-logs#delivery */
export const USAGE_LOGS = "group:cloud-storage-analytics@google.com";

/** What makes old logs go, and their versions a day after them. */
export function logLifecycle(keepLogsDays: number) {
  return [
    { action: { type: "Delete" }, condition: { age: keepLogsDays, withState: "LIVE" } },
    { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: 1 } },
  ];
}

/**
 * The bucket that keeps who called what of the cluster's bucket: Cloud Storage's usage logs.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpLogBucket extends Construct {
  /** For the cluster's bucket. */
  readonly clusterLog: { readonly bucketName: string; readonly prefix: string };

  constructor(scope: Construct, id: string, props: GcpLogBucketProps) {
    const check = new PropsCheck("GcpLogBucket", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    check.optional("keepLogsDays", props.keepLogsDays, integer(1, 3650, "days"));
    check.done();
    super(scope, id);
    const bucket = new GcpPrivateBucket(this, "Default", {
      project: props.project,
      region: props.region,
      bucketName: logBucketName(props),
      kmsKeyName: props.kmsKeyName,
      softDeleteDays: 7,
      lifecycleRules: logLifecycle(props.keepLogsDays ?? 365),
      transform: props.transform,
    });
    bucket.allow("usage-logs", "roles/storage.objectCreator", USAGE_LOGS);
    this.clusterLog = { bucketName: bucket.bucketName, prefix: CLUSTER_PREFIX };
  }
}
