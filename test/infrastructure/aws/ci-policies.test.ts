import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { clusterBucketName } from "../../../lib/infrastructure/aws/names";
import { Template } from "../../../lib/testing";
import { addressOf, documentOf, identityPolicies } from "./documents";
import { decide, type IamDecision, type IamRequest } from "./iam-evaluator";
import { ACCOUNT, iam, KEY, place, REGION, stateStack, via } from "./state-fixture";

const template = Template.of(stateStack());
const ec2 = (resource: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${resource}`;
const bucket = `\${${addressOf(template, "aws_s3_bucket", "state")}.arn}`;
const key = `\${${addressOf(template, "aws_kms_key", "state_key")}.arn}`;
const planner = identityPolicies(template, addressOf(template, "aws_iam_role", "planner"));
const deployer = identityPolicies(template, addressOf(template, "aws_iam_role", "deployer"));

const cluster = `arn:aws:s3:::${clusterBucketName(place)}`;
const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
const publicCa = secret("caravan/prod/public-ca/20261124-a1B2c3");
const here = { "aws:RequestedRegion": REGION };
const ours = { "aws:ResourceTag/caravan-environment": "prod" };
const theirs = { "aws:ResourceTag/caravan-environment": "dev" };
const tagged = { "aws:RequestTag/caravan-environment": "prod" };

type Row = [action: string, resource: string, context: IamRequest["context"], decision: IamDecision];

describe("what the planner may do", () => {
  test.each<Row>([
    ["s3:GetObject", `${bucket}/prod-network.tfstate`, {}, "allow"],
    ["s3:ListBucket", bucket, {}, "allow"],
    ["s3:PutObject", `${bucket}/prod-network.tfstate`, {}, "deny"],
    ["s3:DeleteObject", `${bucket}/prod-network.tfstate`, {}, "deny"],
    ["s3:DeleteObjectVersion", `${bucket}/prod-network.tfstate`, {}, "deny"],
    ["s3:PutObject", `${bucket}/prod-network.tfstate.tflock`, {}, "allow"],
    ["s3:DeleteObject", `${bucket}/prod-network.tfstate.tflock`, {}, "allow"],
    ["s3:PutObject", `${bucket}/plans/prod-network/plan.bin`, {}, "allow"],
    ["s3:GetObject", `${bucket}/plans/prod-network/plan.bin`, {}, "no"],
    ["s3:PutBucketPolicy", bucket, {}, "no"],
    ["s3:GetObject", `${cluster}/document`, {}, "deny"],
    ["s3:PutObject", `${cluster}/document`, {}, "deny"],
    ["s3:GetObject", `${cluster}/snapshots/vault/1.snap`, {}, "deny"],
    ["s3:GetObject", `${cluster}/token/nomad-operate`, {}, "deny"],
    ["s3:GetObject", `${cluster}/library/0a1b`, {}, "allow"],
    ["s3:PutObject", `${cluster}/library/0a1b`, {}, "no"],
    ["s3:GetBucketPolicy", cluster, {}, "allow"],
    ["s3:GetObject", "arn:aws:s3:::acme-payroll/2026.csv", {}, "no"],
    ["secretsmanager:GetSecretValue", publicCa, {}, "allow"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/bootstrap/20261124-a1B2c3"), {}, "deny"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/public-ca-a1B2c3"), {}, "deny"],
    ["secretsmanager:GetSecretValue", secret("caravan/dev/public-ca/20261124-a1B2c3"), {}, "deny"],
    ["secretsmanager:BatchGetSecretValue", "*", {}, "deny"],
    ["secretsmanager:DescribeSecret", secret("caravan/prod/bootstrap/20261124-a1B2c3"), {}, "allow"],
    ["ssm:GetParameter", `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/database/password`, {}, "deny"],
    ["ssm:GetParametersByPath", `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/database`, {}, "deny"],
    ["ssm:GetParameter", `arn:aws:ssm:${REGION}::parameter/aws/service/debian/release/12/latest/amd64`, {}, "allow"],
    ["kms:Decrypt", key, via("s3"), "allow"],
    ["kms:Decrypt", key, {}, "no"],
    ["kms:Decrypt", KEY, ours, "deny"],
    ["kms:Decrypt", KEY, { ...via("secretsmanager"), "kms:EncryptionContext:SecretARN": publicCa }, "allow"],
    [
      "kms:Decrypt",
      KEY,
      { ...via("secretsmanager"), "kms:EncryptionContext:SecretARN": secret("caravan/prod/bootstrap/20261124-a1B2c3") },
      "deny",
    ],
    ["kms:DescribeKey", KEY, ours, "allow"],
    ["kms:GetKeyPolicy", KEY, theirs, "no"],
    ["kms:ScheduleKeyDeletion", KEY, ours, "no"],
    ["ec2:DescribeVpcs", "*", here, "allow"],
    ["ec2:DescribeVpcs", "*", { "aws:RequestedRegion": "us-east-1" }, "no"],
    ["ec2:CreateVpc", ec2("vpc/*"), tagged, "no"],
    ["ec2:TerminateInstances", ec2("instance/i-1"), ours, "no"],
    ["iam:GetRole", iam("role/caravan/prod/caravan-prod-server-main"), {}, "allow"],
    ["iam:GetRole", iam("role/caravan-ci/prod/caravan-prod-deployer"), {}, "allow"],
    ["iam:GetRole", iam("role/admin"), {}, "no"],
    ["iam:PutRolePolicy", iam("role/caravan-ci/prod/caravan-prod-planner"), {}, "no"],
    ["iam:PassRole", iam("role/caravan/prod/a"), { "iam:PassedToService": "ec2.amazonaws.com" }, "no"],
    ["sts:AssumeRole", iam("role/caravan-ci/prod/caravan-prod-deployer"), {}, "no"],
    ["iam:GetOpenIDConnectProvider", iam("oidc-provider/token.actions.githubusercontent.com"), {}, "allow"],
  ])("%s %s %j: %s", (action, resource, context, decision) => {
    expect(decide(planner, { action, resource, context })).toBe(decision);
  });
});

describe("what the deployer may do", () => {
  const server = iam("role/caravan/prod/caravan-prod-server-main");
  const scaling = iam("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_caravan-prod");
  const passed = (service: string) => ({ "iam:PassedToService": service });
  test.each<Row>([
    ["s3:PutObject", `${bucket}/prod-network.tfstate`, {}, "allow"],
    ["s3:PutObject", `${bucket}/prod-state.tfstate`, {}, "deny"],
    ["s3:GetObject", `${bucket}/prod-state.tfstate`, {}, "allow"],
    ["s3:DeleteObject", `${bucket}/prod-network.tfstate`, {}, "no"],
    ["s3:GetObject", `${bucket}/plans/prod-network/plan.bin`, {}, "allow"],
    ["s3:PutBucketPolicy", bucket, {}, "no"],
    ["s3:DeleteBucket", bucket, {}, "no"],
    ["s3:PutBucketPolicy", cluster, {}, "allow"],
    ["s3:PutObject", `${cluster}/library/0a1b`, {}, "allow"],
    ["s3:GetObject", `${cluster}/document`, {}, "no"],
    ["s3:PutObject", `${cluster}/document`, {}, "no"],
    ["s3:BypassGovernanceRetention", `${cluster}/snapshots/vault/1.snap`, {}, "no"],
    ["s3:CreateBucket", "arn:aws:s3:::acme-payroll", {}, "no"],
    ["kms:PutKeyPolicy", key, ours, "deny"],
    ["kms:ScheduleKeyDeletion", key, ours, "deny"],
    ["kms:UpdateAlias", `arn:aws:kms:${REGION}:${ACCOUNT}:alias/caravan-prod-state`, {}, "deny"],
    ["kms:UpdateAlias", `arn:aws:kms:${REGION}:${ACCOUNT}:alias/caravan-prod-seal`, {}, "allow"],
    ["kms:CreateKey", "*", { ...here, ...tagged }, "allow"],
    ["kms:CreateKey", "*", here, "no"],
    ["kms:TagResource", KEY, tagged, "allow"],
    ["kms:TagResource", KEY, { ...tagged, "kms:ResourceAliases": "alias/payroll" }, "no"],
    ["kms:TagResource", KEY, { ...tagged, ...theirs }, "no"],
    ["kms:PutKeyPolicy", KEY, ours, "allow"],
    ["kms:PutKeyPolicy", KEY, theirs, "no"],
    ["kms:PutKeyPolicy", KEY, {}, "no"],
    ["kms:Decrypt", KEY, ours, "no"],
    ["kms:Decrypt", KEY, { ...ours, ...via("secretsmanager") }, "allow"],
    ["kms:CreateGrant", KEY, { ...ours, ...via("ec2") }, "no"],
    ["kms:CreateGrant", KEY, { ...ours, ...via("ec2"), "kms:GrantIsForAWSResource": "true" }, "allow"],
    ["iam:CreateRole", server, {}, "allow"],
    ["iam:CreateRole", iam("role/admin"), {}, "no"],
    ["iam:CreateRole", iam("role/caravan/dev/caravan-dev-server-main"), {}, "no"],
    ["iam:PutRolePolicy", iam("role/caravan-ci/prod/caravan-prod-deployer"), {}, "no"],
    ["iam:UpdateAssumeRolePolicy", iam("role/caravan-ci/prod/caravan-prod-deployer"), {}, "no"],
    ["iam:AttachRolePolicy", server, { "iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess" }, "no"],
    ["iam:CreateUser", iam("user/me"), {}, "no"],
    ["iam:PassRole", server, passed("ec2.amazonaws.com"), "allow"],
    ["iam:PassRole", server, passed("lambda.amazonaws.com"), "no"],
    ["iam:PassRole", iam("role/caravan-ci/prod/caravan-prod-deployer"), passed("ec2.amazonaws.com"), "no"],
    ["iam:CreateServiceLinkedRole", scaling, { "iam:AWSServiceName": "autoscaling.amazonaws.com" }, "allow"],
    ["iam:CreateServiceLinkedRole", scaling, { "iam:AWSServiceName": "spot.amazonaws.com" }, "no"],
    ["iam:DeleteServiceLinkedRole", scaling.replace(/_.*/, ""), {}, "no"],
    ["iam:DeleteOpenIDConnectProvider", iam("oidc-provider/token.actions.githubusercontent.com"), {}, "no"],
    ["ec2:CreateVpc", ec2("vpc/*"), tagged, "allow"],
    ["ec2:CreateVpc", ec2("vpc/*"), {}, "no"],
    ["ec2:CreateVpc", `arn:aws:ec2:us-east-1:${ACCOUNT}:vpc/*`, tagged, "no"],
    ["ec2:CreateSubnet", ec2("subnet/*"), tagged, "allow"],
    ["ec2:CreateSubnet", ec2("subnet/*"), {}, "no"],
    ["ec2:CreateSubnet", ec2("vpc/vpc-1"), {}, "allow"],
    ["ec2:DeleteVpc", ec2("vpc/vpc-1"), ours, "allow"],
    ["ec2:DeleteVpc", ec2("vpc/vpc-1"), theirs, "no"],
    ["ec2:DeleteVpc", ec2("vpc/vpc-1"), {}, "no"],
    ["ec2:CreateTags", ec2("vpc/vpc-1"), { ...tagged, "ec2:CreateAction": "CreateVpc" }, "allow"],
    ["ec2:CreateTags", ec2("vpc/vpc-1"), tagged, "no"],
    ["ec2:CreateTags", ec2("security-group/sg-1"), tagged, "allow"],
    ["ec2:CreateTags", ec2("security-group/sg-1"), { ...tagged, ...theirs }, "no"],
    ["ec2:RevokeSecurityGroupIngress", ec2("security-group/sg-1"), theirs, "no"],
    ["ec2:AuthorizeSecurityGroupIngress", ec2("security-group/sg-1"), {}, "no"],
    ["ec2:AuthorizeSecurityGroupIngress", ec2("security-group/sg-1"), tagged, "no"],
    ["ec2:AuthorizeSecurityGroupIngress", ec2("security-group/sg-1"), ours, "allow"],
    ["ec2:AuthorizeSecurityGroupIngress", ec2("security-group-rule/*"), tagged, "allow"],
    ["ec2:DeleteRoute", ec2("route-table/rtb-1"), theirs, "no"],
    ["ec2:CreateSnapshot", ec2("volume/vol-1"), ours, "allow"],
    ["ec2:CreateSnapshot", ec2("volume/vol-1"), theirs, "no"],
    ["ec2:CreateSnapshot", `arn:aws:ec2:${REGION}::snapshot/*`, tagged, "allow"],
    ["ec2:CreateSnapshot", `arn:aws:ec2:${REGION}::snapshot/*`, {}, "no"],
    ["ec2:DeleteSnapshot", `arn:aws:ec2:${REGION}::snapshot/snap-1`, ours, "no"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/bootstrap/20261124-a1B2c3"), {}, "allow"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/recovery-keys/20261124-a1B2c3"), {}, "deny"],
    ["secretsmanager:GetSecretValue", secret("payroll-a1B2c3"), {}, "no"],
    ["secretsmanager:CreateSecret", secret("caravan/prod/bootstrap/20261124-??????"), {}, "allow"],
    ["logs:CreateLogGroup", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/caravan/prod/flow-log`, {}, "allow"],
    ["logs:DeleteLogGroup", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/a`, {}, "no"],
  ])("%s %s %j: %s", (action, resource, context, decision) => {
    expect(decide(deployer, { action, resource, context })).toBe(decision);
  });

  test("AWS's limits leave room: ten policies a role, 6,144 characters a policy", () => {
    const long = "environment-of-1";
    const state = new LocalState();
    const from = Template.of(
      stateStack({ environment: { name: long, state }, region: "ap-southeast-2" }, `${long}-state`),
    );
    for (const { address } of from.resources("aws_iam_policy")) {
      expect(JSON.stringify(documentOf(from, address)).length, address).toBeLessThan(5_800);
    }
    expect(planner).toHaveLength(2);
    expect(deployer).toHaveLength(6);
  });

  test("with its domains named, no records of others", () => {
    const domains = ["caravan.example.com", "prod.caravan.internal"];
    const named = Template.of(stateStack({ domains }));
    const policies = identityPolicies(named, addressOf(named, "aws_iam_role", "deployer"));
    const change = (documents: typeof policies, name: string) =>
      decide(documents, {
        action: "route53:ChangeResourceRecordSets",
        resource: "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
        context: { "route53:ChangeResourceRecordSetsNormalizedRecordNames": name },
      });
    for (const name of [
      ...domains,
      "vault.caravan.example.com",
      "_a1.caravan.example.com",
      "vault.prod.caravan.internal",
    ]) {
      expect(change(policies, name), name).toBe("allow");
    }
    for (const name of ["example.com", "mail.example.com", "notcaravan.example.com", "dev.caravan.internal"]) {
      expect(change(policies, name), name).toBe("no");
      expect(change(deployer, name), name).toBe("allow");
    }
  });

  test("with a boundary for nodes, no role without it", () => {
    const boundary = iam("policy/nodes");
    const bounded = Template.of(stateStack({ nodePermissionsBoundaryArn: boundary }));
    const policies = identityPolicies(bounded, addressOf(bounded, "aws_iam_role", "deployer"));
    const ask = (action: string, context = {}) => decide(policies, { action, resource: server, context });
    expect(ask("iam:CreateRole")).toBe("no");
    expect(ask("iam:CreateRole", { "iam:PermissionsBoundary": iam("policy/wide") })).toBe("no");
    expect(ask("iam:CreateRole", { "iam:PermissionsBoundary": boundary })).toBe("allow");
    expect(ask("iam:PutRolePolicy")).toBe("no");
    expect(ask("iam:DeleteRolePermissionsBoundary", { "iam:PermissionsBoundary": boundary })).toBe("no");
  });

  test("roles and keys of others that it may use", () => {
    const role = iam("role/nodes");
    const other = Template.of(stateStack({ passableRoleArns: [role], usableKeyArns: [KEY] }));
    const policies = identityPolicies(other, addressOf(other, "aws_iam_role", "deployer"));
    const ask = (action: string, resource: string, context = {}) => decide(policies, { action, resource, context });
    expect(ask("iam:PassRole", role, passed("ec2.amazonaws.com"))).toBe("allow");
    expect(ask("iam:PutRolePolicy", role)).toBe("no");
    expect(ask("kms:GenerateDataKey", KEY, via("s3"))).toBe("allow");
    expect(ask("kms:PutKeyPolicy", KEY)).toBe("no");
  });
});
