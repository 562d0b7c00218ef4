import { resourcePolicyRules } from "../../../lib/policy/aws/resource-policies";
import { policy, testRules } from "../rule-examples";

const one = (type: string, attributes: object) => ({ resource: { [type]: { it: attributes } } });

testRules(resourcePolicyRules, {
  "aws-resource-policy-everybody": {
    breaks: {
      "a bucket policy": [
        one("aws_s3_bucket_policy", {
          policy: policy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" }),
        }),
        'aws_s3_bucket_policy.it policy.Statement[0].Principal: "*"',
      ],
      "a queue policy for everybody but one": [
        {
          resource: {
            aws_sqs_queue_policy: {
              q: { policy: policy({ Effect: "Allow", NotPrincipal: { AWS: "1" }, Action: "sqs:*", Resource: "*" }) },
            },
          },
        },
        'aws_sqs_queue_policy.q policy.Statement[0].Principal: "*"',
      ],
      "a condition that narrows nothing": [
        one("aws_s3_bucket_policy", {
          policy: policy({
            Effect: "Allow",
            Principal: { AWS: ["*"] },
            Action: "s3:GetObject",
            Resource: "*",
            Condition: {
              Bool: { "aws:SecureTransport": "true" },
              IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"] },
            },
          }),
        }),
        'aws_s3_bucket_policy.it policy.Statement[0].Principal: "*"',
      ],
    },
    holds: {
      "a denial for everybody": one("aws_s3_bucket_policy", {
        policy: policy({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" }),
      }),
      "everybody of one organization": one("aws_s3_bucket_policy", {
        policy: policy({
          Effect: "Allow",
          Principal: "*",
          Action: "s3:GetObject",
          Resource: "*",
          Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
        }),
      }),
      "a service": one("aws_s3_bucket_policy", {
        policy: policy({
          Effect: "Allow",
          Principal: { Service: "logging.s3.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: "arn:aws:s3:::acme-logs/*",
        }),
      }),
    },
  },
});
