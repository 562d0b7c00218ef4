import { balancerRules } from "../../../lib/policy/azure/balancers";
import { testRules } from "../rule-examples";

const gateway = (attributes: object, beside: object = {}) => ({
  resource: { azurerm_application_gateway: { g: attributes }, ...beside },
});
const firewall = (attributes: object) => ({
  resource: { azurerm_web_application_firewall_policy: { p: attributes } },
});
const balancer = (attributes: object) => ({ resource: { azurerm_lb: { b: attributes } } });
const on = (attribute: string, given: unknown) => `azurerm_application_gateway.g ${attribute}: ${String(given)}`;

const open = {
  frontend_ip_configuration: [
    { name: "open", public_ip_address_id: "${azurerm_public_ip.p.id}" },
    { name: "inside", subnet_id: "${azurerm_subnet.s.id}" },
  ],
};
const listener = (frontend: string, protocol = "Https") => ({
  http_listener: [{ name: "people", frontend_ip_configuration_name: frontend, protocol }],
});

testRules(balancerRules, {
  "azure-lb-internal": {
    breaks: {
      "a balancer with a public address": [
        balancer({ frontend_ip_configuration: { name: "f", public_ip_address_id: "${var.ip}" } }),
        'azurerm_lb.b frontend_ip_configuration.public_ip_address_id: "a public address"',
      ],
      "a gateway that listens on one": [
        gateway({ ...open, ...listener("open") }),
        on("http_listener.frontend_ip_configuration_name", '"open"'),
      ],
    },
    holds: {
      "an internal balancer": balancer({ frontend_ip_configuration: { name: "f", subnet_id: "${var.subnet}" } }),
      "a gateway that listens inside": gateway({ ...open, ...listener("inside") }),
    },
  },
  "azure-gateway-waf": {
    breaks: {
      "a public gateway alone": [gateway({ ...open, ...listener("open") }), on("firewall_policy_id", "nothing")],
    },
    holds: {
      "one with a policy": gateway({ ...open, ...listener("open"), firewall_policy_id: "${var.policy}" }),
      "one with rules of its own": gateway({ ...open, ...listener("open"), waf_configuration: { enabled: true } }),
      "an internal one": gateway({ ...open, ...listener("inside") }),
    },
  },
  "azure-waf-enabled": {
    breaks: {
      "one that is off": [
        firewall({ policy_settings: { enabled: false } }),
        "azurerm_web_application_firewall_policy.p policy_settings.enabled: false",
      ],
    },
    holds: { "Azure's default": firewall({}), "one that is on": firewall({ policy_settings: { enabled: true } }) },
  },
  "azure-waf-prevention": {
    breaks: {
      "one that only watches": [
        firewall({ policy_settings: { mode: "Detection" } }),
        'azurerm_web_application_firewall_policy.p policy_settings.mode: "Detection"',
      ],
    },
    holds: { "one that prevents": firewall({ policy_settings: { mode: "Prevention" } }) },
  },
  "azure-gateway-plain-listener": {
    breaks: {
      "one that forwards": [
        gateway({
          ...listener("inside", "Http"),
          request_routing_rule: [{ http_listener_name: "people", backend_address_pool_name: "servers" }],
        }),
        on("http_listener.protocol", '"Http"'),
      ],
    },
    holds: {
      "one with TLS": gateway(listener("inside")),
      "one that sends on": gateway({
        ...listener("inside", "Http"),
        request_routing_rule: [{ http_listener_name: "people", redirect_configuration_name: "to-tls" }],
      }),
    },
  },
  "azure-gateway-tls": {
    breaks: {
      "a gateway alone": [gateway({}), on("ssl_policy", "nothing")],
      "an old policy": [
        gateway({ ssl_policy: { policy_type: "Predefined", policy_name: "AppGwSslPolicy20150501" } }),
        on("ssl_policy.policy_name", '"AppGwSslPolicy20150501"'),
      ],
      "an old version": [
        gateway({ ssl_policy: { policy_type: "CustomV2", min_protocol_version: "TLSv1_1" } }),
        on("ssl_policy.min_protocol_version", '"TLSv1_1"'),
      ],
      "an old version for some": [
        gateway({
          ssl_policy: { policy_name: "AppGwSslPolicy20220101" },
          ssl_profile: [{ name: "old", ssl_policy: { policy_type: "Custom", min_protocol_version: "TLSv1_0" } }],
        }),
        on("ssl_profile.ssl_policy.min_protocol_version", '"TLSv1_0"'),
      ],
    },
    holds: {
      "a policy of today": gateway({
        ssl_policy: { policy_type: "Predefined", policy_name: "AppGwSslPolicy20220101S" },
      }),
      "a version of today": gateway({ ssl_policy: { policy_type: "CustomV2", min_protocol_version: "TLSv1_2" } }),
    },
  },
  "azure-gateway-backend-tls": {
    breaks: {
      HTTP: [gateway({ backend_http_settings: { protocol: "Http" } }), on("backend_http_settings.protocol", '"Http"')],
    },
    holds: { HTTPS: gateway({ backend_http_settings: { protocol: "Https" } }) },
  },
  "azure-gateway-probe": {
    breaks: {
      "settings alone": [
        gateway({ backend_http_settings: [{ name: "vault" }, { name: "nomad", probe_name: "nomad" }] }),
        on("backend_http_settings[0].probe_name", "nothing"),
      ],
    },
    holds: { "settings with one": gateway({ backend_http_settings: { probe_name: "vault" } }) },
  },
  "azure-gateway-logging": {
    breaks: { "a gateway alone": [gateway({}), on("azurerm_monitor_diagnostic_setting", "nothing")] },
    holds: {
      "a gateway with a log": gateway(
        {},
        {
          azurerm_monitor_diagnostic_setting: { d: { target_resource_id: "${azurerm_application_gateway.g.id}" } },
        },
      ),
    },
  },
});
