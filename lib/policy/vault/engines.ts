import { endsWithin, ONE_DAY, secondsOf } from "../lifetimes";
import type { PolicyRule } from "../rule";

const HARDENING = "https://developer.hashicorp.com/vault/docs/concepts/production-hardening";

/** Arguments by which Vault would hold a long-lived key of a cloud. */
const CLOUD_KEYS: Readonly<Record<string, readonly string[]>> = {
  vault_aws_auth_backend_client: ["access_key", "secret_key", "secret_key_wo"],
  vault_aws_secret_backend: ["access_key", "secret_key", "secret_key_wo"],
  vault_azure_auth_backend_config: ["client_secret", "client_secret_wo"],
  vault_azure_secret_backend: ["client_secret", "client_secret_wo"],
  vault_gcp_auth_backend: ["credentials", "credentials_wo"],
  vault_gcp_secret_backend: ["credentials", "credentials_wo"],
};

const cloudKey: PolicyRule = {
  id: "vault-cloud-key",
  severity: "HIGH",
  title: "Vault is somebody to a cloud by its own identity, not by a key",
  why: "A key does not end, lies in whatever wrote it, and is good from everywhere.",
  fix: "remove it: the machine's identity, or identity_token_audience with a role",
  references: { url: HARDENING },
  resourceTypes: Object.keys(CLOUD_KEYS),
  *check(engine) {
    for (const attribute of CLOUD_KEYS[engine.type] ?? []) {
      if (engine.has(attribute)) yield { attribute, given: "a key (not shown)" };
    }
  },
};

const lease: PolicyRule = {
  id: "vault-lease-lifetime",
  severity: "MEDIUM",
  title: "What an engine gives out ends within a day unless it is renewed",
  why: "By the default of the mount it lives 32 days, whether who took it is still there or not.",
  fix: "set ttl, or default_ttl, to 24 hours or less",
  references: { url: HARDENING },
  resourceTypes: [
    "vault_consul_secret_backend_role",
    "vault_database_secret_backend_role",
    "vault_azure_secret_backend_role",
    "vault_nomad_secret_backend",
  ],
  *check(role) {
    const attribute = ["ttl", "default_ttl"].find((name) => role.has(name)) ?? "ttl";
    if (!endsWithin(secondsOf(role.text(attribute)), ONE_DAY)) yield { attribute, given: role.value(attribute) };
  },
};

const anyName: PolicyRule = {
  id: "vault-pki-any-name",
  severity: "HIGH",
  title: "A role of a PKI says for which names it signs",
  why: "Who may use it is then anybody: the server of another, or another person.",
  fix: "set allowed_domains",
  references: { url: "https://developer.hashicorp.com/vault/docs/secrets/pki/considerations" },
  resourceTypes: ["vault_pki_secret_backend_role"],
  *check(role) {
    if (role.boolean("allow_any_name") === true) yield { attribute: "allow_any_name", given: true };
    if (role.texts("allowed_domains").includes("*")) yield { attribute: "allowed_domains", given: "*" };
  },
};

export const vaultEngineRules: readonly PolicyRule[] = [cloudKey, lease, anyName];
