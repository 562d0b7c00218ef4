import { terraformRules } from "../../../lib/policy/terraform";
import { testRules } from "../rule-examples";

const HIDDEN = '"a credential (not shown)"';

testRules(terraformRules, {
  "provider-credentials": {
    breaks: {
      "keys of AWS": [
        { provider: { aws: [{ region: "eu-central-1" }, { alias: "us", access_key: "a", secret_key: "${var.key}" }] } },
        `provider.aws.us access_key: ${HIDDEN}`,
        `provider.aws.us secret_key: ${HIDDEN}`,
      ],
      "a token of Vault": [{ provider: { vault: { token: "s.1" } } }, `provider.vault token: ${HIDDEN}`],
    },
    holds: {
      "the environment": { provider: { aws: { region: "eu-central-1" }, vault: {} } },
      "an ephemeral value": { provider: { vault: { token: "${ephemeral.vault_token.t.token}" } } },
    },
  },
  "provider-tls": {
    breaks: {
      "no look at the certificate": [
        {
          provider: {
            vault: { skip_tls_verify: true },
            consul: { insecure_https: "true" },
            nomad: { skip_verify: true },
          },
        },
        "provider.consul insecure_https: true",
        "provider.nomad skip_verify: true",
        "provider.vault skip_tls_verify: true",
      ],
      "plain HTTP": [
        {
          provider: {
            vault: { address: "http://vault.example.com:8200" },
            consul: { address: "consul.example.com:8500", scheme: "http" },
          },
        },
        'provider.consul scheme: "http"',
        'provider.vault address: "http://vault.example.com:8200"',
      ],
    },
    holds: {
      TLS: { provider: { vault: { address: "https://vault.example.com:8200" } } },
      "one's own machine": {
        provider: {
          vault: { address: "http://127.0.0.1:8200" },
          consul: { address: "localhost:8500", scheme: "http" },
        },
      },
    },
  },
  "secret-in-state": {
    breaks: {
      "a password and a private key": [
        { resource: { random_password: { p: { length: 32 } }, tls_private_key: { k: {} } } },
        'random_password.p random_password: "in state"',
        'tls_private_key.k tls_private_key: "in state"',
      ],
      "a secret that is read": [
        { data: { aws_secretsmanager_secret_version: { s: {} } } },
        'data.aws_secretsmanager_secret_version.s data.aws_secretsmanager_secret_version: "in state"',
      ],
    },
    holds: { "a random name": { resource: { random_id: { r: {} } } } },
  },
});
