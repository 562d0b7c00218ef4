import { DataResource, DataTerraformRemoteStateLocal, LocalBackend, TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { LayerStack, LocalState, summarize, summaryTable } from "../../lib";
import { testApp } from "../support/synth";

test("stacks are summed up in the order in which they can be applied", () => {
  const app = testApp();
  const environment = { name: "prod", state: new LocalState() };
  const second = new LayerStack(app, "prod-second", { environment });
  const first = new TerraformStack(app, "first");
  new LocalBackend(first, { path: "first.tfstate" });
  second.addDependency(first);
  new DataResource(first, "a");
  new DataResource(first, "b");
  new DataTerraformRemoteStateLocal(first, "c", { path: "x" });
  app.synth();
  expect(summarize(app).map(({ bytes, policy, ...rest }) => ({ ...rest, checked: policy !== undefined }))).toEqual([
    { stack: "first", resources: 2, dataSources: 1, checked: false },
    { stack: "prod-second", resources: 0, dataSources: 0, checked: true },
  ]);
  expect(summaryTable(app).replace(/ \d+$/gm, " N")).toBe(
    [
      "stack        resources  data sources  policy          bytes",
      "first                2             1  not checked       N",
      "prod-second          0             0  passes 0 rules    N",
    ].join("\n"),
  );
});
