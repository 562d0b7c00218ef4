import type { Behaviours, ResourceBehaviour } from "../providers";
import type { Api } from "./api";
import { apiObject, type Known, known } from "./api-object";
import { insist } from "./insist";

/** What the Nomad provider does for the resources of the platform, done by the same calls. */
export function nomadBehaviours(nomad: Api): Behaviours {
  return {
    resources: {
      nomad_namespace: named(nomad, "namespace", {
        toApi: ({ name, description, meta, capabilities }) => ({
          Name: name,
          Description: description,
          Meta: meta,
          Capabilities: capabilitiesOf((list(capabilities)[0] ?? {}) as Known),
        }),
        fromApi: ({ Name, Description, Meta, Capabilities }) => ({
          name: Name,
          description: Description,
          meta: Meta,
          capabilities: Capabilities === null ? [] : [capabilitiesFrom(Capabilities)],
        }),
      }),
      nomad_node_pool: named(nomad, "node/pool", {
        collection: "node/pools",
        toApi: ({ name, description, meta }) => ({ Name: name, Description: description, Meta: meta }),
        fromApi: ({ Name, Description, Meta }) => ({ name: Name, description: Description, meta: Meta }),
      }),
      nomad_variable: variable(nomad),
      nomad_scheduler_config: schedulerConfig(nomad),
      nomad_acl_policy: named(nomad, "acl/policy", {
        toApi: ({ name, description, rules_hcl }) => ({ Name: name, Description: description, Rules: rules_hcl }),
        fromApi: ({ Name, Description, Rules }) => ({ name: Name, description: Description, rules_hcl: Rules }),
      }),
      nomad_acl_role: byId(nomad, "role", {
        toApi: ({ name, description, policy }) => ({
          Name: name,
          Description: description,
          Policies: list(policy).map((one) => ({ Name: (one as Known)["name"] })),
        }),
        fromApi: ({ Name, Description, Policies }) => ({
          name: Name,
          description: Description,
          policy: list(Policies).map((one) => ({ name: (one as { Name: string }).Name })),
        }),
      }),
      nomad_acl_binding_rule: byId(nomad, "binding-rule", {
        toApi: ({ auth_method, bind_type, bind_name, selector, description }) => ({
          AuthMethod: auth_method,
          BindType: bind_type,
          BindName: bind_name,
          Selector: selector,
          Description: description,
        }),
        fromApi: ({ AuthMethod, BindType, BindName, Selector, Description }) => ({
          auth_method: AuthMethod,
          bind_type: BindType,
          bind_name: BindName,
          selector: Selector,
          description: Description,
        }),
      }),
      nomad_acl_auth_method: authMethod(nomad),
    },
  };
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

interface Kind {
  toApi(values: Known): object;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  fromApi(found: any): Known;
}

/** Written below its name, or all of a kind at one path. */
function named(
  nomad: Api,
  kind: string,
  { toApi, fromApi, collection }: Kind & { readonly collection?: string },
): ResourceBehaviour {
  const path = (values: Known) => `${kind}/${values["name"] ?? values["id"]}`;
  return apiObject({
    id: ({ name }) => String(name),
    identity: (id) => ({ name: id }),
    replaceOn: ["name"],
    async put(values) {
      await nomad.must("POST", collection ?? path(values), toApi(values));
    },
    async find(values) {
      const found = await nomad.find(path(values));
      return found === null ? null : fromApi(found);
    },
    async remove(values) {
      // The real provider writes Nomad's own namespace with its first description, and leaves the rest as it is.
      if (kind === "namespace" && values["name"] === "default") {
        await nomad.must("POST", path(values), toApi({ ...values, description: "Default shared namespace" }));
      } else if (kind === "namespace") {
        // The real provider tries again ten times, every 5 s, while jobs or allocations of the namespace end.
        await insist(() => nomad.must("DELETE", path(values)), /has non-terminal (jobs|allocations)/, 50_000);
      } else await nomad.must("DELETE", path(values));
    },
  });
}

function byId(nomad: Api, kind: "role" | "binding-rule", { toApi, fromApi }: Kind): ResourceBehaviour {
  return apiObject({
    id: ({ id }) => String(id),
    identity: (id) => ({ id }),
    replaceOn: kind === "binding-rule" ? ["auth_method"] : [],
    async put(values, prior) {
      const path = prior === undefined ? `acl/${kind}` : `acl/${kind}/${prior["id"]}`;
      const { ID } = await nomad.must("POST", path, { ...toApi(values), ...(prior && { ID: prior["id"] }) });
      return { id: ID };
    },
    async find({ id }) {
      const found = await nomad.find(`acl/${kind}/${id}`);
      return found === null ? null : fromApi(found);
    },
    async remove({ id }) {
      await nomad.must("DELETE", `acl/${kind}/${id}`);
    },
  });
}

const CAPABILITIES = {
  enabled_task_drivers: "EnabledTaskDrivers",
  disabled_task_drivers: "DisabledTaskDrivers",
  enabled_network_modes: "EnabledNetworkModes",
  disabled_network_modes: "DisabledNetworkModes",
} as const;

function capabilitiesOf(block: Known): object {
  return known(Object.fromEntries(Object.entries(CAPABILITIES).map(([name, field]) => [field, block[name] ?? null])));
}

function capabilitiesFrom(found: Known): Known {
  return Object.fromEntries(Object.entries(CAPABILITIES).map(([name, field]) => [name, found[field] ?? null]));
}

function variable(nomad: Api): ResourceBehaviour {
  const path = (values: Known) => `var/${values["path"]}?namespace=${values["namespace"] ?? "default"}`;
  return apiObject({
    id: ({ namespace, path: own }) => `${own}@${namespace ?? "default"}`,
    identity: (id) => {
      const [own = "", namespace = "default"] = id.split("@");
      return { path: own, namespace };
    },
    replaceOn: ["path", "namespace"],
    async put(values) {
      const { path: Path, namespace: Namespace, items: Items } = values;
      await nomad.must("PUT", path(values), { Path, Namespace, Items });
    },
    async find(values) {
      const found = await nomad.find(path(values));
      return found === null ? null : { path: found.Path, namespace: found.Namespace, items: found.Items };
    },
    async remove(values) {
      await nomad.must("DELETE", path(values));
    },
  });
}

function schedulerConfig(nomad: Api): ResourceBehaviour {
  return apiObject({
    id: () => "nomad-scheduler-config",
    identity: () => ({}),
    async put({ scheduler_algorithm, memory_oversubscription_enabled, preemption_config }) {
      const preemption = (preemption_config ?? {}) as Known;
      const { SchedulerConfig } = await nomad.must("GET", "operator/scheduler/configuration");
      const on = (name: string) => preemption[`${name}_scheduler_enabled`] === true;
      await nomad.must("PUT", "operator/scheduler/configuration", {
        ...SchedulerConfig,
        SchedulerAlgorithm: scheduler_algorithm,
        MemoryOversubscriptionEnabled: memory_oversubscription_enabled,
        PreemptionConfig: {
          BatchSchedulerEnabled: on("batch"),
          ServiceSchedulerEnabled: on("service"),
          SysBatchSchedulerEnabled: on("sysbatch"),
          SystemSchedulerEnabled: on("system"),
        },
      });
    },
    async find() {
      const { SchedulerConfig } = await nomad.must("GET", "operator/scheduler/configuration");
      const { PreemptionConfig: preemption } = SchedulerConfig;
      return {
        scheduler_algorithm: SchedulerConfig.SchedulerAlgorithm,
        memory_oversubscription_enabled: SchedulerConfig.MemoryOversubscriptionEnabled,
        preemption_config: {
          batch_scheduler_enabled: preemption.BatchSchedulerEnabled,
          service_scheduler_enabled: preemption.ServiceSchedulerEnabled,
          sysbatch_scheduler_enabled: preemption.SysBatchSchedulerEnabled,
          system_scheduler_enabled: preemption.SystemSchedulerEnabled,
        },
      };
    },
    // There is always one: the real provider leaves it as it is.
    async remove() {},
  });
}

const CONFIG = {
  oidc_discovery_url: "OIDCDiscoveryURL",
  oidc_client_id: "OIDCClientID",
  oidc_enable_pkce: "OIDCEnablePKCE",
  oidc_disable_userinfo: "OIDCDisableUserInfo",
  oidc_scopes: "OIDCScopes",
  jwks_url: "JWKSURL",
  jwks_ca_cert: "JWKSCACert",
  discovery_ca_pem: "DiscoveryCaPem",
  bound_audiences: "BoundAudiences",
  bound_issuer: "BoundIssuer",
  allowed_redirect_uris: "AllowedRedirectURIs",
  signing_algs: "SigningAlgs",
  claim_mappings: "ClaimMappings",
  list_claim_mappings: "ListClaimMappings",
} as const;

function authMethod(nomad: Api): ResourceBehaviour {
  const path = ({ name }: Known) => `acl/auth-method/${name}`;
  return apiObject({
    id: ({ name }) => String(name),
    identity: (id) => ({ name: id }),
    replaceOn: ["name"],
    async put(values, prior) {
      const config = (list(values["config"])[0] ?? {}) as Known;
      const body = {
        Name: values["name"],
        Type: values["type"],
        TokenLocality: values["token_locality"],
        MaxTokenTTL: values["max_token_ttl"],
        Default: values["default"] ?? false,
        Config: known(Object.fromEntries(Object.entries(CONFIG).map(([name, field]) => [field, config[name] ?? null]))),
      };
      await nomad.must("POST", prior === undefined ? "acl/auth-method" : path(values), body);
    },
    async find(values) {
      const found = await nomad.find(path(values));
      if (found === null) return null;
      const config = Object.entries(CONFIG).map(([name, field]) => [name, found.Config[field] ?? null] as const);
      return {
        name: found.Name,
        type: found.Type,
        token_locality: found.TokenLocality,
        max_token_ttl: found.MaxTokenTTL,
        default: found.Default,
        config: [Object.fromEntries(config)],
      };
    },
    async remove(values) {
      await nomad.must("DELETE", path(values));
    },
  });
}
