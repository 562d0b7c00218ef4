import { s3AccessRules } from "../../../lib/policy/aws/s3-access";
import { s3DataRules } from "../../../lib/policy/aws/s3-data";
import { policy, testRules } from "../rule-examples";

const bucket = { aws_s3_bucket: { b: { bucket: "acme-state" } } };
const ID = "${aws_s3_bucket.b.id}";

/** The bucket with one more resource that configures it. */
function configured(type: string, attributes: object, rest: object = {}) {
  return { resource: { ...bucket, [type]: { c: { bucket: ID, ...attributes } }, ...rest } };
}

const FLAGS = {
  block_public_acls: true,
  block_public_policy: true,
  ignore_public_acls: true,
  restrict_public_buckets: true,
};

const denyHttp = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::acme-state", "arn:aws:s3:::acme-state/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

const encryptedWith = (inner: object) =>
  configured("aws_s3_bucket_server_side_encryption_configuration", {
    rule: [{ apply_server_side_encryption_by_default: inner }],
  });

const logs = {
  aws_s3_bucket: { logs: {}, b: {} },
  aws_s3_bucket_logging: { b: { bucket: ID, target_bucket: "${aws_s3_bucket.logs.id}" } },
};

const grantedToLogging = policy({
  Effect: "Allow",
  Principal: { Service: "logging.s3.amazonaws.com" },
  Action: "s3:PutObject",
  Resource: "arn:aws:s3:::acme-logs/*",
});

