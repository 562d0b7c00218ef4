import type { PolicyRule } from "../rule";
import { isUnknown } from "../values";
import { actionMatches } from "./iam-actions";
import { type Condition, isEverybody, isNarrowed, type Statement, statementsOf } from "./policy-document";

const anybody: PolicyRule = {
  id: "aws-iam-trust-everybody",
  severity: "CRITICAL",
  title: "No role can be assumed by everybody",
  why: "A principal * without a condition on account or organization is every AWS account of the world.",
  fix: "name the principals that may assume the role",
  references: { checkov: ["CKV_AWS_60", "CKV_AWS_61", "CKV_AWS_283"] },
  resourceTypes: ["aws_iam_role"],
  *check(role, stack) {
    for (const statement of statementsOf(role, "assume_role_policy", stack)) {
      if (statement.allows && statement.principals.some(isEverybody) && !isNarrowed(statement)) {
        yield { attribute: `${statement.path}.Principal`, given: "*" };
      }
    }
  },
};

const oidc: PolicyRule = {
  id: "aws-iam-oidc-claims",
  severity: "HIGH",
  title: "A role for CI trusts one audience and the subjects of one project",
  why: "The issuer signs tokens for all its users: without both claims a pipeline of a stranger assumes the role.",
  fix: 'require StringEquals on <issuer>:aud, and StringEquals or StringLike on <issuer>:sub, such as "repo:acme/platform:ref:refs/heads/main" (GitHub) or "project_path:acme/platform:ref_type:branch:ref:main" (GitLab)',
  references: { checkov: ["CKV_AWS_358", "CKV_AWS_393"] },
  resourceTypes: ["aws_iam_role"],
  *check(role, stack) {
    for (const statement of statementsOf(role, "assume_role_policy", stack).filter(isWebIdentity)) {
      if (statement.hasUnknownConditions) continue;
      const audience = claim(statement, ":aud");
      if (!audience.some(isExact)) {
        yield { attribute: `${statement.path}.Condition.aud`, given: audience[0]?.values };
      }
      const subject = claim(statement, ":sub");
      const sound = subject.some(({ test, values }) => isMatch(test) && values.length > 0 && values.every(pinsProject));
      if (!sound) yield { attribute: `${statement.path}.Condition.sub`, given: subject[0]?.values };
    }
  },
};

function isWebIdentity({ allows, actions, principals }: Statement): boolean {
  return (
    allows &&
    actions.some((action) => actionMatches(action, "sts:AssumeRoleWithWebIdentity")) &&
    principals.some(({ type }) => type === "Federated")
  );
}

/** Conditions on a claim; the issuer before it may be known to Terraform only. */
function claim({ conditions }: Statement, name: ":aud" | ":sub"): Condition[] {
  return conditions.filter(({ variable }) => variable.endsWith(name));
}

// ForAllValues holds where the claim is missing, and ...IfExists too.
const isMatch = (test: string) => /^(ForAnyValue:)?String(Equals|Like)$/.test(test);

function isExact({ test, values }: Condition): boolean {
  if (!isMatch(test) || values.length === 0) return false;
  return values.every((value) => isUnknown(value) || !hasWildcard(test, value));
}

function hasWildcard(test: string, value: string): boolean {
  return test.endsWith("Like") && /[*?]/.test(value);
}

/** GitHub may write its numeric ids into the subject (`repo:acme@1/platform@2:...`). */
const GITHUB = /^repo:[^*?/:]+\/[^*?/:]+:/;
const GITLAB = /^project_path:[^*?:]+\/[^*?:]+:/;

function pinsProject(subject: string): boolean {
  if (isUnknown(subject)) return true;
  return GITHUB.test(subject) || GITLAB.test(subject) || !/[*?]/.test(subject);
}

export const iamTrustRules: readonly PolicyRule[] = [anybody, oidc];
