import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { expect, test } from "vitest";
import { environmentOf, readStacks } from "../../lib/gitops/stacks";
import { LayerStack, LocalState, S3State } from "../../lib/layer";
import { testApp } from "../support/synth";
import { testScope } from "../support/temporary";

test("reads stacks, their order and where their state is from a real synth", () => {
  const app = testApp();
  const state = new S3State({ bucket: "acme-state", region: "eu-central-1", keyPrefix: "p/" });
  const infrastructure = new LayerStack(app, "prod-infrastructure", { environment: { name: "prod", state } });
  const platform = new LayerStack(app, "prod-platform", { environment: { name: "prod", state: new LocalState() } });
  platform.addDependency(infrastructure);
  app.synth();

  const graph = readStacks(app.outdir);
  expect(graph.ids).toEqual(["prod-infrastructure", "prod-platform"]);
  expect(graph.get("prod-infrastructure").backend).toEqual({
    kind: "s3",
    bucket: "acme-state",
    region: "eu-central-1",
    key: "p/prod-infrastructure.tfstate",
  });
  expect(graph.get("prod-platform")).toMatchObject({
    dependencies: ["prod-infrastructure"],
    directory: join(app.outdir, "stacks", "prod-platform"),
    backend: { kind: "local", path: join(app.outdir, "..", "prod-platform.tfstate") },
  });
});

test("maps the construct paths of nested stacks to ids", () => {
  const app = testApp();
  const below = new Construct(app, "team");
  const first = new TerraformStack(below, "first");
  const second = new TerraformStack(app, "second");
  second.addDependency(first);
  new TerraformOutput(first, "a", { value: 1 });
  app.synth();
  expect(readStacks(app.outdir).get("second").dependencies).toEqual(["first"]);
});

test("says what to do where there is no synth, or a broken one", () => {
  const directory = testScope().directory("stacks");
  expect(() => readStacks(directory)).toThrow('Run "caravan synth" first');
  writeFileSync(join(directory, "manifest.json"), "{");
  expect(() => readStacks(directory)).toThrow("is not JSON");
  mkdirSync(join(directory, "stacks/a"), { recursive: true });
  writeFileSync(join(directory, "stacks/a/cdk.tf.json"), "{}");
  const a = { constructPath: "a", workingDirectory: "stacks/a", synthesizedStackPath: "stacks/a/cdk.tf.json" };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify({ stacks: { a: { ...a, dependencies: ["gone"] } } }));
  expect(() => readStacks(directory)).toThrow('"a" depends on "gone"');
});

test("an environment is the longest name that stands in a stack's id", () => {
  expect(environmentOf("prod-eu-platform", ["prod", "prod-eu", "dev"])).toBe("prod-eu");
  expect(environmentOf("team-prod-carts", ["prod", "prod-eu"])).toBe("prod");
  expect(environmentOf("production-carts", ["prod"])).toBeUndefined();
});
