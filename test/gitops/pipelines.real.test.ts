import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Scope, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import type { JobResult } from "../support/workflow-runner";
import { CARAVAN, type Inputs, Repository } from "./repository";

const BUILT = existsSync(CARAVAN) ? CARAVAN : undefined;
const first: Inputs = { infrastructure: { it: "one" }, platform: { it: "two" }, carts: { it: "three" } };
const applyJobs = (jobs: Readonly<Record<string, JobResult>>) =>
  ["infrastructure", "platform", "carts"].map((name) => jobs[`apply-dev-${name}`]);

describeWith(
  "the workflows, step by step, on files",
  { terraform: findTool("terraform"), git: findTool("git"), "a build (npm run build)": BUILT },
  () => {
    /** A repository, and the directory of its state. */
    async function begin(scope: Scope, deferred: "ask" | "apply" = "apply") {
      const state = scope.directory("state");
      const backend = (stack: string) => ({ local: { path: join(state, `${stack}.tfstate`) } });
      return { state, repository: await Repository.create({ scope, program: "terraform", backend, deferred }, first) };
    }

    /** The same, with everything applied. */
    async function living(scope: Scope) {
      const begun = await begin(scope);
      const head = await begun.repository.commit();
      const planned = await begun.repository.pullRequest(head);
      expect(planned.jobs["plan-dev"], planned.logs["plan-dev"]).toBe("success");
      const { commit, result } = await begun.repository.merge(head);
      expect(applyJobs(result.jobs), JSON.stringify(result.logs)).toEqual(["success", "success", "success"]);
      return { ...begun, commit };
    }

    const stored = (state: string, head: string, stack: string) => join(state, "plans", head, `${stack}.json`);
    const inputOf = (state: string, stack: string) => readFileSync(join(state, `dev-${stack}.tfstate`), "utf8");

    test("P3, P7, P8, P9, P19: a pull request shows its plan, the merge applies exactly that, and leaves a record", async () => {
      const { repository, state } = await living(testScope());
      const head = await repository.commit({ ...first, carts: { it: "four" } });
      const planned = await repository.pullRequest(head);
      expect(planned.roles).toEqual(["arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-planner"]);
      expect(repository.forge.comments).toHaveLength(1);
      const comment = repository.forge.comments[0]?.body ?? "";
      expect(comment).toContain("| dev-infrastructure | no change |");
      expect(comment).toContain("nothing that it is made of has changed since its last apply");
      expect(comment).toContain("| dev-carts | changes | 0 | 1 | 0 | 0 |");
      expect(comment).toContain('input: "three" -> "four"');
      expect(existsSync(stored(state, head, "dev-carts"))).toBe(true);

      const { commit, result } = await repository.merge(head);
      expect(result.logs["apply-dev-carts"]).toContain("dev-carts: applied");
      expect(result.roles.at(-1)).toBe("arn:aws:iam::123456789012:role/caravan-ci/dev/caravan-dev-deployer");
      expect(inputOf(state, "carts")).toContain('"four"');
      expect(JSON.parse(readFileSync(join(state, "records/dev-carts/applied.json"), "utf8"))).toMatchObject({
        stack: "dev-carts",
        commit,
        result: "applied",
        by: { person: "somebody", exclusive: "caravan-dev", run: expect.stringContaining("/actions/runs/") },
        plan: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    });

    test("P9: a merge stops where the shown plan is missing or forged", async () => {
      const { repository, state } = await living(testScope());
      const head = await repository.commit({ ...first, carts: { it: "four" } });
      await repository.pullRequest(head);
      const file = stored(state, head, "dev-carts");
      const shown = readFileSync(file, "utf8");
      const commit = await repository.merged(head);

      writeFileSync(file, shown.replaceAll('"four"', '"five"'));
      const forged = await repository.apply(commit);
      expect(forged.jobs["apply-dev-carts"]).toBe("failure");
      expect(forged.logs["apply-dev-carts"]).toContain('input: was shown as "five", is planned as "four"');
      rmSync(file);
      const missing = await repository.apply(commit);
      expect(missing.logs["apply-dev-carts"]).toContain(`no plan was shown for commit ${head}`);
      expect(inputOf(state, "carts")).toContain('"three"');

      writeFileSync(file, shown);
      expect((await repository.apply(commit)).jobs["apply-dev-carts"]).toBe("success");
    });

    test("P9: a state that moved is no reason to stop, a changed meaning is, and somebody's word applies exactly that", async () => {
      const { repository, state } = await living(testScope());
      const head = await repository.commit({ ...first, carts: { it: "four", more: "x" } });
      await repository.pullRequest(head);
      const serial = () => JSON.parse(inputOf(state, "carts")).serial as number;
      const before = serial();
      await repository.terraform("dev-carts", "state", "mv", "terraform_data.it", "terraform_data.other");
      await repository.terraform("dev-carts", "state", "mv", "terraform_data.other", "terraform_data.it");
      expect(serial()).toBeGreaterThan(before);
      expect((await repository.merge(head)).result.logs["apply-dev-carts"]).toContain("applied");

      const second = await repository.commit({ ...first, carts: { it: "five", more: "x" } });
      await repository.pullRequest(second);
      await repository.terraform("dev-carts", "state", "rm", "terraform_data.more");
      const { commit, result } = await repository.merge(second);
      expect(result.jobs["apply-dev-carts"]).toBe("failure");
      const log = result.logs["apply-dev-carts"] ?? "";
      expect(log).toContain("create terraform_data.more: planned now, was not shown");
      const [, approve = ""] = /--approve (dev-carts=[0-9a-f]{64})/.exec(log) ?? [];
      const other = approve.replace(/=.*/, `=${"0".repeat(64)}`);
      expect((await repository.apply(commit, other)).jobs["apply-dev-carts"]).toBe("failure");
      expect((await repository.apply(commit, approve)).logs["apply-dev-carts"]).toContain("applied");
      expect(inputOf(state, "carts")).toContain('"five"');
    });

    test("P10: what could not be shown before its lower layer was there is shown then, and waits for somebody's word", async () => {
      const { repository } = await begin(testScope(), "ask");
      const head = await repository.commit();
      await repository.pullRequest(head);
      expect(repository.forge.comments[0]?.body).toContain("| dev-platform | deferred |");
      const { commit, result } = await repository.merge(head);
      expect(applyJobs(result.jobs)).toEqual(["success", "failure", "skipped"]);
      const [, platform = ""] = /--approve (dev-platform=\w+)/.exec(result.summaries["apply-dev-platform"] ?? "") ?? [];
      const second = await repository.apply(commit, platform);
      expect(applyJobs(second.jobs)).toEqual(["success", "success", "failure"]);
      const [, carts = ""] = /--approve (dev-carts=\w+)/.exec(second.summaries["apply-dev-carts"] ?? "") ?? [];
      expect(applyJobs((await repository.apply(commit, carts)).jobs)).toEqual(["success", "success", "success"]);
    });

    test("P15: a failing layer stops later ones, says what is left, and a later run does only that", async () => {
      const { repository, state } = await living(testScope());
      const flag = join(state, "mended");
      const failing = { provisioner: [{ "local-exec": { command: `test -e ${flag}` } }], input: "slow" };
      const inputs = { ...first, platform: { it: "two", good: "g", failing }, carts: { it: "four" } };
      const head = await repository.commit(inputs);
      await repository.pullRequest(head);
      expect(repository.forge.comments[0]?.body).toContain("| dev-carts | provisional |");
      const { commit, result } = await repository.merge(head);
      expect(applyJobs(result.jobs)).toEqual(["success", "failure", "skipped"]);
      const log = result.logs["apply-dev-platform"] ?? "";
      expect(log).toMatch(/What is left to do:\n\s+dev-platform .*\n(.*\n)*?.*terraform_data\.failing/);
      expect(log).not.toMatch(/What is left to do:(.|\n)*create terraform_data\.good/);
      writeFileSync(flag, "");
      const again = await repository.apply(commit);
      expect(applyJobs(again.jobs), JSON.stringify(again.logs)).toEqual(["success", "success", "success"]);
    });

    test("P13, P14: drift becomes one issue, its word puts it right, and the issue is closed", async () => {
      const { repository, state, commit } = await living(testScope());
      expect((await repository.drift()).jobs["drift"]).toBe("success");
      await repository.terraform("dev-platform", "state", "rm", "terraform_data.it");
      // What was merged since, but not applied, is no drift.
      await repository.commit({ ...first, carts: { it: "not applied" } });
      const found = await repository.drift();
      expect(found.jobs["drift"]).toBe("failure");
      await repository.drift();
      expect(repository.forge.issues.map(({ title, state }) => [title, state])).toEqual([
        ["Drift in dev-platform", "open"],
      ]);
      const [issue] = repository.forge.issues;
      expect(issue?.body).toContain(`not what was applied at ${commit}`);
      expect(issue?.body).toContain("+ create terraform_data.it");

      const [, approve = ""] = /approve: `(dev-platform=\w+)`/.exec(issue?.body ?? "") ?? [];
      expect((await repository.apply(commit, approve)).logs["apply-dev-platform"]).toContain("applied");
      expect((await repository.drift()).jobs["drift"]).toBe("success");
      expect(issue).toMatchObject({ state: "closed" });

      // While an apply is under way nothing is said: what is there is between two states.
      const last = join(state, "records/dev-platform/last.json");
      const { endedAt: _, ...record } = JSON.parse(readFileSync(last, "utf8"));
      writeFileSync(last, JSON.stringify({ ...record, startedAt: new Date().toISOString() }));
      expect((await repository.drift()).logs["drift"]).toMatch(/dev-platform: busy/);
      expect(repository.forge.issues).toEqual([issue]);
    });

    test("P7: a stranger's pull request is synthesized and validated, and no more", async () => {
      const { repository } = await begin(testScope());
      const result = await repository.pullRequest(await repository.commit(), true);
      expect(result.jobs).toMatchObject({ synth: "success", validate: "success", "plan-dev": "skipped" });
      expect(result.roles).toEqual([]);
      expect(repository.forge.comments).toEqual([]);
    });

    test("P2: pipelines that are out of date fail the pull request", async () => {
      const { repository } = await begin(testScope());
      repository.write(
        ".github/workflows/caravan-pr.yml",
        readFileSync(join(repository.directory, ".github/workflows/caravan-pr.yml"), "utf8").replace(
          "ubuntu-latest",
          "ubuntu-22.04",
        ),
      );
      const result = await repository.pullRequest(await repository.commit());
      expect(result.jobs).toMatchObject({ synth: "failure", validate: "skipped", "plan-dev": "skipped" });
      expect(result.logs["synth"]).toContain("caravan-pr.yml is out of date: run caravan gitops init, and commit.");
    });

    test("P18: destroy wants the name, and goes from the top down", async () => {
      const { repository, state, commit } = await living(testScope());
      const destroy = (confirm: string) =>
        repository.workflow("caravan-destroy-dev", {
          name: "workflow_dispatch",
          ref: "refs/heads/main",
          sha: commit,
          inputs: { confirm },
        });
      expect((await destroy("prod")).logs["destroy-dev-carts"]).toContain("that needs --confirm dev");
      const result = await destroy("dev");
      expect(result.order).toEqual([
        "synth",
        "destroy-dev-carts",
        "destroy-dev-platform",
        "destroy-dev-infrastructure",
      ]);
      for (const name of readdirSync(state).filter((each) => each.endsWith(".tfstate"))) {
        expect(JSON.parse(readFileSync(join(state, name), "utf8")).resources).toEqual([]);
      }
    });
  },
);
