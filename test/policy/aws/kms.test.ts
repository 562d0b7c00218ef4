import { kmsRules } from "../../../lib/policy/aws/kms";
import { policy, testRules } from "../rule-examples";

const key = (attributes: object) => ({ resource: { aws_kms_key: { k: attributes } } });

testRules(kmsRules, {
  "aws-kms-rotation": {
    breaks: {
      "a key alone": [key({}), "aws_kms_key.k enable_key_rotation: nothing"],
      "rotation that is off": [key({ enable_key_rotation: false }), "aws_kms_key.k enable_key_rotation: false"],
    },
    holds: {
      rotation: key({ enable_key_rotation: true }),
      "a key that signs": key({ key_usage: "SIGN_VERIFY", customer_master_key_spec: "ECC_NIST_P256" }),
      "what only Terraform knows": key({ enable_key_rotation: "${var.rotate}" }),
    },
  },
  "aws-kms-enabled": {
    breaks: { "a disabled key": [key({ is_enabled: false }), "aws_kms_key.k is_enabled: false"] },
    holds: { "a key": key({}) },
  },
  "aws-kms-explicit-policy": {
    breaks: { "a key alone": [key({}), "aws_kms_key.k policy: nothing"] },
    holds: {
      "a policy in the key": key({ policy: "${data.aws_iam_policy_document.key.json}" }),
      "a policy beside the key": {
        resource: {
          aws_kms_key: { k: {} },
          aws_kms_key_policy: { p: { key_id: "${aws_kms_key.k.id}", policy: "{}" } },
        },
      },
    },
  },
  "aws-kms-policy-everybody": {
    breaks: {
      "a principal *": [
        key({ policy: policy({ Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" }) }),
        'aws_kms_key.k policy.Statement[0].Principal: "*"',
      ],
    },
    holds: {
      "the account": key({
        policy: policy({
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::123456789012:root" },
          Action: "kms:*",
          Resource: "*",
        }),
      }),
      "everybody of the account, by way of a service": key({
        policy: policy({
          Effect: "Allow",
          Principal: { AWS: "*" },
          Action: "kms:Decrypt",
          Resource: "*",
          Condition: { StringEquals: { "kms:CallerAccount": "${data.aws_caller_identity.me.account_id}" } },
        }),
      }),
    },
  },
});
