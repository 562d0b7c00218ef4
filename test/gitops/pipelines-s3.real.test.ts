import { cpSync, existsSync } from "node:fs";
import { expect, test } from "vitest";
import { S3Store } from "../../lib/gitops/store/s3-store";
import { findMoto, Moto } from "../support/moto";
import { run, type Scope, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { CARAVAN, type Inputs, Repository } from "./repository";

const BUCKET = "acme-state";
const REGION = "eu-central-1";
const BUILT = existsSync(CARAVAN) ? CARAVAN : undefined;
const first: Inputs = { infrastructure: { it: "one" }, platform: { it: "two" }, carts: { it: "three" } };

/** A repository whose state is kept in S3, and the store beside it. */
async function begin(scope: Scope, program: "terraform" | "tofu", inputs: Inputs = first) {
  const moto = await Moto.start(scope);
  expect((await fetch(`${moto.endpoint}/${BUCKET}`, { method: "PUT" })).status).toBe(200);
  const backend = (stack: string) => ({
    s3: { bucket: BUCKET, region: REGION, key: `${stack}.tfstate` },
  });
  const repository = await Repository.create({ scope, program, backend, env: moto.env, deferred: "apply" }, inputs);
  const store = new S3Store({ bucket: BUCKET, region: REGION, env: moto.env });
  return { repository, store };
}

const slow = { input: "slow", provisioner: [{ "local-exec": { command: "sleep 5" } }] };

describeWith(
  "the workflows, step by step, on S3",
  {
    terraform: findTool("terraform"),
    tofu: findTool("tofu"),
    git: findTool("git"),
    moto: findMoto(),
    "a build (npm run build)": BUILT,
  },
  () => {
    test.each(["terraform", "tofu"] as const)(
      "%s: the merge applies what was shown, and stops at what was not",
      async (program) => {
        const { repository, store } = await begin(testScope(), program);
        const head = await repository.commit();
        const planned = await repository.pullRequest(head);
        expect(planned.jobs["plan-dev"], planned.logs["plan-dev"]).toBe("success");
        const { result } = await repository.merge(head);
        expect(result.jobs["apply-dev-carts"], JSON.stringify(result.logs)).toBe("success");
        expect(await store.list("plans/")).toContain(`plans/${head}/dev-carts.json`);
        expect(JSON.parse((await store.read("records/dev-carts/applied.json")) ?? "{}")).toMatchObject({
          result: "applied",
        });

        const second = await repository.commit({ ...first, carts: { it: "four" } });
        const stopped = await repository.merge(second);
        expect(stopped.result.logs["apply-dev-carts"]).toContain(`no plan was shown for commit ${second}`);
      },
    );

    test("P13: of two applies at once, one waits, and then finds nothing left to do", async () => {
      const scope = testScope();
      const { repository } = await begin(scope, "terraform", { ...first, infrastructure: { it: "one", slow } });
      const head = await repository.commit();
      await repository.caravan("synth");
      await repository.caravan("plan", "dev-infrastructure", "--store");
      // As two jobs of a forge: each in a checkout of its own.
      const other = scope.directory("checkout");
      cpSync(repository.directory, other, { recursive: true, verbatimSymlinks: true });
      const apply = (cwd: string) =>
        run(process.execPath, [CARAVAN, "apply", "dev-infrastructure", "--plan", head, "--json"], {
          cwd,
          env: repository.variables,
          timeoutMs: 900_000,
        });
      const both = await Promise.all([apply(repository.directory), apply(other)]);
      expect(
        both.map(({ code }) => code),
        both.map(({ stdout, stderr }) => stdout + stderr).join("\n"),
      ).toEqual([0, 0]);
      const kinds = both.map(({ stdout }) => JSON.parse(stdout).stacks[0].outcome.kind);
      expect(kinds.sort()).toEqual(["applied", "no change"]);
    });

    test("P15: an apply that is killed leaves its lock; the next of its pipeline takes that away and repairs, nobody else does", async () => {
      const scope = testScope();
      const { repository, store } = await begin(scope, "terraform", { ...first, infrastructure: { it: "one", slow } });
      const head = await repository.commit();
      await repository.caravan("synth");
      await repository.caravan("plan", "dev-infrastructure", "--store");
      const args = ["apply", "dev-infrastructure", "--plan", head, "--lock-timeout", "1s"];
      const pipeline = { CARAVAN_EXCLUSIVE: "caravan-dev" };
      const doomed = scope.process(process.execPath, [CARAVAN, ...args], {
        cwd: repository.directory,
        env: { ...repository.variables, ...pipeline },
      });
      await doomed.until(
        async () => {
          const record = JSON.parse((await store.read("records/dev-infrastructure/last.json")) ?? "{}");
          return (
            record.result === "applying" && (await store.list("dev-")).includes("dev-infrastructure.tfstate.tflock")
          );
        },
        "an apply under way",
        120_000,
      );
      process.kill(-Number(doomed.pid), "SIGKILL");

      const somebody = await repository.tryCaravan(...args);
      expect(somebody.code).toBe(1);
      expect(somebody.stdout).toContain("Error acquiring the state lock");
      const next = await repository.tryCaravanAs(pipeline, ...args);
      expect(next.stderr).toContain("takes away the lock of the apply of");
      expect(next.code, next.stdout + next.stderr).toBe(0);
      expect(next.stdout).toContain("dev-infrastructure: applied");
      expect(await store.list("dev-")).not.toContain("dev-infrastructure.tfstate.tflock");
    });
  },
);

describeWith("objects in S3", { moto: findMoto() }, () => {
  test("are there as a whole or not at all; of many that create one, one does", async () => {
    const moto = await Moto.start(testScope());
    await fetch(`${moto.endpoint}/${BUCKET}`, { method: "PUT" });
    const store = new S3Store({ bucket: BUCKET, region: REGION, env: moto.env });
    expect(await store.read("plans/none")).toBeUndefined();
    await store.write('plans/a b+c"é.json', "first");
    await store.write('plans/a b+c"é.json', "second");
    expect(await store.read('plans/a b+c"é.json')).toBe("second");
    expect(await store.list("plans/")).toEqual(['plans/a b+c"é.json']);
    const made = await Promise.all(Array.from({ length: 5 }, (_, index) => store.create("one", String(index))));
    expect(made.filter(Boolean)).toHaveLength(1);
    const other = new S3Store({ bucket: "nobodys", region: REGION, env: moto.env });
    await expect(other.write("a", "b")).rejects.toThrow(
      /Cannot write s3:\/\/nobodys\/a: .*bucket.*Look whether the bucket/,
    );
  });
});
