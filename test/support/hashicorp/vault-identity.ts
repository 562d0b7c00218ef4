import type { ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known, known } from "./api-object";

/** Groups, their aliases, and Vault as an issuer of tokens. */
export function vaultIdentity(vault: Api): Readonly<Record<string, ResourceBehaviour>> {
  const named = (kind: string, fields: readonly string[], computed: readonly string[] = []) =>
    apiObject({
      id: ({ name }) => String(name),
      identity: (id) => ({ name: id }),
      replaceOn: ["name"],
      async put(values) {
        await vault.must("POST", `identity/oidc/${kind}/${values["name"]}`, pick(values, fields));
      },
      async find({ name }) {
        const found = await vault.find(`identity/oidc/${kind}/${name}`);
        return found === null ? null : { ...pick(found.data, [...fields, ...computed]), name: name ?? null };
      },
      async remove({ name }) {
        await vault.must("DELETE", `identity/oidc/${kind}/${name}`);
      },
    });
  return {
    vault_identity_group: byId(vault, "group", ["name", "type", "policies", "metadata", "member_entity_ids"]),
    vault_identity_group_alias: byId(vault, "group-alias", ["name", "mount_accessor", "canonical_id"]),
    vault_identity_oidc: apiObject({
      id: () => "identity/oidc/config",
      identity: () => ({}),
      async put({ issuer }) {
        await vault.must("POST", "identity/oidc/config", { issuer });
      },
      async find() {
        const { data } = await vault.must("GET", "identity/oidc/config");
        return { issuer: data.issuer };
      },
      async remove() {},
    }),
    vault_identity_oidc_key: named("key", ["algorithm", "rotation_period", "verification_ttl", "allowed_client_ids"]),
    vault_identity_oidc_role: named("role", ["key", "template", "ttl", "client_id"]),
    vault_identity_oidc_scope: named("scope", ["template", "description"]),
    vault_identity_oidc_assignment: named("assignment", ["entity_ids", "group_ids"]),
    vault_identity_oidc_client: named(
      "client",
      ["key", "redirect_uris", "assignments", "id_token_ttl", "access_token_ttl", "client_type"],
      ["client_id"],
    ),
    vault_identity_oidc_provider: provider(vault),
    vault_identity_oidc_key_allowed_client_id: allowedClient(vault),
  };
}

function pick(values: Known, names: readonly string[]): Known {
  return known(Object.fromEntries(names.map((name) => [name, values[name] ?? null])));
}

function byId(vault: Api, kind: string, fields: readonly string[]): ResourceBehaviour {
  return apiObject({
    id: ({ id }) => String(id),
    identity: (id) => ({ id }),
    replaceOn: ["type"],
    async put(values, prior) {
      const path = prior === undefined ? `identity/${kind}` : `identity/${kind}/id/${prior["id"]}`;
      const made = await vault.must("POST", path, pick(values, fields));
      return prior === undefined ? { id: made.data.id } : undefined;
    },
    async find({ id }) {
      const found = await vault.find(`identity/${kind}/id/${id}`);
      return found === null ? null : pick(found.data, fields);
    },
    async remove({ id }) {
      await vault.must("DELETE", `identity/${kind}/id/${id}`);
    },
  });
}

/** Its issuer is written as a host and read as an address. */
function provider(vault: Api): ResourceBehaviour {
  const path = ({ name }: Known) => `identity/oidc/provider/${name}`;
  return apiObject({
    id: ({ name }) => String(name),
    identity: (id) => ({ name: id }),
    replaceOn: ["name"],
    async put(values) {
      const { https_enabled = true, issuer_host } = values;
      const issuer = issuer_host === undefined ? {} : { issuer: `http${https_enabled ? "s" : ""}://${issuer_host}` };
      await vault.must("POST", path(values), {
        ...pick(values, ["allowed_client_ids", "scopes_supported"]),
        ...issuer,
      });
    },
    async find(values) {
      const found = await vault.find(path(values));
      if (found === null) return null;
      return {
        ...pick(found.data, ["allowed_client_ids", "scopes_supported", "issuer"]),
        name: values["name"] ?? null,
      };
    },
    async remove(values) {
      await vault.must("DELETE", path(values));
    },
  });
}

/** One client of a key's list, which the real provider changes under a lock, as this does by being one process. */
function allowedClient(vault: Api): ResourceBehaviour {
  let last: Promise<unknown> = Promise.resolve();
  const change = (name: string, how: (ids: readonly string[]) => readonly string[]) => {
    last = last.then(async () => {
      const { data } = await vault.must("GET", `identity/oidc/key/${name}`);
      await vault.must("POST", `identity/oidc/key/${name}`, { allowed_client_ids: how(data.allowed_client_ids) });
    });
    return last;
  };
  return {
    replaceOn: ["key_name", "allowed_client_id"],
    async create(planned) {
      const { key_name, allowed_client_id } = known(planned);
      await change(String(key_name), (ids) => [...new Set([...ids, String(allowed_client_id)])]);
      return { id: `${key_name}/${allowed_client_id}` };
    },
    async read(state) {
      const { key_name, allowed_client_id } = known(state);
      const found = await vault.find(`identity/oidc/key/${key_name}`);
      return found?.data.allowed_client_ids.includes(allowed_client_id) ? {} : null;
    },
    async delete(state) {
      const { key_name, allowed_client_id } = known(state);
      await change(String(key_name), (ids) => ids.filter((id) => id !== allowed_client_id));
    },
  };
}
