import { networkRules } from "../../../lib/policy/azure/network";
import { securityRuleRules } from "../../../lib/policy/azure/security-rules";
import { testRules } from "../rule-examples";

const subnet = (attributes: object, beside: object = {}) => ({
  resource: { azurerm_subnet: { s: attributes }, ...beside },
});
const network = (beside: object = {}) => ({ resource: { azurerm_virtual_network: { n: {} }, ...beside } });
const log = (attributes: object) => ({ resource: { azurerm_network_watcher_flow_log: { l: attributes } } });
const group = (rules: object[], beside: object = {}) => ({
  resource: { azurerm_network_security_group: { g: { name: "servers", security_rule: rules } }, ...beside },
});
const rule = (attributes: object) => ({ resource: { azurerm_network_security_rule: { r: attributes } } });
const onRule = (attribute: string, given: unknown) => `azurerm_network_security_rule.r ${attribute}: ${String(given)}`;

const denial = (direction: string) => ({
  access: "Deny",
  direction,
  protocol: "*",
  source_address_prefix: "*",
  destination_address_prefix: "*",
  destination_port_range: "*",
});
const inbound = { access: "Allow", direction: "Inbound", destination_port_range: "443" };
const outbound = { access: "Allow", direction: "Outbound", destination_port_range: "443" };

