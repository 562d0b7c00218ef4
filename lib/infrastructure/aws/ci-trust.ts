import type { PolicyStatement } from "./policy-document";

/** The two identities of CI: one plans, one applies. */
export type CiRole = "planner" | "deployer";

/** A GitHub repository whose workflows plan and apply. */
export interface GitHubTrust {
  /**
   * `"owner/repository"`; with the numeric ids (`"owner@1/repository@2"`) where the organization has GitHub write them
   * into its subjects.
   */
  readonly repository: string;
  /**
   * The branch on which drift is looked for.
   *
   * @default "main"
   */
  readonly branch?: string;
  /**
   * The GitHub environment whose protection rules guard the apply.
   *
   * @default - the environment's own name
   */
  readonly deploymentEnvironment?: string;
  /**
   * The issuer of tokens; a GitHub Enterprise Server has its own.
   *
   * @default "https://token.actions.githubusercontent.com"
   */
  readonly url?: string;
}

/** A GitLab project whose pipelines plan and apply. */
export interface GitLabTrust {
  /** Path of the project, `"group/project"`. */
  readonly project: string;
  /**
   * The branch that is applied. Protect it: whoever can run a pipeline on it can apply.
   *
   * @default "main"
   */
  readonly branch?: string;
  /**
   * The GitLab instance.
   *
   * @default "https://gitlab.com"
   */
  readonly url?: string;
  /**
   * The `aud` of the job's `id_tokens`.
   *
   * @default - the instance's URL
   */
  readonly audience?: string;
}

/** Who signs the tokens of CI, for whom, and which subjects may be which role. */
export interface OidcTrust {
  readonly url: string;
  readonly audience: string;
  /** Subjects that must match as a whole, by role. */
  readonly exact: Readonly<Record<CiRole, readonly string[]>>;
  /** Patterns of subjects, by role. */
  readonly like: Readonly<Record<CiRole, readonly string[]>>;
}

/** Claims: https://docs.github.com/en/actions/reference/security/oidc */
export function gitHubTrust(props: GitHubTrust, environment: string): OidcTrust {
  const { repository, branch = "main", deploymentEnvironment = environment } = props;
  return {
    url: props.url ?? "https://token.actions.githubusercontent.com",
    audience: "sts.amazonaws.com",
    exact: {
      planner: [`repo:${repository}:pull_request`, `repo:${repository}:ref:refs/heads/${branch}`],
      deployer: [`repo:${repository}:environment:${deploymentEnvironment}`],
    },
    like: { planner: [], deployer: [] },
  };
}

/**
 * Claims: https://docs.gitlab.com/ci/secrets/id_token_authentication/
 *
 * A merge request's pipeline runs on a branch that its author named, so the planner takes any branch of this one
 * project.
 */
export function gitLabTrust(props: GitLabTrust): OidcTrust {
  const { project, branch = "main", url = "https://gitlab.com", audience = url } = props;
  return {
    url,
    audience,
    exact: { planner: [], deployer: [`project_path:${project}:ref_type:branch:ref:${branch}`] },
    like: { planner: [`project_path:${project}:ref_type:branch:ref:*`], deployer: [] },
  };
}

/** The trust policy of a role for those who sign in with a token of CI's issuer. */
export function oidcTrustStatements(trust: OidcTrust, role: CiRole, providerArn: string): PolicyStatement[] {
  const issuer = issuerOf(trust.url);
  const statement = (sid: string, operator: "StringEquals" | "StringLike", subjects: readonly string[]) => ({
    sid,
    principals: { federated: [providerArn] },
    actions: ["sts:AssumeRoleWithWebIdentity"],
    conditions:
      operator === "StringEquals"
        ? { StringEquals: { [`${issuer}:aud`]: trust.audience, [`${issuer}:sub`]: subjects } }
        : { StringEquals: { [`${issuer}:aud`]: trust.audience }, StringLike: { [`${issuer}:sub`]: subjects } },
  });
  return [
    ...(trust.exact[role].length > 0 ? [statement("Pipelines", "StringEquals", trust.exact[role])] : []),
    ...(trust.like[role].length > 0 ? [statement("PipelinesOnAnyBranch", "StringLike", trust.like[role])] : []),
  ];
}

/** The trust policy of a role for given principals. */
export function arnTrustStatements(arns: readonly string[]): PolicyStatement[] {
  return [{ sid: "Trusted", principals: { aws: arns }, actions: ["sts:AssumeRole"] }];
}

/** An issuer as IAM's condition keys and ARNs name it. */
export function issuerOf(url: string): string {
  return url.replace(/^https:\/\//, "").replace(/\/$/, "");
}
