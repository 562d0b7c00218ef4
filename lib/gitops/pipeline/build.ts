import type { CaravanConfig, Runner } from "../config";
import type { EnvironmentFacts } from "./facts";
import type { Job, Pipeline, RunStep, Step } from "./model";

const CARAVAN = "npx --no caravan";
const BRANCH = "main";
const DRIFT_SCHEDULE = "17 5 * * *";
const JOB_MINUTES = 90;
const SYNTH_MINUTES = 20;

/** All pipelines of a repository. */
export function buildPipelines(config: CaravanConfig, environments: readonly EnvironmentFacts[]): Pipeline[] {
  return [
    pullRequestPipeline(config, environments),
    ...environments.flatMap((environment) => [
      applyPipeline(config, environment, environments),
      driftPipeline(config, environment),
      ...(environment.config.destroy ? [destroyPipeline(config, environment)] : []),
    ]),
  ];
}

const run = (name: string, args: string, env: RunStep["env"] = undefined): RunStep => ({
  kind: "run",
  name,
  command: `${CARAVAN} ${args}`,
  ...(env === undefined ? {} : { env }),
});

/** Where a job runs: inside of the environment's network only if it must, since what makes that network runs before it. */
function runnerFor(config: CaravanConfig, { runner }: EnvironmentFacts, inside: boolean): Runner | undefined {
  return inside ? runner : config.hostedRunner;
}

/** Synth happens once, without anybody's identity; what it wrote is handed to the other jobs of the same run. */
function synthJob({ build, hostedRunner }: CaravanConfig, steps: readonly Step[]): Job {
  return {
    id: "synth",
    needs: [],
    runner: hostedRunner,
    identity: "none",
    rights: [],
    minutes: SYNTH_MINUTES,
    steps: [
      { kind: "checkout" },
      { kind: "packages", scripts: true },
      ...(build === undefined ? [] : [{ kind: "run", name: "Build", command: build } as const]),
      run("Synthesize", "synth"),
      ...steps,
      { kind: "keep synth" },
    ],
  };
}

/** What a job with an identity begins with: nothing of the repository runs before it but the packages of the lock file. */
function actingSteps(): Step[] {
  return [
    { kind: "checkout" },
    { kind: "packages", scripts: false },
    { kind: "fetch synth" },
    { kind: "terraform" },
    { kind: "sign in" },
  ];
}

function clusterSteps({ name }: EnvironmentFacts, needed: boolean): RunStep[] {
  return needed ? [run("Sign in to Vault, Consul and Nomad", `env --environment ${name} --pipeline`)] : [];
}

/**
 * The same where all stacks of an environment are looked at: where nobody can sign in, those below are looked at all the same.
 * They may be what is not there yet, or what mends it.
 */
function clusterStepsIfThere(environment: EnvironmentFacts): RunStep[] {
  return clusterSteps(environment, environment.onCluster.length > 0).map((step) => ({ ...step, mayFail: true }));
}

function pullRequestPipeline(config: CaravanConfig, environments: readonly EnvironmentFacts[]): Pipeline {
  const stacks = environments.flatMap(({ stacks }) => stacks.ids);
  const validate: Job = {
    id: "validate",
    needs: ["synth"],
    runner: config.hostedRunner,
    identity: "none",
    rights: [],
    each: stacks,
    minutes: SYNTH_MINUTES,
    steps: [
      { kind: "checkout" },
      { kind: "packages", scripts: false },
      { kind: "fetch synth" },
      { kind: "terraform" },
      run("Validate", 'validate "$CARAVAN_STACK"'),
    ],
  };
  const plans = environments.map(
    (environment): Job => ({
      id: `plan-${environment.name}`,
      needs: ["synth"],
      runner: runnerFor(config, environment, environment.onCluster.length > 0),
      identity: "planner",
      environment: environment.name,
      rights: ["comment"],
      forStrangers: false,
      minutes: config.jobMinutes ?? JOB_MINUTES,
      steps: [
        ...actingSteps(),
        ...clusterStepsIfThere(environment),
        run(
          "Plan, store and show",
          `plan ${environment.stacks.ids.join(" ")} --environment ${environment.name} --store "$CARAVAN_PROPOSED" --comment`,
          { CARAVAN_PROPOSED: "proposed commit", CARAVAN_PULL_REQUEST: "pull request", FORGE_TOKEN: "forge token" },
        ),
      ],
    }),
  );
  return {
    name: "caravan-pr",
    trigger: { kind: "pull request", branch: config.branch ?? BRANCH },
    jobs: [
      synthJob(config, [run("Are the pipelines up to date?", "gitops check"), run("Policy", "policy")]),
      validate,
      ...plans,
    ],
  };
}

/** Name of what is applied one at a time. */
export function exclusiveName(environment: string): string {
  return `caravan-${environment}`;
}

/** Id of the job that applies a stack. */
export function applyJobId(stack: string): string {
  return `apply-${stack}`;
}

/** Id of the job that waits until what a stack made does its work. */
export function gateJobId(stack: string): string {
  return `gate-${stack}`;
}

