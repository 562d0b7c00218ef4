import { expect, test } from "vitest";
import { Template } from "../../lib/testing";
import { addressOf, identityPolicies } from "../infrastructure/aws/documents";
import { decide } from "../infrastructure/aws/iam-evaluator";
import { stateStack } from "../infrastructure/aws/state-fixture";

const stack = stateStack();
const template = Template.of(stack);

/** What a role of CI may do with an object of the state's bucket; the policies name the bucket by reference. */
function may(role: "planner" | "deployer", action: "s3:GetObject" | "s3:PutObject", key: string): boolean {
  const policies = JSON.parse(
    JSON.stringify(identityPolicies(template, addressOf(template, "aws_iam_role", role))).replace(
      /\$\{[^}]*state[^}]*\.arn\}/g,
      "bucket",
    ),
  );
  return decide(policies, { action, resource: `bucket/${key}` }) === "allow";
}

test("P8: who plans stores plans that only who applies reads; both read records, and only who applies writes them", () => {
  const rights = (key: string) =>
    (["planner", "deployer"] as const).map((role) =>
      (["s3:GetObject", "s3:PutObject"] as const)
        .map((action) => (may(role, action, key) ? action.slice(3, 6) : "-"))
        .join(" "),
    );
  expect(rights("plans/0123/prod-platform.json")).toEqual(["- Put", "Get Put"]);
  expect(rights("records/prod-platform/last.json")).toEqual(["Get -", "Get Put"]);
  expect(rights("prod-platform.tfstate")).toEqual(["Get -", "Get Put"]);
});
