import type { PolicyRule } from "../rule";

/** Arguments of provider blocks that say who acts. Each has an environment variable instead. */
const CREDENTIALS: Record<string, readonly string[]> = {
  "provider.aws": ["access_key", "secret_key", "token"],
  "provider.azurerm": ["client_secret", "client_certificate", "client_certificate_password", "oidc_token"],
  "provider.google": ["credentials", "access_token"],
  "provider.google-beta": ["credentials", "access_token"],
  "provider.vault": ["token"],
  "provider.consul": ["token", "http_auth"],
  "provider.nomad": ["secret_id", "http_auth"],
};

const EPHEMERAL = /^\$\{ephemeral\./;

const providerCredentials: PolicyRule = {
  id: "provider-credentials",
  severity: "CRITICAL",
  title: "No provider block holds a credential",
  why: "It stands in the synthesized JSON, in Git or in an artifact of CI, and in every plan file.",
  fix: "remove it: the provider reads its environment variables (AWS_PROFILE, VAULT_TOKEN, ...)",
  references: { checkov: ["CKV_AWS_41"] },
  resourceTypes: Object.keys(CREDENTIALS),
  *check(provider) {
    for (const attribute of CREDENTIALS[provider.type] ?? []) {
      const value = provider.value(attribute);
      // What an ephemeral resource gives is in no plan.
      if (value === undefined || value === "" || (typeof value === "string" && EPHEMERAL.test(value))) continue;
      yield { attribute, given: "a credential (not shown)" };
    }
  },
};

/** Arguments of provider blocks that switch the check of certificates off. */
const UNVERIFIED: Readonly<Record<string, string>> = {
  "provider.vault": "skip_tls_verify",
  "provider.consul": "insecure_https",
  "provider.nomad": "skip_verify",
  "provider.aws": "insecure",
};

const LOOPBACK = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/;

const providerTls: PolicyRule = {
  id: "provider-tls",
  severity: "HIGH",
  title: "A provider speaks TLS and looks at the certificate",
  why: "Whoever stands in between otherwise takes the token of the one who applies.",
  fix: "write https://, and give the authority by the environment (VAULT_CACERT, CONSUL_CACERT, NOMAD_CACERT)",
  references: { url: "https://developer.hashicorp.com/vault/docs/concepts/production-hardening" },
  resourceTypes: Object.keys(UNVERIFIED),
  *check(provider) {
    const attribute = UNVERIFIED[provider.type] ?? "";
    if (provider.boolean(attribute) === true) yield { attribute, given: true };
    const address = provider.text("address");
    if (typeof address !== "string" || LOOPBACK.test(address)) return;
    if (address.startsWith("http://")) yield { attribute: "address", given: address };
    if (provider.type === "provider.consul" && provider.text("scheme") === "http") {
      yield { attribute: "scheme", given: "http" };
    }
  },
};

/** Resources whose very purpose is to keep a secret in state, and what to use instead. */
const SECRET_RESOURCES: Record<string, string> = {
  random_password: "an ephemeral random_password",
  tls_private_key: "an ephemeral tls_private_key",
  tls_self_signed_cert: "a certificate that is made where its key lives",
  tls_locally_signed_cert: "a certificate that is made where its key lives",
  tls_cert_request: "a certificate that is made where its key lives",
  "data.aws_secretsmanager_secret_version": "an ephemeral aws_secretsmanager_secret_version",
  "data.aws_secretsmanager_random_password": "an ephemeral aws_secretsmanager_random_password",
  "data.azurerm_key_vault_secret": "an ephemeral azurerm_key_vault_secret",
  "data.azurerm_storage_account_blob_container_sas": "a role assignment on the container",
  "data.azurerm_storage_account_sas": "a role assignment on the account",
  "data.google_secret_manager_secret_version": "an ephemeral google_secret_manager_secret_version",
  "data.google_service_account_access_token": "an ephemeral google_service_account_access_token",
  "data.vault_kv_secret_v2": "an ephemeral vault_kv_secret_v2",
  "data.vault_generic_secret": "an ephemeral vault_kv_secret_v2",
  "data.consul_acl_token_secret_id": "a token that its user reads by its accessor",
};

const secretResources: PolicyRule = {
  id: "secret-in-state",
  severity: "HIGH",
  title: "No resource or data source brings a secret into state",
  why: "Whoever may read the state, or a plan file, reads the secret; it stays there in every old version.",
  fix: "use an ephemeral resource with a write-only argument",
  references: { url: "https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral" },
  resourceTypes: Object.keys(SECRET_RESOURCES),
  *check(resource) {
    yield { attribute: resource.type, given: "in state", fix: `use ${SECRET_RESOURCES[resource.type]}` };
  },
};

/** Rules about Terraform itself, whatever the cloud. */
export const terraformRules: readonly PolicyRule[] = [providerCredentials, providerTls, secretResources];
