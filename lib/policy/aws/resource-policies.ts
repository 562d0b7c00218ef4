import type { PolicyRule } from "../rule";
import { isEverybody, isNarrowed, statementsOf } from "./policy-document";

/** Resource policies that AWS lets open a resource to the world; endpoint policies are judged by their own rule. */
const RESOURCE_POLICIES: Record<string, string> = {
  aws_s3_bucket: "policy",
  aws_s3_bucket_policy: "policy",
  aws_sqs_queue: "policy",
  aws_sqs_queue_policy: "policy",
  aws_sns_topic: "policy",
  aws_sns_topic_policy: "policy",
  aws_secretsmanager_secret: "policy",
  aws_secretsmanager_secret_policy: "policy",
  aws_ecr_repository_policy: "policy",
  aws_efs_file_system_policy: "policy",
};

const resourcePolicy: PolicyRule = {
  id: "aws-resource-policy-everybody",
  severity: "CRITICAL",
  title: "No resource policy lets everybody in",
  why: "A principal * without a condition on account, organization or network is the whole internet.",
  fix: "name the principals, or add a condition such as aws:PrincipalOrgID or aws:SourceVpce",
  references: { trivy: ["AWS-0097"], checkov: ["CKV_AWS_70", "CKV_AWS_168", "CKV_AWS_169", "CKV_AWS_32"] },
  resourceTypes: Object.keys(RESOURCE_POLICIES),
  *check(resource, stack) {
    for (const statement of statementsOf(resource, RESOURCE_POLICIES[resource.type] ?? "policy", stack)) {
      if (statement.allows && statement.principals.some(isEverybody) && !isNarrowed(statement)) {
        yield { attribute: `${statement.path}.Principal`, given: "*" };
      }
    }
  },
};

export const resourcePolicyRules: readonly PolicyRule[] = [resourcePolicy];
