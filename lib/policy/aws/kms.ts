import type { PolicyRule } from "../rule";
import { UNKNOWN } from "../values";
import { isEverybody, isNarrowed, statementsOf } from "./policy-document";

const rotation: PolicyRule = {
  id: "aws-kms-rotation",
  severity: "MEDIUM",
  title: "A symmetric KMS key rotates every year",
  why: "A key that never changes protects more and more data with one secret.",
  fix: "set enable_key_rotation = true",
  references: { trivy: ["AWS-0065"], checkov: ["CKV_AWS_7"], cis: ["AWS v5.0 3.6"] },
  resourceTypes: ["aws_kms_key"],
  *check(key) {
    // AWS rotates no asymmetric, HMAC or custom-store key.
    const usage = key.text("key_usage") ?? "ENCRYPT_DECRYPT";
    const spec = key.text("customer_master_key_spec") ?? "SYMMETRIC_DEFAULT";
    if (usage !== "ENCRYPT_DECRYPT" || spec !== "SYMMETRIC_DEFAULT" || key.has("custom_key_store_id")) return;
    const rotates = key.boolean("enable_key_rotation");
    if (rotates !== true && rotates !== UNKNOWN) {
      yield { attribute: "enable_key_rotation", given: key.value("enable_key_rotation") };
    }
  },
};

const enabled: PolicyRule = {
  id: "aws-kms-enabled",
  severity: "LOW",
  title: "A KMS key is enabled",
  why: "What a disabled key protects cannot be read: a sealed Vault stays sealed.",
  fix: "remove is_enabled, or the key",
  references: { checkov: ["CKV_AWS_227"] },
  resourceTypes: ["aws_kms_key"],
  *check(key) {
    if (key.boolean("is_enabled") === false) yield { attribute: "is_enabled", given: false };
  },
};

const explicitPolicy: PolicyRule = {
  id: "aws-kms-explicit-policy",
  severity: "MEDIUM",
  title: "A KMS key has a policy of its own",
  why: "AWS's default policy lets every IAM policy of the account give the key away.",
  fix: "set policy, or add an aws_kms_key_policy for the key",
  references: { checkov: ["CKV2_AWS_64"] },
  resourceTypes: ["aws_kms_key"],
  *check(key, stack) {
    if (key.has("policy") || stack.pointingAt(key, "aws_kms_key_policy", "key_id").length > 0) return;
    yield { attribute: "policy" };
  },
};

const principal: PolicyRule = {
  id: "aws-kms-policy-everybody",
  severity: "HIGH",
  title: "No key policy lets everybody use the key",
  why: "A principal * without a condition on account or organization is every AWS account of the world.",
  fix: "name the principals, or add a condition such as kms:CallerAccount",
  references: { checkov: ["CKV_AWS_33"] },
  resourceTypes: ["aws_kms_key", "aws_kms_key_policy", "aws_kms_external_key", "aws_kms_replica_key"],
  *check(key, stack) {
    for (const statement of statementsOf(key, "policy", stack)) {
      if (statement.allows && statement.principals.some(isEverybody) && !isNarrowed(statement)) {
        yield { attribute: `${statement.path}.Principal`, given: "*" };
      }
    }
  },
};

export const kmsRules: readonly PolicyRule[] = [rotation, enabled, explicitPolicy, principal];
