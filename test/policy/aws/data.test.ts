import { customerKeyRules } from "../../../lib/policy/aws/customer-keys";
import { logRules } from "../../../lib/policy/aws/logs";
import { secretRules } from "../../../lib/policy/aws/secrets";
import { type RuleExamples, testRules } from "../rule-examples";

const one = (type: string, attributes: object) => ({ resource: { [type]: { it: attributes } } });
const KEY = "${aws_kms_key.k.arn}";

testRules(logRules, {
  "aws-log-group-retention": {
    breaks: {
      "no number": [one("aws_cloudwatch_log_group", {}), "aws_cloudwatch_log_group.it retention_in_days: nothing"],
      "a month": [
        one("aws_cloudwatch_log_group", { retention_in_days: 30 }),
        "aws_cloudwatch_log_group.it retention_in_days: 30",
      ],
    },
    holds: {
      "a year": one("aws_cloudwatch_log_group", { retention_in_days: 365 }),
      "for ever": one("aws_cloudwatch_log_group", { retention_in_days: 0 }),
    },
  },
});

function key(type: string, attribute: string, rest: object = {}): RuleExamples {
  return {
    breaks: { "no key": [one(type, rest), `${type}.it ${attribute}: nothing`] },
    holds: { "a key": one(type, { ...rest, [attribute]: KEY }) },
  };
}

testRules(customerKeyRules, {
  "aws-log-group-key": key("aws_cloudwatch_log_group", "kms_key_id"),
  "aws-secret-key": key("aws_secretsmanager_secret", "kms_key_id"),
  "aws-ssm-parameter-key": {
    ...key("aws_ssm_parameter", "key_id", { type: "SecureString" }),
    holds: {
      "a key": one("aws_ssm_parameter", { type: "SecureString", key_id: KEY }),
      "a parameter that is no secret": one("aws_ssm_parameter", { type: "String" }),
    },
  },
  "aws-sns-topic-key": {
    breaks: {
      "AWS's own key": [
        one("aws_sns_topic", { kms_master_key_id: "alias/aws/sns" }),
        'aws_sns_topic.it kms_master_key_id: "alias/aws/sns"',
      ],
    },
    holds: { "a key": one("aws_sns_topic", { kms_master_key_id: KEY }) },
  },
  "aws-sqs-queue-key": key("aws_sqs_queue", "kms_master_key_id"),
  "aws-dynamodb-table-key": {
    breaks: {
      "no key": [
        one("aws_dynamodb_table", { server_side_encryption: { enabled: true } }),
        "aws_dynamodb_table.it server_side_encryption.kms_key_arn: nothing",
      ],
    },
    holds: { "a key": one("aws_dynamodb_table", { server_side_encryption: { enabled: true, kms_key_arn: KEY } }) },
  },
  "aws-ebs-volume-key": key("aws_ebs_volume", "kms_key_id"),
  "aws-efs-key": key("aws_efs_file_system", "kms_key_id"),
});

const HIDDEN = '"a secret (not shown)"';

testRules(secretRules, {
  "aws-secret-in-state": {
    breaks: {
      "a literal": [one("aws_db_instance", { password: "hunter2" }), `aws_db_instance.it password: ${HIDDEN}`],
      "a reference, which ends up in state too": [
        one("aws_secretsmanager_secret_version", { secret_string: "${random_password.p.result}" }),
        `aws_secretsmanager_secret_version.it secret_string: ${HIDDEN}`,
      ],
      "a secure parameter": [
        one("aws_ssm_parameter", { type: "SecureString", value: "hunter2" }),
        `aws_ssm_parameter.it value: ${HIDDEN}`,
      ],
      "a secret in blocks": [
        one("aws_mq_broker", { user: [{ username: "a" }, { username: "b", password: "hunter2" }] }),
        `aws_mq_broker.it user[1].password: ${HIDDEN}`,
      ],
    },
    holds: {
      "a write-only argument": one("aws_secretsmanager_secret_version", { secret_string_wo: "${ephemeral.x.y.z}" }),
      "a secret that AWS keeps": one("aws_db_instance", { manage_master_user_password: true }),
      "a parameter that is no secret": one("aws_ssm_parameter", { type: "String", value: "eu-central-1" }),
    },
  },
});
