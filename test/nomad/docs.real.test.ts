import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { renderJob } from "../../lib/nomad";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { type NomadClient, startNomad } from "./nomad-agent";

/** `<!-- same: name -->` stands before a job in TypeScript and the same in HCL. */
const PAIR = /<!-- same: (\w+) -->\s*```ts\n([\s\S]*?)```[\s\S]*?```hcl\n([\s\S]*?)```/g;
const pairs = [...readFileSync("docs/nomad-jobs.md", "utf8").matchAll(PAIR)].map(
  ([, name = "", ts = "", hcl = ""]) => ({
    name,
    ts,
    hcl,
  }),
);

describeWith("the jobs of docs/nomad-jobs.md", { nomad: findTool("nomad") }, ({ nomad: program }) => {
  const scope = suiteScope();
  let nomad: NomadClient;
  beforeAll(async () => {
    nomad = await startNomad(program, scope);
  });

  test.each(pairs)("$name is the same job in TypeScript and HCL, says Nomad", async ({ name, ts, hcl }) => {
    const file = join(scope.directory("docs"), `${name}.ts`);
    writeFileSync(file, ts);
    const { job } = await import(file);
    const parsed = await nomad.must("POST", "/v1/jobs/parse", { JobHCL: hcl });
    await nomad.register(parsed, { quiet: true });
    const plan = await nomad.must("POST", `/v1/job/${parsed.ID}/plan`, { Job: renderJob(job), Diff: true });
    expect(changed(plan.Diff)).toEqual([]);
  });

  test("there are two", () => {
    expect(pairs.map(({ name }) => name)).toEqual(["cache", "shop"]);
  });
});

interface Diff {
  readonly Name: string;
  readonly Type: string;
  readonly Old?: string;
  readonly New?: string;
  readonly Fields?: readonly Diff[] | null;
  readonly Objects?: readonly Diff[] | null;
  readonly TaskGroups?: readonly Diff[] | null;
  readonly Tasks?: readonly Diff[] | null;
}

/** What differs, in words. */
function changed({ Name, Type, Old, New, Fields, Objects, TaskGroups, Tasks }: Diff): string[] {
  const inner = [Fields, Objects, TaskGroups, Tasks].flatMap((list) => list ?? []).flatMap(changed);
  const own =
    Old === New || Type === "None" ? [] : [`${Name}: ${JSON.stringify(Old)} in HCL, ${JSON.stringify(New)} here`];
  return [...own, ...inner];
}
