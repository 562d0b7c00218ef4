import { consulMeshRules } from "../../../lib/policy/consul/mesh";
import { testRules } from "../rule-examples";

const entry = (kind: string, name: string, config: object) => ({
  resource: { consul_config_entry: { e: { kind, name, config_json: JSON.stringify(config) } } },
});
const intentions = (name: string, ...sources: object[]) => ({
  resource: { consul_config_entry_service_intentions: { i: { name, sources } } },
});
const at = "consul_config_entry.e config_json";
const tls = (Incoming: object, Outgoing: object) => entry("mesh", "mesh", { TLS: { Incoming, Outgoing } });
const modern = { TLSMinVersion: "TLSv1_2" };
const normalization = (off: boolean) =>
  entry("mesh", "mesh", {
    HTTP: { Incoming: { RequestNormalization: { InsecureDisablePathNormalization: off } } },
  });

testRules(consulMeshRules, {
  "consul-intention-everything": {
    breaks: {
      "an intention": [
        intentions("*", { name: "*", action: "allow" }),
        'consul_config_entry_service_intentions.i sources.name: "*"',
      ],
      "by HTTP": [
        intentions("*", { name: "web", action: "allow" }, { name: "*", permissions: [{ action: "allow" }] }),
        'consul_config_entry_service_intentions.i sources[1].name: "*"',
      ],
      "as an entry": [
        entry("service-intentions", "*", { Sources: [{ Name: "*", Action: "allow" }] }),
        `${at}.Sources: "*"`,
      ],
      "in the old form": [
        { resource: { consul_intention: { i: { source_name: "*", destination_name: "*", action: "allow" } } } },
        'consul_intention.i source_name: "*"',
      ],
    },
    holds: {
      "everybody may call one": intentions("metrics", { name: "*", action: "allow" }),
      "nobody may call anybody": intentions("*", { name: "*", action: "deny" }),
      "one may call everybody": entry("service-intentions", "*", { Sources: [{ Name: "esm", Action: "allow" }] }),
    },
  },
  "consul-mesh-tls": {
    breaks: {
      "what the version takes": [
        entry("mesh", "mesh", {}),
        `${at}.TLS.Incoming.TLSMinVersion: nothing`,
        `${at}.TLS.Outgoing.TLSMinVersion: nothing`,
      ],
      "TLS 1.0 on one side": [tls({ TLSMinVersion: "TLSv1_0" }, modern), `${at}.TLS.Incoming.TLSMinVersion: "TLSv1_0"`],
    },
    holds: { "TLS 1.2 and 1.3": tls(modern, { TLSMinVersion: "TLSv1_3" }) },
    exempts: { "another entry": entry("proxy-defaults", "global", {}) },
  },
  "consul-mesh-permissive": {
    breaks: {
      "one service": [
        entry("service-defaults", "web", { MutualTLSMode: "permissive" }),
        `${at}.MutualTLSMode: "permissive"`,
      ],
      "the leave to be so": [
        entry("mesh", "mesh", { AllowEnablingPermissiveMutualTLS: true }),
        `${at}.AllowEnablingPermissiveMutualTLS: true`,
      ],
      "in the typed form": [
        { resource: { consul_config_entry_service_defaults: { d: { mutual_tls_mode: "permissive" } } } },
        'consul_config_entry_service_defaults.d mutual_tls_mode: "permissive"',
      ],
    },
    holds: { strict: entry("proxy-defaults", "global", { MutualTLSMode: "strict" }) },
  },
  "consul-mesh-path-normalization": {
    breaks: {
      off: [normalization(true), `${at}.HTTP.Incoming.RequestNormalization.InsecureDisablePathNormalization: true`],
    },
    holds: { on: normalization(false), default: entry("mesh", "mesh", {}) },
  },
  "consul-envoy-bootstrap": {
    breaks: {
      "a bootstrap": [
        entry("proxy-defaults", "global", { Config: { envoy_bootstrap_json_tpl: "{}" } }),
        `${at}.Config.envoy_bootstrap_json_tpl: "a bootstrap of one's own"`,
      ],
      "a listener": [
        entry("proxy-defaults", "global", { Config: { envoy_extra_static_listeners_json: "{}" } }),
        `${at}.Config.envoy_extra_static_listeners_json: "a bootstrap of one's own"`,
      ],
    },
    holds: {
      "metrics by Consul's own": entry("proxy-defaults", "global", {
        Config: { protocol: "http", envoy_prometheus_bind_addr: "0.0.0.0:9102" },
      }),
    },
  },
});
