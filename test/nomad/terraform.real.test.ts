import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { TerraformStack, TerraformVariable, Token } from "cdktf";
import { beforeAll, expect, test } from "vitest";
import {
  extendGroup,
  type Group,
  type Job,
  NomadHostVolume,
  NomadJob,
  NomadJobAcl,
  NomadVariable,
  otherDriver,
  renderJob,
  variableEnv,
} from "../../lib/nomad";
import { StandInProviders } from "../support/providers";
import { stackDirectory, testApp } from "../support/synth";
import { suiteScope, testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { type NomadClient, startNomad } from "./nomad-agent";
import { nomadBehaviours } from "./nomad-behaviours";
import { lostFields } from "./stored";

const sleeper = (id: string, part: Partial<Group> = {}): Job => {
  const t = { driver: otherDriver("mock_driver"), config: { run_for: "1h" }, resources: { cpu: 1, memory: 10 } };
  return {
    id,
    update: { healthCheck: "task_states", minHealthyTime: "1s", healthyDeadline: "20s", progressDeadline: "30s" },
    group: { g: extendGroup({ task: { t } }, part) },
  };
};

for (const tool of ["terraform", "tofu"]) {
  const needs = { nomad: findTool("nomad"), [tool]: findTool(tool) };
  describeWith(`jobs that ${tool} applies to a real Nomad`, needs, ({ nomad: agent, [tool]: program }) => {
    const scope = suiteScope();
    let nomad: NomadClient;
    beforeAll(async () => {
      nomad = await startNomad(agent ?? "", scope, { acl: true });
    });

    /** A stack with what `build` makes, ready to be planned and applied. */
    function stackOf(build: (stack: TerraformStack) => void, env: Record<string, string> = {}): Terraform {
      const app = testApp();
      const stack = new TerraformStack(app, "stack");
      new NomadProvider(stack, "nomad", { address: nomad.address });
      build(stack);
      const providers = new StandInProviders(testScope(), { nomad: nomadBehaviours(nomad) });
      return new Terraform({ program: program ?? "", cwd: stackDirectory(app, "stack"), providers, env });
    }

    test("text arrives as it is written, and Terraform values become Nomad's", async () => {
      const nasty = '${NOMAD_PORT_http} %{x} $${y} "q" \\d \n {{ z }} <&> é😀';
      const terraform = stackOf(
        (stack) => {
          const variable = (name: string, type: string) => new TerraformVariable(stack, name, { type });
          const count = variable("replicas", "number");
          const job = sleeper("values", {
            count: count.numberValue,
            shutdownDelay: variable("wait", "string").stringValue,
            meta: Token.asStringMap(variable("facts", "map(string)").value),
          });
          const task = {
            ...job.group["g"]?.task["t"],
            driver: otherDriver("mock_driver"),
            env: { NASTY: nasty, [nasty]: "key", MIXED: `\${a} ${variable("text", "string").stringValue} %{b}` },
            leader: variable("flag", "bool").value,
            resources: { cpu: 1, memory: Token.asNumber(variable("memory", "string").value) },
          };
          new NomadJob(stack, "job", {
            job: {
              ...job,
              datacenters: variable("places", "list(string)").listValue,
              group: { g: { ...job.group["g"], task: { t: task } } },
            } as Job,
          });
        },
        {
          TF_VAR_replicas: "2",
          TF_VAR_wait: "1m30s",
          TF_VAR_facts: '{"who"="me"}',
          TF_VAR_text: 'quote " and \\ and ${',
          TF_VAR_flag: "true",
          TF_VAR_memory: "64",
          TF_VAR_places: '["dc1","dc2"]',
        },
      );
      await terraform.init();
      expect((await terraform.validate()).valid).toBe(true);
      await terraform.apply();
      const { Datacenters, TaskGroups } = await nomad.get("/v1/job/values");
      const [{ Count, Meta, ShutdownDelay, Tasks }] = TaskGroups;
      expect({ Datacenters, Count, Meta, ShutdownDelay }).toEqual({
        Datacenters: ["dc1", "dc2"],
        Count: 2,
        Meta: { who: "me" },
        ShutdownDelay: 90e9,
      });
      expect(Tasks[0].Env).toEqual({ NASTY: nasty, [nasty]: "key", MIXED: '${a} quote " and \\ and ${ %{b}' });
      expect([Tasks[0].Leader, Tasks[0].Resources.MemoryMB]).toEqual([true, 64]);
      expect((await terraform.plan()).actions).toEqual([]);
      await terraform.destroy();
      expect((await nomad.get("/v1/job/values")).Stop).toBe(true);
    });

    test("a job without Terraform values is the one that renderJob gives", async () => {
      const job = sleeper("plain", { meta: { a: "${b}" } });
      const terraform = stackOf((stack) => void new NomadJob(stack, "job", { job }));
      await terraform.init();
      await terraform.apply();
      expect(lostFields(renderJob(job), await nomad.get("/v1/job/plain"), new Set())).toEqual([]);
      await terraform.destroy();
    });

    test("what others scale, Terraform does not take back", async () => {
      const job = sleeper("scaled", { scaling: { min: 1, max: 5 } });
      const terraform = stackOf((stack) => void new NomadJob(stack, "job", { job }));
      await terraform.init();
      await terraform.apply();
      await nomad.until("the first deployment", async () => {
        return (await nomad.get("/v1/job/scaled/deployment"))?.Status === "successful";
      });
      const scaled = { Count: 3, Target: { Group: "g" }, Message: "more work" };
      await nomad.must("POST", "/v1/job/scaled/scale", scaled);
      expect((await terraform.plan()).actions).toEqual([]);
      await terraform.apply();
      expect((await nomad.get("/v1/job/scaled")).TaskGroups[0].Count).toBe(3);
      await terraform.destroy();
    });

    test("what belongs to a job: variable, host volume, rights", async () => {
      const items = { greeting: 'hello "${world}"' };
      const terraform = stackOf((stack) => {
        new NomadVariable(stack, "settings", { path: "nomad/jobs/whole", items });
        const volume = new NomadHostVolume(stack, "volume", { name: "whole-data" });
        new NomadJobAcl(stack, "rights", {
          name: "whole",
          jobId: "whole",
          group: "g",
          namespaces: { default: { policy: "read", variables: { "shared/*": ["read"] } } },
        });
        // raw_exec mounts no volumes: that the group is placed shows that its volume is there.
        const group: Group = {
          volume: { data: { type: "host", source: volume.resource.name } },
          task: {
            t: {
              driver: "raw_exec",
              config: { command: "/bin/sh", args: ["-c", 'printf "%s" "$GREETING"'] },
              resources: { cpu: 1, memory: 10 },
              ...variableEnv("nomad/jobs/whole", { GREETING: "greeting" }),
            },
          },
        };
        const job = new NomadJob(stack, "job", { job: { id: "whole", type: "batch", group: { g: group } } });
        job.node.addDependency(volume);
      });
      await terraform.init();
      await terraform.apply();
      const { Items } = await nomad.get("/v1/var/nomad/jobs/whole");
      expect(Items).toEqual(items);
      const policy = await nomad.get("/v1/acl/policy/whole");
      expect(policy.JobACL).toMatchObject({ Namespace: "default", JobID: "whole", Group: "g" });
      expect(policy.RulesJSON.Namespaces[0]).toMatchObject({ Name: "default", Policy: "read" });
      const done = await nomad.until("the end of the job", async () => {
        const [allocation] = await nomad.get("/v1/job/whole/allocations");
        return allocation?.TaskStates?.t?.State === "dead" && allocation;
      });
      const output = await nomad.get(`/v1/client/fs/logs/${done.ID}?task=t&type=stdout&plain=true`);
      expect(output).toBe(items.greeting);
      expect((await terraform.plan()).actions).toEqual([]);
      await terraform.destroy();
    });
  });
}
