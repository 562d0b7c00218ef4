import { vaultPolicyRules } from "../../../lib/policy/vault/policies";
import { testRules } from "../rule-examples";

const policy = (text: string) => ({ resource: { vault_policy: { p: { policy: text } } } });
const path = (name: string, ...capabilities: string[]) =>
  policy(`path "${name}" {\n  capabilities = ${JSON.stringify(capabilities)} # why\n}`);

testRules(vaultPolicyRules, {
  "vault-policy-everything": {
    breaks: {
      "every path": [path("*", "read"), 'vault_policy.p policy.path "*": ["read"]'],
      "every path by segments": [path("+/*", "sudo"), 'vault_policy.p policy.path "+/*": ["sudo"]'],
      "all of the system": [path("sys/*", "update"), 'vault_policy.p policy.path "sys/*": ["update"]'],
      "what is no policy": [policy("path { everything"), 'vault_policy.p policy: "no policy in HCL"'],
      "a text that only seems to be an expression": [
        policy('${local.a} path "*" { capabilities = ["sudo"] } ${local.b}'),
        'vault_policy.p policy: "no policy in HCL"',
      ],
    },
    holds: {
      "one family": path("sys/policies/acl/*", "read"),
      "a reference in a template": path(
        "secret/data/{{identity.entity.aliases.${vault_auth_backend.a.accessor}.metadata.x}}/*",
        "read",
      ),
      "no right at all": path("sys/*", "deny"),
    },
  },
  "vault-policy-sudo": {
    breaks: { "a wildcard": [path("secret/*", "sudo"), 'vault_policy.p policy.path "secret/*": ["sudo"]'] },
    holds: {
      "one path": path("sys/step-down", "update", "sudo"),
      "what Vault protects as a whole": path("sys/auth/*", "update", "sudo"),
    },
  },
  "vault-policy-grants": {
    breaks: {
      "who writes policies": [
        path("sys/policies/acl/*", "create", "update"),
        'vault_policy.p policy.path "sys/policies/acl/*": ["create","update"]',
      ],
      "one policy by the old name": [
        path("sys/policy/mine", "update"),
        'vault_policy.p policy.path "sys/policy/mine": ["update"]',
      ],
    },
    holds: { "who reads them": path("sys/policies/acl/*", "read", "list") },
  },
});
