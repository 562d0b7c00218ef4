import { KmsKeyRing, type KmsKeyRingConfig } from "@cdktf/provider-google/lib/kms-key-ring";
import { Construct } from "constructs";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { GcpKey, type GcpKeyTransform } from "./key";
import { logLifecycle, USAGE_LOGS } from "./log-bucket";
import { bucketName, resourceName } from "./names";
import type { GcpPlace } from "./place";
import { GcpPrivateBucket, type GcpPrivateBucketTransform } from "./private-bucket";
import { GcpServiceAgents } from "./service-agents";

export interface GcpStateBucketProps extends GcpPlace {
  readonly bucketName: string;
  readonly keyRingName?: string;
  readonly keepVersionsDays: number;
  readonly keepLogsDays: number;
  readonly transform?: GcpStateBucketTransform;
}

export interface GcpStateBucketTransform {
  readonly keyRing?: Transform<KmsKeyRingConfig>;
  readonly key?: GcpKeyTransform;
  readonly bucket?: GcpPrivateBucketTransform;
  readonly logBucket?: GcpPrivateBucketTransform;
}

const KEEP_PLANS_DAYS = 14;
/** As long as Cloud Storage offers. */
const SOFT_DELETE_DAYS = 90;

/**
 * The bucket of an environment's Terraform state with its key, in a ring of their own that the deployer has no right to, and the
 * bucket that logs who reads and writes it. Owners and editors of the project, who set it up, keep Google's own grant on it;
 * viewers do not.
 */
export class GcpStateBucket extends Construct {
  readonly bucket: GcpPrivateBucket;

  constructor(scope: Construct, id: string, props: GcpStateBucketProps) {
    super(scope, id);
    const { environment, project, region, transform } = props;
    const place = { environment, project, region };
    const ring = protect(
      new KmsKeyRing(
        this,
        "key-ring",
        transformed(transform?.keyRing, {
          project,
          location: region,
          name: props.keyRingName ?? resourceName(environment, "state"),
        }),
      ),
    );
    const key = new GcpKey(this, "key", {
      keyRingId: ring.id,
      purpose: "state",
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      users: { storage: new GcpServiceAgents(this, "service-agents", place).member("storage") },
      transform: transform?.key,
    });
    const log = new GcpPrivateBucket(this, "log", {
      ...{ project, region },
      bucketName: bucketName(place, "state-log"),
      kmsKeyName: key.keyName,
      softDeleteDays: 7,
      lifecycleRules: logLifecycle(props.keepLogsDays),
      transform: transform?.logBucket,
    });
    log.allow("usage-logs", "roles/storage.objectCreator", USAGE_LOGS);
    this.bucket = new GcpPrivateBucket(this, "Default", {
      ...{ project, region },
      bucketName: props.bucketName,
      kmsKeyName: key.keyName,
      softDeleteDays: SOFT_DELETE_DAYS,
      withoutRoles: ["legacyObjectReader"],
      accessLog: { bucketName: log.bucketName, prefix: "state" },
      lifecycleRules: [
        { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: props.keepVersionsDays } },
        {
          action: { type: "Delete" },
          condition: { age: KEEP_PLANS_DAYS, matchesPrefix: ["plans/"], withState: "LIVE" },
        },
      ],
      transform: transform?.bucket,
    });
  }
}
