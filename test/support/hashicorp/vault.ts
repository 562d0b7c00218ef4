import type { Behaviours, ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known, known } from "./api-object";
import { NEWER_ENGINES, vaultEngines } from "./vault-engines";
import { vaultIdentity } from "./vault-identity";
import { audit, jwtAuth, mount, NEWER_JWT } from "./vault-mounts";
import { type PathObject, pathObject } from "./vault-path";

/**
 * What the Vault provider does for the resources of the platform, done by the same calls: `test/support/README.md` says
 * where it differs. Who acts is given with the API; the provider's own environment variables are not read.
 */
export function vaultBehaviours(vault: Api): Behaviours {
  const at = (plain: PathObject) => apiObject(pathObject(vault, plain));
  return {
    newer: { vault_jwt_auth_backend: NEWER_JWT, ...NEWER_ENGINES },
    resources: {
      ...vaultIdentity(vault),
      ...vaultEngines(vault),
      vault_policy: at({
        path: ({ name }) => `sys/policies/acl/${name}`,
        method: "PUT",
        id: ({ name }) => String(name),
        identity: (id) => ({ name: id }),
        fields: ["policy"],
        replaceOn: ["name"],
      }),
      vault_mount: mount(vault, "sys/mounts"),
      vault_auth_backend: mount(vault, "sys/auth"),
      vault_jwt_auth_backend: jwtAuth(vault),
      vault_jwt_auth_backend_role: at({
        path: ({ backend, role_name }) => `auth/${backend ?? "jwt"}/role/${role_name}`,
        identity: (id) => {
          const [, backend = "", role_name = ""] = /^auth\/(.+)\/role\/([^/]+)$/.exec(id) ?? [];
          return { backend, role_name };
        },
        fields: [...TOKEN_FIELDS, ...JWT_ROLE_FIELDS],
        defaults: { token_type: "default", bound_claims_type: "string" },
        replaceOn: ["backend", "role_name"],
      }),
      vault_audit: audit(vault),
      vault_quota_rate_limit: at({
        path: ({ name }) => `sys/quotas/rate-limit/${name}`,
        id: ({ name }) => String(name),
        identity: (id) => ({ name: id }),
        fields: ["path", "rate", "interval", "block_interval", "inheritable", "role"],
        defaults: { interval: 1 },
        replaceOn: ["name"],
      }),
      vault_generic_endpoint: {
        replaceOn: ["path"],
        async create(planned) {
          const { path, data_json } = known(planned);
          await vault.must("PUT", path, JSON.parse(data_json));
          return { id: path };
        },
        async update(planned) {
          const { path, data_json } = known(planned);
          await vault.must("PUT", path, JSON.parse(data_json));
          return {};
        },
        async delete(state) {
          const { path, disable_delete } = known(state);
          if (disable_delete !== true) await vault.must("DELETE", path);
        },
      },
      vault_kv_secret_backend_v2: at({
        path: ({ mount: path }) => `${path}/config`,
        identity: (id) => ({ mount: id.replace(/\/config$/, "") }),
        fields: ["max_versions", "cas_required", "delete_version_after"],
        stays: true,
      }),
      vault_raft_autopilot: at({
        path: () => "sys/storage/raft/autopilot/configuration",
        identity: () => ({}),
        fields: [
          "cleanup_dead_servers",
          "dead_server_last_contact_threshold",
          "last_contact_threshold",
          "max_trailing_logs",
          "min_quorum",
          "server_stabilization_time",
        ],
        defaults: { dead_server_last_contact_threshold: "24h0m0s", max_trailing_logs: 1000 },
        stays: true,
      }),
      vault_aws_auth_backend_client: at({
        path: ({ backend }) => `auth/${backend}/config/client`,
        identity: (id) => ({ backend: id.split("/")[1] ?? "" }),
        fields: ["sts_endpoint", "sts_region", "iam_server_id_header_value", "ec2_endpoint", "iam_endpoint"],
        stays: true,
      }),
      vault_aws_auth_backend_role: at({
        path: ({ backend, role }) => `auth/${backend}/role/${role}`,
        identity: (id) => {
          const [, backend = "", , role = ""] = id.split("/");
          return { backend, role };
        },
        fields: [...TOKEN_FIELDS, "auth_type", "resolve_aws_unique_ids"],
        renamed: { bound_iam_principal_arns: "bound_iam_principal_arn" },
        defaults: { token_type: "default", resolve_aws_unique_ids: true },
        replaceOn: ["backend", "role"],
      }),
      vault_pki_secret_backend_role: at({
        path: ({ backend, name }) => `${backend}/roles/${name}`,
        identity: (id) => {
          const [, backend = "", name = ""] = /^(.+)\/roles\/([^/]+)$/.exec(id) ?? [];
          return { backend, name };
        },
        fields: PKI_ROLE_FIELDS,
        defaults: PKI_ROLE_DEFAULTS,
        texts: ["ttl", "max_ttl", "not_before_duration"],
        replaceOn: ["backend", "name"],
      }),
      vault_pki_secret_backend_config_auto_tidy: at({
        path: ({ backend }) => `${backend}/config/auto-tidy`,
        identity: (id) => ({ backend: id.replace(/\/config\/auto-tidy$/, "") }),
        fields: [
          "enabled",
          "tidy_cert_store",
          "tidy_revoked_certs",
          "tidy_revoked_cert_issuer_associations",
          "interval_duration",
          "safety_buffer",
        ],
        defaults: { interval_duration: "43200", safety_buffer: "259200" },
        texts: ["interval_duration", "safety_buffer"],
        stays: true,
      }),
      vault_pki_secret_backend_crl_config: at({
        path: ({ backend }) => `${backend}/config/crl`,
        identity: (id) => ({ backend: id.replace(/\/config\/crl$/, "") }),
        fields: ["expiry", "auto_rebuild", "auto_rebuild_grace_period", "enable_delta", "delta_rebuild_interval"],
        stays: true,
      }),
      vault_pki_secret_backend_config_urls: at({
        path: ({ backend }) => `${backend}/config/urls`,
        identity: (id) => ({ backend: id.replace(/\/config\/urls$/, "") }),
        fields: ["issuing_certificates", "crl_distribution_points", "ocsp_servers", "enable_templating"],
        stays: true,
      }),
      vault_pki_secret_backend_config_issuers: at({
        path: ({ backend }) => `${backend}/config/issuers`,
        identity: (id) => ({ backend: id.replace(/\/config\/issuers$/, "") }),
        fields: ["default", "default_follows_latest_issuer"],
        stays: true,
      }),
      vault_pki_secret_backend_root_cert: rootCertificate(vault),
      vault_consul_secret_backend_role: at({
        path: ({ backend, name }) => `${backend}/roles/${name}`,
        identity: (id) => {
          const [, backend = "", name = ""] = /^(.+)\/roles\/([^/]+)$/.exec(id) ?? [];
          return { backend, name };
        },
        fields: ["consul_policies", "consul_roles", "service_identities", "node_identities", "ttl", "max_ttl", "local"],
        replaceOn: ["backend", "name"],
      }),
      vault_transit_secret_backend_key: transitKey(vault),
    },
    data: {
      async vault_pki_secret_backend_issuer(config) {
        const { backend, issuer_ref } = known(config);
        const { data } = await vault.must("GET", `${backend}/issuer/${issuer_ref}`);
        return { ...data, id: `${backend}/issuer/${issuer_ref}` };
      },
    },
  };
}

