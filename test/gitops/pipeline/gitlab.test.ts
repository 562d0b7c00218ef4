import { App } from "cdktf";
import { AwsStateStack } from "cdktf-caravan/aws";
import { Template } from "cdktf-caravan/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CaravanConfig } from "../../../lib/gitops/config";
import { buildPipelines } from "../../../lib/gitops/pipeline/build";
import { environmentFacts } from "../../../lib/gitops/pipeline/facts";
import type { Fact, Job, Pipeline, Step } from "../../../lib/gitops/pipeline/model";
import { LocalState } from "../../../lib/layer";
import { addressOf } from "../../infrastructure/aws/documents";
import { decide } from "../../infrastructure/aws/iam-evaluator";
import { configs } from "../arbitraries";
import { config, everyOption, twoEnvironments } from "./fixture";

const stacks = twoEnvironments();
const pipelinesOf = (given: CaravanConfig) => buildPipelines(given, environmentFacts(given, stacks));

/** A job as GitLab's CI has it: https://docs.gitlab.com/ci/yaml/ */
interface GitLabJob {
  readonly rules: readonly { readonly if: string }[];
  readonly needs: readonly { readonly job: string; readonly artifacts: boolean }[];
  readonly tags: readonly string[];
  readonly timeout: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
  readonly id_tokens?: Readonly<Record<string, { readonly aud: string }>>;
  readonly environment?: { readonly name: string };
  readonly resource_group?: string;
  readonly parallel?: { readonly matrix: readonly { readonly CARAVAN_STACK: readonly string[] }[] };
  readonly artifacts?: { readonly paths?: readonly string[]; readonly reports?: { readonly dotenv: string } };
}

function sourceOf({ trigger }: Pipeline): string {
  switch (trigger.kind) {
    case "pull request":
      return `$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "${trigger.branch}"`;
    case "push":
      return `$CI_PIPELINE_SOURCE =~ /^(push|web)$/ && $CI_COMMIT_BRANCH == "${trigger.branch}"`;
    case "schedule":
      return '$CI_PIPELINE_SOURCE == "schedule"';
    case "manual":
      return '$CI_PIPELINE_SOURCE == "web"';
  }
}

function factOf(fact: Fact, { exclusive = "" }: Pipeline): string {
  if (typeof fact === "object") return `$[[ inputs.${fact.input} ]]`;
  const facts: Record<Exclude<Fact, object>, string> = {
    "proposed commit": "$CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
    "pull request": "$CI_MERGE_REQUEST_IID",
    commit: "$CI_COMMIT_SHA",
    "forge token": "$CI_JOB_TOKEN",
    exclusive,
  };
  return facts[fact];
}

function scriptOf(step: Step, job: Job): string[] {
  switch (step.kind) {
    case "checkout":
      return step.commit === undefined ? [] : [`git checkout "$${step.commit.output}"`];
    case "packages":
      return [step.scripts ? "npm ci" : "npm ci --ignore-scripts"];
    case "sign in":
      return [`export AWS_ROLE_ARN=${job.environment}-${job.identity}`, 'echo "$TOKEN" > token'];
    case "run": {
      const command =
        step.output === undefined ? step.command : `echo "${step.output}=$(${step.command})" > outputs.env`;
      return [step.mayFail ? `${command} || true` : command];
    }
    // By the job's image, by artifacts.
    case "terraform":
    case "keep synth":
    case "fetch synth":
      return [];
  }
}

