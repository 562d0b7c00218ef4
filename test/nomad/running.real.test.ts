import { beforeAll, describe, expect, test } from "vitest";
import {
  canary,
  extendGroup,
  extendJob,
  extendTask,
  type Group,
  type Job,
  otherDriver,
  renderJob,
  schedule,
  type Task,
  variableEnv,
} from "../../lib/nomad";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { type NomadClient, startNomad } from "./nomad-agent";

const SMALL = { cpu: 1, memory: 10 } as const;
const UPDATE = { healthCheck: "task_states", minHealthyTime: "1s", healthyDeadline: "20s" } as const;

const mock = (config: Readonly<Record<string, unknown>>, version: string): Task => ({
  driver: otherDriver("mock_driver"),
  config,
  resources: SMALL,
  env: { VERSION: version },
  restart: { attempts: 0 },
});

/** A service that runs as long as it is wanted. */
const serviceJob = (id: string, version: string, part: Partial<Group> = {}): Job => ({
  id,
  group: {
    g: extendGroup(
      {
        count: 3,
        update: { ...UPDATE, progressDeadline: "30s" },
        reschedule: { unlimited: false, attempts: 0 },
        task: { t: mock({ run_for: "1h" }, version) },
      },
      part,
    ),
  },
});

const shell = (script: string, part: Partial<Task> = {}): Task =>
  extendTask<Task>(
    { driver: "raw_exec", config: { command: "/bin/sh", args: ["-c", script] }, resources: SMALL },
    part,
  );