testRules([...networkRules, ...securityRuleRules], {
  "azure-subnet-security-group": {
    breaks: {
      "a subnet alone": [subnet({}), "azurerm_subnet.s azurerm_subnet_network_security_group_association: nothing"],
    },
    holds: {
      "a subnet with one": subnet(
        {},
        { azurerm_subnet_network_security_group_association: { a: { subnet_id: "${azurerm_subnet.s.id}" } } },
      ),
    },
    exempts: { "Bastion's subnet": subnet({ name: "AzureBastionSubnet" }) },
  },
  "azure-subnet-default-outbound": {
    breaks: { "a subnet alone": [subnet({}), "azurerm_subnet.s default_outbound_access_enabled: nothing"] },
    holds: { "no way out": subnet({ name: "servers", default_outbound_access_enabled: false }) },
    exempts: { "Bastion's subnet": subnet({ name: "AzureBastionSubnet" }) },
  },
  "azure-egress-anywhere": {
    breaks: {
      "a NAT gateway": [
        { resource: { azurerm_subnet_nat_gateway_association: { a: { nat_gateway_id: "${var.nat}" } } } },
        'azurerm_subnet_nat_gateway_association.a nat_gateway_id: "a NAT gateway"',
      ],
      "a route": [
        { resource: { azurerm_route: { r: { address_prefix: "0.0.0.0/0", next_hop_type: "Internet" } } } },
        'azurerm_route.r address_prefix: "0.0.0.0/0 by Internet"',
      ],
      "a route in a table": [
        {
          resource: {
            azurerm_route_table: { t: { route: [{ address_prefix: "0.0.0.0/0", next_hop_type: "Internet" }] } },
          },
        },
        'azurerm_route_table.t route.address_prefix: "0.0.0.0/0 by Internet"',
      ],
    },
    holds: {
      "a route to a firewall": {
        resource: { azurerm_route: { r: { address_prefix: "0.0.0.0/0", next_hop_type: "VirtualAppliance" } } },
      },
      "a route to one service": {
        resource: { azurerm_route: { r: { address_prefix: "AzureMonitor", next_hop_type: "Internet" } } },
      },
    },
  },
  "azure-network-flow-log": {
    breaks: {
      "a network alone": [network(), "azurerm_virtual_network.n azurerm_network_watcher_flow_log: nothing"],
    },
    holds: {
      "a network with one": network({
        azurerm_network_watcher_flow_log: { l: { target_resource_id: "${azurerm_virtual_network.n.id}" } },
      }),
    },
  },
  "azure-flow-log-retention": {
    breaks: {
      "a log that is off": [
        log({ enabled: false, retention_policy: { enabled: true, days: 90 } }),
        "azurerm_network_watcher_flow_log.l enabled: false",
      ],
      "no retention": [
        log({ enabled: true, retention_policy: { enabled: false, days: 90 } }),
        "azurerm_network_watcher_flow_log.l retention_policy.enabled: false",
      ],
      "a week": [
        log({ enabled: true, retention_policy: { enabled: true, days: 7 } }),
        "azurerm_network_watcher_flow_log.l retention_policy.days: 7",
      ],
    },
    holds: {
      "a quarter": log({ enabled: true, retention_policy: { enabled: true, days: 90 } }),
      "for ever": log({ enabled: true, retention_policy: { enabled: true, days: 0 } }),
    },
  },
  "azure-security-group-deny": {
    breaks: {
      "a group alone": [
        group([]),
        'azurerm_network_security_group.g security_rule: "no Inbound denial"',
        'azurerm_network_security_group.g security_rule: "no Outbound denial"',
      ],
      "one way only": [
        group([denial("Inbound")]),
        'azurerm_network_security_group.g security_rule: "no Outbound denial"',
      ],
      "a denial of one port": [
        group([denial("Outbound"), { ...denial("Inbound"), destination_port_range: "22" }]),
        'azurerm_network_security_group.g security_rule: "no Inbound denial"',
      ],
    },
    holds: {
      "both ways": group([denial("Inbound"), denial("Outbound")]),
      "a denial beside it": group([denial("Inbound")], {
        azurerm_network_security_rule: {
          r: { ...denial("Outbound"), network_security_group_name: "${azurerm_network_security_group.g.name}" },
        },
      }),
    },
    exempts: {
      "a gateway, which must answer": group([
        denial("Inbound"),
        { ...inbound, source_address_prefix: "GatewayManager", destination_port_range: "65200-65535" },
      ]),
    },
  },
  "azure-ingress-admin-ports": {
    breaks: {
      "SSH of the internet": [
        rule({ ...inbound, source_address_prefix: "Internet", destination_port_range: "22" }),
        onRule("source_address_prefix", '"Internet to 22"'),
      ],
      "RDP among others, from anywhere among others": [
        rule({
          access: "Allow",
          direction: "Inbound",
          source_address_prefixes: ["10.0.0.0/8", "0.0.0.0/0"],
          destination_port_ranges: ["443", "3000-4000"],
        }),
        onRule("source_address_prefixes", '"0.0.0.0/0 to 3389"'),
      ],
    },
    holds: {
      "a network of one's own": rule({ ...inbound, source_address_prefix: "10.0.0.0/8", destination_port_range: "22" }),
      "a denial": rule({ ...denial("Inbound") }),
    },
  },
  "azure-ingress-anywhere": {
    breaks: {
      "HTTPS of the internet": [
        rule({ ...inbound, source_address_prefix: "*" }),
        onRule("source_address_prefix", '"*"'),
      ],
      "in a group": [
        group([{ ...inbound, source_address_prefix: "Internet" }]),
        'azurerm_network_security_group.g security_rule.source_address_prefix: "Internet"',
      ],
    },
    holds: {
      "a network of one's own": rule({ ...inbound, source_address_prefix: "10.0.0.0/8" }),
      "Azure's balancer": rule({ ...inbound, source_address_prefix: "AzureLoadBalancer" }),
    },
  },
  "azure-security-rule-egress-anywhere": {
    breaks: {
      everywhere: [
        rule({ ...outbound, destination_address_prefix: "0.0.0.0/0" }),
        onRule("destination_address_prefix", '"0.0.0.0/0"'),
      ],
      "the internet": [
        rule({ ...outbound, destination_address_prefix: "Internet" }),
        onRule("destination_address_prefix", '"Internet"'),
      ],
    },
    holds: {
      "one service": rule({ ...outbound, destination_address_prefix: "AzureKeyVault.WestEurope" }),
      "a denial": rule({ ...denial("Outbound") }),
    },
  },
});