testRules(s3AccessRules, {
  "aws-s3-public-access-block": {
    breaks: {
      "a bucket alone": [{ resource: bucket }, "aws_s3_bucket.b aws_s3_bucket_public_access_block: nothing"],
      "a block with two flags": [
        configured("aws_s3_bucket_public_access_block", {
          block_public_acls: true,
          block_public_policy: true,
          ignore_public_acls: false,
        }),
        "aws_s3_bucket_public_access_block.c ignore_public_acls: false",
        "aws_s3_bucket_public_access_block.c restrict_public_buckets: nothing",
      ],
      "a block of another bucket": [
        { resource: { ...bucket, aws_s3_bucket_public_access_block: { c: { bucket: "acme-other", ...FLAGS } } } },
        "aws_s3_bucket.b aws_s3_bucket_public_access_block: nothing",
      ],
    },
    holds: {
      "all four flags": configured("aws_s3_bucket_public_access_block", FLAGS),
      "flags known to Terraform only": configured("aws_s3_bucket_public_access_block", {
        ...FLAGS,
        block_public_acls: "${var.block}",
      }),
      "a block by the bucket's name": configured("aws_s3_bucket_public_access_block", {
        ...FLAGS,
        bucket: "acme-state",
      }),
    },
  },
  "aws-s3-public-acl": {
    breaks: {
      "a canned ACL": [
        configured("aws_s3_bucket_acl", { acl: "public-read" }),
        'aws_s3_bucket_acl.c acl: "public-read"',
      ],
      "the bucket's own argument": [
        { resource: { aws_s3_bucket: { b: { acl: "public-read-write" } } } },
        'aws_s3_bucket.b acl: "public-read-write"',
      ],
      "a grant to everybody with an account": [
        configured("aws_s3_bucket_acl", {
          access_control_policy: {
            grant: [{ grantee: { uri: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" } }],
          },
        }),
        'aws_s3_bucket_acl.c access_control_policy.grant.grantee.uri: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"',
      ],
    },
    holds: {
      "no ACL": { resource: bucket },
      "a private ACL": configured("aws_s3_bucket_acl", { acl: "private" }),
      "an ACL known to Terraform only": configured("aws_s3_bucket_acl", { acl: "${var.acl}" }),
    },
  },
  "aws-s3-tls-only": {
    breaks: {
      "no policy": [{ resource: bucket }, "aws_s3_bucket.b aws_s3_bucket_policy: nothing"],
      "a policy that denies nothing": [
        configured("aws_s3_bucket_policy", { policy: grantedToLogging }),
        'aws_s3_bucket.b aws_s3_bucket_policy.c.policy: "no statement that denies it"',
      ],
      "a denial for one principal": [
        configured("aws_s3_bucket_policy", { policy: policy({ ...denyHttp, Principal: { AWS: "123456789012" } }) }),
        'aws_s3_bucket.b aws_s3_bucket_policy.c.policy: "no statement that denies it"',
      ],
      "a denial that leaves out the objects": [
        configured("aws_s3_bucket_policy", { policy: policy({ ...denyHttp, Resource: "arn:aws:s3:::acme-state" }) }),
        'aws_s3_bucket.b aws_s3_bucket_policy.c.policy: "no statement that denies it"',
      ],
      "a denial that leaves out the objects, by reference": [
        configured("aws_s3_bucket_policy", { policy: policy({ ...denyHttp, Resource: "${aws_s3_bucket.b.arn}" }) }),
        'aws_s3_bucket.b aws_s3_bucket_policy.c.policy: "no statement that denies it"',
      ],
      "a denial under a second condition": [
        configured("aws_s3_bucket_policy", {
          policy: policy({ ...denyHttp, Condition: { ...denyHttp.Condition, StringEquals: { "aws:SourceVpc": "v" } } }),
        }),
        'aws_s3_bucket.b aws_s3_bucket_policy.c.policy: "no statement that denies it"',
      ],
    },
    holds: {
      "a denial": configured("aws_s3_bucket_policy", { policy: policy(denyHttp) }),
      "a denial through jsonencode": configured("aws_s3_bucket_policy", {
        policy:
          '${jsonencode({"Statement" = [{"Effect" = "Deny", "Principal" = {"AWS" = "*"}, "Action" = "s3:*", "Resource" = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"], "Condition" = {"Bool" = {"aws:SecureTransport" = false}}}]})}',
      }),
      "a denial in a data source": {
        resource: {
          ...bucket,
          aws_s3_bucket_policy: { c: { bucket: ID, policy: "${data.aws_iam_policy_document.tls.json}" } },
        },
        data: {
          aws_iam_policy_document: {
            tls: {
              statement: [
                {
                  effect: "Deny",
                  principals: [{ type: "*", identifiers: ["*"] }],
                  actions: ["s3:*"],
                  resources: ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"],
                  condition: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
                },
              ],
            },
          },
        },
      },
      "a policy known to Terraform only": configured("aws_s3_bucket_policy", { policy: "${var.policy}" }),
    },
  },
});

testRules(s3DataRules, {
  "aws-s3-encryption": {
    breaks: {
      "a bucket alone": [
        { resource: bucket },
        "aws_s3_bucket.b aws_s3_bucket_server_side_encryption_configuration: nothing",
      ],
      "S3's own key": [
        encryptedWith({ sse_algorithm: "AES256" }),
        'aws_s3_bucket.b aws_s3_bucket_server_side_encryption_configuration.c.rule.apply_server_side_encryption_by_default.sse_algorithm: "AES256"',
      ],
      "AWS's key for S3": [
        encryptedWith({ sse_algorithm: "aws:kms" }),
        "aws_s3_bucket.b aws_s3_bucket_server_side_encryption_configuration.c.rule.apply_server_side_encryption_by_default.kms_master_key_id: nothing",
      ],
    },
    holds: {
      "a key of one's own": encryptedWith({ sse_algorithm: "aws:kms", kms_master_key_id: "${aws_kms_key.k.arn}" }),
    },
    exempts: {
      "a bucket for access logs": {
        resource: {
          aws_s3_bucket: { logs: {} },
          aws_s3_bucket_policy: { p: { bucket: "${aws_s3_bucket.logs.bucket}", policy: grantedToLogging } },
        },
      },
    },
  },
  "aws-s3-versioning": {
    breaks: {
      "a bucket alone": [{ resource: bucket }, "aws_s3_bucket.b aws_s3_bucket_versioning: nothing"],
      "versioning that is suspended": [
        configured("aws_s3_bucket_versioning", { versioning_configuration: { status: "Suspended" } }),
        'aws_s3_bucket.b aws_s3_bucket_versioning.c.versioning_configuration.status: "Suspended"',
      ],
    },
    holds: {
      versioning: configured("aws_s3_bucket_versioning", { versioning_configuration: [{ status: "Enabled" }] }),
      "the argument of old": { resource: { aws_s3_bucket: { b: { versioning: { enabled: true } } } } },
    },
  },
  "aws-s3-access-logging": {
    breaks: { "a bucket alone": [{ resource: bucket }, "aws_s3_bucket.b aws_s3_bucket_logging: nothing"] },
    holds: { "a bucket and its log bucket": { resource: logs } },
  },
  "aws-s3-lifecycle": {
    breaks: {
      "a bucket alone": [{ resource: bucket }, "aws_s3_bucket.b aws_s3_bucket_lifecycle_configuration: nothing"],
      "a rule that is off": [
        configured("aws_s3_bucket_lifecycle_configuration", { rule: [{ id: "x", status: "Disabled" }] }),
        "aws_s3_bucket.b aws_s3_bucket_lifecycle_configuration: nothing",
      ],
    },
    holds: {
      "a rule": configured("aws_s3_bucket_lifecycle_configuration", { rule: [{ id: "x", status: "Enabled" }] }),
    },
  },
  "aws-s3-abort-multipart": {
    breaks: {
      "a rule without it": [
        configured("aws_s3_bucket_lifecycle_configuration", { rule: [{ id: "x", status: "Enabled" }] }),
        "aws_s3_bucket_lifecycle_configuration.c rule.abort_incomplete_multipart_upload: nothing",
      ],
    },
    holds: {
      "a rule with it": configured("aws_s3_bucket_lifecycle_configuration", {
        rule: [{ status: "Enabled", abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }] }],
      }),
    },
  },
});
