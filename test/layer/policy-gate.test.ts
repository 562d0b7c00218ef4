import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, DataResource, Testing } from "cdktf";
import { expect, test } from "vitest";
import { LayerStack, LocalState } from "../../lib";
import { allRules, type PolicyRule, waive, waiveByChoice } from "../../lib/policy";
import { testApp } from "../support/synth";

const noSecrets: PolicyRule = {
  id: "acme-no-input",
  severity: "HIGH",
  title: "terraform_data holds no input",
  why: "an input stands in state",
  fix: "leave the input out",
  references: { trivy: ["ACME-0001"], checkov: ["CKV_ACME_1"] },
  resourceTypes: ["terraform_data"],
  *check(resource) {
    const input = resource.value("input");
    if (input !== undefined) yield { attribute: "input", given: input };
  },
};

function stackWithInput(app: App): { stack: LayerStack; data: DataResource } {
  const stack = new LayerStack(app, "prod-data", {
    environment: { name: "prod", state: new LocalState() },
    policyRules: [...allRules, noSecrets],
  });
  return { stack, data: new DataResource(stack, "data", { input: { value: "x" } }) };
}

const report = (app: App, file: string) => readFileSync(join(app.outdir, "stacks/prod-data", file), "utf8");

test("a finding fails the synth, with resource, construct, value and fix; nothing that could be applied is written", () => {
  const app = testApp();
  stackWithInput(app);
  expect(() => app.synth()).toThrow(
    /policy of stack "prod-data": 1 finding\n {2}HIGH acme-no-input.*\n.*terraform_data\.data \(construct "prod-data\/data"\)/,
  );
  expect(existsSync(join(app.outdir, "stacks/prod-data/cdk.tf.json"))).toBe(false);
  expect(report(app, "policy.md")).toContain("| HIGH | `acme-no-input` | `terraform_data.data` |");
});

test("what an earlier synth wrote is gone when a later one fails", () => {
  const app = testApp();
  const { data } = stackWithInput(app);
  data.resetInput();
  app.synth();
  const written = join(app.outdir, "stacks/prod-data/cdk.tf.json");
  expect(existsSync(written)).toBe(true);
  const again = testApp({ outdir: app.outdir });
  stackWithInput(again);
  expect(() => again.synth()).toThrow("acme-no-input");
  expect(existsSync(written)).toBe(false);
});

test("the gate cannot be passed by HCL output, nor by skipping cdktf's validations", () => {
  for (const config of [{ hclOutput: true }, { skipValidation: true }]) {
    const app = testApp(config);
    stackWithInput(app);
    expect(() => app.synth()).toThrow("acme-no-input");
  }
  const { stack } = stackWithInput(testApp());
  expect(() => Testing.synth(stack)).toThrow("acme-no-input");
});

test("a waiver lets one resource pass, and stands in the report and in the scanners' ignore files", () => {
  const app = testApp();
  const { data, stack } = stackWithInput(app);
  waive(data, { rule: "acme-no-input", reason: "a test value", until: "2999-12-31" });
  app.synth();
  expect(stack.policyOutcome?.waived.map(({ resource }) => resource)).toEqual(["terraform_data.data"]);
  expect(JSON.parse(report(app, "policy.json"))).toMatchObject({ passes: true, findings: [] });
  expect(report(app, ".trivyignore.yaml")).toContain("id: ACME-0001");
  expect(report(app, ".checkov.yaml")).toContain("- CKV_ACME_1");
});

test("an expired waiver and an unused one fail the synth", () => {
  const expired = testApp();
  waive(stackWithInput(expired).data, { rule: "acme-no-input", reason: "was right once", until: "2020-01-01" });
  expect(() => expired.synth()).toThrow(/acme-no-input[\s\S]*2020-01-01/);
  const unused = testApp();
  const { stack, data } = stackWithInput(unused);
  waiveByChoice(data, { rule: "acme-no-input", reason: "chosen", prop: "input" });
  waiveByChoice(new DataResource(stack, "other"), { rule: "acme-no-input", reason: "chosen", prop: "input" });
  expect(() => unused.synth()).toThrow(/terraform_data\.other/);
});
