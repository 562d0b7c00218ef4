import type { PolicyRule } from "../rule";
import type { SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { isObject, isUnknown, type JsonObject, property } from "../values";

const MESH = "https://developer.hashicorp.com/consul/docs/secure/security-model/mesh";
const ENTRY = "https://developer.hashicorp.com/consul/docs/reference/config-entry";

/** The document of a configuration entry of one of these kinds, as far as it is known. */
function entryOf(
  entry: SynthesizedResource,
  stack: SynthesizedStack,
  kinds: readonly string[],
): JsonObject | undefined {
  if (!kinds.includes(String(entry.value("kind")))) return undefined;
  const document = stack.document(entry.value("config_json"));
  return isObject(document) ? document : undefined;
}

function inside(document: unknown, ...path: readonly string[]): unknown {
  let value = document;
  for (const name of path) value = isObject(value) ? property(value, name) : value;
  return value;
}

const everything: PolicyRule = {
  id: "consul-intention-everything",
  severity: "HIGH",
  title: "No intention lets every service call every service",
  why: "The mesh then tells who calls whom, and stops nobody.",
  fix: "name the service that calls, or the one that is called",
  references: { url: MESH },
  resourceTypes: ["consul_config_entry_service_intentions", "consul_config_entry", "consul_intention"],
  *check(resource, stack) {
    if (resource.type === "consul_intention") {
      const [from, to, action] = ["source_name", "destination_name", "action"].map((name) => resource.value(name));
      if (from === "*" && to === "*" && action === "allow") yield { attribute: "source_name", given: "*" };
      return;
    }
    if (resource.value("name") !== "*") return;
    if (resource.type === "consul_config_entry_service_intentions") {
      for (const source of resource.blocks("sources")) {
        const isAllowed = source.value("action") === "allow" || source.blocks("permissions").length > 0;
        if (source.value("name") === "*" && isAllowed) yield { attribute: source.at("name"), given: "*" };
      }
      return;
    }
    const document = entryOf(resource, stack, ["service-intentions"]);
    const sources = document === undefined ? undefined : property(document, "Sources");
    for (const source of Array.isArray(sources) ? sources.filter(isObject) : []) {
      const isAllowed = property(source, "Action") === "allow" || property(source, "Permissions") !== undefined;
      if (property(source, "Name") === "*" && isAllowed) yield { attribute: "config_json.Sources", given: "*" };
    }
  },
};

const MODERN = ["TLSv1_2", "TLSv1_3"];

const tls: PolicyRule = {
  id: "consul-mesh-tls",
  severity: "MEDIUM",
  title: "The mesh speaks TLS 1.2 or later, and says so",
  why: "What a sidecar takes by default is what its version takes; TLS 1.0 and 1.1 are broken and deprecated (RFC 8996).",
  fix: "set TLS.Incoming.TLSMinVersion and TLS.Outgoing.TLSMinVersion to TLSv1_2",
  references: { url: `${ENTRY}/mesh` },
  resourceTypes: ["consul_config_entry"],
  *check(entry, stack) {
    const document = entryOf(entry, stack, ["mesh"]);
    if (document === undefined) return;
    for (const way of ["Incoming", "Outgoing"]) {
      const version = inside(document, "TLS", way, "TLSMinVersion");
      if (isUnknown(version) || MODERN.includes(String(version))) continue;
      const given = isObject(version) ? undefined : version;
      yield { attribute: `config_json.TLS.${way}.TLSMinVersion`, given };
    }
  },
};

const permissive: PolicyRule = {
  id: "consul-mesh-permissive",
  severity: "HIGH",
  title: "No service takes connections from outside the mesh",
  why: "In permissive mode plain text from anybody reaches the service beside its sidecar, past every intention.",
  fix: "remove MutualTLSMode permissive and AllowEnablingPermissiveMutualTLS",
  references: { url: `${ENTRY}/proxy-defaults` },
  resourceTypes: ["consul_config_entry", "consul_config_entry_service_defaults"],
  *check(entry, stack) {
    if (entry.value("mutual_tls_mode") === "permissive") yield { attribute: "mutual_tls_mode", given: "permissive" };
    const document = entryOf(entry, stack, ["mesh", "proxy-defaults", "service-defaults"]);
    if (document === undefined) return;
    if (property(document, "MutualTLSMode") === "permissive") {
      yield { attribute: "config_json.MutualTLSMode", given: "permissive" };
    }
    if (property(document, "AllowEnablingPermissiveMutualTLS") === true) {
      yield { attribute: "config_json.AllowEnablingPermissiveMutualTLS", given: true };
    }
  },
};

const paths: PolicyRule = {
  id: "consul-mesh-path-normalization",
  severity: "MEDIUM",
  title: "Paths are normalized before intentions are asked",
  why: "Otherwise /public/../admin is a path below /public to the rule and /admin to the service.",
  fix: "remove InsecureDisablePathNormalization",
  references: { url: `${ENTRY}/mesh` },
  resourceTypes: ["consul_config_entry"],
  *check(entry, stack) {
    const document = entryOf(entry, stack, ["mesh"]);
    const path = ["HTTP", "Incoming", "RequestNormalization", "InsecureDisablePathNormalization"];
    if (inside(document, ...path) === true) yield { attribute: `config_json.${path.join(".")}`, given: true };
  },
};

const ADMIN_ON_ALL = /"?envoy_(?:bootstrap_json_tpl|extra_static_listeners_json)"?/;

const admin: PolicyRule = {
  id: "consul-envoy-bootstrap",
  severity: "MEDIUM",
  title: "Sidecars start as Consul makes them, their admin port on loopback",
  why: "A bootstrap of one's own opens what Consul keeps on loopback: Envoy's admin port.",
  fix: "remove it; metrics have envoy_prometheus_bind_addr, access logs AccessLogs",
  references: { url: MESH },
  resourceTypes: ["consul_config_entry"],
  *check(entry, stack) {
    const document = entryOf(entry, stack, ["proxy-defaults"]);
    const config = document === undefined ? undefined : property(document, "Config");
    for (const name of Object.keys(isObject(config) ? config : {})) {
      if (ADMIN_ON_ALL.test(name)) yield { attribute: `config_json.Config.${name}`, given: "a bootstrap of one's own" };
    }
  },
};

export const consulMeshRules: readonly PolicyRule[] = [everything, tls, permissive, paths, admin];
