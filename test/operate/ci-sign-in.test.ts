import { expect, test } from "vitest";
import { ciSignIn } from "../../lib/operate/sessions";
import { issuerMethod, tokenRule } from "../../lib/platform/identity/issuer";

test("CI's sign-in has the names that the Platform layer gives it", () => {
  expect(ciSignIn.method).toBe(issuerMethod);
  expect(ciSignIn.grants.map((grant) => tokenRule(grant).path)).toEqual([
    "identity/oidc/token/deployer",
    "identity/oidc/token/planner",
  ]);
});
