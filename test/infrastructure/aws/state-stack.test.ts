import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { InvalidPropsError, LocalState, S3State } from "../../../lib";
import { clusterBucketName, stateBucketName } from "../../../lib/infrastructure/aws/names";
import type { AwsStateStackProps } from "../../../lib/infrastructure/aws/state-props";
import { AwsStateStack } from "../../../lib/infrastructure/aws/state-stack";
import { Template } from "../../../lib/testing";
import { addressOf, documentOf, identityPolicies } from "./documents";
import { decide, type IamDecision, type IamRequest } from "./iam-evaluator";

const ACCOUNT = "123456789012";
const REGION = "eu-central-1";
const place = { environment: "prod", accountId: ACCOUNT, region: REGION };
const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const ec2 = (resource: string) => `arn:aws:ec2:${REGION}:${ACCOUNT}:${resource}`;
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

const props: AwsStateStackProps = {
  environment: { name: "prod", state: new LocalState() },
  accountId: ACCOUNT,
  region: REGION,
  github: { repository: "acme/platform" },
};

function stackWith(change: Partial<AwsStateStackProps> = {}, id = "prod-state"): AwsStateStack {
  return new AwsStateStack(new App(), id, { ...props, ...change });
}

const template = Template.of(stackWith());
const bucket = `\${${addressOf(template, "aws_s3_bucket", "state")}.arn}`;
const key = `\${${addressOf(template, "aws_kms_key", "state_key")}.arn}`;
const planner = identityPolicies(template, addressOf(template, "aws_iam_role", "planner"));
const deployer = identityPolicies(template, addressOf(template, "aws_iam_role", "deployer"));

