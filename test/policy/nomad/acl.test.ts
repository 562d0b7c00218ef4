import { nomadAclRules } from "../../../lib/policy/nomad/acl";
import { testRules } from "../rule-examples";

const policy = (rules_hcl: string, name = "mine") => ({ resource: { nomad_acl_policy: { p: { name, rules_hcl } } } });
const at = "nomad_acl_policy.p rules_hcl";
const method = (config: object, rest: object = {}) => ({
  resource: { nomad_acl_auth_method: { m: { type: "JWT", config, ...rest } } },
});
const oidc = (config: object) => method({ bound_audiences: ["a"], ...config }, { type: "OIDC" });
const binding = (attributes: object) => ({ resource: { nomad_acl_binding_rule: { b: attributes } } });

testRules(nomadAclRules, {
  "nomad-anonymous": {
    breaks: {
      "who sees jobs": [
        policy('namespace "*" {\n  policy = "read"\n}\nnode {\n  policy = "read"\n}', "anonymous"),
        `${at}.namespace "*": ["read"]`,
        `${at}.node: ["read"]`,
      ],
    },
    holds: {
      nothing: policy('namespace "*" { policy = "deny" }', "anonymous"),
      "somebody's policy": policy('node { policy = "read" }'),
    },
  },
  "nomad-management": {
    breaks: {
      "who signs in": [
        binding({ bind_type: "management", selector: "a==b" }),
        'nomad_acl_binding_rule.b bind_type: "management"',
      ],
      "a token": [
        { resource: { nomad_acl_token: { t: { type: "management" } } } },
        'nomad_acl_token.t type: "management"',
      ],
      "Vault's engine": [
        { resource: { vault_nomad_secret_role: { r: { type: "management" } } } },
        'vault_nomad_secret_role.r type: "management"',
      ],
    },
    holds: { "a policy": binding({ bind_type: "policy", bind_name: "operator" }) },
  },
  "nomad-operator-write": {
    breaks: {
      "all of operator": [policy('operator { policy = "write" }'), `${at}.operator.policy: "write"`],
      "what are no rules": [policy("operator {"), `${at}: "no rules in HCL"`],
    },
    holds: { "one capability": policy('operator { capabilities = ["snapshot-save"] }') },
  },
  "nomad-all-namespaces": {
    breaks: {
      "jobs of all": [policy('namespace "*" { policy = "write" }'), `${at}.namespace "*": ["write"]`],
      "shells of all": [
        policy('namespace "*" { capabilities = ["read-logs", "alloc-exec"] }'),
        `${at}.namespace "*": ["alloc-exec"]`,
      ],
      "variables of all": [
        policy('namespace "*" { variables { path "*" { capabilities = ["list", "read"] } } }'),
        `${at}.namespace "*".path "*": ["read"]`,
      ],
    },
    holds: {
      "one namespace": policy('namespace "shop" { policy = "write" }'),
      "a look at all": policy(
        'namespace "*" { policy = "read" variables { path "*" { capabilities = ["list"] } } }'.replace(
          " variables",
          "\nvariables",
        ),
      ),
    },
  },
  "nomad-jwt-audience": {
    breaks: { "anybody's token": [method({}), "nomad_acl_auth_method.m config.bound_audiences: nothing"] },
    holds: { ours: method({ bound_audiences: ["caravan-operator"] }) },
  },
  "nomad-oidc-pkce": {
    breaks: {
      "a code that anybody uses": [oidc({}), "nomad_acl_auth_method.m config.oidc_enable_pkce: nothing"],
      "plain HTTP": [
        oidc({ oidc_enable_pkce: true, allowed_redirect_uris: ["http://nomad.example.com/ui/settings/tokens"] }),
        'nomad_acl_auth_method.m config.allowed_redirect_uris: "http://nomad.example.com/ui/settings/tokens"',
      ],
    },
    holds: {
      both: oidc({
        oidc_enable_pkce: true,
        allowed_redirect_uris: ["https://nomad.example.com/ui/settings/tokens", "http://localhost:4649/oidc/callback"],
      }),
    },
    exempts: { "no browser": method({}) },
  },
  "nomad-binding-selector": {
    breaks: { everybody: [binding({ bind_type: "policy" }), "nomad_acl_binding_rule.b selector: nothing"] },
    holds: { somebody: binding({ selector: '"sre" in list.groups' }) },
  },
  "nomad-token-lifetime": {
    breaks: { "a month": [method({}, { max_token_ttl: "720h" }), 'nomad_acl_auth_method.m max_token_ttl: "720h"'] },
    holds: { "eight hours": method({}, { max_token_ttl: "8h0m0s" }) },
  },
});