function applyPipeline(
  config: CaravanConfig,
  environment: EnvironmentFacts,
  environments: readonly EnvironmentFacts[],
): Pipeline {
  const { name, stacks, gated, onCluster } = environment;
  const branch = config.branch ?? BRANCH;
  const deferred = environment.config.deferred === "apply" ? " --apply-deferred" : "";
  const acting = {
    identity: "deployer",
    environment: name,
    onlyOn: branch,
    minutes: config.jobMinutes ?? JOB_MINUTES,
  } as const;
  /** The job after which what stands on a stack may begin. */
  const done = (stack: string) => (gated.includes(stack) ? gateJobId(stack) : applyJobId(stack));
  const jobs = stacks.order.flatMap((stack): Job[] => [
    {
      ...acting,
      id: applyJobId(stack.id),
      needs: ["synth", ...stack.dependencies.map(done)],
      runner: runnerFor(config, environment, onCluster.includes(stack.id)),
      rights: ["read pull requests"],
      steps: [
        ...actingSteps(),
        ...clusterSteps(environment, onCluster.includes(stack.id)),
        run(
          "Plan anew, compare with what was shown, apply",
          `apply ${stack.id} --environment ${name} --merged "$CARAVAN_COMMIT" --approve "$CARAVAN_APPROVE"${deferred}`,
          {
            CARAVAN_COMMIT: "commit",
            CARAVAN_APPROVE: { input: APPROVE },
            CARAVAN_EXCLUSIVE: "exclusive",
            FORGE_TOKEN: "forge token",
          },
        ),
      ],
    },
    ...(gated.includes(stack.id)
      ? [
          {
            ...acting,
            id: gateJobId(stack.id),
            needs: ["synth", applyJobId(stack.id)],
            runner: runnerFor(config, environment, true),
            rights: [],
            steps: [
              ...actingSteps(),
              run("Wait for Vault, Consul and Nomad", `wait --environment ${name}`),
              run("Replace servers whose recipe changed", `roll --environment ${name}`),
            ],
          },
        ]
      : []),
  ]);
  const next = environments.filter(({ config }) => config.promoteFrom === name);
  const promotions = next.map(
    (target): Job => ({
      id: `promote-${target.name}`,
      needs: jobs.map(({ id }) => id),
      runner: config.hostedRunner,
      identity: "none",
      rights: ["comment", "push"],
      onlyOn: branch,
      minutes: SYNTH_MINUTES,
      steps: [
        { kind: "checkout" },
        { kind: "packages", scripts: false },
        run(`Propose for ${target.name}`, `promote ${name} ${target.name}`, { FORGE_TOKEN: "forge token" }),
      ],
    }),
  );
  return {
    name: `caravan-apply-${name}`,
    trigger: {
      kind: "push",
      branch,
      inputs: [
        {
          name: APPROVE,
          description: "What an apply printed when it stopped: <stack>=<digest>",
          required: false,
        },
      ],
    },
    exclusive: exclusiveName(name),
    jobs: [synthJob(config, []), ...jobs, ...promotions],
  };
}

const APPROVE = "approve";

function driftPipeline(config: CaravanConfig, environment: EnvironmentFacts): Pipeline {
  const { name, stacks, onCluster } = environment;
  const selected = stacks.ids.join(" ");
  const minutes = config.jobMinutes ?? JOB_MINUTES;
  // The app runs before anybody signs in.
  const begin: Step[] = [
    { kind: "packages", scripts: false },
    ...(config.build === undefined ? [] : [{ kind: "run", name: "Build", command: config.build } as const]),
    run("Synthesize", "synth"),
    { kind: "terraform" },
    { kind: "sign in" },
  ];
  return {
    name: `caravan-drift-${name}`,
    trigger: { kind: "schedule", cron: config.driftSchedule ?? DRIFT_SCHEDULE },
    jobs: [
      {
        id: "find",
        needs: [],
        runner: runnerFor(config, environment, false),
        identity: "planner",
        environment: name,
        rights: [],
        onlyOn: config.branch ?? BRANCH,
        minutes,
        outputs: ["commit"],
        steps: [
          { kind: "checkout" },
          ...begin,
          {
            ...run("Which commit was applied last?", `drift ${selected} --environment ${name} --last-applied`),
            output: "commit",
          },
        ],
      },
      {
        id: "drift",
        needs: ["find"],
        runner: runnerFor(config, environment, onCluster.length > 0),
        identity: "planner",
        environment: name,
        rights: ["issues"],
        ifOutput: { job: "find", output: "commit" },
        minutes,
        steps: [
          { kind: "checkout", commit: { job: "find", output: "commit" } },
          ...begin,
          ...clusterStepsIfThere(environment),
          run("Look for drift", `drift ${selected} --environment ${name} --issues`, { FORGE_TOKEN: "forge token" }),
        ],
      },
    ],
  };
}

function destroyPipeline(config: CaravanConfig, environment: EnvironmentFacts): Pipeline {
  const { name, stacks, onCluster } = environment;
  const above = (id: string) =>
    stacks.order.filter(({ dependencies }) => dependencies.includes(id)).map((stack) => stack.id);
  return {
    name: `caravan-destroy-${name}`,
    trigger: {
      kind: "manual",
      inputs: [{ name: "confirm", description: `Type ${name} to destroy it`, required: true }],
    },
    exclusive: exclusiveName(name),
    jobs: [
      synthJob(config, []),
      ...[...stacks.order].reverse().map(
        (stack): Job => ({
          id: `destroy-${stack.id}`,
          needs: ["synth", ...above(stack.id).map((id) => `destroy-${id}`)],
          runner: runnerFor(config, environment, onCluster.includes(stack.id)),
          identity: "deployer",
          environment: name,
          rights: [],
          onlyOn: config.branch ?? BRANCH,
          minutes: config.jobMinutes ?? JOB_MINUTES,
          steps: [
            ...actingSteps(),
            ...clusterSteps(environment, onCluster.includes(stack.id)),
            run("Destroy", `destroy ${stack.id} --environment ${name} --confirm "$CARAVAN_CONFIRM"`, {
              CARAVAN_CONFIRM: { input: "confirm" },
              CARAVAN_EXCLUSIVE: "exclusive",
            }),
          ],
        }),
      ),
    ],
  };
}
