import type { HclBlock } from "../../core/hcl-body";
import { policyBody, textsIn } from "../policy-text";
import type { PolicyRule, Violation } from "../rule";
import { isStraySudo } from "./protected-paths";

const POLICIES = "https://developer.hashicorp.com/vault/docs/concepts/policies";
const WRITES = ["create", "update", "patch", "delete", "sudo"];

/** A rule over each path of a policy, with its capabilities. A text that cannot be read breaks it. */
function overPaths(
  rule: Omit<PolicyRule, "resourceTypes" | "check" | "references">,
  judge: (path: string, capabilities: readonly string[]) => boolean,
): PolicyRule {
  return {
    ...rule,
    references: { url: POLICIES },
    resourceTypes: ["vault_policy"],
    *check(policy): Iterable<Violation> {
      const body = policyBody(policy, "policy");
      if (body === "unreadable") yield { attribute: "policy", given: "no policy in HCL", fix: "write it as HCL" };
      if (body === undefined || body === "unreadable") return;
      for (const { type, label = "", body: inner } of body.blocks satisfies readonly HclBlock[]) {
        const capabilities = textsIn(inner, "capabilities");
        if (type === "path" && !capabilities.includes("deny") && judge(label, capabilities)) {
          yield { attribute: `policy.path ${JSON.stringify(label)}`, given: capabilities };
        }
      }
    },
  };
}

const everything = overPaths(
  {
    id: "vault-policy-everything",
    severity: "CRITICAL",
    title: "No policy is root by another name",
    why: "A policy over every path, or over all of sys/, is root, but one that the audit log and the reviews do not call so.",
    fix: "name the paths",
  },
  (path, capabilities) =>
    /^(?:\+\/)*\+?\*?$/.test(path) ||
    (/^sys\/(?:\+\/)*\+?\*?$/.test(path) && capabilities.some((one) => WRITES.includes(one))),
);

const sudo = overPaths(
  {
    id: "vault-policy-sudo",
    severity: "HIGH",
    title: "sudo is given path by path",
    why: "Behind a wildcard stand paths that nobody thought of: raw storage, plugins, revocation by force.",
    fix: "name each path that needs sudo; a family that Vault protects as a whole, such as sys/auth/*, may stay one",
  },
  (path, capabilities) => capabilities.includes("sudo") && isStraySudo(path),
);

const grants = overPaths(
  {
    id: "vault-policy-grants",
    severity: "HIGH",
    title: "Nobody writes policies but the one who governs",
    why: "Who may write a policy may give it everything: it is an administrator whatever else it says.",
    fix: "remove the right; or waive it, so that the report names every administrator",
  },
  (path, capabilities) =>
    /^sys\/polic(?:y|ies\/acl)\//.test(path) && capabilities.some((one) => ["create", "update", "patch"].includes(one)),
);

export const vaultPolicyRules: readonly PolicyRule[] = [everything, sudo, grants];
