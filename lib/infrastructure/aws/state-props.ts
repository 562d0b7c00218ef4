import type { IamOpenidConnectProviderConfig } from "@cdktf/provider-aws/lib/iam-openid-connect-provider";
import type { AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import { type PropsCheck, rule } from "../../core/errors";
import { integer, listOf, matching } from "../../core/rules";
import { domainName } from "../../core/values";
import type { LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import { type CiRole, checkCiTrust, type GitHubTrust, type GitLabTrust } from "../ci-trust";
import type { AwsCiRoleTransform } from "./ci-role";
import { accountId, kmsKeyArn, oidcProviderArn, policyArn, region, roleArn } from "./rules";
import type { AwsStateBucketTransform } from "./state-bucket";

export interface AwsStateStackProps extends LayerStackProps {
  /** The account's id, 12 digits as text. Terraform refuses to act in another. */
  readonly accountId: string;
  /** The region's code, `"eu-central-1"`. */
  readonly region: string;
  /**
   * Name of the bucket, the same as in `environment.state`.
   *
   * @default - `awsStateBucketName({ environment, accountId, region })`
   */
  readonly bucketName?: string;
  /**
   * Name of a bucket of this account and region that S3 may write access logs to.
   *
   * @default - one is made
   */
  readonly logBucketName?: string;
  /**
   * Days that an old version of a state is kept: 90 to 3650.
   *
   * @default 90
   */
  readonly keepVersionsDays?: number;
  /**
   * Days that access logs are kept: 90 to 3650.
   *
   * @default 365
   */
  readonly keepLogsDays?: number;
  /**
   * CI runs on GitHub. One of `github`, `gitlab` and `trustedArns`, unless both roles are given.
   *
   * @default - it does not
   */
  readonly github?: GitHubTrust;
  /**
   * CI runs on GitLab.
   *
   * @default - it does not
   */
  readonly gitlab?: GitLabTrust;
  /**
   * CI has AWS identities of its own (roles of build servers): who may plan, and who may apply.
   *
   * @default - it has none
   */
  readonly trustedArns?: Readonly<Record<CiRole, readonly string[]>>;
  /**
   * ARN of the account's identity provider for CI. An account has one an issuer: give it where another environment, or
   * somebody else, made it.
   *
   * @default - one is made, for `github` and `gitlab`
   */
  readonly oidcProviderArn?: string;
  /**
   * ARN of a role that plans.
   *
   * @default - one is made
   */
  readonly plannerRoleArn?: string;
  /**
   * ARN of a role that applies.
   *
   * @default - one is made
   */
  readonly deployerRoleArn?: string;
  /**
   * ARN of the policy that bounds what planner and deployer may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
  /**
   * ARN of the policy that must bound every role which the deployer makes for nodes. Without one the deployer can give
   * those roles any right, and use it by way of a node or by letting itself assume them.
   *
   * @default - none
   */
  readonly nodePermissionsBoundaryArn?: string;
  /**
   * ARNs of existing roles that the deployer may give to nodes.
   *
   * @default - only those it makes
   */
  readonly passableRoleArns?: readonly string[];
  /**
   * ARNs of existing keys that the deployer may encrypt disks, buckets and secrets with.
   *
   * @default - only those it makes
   */
  readonly usableKeyArns?: readonly string[];
  /**
   * Domains at and below which the deployer may change DNS records: the `domain` of the infrastructure and the one inside,
   * `["caravan.example.com", "prod.caravan.internal"]`. Name them where the account's zones hold other names too.
   *
   * @default - every record of the account's zones
   */
  readonly domains?: readonly string[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly provider?: Transform<AwsProviderConfig>;
    readonly oidcProvider?: Transform<IamOpenidConnectProviderConfig>;
    readonly bucket?: AwsStateBucketTransform;
    readonly planner?: AwsCiRoleTransform;
    readonly deployer?: AwsCiRoleTransform;
  };
}

const bucket = matching(
  /(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]/,
  "a bucket's name: 3 to 63 lower-case letters, digits and hyphens, none of them S3's own",
  'use a name such as "acme-caravan-state"; dots break TLS, and an ARN or "s3://" is not a name',
);

const principalArn = rule<string>({
  allowed: "the ARN of a role, of a user, or of an account's root",
  fix: "name who is trusted, without wildcards",
  accepts: (value) =>
    typeof value === "string" && /^arn:[a-z-]+:iam::\d{12}:(root|(role|user)\/[\w+=,.@/-]+)$/.test(value),
});

/** Checks all props of a state stack but those of every layer stack. */
export function checkStateProps(check: PropsCheck, props: AwsStateStackProps): void {
  check.required("accountId", props.accountId, accountId);
  check.required("region", props.region, region);
  check.optional("bucketName", props.bucketName, bucket);
  check.optional("logBucketName", props.logBucketName, bucket);
  check.optional("keepVersionsDays", props.keepVersionsDays, integer(90, 3650, "days"));
  check.optional("keepLogsDays", props.keepLogsDays, integer(90, 3650, "days"));
  check.optional("oidcProviderArn", props.oidcProviderArn, oidcProviderArn);
  check.optional("plannerRoleArn", props.plannerRoleArn, roleArn);
  check.optional("deployerRoleArn", props.deployerRoleArn, roleArn);
  check.optional("permissionsBoundaryArn", props.permissionsBoundaryArn, policyArn);
  check.optional("nodePermissionsBoundaryArn", props.nodePermissionsBoundaryArn, policyArn);
  check.each("passableRoleArns", props.passableRoleArns, roleArn);
  check.each("usableKeyArns", props.usableKeyArns, kmsKeyArn);
  if (props.domains !== undefined && check.required("domains", props.domains, listOf(1, 20, "domains"))) {
    check.each("domains", props.domains, domainName);
  }
  checkCiTrust(check, props);
  if (props.trustedArns !== undefined) {
    for (const role of ["planner", "deployer"] as const) {
      check.each(`trustedArns.${role}`, props.trustedArns[role] ?? [], principalArn);
    }
  }
  checkTrust(check, props);
}

function checkTrust(check: PropsCheck, props: AwsStateStackProps): void {
  const ways = (["github", "gitlab", "trustedArns"] as const).filter((way) => props[way] !== undefined);
  const made = (["planner", "deployer"] as const).filter((role) => props[`${role}RoleArn`] === undefined);
  if (made.length > 0 && ways.length !== 1) {
    check.add({
      property: "github, gitlab, trustedArns",
      given: ways,
      allowed: "one of the three, saying who may be planner and deployer",
      fix: ways.length === 0 ? "say where CI runs, or give plannerRoleArn and deployerRoleArn" : "remove the others",
    });
  }
  if (made.length === 0 && ways.length > 0) {
    check.add({
      property: ways.join(", "),
      given: ways,
      allowed: "nothing where both roles are given, since their owner says who they trust",
      fix: "remove it, or the given roles",
    });
  }
  for (const role of props.trustedArns === undefined ? [] : made) {
    if ((props.trustedArns?.[role] ?? []).length === 0) {
      check.add({
        property: `trustedArns.${role}`,
        given: props.trustedArns?.[role],
        allowed: "one or more ARNs",
        fix: `name who may be ${role}, or give ${role}RoleArn`,
      });
    }
  }
  if (props.oidcProviderArn !== undefined && props.github === undefined && props.gitlab === undefined) {
    check.add({
      property: "oidcProviderArn",
      given: props.oidcProviderArn,
      allowed: "an identity provider beside github or gitlab only",
      fix: "say which repository it signs for, or remove it",
    });
  }
  if (made.length === 0 && props.permissionsBoundaryArn !== undefined) {
    check.add({
      property: "permissionsBoundaryArn",
      given: props.permissionsBoundaryArn,
      allowed: "nothing where both roles are given, which are not changed",
      fix: "set the boundary on the roles where they are made, and remove it here",
    });
  }
}
