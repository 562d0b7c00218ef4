import type { PolicyRule } from "../rule";
import { settingRule } from "../setting";
import type { SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const BUCKET = "google_storage_bucket";

const publicAccess = settingRule({
  id: "gcp-bucket-public-access-prevention",
  severity: "HIGH",
  title: "A bucket cannot be made public",
  why: "One binding written in haste makes a bucket public; enforced prevention makes that impossible.",
  fix: 'set public_access_prevention = "enforced"',
  references: { trivy: ["GCP-0001"], checkov: ["CKV_GCP_114"], cis: ["GCP v5.0 5.1"] },
  types: [BUCKET],
  path: "public_access_prevention",
  right: ["enforced"],
});

const uniformAccess = settingRule({
  id: "gcp-bucket-uniform-access",
  severity: "MEDIUM",
  title: "A bucket asks IAM alone who may do what",
  why: "An ACL on one object opens it past every binding, and is in no review.",
  fix: "set uniform_bucket_level_access = true",
  references: { trivy: ["GCP-0002"], checkov: ["CKV_GCP_29"], cis: ["GCP v5.0 5.2"] },
  types: [BUCKET],
  path: "uniform_bucket_level_access",
  right: [true],
});

const versioning = settingRule({
  id: "gcp-bucket-versioning",
  severity: "MEDIUM",
  title: "A bucket keeps the versions of its objects",
  why: "What is overwritten or deleted by mistake (a state, a snapshot) is otherwise gone.",
  fix: "add versioning with enabled = true",
  references: { trivy: ["GCP-0078"], checkov: ["CKV_GCP_78"] },
  types: [BUCKET],
  path: "versioning.enabled",
  right: [true],
});

/** The bucket that a reference leads to, also by way of what configures it (`google_storage_bucket_iam_member.x.bucket`). */
function bucketsOf(referred: SynthesizedResource, hops = 10): SynthesizedResource[] {
  if (referred.type === BUCKET) return [referred];
  // What configures a bucket may name another such, and in a broken stack each other in a ring.
  if (!referred.type.startsWith(BUCKET) || hops === 0) return [];
  return referred.references("bucket").flatMap((next) => bucketsOf(next, hops - 1));
}

/** Whether a bucket's access log goes, or may go, to another one. */
function logsTo(bucket: SynthesizedResource, target: SynthesizedResource): boolean {
  const name = target.text("name");
  return bucket.blocks("logging").some((logging) => {
    const written = logging.value("log_bucket");
    const isReferred = bucket.referencesIn(written).some((referred) => bucketsOf(referred).includes(target));
    return logging.isUnknown || isReferred || (typeof name === "string" && written === name);
  });
}

function isLogBucket(bucket: SynthesizedResource, stack: SynthesizedStack): boolean {
  return stack.ofType(BUCKET).some((other) => logsTo(other, bucket));
}

const customerKey: PolicyRule = {
  id: "gcp-bucket-key",
  severity: "LOW",
  title: "A bucket is encrypted with a Cloud KMS key of the customer's own",
  why: "With Google's own key nobody can say who may decrypt, see who did, or stop it.",
  fix: "set encryption.default_kms_key_name",
  references: { trivy: ["GCP-0066"], url: "https://cloud.google.com/storage/docs/encryption/customer-managed-keys" },
  resourceTypes: [BUCKET],
  *check(bucket, stack) {
    // Cloud Storage writes usage logs with its own key only.
    if (isLogBucket(bucket, stack)) return;
    const encryption = bucket.block("encryption");
    if (!encryption?.isUnknown && !encryption?.has("default_kms_key_name")) {
      yield { attribute: "encryption.default_kms_key_name" };
    }
  },
};

const accessLogging: PolicyRule = {
  id: "gcp-bucket-access-logging",
  severity: "LOW",
  title: "A bucket logs who reads and writes it",
  why: "Without it nobody can say afterwards who took what.",
  fix: "add logging with a log bucket, or a google_project_iam_audit_config of storage.googleapis.com with DATA_READ and DATA_WRITE",
  references: { trivy: ["GCP-0077"], checkov: ["CKV_GCP_62"] },
  resourceTypes: [BUCKET],
  *check(bucket, stack) {
    if (
      bucket.blocks("logging").length > 0 ||
      auditsStorage(stack) ||
      stack.ofType(BUCKET).some((other) => logsTo(other, bucket))
    )
      return;
    yield { attribute: "logging" };
  },
};

/** Whether Cloud Audit Logs hold every reading and writing of objects in the project. */
function auditsStorage(stack: SynthesizedStack): boolean {
  return stack.ofType("google_project_iam_audit_config").some((audit) => {
    const service = audit.text("service");
    if (service !== UNKNOWN && service !== "storage.googleapis.com" && service !== "allServices") return false;
    const types = audit.blocks("audit_log_config").map((config) => config.text("log_type"));
    return ["DATA_READ", "DATA_WRITE"].every((type) => types.includes(type) || types.includes(UNKNOWN));
  });
}

const selfLogging: PolicyRule = {
  id: "gcp-bucket-self-logging",
  severity: "LOW",
  title: "A bucket does not log to itself",
  why: "Each log is then an access, which is logged again, without end.",
  fix: "log to another bucket",
  references: { checkov: ["CKV_GCP_63"] },
  resourceTypes: [BUCKET],
  *check(bucket) {
    for (const logging of bucket.blocks("logging")) {
      if (!logging.isUnknown && logsTo(bucket, bucket)) {
        yield { attribute: logging.at("log_bucket"), given: logging.value("log_bucket") };
      }
    }
  },
};

export const storageRules: readonly PolicyRule[] = [
  publicAccess,
  uniformAccess,
  versioning,
  customerKey,
  accessLogging,
  selfLogging,
];
