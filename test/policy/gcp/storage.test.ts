import { keyRules } from "../../../lib/policy/gcp/keys";
import { logRules } from "../../../lib/policy/gcp/logs";
import { secretRules } from "../../../lib/policy/gcp/secrets";
import { storageRules } from "../../../lib/policy/gcp/storage";
import { testRules } from "../rule-examples";

const bucket = (attributes: object, beside: object = {}) => ({
  resource: { google_storage_bucket: { b: attributes }, ...beside },
});
const on = (attribute: string, given: unknown) => `google_storage_bucket.b ${attribute}: ${String(given)}`;
const key = (attributes: object) => ({ resource: { google_kms_crypto_key: { k: attributes } } });
const onKey = (attribute: string, given: unknown) => `google_kms_crypto_key.k ${attribute}: ${String(given)}`;
const secret = (attributes: object) => ({ resource: { google_secret_manager_secret: { s: attributes } } });
const logBucket = (attributes: object) => ({ resource: { google_logging_project_bucket_config: { l: attributes } } });
const KEY = "${google_kms_crypto_key.k.id}";

const audit = (...types: string[]) => ({
  google_project_iam_audit_config: {
    a: { service: "storage.googleapis.com", audit_log_config: types.map((log_type) => ({ log_type })) },
  },
});

