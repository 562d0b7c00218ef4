import {
  StorageBucket,
  type StorageBucketConfig,
  type StorageBucketLifecycleRule,
} from "@cdktf/provider-google/lib/storage-bucket";
import {
  StorageBucketIamBinding,
  type StorageBucketIamBindingConfig,
} from "@cdktf/provider-google/lib/storage-bucket-iam-binding";
import {
  StorageBucketIamMember,
  type StorageBucketIamMemberConfig,
} from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { Construct } from "constructs";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import type { GcpCondition } from "./grant";
import type { GcpPlace } from "./place";

export interface GcpPrivateBucketTransform {
  readonly bucket?: Transform<StorageBucketConfig>;
  /** Laid on each of the grants on the bucket. */
  readonly member?: Transform<StorageBucketIamMemberConfig>;
  /** Laid on what takes away the grants that Google makes with a bucket. */
  readonly convenience?: Transform<StorageBucketIamBindingConfig>;
}

export interface GcpPrivateBucketProps extends Pick<GcpPlace, "project" | "region"> {
  readonly bucketName: string;
  /**
   * Full name of the key that encrypts it.
   *
   * @default - Google's own key
   */
  readonly kmsKeyName?: string;
  /** When objects and their versions go. */
  readonly lifecycleRules: readonly StorageBucketLifecycleRule[];
  /** Days for which what was deleted or overwritten for good can still be restored: 7 to 90, Cloud Storage's soft delete. */
  readonly softDeleteDays: number;
  /**
   * Where Cloud Storage writes who reads and writes this bucket.
   *
   * @default - nowhere
   */
  readonly accessLog?: { readonly bucketName: string; readonly prefix: string };
  /**
   * Whether a writer may lock what it writes against deletion. It can be said only when the bucket is made.
   *
   * @default false
   */
  readonly objectRetention?: boolean;
  /**
   * Which of the roles on objects that Google grants the project's editors, owners and viewers with every bucket are taken away
   * again.
   *
   * @default - both: who reads is decided by this library's own grants
   */
  readonly withoutRoles?: readonly GcpConvenienceRole[];
  readonly transform?: GcpPrivateBucketTransform;
}

/** What Google grants on the objects of a new bucket: to viewers the first, to editors and owners the second. */
export type GcpConvenienceRole = "legacyObjectReader" | "legacyObjectOwner";

const DAY_SECONDS = 86_400;

/**
 * A bucket for nobody but those it is granted to: never public, no ACLs, encrypted, versioned, protected. A teardown empties it.
 *
 * Google lets a project's viewers read, and its editors change, the objects of every new bucket. Those grants are taken away:
 * https://cloud.google.com/storage/docs/access-control/iam#project-level_roles_and_projects
 */
export class GcpPrivateBucket extends Construct {
  /** Whoever refers to it waits until those grants are gone. */
  readonly bucketName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpPrivateBucketProps,
  ) {
    super(scope, id);
    const { kmsKeyName, accessLog, transform } = props;
    const { name } = protect(
      new StorageBucket(
        this,
        "Default",
        transformed(transform?.bucket, {
          project: props.project,
          name: props.bucketName,
          location: props.region,
          storageClass: "STANDARD",
          uniformBucketLevelAccess: true,
          publicAccessPrevention: "enforced",
          versioning: { enabled: true },
          encryption: kmsKeyName === undefined ? undefined : { defaultKmsKeyName: kmsKeyName },
          enableObjectRetention: props.objectRetention,
          softDeletePolicy: { retentionDurationSeconds: props.softDeleteDays * DAY_SECONDS },
          lifecycleRule: [...props.lifecycleRules],
          logging:
            accessLog === undefined
              ? undefined
              : { logBucket: accessLog.bucketName, logObjectPrefix: accessLog.prefix },
          forceDestroy: !isDeletionProtected(this),
        }),
      ),
    );
    let bucketName = name;
    for (const role of props.withoutRoles ?? (["legacyObjectReader", "legacyObjectOwner"] as const)) {
      bucketName = new StorageBucketIamBinding(
        this,
        `without-${role === "legacyObjectReader" ? "readers" : "owners"}`,
        transformed(transform?.convenience, { bucket: bucketName, role: `roles/storage.${role}`, members: [] }),
      ).bucket;
    }
    this.bucketName = bucketName;
  }

  /** Grants a role on the bucket. `member` as grants name it, such as `serviceAccount:<email>`. */
  allow(id: string, role: string, member: string, condition?: GcpCondition): void {
    new StorageBucketIamMember(
      this,
      `${id}-member`,
      transformed(this.props.transform?.member, { bucket: this.bucketName, role, member, condition }),
    );
  }
}
