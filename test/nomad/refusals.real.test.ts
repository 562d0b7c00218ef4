import { beforeAll, expect, test } from "vitest";
import { readJob } from "../../lib/nomad/render";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { type NomadClient, startNomad } from "./nomad-agent";
import { refusals } from "./refusals";
import { jobWith } from "./sample-jobs";

describeWith("what we refuse, Nomad refuses", { nomad: findTool("nomad") }, ({ nomad: program }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    nomad = await startNomad(program, scope);
  });

  test("the job that all refusals start from is taken", async () => {
    expect(await nomad.objections(readJob(jobWith()).api)).toBe("");
  });

  test.each(refusals.filter(({ nomad: message }) => message !== undefined))(
    "$title",
    async ({ job, nomad: message }) => {
      expect(await nomad.objections(readJob(job).api)).toMatch(message as RegExp);
    },
  );

  test.each(refusals.filter(({ nomad: message }) => message === undefined))("takes $title: $why", async ({ job }) => {
    expect(await nomad.objections(readJob(job).api)).toBe("");
  });

  test("the table has as many rows as it should", () => {
    const same = refusals.filter(({ nomad: message }) => message !== undefined).length;
    console.log(`refusals: ${same} by the same rule as Nomad, ${refusals.length - same} where we are stricter`);
    expect(same).toBeGreaterThan(150);
    expect(new Set(refusals.map(({ title }) => title)).size).toBe(refusals.length);
  });
});
