import type { PolicyRule } from "../rule";
import type { SynthesizedBlock } from "../synthesized-stack";
import { UNKNOWN } from "../values";
import { isLogBucket, satellites } from "./s3-access";

const encryption: PolicyRule = {
  id: "aws-s3-encryption",
  severity: "HIGH",
  title: "A bucket encrypts with a KMS key of the customer's own",
  why: "With S3's own key whoever may read the bucket may read the data; a KMS key is a second permission, with a log.",
  fix: "add an aws_s3_bucket_server_side_encryption_configuration with sse_algorithm aws:kms and kms_master_key_id",
  references: { trivy: ["AWS-0088", "AWS-0132"], checkov: ["CKV_AWS_19", "CKV_AWS_145"] },
  resourceTypes: ["aws_s3_bucket"],
  *check(bucket, stack) {
    if (isLogBucket(bucket, stack)) return;
    const type = "aws_s3_bucket_server_side_encryption_configuration";
    const configurations = [
      ...bucket.blocks("server_side_encryption_configuration").map((block) => ({ block, prefix: "" })),
      ...satellites(bucket, type, stack).map((block) => ({ block, prefix: `${block.address}.` })),
    ];
    if (configurations.length === 0) yield { attribute: type };
    for (const { block, prefix } of configurations) {
      const defaults = block.blocks("rule").flatMap((rule) => rule.blocks("apply_server_side_encryption_by_default"));
      if (defaults.length === 0) yield { attribute: `${prefix}${block.at("rule")}` };
      for (const inner of defaults) {
        const algorithm = inner.text("sse_algorithm");
        if (algorithm !== UNKNOWN && algorithm !== "aws:kms" && algorithm !== "aws:kms:dsse") {
          yield { attribute: `${prefix}${inner.at("sse_algorithm")}`, given: algorithm };
        } else if (!inner.has("kms_master_key_id")) {
          yield { attribute: `${prefix}${inner.at("kms_master_key_id")}` };
        }
      }
    }
  },
};

const versioning: PolicyRule = {
  id: "aws-s3-versioning",
  severity: "MEDIUM",
  title: "A bucket keeps the versions of its objects",
  why: "What is overwritten or deleted by mistake (a state, a snapshot) is otherwise gone.",
  fix: 'add an aws_s3_bucket_versioning for the bucket with status "Enabled"',
  references: { trivy: ["AWS-0090"], checkov: ["CKV_AWS_21"] },
  resourceTypes: ["aws_s3_bucket"],
  *check(bucket, stack) {
    const inline = bucket.blocks("versioning").map((block) => block.boolean("enabled"));
    if (inline.some((enabled) => enabled === true || enabled === UNKNOWN)) return;
    const configured = satellites(bucket, "aws_s3_bucket_versioning", stack);
    if (configured.length === 0) yield { attribute: "aws_s3_bucket_versioning" };
    for (const versions of configured) {
      const status = versions.block("versioning_configuration")?.text("status");
      if (status !== "Enabled" && status !== UNKNOWN) {
        yield { attribute: `${versions.address}.versioning_configuration.status`, given: status };
      }
    }
  },
};

const accessLogging: PolicyRule = {
  id: "aws-s3-access-logging",
  severity: "LOW",
  title: "A bucket logs who reads and writes it",
  why: "Without it nobody can say afterwards who took what.",
  fix: "add an aws_s3_bucket_logging for the bucket, with a log bucket as its target",
  references: { trivy: ["AWS-0089"], checkov: ["CKV_AWS_18"], cis: ["AWS v5.0 3.8", "AWS v5.0 3.9"] },
  resourceTypes: ["aws_s3_bucket"],
  *check(bucket, stack) {
    if (isLogBucket(bucket, stack) || bucket.blocks("logging").length > 0) return;
    if (satellites(bucket, "aws_s3_bucket_logging", stack).length === 0) yield { attribute: "aws_s3_bucket_logging" };
  },
};

const lifecycle: PolicyRule = {
  id: "aws-s3-lifecycle",
  severity: "LOW",
  title: "A bucket has a lifecycle",
  why: "Old versions and logs pile up without end, and cost as much.",
  fix: "add an aws_s3_bucket_lifecycle_configuration for the bucket, with an enabled rule",
  references: { checkov: ["CKV2_AWS_61"] },
  resourceTypes: ["aws_s3_bucket"],
  *check(bucket, stack) {
    if (bucket.blocks("lifecycle_rule").length > 0) return;
    const configured = satellites(bucket, "aws_s3_bucket_lifecycle_configuration", stack);
    if (!configured.some((configuration) => configuration.blocks("rule").some(isEnabled))) {
      yield { attribute: "aws_s3_bucket_lifecycle_configuration" };
    }
  },
};

const abortMultipart: PolicyRule = {
  id: "aws-s3-abort-multipart",
  severity: "LOW",
  title: "A bucket's lifecycle ends uploads that were never finished",
  why: "Parts of broken uploads are not listed as objects, stay for ever and are paid for.",
  fix: "add abort_incomplete_multipart_upload to an enabled rule of the bucket's lifecycle",
  references: { checkov: ["CKV_AWS_300"] },
  resourceTypes: ["aws_s3_bucket_lifecycle_configuration"],
  *check(configuration) {
    const rules = configuration.blocks("rule").filter(isEnabled);
    if (!rules.some((rule) => rule.blocks("abort_incomplete_multipart_upload").length > 0)) {
      yield { attribute: "rule.abort_incomplete_multipart_upload" };
    }
  },
};

function isEnabled(rule: SynthesizedBlock): boolean {
  const status = rule.text("status");
  return status === "Enabled" || status === UNKNOWN;
}

export const s3DataRules: readonly PolicyRule[] = [encryption, versioning, accessLogging, lifecycle, abortMultipart];
