import { App, TerraformOutput, TerraformStack } from "cdktf";
import { parse } from "yaml";
import type { CaravanConfig } from "../../../lib/gitops/config";
import { type RenderedFile, renderWorkflow } from "../../../lib/gitops/github/render";
import { buildPipelines } from "../../../lib/gitops/pipeline/build";
import { environmentFacts } from "../../../lib/gitops/pipeline/facts";
import { type GraphNode, StackGraph } from "../../../lib/gitops/stack-graph";
import { readStacks, type SynthesizedStack } from "../../../lib/gitops/stacks";
import { AwsStateStack } from "../../../lib/infrastructure/aws/state-stack";
import { LocalState } from "../../../lib/layer";
import { suiteScope } from "../../support/temporary";

const REPOSITORY = "acme/platform";
const place = { accountId: "123456789012", region: "eu-central-1" };

/** A workflow of GitHub Actions, as far as the tests look at it. */
export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, WorkflowJob>>;
}

export interface WorkflowJob {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly "runs-on": string | readonly string[];
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly strategy?: { readonly matrix: { readonly stack: readonly string[] } };
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps: readonly WorkflowStep[];
}

export interface WorkflowStep {
  readonly name: string;
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

/** Two environments on AWS with their state stacks: `dev` below `prod`, each of infrastructure, platform and two more. */
export function twoEnvironments(): StackGraph<SynthesizedStack> {
  const app = new App({ outdir: suiteScope().directory("pipelines") });
  let oidcProviderArn: string | undefined;
  for (const name of ["dev", "prod"]) {
    const environment = { name, state: new LocalState() };
    const state = new AwsStateStack(app, `${name}-state`, {
      environment,
      ...place,
      github: { repository: REPOSITORY },
      oidcProviderArn,
    });
    oidcProviderArn = state.oidcProviderArn;
    const stack = (id: string, ...below: TerraformStack[]) => {
      const made = new TerraformStack(app, `${name}-${id}`);
      for (const each of below) made.addDependency(each);
      return made;
    };
    const infrastructure = stack("infrastructure");
    new TerraformOutput(infrastructure, "infrastructure_contract", { staticId: true, value: { version: 1 } });
    const platform = stack("platform", infrastructure);
    platform.addOverride("terraform.required_providers.vault", { source: "hashicorp/vault", version: "5.0.0" });
    const support = stack("support", platform);
    stack("carts", platform, support);
  }
  app.synth();
  return readStacks(app.outdir);
}

export const config: CaravanConfig = {
  environments: {
    dev: { runner: ["self-hosted", "caravan-dev"], deferred: "apply", destroy: true },
    prod: { runner: "caravan-prod", promoteFrom: "dev" },
  },
};

/** Every option set to something else than its default. */
export const everyOption: CaravanConfig = {
  ...config,
  program: "tofu",
  programVersion: "1.10.6",
  nodeVersion: "22",
  hostedRunner: ["self-hosted", "shared"],
  branch: "trunk",
  build: "npm run build",
  driftSchedule: "0 4 * * 1-5",
  checks: [{ name: "conftest", run: 'conftest test "$CARAVAN_PLANS"/*.json' }],
  cost: { name: "infracost", run: "infracost breakdown --path $CARAVAN_PLANS" },
  jobMinutes: 45,
  environments: {
    dev: { gates: false, runner: "inside", manual: ["dev-state", "dev-carts"], destroy: true },
    prod: {
      runner: ["self-hosted", "inside"],
      deferred: "apply",
      promoteFrom: "dev",
      destroy: true,
      aws: {
        region: "eu-west-1",
        plannerRoleArn: "arn:aws:iam::123456789012:role/mine/planner",
        deployerRoleArn: "arn:aws:iam::123456789012:role/mine/deployer",
      },
    },
  },
};

/** Environments on the two other clouds, whose identities only `caravan.json` knows. */
export const otherClouds: CaravanConfig = {
  ...config,
  environments: {
    dev: {
      ...config.environments["dev"],
      azure: {
        tenantId: "00000000-0000-4000-8000-000000000001",
        subscriptionId: "00000000-0000-4000-8000-000000000002",
        plannerClientId: "planner-client",
        deployerClientId: "deployer-client",
      },
    },
    prod: {
      ...config.environments["prod"],
      gcp: {
        project: "acme-caravan-prod",
        workloadIdentityProvider:
          "projects/123456789012/locations/global/workloadIdentityPools/caravan-prod/providers/github",
        plannerEmail: "planner@acme-caravan-prod.iam.gserviceaccount.com",
        deployerEmail: "deployer@acme-caravan-prod.iam.gserviceaccount.com",
      },
    },
  },
};

/** As whom a step signs in, in whichever cloud's words; nothing for any other step. */
export function signedInAs(step: WorkflowStep): string | undefined {
  const given = step.with?.["role-to-assume"] ?? step.with?.["service_account"];
  return typeof given === "string" ? given : /"ARM_CLIENT_ID=([^"]+)"/.exec(step.run ?? "")?.[1];
}

export function rendered(given: CaravanConfig, stacks: StackGraph<SynthesizedStack>): RenderedFile[] {
  const environments = environmentFacts(given, stacks);
  return buildPipelines(given, environments).map((pipeline) =>
    renderWorkflow(pipeline, { config: given, environments, output: "cdktf.out" }),
  );
}

export function workflows(given: CaravanConfig, stacks: StackGraph<SynthesizedStack>): Workflow[] {
  return rendered(given, stacks).map(({ text }) => parse(text) as Workflow);
}

/** A graph of stacks of one environment `dev`, without anything in them. */
export function emptyStacks(nodes: readonly GraphNode[]): StackGraph<SynthesizedStack> {
  return new StackGraph(
    nodes.map(({ id, dependencies }) => ({
      id: `dev-${id}`,
      dependencies: dependencies.map((each) => `dev-${each}`),
      directory: "/nowhere",
      backend: { kind: "local", path: "/nowhere/terraform.tfstate" },
      terraform: {},
    })),
  );
}

/** The subject of a job's token: https://docs.github.com/en/actions/reference/security/oidc */
export function tokenSubject(workflow: Workflow, job: WorkflowJob, branch = "main"): string {
  if (job.environment !== undefined) return `repo:${REPOSITORY}:environment:${job.environment}`;
  return "pull_request" in workflow.on
    ? `repo:${REPOSITORY}:pull_request`
    : `repo:${REPOSITORY}:ref:refs/heads/${branch}`;
}
