import { expect, test } from "vitest";
import { startNomad } from "../../nomad/nomad-agent";
import { suiteScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";
import { everything, jobsOf, observed } from "./fixture";

describeWith("jobs of the observability", { nomad: findTool("nomad") }, ({ nomad }) => {
  const scope = suiteScope();

  test("Nomad takes and plans each without a warning", async () => {
    const client = await startNomad(nomad, scope);
    const jobs = jobsOf(observed(everything));
    expect(Object.keys(jobs).sort()).toEqual([
      "alertmanager",
      "collector",
      "grafana",
      "loki",
      "node-exporter",
      "prometheus",
      "tempo",
    ]);
    await client.must("PUT", "/v1/namespace/caravan-observability", { Name: "caravan-observability" });
    for (const [id, job] of Object.entries(jobs)) {
      expect([id, await client.objections(job)]).toEqual([id, ""]);
      const plan = await client.must("PUT", `/v1/job/${id}/plan?namespace=caravan-observability`, {
        Job: job,
        Diff: true,
      });
      expect([id, plan.Diff.Type, plan.Warnings]).toEqual([id, "Added", ""]);
    }
  });
});
