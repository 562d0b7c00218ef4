import { consulAclRules } from "../../../lib/policy/consul/acl";
import { testRules } from "../rule-examples";

const policy = (rules: string) => ({ resource: { consul_acl_policy: { p: { rules } } } });
const ANONYMOUS = "00000000-0000-0000-0000-000000000002";
const method = (config: object, rest: object = {}) => ({
  resource: { consul_acl_auth_method: { m: { type: "jwt", config_json: JSON.stringify(config), ...rest } } },
});
const binding = (attributes: object) => ({ resource: { consul_acl_binding_rule: { b: attributes } } });

testRules(consulAclRules, {
  "consul-global-management": {
    breaks: {
      "a token": [
        { resource: { consul_acl_token: { t: { policies: ["global-management"] } } } },
        'consul_acl_token.t policies: "global-management"',
      ],
      "who signs in": [
        binding({ bind_type: "policy", bind_name: "global-management", selector: "a==b" }),
        'consul_acl_binding_rule.b bind_name: "global-management"',
      ],
      "Vault's engine": [
        { resource: { vault_consul_secret_backend_role: { r: { consul_policies: ["global-management"] } } } },
        'vault_consul_secret_backend_role.r consul_policies: "global-management"',
      ],
    },
    holds: { "a policy of one's own": { resource: { consul_acl_token: { t: { policies: ["operator"] } } } } },
  },
  "consul-acl-write": {
    breaks: {
      "who writes tokens": [policy('acl = "write"'), 'consul_acl_policy.p rules.acl: "write"'],
      "what are no rules": [policy("acl ="), 'consul_acl_policy.p rules: "no rules in HCL"'],
    },
    holds: {
      "who reads them": policy('acl = "read"\nnode_prefix "" {\n  policy = "read"\n}'),
      "what only Terraform knows": policy("${file(local.path)}"),
    },
  },
  "consul-anonymous": {
    breaks: {
      "a policy": [
        {
          resource: {
            consul_acl_token_policy_attachment: { a: { token_id: ANONYMOUS, policy: "agent" } },
            consul_acl_token_role_attachment: { a: { token_id: ANONYMOUS, role: "agent" } },
          },
        },
        'consul_acl_token_policy_attachment.a policy: ["agent"]',
        'consul_acl_token_role_attachment.a role: ["agent"]',
      ],
      "a service's identity": [
        {
          resource: {
            consul_acl_token: { t: { accessor_id: ANONYMOUS, service_identities: [{ service_name: "a" }] } },
          },
        },
        'consul_acl_token.t service_identities: [{"service_name":"a"}]',
      ],
    },
    holds: {
      DNS: {
        resource: { consul_acl_token_policy_attachment: { a: { token_id: ANONYMOUS, policy: "builtin/dns" } } },
      },
      "somebody's token": { resource: { consul_acl_token: { t: { accessor_id: "1", policies: ["agent"] } } } },
    },
  },
  "consul-jwt-audience": {
    breaks: {
      "anybody's token": [method({}), "consul_acl_auth_method.m config_json.BoundAudiences: nothing"],
      "nobody's": [method({ BoundAudiences: [] }), "consul_acl_auth_method.m config_json.BoundAudiences: []"],
    },
    holds: { ours: method({ BoundAudiences: ["consul.io"] }) },
    exempts: { Kubernetes: method({}, { type: "kubernetes" }) },
  },
  "consul-binding-selector": {
    breaks: { everybody: [binding({ bind_type: "service" }), "consul_acl_binding_rule.b selector: nothing"] },
    holds: { somebody: binding({ selector: 'value.grant=="operator"' }) },
  },
  "consul-token-lifetime": {
    breaks: {
      "no end": [method({}), "consul_acl_auth_method.m max_token_ttl: nothing"],
      "a week": [method({}, { max_token_ttl: "168h" }), 'consul_acl_auth_method.m max_token_ttl: "168h"'],
    },
    holds: { "an hour": method({}, { max_token_ttl: "1h0m0s" }) },
  },
});
