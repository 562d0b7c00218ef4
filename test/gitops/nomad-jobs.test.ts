import { expect, test } from "vitest";
import { jobsOf, lookAtJobs, type NomadApi, plannedJobs } from "../../lib/gitops/nomad-jobs";
import { jobLines } from "../../lib/gitops/plan/plan-text";

const state = (jobspec: string) => ({
  serial: 1,
  lineage: "l",
  outputs: {},
  resources: [
    {
      mode: "managed",
      type: "nomad_job",
      name: "web",
      instances: [{ attributes: { id: "web", namespace: "team", jobspec } }],
    },
    { mode: "data", type: "nomad_job", name: "read", instances: [{ attributes: { jobspec } }] },
    { mode: "managed", type: "terraform_data", name: "x", instances: [{ attributes: { input: "{}" } }] },
  ],
});

/** A Nomad whose plan answers with this difference. */
function nomad(diff: unknown, more: object = {}, status = 200) {
  const asked: unknown[] = [];
  const api: NomadApi = {
    call: async (method, path, body) => {
      asked.push([method, path, body]);
      return { status, body: status === 200 ? JSON.stringify({ Diff: diff, ...more }) : "Permission denied" };
    },
  };
  return { api, asked };
}

const jobs = jobsOf(state('{"Job":{"ID":"web","Namespace":"team","Type":"service"}}'));

test("P4: the jobs of a state are found as they were applied", () => {
  expect(jobs).toEqual([
    { address: "nomad_job.web", id: "web", namespace: "team", job: { ID: "web", Namespace: "team", Type: "service" } },
  ]);
  expect(jobsOf(state('job "web" {}'))).toEqual([]);
});

test("P4, P14: a job that Nomad would not change is no drift; one that it would is, told without values", async () => {
  const calm = nomad({ Type: "None" });
  expect(await lookAtJobs(calm.api, jobs)).toEqual([]);
  expect(calm.asked).toEqual([
    ["POST", "/v1/job/web/plan?namespace=team", { Job: { ID: "web", Namespace: "team", Type: "service" }, Diff: true }],
  ]);
  const changed = nomad({
    Type: "Edited",
    Fields: [{ Type: "None", Name: "Type" }],
    TaskGroups: [
      {
        Type: "Edited",
        Name: "web",
        Fields: [{ Type: "Edited", Name: "Count", Old: "1", New: "2" }],
        Tasks: [
          { Type: "Edited", Name: "server", Fields: [{ Type: "Deleted", Name: "Env[PASSWORD]", Old: "s3cr3t" }] },
        ],
      },
    ],
  });
  const [found] = await lookAtJobs(changed.api, jobs);
  expect(found?.changes).toEqual(["Edited web.Count", "Deleted web.server.Env[PASSWORD]"]);
  expect(JSON.stringify(found)).not.toContain("s3cr3t");
  const stopped = nomad({ Type: "Added", Fields: null, Objects: null });
  expect((await lookAtJobs(stopped.api, jobs))[0]?.changes).toEqual(["Added job"]);
});

test("P4: a plan's jobs are those that it registers or leaves, not those it removes or cannot know", () => {
  const change = (name: string, after: unknown) => ({
    ...({ address: `nomad_job.${name}`, mode: "managed", type: "nomad_job" } as const),
    change: { actions: ["update"], after } as const,
  });
  const spec = (id: string) => ({ jobspec: JSON.stringify({ Job: { ID: id } }) });
  const plan = { resource_changes: [change("a", spec("a")), change("b", null), change("c", { json: true })] };
  expect(plannedJobs(plan)).toEqual([{ address: "nomad_job.a", id: "a", namespace: "default", job: { ID: "a" } }]);
});

test("P4: what cannot be placed is told with its reason, and what becomes of allocations", async () => {
  const { api } = nomad(
    { Type: "Added" },
    {
      Warnings: "1 warning:\n\n* old",
      Annotations: { DesiredTGUpdates: { web: { Place: 2, DestructiveUpdate: 1, Ignore: 4 }, calm: { Ignore: 1 } } },
      FailedTGAllocs: { web: { NodesEvaluated: 3, DimensionExhausted: { memory: 3 } }, gpu: { NodesEvaluated: 0 } },
    },
  );
  const [found] = await lookAtJobs(api, jobs);
  expect(jobLines(found ?? { address: "", id: "", namespace: "", changes: [] })).toEqual([
    "no node can take web: memory exhausted",
    "no node can take gpu: 0 nodes looked at",
    "web: 2 to place, 1 to replace",
    "Added job",
    "1 warning:",
    "",
    "* old",
  ]);
});

test("a refusal of Nomad says which right its plan needs", async () => {
  await expect(lookAtJobs(nomad({}, {}, 403).api, jobs)).rejects.toThrow(
    "HTTP 403: Permission denied. Its plan needs a token",
  );
});
