import type { HclBody } from "../../core/hcl-body";
import { signInRules } from "../jwt-methods";
import { policyBody } from "../policy-text";
import type { PolicyRule } from "../rule";
import { isObject, property } from "../values";

const ACL = "https://developer.hashicorp.com/consul/docs/secure/acl/token";
const MODEL = "https://developer.hashicorp.com/consul/docs/secure/security-model/core";
const METHODS = "https://developer.hashicorp.com/consul/docs/secure/acl/auth-method";

const MANAGEMENT = "global-management";

const globalManagement: PolicyRule = {
  id: "consul-global-management",
  severity: "CRITICAL",
  title: "Nobody is given global-management",
  why: "It is everything at once and cannot be made less; who needs much has a policy that says what.",
  fix: "give a policy that names what is needed",
  references: { url: MODEL },
  resourceTypes: [
    "consul_acl_token",
    "consul_acl_role",
    "consul_acl_binding_rule",
    "consul_acl_token_policy_attachment",
    "vault_consul_secret_backend_role",
  ],
  *check(holder) {
    for (const attribute of ["policies", "consul_policies", "policy", "bind_name"]) {
      if (holder.texts(attribute).includes(MANAGEMENT)) yield { attribute, given: MANAGEMENT };
    }
  },
};

/** The level of a right without a name: `acl = "write"`, or the old form of a block. */
function levelOf({ attributes }: HclBody, name: string): unknown {
  return attributes.find((attribute) => attribute.name === name)?.value;
}

const aclWrite: PolicyRule = {
  id: "consul-acl-write",
  severity: "HIGH",
  title: "Nobody writes ACL but the one who governs",
  why: "Who may write tokens and policies may give themselves everything.",
  fix: "remove the right; or waive it, so that the report names every administrator",
  references: { url: "https://developer.hashicorp.com/consul/docs/reference/acl/rule" },
  resourceTypes: ["consul_acl_policy"],
  *check(policy) {
    const body = policyBody(policy, "rules");
    if (body === "unreadable") yield { attribute: "rules", given: "no rules in HCL", fix: "write them as HCL" };
    if (body === undefined || body === "unreadable") return;
    if (levelOf(body, "acl") === "write") yield { attribute: "rules.acl", given: "write" };
  },
};

/** Accessor of the token that Consul takes for who brings none. */
const ANONYMOUS = "00000000-0000-0000-0000-000000000002";
const HARMLESS = ["builtin/dns", "dns"];

const anonymous: PolicyRule = {
  id: "consul-anonymous",
  severity: "HIGH",
  title: "Who brings no token gets DNS at most",
  why: "The anonymous token is everybody who reaches the port.",
  fix: "give the rights to a token of the one who needs them; for DNS the policy builtin/dns",
  references: { url: `${ACL}#anonymous-token` },
  resourceTypes: ["consul_acl_token", "consul_acl_token_policy_attachment", "consul_acl_token_role_attachment"],
  *check(holder) {
    const isAnonymous = [holder.text("accessor_id"), holder.text("token_id")].includes(ANONYMOUS);
    if (!isAnonymous) return;
    for (const attribute of ["policies", "policy", "roles", "role"]) {
      const stray = holder.texts(attribute).filter((name) => typeof name === "string" && !HARMLESS.includes(name));
      if (stray.length > 0) yield { attribute, given: stray };
    }
    for (const attribute of ["service_identities", "node_identities"]) {
      if (holder.blocks(attribute).length > 0) yield { attribute, given: holder.value(attribute) };
    }
  },
};

const audience: PolicyRule = {
  id: "consul-jwt-audience",
  severity: "HIGH",
  title: "An auth method of Consul says for whom a token must be",
  why: "A token that somebody gave to another service would be good here.",
  fix: "set BoundAudiences in config_json",
  references: { url: `${METHODS}/jwt` },
  resourceTypes: ["consul_acl_auth_method"],
  *check(method, stack) {
    if (!["jwt", "oidc"].includes(String(method.value("type")))) return;
    const document = stack.document(method.value("config_json"));
    if (!isObject(document)) return;
    const audiences = property(document, "BoundAudiences");
    if (audiences === undefined || (Array.isArray(audiences) && audiences.length === 0)) {
      yield { attribute: "config_json.BoundAudiences", given: audiences };
    }
  },
};

export const consulAclRules: readonly PolicyRule[] = [
  globalManagement,
  aclWrite,
  anonymous,
  audience,
  ...signInRules("consul", METHODS),
];
