import { describe, expect, test } from "vitest";
import { AwsClusterBucket, type AwsClusterBucketProps } from "../../../lib/infrastructure/aws/cluster-bucket";
import { AwsLogBucket } from "../../../lib/infrastructure/aws/log-bucket";
import { clusterBucketName, logBucketName } from "../../../lib/infrastructure/aws/names";
import { AwsNodeRole } from "../../../lib/infrastructure/aws/node-role";
import { Template } from "../../../lib/testing";
import { addressOf, documentOf, identityPolicies } from "./documents";
import { ARN, edgeStack, KEY, place, refusal } from "./edge-stack";
import { decide, type IamDecision, type IamRequest } from "./iam-evaluator";

function stackOf(change: Partial<AwsClusterBucketProps> = {}, protection = true): Template {
  const { stack, identity } = edgeStack(protection);
  const log = new AwsLogBucket(stack, "log-bucket", place);
  new AwsClusterBucket(stack, "cluster-bucket", {
    ...place,
    kmsKeyArn: identity.keys.dataKeyArn,
    servers: Object.values(identity.servers),
    accessLog: log.clusterLog,
    ...change,
  });
  return Template.of(stack);
}

const template = stackOf();
const role = (name: string) => addressOf(template, "aws_iam_role", `identity_${name}`);
const bucket = addressOf(template, "aws_s3_bucket", "cluster-bucket");
const object = (key: string) => `\${${bucket}.arn}/${key}`;
const dataKey = `\${${addressOf(template, "aws_kms_key", "identity_keys_data")}.arn}`;
const through = (service: string, arn: string) => ({
  "kms:ViaService": `${service}.eu-central-1.amazonaws.com`,
  "kms:EncryptionContext:aws:s3:arn": arn,
});

describe("what nodes may do with the cluster's bucket", () => {
  const rows: [string, string, string, IamRequest["context"], IamDecision][] = [
    ["server-vault", "s3:GetObject", object("document"), {}, "allow"],
    ["server-main", "s3:PutObject", object("born/consul"), {}, "allow"],
    ["server-vault", "s3:PutObject", object("vault-init/2"), {}, "allow"],
    ["server-main", "s3:PutObject", object("token/nomad-operate"), {}, "allow"],
    ["server-main", "s3:GetObject", object("library/0a1b"), {}, "allow"],
    ["server-main", "s3:PutObject", object("library/0a1b"), {}, "no"],
    ["server-main", "s3:PutObject", object("snapshots/nomad/1.snap"), {}, "allow"],
    ["server-main", "s3:PutObjectRetention", object("snapshots/nomad/1.snap"), {}, "allow"],
    ["server-main", "s3:BypassGovernanceRetention", object("snapshots/nomad/1.snap"), {}, "no"],
    ["server-main", "s3:DeleteObject", object("snapshots/nomad/1.snap"), {}, "allow"],
    ["server-main", "s3:DeleteObjectVersion", object("snapshots/nomad/1.snap"), {}, "no"],
    ["server-main", "s3:PutObject", object("leaving/consul/7"), {}, "allow"],
    ["server-main", "s3:DeleteObject", object("leaving/consul/5"), {}, "allow"],
    ["server-main", "s3:DeleteObject", object("document"), {}, "no"],
    ["server-main", "s3:DeleteObject", object("born/vault"), {}, "no"],
    ["server-main", "s3:ListBucket", `\${${bucket}.arn}`, {}, "allow"],
    ["server-main", "s3:PutBucketPolicy", `\${${bucket}.arn}`, {}, "no"],
    ["server-main", "kms:GenerateDataKey", dataKey, through("s3", `\${${bucket}.arn}`), "allow"],
    ["server-main", "kms:Decrypt", dataKey, through("s3", object("document")), "allow"],
    ["server-main", "kms:Decrypt", dataKey, through("s3", "arn:aws:s3:::other/document"), "no"],
    ["server-main", "kms:Decrypt", dataKey, through("ec2", `\${${bucket}.arn}`), "no"],
    ["worker-general", "s3:GetObject", object("document"), {}, "no"],
    ["worker-general", "s3:ListBucket", `\${${bucket}.arn}`, {}, "no"],
    ["worker-general", "kms:Decrypt", dataKey, through("s3", `\${${bucket}.arn}`), "no"],
  ];
  test.each(rows)("%s %s %s %j: %s", (who, action, resource, context, decision) => {
    expect(decide(identityPolicies(template, role(who)), { action, resource, context })).toBe(decision);
  });
});

