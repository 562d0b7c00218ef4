import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Token } from "cdktf";
import type { PropsCheck } from "../../core/errors";
import { integer, listOf, matching } from "../../core/rules";
import { httpsUrl } from "../../node/check/rules";
import type { PolicyStatement } from "./policy-document";
import { kmsKeyArn } from "./rules";

/**
 * Runners of GitHub that register themselves, each for one job. GitHub lets nobody register by OIDC; a GitHub App may. Its key is
 * imported into KMS, where runners let it sign and nobody can read it, so that no secret is stored anywhere
 * (docs/gitops.md, private runners).
 */
export interface AwsGitHubRunners {
  /** `"owner/repository"`. */
  readonly repository: string;
  /** The client id of a GitHub App that may administer the repository ("Administration: read and write"). */
  readonly appId: string;
  /** Id of the App's installation for the repository: the number at the end of its settings page's address. */
  readonly installationId: string;
  /** ARN of the KMS key that the App's private key was imported into: RSA_2048, SIGN_VERIFY. */
  readonly signingKeyArn: string;
  /**
   * By these labels jobs ask for the runners; pipelines do so by themselves.
   *
   * @default ["self-hosted", "caravan-<environment>"]
   */
  readonly labels?: readonly string[];
  /**
   * Id of the runner group.
   *
   * @default 1 - the repository's own
   */
  readonly runnerGroupId?: number;
  /**
   * Address of the API; a GitHub Enterprise Server has its own, `"https://github.example.com/api/v3"`.
   *
   * @default "https://api.github.com"
   */
  readonly apiUrl?: string;
}

const repository = matching(/[\w.-]+\/[\w.-]+/, 'a repository: "owner/repository"', "copy it from its address");
const appId = matching(/[\w.]{1,40}/, "the client id of a GitHub App", "copy it from the App's settings page");
const installationId = matching(/\d{1,12}/, "the number of an installation", "copy it from the end of its address");
const label = matching(/[\w.-]{1,64}/, "a label: letters, digits, dots, hyphens", 'write it as in "self-hosted"');

/** Checks what a user says of runners of GitHub. */
export function checkGitHubRunners(check: PropsCheck, runners: AwsGitHubRunners): void {
  check.required("repository", runners.repository, repository);
  check.required("appId", runners.appId, appId);
  check.required("installationId", runners.installationId, installationId);
  check.required("signingKeyArn", runners.signingKeyArn, kmsKeyArn);
  check.optional("runnerGroupId", runners.runnerGroupId, integer(1, 1_000_000));
  check.optional("apiUrl", runners.apiUrl, httpsUrl);
  if (runners.labels !== undefined && check.required("labels", runners.labels, listOf(1, 20, "labels"))) {
    check.each("labels", runners.labels, label);
  }
}

/** The labels of an environment's runners. */
export function gitHubRunnerLabels(environment: string, { labels }: AwsGitHubRunners): readonly string[] {
  return labels ?? ["self-hosted", `caravan-${environment}`];
}

/** The script that makes a machine such a runner. */
export function gitHubRunnerScript(environment: string, region: string, runners: AwsGitHubRunners): string {
  const { repository, appId, installationId, signingKeyArn, runnerGroupId = 1 } = runners;
  const values = {
    API: runners.apiUrl ?? "https://api.github.com",
    REPOSITORY: repository,
    APP: appId,
    INSTALLATION: installationId,
    KEY: signingKeyArn,
    REGION: (Token.isUnresolved(signingKeyArn) ? undefined : signingKeyArn.split(":")[3]) ?? region,
    LABELS: JSON.stringify(gitHubRunnerLabels(environment, runners)),
    GROUP: String(runnerGroupId),
  };
  const [first = "", ...rest] = readFileSync(join(__dirname, "github-runner.sh"), "utf8").split("\n");
  return [first, ...Object.entries(values).map(([name, value]) => `${name}='${value}'`), ...rest].join("\n");
}

/** Lets runners sign as the App, and nothing else with its key. */
export function signStatement({ signingKeyArn }: AwsGitHubRunners): PolicyStatement {
  return {
    sid: "SignAsApp",
    actions: ["kms:Sign"],
    resources: [signingKeyArn],
    conditions: { StringEquals: { "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256" } },
  };
}