function jobOf(job: Job, pipeline: Pipeline): GitLabJob {
  const env = job.steps.flatMap((step) => (step.kind === "run" ? Object.entries(step.env ?? {}) : []));
  const keeps = job.steps.some(({ kind }) => kind === "keep synth");
  const fetches = job.steps.some(({ kind }) => kind === "fetch synth");
  const conditions = [
    sourceOf(pipeline),
    ...(job.forStrangers === false ? ["$CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_PROJECT_PATH"] : []),
    ...(job.onlyOn === undefined ? [] : [`$CI_COMMIT_BRANCH == "${job.onlyOn}"`]),
  ];
  return {
    rules: [{ if: conditions.join(" && ") }],
    needs: job.needs.map((id) => ({ job: id, artifacts: (fetches && id === "synth") || job.ifOutput?.job === id })),
    tags: typeof job.runner === "string" ? [job.runner] : [...(job.runner ?? [])],
    timeout: `${job.minutes} minutes`,
    variables: Object.fromEntries(env.map(([name, fact]) => [name, factOf(fact, pipeline)])),
    // An output is known when the job runs, not when rules are judged.
    script: [
      ...(job.ifOutput === undefined ? [] : [`[ -n "$${job.ifOutput.output}" ] || exit 0`]),
      ...job.steps.flatMap((step) => scriptOf(step, job)),
    ],
    ...(job.identity === "none" ? {} : { id_tokens: { TOKEN: { aud: "https://gitlab.com" } } }),
    ...(job.identity === "deployer" ? { environment: { name: job.environment ?? "" } } : {}),
    // GitLab knows no exclusive pipeline: its jobs are, and a stack's job plans anew whatever ran between two of them.
    ...(pipeline.exclusive === undefined ? {} : { resource_group: pipeline.exclusive }),
    ...(job.each === undefined ? {} : { parallel: { matrix: [{ CARAVAN_STACK: job.each }] } }),
    ...(keeps ? { artifacts: { paths: ["cdktf.out"] } } : {}),
    ...(job.outputs === undefined ? {} : { artifacts: { reports: { dotenv: "outputs.env" } } }),
  };
}

describe("the model of pipelines, for GitLab", () => {
  test("names no forge", () => {
    for (const given of [config, everyOption]) {
      expect(JSON.stringify(pipelinesOf(given))).not.toMatch(/github|gitlab|\$\{\{|ubuntu-latest/i);
    }
  });

  test("holds all that its jobs need, with any options", () => {
    fc.assert(
      fc.property(configs, (given) => {
        for (const pipeline of pipelinesOf(given)) {
          const ids = pipeline.jobs.map(({ id }) => id);
          for (const job of pipeline.jobs) {
            const made = jobOf(job, pipeline);
            for (const { job: id } of made.needs) expect(ids.indexOf(id)).toBeLessThan(ids.indexOf(job.id));
            const needsSynth = job.steps.some(({ kind }) => kind === "fetch synth");
            expect(made.needs.some(({ artifacts }) => artifacts)).toBe(needsSynth || job.ifOutput !== undefined);
            expect(made.script.length).toBeGreaterThan(0);
            expect(made.script.join("\n")).not.toContain("undefined");
            if (job.identity === "deployer") {
              expect(made).toMatchObject({
                environment: { name: job.environment },
                resource_group: `caravan-${job.environment}`,
                id_tokens: { TOKEN: {} },
              });
            }
          }
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test("P12: only jobs of the one branch can be the deployer, by the trust that the state stack synthesizes", () => {
    const stack = new AwsStateStack(new App(), "dev-state", {
      environment: { name: "dev", state: new LocalState() },
      accountId: "123456789012",
      region: "eu-central-1",
      gitlab: { project: "acme/platform" },
      oidcProviderArn: "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
    });
    const template = Template.of(stack);
    const may = (role: string, branch: string) => {
      const trust = String(template.resource(addressOf(template, "aws_iam_role", role))["assume_role_policy"]);
      return decide([JSON.parse(trust)], {
        action: "sts:AssumeRoleWithWebIdentity",
        principal: "arn:aws:iam::123456789012:oidc-provider/gitlab.com",
        context: {
          "gitlab.com:aud": "https://gitlab.com",
          "gitlab.com:sub": `project_path:acme/platform:ref_type:branch:ref:${branch}`,
        },
      });
    };
    for (const pipeline of pipelinesOf(config)) {
      for (const job of pipeline.jobs.filter(({ identity }) => identity === "deployer")) {
        expect(jobOf(job, pipeline).rules[0]?.if).toContain('$CI_COMMIT_BRANCH == "main"');
      }
    }
    expect(may("deployer", "main")).toBe("allow");
    expect(may("deployer", "feature")).toBe("no");
    expect(may("planner", "feature")).toBe("allow");
  });
});