testRules([...storageRules, ...keyRules, ...logRules, ...secretRules], {
  "gcp-bucket-public-access-prevention": {
    breaks: {
      "a bucket alone": [bucket({}), on("public_access_prevention", "nothing")],
      "what the organization says": [
        bucket({ public_access_prevention: "inherited" }),
        on("public_access_prevention", '"inherited"'),
      ],
    },
    holds: { "one that enforces it": bucket({ public_access_prevention: "enforced" }) },
  },
  "gcp-bucket-uniform-access": {
    breaks: { "a bucket alone": [bucket({}), on("uniform_bucket_level_access", "nothing")] },
    holds: { "one of IAM alone": bucket({ uniform_bucket_level_access: true }) },
  },
  "gcp-bucket-versioning": {
    breaks: {
      "a bucket alone": [bucket({}), on("versioning.enabled", "nothing")],
      "versions that are off": [bucket({ versioning: { enabled: false } }), on("versioning.enabled", false)],
    },
    holds: { "one that keeps them": bucket({ versioning: { enabled: true } }) },
  },
  "gcp-bucket-key": {
    breaks: { "a bucket alone": [bucket({}), on("encryption.default_kms_key_name", "nothing")] },
    holds: { "a key of one's own": bucket({ encryption: { default_kms_key_name: KEY } }) },
    exempts: {
      "a bucket of logs, named by what configures it": {
        resource: {
          google_storage_bucket: {
            b: {
              encryption: { default_kms_key_name: KEY },
              logging: { log_bucket: "${google_storage_bucket_iam_member.w.bucket}" },
            },
            l: {},
          },
          google_storage_bucket_iam_member: { w: { bucket: "${google_storage_bucket.l.name}" } },
        },
      },
    },
  },
  "gcp-bucket-access-logging": {
    breaks: {
      "a bucket alone": [bucket({}), on("logging", "nothing")],
      "an audit of writing only": [bucket({}, audit("DATA_WRITE")), on("logging", "nothing")],
    },
    holds: {
      "one that logs": bucket({ logging: { log_bucket: "logs" } }),
      "a project whose audit logs hold it": bucket({}, audit("DATA_READ", "DATA_WRITE")),
      "a bucket of logs": {
        resource: {
          google_storage_bucket: {
            b: { name: "data", logging: { log_bucket: "${google_storage_bucket.l.name}" } },
            l: { labels: { what: "logs" } },
          },
        },
      },
    },
  },
  "gcp-bucket-self-logging": {
    breaks: {
      "by name": [bucket({ name: "data", logging: { log_bucket: "data" } }), on("logging.log_bucket", '"data"')],
      "by reference": [
        bucket({ logging: { log_bucket: "${google_storage_bucket.b.name}" } }),
        on("logging.log_bucket", '"${google_storage_bucket.b.name}"'),
      ],
    },
    holds: { "one that logs to another": bucket({ name: "data", logging: { log_bucket: "logs" } }) },
  },
  "gcp-kms-rotation": {
    breaks: {
      "a key alone": [key({}), onKey("rotation_period", "nothing")],
      "once a year": [key({ rotation_period: "31536000s" }), onKey("rotation_period", '"31536000s"')],
    },
    holds: { "every 90 days": key({ rotation_period: "7776000s" }) },
    exempts: {
      "a key that signs": key({ purpose: "ASYMMETRIC_SIGN" }),
      "an imported one": key({ import_only: true }),
    },
  },
  "gcp-kms-prevent-destroy": {
    breaks: { "a key alone": [key({}), onKey("lifecycle.prevent_destroy", "nothing")] },
    holds: {
      "a protected one": key({ lifecycle: { prevent_destroy: true } }),
      "one that is being torn down": key({ lifecycle: { prevent_destroy: false } }),
    },
  },
  "gcp-secret-key": {
    breaks: {
      "a secret alone": [
        secret({ replication: { auto: {} } }),
        "google_secret_manager_secret.s replication.auto.customer_managed_encryption: nothing",
      ],
      "one of two replicas": [
        secret({
          replication: {
            user_managed: {
              replicas: [
                { location: "europe-west3", customer_managed_encryption: { kms_key_name: KEY } },
                { location: "europe-west4" },
              ],
            },
          },
        }),
        "google_secret_manager_secret.s replication.user_managed.replicas[1].customer_managed_encryption: nothing",
      ],
      "a secret of one region": [
        { resource: { google_secret_manager_regional_secret: { s: {} } } },
        "google_secret_manager_regional_secret.s customer_managed_encryption: nothing",
      ],
    },
    holds: {
      "a key of one's own": secret({ replication: { auto: { customer_managed_encryption: { kms_key_name: KEY } } } }),
    },
  },
  "gcp-log-bucket-key": {
    breaks: {
      "a bucket alone": [logBucket({}), "google_logging_project_bucket_config.l cmek_settings.kms_key_name: nothing"],
    },
    holds: { "a key of one's own": logBucket({ cmek_settings: { kms_key_name: KEY } }) },
  },
  "gcp-pubsub-topic-key": {
    breaks: {
      "a topic alone": [
        { resource: { google_pubsub_topic: { t: {} } } },
        "google_pubsub_topic.t kms_key_name: nothing",
      ],
    },
    holds: { "a key of one's own": { resource: { google_pubsub_topic: { t: { kms_key_name: KEY } } } } },
  },
  "gcp-artifact-registry-key": {
    breaks: {
      "a repository alone": [
        { resource: { google_artifact_registry_repository: { r: {} } } },
        "google_artifact_registry_repository.r kms_key_name: nothing",
      ],
    },
    holds: {
      "a key of one's own": { resource: { google_artifact_registry_repository: { r: { kms_key_name: KEY } } } },
    },
  },
  "gcp-log-bucket-retention": {
    breaks: {
      "a bucket alone": [logBucket({}), "google_logging_project_bucket_config.l retention_days: nothing"],
      "a month": [logBucket({ retention_days: 30 }), "google_logging_project_bucket_config.l retention_days: 30"],
    },
    holds: { "a year": logBucket({ retention_days: 365 }) },
  },
  "gcp-secret-in-state": {
    breaks: {
      "a secret": [
        { resource: { google_secret_manager_secret_version: { v: { secret_data: "x" } } } },
        'google_secret_manager_secret_version.v secret_data: "a secret (not shown)"',
      ],
      "a secret in a block": [
        { resource: { google_compute_backend_service: { b: { iap: { oauth2_client_secret: "x" } } } } },
        'google_compute_backend_service.b iap.oauth2_client_secret: "a secret (not shown)"',
      ],
    },
    holds: {
      "a write-only one": { resource: { google_secret_manager_secret_version: { v: { secret_data_wo: "x" } } } },
    },
  },
});
