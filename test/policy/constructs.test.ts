import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { IamPolicy } from "@cdktf/provider-aws/lib/iam-policy";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketLoggingA } from "@cdktf/provider-aws/lib/s3-bucket-logging";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { App, TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { hcl } from "../../lib/core";
import { evaluate, waive, waiversOf } from "../../lib/policy";

function newStack(): TerraformStack {
  const stack = new TerraformStack(new App(), "prod");
  new AwsProvider(stack, "aws", { region: "eu-central-1" });
  return stack;
}

function judge(stack: TerraformStack) {
  stack.prepareStack();
  return evaluate({ stack: "prod", terraform: stack.toTerraform(), waivers: waiversOf(stack), today: "2026-11-24" });
}

const said = (stack: TerraformStack) =>
  judge(stack).findings.map(({ rule, resource, attribute }) => `${rule} ${resource} ${attribute}`);

/** A bucket with all that the rules ask for, as people write it with the provider's own constructs. */
function hardenedBucket(stack: TerraformStack): void {
  const account = new DataAwsCallerIdentity(stack, "account");
  const key = new KmsKey(stack, "key", {
    enableKeyRotation: true,
    policy: hcl.json({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${account.accountId}:root` },
          Action: "kms:*",
          Resource: "*",
        },
      ],
    }),
  });
  const bucket = new S3Bucket(stack, "state");
  const logs = new S3Bucket(stack, "logs");
  new S3BucketLoggingA(stack, "logging", { bucket: bucket.id, targetBucket: logs.id, targetPrefix: "state/" });
  new S3BucketServerSideEncryptionConfigurationA(stack, "encryption", {
    bucket: bucket.id,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn } }],
  });
  for (const [name, each] of Object.entries({ bucket, logs })) {
    new S3BucketPublicAccessBlock(stack, `${name}-block`, {
      bucket: each.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketVersioningA(stack, `${name}-versions`, {
      bucket: each.bucket,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketLifecycleConfiguration(stack, `${name}-lifecycle`, {
      bucket: each.id,
      rule: [{ id: "parts", status: "Enabled", abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }] }],
    });
    new S3BucketPolicy(stack, `${name}-policy`, {
      bucket: each.id,
      policy: hcl.json({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [each.arn, `${each.arn}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      }),
    });
  }
}

describe("what cdktf's own constructs synthesize", () => {
  it("passes where it is right", () => {
    const stack = newStack();
    hardenedBucket(stack);
    const outcome = judge(stack);
    expect(outcome.findings).toEqual([]);
    expect([outcome.resources, outcome.resourcesChecked]).toEqual([15, 14]);
  });

  it("is found wrong in nested blocks, lists and documents", () => {
    const stack = newStack();
    new SecurityGroup(stack, "open", {
      description: "for a test",
      egress: [{ description: "out", fromPort: 0, toPort: 0, protocol: "-1", cidrBlocks: ["0.0.0.0/0"] }],
      ingress: [{ description: "in", fromPort: 22, toPort: 22, protocol: "tcp", ipv6CidrBlocks: ["::/0"] }],
    });
    new LaunchTemplate(stack, "node", {
      iamInstanceProfile: { name: "node" },
      ebsOptimized: "true",
      monitoring: { enabled: true },
      metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        { deviceName: "/dev/xvda", ebs: { encrypted: "true", kmsKeyId: "${aws_kms_key.data.arn}" } },
        { ebs: { volumeSize: 8 } },
      ],
    });
    const document = new DataAwsIamPolicyDocument(stack, "wide", {
      statement: [
        { actions: ["ec2:DescribeInstances"], resources: ["*"] },
        { actions: ["s3:*"], resources: ["${aws_s3_bucket.b.arn}/*"] },
      ],
    });
    new IamPolicy(stack, "wide-policy", { policy: document.json });
    expect(said(stack)).toEqual([
      "aws-security-group-egress-anywhere aws_security_group.open egress.cidr_blocks",
      "aws-iam-s3-wildcard aws_iam_policy.wide-policy policy (data.aws_iam_policy_document.wide).statement[1].Action",
      "aws-ingress-admin-ports aws_security_group.open ingress.ipv6_cidr_blocks",
      "aws-instance-imdsv2 aws_launch_template.node metadata_options.http_tokens",
      "aws-volume-encryption aws_launch_template.node block_device_mappings[1].ebs.encrypted",
      "aws-launch-template-volume-key aws_launch_template.node block_device_mappings[1].ebs.kms_key_id",
    ]);
  });

  it("is waived by the construct, whatever its address", () => {
    const stack = newStack();
    const vpc = new Vpc(stack, "sand-box", { cidrBlock: "10.0.0.0/16" });
    const reason = "an account for trying out";
    for (const rule of ["aws-vpc-flow-log", "aws-default-security-group", "aws-default-network-acl"]) {
      waive(vpc, { rule, reason, until: "2027-03-31" });
    }
    const outcome = judge(stack);
    expect([outcome.findings, outcome.waiverProblems]).toEqual([[], []]);
    expect(outcome.waived.map(({ resource, constructPath }) => [resource, constructPath])).toEqual(
      Array(3).fill(["aws_vpc.sand-box", "prod/sand-box"]),
    );
  });
});
