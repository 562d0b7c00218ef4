import type { Behaviours, ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known, known, sameMeaning } from "./api-object";

/** What the Consul provider does for the resources of the platform, done by the same calls. */
export function consulBehaviours(consul: Api): Behaviours {
  return {
    resources: {
      consul_acl_policy: acl(consul, "policy", {
        toApi: ({ name, description, rules, datacenters }) => ({
          Name: name,
          Description: description,
          Rules: rules,
          Datacenters: datacenters,
        }),
        fromApi: ({ Name, Description, Rules, Datacenters }) => ({
          name: Name,
          description: Description,
          rules: Rules,
          datacenters: Datacenters ?? null,
        }),
      }),
      consul_acl_role: acl(consul, "role", {
        toApi: ({ name, description, policies = [], service_identities = [], templated_policies = [] }) => ({
          Name: name,
          Description: description,
          Policies: list(policies).map((ID) => ({ ID })),
          ServiceIdentities: list(service_identities).map(({ service_name }) => ({ ServiceName: service_name })),
          TemplatedPolicies: list(templated_policies).map(({ template_name }) => ({ TemplateName: template_name })),
        }),
        fromApi: ({ Name, Description, Policies, TemplatedPolicies }) => ({
          name: Name,
          description: Description,
          policies: (Policies ?? []).map(({ ID }: { ID: string }) => ID),
          templated_policies: (TemplatedPolicies ?? []).map(({ TemplateName }: { TemplateName: string }) => ({
            template_name: TemplateName,
          })),
        }),
      }),
      consul_acl_auth_method: authMethod(consul),
      consul_acl_binding_rule: acl(consul, "binding-rule", {
        toApi: ({ auth_method, bind_type, bind_name, selector, description, bind_vars }) => ({
          AuthMethod: auth_method,
          BindType: bind_type,
          BindName: bind_name,
          Selector: selector,
          Description: description,
          ...(list(bind_vars).length === 0 ? {} : { BindVars: { Name: list(bind_vars)[0].name } }),
        }),
        fromApi: ({ AuthMethod, BindType, BindName, Selector, Description }) => ({
          auth_method: AuthMethod,
          bind_type: BindType,
          bind_name: BindName,
          selector: Selector,
          description: Description,
        }),
      }),
      consul_config_entry: configEntry(consul),
      consul_config_entry_service_intentions: intentions(consul),
      consul_certificate_authority: certificateAuthority(consul),
    },
    data: {
      async consul_acl_policy(config) {
        const { name } = known(config);
        const { ID, Description, Rules } = await consul.must("GET", `acl/policy/name/${name}`);
        return { id: ID, description: Description, rules: Rules, datacenters: null };
      },
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: blocks of any resource
const list = (value: unknown): readonly any[] => (Array.isArray(value) ? value : []);

interface AclKind {
  toApi(values: Known): object;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  fromApi(found: any): Known;
}

function acl(consul: Api, kind: "policy" | "role" | "binding-rule", { toApi, fromApi }: AclKind): ResourceBehaviour {
  return apiObject({
    id: ({ id }) => String(id),
    identity: (id) => ({ id }),
    replaceOn: kind === "binding-rule" ? ["auth_method"] : [],
    async put(values, prior) {
      const path = prior === undefined ? `acl/${kind}` : `acl/${kind}/${prior["id"]}`;
      const { ID } = await consul.must("PUT", path, { ...toApi(values), ...(prior && { ID: prior["id"] }) });
      return { id: ID };
    },
    async find({ id }) {
      const { status, body } = await consul.ask("GET", `acl/${kind}/${id}`);
      if (status === 404 || (status === 403 && String(body).includes("not found"))) return null;
      if (status >= 300) throw new Error(`consul: GET acl/${kind}/${id}: ${status} ${body}`);
      return fromApi(body);
    },
    async remove({ id }) {
      await consul.must("DELETE", `acl/${kind}/${id}`);
    },
  });
}

function authMethod(consul: Api): ResourceBehaviour {
  const path = ({ name }: Known) => `acl/auth-method/${name}`;
  return apiObject({
    id: ({ name }) => `auth-method-${name}`,
    identity: (id) => ({ name: id }),
    replaceOn: ["name", "type"],
    async put(values, prior) {
      const body = {
        Name: values["name"],
        Type: values["type"],
        Description: values["description"],
        DisplayName: values["display_name"],
        MaxTokenTTL: values["max_token_ttl"],
        TokenLocality: values["token_locality"],
        Config: JSON.parse(String(values["config_json"])),
      };
      await consul.must("PUT", prior === undefined ? "acl/auth-method" : path(values), body);
    },
    async find(values) {
      const found = await consul.find(path(values));
      if (found === null) return null;
      const { Name, Type, Description, MaxTokenTTL, TokenLocality, Config } = found;
      return {
        name: Name,
        type: Type,
        description: Description,
        max_token_ttl: MaxTokenTTL ?? null,
        token_locality: TokenLocality ?? null,
        config_json: sameJson(values["config_json"], Config),
      };
    },
    async remove(values) {
      await consul.must("DELETE", path(values));
    },
  });
}

/** The text that was set where the server means the same, its own otherwise. */
function sameJson(set: unknown, there: object): string {
  if (typeof set === "string" && sameMeaning(JSON.parse(set), there as Known)) return set;
  return JSON.stringify(there);
}

function configEntry(consul: Api): ResourceBehaviour {
  const path = ({ kind, name }: Known) => `config/${kind}/${name}`;
  return apiObject({
    id: ({ kind, name }) => `${kind}-${name}`,
    identity: (id) => {
      const [kind = "", name = ""] = id.split("/");
      return { kind, name };
    },
    replaceOn: ["kind", "name"],
    async put({ kind, name, config_json }) {
      // There is one mesh, and its entry has no name.
      const named = kind === "mesh" ? {} : { Name: name };
      await consul.must("PUT", "config", { ...JSON.parse(String(config_json)), Kind: kind, ...named });
    },
    async find(values) {
      const found = await consul.find(path(values));
      if (found === null) return null;
      const { Kind, Name, CreateIndex: _, ModifyIndex: __, Hash: ___, ...rest } = found;
      return { kind: Kind, name: Name ?? values["name"], config_json: sameJson(values["config_json"], rest) };
    },
    async remove(values) {
      await consul.must("DELETE", path(values));
    },
  });
}

function intentions(consul: Api): ResourceBehaviour {
  const path = ({ name }: Known) => `config/service-intentions/${name}`;
  return apiObject({
    id: ({ name }) => `service-intentions-${name}`,
    identity: (id) => ({ name: id }),
    replaceOn: ["name"],
    async put({ name, sources, meta }) {
      const Sources = list(sources).map(({ name: Name, action, type, description, permissions }) => ({
        Name,
        Type: type ?? "consul",
        Description: description ?? "",
        ...(list(permissions).length === 0
          ? { Action: action }
          : { Permissions: list(permissions).map((one) => ({ Action: one.action, HTTP: httpOf(list(one.http)[0]) })) }),
      }));
      await consul.must("PUT", "config", { Kind: "service-intentions", Name: name, Meta: meta, Sources });
    },
    async find(values) {
      const found = await consul.find(path(values));
      if (found === null) return null;
      const there = new Map(found.Sources.map((source: { Name: string }) => [source.Name, source]));
      // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
      const isAsSet = (source: any) => {
        // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
        const other = there.get(source.name) as any;
        if (other === undefined) return false;
        if (list(source.permissions).length === 0) return source.action === other.Action;
        return list(source.permissions).length === list(other.Permissions).length;
      };
      const set = list(values["sources"]);
      const isSame = set.length === there.size && set.every(isAsSet);
      const told = found.Sources.map((source: { Name: string; Action?: string; Type: string }) => ({
        name: source.Name,
        action: source.Action ?? null,
        type: source.Type,
      }));
      return { name: values["name"] ?? null, sources: isSame ? (values["sources"] ?? []) : told };
    },
    async remove(values) {
      await consul.must("DELETE", path(values));
    },
  });
}

function httpOf(http: Known = {}): object {
  return known({
    PathExact: http["path_exact"] ?? null,
    PathPrefix: http["path_prefix"] ?? null,
    PathRegex: http["path_regex"] ?? null,
    Methods: list(http["methods"]).length > 0 ? (http["methods"] ?? null) : null,
  });
}

/**
 * The real provider compares the text of the configuration with what it reads, keys sorted, and writes a change by forgetting the
 * old and setting the new: nothing is removed, as a datacenter always has an authority.
 */
function certificateAuthority(consul: Api): ResourceBehaviour {
  const text = async () => {
    const { Provider, Config } = await consul.must("GET", "connect/ca/configuration");
    return { connect_provider: Provider, config_json: JSON.stringify(sorted(Config)) };
  };
  return {
    replaceOn: ["connect_provider", "config_json"],
    async create(planned) {
      const { connect_provider, config_json } = known(planned);
      const Config = JSON.parse(String(config_json));
      await consul.must("PUT", "connect/ca/configuration", { Provider: connect_provider, Config });
      const there = await text();
      if (there.config_json !== config_json) throw new Error(`it plans a change for ever: ${there.config_json}`);
      return { id: "consul-ca" };
    },
    read: text,
  };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
