import type { ProjectServiceConfig } from "@cdktf/provider-google/lib/project-service";
import type { GoogleProviderConfig } from "@cdktf/provider-google/lib/provider";
import type { PropsCheck } from "../../core/errors";
import { boolean, integer, matching } from "../../core/rules";
import type { LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import { type CiRole, checkCiTrust, type GitHubTrust, type GitLabTrust } from "../ci-trust";
import type { GcpCiAccountTransform } from "./ci-account";
import type { GcpCiPoolTransform } from "./ci-pool";
import type { GcpCustomRolesProps } from "./custom-roles";
import { keyRingShortName } from "./keys";
import { projectId, region, serviceAccount } from "./rules";
import type { GcpStateBucketTransform } from "./state-bucket";

export interface GcpStateStackProps extends LayerStackProps {
  /** Id of the project, `"acme-caravan-prod"`. */
  readonly project: string;
  /** The region, `"europe-west1"`. */
  readonly region: string;
  /**
   * Name of the bucket, the same as in `environment.state`.
   *
   * @default - `gcpStateBucketName({ environment, project, region })`
   */
  readonly bucketName?: string;
  /**
   * Days that an old version of a state is kept: 90 to 3650. It can be restored for 90 days more.
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
   * CI runs on GitHub. One of `github`, `gitlab` and `trustedMembers`, unless both accounts are given.
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
   * CI has identities of its own at Google (accounts of build servers): who may plan, and who may apply, as grants name them:
   * `{ planner: ["serviceAccount:build@..."], deployer: ["group:release@example.com"] }`.
   *
   * @default - it has none
   */
  readonly trustedMembers?: Readonly<Record<CiRole, readonly string[]>>;
  /**
   * E-mail address of a service account that plans. It is let to the state; what else it needs, its owner grants.
   *
   * @default - one is made
   */
  readonly plannerEmail?: string;
  /**
   * E-mail address of a service account that applies. It is let to the state; what else it needs, its owner grants.
   *
   * @default - one is made
   */
  readonly deployerEmail?: string;
  /**
   * Name of the key ring that the infrastructure makes, where it was told another: the deployer administers keys in this one
   * only.
   *
   * @default "caravan-<environment>-keys"
   */
  readonly keyRingName?: string;
  /**
   * Name of the key ring of the state. A ring cannot be deleted: a state stack that was torn down and is made anew needs another.
   *
   * @default "caravan-<environment>-state"
   */
  readonly stateKeyRingName?: string;
  /**
   * Whether the APIs that an environment needs are enabled in the project. They stay enabled in a teardown.
   *
   * @default true
   */
  readonly enableApis?: boolean;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly provider?: Transform<GoogleProviderConfig>;
    readonly api?: Transform<ProjectServiceConfig>;
    readonly bucket?: GcpStateBucketTransform;
    readonly roles?: GcpCustomRolesProps["transform"];
    readonly pool?: GcpCiPoolTransform;
    readonly planner?: GcpCiAccountTransform;
    readonly deployer?: GcpCiAccountTransform;
  };
}

const bucket = matching(
  /(?!goog)[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]/,
  "a bucket's name: 3 to 63 lower-case letters, digits, hyphens and underscores",
  'use a name such as "acme-caravan-state"; "gs://" is no part of it, and a dot makes it a domain name to be proved',
);

const member = matching(
  /(serviceAccount|user|group):[^\s@]+@[^\s@]+|principal(Set)?:\/\/iam\.googleapis\.com\/\S+[^*]/,
  'one who is trusted, as grants name them: "serviceAccount:build@acme.iam.gserviceaccount.com"',
  "write what it is before its address; everybody is nobody in particular",
);

/** Checks all props of a state stack but those of every layer stack. */
export function checkStateProps(check: PropsCheck, props: GcpStateStackProps): void {
  check.required("project", props.project, projectId);
  check.required("region", props.region, region);
  check.optional("bucketName", props.bucketName, bucket);
  check.optional("keepVersionsDays", props.keepVersionsDays, integer(90, 3650, "days"));
  check.optional("keepLogsDays", props.keepLogsDays, integer(90, 3650, "days"));
  check.optional("plannerEmail", props.plannerEmail, serviceAccount);
  check.optional("deployerEmail", props.deployerEmail, serviceAccount);
  check.optional("keyRingName", props.keyRingName, keyRingShortName);
  check.optional("stateKeyRingName", props.stateKeyRingName, keyRingShortName);
  check.optional("enableApis", props.enableApis, boolean);
  checkCiTrust(check, props);
  checkTrust(check, props);
}

function checkTrust(check: PropsCheck, props: GcpStateStackProps): void {
  const ways = (["github", "gitlab", "trustedMembers"] as const).filter((way) => props[way] !== undefined);
  const made = (["planner", "deployer"] as const).filter((role) => props[`${role}Email`] === undefined);
  if (made.length > 0 && ways.length !== 1) {
    check.add({
      property: "github, gitlab, trustedMembers",
      given: ways,
      allowed: "one of the three, saying who may be planner and deployer",
      fix: ways.length === 0 ? "say where CI runs, or give plannerEmail and deployerEmail" : "remove the others",
    });
  }
  if (made.length === 0 && ways.length > 0) {
    check.add({
      property: ways.join(", "),
      given: ways,
      allowed: "nothing where both accounts are given, since their owner says who they trust",
      fix: "remove it, or the given accounts",
    });
  }
  for (const role of props.trustedMembers === undefined ? [] : made) {
    const trusted = props.trustedMembers?.[role] ?? [];
    check.each(`trustedMembers.${role}`, trusted, member);
    if (trusted.length === 0) {
      check.add({
        property: `trustedMembers.${role}`,
        given: trusted,
        allowed: "one or more members",
        fix: `name who may be ${role}, or give ${role}Email`,
      });
    }
  }
}
