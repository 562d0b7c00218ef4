import { describe, expect, test } from "vitest";
import { AwsSecretStore, type AwsSecretStoreProps } from "../../../lib/infrastructure/aws/secret-store";
import { Template } from "../../../lib/testing";
import { addressOf, documentOf, identityPolicies } from "./documents";
import { ARN, deployerRoleArn, edgeStack, place, plannerRoleArn, refusal } from "./edge-stack";
import { decide, type IamDecision, type IamRequest } from "./iam-evaluator";

function stackOf(change: Partial<AwsSecretStoreProps> = {}): Template {
  const { stack, identity } = edgeStack();
  new AwsSecretStore(stack, "secrets", {
    ...place,
    kmsKeyArn: identity.keys.dataKeyArn,
    servers: Object.values(identity.servers),
    workers: Object.values(identity.workers),
    deployerRoleArn,
    plannerRoleArn,
    ...change,
  });
  return Template.of(stack);
}

const template = stackOf();
const role = (name: string) => addressOf(template, "aws_iam_role", `identity_${name}`);
const secret = (name: string) => `\${${addressOf(template, "aws_secretsmanager_secret", `secrets_${name}`)}.arn}`;
const dataKey = `\${${addressOf(template, "aws_kms_key", "identity_keys_data")}.arn}`;
const read = "secretsmanager:GetSecretValue";
const write = "secretsmanager:PutSecretValue";

describe("what nodes may do with secrets", () => {
  const through = (name: string) => ({
    "kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com",
    "kms:EncryptionContext:SecretARN": secret(name),
  });
  const rows: [string, string, string, IamRequest["context"], IamDecision][] = [
    ["server-vault", read, secret("public-ca"), {}, "allow"],
    ["server-main", write, secret("public-ca"), {}, "allow"],
    ["server-main", write, secret("bootstrap"), {}, "allow"],
    ["server-vault", write, secret("recovery-keys"), {}, "allow"],
    ["server-vault", read, secret("recovery-keys"), {}, "no"],
    ["server-main", read, secret("bootstrap"), {}, "no"],
    ["server-main", "secretsmanager:DeleteSecret", secret("bootstrap"), {}, "no"],
    ["worker-general", read, secret("public-ca"), {}, "allow"],
    ["worker-general", write, secret("public-ca"), {}, "no"],
    ["worker-general", read, secret("bootstrap"), {}, "no"],
    ["worker-general", write, secret("recovery-keys"), {}, "no"],
    ["worker-general", "kms:Decrypt", dataKey, through("public-ca"), "allow"],
    ["worker-general", "kms:Decrypt", dataKey, through("bootstrap"), "no"],
    ["worker-general", "kms:GenerateDataKey", dataKey, through("public-ca"), "no"],
    ["server-vault", "kms:GenerateDataKey", dataKey, through("recovery-keys"), "allow"],
  ];
  test.each(rows)("%s %s %s %j: %s", (who, action, resource, context, decision) => {
    expect(decide(identityPolicies(template, role(who)), { action, resource, context })).toBe(decision);
  });
});

describe("a secret's own policy, whatever else somebody may do", () => {
  const worker = `\${${role("worker-general")}.arn}`;
  const server = `\${${role("server-vault")}.arn}`;
  const admin = `${ARN}:role/admin`;
  const rows: [string, string, string, IamDecision][] = [
    ["public-ca", read, plannerRoleArn, "no"],
    ["public-ca", write, server, "no"],
    ["public-ca", write, worker, "deny"],
    ["public-ca", write, admin, "deny"],
    ["bootstrap", read, deployerRoleArn, "no"],
    ["bootstrap", read, plannerRoleArn, "deny"],
    ["bootstrap", read, server, "deny"],
    ["bootstrap", read, admin, "deny"],
    ["bootstrap", write, server, "no"],
    ["recovery-keys", read, server, "deny"],
    ["recovery-keys", read, worker, "deny"],
    ["recovery-keys", read, deployerRoleArn, "deny"],
    ["recovery-keys", read, plannerRoleArn, "deny"],
    // The people who would restore the cluster.
    ["recovery-keys", read, admin, "no"],
    ["recovery-keys", write, server, "no"],
  ];
  test.each(rows)("%s %s %s: %s", (name, action, who, decision) => {
    const policy = documentOf(
      template,
      addressOf(template, "aws_secretsmanager_secret_policy", `secrets_${name}-policy`),
    );
    expect(decide([policy], { action, principal: "*", context: { "aws:PrincipalArn": who } })).toBe(decision);
  });
});

test("a secret made anew collides with none that waits for its deletion, and Terraform holds no value", () => {
  const found = template.resources("aws_secretsmanager_secret").map(({ arguments: each }) => each);
  expect(found.map((each) => each["name_prefix"]).sort()).toEqual([
    "caravan/prod/bootstrap/",
    "caravan/prod/public-ca/",
    "caravan/prod/recovery-keys/",
  ]);
  for (const each of found) {
    expect(each["name"]).toBeUndefined();
    expect(each).toMatchObject({ recovery_window_in_days: 30, kms_key_id: dataKey });
  }
  template.resourceCount("aws_secretsmanager_secret_version", 0);
});

test("a transform changes every secret", () => {
  const changed = stackOf({ transform: { secret: { tags: { team: "platform" } } } });
  expect(changed.hasResource("aws_secretsmanager_secret", { tags: { team: "platform" } })).toHaveLength(3);
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ recoveryWindowDays: 0 }, "recoveryWindowDays: given 0", "from 7 to 30 days"],
    [{ recoveryWindowDays: 31 }, "recoveryWindowDays: given 31", "from 7 to 30 days"],
    [{ deployerRoleArn: "deployer" }, 'deployerRoleArn: given "deployer"', "the ARN of an IAM role"],
    [
      { plannerRoleArn: "arn:aws:sts::123456789012:assumed-role/planner/ci" },
      "plannerRoleArn: given",
      "the ARN of an IAM role",
    ],
    [{ kmsKeyArn: "1234abcd" }, 'kmsKeyArn: given "1234abcd"', "the ARN of a KMS key"],
    [{ accountId: 123456789012 }, "accountId: given 123456789012", "12 digits"],
  ])("%j", (change, given, allowed) => {
    const message = refusal(() => stackOf(change as never));
    expect(message).toContain('AwsSecretStore at "prod-edge/secrets": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(allowed);
  });
});
