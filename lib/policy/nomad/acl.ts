import type { HclBody } from "../../core/hcl-body";
import { signInRules } from "../jwt-methods";
import { policyBody, textsIn } from "../policy-text";
import type { PolicyRule, Violation } from "../rule";

const SECURITY = "https://developer.hashicorp.com/nomad/docs/architecture/security";
const POLICIES = "https://developer.hashicorp.com/nomad/docs/other-specifications/acl-policy";
const METHODS = "https://developer.hashicorp.com/nomad/docs/secure/authentication";

/** A rule over the text of each ACL policy. A text that cannot be read breaks it. */
function overPolicies(
  rule: Omit<PolicyRule, "resourceTypes" | "check" | "references">,
  judge: (body: HclBody, name: unknown) => Iterable<Violation>,
): PolicyRule {
  return {
    ...rule,
    references: { url: POLICIES },
    resourceTypes: ["nomad_acl_policy"],
    *check(policy) {
      const body = policyBody(policy, "rules_hcl");
      if (body === "unreadable") yield { attribute: "rules_hcl", given: "no rules in HCL", fix: "write them as HCL" };
      else if (body !== undefined) yield* judge(body, policy.value("name"));
    },
  };
}

const anonymous = overPolicies(
  {
    id: "nomad-anonymous",
    severity: "HIGH",
    title: "Who brings no token gets nothing",
    why: "The policy called anonymous is everybody who reaches the port.",
    fix: "remove the policy; people and machines sign in",
  },
  function* ({ blocks }, name) {
    if (name !== "anonymous") return;
    for (const { type, label, body } of blocks) {
      const rights = [...textsIn(body, "policy"), ...textsIn(body, "capabilities")];
      if (rights.some((right) => right !== "deny")) {
        yield {
          attribute: `rules_hcl.${type}${label === undefined ? "" : ` ${JSON.stringify(label)}`}`,
          given: rights,
        };
      }
    }
  },
);

const operatorWrite = overPolicies(
  {
    id: "nomad-operator-write",
    severity: "MEDIUM",
    title: "Who operates Nomad has the capabilities for it, not all of operator",
    why: "operator = write changes the scheduler, removes servers from raft and writes keys.",
    fix: 'name capabilities, such as operator { capabilities = ["snapshot-save"] }; or waive it',
  },
  function* ({ blocks }) {
    for (const { type, body } of blocks) {
      if (type === "operator" && textsIn(body, "policy").includes("write")) {
        yield { attribute: "rules_hcl.operator.policy", given: "write" };
      }
    }
  },
);

const WRITING = ["submit-job", "register-job", "dispatch-job", "alloc-exec", "alloc-node-exec", "sentinel-override"];

const allNamespaces = overPolicies(
  {
    id: "nomad-all-namespaces",
    severity: "HIGH",
    title: "Nobody runs jobs or reads variables in every namespace",
    why: "Namespaces are what keeps one team's jobs and secrets from another's.",
    fix: "name the namespaces; or waive it, so that the report names every administrator",
  },
  function* ({ blocks }) {
    for (const { type, label = "", body } of blocks) {
      if (type !== "namespace" || !/^\*+$/.test(label)) continue;
      const rights = [...textsIn(body, "policy"), ...textsIn(body, "capabilities")];
      const strong = rights.filter((right) => right === "write" || WRITING.includes(right));
      if (strong.length > 0) yield { attribute: `rules_hcl.namespace ${JSON.stringify(label)}`, given: strong };
      const variables = body.blocks.filter((inner) => inner.type === "variables").flatMap((inner) => inner.body.blocks);
      for (const { label: path = "", body: inner } of variables) {
        const reads = textsIn(inner, "capabilities").filter((one) => ["read", "write", "destroy"].includes(one));
        if (reads.length > 0) {
          yield {
            attribute: `rules_hcl.namespace ${JSON.stringify(label)}.path ${JSON.stringify(path)}`,
            given: reads,
          };
        }
      }
    }
  },
);

const management: PolicyRule = {
  id: "nomad-management",
  severity: "HIGH",
  title: "Nobody is given a management token but the one who governs",
  why: "It is everything at once, ACL included, and no policy makes it less.",
  fix: "bind a policy or a role; or waive it, so that the report names every administrator",
  references: { url: SECURITY },
  resourceTypes: ["nomad_acl_binding_rule", "nomad_acl_token", "vault_nomad_secret_role"],
  *check(holder) {
    for (const attribute of ["bind_type", "type"]) {
      if (holder.text(attribute) === "management") yield { attribute, given: "management" };
    }
  },
};

const audience: PolicyRule = {
  id: "nomad-jwt-audience",
  severity: "HIGH",
  title: "An auth method of Nomad says for whom a token must be",
  why: "A token that somebody gave to another service would be good here.",
  fix: "set bound_audiences in config",
  references: { url: METHODS },
  resourceTypes: ["nomad_acl_auth_method"],
  *check(method) {
    const config = method.block("config");
    if (config === undefined || config.isUnknown) return;
    if (config.texts("bound_audiences").length === 0) {
      yield { attribute: config.at("bound_audiences"), given: config.value("bound_audiences") };
    }
  },
};

const pkce: PolicyRule = {
  id: "nomad-oidc-pkce",
  severity: "MEDIUM",
  title: "Sign-in in the browser is bound to who began it, and comes back over TLS or to loopback",
  why: "Otherwise whoever sees the code that comes back signs in with it.",
  fix: "set oidc_enable_pkce = true, and https:// or localhost in allowed_redirect_uris",
  references: { url: METHODS },
  resourceTypes: ["nomad_acl_auth_method"],
  *check(method) {
    const config = method.block("config");
    if (method.text("type") !== "OIDC" || config === undefined || config.isUnknown) return;
    const enabled = config.boolean("oidc_enable_pkce");
    if (enabled === false || enabled === undefined) {
      yield { attribute: config.at("oidc_enable_pkce"), given: config.value("oidc_enable_pkce") };
    }
    for (const address of config.texts("allowed_redirect_uris")) {
      if (typeof address !== "string" || /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(address)) continue;
      yield { attribute: config.at("allowed_redirect_uris"), given: address };
    }
  },
};

export const nomadAclRules: readonly PolicyRule[] = [
  anonymous,
  management,
  operatorWrite,
  allNamespaces,
  audience,
  pkce,
  ...signInRules("nomad", METHODS),
];
