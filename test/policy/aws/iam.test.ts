import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { actionMatches, needsResource } from "../../../lib/policy/aws/iam-actions";
import { iamPolicyRules } from "../../../lib/policy/aws/iam-policies";
import { iamTrustRules } from "../../../lib/policy/aws/iam-trust";
import { allow, policy, testRules } from "../rule-examples";

const identity = (...statements: object[]) => ({
  resource: { aws_iam_policy: { p: { policy: policy(...statements) } } },
});
const ACTION = "aws_iam_policy.p policy.Statement[0].Action";
const RESOURCE = "aws_iam_policy.p policy.Statement[0].Resource";

testRules(iamPolicyRules, {
  "aws-iam-every-action": {
    breaks: {
      "* on *": [identity(allow("*", "*")), `${ACTION}: "*"`],
      "* on one resource": [identity(allow(["s3:GetObject", "*"], "arn:aws:s3:::b/*")), `${ACTION}: "*"`],
      "all but some actions": [
        identity({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
        'aws_iam_policy.p policy.Statement[0].NotAction: "every action but some"',
      ],
      "an inline policy": [
        { resource: { aws_iam_role: { r: { inline_policy: [{ name: "x", policy: policy(allow("*", "*")) }] } } } },
        'aws_iam_role.r inline_policy.policy.Statement[0].Action: "*"',
      ],
      "a data source made of others": [
        {
          resource: { aws_iam_role_policy: { p: { policy: "${data.aws_iam_policy_document.all.json}" } } },
          data: {
            aws_iam_policy_document: {
              all: { source_policy_documents: ["${data.aws_iam_policy_document.inner.json}"] },
              inner: { statement: { actions: ["*"], resources: ["*"] } },
            },
          },
        },
        'aws_iam_role_policy.p policy (data.aws_iam_policy_document.inner).statement.Action: "*"',
      ],
    },
    holds: {
      "a denial": identity({ Effect: "Deny", Action: "*", Resource: "*" }),
      "named actions": identity(allow(["ec2:DescribeInstances"], "*")),
      "a document known to Terraform only": { resource: { aws_iam_policy: { p: { policy: '${file("p.json")}' } } } },
      "data sources that name each other": {
        resource: { aws_iam_policy: { p: { policy: "${data.aws_iam_policy_document.a.json}" } } },
        data: {
          aws_iam_policy_document: {
            a: { source_policy_documents: ["${data.aws_iam_policy_document.b.json}"] },
            b: { source_policy_documents: ["${data.aws_iam_policy_document.a.json}"] },
          },
        },
      },
    },
  },
  "aws-iam-s3-wildcard": {
    breaks: { "s3:* on one bucket": [identity(allow("s3:*", "arn:aws:s3:::b/*")), `${ACTION}: "s3:*"`] },
    holds: { "named actions": identity(allow(["s3:GetObject", "s3:List*"], "arn:aws:s3:::b/*")) },
  },
  "aws-iam-service-wildcard": {
    breaks: {
      "a service on everything": [identity(allow(["ec2:*"], "*")), `${ACTION}: "ec2:*"`],
      "a service on everything of a service": [identity(allow("kms:*", ["arn:aws:kms:*:*:*"])), `${ACTION}: "kms:*"`],
    },
    holds: {
      "a service on one resource": identity(allow("kms:*", "${aws_kms_key.k.arn}")),
      "reads of a service": identity(allow("ec2:Describe*", "*")),
    },
  },
  "aws-iam-unconstrained-write": {
    breaks: {
      writes: [
        identity(allow(["ec2:DescribeTags", "ec2:CreateTags", "ec2:Delete*"], "*")),
        `${RESOURCE}: "* for ec2:CreateTags, ec2:Delete*"`,
      ],
      "writes on every object": [
        identity(allow("s3:PutObject", "arn:aws:s3:::*/*")),
        `${RESOURCE}: "* for s3:PutObject"`,
      ],
      "reads of secrets": [
        identity(allow(["secretsmanager:Get*", "ssm:GetParameter"], "*")),
        `${RESOURCE}: "* for secretsmanager:Get*, ssm:GetParameter"`,
      ],
    },
    holds: {
      reads: identity(allow(["ec2:Describe*", "iam:GetRole", "s3:ListAllMyBuckets"], "*")),
      "writes under a condition": identity(
        allow("ec2:CreateTags", "*", { Condition: { StringEquals: { "aws:ResourceTag/caravan": "prod" } } }),
      ),
      "writes on a resource": identity(allow("s3:PutObject", "${aws_s3_bucket.b.arn}/*")),
      "what AWS knows no resource for": identity(
        allow(["ssmmessages:OpenDataChannel", "ssm:UpdateInstanceInformation", "cloudwatch:PutMetricData"], "*"),
      ),
    },
  },
  "aws-iam-pass-role": {
    breaks: {
      "any role": [
        identity(allow("iam:PassRole", "*", { Condition: { StringEquals: { "iam:PassedToService": "ec2" } } })),
        `${RESOURCE}: "*"`,
      ],
      "any role of an account": [
        identity(allow("iam:Pass*", "arn:aws:iam::123456789012:role/*")),
        `${RESOURCE}: "arn:aws:iam::123456789012:role/*"`,
      ],
    },
    holds: { "named roles": identity(allow("iam:PassRole", "arn:aws:iam::123456789012:role/acme-prod-*")) },
  },
  "aws-iam-administrator-policy": {
    breaks: {
      "an attachment": [
        {
          resource: {
            aws_iam_role_policy_attachment: { a: { policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" } },
          },
        },
        'aws_iam_role_policy_attachment.a policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess"',
      ],
      "a role's own argument": [
        { resource: { aws_iam_role: { r: { managed_policy_arns: ["arn:aws:iam::aws:policy/IAMFullAccess"] } } } },
        'aws_iam_role.r managed_policy_arns: "arn:aws:iam::aws:policy/IAMFullAccess"',
      ],
    },
    holds: {
      "another policy": {
        resource: {
          aws_iam_role_policy_attachment: { a: { policy_arn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" } },
        },
      },
    },
  },
  "aws-iam-no-users": {
    breaks: {
      "a user with a key": [
        { resource: { aws_iam_user: { u: { name: "ci" } }, aws_iam_access_key: { k: { user: "ci" } } } },
        'aws_iam_access_key.k user: "ci"',
        'aws_iam_user.u name: "ci"',
      ],
    },
    holds: { "a role": { resource: { aws_iam_role: { r: {} } } } },
  },
});

const trust = (...statements: object[]) => ({
  resource: { aws_iam_role: { r: { assume_role_policy: policy(...statements) } } },
});

function web(condition: object, issuer = "token.actions.githubusercontent.com") {
  return trust({
    Effect: "Allow",
    Action: "sts:AssumeRoleWithWebIdentity",
    Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${issuer}` },
    Condition: condition,
  });
}
const AUD = { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" };
const sub = (value: unknown) => ({ "token.actions.githubusercontent.com:sub": value });
const SUB = "aws_iam_role.r assume_role_policy.Statement[0].Condition.sub";

testRules(iamTrustRules, {
  "aws-iam-trust-everybody": {
    breaks: {
      everybody: [
        trust({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" } }),
        'aws_iam_role.r assume_role_policy.Statement[0].Principal: "*"',
      ],
      "everybody who knows a word": [
        trust({
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: "*",
          Condition: { StringEquals: { "sts:ExternalId": "x" } },
        }),
        'aws_iam_role.r assume_role_policy.Statement[0].Principal: "*"',
      ],
    },
    holds: {
      "a service": trust({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }),
      "an organization": trust({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: "*",
        Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
      }),
    },
  },
  "aws-iam-oidc-claims": {
    breaks: {
      "no condition": [
        web({}),
        "aws_iam_role.r assume_role_policy.Statement[0].Condition.aud: nothing",
        `${SUB}: nothing`,
      ],
      "no subject": [web({ StringEquals: AUD }), `${SUB}: nothing`],
      "any repository of an owner": [
        web({ StringEquals: AUD, StringLike: sub("repo:acme/*") }),
        `${SUB}: ["repo:acme/*"]`,
      ],
      "one sound subject of two": [
        web({ StringEquals: AUD, StringLike: sub(["repo:acme/platform:*", "repo:*"]) }),
        `${SUB}: ["repo:acme/platform:*","repo:*"]`,
      ],
      "any project of a group": [
        web({
          StringEquals: { "gitlab.com:aud": "https://gitlab.com" },
          StringLike: { "gitlab.com:sub": "project_path:acme/*" },
        }),
        `${SUB}: ["project_path:acme/*"]`,
      ],
      "an audience with a wildcard": [
        web({ StringLike: { "token.actions.githubusercontent.com:aud": "*", ...sub("repo:acme/platform:*") } }),
        'aws_iam_role.r assume_role_policy.Statement[0].Condition.aud: ["*"]',
      ],
      "an operator that holds where the claim is missing": [
        web({ StringEquals: AUD, "ForAllValues:StringEquals": sub("repo:acme/platform:ref:refs/heads/main") }),
        `${SUB}: ["repo:acme/platform:ref:refs/heads/main"]`,
      ],
    },
    holds: {
      "a branch on GitHub": web({ StringEquals: { ...AUD, ...sub("repo:acme/platform:ref:refs/heads/main") } }),
      "a repository on GitHub, with its numbers": web({
        StringEquals: AUD,
        StringLike: sub("repo:acme@1/platform@2:*"),
      }),
      "a project on GitLab": web(
        {
          StringEquals: { "gitlab.com:aud": "https://gitlab.com" },
          StringLike: { "gitlab.com:sub": "project_path:acme/team/platform:ref_type:branch:ref:*" },
        },
        "gitlab.com",
      ),
      "an issuer known to Terraform only": web({
        StringEquals: { "${local.issuer}:aud": "x", "${local.issuer}:sub": "y" },
      }),
      "a service": trust({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }),
    },
  },
});

describe("actions", () => {
  it.each([
    ["ec2:DescribeInstances", false],
    ["ec2:Describe*", false],
    ["EC2:CREATETAGS", true],
    ["ec2:*Tags", true],
    ["s3:Get*", true],
    ["kms:Decrypt", true],
    ["ssmmessages:CreateDataChannel", false],
  ])("%s needs a resource: %s", (action, needed) => {
    expect(needsResource(action)).toBe(needed);
  });

  it("matches as IAM does", () => {
    expect(actionMatches("s3:Get*", "s3:getobject")).toBe(true);
    expect(actionMatches("s3:GetO?ject", "s3:GetObject")).toBe(true);
    expect(actionMatches("s3:Get", "s3:GetObject")).toBe(false);
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        expect(actionMatches(text.replace(/[*?]/g, "x"), text.replace(/[*?]/g, "x"))).toBe(true);
        expect(actionMatches("*", text.replace(/\s/g, ""))).toBe(true);
      }),
    );
  });
});
