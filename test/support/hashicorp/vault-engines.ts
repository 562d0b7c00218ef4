import { attribute, type ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known, known } from "./api-object";
import { pathObject } from "./vault-path";

const writeOnlyToken = {
  token_wo: { ...attribute("string", "optional"), writeOnly: true },
  token_wo_version: attribute("number", "optional"),
};

/** Write-only arguments that came to the provider with 5.7; the bindings know 5.6. */
export const NEWER_ENGINES = {
  vault_consul_secret_backend: writeOnlyToken,
  vault_nomad_secret_backend: writeOnlyToken,
};

/** Secrets engines that are more than a mount, and what stands in them. */
export function vaultEngines(vault: Api): Readonly<Record<string, ResourceBehaviour>> {
  const at = (kind: string, fields: readonly string[], name = "name", renamed: Readonly<Record<string, string>> = {}) =>
    apiObject({
      ...pathObject(vault, {
        path: (values) => `${values["backend"]}/${kind}/${values[name]}`,
        fields,
        renamed,
        texts: ["ttl", "max_ttl"],
      }),
      identity: (id) => {
        const [, backend = "", , own = ""] = /^(.+)\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
        return { backend, [name]: own };
      },
      replaceOn: ["backend", name],
    });
  return {
    vault_pki_secret_backend_config_cluster: apiObject(
      pathObject(vault, {
        path: ({ backend }) => `${backend}/config/cluster`,
        identity: (id) => ({ backend: id.replace(/\/config\/cluster$/, "") }),
        fields: ["path", "aia_path"],
        stays: true,
      }),
    ),
    vault_database_secret_backend_connection: databaseConnection(vault),
    vault_database_secret_backend_role: at(
      "roles",
      ["creation_statements", "revocation_statements", "renew_statements", "rollback_statements", "db_name"],
      "name",
      { default_ttl: "default_ttl", max_ttl: "max_ttl" },
    ),
    vault_database_secret_backend_static_role: at("static-roles", [
      "db_name",
      "username",
      "rotation_period",
      "rotation_statements",
    ]),
    vault_aws_secret_backend: engine(vault, "aws", "config/root", [
      "region",
      "iam_endpoint",
      "sts_endpoint",
      "sts_region",
      "identity_token_audience",
      "identity_token_ttl",
      "role_arn",
    ]),
    vault_aws_secret_backend_role: at(
      "roles",
      ["role_arns", "policy_arns", "policy_document", "external_id", "default_sts_ttl", "max_sts_ttl"],
      "name",
      { credential_type: "credential_type" },
    ),
    vault_gcp_secret_backend: engine(vault, "gcp", "config", [
      "identity_token_audience",
      "identity_token_ttl",
      "service_account_email",
    ]),
    vault_gcp_secret_impersonated_account: at(
      "impersonated-account",
      ["service_account_email", "token_scopes", "ttl"],
      "impersonated_account",
    ),
    vault_azure_secret_backend: engine(vault, "azure", "config", [
      "subscription_id",
      "tenant_id",
      "client_id",
      "identity_token_audience",
      "identity_token_ttl",
    ]),
    vault_consul_secret_backend: engine(vault, "consul", "config/access", ["address", "scheme", "ca_cert"]),
    vault_nomad_secret_backend: engine(vault, "nomad", "config/access", ["address", "ca_cert"], {
      at: "backend",
      lease: "config/lease",
    }),
    vault_nomad_secret_role: at("role", ["policies", "type", "global"], "role"),
  };
}

interface EngineShape {
  /** The argument that holds the mount. @default "path" */
  readonly at?: string;
  /** Where the engine keeps `ttl` and `max_ttl`. */
  readonly lease?: string;
}

/** An engine and its connection, which are one resource. What is secret comes with its version, as the provider does it. */
function engine(
  vault: Api,
  type: string,
  config: string,
  fields: readonly string[],
  { at = "path", lease }: EngineShape = {},
): ResourceBehaviour {
  const mountOf = (values: Known) => String(values[at] ?? type);
  const pick = (values: Known, names: readonly string[]) =>
    known(Object.fromEntries(names.map((name) => [name, values[name] ?? null])));
  return apiObject({
    id: mountOf,
    identity: (id) => ({ [at]: id }),
    replaceOn: [at],
    async put(values, prior) {
      const mount = mountOf(values);
      const { description, token_wo, token_wo_version } = values;
      if (prior === undefined)
        await vault.must("POST", `sys/mounts/${mount}`, known({ type, description: description ?? null }));
      const isNew = prior?.["token_wo_version"] !== token_wo_version;
      await vault.must("POST", `${mount}/${config}`, {
        ...pick(values, fields),
        ...(isNew && token_wo !== undefined ? { token: token_wo } : {}),
      });
      if (lease !== undefined) await vault.must("POST", `${mount}/${lease}`, pick(values, ["ttl", "max_ttl"]));
    },
    async find(values) {
      const mount = mountOf(values);
      const { data: mounts } = await vault.must("GET", "sys/mounts");
      const found = mounts[`${mount}/`];
      if (found === undefined) return null;
      const own = (await vault.find(`${mount}/${config}`))?.data ?? {};
      const leases = lease === undefined ? {} : ((await vault.find(`${mount}/${lease}`))?.data ?? {});
      return {
        [at]: mount,
        description: found.description,
        ...pick({ ...own, ...leases }, [...fields, "ttl", "max_ttl"]),
      };
    },
    async remove(values) {
      await vault.must("DELETE", `sys/mounts/${mountOf(values)}`);
    },
  });
}

const PLUGINS = { postgresql: "postgresql-database-plugin", mysql: "mysql-database-plugin" } as const;

/** Its password is written with its version only, as the engine may have changed it since. */
function databaseConnection(vault: Api): ResourceBehaviour {
  const path = ({ backend, name }: Known) => `${backend}/config/${name}`;
  const write = async (planned: Known, config: Known, prior: Known | undefined) => {
    for (const [block, plugin_name] of Object.entries(PLUGINS)) {
      const [own] = (planned[block] ?? []) as readonly Known[];
      if (own === undefined) continue;
      const [given] = (config[block] ?? []) as readonly Known[];
      const [before] = (prior?.[block] ?? []) as readonly Known[];
      const isNew = before?.["password_wo_version"] !== own["password_wo_version"];
      const { connection_url, username, max_open_connections } = known(own);
      await vault.must("POST", path(planned), {
        plugin_name,
        allowed_roles: planned["allowed_roles"],
        verify_connection: planned["verify_connection"],
        ...known({ connection_url: connection_url ?? null, username: username ?? null }),
        ...known({ max_open_connections: max_open_connections ?? null }),
        ...(isNew ? { password: given?.["password_wo"] } : {}),
      });
    }
    return { id: path(planned) };
  };
  return {
    replaceOn: ["backend", "name"],
    create: (planned, { config }) => write(known(planned), config, undefined),
    update: (planned, prior, { config }) => write(known(planned), config, known(prior)),
    async read(state) {
      const found = await vault.find(path(known(state)));
      if (found === null) return null;
      return { allowed_roles: found.data.allowed_roles };
    },
    async delete(state) {
      await vault.must("DELETE", path(known(state)));
    },
  };
}
