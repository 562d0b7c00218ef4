/**
 * What an IAM action may do, by its name. AWS classes each action as List, Read, Write, Permissions management or
 * Tagging (Service Authorization Reference); the names of List and Read actions begin with these verbs.
 */
const READ =
  /^[a-z0-9-]+:(BatchGet|Check|Describe|Estimate|Filter|Get|Head|List|Lookup|Preview|Query|Scan|Search|Select|Simulate|Test|Validate|Verify|View)/i;

/** Reads that hand out data or secrets (CKV_AWS_107, CKV_AWS_108). */
const DATA_READS = [
  "dynamodb:BatchGetItem",
  "dynamodb:GetItem",
  "dynamodb:Query",
  "dynamodb:Scan",
  "iam:GetLoginProfile",
  "rds-data:Select",
  "s3:GetObject",
  "s3:GetObjectVersion",
  "secretsmanager:BatchGetSecretValue",
  "secretsmanager:GetSecretValue",
  "ssm:GetParameter",
  "ssm:GetParameterHistory",
  "ssm:GetParameters",
  "ssm:GetParametersByPath",
  "sts:GetFederationToken",
];

/**
 * Writes for which AWS knows no resource, so that `*` is the narrowest there is (Service Authorization Reference:
 * ssmmessages, ec2messages, ssm, cloudwatch, xray).
 */
const WITHOUT_RESOURCE = new Set(
  [
    "cloudwatch:PutMetricData",
    "ec2messages:AcknowledgeMessage",
    "ec2messages:DeleteMessage",
    "ec2messages:FailMessage",
    "ec2messages:SendReply",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
  ].map((action) => action.toLowerCase()),
);

/** Whether an action, or a pattern of actions, must not be allowed on every resource. */
export function needsResource(action: string): boolean {
  if (WITHOUT_RESOURCE.has(action.toLowerCase())) return false;
  return !READ.test(action) || DATA_READS.some((read) => actionMatches(action, read));
}

/** Whether a pattern as IAM reads it (`*`, `?`, no case) covers an action. */
export function actionMatches(pattern: string, action: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern.toLowerCase() === action.toLowerCase();
  const parts = pattern.split(/([*?]+)/).map((part) => {
    if (/^[*?]+$/.test(part)) return part.includes("*") ? ".*" : ".".repeat(part.length);
    return part.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "i").test(action);
}
