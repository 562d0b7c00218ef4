import { expect, it } from "vitest";
import { checkovConfigFile, evaluate, trivyIgnoreFile, type Waiver } from "../../lib/policy";
import { TODAY, toyRules } from "./examples";

function run(waivers: Waiver[]) {
  const terraform = { resource: { toy_thing: { a: { colour: 'say "red"' }, b: {} } } };
  return evaluate({ stack: "prod", terraform, waivers, rules: toyRules, today: TODAY });
}

const outcome = run([
  { rule: "thing-colour", resource: "toy_thing.a", reason: 'it is "red": a\nsign', until: "2027-12-31" },
  { rule: "thing-colour", resource: "toy_thing.b", reason: "unpainted", prop: "paint" },
  { rule: "thing-size", resource: "toy_thing.a", reason: "no scanner knows this rule", until: "2027-12-31" },
]);

it("hands the waivers to Trivy, which ends them the day after their last", () => {
  expect(trivyIgnoreFile([{ outcome, paths: ["stacks/prod/cdk.tf.json"] }], toyRules)).toBe(`misconfigurations:
  - id: AWS-9999
    paths:
      - "stacks/prod/cdk.tf.json"
    statement: "toy_thing.a, thing-colour: it is \\"red\\": a\\nsign"
    expired_at: 2028-01-01
  - id: AWS-9999
    paths:
      - "stacks/prod/cdk.tf.json"
    statement: "toy_thing.b, thing-colour, chosen by the prop paint: unpainted"
`);
});

it("hands the waivers to Checkov", () => {
  expect(checkovConfigFile(outcome, toyRules)).toBe(`skip-check:
  # toy_thing.a, thing-colour: it is "red": a sign (until 2027-12-31)
  # toy_thing.b, thing-colour, chosen by the prop paint: unpainted
  - CKV_AWS_9999
`);
});

it("writes files that are valid where nothing is waived", () => {
  expect(trivyIgnoreFile([{ outcome: run([]), paths: [] }], toyRules)).toBe("misconfigurations: []\n");
  expect(checkovConfigFile(run([]), toyRules)).toBe("skip-check: []\n");
});
