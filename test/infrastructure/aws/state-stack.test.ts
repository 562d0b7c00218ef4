import { describe, expect, test } from "vitest";
import { InvalidPropsError, LocalState, S3State } from "../../../lib";
import { stateBucketName } from "../../../lib/infrastructure/aws/names";
import type { AwsStateStackProps } from "../../../lib/infrastructure/aws/state-props";
import { Template } from "../../../lib/testing";
import { addressOf, documentOf } from "./documents";
import { decide, type IamDecision } from "./iam-evaluator";
import { ACCOUNT, iam, KEY, place, REGION, stateStack, via } from "./state-fixture";

const template = Template.of(stateStack());
const bucket = `\${${addressOf(template, "aws_s3_bucket", "state")}.arn}`;
const key = `\${${addressOf(template, "aws_kms_key", "state_key")}.arn}`;

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
    const from = Template.of(stateStack({ github: undefined, gitlab }));
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
    const from = Template.of(stateStack({ github: undefined, trustedArns }));
    expect(trustOf(from, "deployer")).toEqual([
      { Sid: "Trusted", Effect: "Allow", Principal: { AWS: iam("role/release") }, Action: "sts:AssumeRole" },
    ]);
    from.resourceCount("aws_iam_openid_connect_provider", 0);
  });

  test("roles given: none is made", () => {
    const given = { plannerRoleArn: iam("role/plan"), deployerRoleArn: iam("role/apply") };
    const stack = stateStack({ github: undefined, ...given });
    expect(stack).toMatchObject(given);
    expect(Template.of(stack).addresses.filter((address) => address.startsWith("aws_iam"))).toEqual([]);
  });

  test("the account's provider given: none is made", () => {
    const oidcProviderArn = iam("oidc-provider/token.actions.githubusercontent.com");
    const from = Template.of(stateStack({ oidcProviderArn }));
    from.resourceCount("aws_iam_openid_connect_provider", 0);
    expect(trustOf(from, "deployer")).toMatchObject([{ Principal: { Federated: oidcProviderArn } }]);
  });

  test("both bear the boundary, below a path that the deployer cannot reach", () => {
    const from = Template.of(stateStack({ permissionsBoundaryArn: iam("policy/ci") }));
    for (const { arguments: role } of from.resources("aws_iam_role")) {
      expect(role).toMatchObject({ permissions_boundary: iam("policy/ci"), path: "/caravan-ci/prod/" });
    }
  });

  test("their ARNs are known at synth", () => {
    expect(stateStack()).toMatchObject({
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
    const kept = Template.of(stateStack({ keepVersionsDays: 400 }));
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
    const torn = Template.of(stateStack({ deletionProtection: false }));
    expect(torn.resource(address)).toMatchObject({ force_destroy: true, lifecycle: { prevent_destroy: false } });
  });

  test("a log bucket given: none is made", () => {
    const given = Template.of(stateStack({ logBucketName: "acme-logs" }));
    given.resourceCount("aws_s3_bucket", 1);
    given.hasResource("aws_s3_bucket_logging", { target_bucket: "acme-logs" });
  });

  test("state goes into it, also under a name of one's own", () => {
    const bucketName = "acme-caravan-state";
    const state = new S3State({ bucket: bucketName, region: REGION });
    const stack = stateStack({ environment: { name: "prod", state }, bucketName });
    expect(stack.bucketName).toBe(bucketName);
    expect(Template.of(stack).json["terraform"]).toMatchObject({
      backend: { s3: { bucket: bucketName, key: "prod-state.tfstate", use_lockfile: true } },
    });
  });
});

test("Terraform acts in this account only", () => {
  expect(template.providers("aws")).toMatchObject([{ region: REGION, allowed_account_ids: [ACCOUNT] }]);
});

test("ids of resources are stable", () => {
  expect(template.addresses).toMatchInlineSnapshot(`
    [
      "aws_iam_openid_connect_provider.identity-provider",
      "aws_iam_policy.deployer_edge-policy_AF0851BB",
      "aws_iam_policy.deployer_keys-policy_70FD5BA9",
      "aws_iam_policy.deployer_network-policy_25C38B85",
      "aws_iam_policy.deployer_nodes-policy_C26EA2A6",
      "aws_iam_policy.deployer_read-policy_313B9FD8",
      "aws_iam_policy.deployer_storage-policy_4F59AE10",
      "aws_iam_policy.planner_read-policy_A676C548",
      "aws_iam_policy.planner_state-policy_9DAE04B9",
      "aws_iam_role.deployer",
      "aws_iam_role.planner",
      "aws_iam_role_policy_attachment.deployer_edge-attachment_F574D2D6",
      "aws_iam_role_policy_attachment.deployer_keys-attachment_D499E898",
      "aws_iam_role_policy_attachment.deployer_network-attachment_7A8142E1",
      "aws_iam_role_policy_attachment.deployer_nodes-attachment_1C538023",
      "aws_iam_role_policy_attachment.deployer_read-attachment_F0D2CDA7",
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
  const dev = Template.of(stateStack({ environment: { name: "dev", state: new LocalState() } }, "dev-state"));
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
    ["an address for a domain", { domains: ["https://example.com"] }, "domains[0]", "final dot"],
    ["no domain", { domains: [] }, "domains", "domains"],
    ["more keys than a policy holds", { usableKeyArns: Array(60).fill(KEY) }, "policies", "usableKeyArns"],
  ])("%s", (_, change, property, fix) => {
    let error: unknown;
    try {
      stateStack(change);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InvalidPropsError);
    expect(String(error)).toMatch(/at "prod-state/);
    expect((error as InvalidPropsError).problems.find((each) => each.property === property)?.fix).toContain(fix);
  });
});
