import { describe, expect, test } from "vitest";
import { InvalidPropsError } from "../../../lib";
import type { AwsIdentityProps } from "../../../lib/infrastructure/aws/identity";
import { Template } from "../../../lib/testing";
import { addressOf, documentOf, identityPolicies } from "./documents";
import { decide, type IamDecision, type IamRequest } from "./iam-evaluator";
import { ARN, identityStack, props } from "./identity-fixture";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const REGION = { "aws:RequestedRegion": "eu-central-1" };

const template = Template.of(identityStack());
const role = (name: string) => addressOf(template, "aws_iam_role", `identity_${name}`);
const keyOf = (from: Template, name: string) => addressOf(from, "aws_kms_key", `identity_keys_${name}`);
const [vault, main, worker] = ["server-vault", "server-main", "worker-general"].map(role) as [string, string, string];
const key = (name: string) => `\${${keyOf(template, name)}.arn}`;

describe("what nodes may do", () => {
  const rows: [string, string, string, IamRequest["context"], IamDecision][] = [
    [vault, "kms:Decrypt", key("seal"), {}, "allow"],
    [vault, "kms:Encrypt", key("seal"), {}, "allow"],
    [vault, "kms:DescribeKey", key("seal"), {}, "allow"],
    [vault, "kms:ScheduleKeyDeletion", key("seal"), {}, "no"],
    [vault, "kms:Decrypt", key("keyring"), {}, "no"],
    [vault, "kms:Decrypt", key("data"), {}, "no"],
    [main, "kms:Decrypt", key("keyring"), {}, "allow"],
    [main, "kms:Decrypt", key("seal"), {}, "no"],
    [worker, "kms:Decrypt", key("seal"), {}, "no"],
    [worker, "kms:Decrypt", key("keyring"), {}, "no"],
    [vault, "iam:GetRole", `\${${worker}.arn}`, {}, "allow"],
    [vault, "iam:GetRole", `\${${vault}.arn}`, {}, "allow"],
    [vault, "iam:GetRole", props.deployerRoleArn, {}, "allow"],
    [vault, "iam:GetRole", props.plannerRoleArn, {}, "allow"],
    [vault, "iam:GetRole", `${ARN}:role/admin`, {}, "no"],
    [main, "iam:GetRole", `\${${worker}.arn}`, {}, "no"],
    [worker, "iam:GetRole", `\${${worker}.arn}`, {}, "no"],
    [worker, "ec2:DescribeInstances", "*", REGION, "allow"],
    [worker, "ec2:DescribeInstances", "*", { "aws:RequestedRegion": "us-east-1" }, "no"],
    [worker, "ssmmessages:OpenDataChannel", "*", REGION, "allow"],
    [worker, "ssm:UpdateInstanceInformation", "arn:aws:ec2:eu-central-1:123456789012:instance/i-1", {}, "allow"],
    [worker, "ssm:UpdateInstanceInformation", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1", {}, "no"],
    [worker, "ssm:GetParameter", "arn:aws:ssm:eu-central-1:123456789012:parameter/password", REGION, "no"],
    [worker, "ssm:SendCommand", "*", REGION, "no"],
    [worker, "ec2:TerminateInstances", "arn:aws:ec2:eu-central-1:123456789012:instance/i-1", REGION, "no"],
    [
      main,
      "secretsmanager:GetSecretValue",
      "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-123456",
      {},
      "no",
    ],
    [main, "sts:AssumeRole", `${ARN}:role/admin`, {}, "no"],
    [vault, "iam:PassRole", `\${${worker}.arn}`, {}, "no"],
  ];
  test.each(rows)("%s %s %s %j: %s", (who, action, resource, context, decision) => {
    expect(decide(identityPolicies(template, who), { action, resource, context })).toBe(decision);
  });

  test("only instances assume a node's role", () => {
    for (const each of [vault, main, worker]) {
      expect(documentOf(template, each, "assume_role_policy")).toEqual({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Instances",
            Effect: "Allow",
            Principal: { Service: "ec2.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      });
    }
  });
});

describe("who may use the keys", () => {
  const seal = keyOf(template, "seal");
  const keyring = keyOf(template, "keyring");
  const data = keyOf(template, "data");
  const root = `${ARN}:root`;
  const scaling = `\${${addressOf(template, "aws_iam_service_linked_role", "identity_auto-scaling-role")}.arn}`;
  const logs = "logs.eu-central-1.amazonaws.com";
  const via = (service: string, caller = "123456789012") => ({
    "kms:ViaService": `${service}.eu-central-1.amazonaws.com`,
    "kms:CallerAccount": caller,
  });
  const logGroup = (name: string) => ({
    "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:eu-central-1:123456789012:log-group:${name}`,
  });
  const rows: [string, string, string, IamRequest["context"], IamDecision][] = [
    [seal, root, "kms:PutKeyPolicy", {}, "allow"],
    [seal, root, "kms:ScheduleKeyDeletion", {}, "allow"],
    [seal, root, "kms:Decrypt", {}, "no"],
    [seal, root, "kms:CreateGrant", {}, "no"],
    [seal, root, "kms:Decrypt", via("ec2"), "no"],
    [seal, `\${${vault}.arn}`, "kms:Decrypt", {}, "allow"],
    [seal, `\${${main}.arn}`, "kms:Decrypt", {}, "no"],
    [seal, `\${${worker}.arn}`, "kms:Decrypt", {}, "no"],
    [keyring, `\${${main}.arn}`, "kms:Encrypt", {}, "allow"],
    [keyring, `\${${vault}.arn}`, "kms:Encrypt", {}, "no"],
    [keyring, root, "kms:Encrypt", {}, "no"],
    [data, root, "kms:Decrypt", {}, "no"],
    [data, root, "kms:Decrypt", via("secretsmanager"), "allow"],
    [data, root, "kms:GenerateDataKey", via("s3"), "allow"],
    [data, root, "kms:Decrypt", via("s3", "210987654321"), "no"],
    [data, root, "kms:Decrypt", via("dynamodb"), "no"],
    [data, root, "kms:CreateGrant", via("ec2"), "no"],
    [data, root, "kms:CreateGrant", { ...via("ec2"), "kms:GrantIsForAWSResource": "true" }, "allow"],
    [data, scaling, "kms:GenerateDataKeyWithoutPlaintext", {}, "allow"],
    [data, scaling, "kms:CreateGrant", {}, "no"],
    [data, scaling, "kms:CreateGrant", { "kms:GrantIsForAWSResource": "true" }, "allow"],
    [data, logs, "kms:GenerateDataKey", logGroup("/caravan/prod/flow-log"), "allow"],
    [data, logs, "kms:GenerateDataKey", logGroup("/caravan/dev/flow-log"), "no"],
    [data, "logs.eu-west-1.amazonaws.com", "kms:GenerateDataKey", logGroup("/caravan/prod/flow-log"), "no"],
  ];
  test.each(rows)("%s %s %s %j: %s", (address, principal, action, context, decision) => {
    expect(decide([documentOf(template, address)], { principal, action, context })).toBe(decision);
  });

  test("keys are rotated, wait 30 days before they die, and no plan destroys them", () => {
    for (const address of [seal, keyring, data]) {
      expect(template.resource(address)).toMatchObject({
        enable_key_rotation: true,
        deletion_window_in_days: 30,
        lifecycle: { prevent_destroy: true },
      });
    }
    expect(template.resources("aws_kms_alias").map((each) => each.arguments["name"])).toEqual([
      "alias/caravan-prod-data",
      "alias/caravan-prod-keyring",
      "alias/caravan-prod-seal",
    ]);
  });

  test("a teardown may destroy them", () => {
    const torn = Template.of(identityStack({}, false));
    expect(torn.resource(seal)["lifecycle"]).toMatchObject({ prevent_destroy: false });
  });
});

test("ids of resources are stable", () => {
  expect(template.addresses).toEqual([
    "aws_iam_instance_profile.identity_server-main_instance-profile_6FAB489F",
    "aws_iam_instance_profile.identity_server-vault_instance-profile_8FB1A28E",
    "aws_iam_instance_profile.identity_worker-general_instance-profile_1E7D9286",
    "aws_iam_role.identity_server-main_585BDD53",
    "aws_iam_role.identity_server-vault_06996A36",
    "aws_iam_role.identity_worker-general_CB373E83",
    "aws_iam_role_policy.identity_server-main_keyring-policy_2C212E9A",
    "aws_iam_role_policy.identity_server-main_node-policy_0D6AE6BA",
    "aws_iam_role_policy.identity_server-vault_node-policy_E4CB3471",
    "aws_iam_role_policy.identity_server-vault_seal-policy_99C3CDD4",
    "aws_iam_role_policy.identity_server-vault_sign-in-policy_5991F306",
    "aws_iam_role_policy.identity_worker-general_node-policy_C4018DB7",
    "aws_iam_service_linked_role.identity_auto-scaling-role_20A16558",
    "aws_kms_alias.identity_keys_data_alias_BE679922",
    "aws_kms_alias.identity_keys_keyring_alias_E9F3F94B",
    "aws_kms_alias.identity_keys_seal_alias_FF7D1500",
    "aws_kms_key.identity_keys_data_272C2B7D",
    "aws_kms_key.identity_keys_keyring_642D82B5",
    "aws_kms_key.identity_keys_seal_BB9B48AD",
  ]);
});

describe("what a company already has", () => {
  test("a given key is not made, and its users' roles name exactly it", () => {
    const given = Template.of(identityStack({ sealKeyArn: KEY, keyringKeyArn: KEY, dataKeyArn: KEY }));
    given.resourceCount("aws_kms_key", 0);
    given.resourceCount("aws_kms_alias", 0);
    expect(
      documentOf(given, addressOf(given, "aws_iam_role_policy", "identity_server-vault_seal-policy")).Statement,
    ).toEqual([
      {
        Sid: "UseSealKey",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"],
        Resource: KEY,
      },
    ]);
  });

  test("a given role is left as it is, and the keys and Vault know it", () => {
    const mine = { roleArn: `${ARN}:role/vault`, instanceProfileArn: `${ARN}:instance-profile/vault` };
    const given = Template.of(identityStack({ serverRoles: { vault: mine } }));
    expect(given.addresses.filter((address) => address.includes("server-vault"))).toEqual([]);
    const sealPolicy = documentOf(given, keyOf(given, "seal"));
    expect(decide([sealPolicy], { principal: mine.roleArn, action: "kms:Decrypt" })).toBe("allow");
  });

  test("the permissions boundary bounds every role", () => {
    const boundary = `${ARN}:policy/boundary`;
    const bounded = Template.of(identityStack({ permissionsBoundaryArn: boundary }));
    for (const { arguments: made } of bounded.resources("aws_iam_role")) {
      expect(made).toMatchObject({ permissions_boundary: boundary, path: "/caravan/prod/" });
    }
  });

  test("Auto Scaling's role given", () => {
    const scaling = `${ARN}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
    const given = Template.of(identityStack({ autoScalingRoleArn: scaling }));
    given.resourceCount("aws_iam_service_linked_role", 0);
    const policy = documentOf(given, keyOf(given, "data"));
    expect(decide([policy], { principal: scaling, action: "kms:Decrypt" })).toBe("allow");
  });

  test("inner resources are changed by transform", () => {
    const changed = Template.of(
      identityStack({
        transform: {
          nodeRole: { role: { maxSessionDuration: 7200 } },
          keys: { seal: { key: (key) => ({ ...key, rotationPeriodInDays: 90 }) } },
        },
      }),
    );
    expect(changed.resource(vault)["max_session_duration"]).toBe(7200);
    expect(changed.resource(keyOf(changed, "seal"))["rotation_period_in_days"]).toBe(90);
    expect(changed.resource(keyOf(changed, "data"))["rotation_period_in_days"]).toBeUndefined();
  });
});

test("one server group by default", () => {
  const plain = Template.of(identityStack({ servers: undefined, workers: undefined }));
  expect(plain.resources("aws_iam_role").map((each) => each.arguments["name"])).toEqual(["caravan-prod-server-main"]);
  expect(
    decide(identityPolicies(plain, main), { action: "kms:Decrypt", resource: `\${${keyOf(plain, "seal")}.arn}` }),
  ).toBe("allow");
});

describe("wrong props", () => {
  const profile = `${ARN}:instance-profile/a`;
  test.each<[string, Partial<AwsIdentityProps>, string, string]>([
    ["an account as a number", { accountId: 123456789012 as unknown as string }, "accountId", "in quotes"],
    ["an account with hyphens", { accountId: "1234-5678-9012" }, "accountId", "without hyphens"],
    ["a zone for a region", { region: "eu-central-1a" }, "region", "without a zone's letter"],
    ["an environment in capitals", { environment: "Prod" }, "environment", '"prod"'],
    [
      "a product in two groups",
      { servers: { a: { runs: ["vault", "consul"] }, b: { runs: ["consul", "nomad"] } } },
      "servers.b.runs",
      "remove consul",
    ],
    ["a product in no group", { servers: { a: { runs: ["vault", "consul"] } } }, "servers", 'add "nomad"'],
    [
      "an unknown product",
      { servers: { a: { runs: ["vault", "consul", "nomad", "boundary" as "vault"] } } },
      "servers.a.runs[3]",
      "one of them",
    ],
    [
      "a group's name with an underscore",
      { servers: { my_group: { runs: ["vault", "consul", "nomad"] } } },
      'servers["my_group"]',
      '"main"',
    ],
    ["a worker group's name with a digit first", { workers: ["1st"] }, "workers[0]", '"main"'],
    [
      "a session for a role",
      { deployerRoleArn: "arn:aws:sts::123456789012:assumed-role/ci/me" },
      "deployerRoleArn",
      "assumed-role",
    ],
    ["a user for a role", { plannerRoleArn: `${ARN}:user/me` }, "plannerRoleArn", "copy the ARN"],
    ["an alias for a key", { sealKeyArn: "arn:aws:kms:eu-central-1:123456789012:alias/seal" }, "sealKeyArn", "alias"],
    ["a key id for a key", { dataKeyArn: "1234abcd-12ab-34cd-56ef-1234567890ab" }, "dataKeyArn", "bare key id"],
    ["a boundary by name", { permissionsBoundaryArn: "boundary" }, "permissionsBoundaryArn", "policy's page"],
    [
      "a role for a group that is not there",
      { workerRoles: { gpu: { roleArn: `${ARN}:role/a`, instanceProfileArn: profile } } },
      "workerRoles.gpu",
      "add the group",
    ],
    [
      "a role for its instance profile",
      { serverRoles: { main: { roleArn: `${ARN}:role/a`, instanceProfileArn: `${ARN}:role/a` } } },
      "given.instanceProfileArn",
      "Instance profile ARN",
    ],
  ])("%s", (_, change, property, fix) => {
    let error: unknown;
    try {
      identityStack(change);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(String(error)).toMatch(/at "prod-ground\/identity/);
    expect((error as InvalidPropsError).problems.find((each) => each.property === property)?.fix).toContain(fix);
  });
});
