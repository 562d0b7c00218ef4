import type { PolicyRule, RuleReferences } from "../rule";
import { isPresent, settingRule } from "../setting";
import { UNKNOWN } from "../values";

const KEY = "google_kms_crypto_key";

/** 90 days: CIS, Trivy and Checkov alike. */
const ROTATION_SECONDS = 7_776_000;

const rotation: PolicyRule = {
  id: "gcp-kms-rotation",
  severity: "HIGH",
  title: "A symmetric Cloud KMS key rotates every 90 days at least",
  why: "A key that never changes protects more and more data with one secret.",
  fix: `set rotation_period = "${ROTATION_SECONDS}s" or less`,
  references: { trivy: ["GCP-0065"], checkov: ["CKV_GCP_43"], cis: ["GCP v5.0 1.11"] },
  resourceTypes: [KEY],
  *check(key) {
    // Cloud KMS rotates no asymmetric, MAC or imported key by itself.
    const purpose = key.text("purpose") ?? "ENCRYPT_DECRYPT";
    if (purpose !== "ENCRYPT_DECRYPT" || key.boolean("import_only") === true) return;
    const period = key.text("rotation_period");
    if (period === UNKNOWN) return;
    const seconds = Number(/^(\d+(?:\.\d+)?)s$/.exec(period ?? "")?.[1]);
    if (!(seconds <= ROTATION_SECONDS)) yield { attribute: "rotation_period", given: period };
  },
};

const preventDestroy: PolicyRule = {
  id: "gcp-kms-prevent-destroy",
  severity: "MEDIUM",
  title: "A Cloud KMS key says whether Terraform may destroy it",
  why: "A plan that replaces a key destroys its versions, and with them all that they encrypt.",
  fix: "set lifecycle.prevent_destroy = true; false is for a teardown",
  references: { checkov: ["CKV_GCP_82"] },
  resourceTypes: [KEY],
  *check(key) {
    if (key.block("lifecycle")?.boolean("prevent_destroy") === undefined) {
      yield { attribute: "lifecycle.prevent_destroy" };
    }
  },
};

interface EncryptedThing {
  readonly id: string;
  /** What is encrypted, as a phrase that begins the rule's title. */
  readonly what: string;
  readonly types: readonly string[];
  /** Where the key is named. */
  readonly path: string;
  readonly references: RuleReferences;
}

const THINGS: readonly EncryptedThing[] = [
  {
    id: "gcp-log-bucket-key",
    what: "A log bucket",
    types: ["google_logging_project_bucket_config"],
    path: "cmek_settings.kms_key_name",
    references: { url: "https://cloud.google.com/logging/docs/routing/managed-encryption-storage" },
  },
  {
    id: "gcp-pubsub-topic-key",
    what: "A topic",
    types: ["google_pubsub_topic"],
    path: "kms_key_name",
    references: { checkov: ["CKV_GCP_83"] },
  },
  {
    id: "gcp-artifact-registry-key",
    what: "A repository of images",
    types: ["google_artifact_registry_repository"],
    path: "kms_key_name",
    references: { checkov: ["CKV_GCP_84"] },
  },
];

const secretKey: PolicyRule = {
  id: "gcp-secret-key",
  severity: "LOW",
  title: "A secret is encrypted with a Cloud KMS key of the customer's own",
  why: "With Google's own key nobody can say who may decrypt, see who did, or stop it.",
  fix: "set customer_managed_encryption, in every replica of it",
  references: { url: "https://cloud.google.com/secret-manager/docs/cmek" },
  resourceTypes: ["google_secret_manager_secret", "google_secret_manager_regional_secret"],
  *check(secret) {
    const replication = secret.blocks("replication");
    const holders =
      secret.type === "google_secret_manager_regional_secret"
        ? [secret]
        : replication.flatMap((block) => [
            ...block.blocks("auto"),
            ...block.blocks("user_managed").flatMap((managed) => managed.blocks("replicas")),
          ]);
    if (holders.length === 0) yield { attribute: "replication" };
    for (const holder of holders) {
      if (!holder.isUnknown && holder.block("customer_managed_encryption") === undefined) {
        yield { attribute: holder.at("customer_managed_encryption") };
      }
    }
  },
};

export const keyRules: readonly PolicyRule[] = [
  rotation,
  preventDestroy,
  secretKey,
  ...THINGS.map(({ what, path, ...thing }) =>
    settingRule({
      ...thing,
      severity: "LOW",
      title: `${what} is encrypted with a Cloud KMS key of the customer's own`,
      why: "With Google's own key nobody can say who may decrypt, see who did, or stop it.",
      fix: `set ${path}`,
      path,
      right: isPresent,
    }),
  ),
];
