import type { PolicyRule } from "../rule";
import { settingRule } from "../setting";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const GATEWAY = "azurerm_application_gateway";

/** The names of a gateway's frontends that have a public address. */
function publicFrontends(gateway: SynthesizedResource): Set<string> {
  const names = gateway
    .blocks("frontend_ip_configuration")
    .filter((frontend) => !frontend.isUnknown && frontend.has("public_ip_address_id"))
    .map((frontend) => frontend.text("name"));
  return new Set(names.filter((name) => typeof name === "string"));
}

/** Listeners that the internet reaches. A gateway may have a public address that none of them listens on. */
function publicListeners(gateway: SynthesizedResource): SynthesizedBlock[] {
  const open = publicFrontends(gateway);
  return gateway.blocks("http_listener").filter((listener) => {
    const frontend = listener.text("frontend_ip_configuration_name");
    return typeof frontend === "string" && open.has(frontend);
  });
}

const internal: PolicyRule = {
  id: "azure-lb-internal",
  severity: "HIGH",
  title: "A load balancer does not face the internet",
  why: "Everybody can try what stands behind it: logins, and every flaw that is found in it later.",
  fix: "give the frontend a subnet, not a public address",
  references: { url: "https://learn.microsoft.com/en-us/azure/load-balancer/components" },
  resourceTypes: ["azurerm_lb", GATEWAY],
  *check(balancer) {
    if (balancer.type === GATEWAY) {
      for (const listener of publicListeners(balancer)) {
        const attribute = listener.at("frontend_ip_configuration_name");
        yield { attribute, given: listener.value("frontend_ip_configuration_name") };
      }
      return;
    }
    for (const frontend of balancer.blocks("frontend_ip_configuration")) {
      if (frontend.isUnknown) continue;
      for (const name of ["public_ip_address_id", "public_ip_prefix_id"]) {
        if (frontend.has(name)) yield { attribute: frontend.at(name), given: "a public address" };
      }
    }
  },
};

const waf: PolicyRule = {
  id: "azure-gateway-waf",
  severity: "MEDIUM",
  title: "An Application Gateway that faces the internet has a web application firewall",
  why: "It stops known attacks and floods before they reach a server.",
  fix: "set firewall_policy_id",
  references: { checkov: ["CKV_AZURE_120"] },
  resourceTypes: [GATEWAY],
  *check(gateway) {
    if (publicListeners(gateway).length === 0 || gateway.has("firewall_policy_id")) return;
    const enabled = gateway.block("waf_configuration")?.boolean("enabled");
    if (enabled !== true && enabled !== UNKNOWN) yield { attribute: "firewall_policy_id" };
  },
};

const wafEnabled = settingRule({
  id: "azure-waf-enabled",
  severity: "MEDIUM",
  title: "A web application firewall is on",
  why: "A firewall that is off stops nothing.",
  fix: "remove policy_settings.enabled",
  references: { checkov: ["CKV_AZURE_122"] },
  types: ["azurerm_web_application_firewall_policy"],
  path: "policy_settings.enabled",
  byDefault: true,
  right: [true],
});

const wafPrevents = settingRule({
  id: "azure-waf-prevention",
  severity: "MEDIUM",
  title: "A web application firewall stops what it finds",
  why: "In detection mode it writes down the attack that succeeds.",
  fix: 'set policy_settings.mode = "Prevention"',
  references: { checkov: ["CKV_AZURE_122"] },
  types: ["azurerm_web_application_firewall_policy"],
  path: "policy_settings.mode",
  byDefault: "Prevention",
  right: ["Prevention"],
});

const plainListener: PolicyRule = {
  id: "azure-gateway-plain-listener",
  severity: "CRITICAL",
  title: "A listener without TLS only sends people on to one with it",
  why: "Tokens and passwords can be read on the way.",
  fix: 'set protocol = "Https", or send all of its routing rules on by a redirect_configuration',
  references: { checkov: ["CKV_AZURE_217"] },
  resourceTypes: [GATEWAY],
  *check(gateway) {
    const rules = gateway.blocks("request_routing_rule");
    for (const listener of gateway.blocks("http_listener")) {
      if (listener.text("protocol") !== "Http") continue;
      const name = listener.text("name");
      if (name === UNKNOWN || rules.some((rule) => rule.text("http_listener_name") === UNKNOWN)) continue;
      const routing = rules.filter((rule) => rule.text("http_listener_name") === name);
      if (!routing.every((rule) => rule.has("redirect_configuration_name"))) {
        yield { attribute: listener.at("protocol"), given: "Http" };
      }
    }
  },
};

