import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { readJob } from "../../lib/nomad/render";
import { cronMistake } from "../../lib/nomad/validate/cron";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { jobs } from "./arbitrary/job";
import { type NomadClient, startNomad } from "./nomad-agent";
import { placesIn, withSlip } from "./slips";

/** What people write by mistake, by the kind of what was there. */
const SLIPS: Readonly<Record<string, readonly unknown[]>> = {
  number: [-1, 0, 1, 1_000_000, 70_000],
  string: ["", "x", "a b", "0s", "-1", "${x}", "/../../..", "9999h"],
  boolean: [true, false],
};

/** What depends on the servers: their edition, their limits, what exists there. */
const OF_THE_SERVERS =
  /Nomad Enterprise|nonexistent (namespace|node pool)|job_max_count|mismatched request namespace|not enabled but used|No path to region|uses Vault cluster/;

/** A job with one place changed or left out. */
const slips = fc.tuple(jobs, fc.nat(), fc.nat()).map(([job, where, what]) => {
  const places = placesIn(job);
  return withSlip(job, places[where % places.length] ?? ["id"], (old) => {
    const choices = SLIPS[typeof old] ?? [];
    return choices[what % (choices.length + 1)];
  });
});

const element = fc.oneof(
  fc.constantFrom(
    "*",
    "?",
    "L",
    "LW",
    "15W",
    "5L",
    "FRI#2",
    "mon-fri",
    "JAN",
    "*/5",
    "1-5/2",
    "7",
    "0",
    "31",
    "59",
    "2030",
  ),
  fc.stringMatching(/^[0-9*/#LW?-]{1,5}$/),
);
const field = fc.oneof(element, fc.constantFrom("1,2", "0,30", "5-10,20", "mon,fri", "1,JUL"));
const crons = fc.oneof(
  fc.array(field, { minLength: 4, maxLength: 7 }).map((fields) => fields.join(" ")),
  fc.constantFrom("@daily", "@Daily", "@midnight", "@hourly", "@every 5m", ""),
);

/** Nomad reads `**` as `*`; we take it for a slip. */
const SLOPPY = /\*\*/;

describeWith("what we take, Nomad takes", { nomad: findTool("nomad") }, ({ nomad: program }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    nomad = await startNomad(program, scope);
  });

  const runs = Number(process.env["CARAVAN_NOMAD_RUNS"] ?? 500);
  const seed = Number(process.env["CARAVAN_NOMAD_SEED"] ?? 9);

  test(`${runs} jobs with a slip in one place`, async () => {
    let refused = 0;
    const agrees = fc.asyncProperty(slips, async ({ copy, slip }) => {
      const { api, findings } = readJob(copy);
      if (findings.problems.length > 0) {
        refused += 1;
        return;
      }
      const objections = await nomad.objections(api);
      if (!OF_THE_SERVERS.test(objections)) expect(objections, slip).toBe("");
    });
    await fc.assert(agrees, { numRuns: runs, seed, endOnFailure: true });
    console.log(`slips: ${refused} of ${runs} refused by us, Nomad takes the others`);
  });

  test("cron expressions: what Nomad refuses we refuse, and we take what it takes", async () => {
    let both = 0;
    const agrees = fc.asyncProperty(crons, async (cron) => {
      const api = { ...CLOCK, Periodic: { SpecType: "cron", Specs: [cron] } };
      const refused = (await nomad.objections(api)) !== "";
      const mistake = cronMistake(cron);
      if (refused) expect(mistake, cron).toBeDefined();
      else if (!SLOPPY.test(cron)) expect(mistake, cron).toBeUndefined();
      if (refused === (mistake !== undefined)) both += 1;
    });
    await fc.assert(agrees, { numRuns: runs * 2, seed, endOnFailure: true });
    console.log(`cron: of ${runs * 2} expressions ${both} are judged alike`);
  });
});

const CLOCK = { ID: "clock", Type: "batch", TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", Driver: "raw_exec" }] }] };
