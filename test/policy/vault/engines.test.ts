import { vaultEngineRules } from "../../../lib/policy/vault/engines";
import { testRules } from "../rule-examples";

const HIDDEN = '"a key (not shown)"';
const pki = (attributes: object) => ({ resource: { vault_pki_secret_backend_role: { r: attributes } } });
const consul = (attributes: object) => ({ resource: { vault_consul_secret_backend_role: { r: attributes } } });

testRules(vaultEngineRules, {
  "vault-cloud-key": {
    breaks: {
      "a key of AWS": [
        { resource: { vault_aws_secret_backend: { e: { access_key: "AKIA", secret_key: "${var.key}" } } } },
        `vault_aws_secret_backend.e access_key: ${HIDDEN}`,
        `vault_aws_secret_backend.e secret_key: ${HIDDEN}`,
      ],
      "a secret of Azure, write-only": [
        { resource: { vault_azure_secret_backend: { e: { client_secret_wo: "${var.secret}" } } } },
        `vault_azure_secret_backend.e client_secret_wo: ${HIDDEN}`,
      ],
    },
    holds: {
      "an identity": {
        resource: {
          vault_aws_secret_backend: { e: { identity_token_audience: "sts", role_arn: "arn:aws:iam::1:role/a" } },
        },
      },
    },
  },
  "vault-lease-lifetime": {
    breaks: {
      "the mount's default": [consul({}), "vault_consul_secret_backend_role.r ttl: nothing"],
      "a month": [consul({ ttl: 2_764_800 }), "vault_consul_secret_backend_role.r ttl: 2764800"],
      "a login of a database": [
        { resource: { vault_database_secret_backend_role: { r: { default_ttl: 0 } } } },
        "vault_database_secret_backend_role.r default_ttl: 0",
      ],
    },
    holds: {
      "a day, renewed": consul({ ttl: 86_400, max_ttl: 31_536_000 }),
      "an hour": { resource: { vault_azure_secret_backend_role: { r: { ttl: "1h" } } } },
    },
  },
  "vault-pki-any-name": {
    breaks: {
      "any name": [pki({ allow_any_name: true }), "vault_pki_secret_backend_role.r allow_any_name: true"],
      "any domain": [pki({ allowed_domains: ["*"] }), 'vault_pki_secret_backend_role.r allowed_domains: "*"'],
    },
    holds: { "one domain": pki({ allowed_domains: ["shop.example.com"] }) },
  },
});
