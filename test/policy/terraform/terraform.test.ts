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
