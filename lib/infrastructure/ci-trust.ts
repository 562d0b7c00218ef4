import type { PropsCheck } from "../core/errors";
import { matching } from "../core/rules";

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

/**
 * Claims: https://docs.github.com/en/actions/reference/security/oidc
 *
 * @param audience whom the cloud wants a token to be for
 */
export function gitHubTrust(props: GitHubTrust, environment: string, audience: string): OidcTrust {
  const { repository, branch = "main", deploymentEnvironment = environment } = props;
  return {
    url: props.url ?? "https://token.actions.githubusercontent.com",
    audience,
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

const repository = matching(
  /[\w.-]+(@\d+)?\/[\w.-]+(@\d+)?/,
  '"owner/repository"',
  'write it as in the address of the repository, without "https://github.com/" and ".git"',
);

const project = matching(
  /[\w.-]+(\/[\w.-]+)+/,
  'the path of a project with its groups, "group/project"',
  "write it as in the address of the project, without the instance",
);

const branch = matching(
  /(?!refs\/)[^\s*?:~^[\\]+/,
  "the name of one branch",
  'write it without "refs/heads/" and without wildcards: whoever can make a matching branch would be trusted',
);

const deploymentEnvironment = matching(
  /[^*?]+/,
  "the name of one GitHub environment",
  "write it without wildcards, and give the environment protection rules",
);

const issuer = matching(
  /https:\/\/[a-z0-9.-]+(:\d+)?(\/[\w./~-]*[\w~-])?/,
  "the issuer's address: https, no slash at its end",
  "copy it from the issuer's /.well-known/openid-configuration",
);

const audience = matching(/[^\s*?]+/, "one audience, as the job's id_tokens has it", "write it without wildcards");

/** Checks the properties `github` and `gitlab`. */
export function checkCiTrust(
  check: PropsCheck,
  { github, gitlab }: { readonly github?: GitHubTrust; readonly gitlab?: GitLabTrust },
): void {
  if (github !== undefined) {
    check.required("github.repository", github.repository, repository);
    check.optional("github.branch", github.branch, branch);
    check.optional("github.deploymentEnvironment", github.deploymentEnvironment, deploymentEnvironment);
    check.optional("github.url", github.url, issuer);
  }
  if (gitlab !== undefined) {
    check.required("gitlab.project", gitlab.project, project);
    check.optional("gitlab.branch", gitlab.branch, branch);
    check.optional("gitlab.url", gitlab.url, issuer);
    check.optional("gitlab.audience", gitlab.audience, audience);
  }
}
