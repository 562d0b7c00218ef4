import { attribute, type ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known, known } from "./api-object";
import { fromApi } from "./vault-path";

const text = (values: Known, name: string) => String(values[name] ?? "");

/** Write-only arguments came to the provider with 5.7; the bindings know 5.6. */
export const NEWER_JWT = {
  oidc_client_secret_wo: { ...attribute("string", "optional"), writeOnly: true },
  oidc_client_secret_wo_version: attribute("number", "optional"),
};

/** A secrets engine or an auth method, by its path. */
export function mount(vault: Api, root: "sys/mounts" | "sys/auth"): ResourceBehaviour {
  return apiObject({
    id: ({ path, type }) => String(path ?? type),
    identity: (id) => ({ path: id }),
    replaceOn: ["path", "type"],
    async put({ path, type, description, options, default_lease_ttl_seconds, max_lease_ttl_seconds }, prior) {
      const at = `${root}/${path ?? type}`;
      const config = known({
        default_lease_ttl: default_lease_ttl_seconds ?? null,
        max_lease_ttl: max_lease_ttl_seconds ?? null,
      });
      const body = known({ description: description ?? null, options: options ?? null });
      if (prior === undefined) return vault.must("POST", at, { ...body, type, config });
      return vault.must("POST", `${at}/tune`, { ...body, ...config });
    },
    async find(values) {
      const mounts = await vault.must("GET", root);
      const found = mounts.data[`${text(values, "path") || text(values, "type")}/`];
      if (found === undefined) return null;
      return {
        ...known({ path: values["path"] ?? null }),
        type: found.type,
        description: found.description,
        options: found.options,
        accessor: found.accessor,
        default_lease_ttl_seconds: found.config.default_lease_ttl,
        max_lease_ttl_seconds: found.config.max_lease_ttl,
      };
    },
    async remove({ path, type }) {
      await vault.must("DELETE", `${root}/${path ?? type}`);
    },
  });
}

const JWT_FIELDS = [
  "jwks_url",
  "jwks_ca_pem",
  "bound_issuer",
  "default_role",
  "jwt_supported_algs",
  "oidc_discovery_url",
  "oidc_discovery_ca_pem",
  "oidc_client_id",
  "provider_config",
];

export function jwtAuth(vault: Api): ResourceBehaviour {
  const path = (values: Known) => text(values, "path") || "jwt";
  return apiObject({
    id: path,
    identity: (id) => ({ path: id }),
    replaceOn: ["path", "type"],
    async put(values, prior) {
      const { type, description, tune, oidc_client_secret_wo } = values;
      if (prior === undefined) await vault.must("POST", `sys/auth/${path(values)}`, { type, description });
      const body = known(Object.fromEntries(JWT_FIELDS.map((name) => [name, values[name] ?? null])));
      const isNew = prior?.["oidc_client_secret_wo_version"] !== values["oidc_client_secret_wo_version"];
      // The API takes the whole configuration, and the secret with it.
      const secret = oidc_client_secret_wo ?? null;
      if (isNew && secret === null && values["oidc_client_secret_wo_version"] !== undefined) {
        throw new Error("oidc_client_secret_wo has no value");
      }
      await vault.must("POST", `auth/${path(values)}/config`, {
        ...body,
        ...(secret === null ? {} : { oidc_client_secret: secret }),
      });
      const [settings] = (tune ?? []) as readonly Known[];
      if (settings) await vault.must("POST", `sys/auth/${path(values)}/tune`, known(settings));
    },
    async find(values) {
      const { data: mounts } = await vault.must("GET", "sys/auth");
      const found = mounts[`${path(values)}/`];
      if (found === undefined) return null;
      const { data } = await vault.must("GET", `auth/${path(values)}/config`);
      return {
        ...fromApi(data, Object.fromEntries(JWT_FIELDS.map((name) => [name, name]))),
        path: path(values),
        type: found.type,
        description: found.description,
        accessor: found.accessor,
      };
    },
    async remove(values) {
      await vault.must("DELETE", `sys/auth/${path(values)}`);
    },
  });
}

export function audit(vault: Api): ResourceBehaviour {
  const path = (values: Known) => text(values, "path") || text(values, "type");
  return apiObject({
    id: path,
    identity: (id) => ({ path: id }),
    replaceOn: ["path", "type", "options", "description", "local"],
    async put(values) {
      const { type, description, options } = values;
      await vault.must("PUT", `sys/audit/${path(values)}`, { type, description, options });
    },
    async find(values) {
      const { data } = await vault.must("GET", "sys/audit");
      const found = data[`${path(values)}/`];
      if (found === undefined) return null;
      return { path: path(values), type: found.type, description: found.description, options: found.options };
    },
    async remove(values) {
      await vault.must("DELETE", `sys/audit/${path(values)}`);
    },
  });
}
