import { Document, isPair, isScalar, visit } from "yaml";
import type { CaravanConfig } from "../config";
import type { EnvironmentFacts } from "../pipeline/facts";
import type { Fact, ForgeRight, Input, Job, Pipeline, Step, Trigger } from "../pipeline/model";
import type { SignIn } from "../pipeline/sign-in";
import { type ActionName, actions, versionsByCommit } from "./actions";

export interface GitHubContext {
  readonly config: CaravanConfig;
  readonly environments: readonly EnvironmentFacts[];
  /** Directory of the synth, from the repository's root. */
  readonly output: string;
}

/** A file of the repository. */
export interface RenderedFile {
  readonly path: string;
  readonly text: string;
}

const DEFAULTS = { node: "20", terraform: "1.11.4", tofu: "1.11.5" };
const HOSTED = "ubuntu-latest";
const ARTIFACT = "synth";
const KEEP_SYNTH_DAYS = 1;

/** Below `.github/workflows`, files of this name are ours. */
export const WORKFLOWS = ".github/workflows";

const HEADER =
  " Written by caravan gitops init from caravan.json and the synthesized stacks; caravan gitops check fails if it is out of date.";

/** A pipeline as a workflow of GitHub Actions: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax */
export function renderWorkflow(pipeline: Pipeline, context: GitHubContext): RenderedFile {
  const document = new Document(
    {
      name: pipeline.name,
      on: triggerOf(pipeline.trigger),
      permissions: {},
      ...(pipeline.exclusive === undefined
        ? {}
        : { concurrency: { group: pipeline.exclusive, "cancel-in-progress": false } }),
      defaults: { run: { shell: "bash" } },
      jobs: Object.fromEntries(pipeline.jobs.map((job) => [job.id, renderJob(job, pipeline, context)])),
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore = HEADER;
  visit(document, {
    Pair(_, pair) {
      if (!isPair(pair) || !isScalar(pair.key) || pair.key.value !== "uses" || !isScalar(pair.value)) return;
      const version = versionsByCommit.get(String(pair.value.value).split("@")[1] ?? "");
      if (version !== undefined) pair.value.comment = ` ${version}`;
    },
  });
  return { path: `${WORKFLOWS}/${pipeline.name}.yml`, text: document.toString({ lineWidth: 0 }) };
}

function triggerOf(trigger: Trigger): unknown {
  switch (trigger.kind) {
    case "pull request":
      return { pull_request: { branches: [trigger.branch] } };
    case "push":
      return { push: { branches: [trigger.branch] }, workflow_dispatch: { inputs: inputsOf(trigger.inputs) } };
    case "schedule":
      return { schedule: [{ cron: trigger.cron }], workflow_dispatch: {} };
    case "manual":
      return { workflow_dispatch: { inputs: inputsOf(trigger.inputs) } };
  }
}

function inputsOf(inputs: readonly Input[]): unknown {
  return Object.fromEntries(
    inputs.map(({ name, description, required }) => [name, { description, required, type: "string" }]),
  );
}

const permissions: Readonly<Record<ForgeRight, Readonly<Record<string, string>>>> = {
  comment: { "pull-requests": "write" },
  "read pull requests": { "pull-requests": "read" },
  issues: { issues: "write" },
  push: { contents: "write" },
};

function renderJob(job: Job, pipeline: Pipeline, context: GitHubContext): unknown {
  const conditions = [
    ...(job.forStrangers === false ? ["github.event.pull_request.head.repo.full_name == github.repository"] : []),
    ...(job.onlyOn === undefined ? [] : [`github.ref == 'refs/heads/${job.onlyOn}'`]),
    ...(job.ifOutput === undefined ? [] : [`needs.${job.ifOutput.job}.outputs.${job.ifOutput.output} != ''`]),
  ];
  return {
    ...(job.needs.length === 0 ? {} : { needs: job.needs }),
    ...(conditions.length === 0 ? {} : { if: conditions.join(" && ") }),
    "runs-on": job.runner ?? HOSTED,
    "timeout-minutes": job.minutes,
    permissions: Object.assign(
      { contents: "read", ...(job.identity === "none" ? {} : { "id-token": "write" }) },
      ...job.rights.map((right) => permissions[right]),
    ),
    // With an environment the token's subject is the deployer's.
    ...(job.identity === "deployer" ? { environment: job.environment } : {}),
    ...(job.each === undefined
      ? {}
      : {
          strategy: { "fail-fast": false, matrix: { stack: job.each } },
          env: { CARAVAN_STACK: "${{ matrix.stack }}" },
        }),
    ...(job.outputs === undefined
      ? {}
      : {
          outputs: Object.fromEntries(
            job.outputs.map((name) => [name, `\${{ steps.${outputStep(name)}.outputs.${name} }}`]),
          ),
        }),
    steps: job.steps.flatMap((step) => renderStep(step, job, pipeline, context)),
  };
}

function renderStep(step: Step, job: Job, pipeline: Pipeline, context: GitHubContext): unknown {
  const { config, output } = context;
  switch (step.kind) {
    case "checkout":
      return {
        name: "Check out",
        ...use("checkout", {
          ...(step.commit === undefined
            ? {}
            : { ref: `\${{ needs.${step.commit.job}.outputs.${step.commit.output} }}` }),
          // Only who pushes keeps the token.
          "persist-credentials": job.rights.includes("push"),
        }),
      };
    case "packages":
      return [
        { name: "Install Node", ...use("node", { "node-version": config.nodeVersion ?? DEFAULTS.node, cache: "npm" }) },
        { name: "Install packages", run: step.scripts ? "npm ci" : "npm ci --ignore-scripts" },
      ];
    case "terraform": {
      const program = config.program ?? "terraform";
      const version = config.programVersion ?? DEFAULTS[program];
      return program === "tofu"
        ? { name: "Install OpenTofu", ...use("tofu", { tofu_version: version, tofu_wrapper: false }) }
        : { name: "Install Terraform", ...use("terraform", { terraform_version: version, terraform_wrapper: false }) };
    }
    case "sign in":
      return { name: `Sign in as ${job.identity}`, ...signIn(job, context) };
    case "keep synth":
      return {
        name: "Keep what was synthesized",
        ...use("upload", {
          name: ARTIFACT,
          path: output,
          "if-no-files-found": "error",
          "include-hidden-files": true,
          "retention-days": KEEP_SYNTH_DAYS,
        }),
      };
    case "fetch synth":
      return { name: "Fetch what was synthesized", ...use("download", { name: ARTIFACT, path: output }) };
    case "run":
      return {
        name: step.name,
        ...(step.output === undefined ? {} : { id: outputStep(step.output) }),
        ...(step.mayFail ? { "continue-on-error": true } : {}),
        ...(step.env === undefined
          ? {}
          : {
              env: Object.fromEntries(Object.entries(step.env).map(([name, fact]) => [name, factOf(fact, pipeline)])),
            }),
        run: step.output === undefined ? step.command : `echo "${step.output}=$(${step.command})" >> "$GITHUB_OUTPUT"`,
      };
  }
}

/** Id of the step that tells an output. */
function outputStep(output: string): string {
  return `tell-${output}`;
}

function use(name: ActionName, inputs: Readonly<Record<string, unknown>>) {
  const { action, commit } = actions[name];
  return { uses: `${action}@${commit}`, with: inputs };
}

function signIn(job: Job, { environments }: GitHubContext): Readonly<Record<string, unknown>> {
  const to = environments.find(({ name }) => name === job.environment)?.signIn;
  if (to === undefined) throw new Error(`${job.id} signs in to no environment`);
  const deploys = job.identity === "deployer";
  switch (to.cloud) {
    case "aws":
      return use("aws", {
        "role-to-assume": deploys ? to.deployerRoleArn : to.plannerRoleArn,
        "aws-region": to.region,
        "role-session-name": `caravan-${job.identity}`,
      });
    case "azure":
      return { run: azureVariables(to, deploys ? to.deployerClientId : to.plannerClientId) };
    case "gcp":
      return use("google", {
        project_id: to.project,
        workload_identity_provider: to.workloadIdentityProvider,
        service_account: deploys ? to.deployerEmail : to.plannerEmail,
      });
  }
}

/**
 * Terraform's provider and backend for Azure, and caravan, ask GitHub for a token themselves, and for a new one when it ends:
 * https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/service_principal_oidc
 */
function azureVariables({ tenantId, subscriptionId }: Extract<SignIn, { cloud: "azure" }>, clientId: string): string {
  const variables = {
    ARM_USE_OIDC: "true",
    ARM_USE_CLI: "false",
    ARM_TENANT_ID: tenantId,
    ARM_SUBSCRIPTION_ID: subscriptionId,
    ARM_CLIENT_ID: clientId,
  };
  const lines = Object.entries(variables).map(([name, value]) => `  echo "${name}=${value}"`);
  return ["{", ...lines, '} >> "$GITHUB_ENV"'].join("\n");
}

function factOf(fact: Fact, pipeline: Pipeline): string {
  if (typeof fact === "object") return `\${{ inputs.${fact.input} }}`;
  switch (fact) {
    case "proposed commit":
      return "${{ github.event.pull_request.head.sha }}";
    case "pull request":
      return "${{ github.event.pull_request.number }}";
    case "commit":
      return "${{ github.sha }}";
    case "forge token":
      return "${{ github.token }}";
    case "exclusive":
      return pipeline.exclusive ?? "";
  }
}
