import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { renderJob } from "../../lib/nomad";
import { DROPPED } from "../../lib/nomad/dropped";
import { words } from "../../lib/nomad/generated/words";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { jobs } from "./arbitrary/job";
import { type NomadClient, startConsul, startNomad } from "./nomad-agent";
import { lostFields } from "./stored";

/** What the Community edition refuses, by the structure it belongs to. */
const ENTERPRISE = [
  "Consul.namespace",
  "Consul.partition",
  "Job.multiregion",
  "Multiregion.*",
  "MultiregionRegion.*",
  "MultiregionStrategy.*",
  "NUMAResource.*",
  "Resources.numa",
  "Task.schedule",
  "TaskSchedule.*",
  "TaskScheduleCron.*",
  "Vault.namespace",
];

const tools = { nomad: findTool("nomad"), consul: findTool("consul") };
describeWith("what is written, Nomad stores", tools, ({ nomad: program, consul }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    // Nomad writes the configuration of a gateway to Consul when its job is registered.
    nomad = await startNomad(program, scope, { consul: await startConsul(consul, scope) });
  });

  const seen = new Set<string>();
  let made = 0;
  const runs = Number(process.env["CARAVAN_NOMAD_RUNS"] ?? 300);

  test(`of ${runs} jobs nothing is lost`, async () => {
    const stays = fc.asyncProperty(jobs, async (job) => {
      // A name each: Nomad 1.11.3 panics where a job is purged while it is being planned.
      const rendered = renderJob({ ...job, id: `arbitrary-${++made}` });
      await nomad.register(rendered);
      const stored = await nomad.get(`/v1/job/${rendered.ID}`);
      await nomad.must("DELETE", `/v1/job/${rendered.ID}`);
      expect(lostFields(rendered, stored, seen)).toEqual([]);
    });
    await fc.assert(stays, { numRuns: runs, endOnFailure: true });
  });

  test("the jobs use every word that the Community edition stores", () => {
    const modelled = Object.entries(words).flatMap(([struct, fields]) =>
      Object.entries<readonly [string, string]>(fields).map(([word, [name]]) => ({ struct, word, name })),
    );
    const isEnterprise = (struct: string, word: string) =>
      ENTERPRISE.includes(`${struct}.*`) || ENTERPRISE.includes(`${struct}.${word}`);
    const stored = modelled.filter(
      ({ struct, word }) => !isEnterprise(struct, word) && DROPPED[`${struct}.${word}`] === undefined,
    );
    const missing = stored
      .filter(({ struct, name }) => !seen.has(`${struct}.${name}`))
      .map(({ struct, word }) => `${struct}.${word}`);
    const enterprise = modelled.filter(({ struct, word }) => isEnterprise(struct, word)).length;
    console.log(
      `words set, stored and read back equal: ${stored.length - missing.length} of ${stored.length}` +
        ` (of all ${modelled.length}: ${enterprise} of Enterprise, ${Object.keys(DROPPED).length} that Nomad drops)`,
    );
    expect(missing).toEqual([]);
  });

  test.each(Object.keys(DROPPED))("Nomad still drops %s", async (key) => {
    const [struct = "", word = ""] = key.split(".");
    const fields: Readonly<Record<string, readonly [string, string]>> = words[struct as keyof typeof words];
    const [name = "", kind = ""] = fields[word] ?? [];
    const value = { duration: 3_600e9, bool: true, string: "x", size: 50, "list<string>": ["x"] }[kind];
    await nomad.must("POST", "/v1/jobs", { Job: jobWithField(struct, { [name]: value }) });
    const stored = JSON.stringify(await nomad.get("/v1/job/dropped"));
    expect(stored).not.toMatch(new RegExp(`"${name}":(${JSON.stringify(value).replace(/[[\]]/g, "\\$&")})[,}]`));
  });
});

/** A job in the API's words with one structure that has more than it needs. */
function jobWithField(struct: string, more: object): object {
  const of = (wanted: string) => (struct === wanted ? more : {});
  const check = { Type: "tcp", Interval: 1e10, Timeout: 1e10, ...of("ServiceCheck") };
  const template = {
    EmbeddedTmpl: "y",
    DestPath: "local/y",
    ChangeMode: "script",
    ChangeScript: { Command: "y", ...of("ChangeScript") },
  };
  const task = {
    Name: "t",
    Driver: "mock_driver",
    Templates: [template],
    LogConfig: of("LogConfig"),
    Resources: of("Resources"),
    Vault: of("Vault"),
    Identities: [{ Name: "y", Audience: ["y"], TTL: 1e12, ...of("WorkloadIdentity") }],
  };
  const network = { DynamicPorts: [{ Label: "http" }], ...of("NetworkResource") };
  const service = { Name: "y", PortLabel: "http", Provider: "nomad", Checks: [check] };
  const group = { Name: "g", Tasks: [task], Networks: [network], Services: [service], ...of("TaskGroup") };
  return { ID: "dropped", TaskGroups: [group] };
}