describeWith("jobs that run", { nomad: findTool("nomad") }, ({ nomad: program }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    nomad = await startNomad(program, scope);
  });

  const allocations = (id: string) => nomad.get(`/v1/job/${encodeURIComponent(id)}/allocations`);
  const register = (job: Job) => nomad.register(renderJob(job), { quiet: true });

  /** Waits for the deployment of the job's newest version to end. */
  async function deployed(job: Job, status: string) {
    await register(job);
    const { Version } = await nomad.get(`/v1/job/${job.id}`);
    return nomad.until(`deployment of ${job.id} ${status}`, async () => {
      const deployment = await nomad.get(`/v1/job/${job.id}/deployment`);
      return deployment?.JobVersion === Version && deployment.Status === status && deployment;
    });
  }

  /** Waits for a task to end and returns what it printed. */
  async function printed(id: string, task = "t"): Promise<string> {
    const done = await nomad.until(`the end of ${id}`, async () => {
      const [allocation] = await allocations(id);
      return allocation?.TaskStates?.[task]?.State === "dead" && allocation;
    });
    return nomad.get(`/v1/client/fs/logs/${done.ID}?task=${task}&type=stdout&plain=true`);
  }

  describe.concurrent("services", () => {
    test("a rolling update replaces all, one at a time", async () => {
      await deployed(serviceJob("rolling", "1"), "successful");
      const job = serviceJob("rolling", "2");
      await register(job);
      let most = 0;
      const deployment = await nomad.until("the update", async () => {
        const { Status, JobVersion, TaskGroups } = await nomad.get("/v1/job/rolling/deployment");
        if (JobVersion !== 1) return false;
        const { PlacedAllocs, HealthyAllocs } = TaskGroups.g;
        most = Math.max(most, PlacedAllocs - HealthyAllocs);
        return Status === "successful" && { PlacedAllocs, HealthyAllocs };
      });
      expect(deployment).toEqual({ PlacedAllocs: 3, HealthyAllocs: 3 });
      expect(most).toBeLessThanOrEqual(1);
    });

    test("a healthy canary is promoted by itself, or by a person", async () => {
      const with_ = (version: string, promotion: "auto" | "manual") =>
        serviceJob(`canary-${promotion}`, version, canary({ promotion, minHealthyTime: "1s" }));
      await deployed(with_("1", "auto"), "successful");
      const promoted = await deployed(with_("2", "auto"), "successful");
      expect(promoted.TaskGroups.g).toMatchObject({ Promoted: true, AutoPromote: true, DesiredCanaries: 1 });

      await deployed(with_("1", "manual"), "successful");
      await register(with_("2", "manual"));
      const waiting = await nomad.until("a healthy canary", async () => {
        const deployment = await nomad.get("/v1/job/canary-manual/deployment");
        return deployment.JobVersion === 1 && deployment.TaskGroups.g.HealthyAllocs === 1 && deployment;
      });
      expect(waiting.TaskGroups.g).toMatchObject({ Promoted: false, PlacedAllocs: 1 });
      await nomad.must("POST", `/v1/deployment/promote/${waiting.ID}`, { DeploymentID: waiting.ID, All: true });
      await nomad.until("the promotion", async () => {
        const deployment = await nomad.get("/v1/job/canary-manual/deployment");
        return deployment.Status === "successful";
      });
    });

    test("a version that fails is taken back", async () => {
      await deployed(serviceJob("failing", "1", canary({ minHealthyTime: "1s" })), "successful");
      const broken = extendGroup(serviceJob("failing", "2", canary()).group["g"] as Group, {
        task: { t: { env: { VERSION: "2" } } },
      });
      const task = mock({ run_for: "100ms", exit_code: 1 }, "2");
      await register({ id: "failing", group: { g: { ...broken, task: { t: task } } } });
      await nomad.until("the way back", async () => {
        const { Version, Stable, TaskGroups } = await nomad.get("/v1/job/failing");
        return Version === 2 && Stable && TaskGroups[0].Tasks[0].Env.VERSION === "1";
      });
      const deployments = await nomad.get("/v1/job/failing/deployments");
      expect(deployments.find((one: { JobVersion: number }) => one.JobVersion === 1).Status).toBe("failed");
    });

    test("a system job runs on each node, and its update too", async () => {
      const job = (version: string): Job => ({
        id: "system",
        type: "system",
        update: UPDATE,
        group: { g: { task: { t: mock({ run_for: "1h" }, version) } } },
      });
      const nodes = (await nomad.get("/v1/nodes")).length;
      for (const version of ["1", "2"]) {
        await register(job(version));
        await nomad.until(`system job ${version}`, async () => {
          const all = await allocations("system");
          const running = all.filter(
            (one: { ClientStatus: string; JobVersion: number }) =>
              one.ClientStatus === "running" && one.JobVersion === Number(version) - 1,
          );
          return running.length === nodes;
        });
      }
    });
  });

  describe.concurrent("work that ends", () => {
    test("a periodic job starts by the clock", async () => {
      const task = shell("echo started");
      const job: Job = { id: "clock", type: "batch", group: { g: { task: { t: task } } } };
      await register(extendJob(job, schedule("* * * * * * *")));
      const child = await nomad.until("a start", async () => {
        const jobs: { ID: string; ParentID: string }[] = await nomad.get("/v1/jobs?prefix=clock/periodic-");
        return jobs.find(({ ParentID }) => ParentID === "clock");
      });
      expect(await printed(child.ID)).toBe("started\n");
      await nomad.must("DELETE", "/v1/job/clock");
    });

    test("a parameterized job gets its payload and facts when dispatched", async () => {
      const task = shell('cat local/input; echo " $NOMAD_META_who"', { dispatchPayload: { file: "input" } });
      const job: Job = {
        id: "dispatched",
        type: "batch",
        parameterized: { payload: "required", metaRequired: ["who"] },
        group: { g: { task: { t: task } } },
      };
      await register(job);
      const refused = await nomad.ask("POST", "/v1/job/dispatched/dispatch", { Payload: "aGk=" });
      expect(String(refused.body)).toMatch(/Dispatch did not provide required meta keys: \[who\]/);
      const { DispatchedJobID } = await nomad.must("POST", "/v1/job/dispatched/dispatch", {
        Payload: Buffer.from("hello").toString("base64"),
        Meta: { who: "world" },
      });
      expect(await printed(DispatchedJobID)).toBe("hello world\n");
    });

    test("tasks of a group run in their order", async () => {
      const beside = (hook: "prestart" | "poststop"): Task => shell(`echo ${hook}`, { lifecycle: { hook } });
      const task = { before: beside("prestart"), t: shell("echo main"), after: beside("poststop") };
      await register({ id: "order", type: "batch", group: { g: { task } } });
      expect(await printed("order", "after")).toBe("poststop\n");
      const [{ TaskStates: states }] = await allocations("order");
      const [before, main, after] = ["before", "t", "after"].map((name) => states[name]);
      expect([before.FinishedAt <= main.StartedAt, main.FinishedAt <= after.StartedAt]).toEqual([true, true]);
    });

    test("text arrives in the task as it is written, filled in by the node only where it should be", async () => {
      const text = "say \"hi\" \\d $$ %{x} {{ not }} é😀 'q'";
      const task = shell('printf "%s|%s|" "$TEXT" "$NOMAD_JOB"; cat local/file', {
        env: { TEXT: text, NOMAD_JOB: "${NOMAD_JOB_NAME}" },
        template: { destination: "local/file", data: '${text} {{ env "NOMAD_TASK_NAME" }}\n{{ "{{" }} "\\n"' },
      });
      await register({ id: "text", type: "batch", group: { g: { task: { t: task } } } });
      expect(await printed("text")).toBe(`${text}|text|\${text} t\n{{ "\\n"`);
    });

    test("items of a Nomad variable arrive in the environment, whatever is in them", async () => {
      const value = 'p"a\\s\nw$o{r}d <&> é';
      const path = "nomad/jobs/secretive";
      await nomad.must("PUT", `/v1/var/${path}`, { Path: path, Items: { "the-key": value } });
      const task = shell('printf "%s" "$KEY"', variableEnv(path, { KEY: "the-key" }));
      await register({ id: "secretive", type: "batch", group: { g: { task: { t: task } } } });
      expect(await printed("secretive")).toBe(value);
    });
  });
});
