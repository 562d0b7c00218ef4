import { beforeAll, expect, test } from "vitest";
import { type Job, renderJob } from "../../lib/nomad";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { type NomadClient, startNomad } from "./nomad-agent";
import * as services from "./public-jobs/services";
import * as work from "./public-jobs/work";
import { lostFields } from "./stored";

describeWith("well-known kinds of jobs", { nomad: findTool("nomad") }, ({ nomad: program }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    nomad = await startNomad(program, scope);
    await nomad.must("PUT", "/v1/operator/scheduler/configuration", { MemoryOversubscriptionEnabled: true });
  });

  test.each(Object.entries<Job>({ ...services, ...work }))(
    "%s is planned without a warning, and stored whole",
    async (_, job) => {
      const rendered = renderJob(job);
      const plan = await nomad.must("POST", `/v1/job/${job.id}/plan`, { Job: rendered, Diff: true });
      expect(plan.Warnings).toBe("");
      expect(plan.Diff.Type).toBe("Added");
      await nomad.register(rendered, { quiet: true });
      expect(lostFields(rendered, await nomad.get(`/v1/job/${job.id}`), new Set())).toEqual([]);
    },
  );
});
