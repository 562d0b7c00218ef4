import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { integer, text } from "../../core/rules";
import { CLUSTER_OBJECTS, LIBRARY_OBJECTS } from "../cluster-objects";
import { customRoleName, type GcpNodeRoleName } from "./custom-roles";
import { type GcpCondition, objectsCondition } from "./grant";
import { clusterBucketName } from "./names";
import type { GcpNodeAccount } from "./node-account";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { GcpPrivateBucket, type GcpPrivateBucketTransform } from "./private-bucket";
import { cryptoKeyName } from "./rules";

export interface GcpClusterBucketProps extends GcpPlace {
  /** Full name of the key that encrypts it: the environment's data key. */
  readonly kmsKeyName: string;
  /** Accounts of the servers, by their groups: only their nodes read the cluster's document, and write in the bucket. */
  readonly servers: Readonly<Record<string, GcpNodeAccount>>;
  /** Where Cloud Storage writes who reads and writes it; `GcpLogBucket` makes one. */
  readonly accessLog: { readonly bucketName: string; readonly prefix: string };
  /**
   * How many days what was overwritten or deleted can be restored, 14 to 90: what Cloud Storage's soft delete offers. Servers
   * can delete a snapshot and its versions but nothing of what is soft-deleted, so that this is how long a snapshot outlives who
   * breaks into a server.
   *
   * @default 30
   */
  readonly keepVersionsDays?: number;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpPrivateBucketTransform;
}

/** For so long a version is at hand without being restored. */
const VERSIONS_AT_HAND_DAYS = 7;

/** By which mark servers know which value of a secret they have written: each write of Secret Manager's is a new version. */
const MARKS = "written/*";

/** What is written once and then stays: births, and those marks. */
const FINAL_OBJECTS: readonly string[] = ["born/*", MARKS];

/** What is changed as things go on: the document by a rotation, tokens, turns and claims by whoever has them. */
const CHANGING_OBJECTS: readonly string[] = CLUSTER_OBJECTS.filter((objects) => !FINAL_OBJECTS.includes(objects));

/**
 * The bucket of the cluster itself: its document (CA, gossip keys, preset tokens), births, claims and snapshots, and what has no
 * room in user data.
 *
 * Only the servers' accounts may read and write in it, each kind of object as first boot needs it; the project's editors and
 * viewers may not, but whoever has a role on all buckets of the project (`roles/storage.admin`) may. It keeps versions, and
 * takes locks: whoever writes a snapshot says until when it cannot be deleted. There is no retention that holds for all
 * objects, as births and claims must stay changeable.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpClusterBucket extends Construct {
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: GcpClusterBucketProps) {
    const check = new PropsCheck("GcpClusterBucket", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    check.required("accessLog.bucketName", props.accessLog?.bucketName, text);
    check.optional("keepVersionsDays", props.keepVersionsDays, integer(14, 90, "days"));
    if (Object.keys(props.servers).length === 0) {
      check.add({ property: "servers", given: {}, allowed: "one account or more", fix: "give those of the servers" });
    }
    check.done();
    super(scope, id);
    const name = clusterBucketName(props);
    const bucket = new GcpPrivateBucket(this, "Default", {
      project: props.project,
      region: props.region,
      bucketName: name,
      kmsKeyName: props.kmsKeyName,
      softDeleteDays: props.keepVersionsDays ?? 30,
      objectRetention: true,
      accessLog: props.accessLog,
      lifecycleRules: [
        { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: VERSIONS_AT_HAND_DAYS } },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
      ],
      transform: props.transform,
    });
    this.bucketName = bucket.bucketName;
    const at = (title: string, ...objects: readonly string[]) => ({
      title,
      expression: objectsCondition(name, objects),
    });
    const all = at("The cluster's objects and the library", ...CLUSTER_OBJECTS, MARKS, LIBRARY_OBJECTS);
    for (const [group, { member }] of Object.entries(props.servers)) {
      const allow = (verb: string, role: GcpNodeRoleName, condition?: GcpCondition) =>
        bucket.allow(`${group}-${verb}`, customRoleName(props, role), member, condition);
      allow("list", "listObjects");
      allow("read", "readObjects", all);
      allow("create", "createObjects", at("What is written once", ...FINAL_OBJECTS));
      allow("replace", "replaceObjects", at("What changes", ...CHANGING_OBJECTS));
      allow("lock", "lockObjects", at("Snapshots", "snapshots/*"));
    }
  }
}
