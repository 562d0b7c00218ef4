import type { PolicyRule } from "../rule";
import type { SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { UNKNOWN } from "../values";
import {
  type Condition,
  isEverybody,
  isWhollyUnknown,
  policyOf,
  type Statement,
  statementsOf,
} from "./policy-document";

const FLAGS = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

const publicAccessBlock: PolicyRule = {
  id: "aws-s3-public-access-block",
  severity: "HIGH",
  title: "A bucket blocks public access in all four ways",
  why: "One policy or ACL written in haste makes a bucket public; the block makes that impossible.",
  fix: `add an aws_s3_bucket_public_access_block for the bucket with ${FLAGS.join(", ")} = true`,
  references: {
    trivy: ["AWS-0086", "AWS-0087", "AWS-0091", "AWS-0093", "AWS-0094"],
    checkov: ["CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6"],
    cis: ["AWS v6.0 3.1.4"],
  },
  resourceTypes: ["aws_s3_bucket", "aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"],
  *check(resource, stack) {
    if (resource.type === "aws_s3_bucket") {
      if (satellites(resource, "aws_s3_bucket_public_access_block", stack).length === 0) {
        yield { attribute: "aws_s3_bucket_public_access_block" };
      }
      return;
    }
    for (const flag of FLAGS) {
      const value = resource.boolean(flag);
      if (value !== true && value !== UNKNOWN) {
        yield { attribute: flag, given: resource.value(flag), fix: `set ${flag} = true` };
      }
    }
  },
};

const PUBLIC_ACLS = ["public-read", "public-read-write", "authenticated-read"];
const PUBLIC_GROUP = /\/(AllUsers|AuthenticatedUsers)$/;

const publicAcl: PolicyRule = {
  id: "aws-s3-public-acl",
  severity: "HIGH",
  title: "No ACL opens a bucket to everybody, or to everybody with an AWS account",
  why: "Whoever is in these groups reads or writes the objects; authenticated means any AWS account of the world.",
  fix: "remove the ACL and give access by a bucket policy",
  references: { trivy: ["AWS-0092"], checkov: ["CKV_AWS_20", "CKV_AWS_57"] },
  resourceTypes: ["aws_s3_bucket", "aws_s3_bucket_acl"],
  *check(resource) {
    const acl = resource.text("acl");
    if (typeof acl === "string" && PUBLIC_ACLS.includes(acl)) yield { attribute: "acl", given: acl };
    const granted = resource.blocks("access_control_policy").flatMap((policy) => policy.blocks("grant"));
    for (const grant of [...granted, ...resource.blocks("grant")]) {
      for (const holder of [grant, ...grant.blocks("grantee")]) {
        const uri = holder.text("uri");
        if (typeof uri === "string" && PUBLIC_GROUP.test(uri)) yield { attribute: holder.at("uri"), given: uri };
      }
    }
  },
};

const tlsOnly: PolicyRule = {
  id: "aws-s3-tls-only",
  severity: "MEDIUM",
  title: "A bucket's policy denies requests without TLS",
  why: "S3 answers plain HTTP too; objects and signed requests can then be read on the way.",
  fix: 'deny s3:* on the bucket and its objects to "*" with the condition Bool aws:SecureTransport = "false"',
  references: { cis: ["AWS v6.0 3.1.1"] },
  resourceTypes: ["aws_s3_bucket"],
  *check(bucket, stack) {
    const policies = satellites(bucket, "aws_s3_bucket_policy", stack);
    const documents = [bucket, ...policies].map((resource) => policyOf(resource, "policy", stack));
    if (documents.some((document) => document?.isWhole === false)) return;
    if (documents.some((document) => document?.statements.some(deniesPlainHttp))) return;
    yield policies.length === 0
      ? { attribute: "aws_s3_bucket_policy" }
      : { attribute: `${policies[0]?.address}.policy`, given: "no statement that denies it" };
  },
};

const BUCKET_ARN = /^\$\{aws_s3_bucket\.[\w-]+(?:\[[^\]]*\])?\.arn\}$/;

/** Whether a statement denies it, as far as is known. */
function deniesPlainHttp(statement: Statement): boolean {
  const { actions, resources, principals, conditions } = statement;
  return (
    !statement.allows &&
    principals.some(
      (principal) => isEverybody(principal) || isWhollyUnknown(principal.id) || isWhollyUnknown(principal.type),
    ) &&
    actions.some((action) => action === "s3:*" || action === "*" || isWhollyUnknown(action)) &&
    // The bucket itself, and its objects.
    resources.some((resource) => !resource.endsWith("/*")) &&
    resources.some((resource) => resource.endsWith("*") || (isWhollyUnknown(resource) && !BUCKET_ARN.test(resource))) &&
    (statement.hasUnknownConditions || (conditions.length === 1 && conditions.every(isPlainHttp)))
  );
}

function isPlainHttp({ test, variable, values }: Condition): boolean {
  return (
    (/^Bool(IfExists)?$/.test(test) || isWhollyUnknown(test)) &&
    variable.toLowerCase() === "aws:securetransport" &&
    values.some((value) => value === "false" || isWhollyUnknown(value))
  );
}

/** The resources of a type that configure a bucket. */
export function satellites(bucket: SynthesizedResource, type: string, stack: SynthesizedStack): SynthesizedResource[] {
  return stack.pointingAt(bucket, type, "bucket", "bucket");
}

/**
 * Whether S3 writes access logs into a bucket. Such a bucket cannot use a KMS key of its own for them, nor be asked to
 * log its own log: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
 */
export function isLogBucket(bucket: SynthesizedResource, stack: SynthesizedStack): boolean {
  if (stack.pointingAt(bucket, "aws_s3_bucket_logging", "target_bucket", "bucket").length > 0) return true;
  return [bucket, ...satellites(bucket, "aws_s3_bucket_policy", stack)]
    .flatMap((resource) => statementsOf(resource, "policy", stack))
    .some(({ allows, principals }) => allows && principals.some(({ id }) => id === "logging.s3.amazonaws.com"));
}

export const s3AccessRules: readonly PolicyRule[] = [publicAccessBlock, publicAcl, tlsOnly];
