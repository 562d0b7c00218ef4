import type { PolicyRule } from "../rule";
import { UNKNOWN } from "../values";
import { BINDINGS, MEMBERS } from "./iam-types";

/** Claims that say whose pipeline it is: GitHub's, GitLab's, and what every issuer has. */
const PINNED =
  /\b(?:assertion|attribute|google)\.(repository|repository_id|repository_owner|repository_owner_id|namespace_path|namespace_id|project_path|project_id|sub|subject)\b/;

const condition: PolicyRule = {
  id: "gcp-workload-identity-condition",
  severity: "HIGH",
  title: "A provider of a workload identity pool says whose tokens it takes",
  why: "The issuer signs tokens for all its users: without a condition a pipeline of a stranger is in the pool.",
  fix: "set attribute_condition, such as \"assertion.repository_owner_id == '1234567'\"",
  references: { trivy: ["GCP-0068"], checkov: ["CKV_GCP_118", "CKV_GCP_125"] },
  resourceTypes: ["google_iam_workload_identity_pool_provider"],
  *check(provider) {
    if (provider.blocks("oidc").length === 0) return;
    const text = provider.value("attribute_condition");
    if (provider.text("attribute_condition") === UNKNOWN && !/assertion|attribute|google/.test(String(text))) return;
    if (typeof text !== "string" || !PINNED.test(text)) yield { attribute: "attribute_condition", given: text };
  },
};

const wholePool: PolicyRule = {
  id: "gcp-workload-identity-subject",
  severity: "HIGH",
  title: "A right is given to named identities of a pool, not to all of it",
  why: "Everything that any provider of the pool lets in has the right then.",
  fix: "name a subject (principal://.../subject/...) or an attribute (principalSet://.../attribute.<name>/<value>)",
  references: { url: "https://cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation" },
  resourceTypes: [...MEMBERS, ...BINDINGS],
  *check(resource) {
    for (const attribute of ["member", "members"]) {
      const value = resource.value(attribute);
      for (const member of Array.isArray(value) ? value : [value]) {
        if (typeof member === "string" && /^principalSet:\/\/iam\.googleapis\.com\/.*\/\*$/.test(member)) {
          yield { attribute, given: member };
        }
      }
    }
  },
};

export const workloadIdentityRules: readonly PolicyRule[] = [condition, wholePool];
