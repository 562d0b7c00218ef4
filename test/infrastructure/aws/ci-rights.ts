import { Template } from "../../../lib/testing";
import { addressOf, identityPolicies } from "./documents";
import { stateStack } from "./state-fixture";

/** The stack that makes CI's roles. */
export const state = Template.of(stateStack({ deletionProtection: false }));

/** What some statement of a role's policies allows, on whatever resource and condition. */
function allowedTo(role: string): Set<string> {
  const statements = identityPolicies(state, addressOf(state, "aws_iam_role", role)).flatMap(
    ({ Statement }) => Statement,
  );
  return new Set(
    (statements as { Effect: string; Action: string | string[] }[])
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Action }) => Action),
  );
}

/** Which of these actions no statement of a role of CI's allows. */
export function lacks(role: "planner" | "deployer", actions: readonly string[]): string[] {
  const allowed = allowedTo(role);
  return actions.filter((action) => !allowed.has(action));
}