const TOKEN_FIELDS = [
  "token_ttl",
  "token_max_ttl",
  "token_period",
  "token_explicit_max_ttl",
  "token_policies",
  "token_type",
  "token_num_uses",
  "token_bound_cidrs",
  "token_no_default_policy",
];

const JWT_ROLE_FIELDS = [
  "role_type",
  "bound_audiences",
  "bound_subject",
  "bound_claims",
  "bound_claims_type",
  "claim_mappings",
  "user_claim",
  "user_claim_json_pointer",
  "groups_claim",
  "oidc_scopes",
  "allowed_redirect_uris",
  "verbose_oidc_logging",
  "max_age",
];

const PKI_ROLE_DEFAULTS: Known = {
  allow_localhost: true,
  enforce_hostnames: true,
  allow_ip_sans: true,
  allow_wildcard_certificates: true,
  server_flag: true,
  client_flag: true,
  key_type: "rsa",
  key_bits: 2048,
  use_csr_common_name: true,
  use_csr_sans: true,
  require_cn: true,
};

const PKI_ROLE_FIELDS = [
  ...Object.keys(PKI_ROLE_DEFAULTS),
  "allowed_domains",
  "allow_bare_domains",
  "allow_subdomains",
  "allow_glob_domains",
  "allow_any_name",
  "ttl",
  "max_ttl",
  "no_store",
  "generate_lease",
  "issuer_ref",
  "key_usage",
  "ext_key_usage",
  "not_before_duration",
];

/** A root that Vault makes and keeps. Each is an issuer of its own, so a change makes a new one and leaves the old. */
function rootCertificate(vault: Api): ResourceBehaviour {
  const settings = ["common_name", "ttl", "key_type", "key_bits", "issuer_name", "organization"];
  return {
    replaceOn: ["backend", "type", ...settings],
    async create(planned) {
      const values = known(planned);
      const { backend, type } = values;
      const { data } = await vault.must(
        "POST",
        `${backend}/root/generate/${type}`,
        known(Object.fromEntries(settings.map((name) => [name, values[name] ?? null]))),
      );
      const { certificate, issuer_id, issuing_ca, serial_number, key_id } = data;
      return {
        id: `${backend}/root/${issuer_id}`,
        certificate,
        issuer_id,
        issuing_ca,
        serial_number,
        serial: serial_number,
        key_id,
      };
    },
    async read(state) {
      const { backend, issuer_id } = known(state);
      return (await vault.find(`${backend}/issuer/${issuer_id}`)) === null ? null : {};
    },
    async delete(state) {
      const { backend, issuer_id } = known(state);
      await vault.must("DELETE", `${backend}/issuer/${issuer_id}`);
    },
  };
}

function transitKey(vault: Api): ResourceBehaviour {
  const path = ({ backend, name }: Known) => `${backend}/keys/${name}`;
  const configuration = ["deletion_allowed", "min_decryption_version", "min_encryption_version", "auto_rotate_period"];
  const pick = (values: Known, names: readonly string[]) =>
    known(Object.fromEntries(names.map((name) => [name, values[name] ?? null])));
  return apiObject({
    id: path,
    identity: (id) => {
      const [, backend = "", name = ""] = /^(.+)\/keys\/([^/]+)$/.exec(id) ?? [];
      return { backend, name };
    },
    replaceOn: ["backend", "name", "type", "derived", "convergent_encryption"],
    async put(values, prior) {
      if (prior === undefined)
        await vault.must(
          "POST",
          path(values),
          pick(values, ["type", "derived", "convergent_encryption", "exportable", "allow_plaintext_backup"]),
        );
      await vault.must("POST", `${path(values)}/config`, pick(values, configuration));
    },
    async find(values) {
      const found = await vault.find(path(values));
      if (found === null) return null;
      const { type, derived, exportable, deletion_allowed, auto_rotate_period, latest_version } = found.data;
      return { type, derived, exportable, deletion_allowed, auto_rotate_period, latest_version };
    },
    async remove(values) {
      await vault.must("DELETE", path(values));
    },
  });
}