describe("the bucket's own policy, whatever else somebody may do", () => {
  const policy = documentOf(template, addressOf(template, "aws_s3_bucket_policy", "cluster-bucket_policy"));
  const safe = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };
  const as = (arn: string, more = {}) => ({ ...safe, "aws:PrincipalArn": arn, ...more });
  const server = `\${${role("server-vault")}.arn}`;
  const encrypted = "s3:x-amz-server-side-encryption";
  const rows: [string, string, IamRequest["context"], IamDecision][] = [
    ["s3:GetObject", object("document"), as(server), "no"],
    ["s3:GetObject", object("document"), as(`${ARN}:role/admin`), "deny"],
    ["s3:GetObject", object("document"), as(`\${${role("worker-general")}.arn}`), "deny"],
    ["s3:GetObjectVersion", object("token/nomad-operate"), as(`${ARN}:role/admin`), "deny"],
    ["s3:PutObject", object("born/vault"), as(`${ARN}:role/admin`), "deny"],
    ["s3:GetObject", object("library/0a1b"), as(`${ARN}:role/caravan-ci/prod/caravan-prod-deployer`), "no"],
    ["s3:GetObject", object("document"), as(server, { "aws:SecureTransport": "false" }), "deny"],
    ["s3:GetObject", object("document"), as(server, { "s3:TlsVersion": "1.1" }), "deny"],
    ["s3:PutObject", object("document"), as(server, { [encrypted]: "AES256" }), "deny"],
    ["s3:PutObject", object("document"), as(server, { [encrypted]: "aws:kms" }), "no"],
    ["s3:PutObject", object("document"), as(server, { [`${encrypted}-aws-kms-key-id`]: KEY }), "deny"],
    ["s3:PutObject", object("document"), as(server, { [`${encrypted}-aws-kms-key-id`]: dataKey }), "no"],
  ];
  test.each(rows)("%s %s %j: %s", (action, resource, context, decision) => {
    expect(decide([policy], { action, resource, context, principal: "*" })).toBe(decision);
  });
});

test("it keeps versions for 30 days, takes locks, writes a log, and no plan destroys it", () => {
  expect(template.resource(bucket)).toMatchObject({
    bucket: clusterBucketName(place),
    object_lock_enabled: true,
    force_destroy: false,
    lifecycle: { prevent_destroy: true },
  });
  // A retention for all would lock births and claims too.
  template.resourceCount("aws_s3_bucket_object_lock_configuration", 0);
  const lifecycle = template.resource(
    addressOf(template, "aws_s3_bucket_lifecycle_configuration", "cluster-bucket_lifecycle"),
  );
  expect(lifecycle["rule"]).toContainEqual(
    expect.objectContaining({ id: "old-versions", noncurrent_version_expiration: [{ noncurrent_days: 30 }] }),
  );
  template.hasResource("aws_s3_bucket_logging", { bucket: `\${${bucket}.bucket}`, target_prefix: "cluster/" });
  template.hasResource("aws_s3_bucket", { bucket: logBucketName(place) });
});

test("a teardown's first step lets it be emptied", () => {
  const torn = stackOf({}, false);
  const found = torn.resource(addressOf(torn, "aws_s3_bucket", "cluster-bucket"));
  expect(found).toMatchObject({ force_destroy: true, lifecycle: { prevent_destroy: false } });
});

test("a transform changes an inner resource", () => {
  const changed = stackOf({ transform: { bucket: { tags: { team: "platform" } } } });
  changed.hasResource("aws_s3_bucket", { object_lock_enabled: true, tags: { team: "platform" } });
});

test("given roles are left as they are, but the policy knows them", () => {
  const { stack } = edgeStack();
  const given = { roleArn: `${ARN}:role/vault`, instanceProfileArn: `${ARN}:instance-profile/vault` };
  const server = new AwsNodeRole(stack, "given", { ...place, plane: "server", group: "given", given });
  const log = new AwsLogBucket(stack, "log-bucket", place);
  const props = { ...place, kmsKeyArn: KEY, servers: [server], accessLog: log.clusterLog };
  new AwsClusterBucket(stack, "cluster-bucket", props);
  const made = Template.of(stack);
  const policy = documentOf(made, addressOf(made, "aws_s3_bucket_policy", "cluster-bucket_policy"));
  const target = `\${${addressOf(made, "aws_s3_bucket", "cluster-bucket")}.arn}/document`;
  const request = { action: "s3:GetObject", resource: target, principal: "*" };
  const safe = { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3" };
  expect(decide([policy], { ...request, context: { ...safe, "aws:PrincipalArn": given.roleArn } })).toBe("no");
  expect(decide([policy], { ...request, context: { ...safe, "aws:PrincipalArn": `${ARN}:role/x` } })).toBe("deny");
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ keepVersionsDays: 7 }, "keepVersionsDays: given 7", "from 14 to 3650 days"],
    [{ keepVersionsDays: "30" }, 'keepVersionsDays: given "30"', "from 14 to 3650 days"],
    [{ kmsKeyArn: "alias/data" }, 'kmsKeyArn: given "alias/data"', "the ARN of a KMS key"],
    [{ servers: [] }, "servers: given []", "one role or more"],
    [{ accessLog: undefined }, "accessLog.bucketName: given nothing", "a text that is not empty"],
    [{ region: "eu-central" }, 'region: given "eu-central"', "the code of an AWS region"],
  ])("%j", (change, given, allowed) => {
    const message = refusal(() => stackOf(change as never));
    expect(message).toContain('AwsClusterBucket at "prod-edge/cluster-bucket": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(allowed);
  });
});
