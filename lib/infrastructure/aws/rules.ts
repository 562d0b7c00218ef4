import { type Rule, rule } from "../../core/errors";
import { matching } from "../../core/rules";

const PARTITION = "aws(?:-cn|-us-gov|-eusc|-iso(?:-[bef])?)?";
const REGION =
  "(?:af|ap|ca|cn|eu|il|me|mx|sa|us|us-gov|us-iso[bf]?|eu-isoe|eusc-de)-(?:central|(?:north|south)(?:east|west)?|east|west)-[1-9]";
const ACCOUNT = "\\d{12}";

const text = (value: unknown): value is string => typeof value === "string";

/** An account's number: 12 digits as text, since some begin with a zero. */
export const accountId: Rule<string> = matching(
  new RegExp(ACCOUNT),
  "an account id: 12 digits, as text",
  'write it in quotes and without hyphens, such as "012345678901"',
);

/** A region's code, of every partition (commercial, China, GovCloud, sovereign, isolated). */
export const region: Rule<string> = matching(
  new RegExp(REGION),
  'the code of an AWS region, such as "eu-central-1" or "us-gov-west-1"',
  "use the code from the console's region menu: lower case, with its number (\"eu-central-1\"), without a zone's letter",
);

/**
 * The name of an availability zone in a region: `"eu-central-1a"`. Zone ids (`euc1-az2`) and local zones are no such
 * names.
 */
export function zoneOf(regionCode: string): Rule<string> {
  return rule({
    allowed: `the letter or the name of an availability zone of ${regionCode}: "a" or "${regionCode}a"`,
    fix: `give a letter, or a name that begins with "${regionCode}"; zone ids and local zones cannot be used here`,
    accepts: (value) =>
      text(value) && /^[a-z]$/.test(value.startsWith(regionCode) ? value.slice(regionCode.length) : value),
  });
}

interface ArnProps {
  /** What it names, with its article: `"an IAM role"`. */
  readonly of: string;
  readonly service: string;
  /** Pattern of the region's place; empty for global services. */
  readonly region?: string;
  /**
   * Pattern of the account's place.
   *
   * @default - 12 digits
   */
  readonly account?: string;
  /** Pattern of what follows the account. */
  readonly resource: string;
  readonly example: string;
  readonly fix: string;
}

function arn({ of, service, region: where = "", account = ACCOUNT, resource, example, fix }: ArnProps): Rule<string> {
  return matching(
    new RegExp(`arn:${PARTITION}:${service}:${where}:${account}:${resource}`),
    `the ARN of ${of}, such as "${example}"`,
    fix,
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: paths and names. */
const IAM_PATH = "(?:[\\x21-\\x7e]{1,510}/)?";

export const roleArn: Rule<string> = arn({
  of: "an IAM role",
  service: "iam",
  resource: `role/${IAM_PATH}[\\w+=,.@-]{1,64}`,
  example: "arn:aws:iam::123456789012:role/deployer",
  fix: 'copy the ARN from the role\'s page, with its path; the ARN of a session ("assumed-role") or of a user is none',
});

/** A customer's own policy or one of AWS's, as a permissions boundary takes it. */
export const policyArn: Rule<string> = arn({
  of: "a managed IAM policy",
  service: "iam",
  account: `(?:${ACCOUNT}|aws)`,
  resource: `policy/${IAM_PATH}[\\w+=,.@-]{1,128}`,
  example: "arn:aws:iam::123456789012:policy/boundary",
  fix: "copy the ARN from the policy's page; an inline policy has none",
});

export const instanceProfileArn: Rule<string> = matching(
  /arn:[a-z-]+:iam::\d{12}:instance-profile\/([\x21-\x7e]{1,510}\/)?[\w+=,.@-]{1,128}/,
  'the ARN of an instance profile, such as "arn:aws:iam::123456789012:instance-profile/nodes"',
  "copy it from the role's page, \"Instance profile ARN\"; the role's own ARN is another",
);

/** A key itself, since IAM policies do not follow aliases. Multi-region keys (`mrk-`) are fine. */
export const kmsKeyArn: Rule<string> = arn({
  of: "a KMS key",
  service: "kms",
  region: REGION,
  resource: "key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
  example: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  fix: "copy the ARN from the key's page; an alias or a bare key id is not enough",
});

export const oidcProviderArn: Rule<string> = arn({
  of: "an IAM OIDC provider",
  service: "iam",
  resource: "oidc-provider/[\\w.-]+(?::\\d+)?(?:/[\\w./~-]+)?",
  example: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
  fix: "copy the ARN from IAM, Identity providers; the address it signs tokens with (https://...) is not it",
});

function resourceId(prefix: string, of: string, where: string): Rule<string> {
  return matching(
    new RegExp(`${prefix}-(?:[0-9a-f]{8}|[0-9a-f]{17})`),
    `the id of ${of}: "${prefix}-" and 8 or 17 hexadecimal digits`,
    `copy the id from ${where}; a name or an ARN is not it`,
  );
}

export const vpcId: Rule<string> = resourceId("vpc", "a VPC", "the list of VPCs");
export const subnetId: Rule<string> = resourceId("subnet", "a subnet", "the list of subnets");
export const securityGroupId: Rule<string> = resourceId("sg", "a security group", "the list of security groups");
export const prefixListId: Rule<string> = resourceId("pl", "a prefix list", "the list of managed prefix lists");
export const hostedZoneId: Rule<string> = matching(
  /Z[A-Z0-9]{5,31}/,
  'the id of a hosted zone: "Z" and capitals or digits',
  "copy the id from the list of hosted zones; the zone's name is not it",
);

export const certificateArn: Rule<string> = arn({
  of: "a certificate of ACM",
  service: "acm",
  region: REGION,
  resource: "certificate/[0-9a-f-]{36}",
  example: "arn:aws:acm:eu-central-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
  fix: "copy the ARN from the certificate's page, in the region of the load balancer",
});

export const webAclArn: Rule<string> = arn({
  of: "a regional web ACL of WAF",
  service: "wafv2",
  region: REGION,
  resource: "regional/webacl/[\\w-]{1,128}/[0-9a-f-]{36}",
  example: "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/edge/1234abcd-12ab-34cd-56ef-1234567890ab",
  fix: "copy the ARN of a web ACL for regional resources; one for CloudFront is none",
});

export const listenerArn: Rule<string> = arn({
  of: "a listener of an application load balancer",
  service: "elasticloadbalancing",
  region: REGION,
  resource: "listener/app/[\\w-]{1,32}/[0-9a-f]{16}/[0-9a-f]{16}",
  example: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2",
  fix: "copy the ARN of its HTTPS listener; the load balancer's own is another",
});

export const topicArn: Rule<string> = arn({
  of: "a topic of SNS",
  service: "sns",
  region: REGION,
  resource: "[\\w-]{1,256}",
  example: "arn:aws:sns:eu-central-1:123456789012:on-call",
  fix: "copy the ARN from the topic's page; a FIFO topic takes no alarms",
});
export const secretArn: Rule<string> = arn({
  of: "a secret of Secrets Manager",
  service: "secretsmanager",
  region: REGION,
  resource: "secret:[\\w/+=.@-]{1,512}",
  example: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:runners-AbCdEf",
  fix: "copy the ARN from the secret's page, with the six letters at its end",
});
export const imageId: Rule<string> = resourceId("ami", "a machine image", "the list of AMIs of the region");