const cluster = `arn:aws:s3:::${clusterBucketName(place)}`;
const secret = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
const publicCa = secret("caravan/prod/public-ca-a1B2c3");
const here = { "aws:RequestedRegion": REGION };
const ours = { "aws:ResourceTag/caravan-environment": "prod" };
const theirs = { "aws:ResourceTag/caravan-environment": "dev" };
const tagged = { "aws:RequestTag/caravan-environment": "prod" };
const via = (service: string) => ({ "kms:ViaService": `${service}.${REGION}.amazonaws.com` });

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
    ["s3:GetBucketPolicy", cluster, {}, "allow"],
    ["s3:GetObject", "arn:aws:s3:::acme-payroll/2026.csv", {}, "no"],
    ["secretsmanager:GetSecretValue", publicCa, {}, "allow"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/bootstrap-a1B2c3"), {}, "deny"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/public-ca/more-a1B2c3"), {}, "deny"],
    ["secretsmanager:GetSecretValue", secret("caravan/dev/public-ca-a1B2c3"), {}, "deny"],
    ["secretsmanager:BatchGetSecretValue", "*", {}, "deny"],
    ["secretsmanager:DescribeSecret", secret("caravan/prod/bootstrap-a1B2c3"), {}, "allow"],
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
      { ...via("secretsmanager"), "kms:EncryptionContext:SecretARN": secret("caravan/prod/bootstrap-a1B2c3") },
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
    ["secretsmanager:GetSecretValue", secret("caravan/prod/bootstrap-a1B2c3"), {}, "allow"],
    ["secretsmanager:GetSecretValue", secret("caravan/prod/recovery-keys-a1B2c3"), {}, "deny"],
    ["secretsmanager:GetSecretValue", secret("payroll-a1B2c3"), {}, "no"],
    ["secretsmanager:CreateSecret", secret("caravan/prod/bootstrap-??????"), {}, "allow"],
    ["logs:CreateLogGroup", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/caravan/prod/flow-log`, {}, "allow"],
    ["logs:DeleteLogGroup", `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/a`, {}, "no"],
  ])("%s %s %j: %s", (action, resource, context, decision) => {
    expect(decide(deployer, { action, resource, context })).toBe(decision);
  });

  test("every policy has room to grow within AWS's limit", () => {
    for (const { address } of template.resources("aws_iam_policy")) {
      expect(JSON.stringify(documentOf(template, address)).length, address).toBeLessThan(5000);
    }
  });

  test("with a boundary for nodes, no role without it", () => {
    const boundary = iam("policy/nodes");
    const bounded = Template.of(stackWith({ nodePermissionsBoundaryArn: boundary }));
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
    const other = Template.of(stackWith({ passableRoleArns: [role], usableKeyArns: [KEY] }));
    const policies = identityPolicies(other, addressOf(other, "aws_iam_role", "deployer"));
    const ask = (action: string, resource: string, context = {}) => decide(policies, { action, resource, context });
    expect(ask("iam:PassRole", role, passed("ec2.amazonaws.com"))).toBe("allow");
    expect(ask("iam:PutRolePolicy", role)).toBe("no");
    expect(ask("kms:GenerateDataKey", KEY, via("s3"))).toBe("allow");
    expect(ask("kms:PutKeyPolicy", KEY)).toBe("no");
  });
});

describe("who may be planner and deployer", () => {
  const trustOf = (from: Template, role: string) =>
    documentOf(from, addressOf(from, "aws_iam_role", role), "assume_role_policy").Statement;

  test("GitHub: pull requests and the default branch plan, the protected environment applies", () => {
    const statement = (subjects: unknown) => [
      {
        Sid: "Pipelines",
        Effect: "Allow",
        Principal: {
          Federated: `\${${addressOf(template, "aws_iam_openid_connect_provider", "identity-provider")}.arn}`,
        },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": subjects,
          },
        },
      },
    ];
    expect(trustOf(template, "planner")).toEqual(
      statement(["repo:acme/platform:pull_request", "repo:acme/platform:ref:refs/heads/main"]),
    );
    expect(trustOf(template, "deployer")).toEqual(statement("repo:acme/platform:environment:prod"));
    template.hasResource("aws_iam_openid_connect_provider", {
      url: "https://token.actions.githubusercontent.com",
      client_id_list: ["sts.amazonaws.com"],
    });
  });

  test("GitLab of one's own: any branch of the project plans, the default branch applies", () => {
    const gitlab = { project: "infra/core/platform", url: "https://git.example.com", audience: "aws" };
    const from = Template.of(stackWith({ github: undefined, gitlab }));
    const [plan] = trustOf(from, "planner") as { Condition: object }[];
    const [apply] = trustOf(from, "deployer") as { Condition: object }[];
    expect(plan?.Condition).toEqual({
      StringEquals: { "git.example.com:aud": "aws" },
      StringLike: { "git.example.com:sub": "project_path:infra/core/platform:ref_type:branch:ref:*" },
    });
    expect(apply?.Condition).toEqual({
      StringEquals: {
        "git.example.com:aud": "aws",
        "git.example.com:sub": "project_path:infra/core/platform:ref_type:branch:ref:main",
      },
    });
    from.hasResource("aws_iam_openid_connect_provider", { url: "https://git.example.com", client_id_list: ["aws"] });
  });

  test("given principals", () => {
    const trustedArns = { planner: [iam("role/build")], deployer: [iam("role/release")] };
    const from = Template.of(stackWith({ github: undefined, trustedArns }));
    expect(trustOf(from, "deployer")).toEqual([
      { Sid: "Trusted", Effect: "Allow", Principal: { AWS: iam("role/release") }, Action: "sts:AssumeRole" },
    ]);
    from.resourceCount("aws_iam_openid_connect_provider", 0);
  });

  test("roles given: none is made", () => {
    const given = { plannerRoleArn: iam("role/plan"), deployerRoleArn: iam("role/apply") };
    const stack = stackWith({ github: undefined, ...given });
    expect(stack).toMatchObject(given);
    expect(Template.of(stack).addresses.filter((address) => address.startsWith("aws_iam"))).toEqual([]);
  });

  test("the account's provider given: none is made", () => {
    const oidcProviderArn = iam("oidc-provider/token.actions.githubusercontent.com");
    const from = Template.of(stackWith({ oidcProviderArn }));
    from.resourceCount("aws_iam_openid_connect_provider", 0);
    expect(trustOf(from, "deployer")).toMatchObject([{ Principal: { Federated: oidcProviderArn } }]);
  });

  test("both bear the boundary, below a path that the deployer cannot reach", () => {
    const from = Template.of(stackWith({ permissionsBoundaryArn: iam("policy/ci") }));
    for (const { arguments: role } of from.resources("aws_iam_role")) {
      expect(role).toMatchObject({ permissions_boundary: iam("policy/ci"), path: "/caravan-ci/prod/" });
    }
  });

  test("their ARNs are known at synth", () => {
    expect(stackWith()).toMatchObject({
      plannerRoleArn: iam("role/caravan-ci/prod/caravan-prod-planner"),
      deployerRoleArn: iam("role/caravan-ci/prod/caravan-prod-deployer"),
      oidcProviderArn: iam("oidc-provider/token.actions.githubusercontent.com"),
    });
  });
});

describe("the bucket of the state", () => {
  const root = iam("root");
  const bucketPolicy = documentOf(template, addressOf(template, "aws_s3_bucket_policy", "state_policy"));
  const encryption = "s3:x-amz-server-side-encryption";
  const sound = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };
  test.each<[string, Record<string, string>, IamDecision]>([
    ["TLS 1.3", {}, "no"],
    ["plain HTTP", { "aws:SecureTransport": "false" }, "deny"],
    ["TLS 1.1", { "s3:TlsVersion": "1.1" }, "deny"],
    ["S3's own encryption", { [encryption]: "AES256" }, "deny"],
    ["another key", { [encryption]: "aws:kms", [`${encryption}-aws-kms-key-id`]: KEY }, "deny"],
    ["its own key", { [encryption]: "aws:kms", [`${encryption}-aws-kms-key-id`]: key }, "no"],
  ])("writing with %s", (_, context, decision) => {
    const request = { principal: root, action: "s3:PutObject", resource: `${bucket}/a.tfstate` };
    expect(decide([bucketPolicy], { ...request, context: { ...sound, ...context } })).toBe(decision);
  });

  test("its key is used through S3 only", () => {
    const policy = documentOf(template, addressOf(template, "aws_kms_key", "state_key"));
    const ask = (action: string, context = {}) => decide([policy], { principal: root, action, context });
    expect(ask("kms:Decrypt")).toBe("no");
    expect(ask("kms:Decrypt", { ...via("s3"), "kms:CallerAccount": ACCOUNT })).toBe("allow");
    expect(ask("kms:Decrypt", { ...via("ec2"), "kms:CallerAccount": ACCOUNT })).toBe("no");
    expect(ask("kms:PutKeyPolicy")).toBe("allow");
  });

  test("only S3's logging of this very bucket writes access logs", () => {
    const log = addressOf(template, "aws_s3_bucket", "state_log");
    const policy = documentOf(template, addressOf(template, "aws_s3_bucket_policy", "state_log_policy"));
    const ask = (source: string, prefix = "state/") =>
      decide([policy], {
        principal: "logging.s3.amazonaws.com",
        action: "s3:PutObject",
        resource: `\${${log}.arn}/${prefix}2026`,
        context: { "aws:SourceAccount": ACCOUNT, "aws:SourceArn": source, "s3:TlsVersion": "1.2" },
      });
    expect(ask(`arn:aws:s3:::${stateBucketName(place)}`)).toBe("allow");
    expect(ask("arn:aws:s3:::other")).toBe("no");
    expect(ask(`arn:aws:s3:::${stateBucketName(place)}`, "elsewhere/")).toBe("no");
  });

  test("what goes when", () => {
    const kept = Template.of(stackWith({ keepVersionsDays: 400 }));
    const rules = kept.resource(addressOf(kept, "aws_s3_bucket_lifecycle_configuration", "state_lifecycle"))["rule"];
    expect(rules).toEqual([
      {
        id: "unfinished-uploads",
        status: "Enabled",
        filter: [{ prefix: "" }],
        abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
      },
      {
        id: "old-versions",
        status: "Enabled",
        filter: [{ prefix: "" }],
        noncurrent_version_expiration: [{ noncurrent_days: 400 }],
      },
      { id: "plans", status: "Enabled", filter: [{ prefix: "plans/" }], expiration: [{ days: 14 }] },
    ]);
  });

  test("it is protected; the first step of a teardown empties it", () => {
    const address = addressOf(template, "aws_s3_bucket", "state");
    expect(template.resource(address)).toMatchObject({ force_destroy: false, lifecycle: { prevent_destroy: true } });
    const torn = Template.of(stackWith({ deletionProtection: false }));
    expect(torn.resource(address)).toMatchObject({ force_destroy: true, lifecycle: { prevent_destroy: false } });
  });

  test("a log bucket given: none is made", () => {
    const given = Template.of(stackWith({ logBucketName: "acme-logs" }));
    given.resourceCount("aws_s3_bucket", 1);
    given.hasResource("aws_s3_bucket_logging", { target_bucket: "acme-logs" });
  });

  test("state goes into it, also under a name of one's own", () => {
    const bucketName = "acme-caravan-state";
    const state = new S3State({ bucket: bucketName, region: REGION });
    const stack = stackWith({ environment: { name: "prod", state }, bucketName });
    expect(stack.bucketName).toBe(bucketName);
    expect(Template.of(stack).json["terraform"]).toMatchObject({
      backend: { s3: { bucket: bucketName, key: "prod-state.tfstate", use_lockfile: true } },
    });
  });
});

test("Terraform acts in this account only", () => {
  expect(template.providers("aws")).toEqual([{ region: REGION, allowed_account_ids: [ACCOUNT] }]);
});

test("ids of resources are stable", () => {
  expect(template.addresses).toMatchInlineSnapshot(`
    [
      "aws_iam_openid_connect_provider.identity-provider",
      "aws_iam_policy.deployer_identity-policy_96A14249",
      "aws_iam_policy.deployer_keys-policy_70FD5BA9",
      "aws_iam_policy.deployer_network-policy_25C38B85",
      "aws_iam_policy.deployer_read-policy_313B9FD8",
      "aws_iam_policy.deployer_state-policy_0FA4CB4A",
      "aws_iam_policy.deployer_storage-policy_4F59AE10",
      "aws_iam_policy.planner_read-policy_A676C548",
      "aws_iam_policy.planner_state-policy_9DAE04B9",
      "aws_iam_role.deployer",
      "aws_iam_role.planner",
      "aws_iam_role_policy_attachment.deployer_identity-attachment_60019628",
      "aws_iam_role_policy_attachment.deployer_keys-attachment_D499E898",
      "aws_iam_role_policy_attachment.deployer_network-attachment_7A8142E1",
      "aws_iam_role_policy_attachment.deployer_read-attachment_F0D2CDA7",
      "aws_iam_role_policy_attachment.deployer_state-attachment_DC467841",
      "aws_iam_role_policy_attachment.deployer_storage-attachment_60C00E78",
      "aws_iam_role_policy_attachment.planner_read-attachment_1C6770BF",
      "aws_iam_role_policy_attachment.planner_state-attachment_0038E85E",
      "aws_kms_alias.state_key_alias_D8D2FE24",
      "aws_kms_key.state_key_84A4E4B8",
      "aws_s3_bucket.state",
      "aws_s3_bucket.state_log_4041D13C",
      "aws_s3_bucket_lifecycle_configuration.state_lifecycle_9EBA48F5",
      "aws_s3_bucket_lifecycle_configuration.state_log_lifecycle_8ED017EE",
      "aws_s3_bucket_logging.state_logging_B1391852",
      "aws_s3_bucket_ownership_controls.state_log_ownership-controls_093703B2",
      "aws_s3_bucket_ownership_controls.state_ownership-controls_BDCD8C25",
      "aws_s3_bucket_policy.state_log_policy_23C97DA1",
      "aws_s3_bucket_policy.state_policy_DB2E7E78",
      "aws_s3_bucket_public_access_block.state_log_public-access-block_0A2AE2BF",
      "aws_s3_bucket_public_access_block.state_public-access-block_ADE6B831",
      "aws_s3_bucket_server_side_encryption_configuration.state_encryption_3FDA0990",
      "aws_s3_bucket_server_side_encryption_configuration.state_log_encryption_CFA1EC2C",
      "aws_s3_bucket_versioning.state_log_versioning_D460CDFD",
      "aws_s3_bucket_versioning.state_versioning_27DF9ED5",
    ]
  `);
});

test("two environments of one account share no name", () => {
  const names = (from: Template) =>
    ["aws_s3_bucket", "aws_iam_role", "aws_iam_policy", "aws_kms_alias"].flatMap((type) =>
      from.resources(type).map((each) => each.arguments["name"] ?? each.arguments["bucket"]),
    );
  const dev = Template.of(stackWith({ environment: { name: "dev", state: new LocalState() } }, "dev-state"));
  expect(names(template).filter((name) => names(dev).includes(name))).toEqual([]);
});

describe("wrong props", () => {
  const trustedArns = { planner: [iam("role/a")], deployer: [iam("role/a")] };
  const other = new S3State({ bucket: "other", region: REGION });
  test.each<[string, Partial<AwsStateStackProps>, string, string]>([
    ["an account as a number", { accountId: 123456789012 as unknown as string }, "accountId", "in quotes"],
    ["a zone for a region", { region: "eu-central-1a" }, "region", "without a zone's letter"],
    ["a bucket with capitals", { bucketName: "Acme-State" }, "bucketName", "acme-caravan-state"],
    ["a bucket's ARN", { bucketName: "arn:aws:s3:::state" }, "bucketName", "ARN"],
    ["a bucket with dots", { logBucketName: "acme.logs" }, "logBucketName", "dots"],
    ["versions kept too short", { keepVersionsDays: 30 }, "keepVersionsDays", "between 90"],
    ["half a day", { keepLogsDays: 90.5 }, "keepLogsDays", "between 90"],
    ["nobody is trusted", { github: undefined }, "github, gitlab, trustedArns", "say where CI runs"],
    ["two ways at once", { trustedArns }, "github, gitlab, trustedArns", "remove the others"],
    [
      "a repository's address",
      { github: { repository: "https://github.com/acme/platform" } },
      "github.repository",
      ".git",
    ],
    [
      "a repository with a wildcard",
      { github: { repository: "acme/*" } },
      "github.repository",
      "address of the repository",
    ],
    ["a branch as a ref", { github: { repository: "a/b", branch: "refs/heads/main" } }, "github.branch", "refs/heads/"],
    [
      "any environment",
      { github: { repository: "a/b", deploymentEnvironment: "*" } },
      "github.deploymentEnvironment",
      "protection rules",
    ],
    [
      "an issuer without TLS",
      { github: { repository: "a/b", url: "http://git.example.com" } },
      "github.url",
      "openid-configuration",
    ],
    [
      "a project without its group",
      { github: undefined, gitlab: { project: "platform" } },
      "gitlab.project",
      "address of the project",
    ],
    [
      "any branch applies",
      { github: undefined, gitlab: { project: "a/b", branch: "release-*" } },
      "gitlab.branch",
      "without wildcards",
    ],
    [
      "everybody is trusted",
      { github: undefined, trustedArns: { ...trustedArns, planner: ["*"] } },
      "trustedArns.planner[0]",
      "without wildcards",
    ],
    [
      "nobody may apply",
      { github: undefined, trustedArns: { ...trustedArns, deployer: [] } },
      "trustedArns.deployer",
      "deployerRoleArn",
    ],
    [
      "an issuer's address for the provider",
      { oidcProviderArn: "https://token.actions.githubusercontent.com" },
      "oidcProviderArn",
      "Identity providers",
    ],
    [
      "a provider without a repository",
      { github: undefined, trustedArns, oidcProviderArn: iam("oidc-provider/gitlab.com") },
      "oidcProviderArn",
      "repository",
    ],
    [
      "a session for a role",
      { plannerRoleArn: `arn:aws:sts::${ACCOUNT}:assumed-role/a/b` },
      "plannerRoleArn",
      "assumed-role",
    ],
    [
      "trust beside given roles",
      { plannerRoleArn: iam("role/a"), deployerRoleArn: iam("role/b") },
      "github",
      "given roles",
    ],
    [
      "a boundary beside given roles",
      {
        github: undefined,
        plannerRoleArn: iam("role/a"),
        deployerRoleArn: iam("role/b"),
        permissionsBoundaryArn: iam("policy/b"),
      },
      "permissionsBoundaryArn",
      "where they are made",
    ],
    [
      "a role for a boundary",
      { nodePermissionsBoundaryArn: iam("role/a") },
      "nodePermissionsBoundaryArn",
      "policy's page",
    ],
    [
      "an alias for a key",
      { usableKeyArns: [`arn:aws:kms:${REGION}:${ACCOUNT}:alias/a`] },
      "usableKeyArns[0]",
      "alias",
    ],
    [
      "state in another bucket",
      { environment: { name: "prod", state: other } },
      "environment.state",
      'bucketName: "other"',
    ],
    ["more keys than a policy holds", { usableKeyArns: Array(60).fill(KEY) }, "policies", "usableKeyArns"],
  ])("%s", (_, change, property, fix) => {
    let error: unknown;
    try {
      stackWith(change);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(String(error)).toMatch(/at "prod-state/);
    expect((error as InvalidPropsError).problems.find((each) => each.property === property)?.fix).toContain(fix);
  });
});
