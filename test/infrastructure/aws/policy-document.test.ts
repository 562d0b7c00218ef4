import { App, ref, TerraformStack, Token } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeHcl, InvalidPropsError } from "../../../lib";
import {
  type PolicyKind,
  type PolicyStatement,
  policyDocument,
  policyLength,
} from "../../../lib/infrastructure/aws/policy-document";
import { resolved } from "../../core/resolved";

const read: PolicyStatement = {
  sid: "ReadState",
  actions: ["s3:GetObject"],
  resources: ["arn:aws:s3:::state/*"],
};

describe("policyDocument", () => {
  test("writes a statement as IAM's grammar has it", () => {
    const text = policyDocument("resource", "bucket", [
      {
        sid: "DenyPlainText",
        effect: "Deny",
        principals: { aws: ["*"] },
        actions: ["s3:*"],
        resources: ["arn:aws:s3:::state", "arn:aws:s3:::state/*"],
        conditions: { Bool: { "aws:SecureTransport": false }, NumericLessThan: { "s3:TlsVersion": 1.2 } },
      },
    ]);
    expect(JSON.parse(text)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "DenyPlainText",
          Effect: "Deny",
          Principal: { AWS: "*" },
          Action: "s3:*",
          Resource: ["arn:aws:s3:::state", "arn:aws:s3:::state/*"],
          Condition: { Bool: { "aws:SecureTransport": "false" }, NumericLessThan: { "s3:TlsVersion": "1.2" } },
        },
      ],
    });
  });

  test("keeps IAM's own variables as literal text", () => {
    const own = { ...read, resources: ["arn:aws:s3:::state/${aws:PrincipalTag/team}/*"] };
    const stack = new TerraformStack(new App(), "stack");
    const written = resolved(stack, policyDocument("identity", "role", [own]));
    expect(written).toContain("$${aws:PrincipalTag/team}");
    expect(decodeHcl(written)).toMatchObject({
      Statement: [{ Resource: "arn:aws:s3:::state/${aws:PrincipalTag/team}/*" }],
    });
  });

  test("keeps references to what Terraform knows only later", () => {
    const stack = new TerraformStack(new App(), "stack");
    const bucket = Token.asString(ref("aws_s3_bucket.state.arn", stack));
    const written = resolved(stack, policyDocument("identity", "role", [{ ...read, resources: [`${bucket}/*`] }]));
    expect(decodeHcl(written)).toMatchObject({
      Statement: [{ Sid: "ReadState", Resource: "${aws_s3_bucket.state.arn}/*" }],
    });
  });

  test("measures what AWS measures", () => {
    expect(policyLength([read])).toBe(policyDocument("identity", "role", [read]).length);
  });

  test("any well-formed document survives the way to Terraform", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]{1,20}$/);
    const arn = fc
      .string({ minLength: 1, maxLength: 30, unit: "binary" })
      .map((rest) => `arn:${rest.replace(/\s/g, "x")}`);
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 5 }),
        fc.array(arn, { minLength: 2, maxLength: 4 }),
        (sids, arns) => {
          const statements = sids.map((sid) => ({ ...read, sid, resources: arns }));
          expect(decodeHcl(policyDocument("identity", "role", statements))).toMatchObject({
            Statement: sids.map((sid) => ({ Sid: sid, Effect: "Allow", Resource: arns })),
          });
        },
      ),
    );
  });
});

describe("a wrong policy says what is wrong", () => {
  const trust: PolicyStatement = {
    sid: "Assume",
    actions: ["sts:AssumeRole"],
    principals: { service: ["ec2.amazonaws.com"] },
  };
  const bucket: PolicyStatement = { ...read, principals: { aws: ["arn:aws:iam::123456789012:root"] } };
  test.each<[string, PolicyKind, PolicyStatement[], string, string]>([
    ["no statement", "identity", [], "statements", "give a statement"],
    ["a sid of two words", "identity", [{ ...read, sid: "Read state" }], "statements[0].sid", "one word"],
    ["a sid twice", "identity", [read, read], "statements[1].sid", "rename one"],
    ["no action", "identity", [{ ...read, actions: [] }], "statements[0].actions", "name actions"],
    ["actions forgotten", "identity", [{ sid: "A", resources: ["*"] }], "statements[0].actions", "say which actions"],
    [
      "actions both ways",
      "identity",
      [{ ...read, effect: "Deny", notActions: ["s3:PutObject"] }],
      "statements[0].actions",
      "remove notActions",
    ],
    ["everything allowed", "identity", [{ ...read, actions: ["*"] }], "statements[0].actions[0]", "action by action"],
    [
      "everything allowed, in two parts",
      "identity",
      [{ ...read, actions: ["*:*"] }],
      "statements[0].actions[0]",
      "service authorization reference",
    ],
    [
      "a whole service allowed",
      "identity",
      [{ ...read, actions: ["s3:*"] }],
      "statements[0].actions[0]",
      "action by action",
    ],
    [
      "an action without its service",
      "identity",
      [{ ...read, actions: ["GetObject"] }],
      "statements[0].actions[0]",
      "service authorization reference",
    ],
    [
      "all but something allowed",
      "identity",
      [{ sid: "A", notActions: ["iam:CreateUser"], resources: ["*"] }],
      "statements[0].notActions",
      "everything else",
    ],
    [
      "all resources but one allowed",
      "identity",
      [{ sid: "A", actions: ["s3:GetObject"], notResources: ["arn:aws:s3:::a"] }],
      "statements[0].notResources",
      "everything else",
    ],
    ["no resource", "identity", [{ ...read, resources: [] }], "statements[0].resources", "name resources"],
    ["a name for an ARN", "identity", [{ ...read, resources: ["state"] }], "statements[0].resources[0]", "ARN"],
    ["a principal in a role's policy", "identity", [bucket], "statements[0].principals", "remove it"],
    ["nobody in a bucket's policy", "resource", [read], "statements[0].principals", "say who"],
    [
      "everybody allowed",
      "resource",
      [{ ...bucket, principals: { aws: ["*"] } }],
      "statements[0].principals",
      "name the account",
    ],
    ["a resource in a trust policy", "trust", [{ ...trust, resources: ["*"] }], "statements[0].resources", "remove it"],
    [
      "a condition without a value",
      "trust",
      [{ ...trust, conditions: { StringLike: { "aws:PrincipalTag/team": [] } } }],
      'statements[0].conditions.StringLike["aws:PrincipalTag/team"]',
      "remove the condition",
    ],
  ])("%s", (_, kind, statements, property, fix) => {
    let error: unknown;
    try {
      policyDocument(kind, "prod-state/planner", statements);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(String(error)).toContain('policyDocument at "prod-state/planner"');
    const problem = (error as InvalidPropsError).problems.find((each) => each.property === property);
    expect(problem?.fix).toContain(fix);
  });
});
