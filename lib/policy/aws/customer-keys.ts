import type { PolicyRule, RuleReferences, Severity } from "../rule";
import type { SynthesizedResource } from "../synthesized-stack";

interface EncryptedThing {
  readonly id: string;
  /** What is encrypted, as a phrase that begins the rule's title. */
  readonly what: string;
  readonly type: string;
  /** The block, where there is one, and the attribute that names the key. */
  readonly block?: string;
  readonly attribute: string;
  /** As Trivy has it. @default LOW */
  readonly severity?: Severity;
  readonly references: RuleReferences;
  /** Which resources of the type the rule is for. @default all */
  readonly applies?: (resource: SynthesizedResource) => boolean;
}

const THINGS: readonly EncryptedThing[] = [
  {
    id: "aws-log-group-key",
    what: "A log group",
    type: "aws_cloudwatch_log_group",
    attribute: "kms_key_id",
    references: { trivy: ["AWS-0017"], checkov: ["CKV_AWS_158"] },
  },
  {
    id: "aws-secret-key",
    what: "A secret",
    type: "aws_secretsmanager_secret",
    attribute: "kms_key_id",
    references: { trivy: ["AWS-0098"], checkov: ["CKV_AWS_149"] },
  },
  {
    id: "aws-ssm-parameter-key",
    what: "A secure parameter",
    type: "aws_ssm_parameter",
    attribute: "key_id",
    references: { checkov: ["CKV_AWS_337"] },
    applies: (parameter) => parameter.text("type") === "SecureString",
  },
  {
    id: "aws-sns-topic-key",
    what: "A topic",
    type: "aws_sns_topic",
    severity: "HIGH",
    attribute: "kms_master_key_id",
    references: { trivy: ["AWS-0095", "AWS-0136"], checkov: ["CKV_AWS_26"] },
  },
  {
    id: "aws-sqs-queue-key",
    what: "A queue",
    type: "aws_sqs_queue",
    severity: "HIGH",
    attribute: "kms_master_key_id",
    references: { trivy: ["AWS-0096", "AWS-0135"], checkov: ["CKV_AWS_27"] },
  },
  {
    id: "aws-dynamodb-table-key",
    what: "A table",
    type: "aws_dynamodb_table",
    block: "server_side_encryption",
    attribute: "kms_key_arn",
    references: { trivy: ["AWS-0025"], checkov: ["CKV_AWS_119"] },
  },
  {
    id: "aws-ebs-volume-key",
    what: "A volume",
    type: "aws_ebs_volume",
    attribute: "kms_key_id",
    references: { trivy: ["AWS-0027"], checkov: ["CKV_AWS_189"] },
  },
  {
    id: "aws-efs-key",
    what: "A file system",
    type: "aws_efs_file_system",
    severity: "HIGH",
    attribute: "kms_key_id",
    references: { trivy: ["AWS-0037"], checkov: ["CKV_AWS_42", "CKV_AWS_184"], cis: ["AWS v6.0 3.3.1"] },
  },
];

function keyRule({
  id,
  what,
  type,
  block,
  attribute,
  severity = "LOW",
  references,
  applies = () => true,
}: EncryptedThing): PolicyRule {
  const path = block === undefined ? attribute : `${block}.${attribute}`;
  return {
    id,
    severity,
    title: `${what} is encrypted with a KMS key of the customer's own`,
    why: "With AWS's own key nobody can say who may decrypt, see who did, or stop it.",
    fix: `set ${path}`,
    references,
    resourceTypes: [type],
    *check(resource) {
      if (!applies(resource)) return;
      const holder = block === undefined ? resource : resource.block(block);
      const key = holder?.value(attribute);
      // An alias such as alias/aws/sns is AWS's own key by name.
      if (key === undefined || (typeof key === "string" && key.includes("alias/aws/"))) {
        yield { attribute: path, given: key };
      }
    },
  };
}

export const customerKeyRules: readonly PolicyRule[] = THINGS.map(keyRule);
