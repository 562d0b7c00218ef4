import { NomadProvider } from "@cdktf/provider-nomad/lib/provider";
import { TerraformStack, TerraformVariable, Token } from "cdktf";
import { expect, test } from "vitest";
import { NomadJob, type NomadJobProps } from "../../lib/nomad";
import { synthesized, testApp } from "../support/synth";
import { jobWith } from "./sample-jobs";

function resourceOf(build: (stack: TerraformStack) => NomadJobProps) {
  const app = testApp();
  const stack = new TerraformStack(app, "stack");
  new NomadProvider(stack, "nomad", { address: "http://127.0.0.1:4646" });
  new NomadJob(stack, "web", build(stack));
  const [resource] = Object.values<Record<string, unknown>>(synthesized(app, "stack").resource.nomad_job);
  return resource as Record<string, string>;
}

test("the job reaches the provider as JSON, and the apply waits for it", () => {
  const { jobspec, json, detach } = resourceOf(() => ({ job: jobWith() }));
  expect(JSON.parse(jobspec ?? "").TaskGroups[0].Tasks[0].Name).toBe("t");
  expect({ json, detach }).toEqual({ json: true, detach: false });
});

test("canaries that wait for a person do not hold the apply up", () => {
  const detach = (update: object) => resourceOf(() => ({ job: jobWith({ group: { count: 2, update } }) }))["detach"];
  expect(detach({ canary: 1 })).toBe(true);
  expect(detach({ canary: 1, autoPromote: true })).toBe(false);
});

test("text with openings is escaped for Terraform", () => {
  const { jobspec } = resourceOf(() => ({
    job: jobWith({ task: { env: { A: '${NOMAD_IP_http} %{x} "q" \\ \n {{ y }}' } } }),
  }));
  expect(jobspec).toContain('$${NOMAD_IP_http} %%{x} \\"q\\" \\\\ \\n {{ y }}');
});

test("Terraform values stand in any field", () => {
  const { jobspec } = resourceOf((stack) => {
    const text = new TerraformVariable(stack, "text", { type: "string" });
    const number = new TerraformVariable(stack, "number", { type: "number" });
    const flag = new TerraformVariable(stack, "flag", { type: "bool" });
    const list = new TerraformVariable(stack, "list", { type: "list(string)" });
    const map = new TerraformVariable(stack, "map", { type: "map(string)" });
    return {
      job: jobWith({
        job: { datacenters: list.listValue, meta: Token.asStringMap(map.value), priority: text.stringValue },
        group: { count: number.numberValue },
        task: {
          killTimeout: text.stringValue,
          leader: flag.value,
          resources: { memory: number.stringValue },
          env: { A: `a ${text.stringValue} \${b}` },
        },
      }),
    };
  });
  expect(jobspec).toContain('"Datacenters" = var.list');
  expect(jobspec).toContain('"Meta" = var.map');
  expect(jobspec).toContain('"Priority" = tonumber(var.text)');
  expect(jobspec).toContain('"Count" = tonumber(var.number)');
  expect(jobspec).toContain('"Leader" = tobool(var.flag)');
  expect(jobspec).toContain('"MemoryMB" = tonumber(var.number)');
  expect(jobspec).toContain('"A" = "a ${var.text} $${b}"');
  expect(jobspec).toMatch(/"KillTimeout" = sum\(\[for part in regexall\("\(\[0-9\]\+\)\(ms\|\[smhd\]\)", var\.text\)/);
});

test("mistakes and broken policy are thrown together, with the construct's path", () => {
  const job = jobWith({ job: { priority: 0.5 }, task: { killTimeout: 3 } });
  expect(() => resourceOf(() => ({ job, policy: {} }))).toThrow(
    /NomadJob at "stack\/web": 3 mistakes[\s\S]*task "t": killTimeout[\s\S]*job "sample": priority[\s\S]*task "t": driver/,
  );
});

test("options pass to the resource, and transform has the last word", () => {
  const resource = resourceOf(() => ({
    job: jobWith(),
    detach: true,
    timeout: "20m",
    purgeOnDestroy: true,
    deregisterOnDestroy: false,
    rerunIfDead: true,
    transform: { job: (config) => ({ ...config, policyOverride: true }) },
  }));
  expect(resource).toMatchObject({
    detach: true,
    timeouts: { create: "20m", update: "20m" },
    purge_on_destroy: true,
    deregister_on_destroy: false,
    rerun_if_dead: true,
    policy_override: true,
  });
});

test("a timeout is a time, and days are hours to the provider", () => {
  expect(resourceOf(() => ({ job: jobWith(), timeout: "1d" }))["timeouts"]).toEqual({ create: "24h", update: "24h" });
  expect(() => resourceOf(() => ({ job: jobWith(), timeout: "soon" }))).toThrow(/timeout: given "soon"/);
});