/** Predefined policies that know nothing older than TLS 1.2. */
const TLS_1_2 = ["AppGwSslPolicy20170401S", "AppGwSslPolicy20220101", "AppGwSslPolicy20220101S"];

const tls: PolicyRule = {
  id: "azure-gateway-tls",
  severity: "CRITICAL",
  title: "An Application Gateway speaks TLS 1.2 or later only, and says so",
  why: "Azure's default of older API versions still takes TLS 1.0, which is broken and which RFC 8996 deprecates.",
  fix: 'add ssl_policy with policy_type = "Predefined" and policy_name = "AppGwSslPolicy20220101"',
  references: { checkov: ["CKV_AZURE_218"], cis: ["Azure v6.0 7.12"] },
  resourceTypes: [GATEWAY],
  *check(gateway) {
    const policies = gateway.blocks("ssl_policy");
    if (policies.length === 0) yield { attribute: "ssl_policy" };
    const profiles = gateway.blocks("ssl_profile").flatMap((profile) => profile.blocks("ssl_policy"));
    for (const policy of [...policies, ...profiles]) {
      const name = policy.text("policy_name");
      const oldest = policy.text("min_protocol_version");
      if (name === UNKNOWN || oldest === UNKNOWN) continue;
      if (name !== undefined && !TLS_1_2.includes(name)) yield { attribute: policy.at("policy_name"), given: name };
      else if (name === undefined && oldest !== "TLSv1_2" && oldest !== "TLSv1_3") {
        yield { attribute: policy.at("min_protocol_version"), given: oldest };
      }
    }
  },
};

const backendTls: PolicyRule = {
  id: "azure-gateway-backend-tls",
  severity: "MEDIUM",
  title: "An Application Gateway reaches its backends over TLS",
  why: "Whoever is inside the network reads what people and machines sent over TLS.",
  fix: 'set protocol = "Https"',
  references: { url: "https://learn.microsoft.com/en-us/azure/application-gateway/ssl-overview" },
  resourceTypes: [GATEWAY],
  *check(gateway) {
    for (const settings of gateway.blocks("backend_http_settings")) {
      if (settings.text("protocol") === "Http") yield { attribute: settings.at("protocol"), given: "Http" };
    }
  },
};

const probe: PolicyRule = {
  id: "azure-gateway-probe",
  severity: "LOW",
  title: "An Application Gateway asks its backends how they are",
  why: "A port that answers is no server that works: Azure's own probe asks for a page that may not be there.",
  fix: "set probe_name, and add a probe with a path",
  references: { url: "https://learn.microsoft.com/en-us/azure/application-gateway/application-gateway-probe-overview" },
  resourceTypes: [GATEWAY],
  *check(gateway) {
    for (const settings of gateway.blocks("backend_http_settings")) {
      if (!settings.isUnknown && !settings.has("probe_name")) yield { attribute: settings.at("probe_name") };
    }
  },
};

const logging: PolicyRule = {
  id: "azure-gateway-logging",
  severity: "LOW",
  title: "An Application Gateway writes access logs",
  why: "Without them nobody can say afterwards who asked for what.",
  fix: "add an azurerm_monitor_diagnostic_setting for the gateway",
  references: { url: "https://learn.microsoft.com/en-us/azure/application-gateway/application-gateway-diagnostics" },
  resourceTypes: [GATEWAY],
  *check(gateway, stack) {
    if (stack.pointingAt(gateway, "azurerm_monitor_diagnostic_setting", "target_resource_id").length === 0) {
      yield { attribute: "azurerm_monitor_diagnostic_setting" };
    }
  },
};

export const balancerRules: readonly PolicyRule[] = [
  internal,
  waf,
  wafEnabled,
  wafPrevents,
  plainListener,
  tls,
  backendTls,
  probe,
  logging,
];
