import type { PolicyRule, Violation } from "../rule";
import type { SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { isUnknown } from "../values";
import { actionMatches, needsResource } from "./iam-actions";
import { isEverything, type Statement, statementsOf } from "./policy-document";

/** Resources that give permissions to identities. */
const IDENTITY_POLICIES = [
  "aws_iam_policy",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_user_policy",
  "aws_iam_group_policy",
  "aws_ssoadmin_permission_set_inline_policy",
];

/** The statements of an identity's policy that allow something. */
function allowed(resource: SynthesizedResource, stack: SynthesizedStack): Statement[] {
  const holders =
    resource.type === "aws_iam_role"
      ? resource.blocks("inline_policy").map((block) => ({ block, attribute: "policy" }))
      : [
          { block: resource, attribute: "policy" },
          { block: resource, attribute: "inline_policy" },
        ];
  return holders
    .flatMap(({ block, attribute }) => statementsOf(block, attribute, stack))
    .filter((statement) => statement.allows);
}

/** A rule over single statements: what it says is wrong with one, with the attribute's name below the statement. */
function statementRule(
  parts: Omit<PolicyRule, "resourceTypes" | "check">,
  judge: (statement: Statement) => Violation | undefined,
): PolicyRule {
  return {
    ...parts,
    resourceTypes: IDENTITY_POLICIES,
    *check(resource, stack) {
      for (const statement of allowed(resource, stack)) {
        const violation = judge(statement);
        if (violation !== undefined) yield { ...violation, attribute: `${statement.path}.${violation.attribute}` };
      }
    },
  };
}

const isEveryAction = (action: string) => /^\*+(:\*+)?$/.test(action);

const noAdministrator = statementRule(
  {
    id: "aws-iam-every-action",
    severity: "CRITICAL",
    title: "No policy allows every action",
    why: "Whoever gets hold of such an identity owns the account.",
    fix: "list the actions that are needed",
    references: {
      checkov: ["CKV_AWS_1", "CKV_AWS_49", "CKV_AWS_62", "CKV_AWS_63", "CKV_AWS_275", "CKV2_AWS_40"],
      cis: ["AWS v6.0 2.15"],
    },
  },
  ({ actions, allActionsBut, resources }) => {
    if (actions.some(isEveryAction)) return { attribute: "Action", given: "*" };
    // NotAction on named resources is a common way to write "all but delete" of one bucket.
    return allActionsBut && resources.some(isEverything)
      ? { attribute: "NotAction", given: "every action but some" }
      : undefined;
  },
);

const s3Wildcard = statementRule(
  {
    id: "aws-iam-s3-wildcard",
    severity: "HIGH",
    title: "No policy allows every action of S3",
    why: "s3:* holds the right to open the bucket to the world and to delete it with all its versions.",
    fix: "list the actions that are needed, such as s3:GetObject and s3:PutObject",
    references: { trivy: ["AWS-0345"] },
  },
  ({ actions }) => {
    const wide = actions.find((action) => /^s3:\*+$/i.test(action));
    return wide === undefined ? undefined : { attribute: "Action", given: wide };
  },
);

const serviceWildcard = statementRule(
  {
    id: "aws-iam-service-wildcard",
    severity: "HIGH",
    title: "No policy allows every action of a service on every resource",
    why: "It holds actions that nobody thought of, among them those that AWS adds later.",
    fix: "list the actions that are needed, or the resources",
    references: { checkov: ["CKV_AWS_107", "CKV_AWS_109", "CKV_AWS_110"] },
  },
  ({ actions, resources }) => {
    if (!resources.some(isEverything)) return undefined;
    const wide = actions.find((action) => /^[a-z0-9-]+:\*+$/i.test(action) && !/^s3:/i.test(action));
    return wide === undefined ? undefined : { attribute: "Action", given: wide };
  },
);

const writeEverywhere = statementRule(
  {
    id: "aws-iam-unconstrained-write",
    severity: "HIGH",
    title: "No policy allows writing, or reading data, on every resource without a condition",
    why: "One identity of one application can then change or read what belongs to all others.",
    fix: "name the resources, or add a condition such as aws:ResourceTag",
    references: { trivy: ["AWS-0346"], checkov: ["CKV_AWS_108", "CKV_AWS_111", "CKV_AWS_355", "CKV_AWS_356"] },
  },
  ({ actions, resources, conditions, hasUnknownConditions }) => {
    if (!resources.some(isEverything) || conditions.length > 0 || hasUnknownConditions) return undefined;
    const wide = actions.filter((action) => !isUnknown(action) && !isEveryAction(action) && needsResource(action));
    return wide.length === 0 ? undefined : { attribute: "Resource", given: `* for ${wide.join(", ")}` };
  },
);

const passRole = statementRule(
  {
    id: "aws-iam-pass-role",
    severity: "MEDIUM",
    title: "iam:PassRole is allowed for named roles only",
    why: "Who may pass any role to a machine of their own has the rights of the mightiest role.",
    fix: "name the roles in Resource",
    references: { trivy: ["AWS-0342"], checkov: ["CKV_AWS_110"] },
  },
  ({ actions, resources }) => {
    const passes = actions.find((action) => !isEveryAction(action) && actionMatches(action, "iam:PassRole"));
    const wide = resources.find((resource) => isEverything(resource) || /:role\/\*+$/.test(resource));
    return passes === undefined || wide === undefined ? undefined : { attribute: "Resource", given: wide };
  },
);

/** AWS's own policies that make an identity the account's owner, at once or in one step. */
const ADMINISTRATORS = /:policy\/(AdministratorAccess|IAMFullAccess|PowerUserAccess)$/;

const administratorPolicy: PolicyRule = {
  id: "aws-iam-administrator-policy",
  severity: "HIGH",
  title: "None of AWS's administrator policies is attached",
  why: "They allow everything, or the right to give oneself everything.",
  fix: "attach a policy that lists what is needed",
  references: { checkov: ["CKV_AWS_274", "CKV2_AWS_56"] },
  resourceTypes: [
    "aws_iam_role_policy_attachment",
    "aws_iam_user_policy_attachment",
    "aws_iam_group_policy_attachment",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_role",
    "aws_ssoadmin_managed_policy_attachment",
  ],
  *check(resource) {
    for (const attribute of ["policy_arn", "policy_arns", "managed_policy_arns", "managed_policy_arn"]) {
      for (const arn of resource.texts(attribute)) {
        if (typeof arn === "string" && ADMINISTRATORS.test(arn)) yield { attribute, given: arn };
      }
    }
  },
};

const users: PolicyRule = {
  id: "aws-iam-no-users",
  severity: "HIGH",
  title: "No IAM users, access keys or console passwords",
  why: "Their keys do not expire, lie on disks and in Terraform's state, and are what leaks most.",
  fix: "let people sign in through the company's identity provider, and machines through roles",
  references: { trivy: ["AWS-0143"], checkov: ["CKV_AWS_273"] },
  resourceTypes: ["aws_iam_user", "aws_iam_access_key", "aws_iam_user_login_profile"],
  *check(user) {
    const attribute = user.type === "aws_iam_user" ? "name" : "user";
    yield { attribute, given: user.value(attribute) };
  },
};

export const iamPolicyRules: readonly PolicyRule[] = [
  noAdministrator,
  s3Wildcard,
  serviceWildcard,
  writeEverywhere,
  passRole,
  administratorPolicy,
  users,
];
