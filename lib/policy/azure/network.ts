import { isAnywhere } from "../ports";
import type { PolicyRule } from "../rule";
import { settingRule } from "../setting";
import type { SynthesizedBlock, SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { UNKNOWN } from "../values";

/** Subnets of Azure's own services, which take no security group of others or need none. */
const OF_AZURE = new Set([
  "AzureBastionSubnet",
  "AzureFirewallSubnet",
  "AzureFirewallManagementSubnet",
  "GatewaySubnet",
]);

function isOfAzure(subnet: SynthesizedResource): boolean {
  const name = subnet.text("name");
  return typeof name === "string" && OF_AZURE.has(name);
}

const subnetGroup: PolicyRule = {
  id: "azure-subnet-security-group",
  severity: "MEDIUM",
  title: "A subnet has a network security group",
  why: "Without one everything in the network reaches everything in the subnet.",
  fix: "add an azurerm_subnet_network_security_group_association for the subnet",
  references: { checkov: ["CKV2_AZURE_31"], cis: ["Azure v6.0 7.11"] },
  resourceTypes: ["azurerm_subnet"],
  *check(subnet, stack) {
    if (isOfAzure(subnet)) return;
    if (stack.pointingAt(subnet, "azurerm_subnet_network_security_group_association", "subnet_id").length === 0) {
      yield { attribute: "azurerm_subnet_network_security_group_association" };
    }
  },
};

const defaultOutbound = settingRule({
  id: "azure-subnet-default-outbound",
  severity: "HIGH",
  title: "A subnet has no way out that Azure gives by default",
  why: "What breaks into a machine takes data out through an address that nobody chose and no log names.",
  fix: "set default_outbound_access_enabled = false",
  references: { url: "https://learn.microsoft.com/en-us/azure/virtual-network/ip-services/default-outbound-access" },
  types: ["azurerm_subnet"],
  path: "default_outbound_access_enabled",
  byDefault: true,
  right: [false],
  applies: (subnet) => !isOfAzure(subnet),
});

const egressAnywhere: PolicyRule = {
  id: "azure-egress-anywhere",
  severity: "CRITICAL",
  title: "No private subnet has a way to the internet",
  why: "What breaks into a machine takes data out, and fetches its next stage, through exactly this way.",
  fix: 'remove it and use private endpoints (egress: "private")',
  references: { url: "https://learn.microsoft.com/en-us/azure/nat-gateway/nat-overview" },
  resourceTypes: ["azurerm_subnet_nat_gateway_association", "azurerm_route", "azurerm_route_table"],
  *check(resource) {
    if (resource.type === "azurerm_subnet_nat_gateway_association") {
      yield { attribute: "nat_gateway_id", given: "a NAT gateway" };
      return;
    }
    const routes: SynthesizedBlock[] = resource.type === "azurerm_route" ? [resource] : resource.blocks("route");
    for (const route of routes) {
      const prefix = route.text("address_prefix");
      if (isAnywhere(prefix) && route.text("next_hop_type") === "Internet") {
        yield { attribute: route.at("address_prefix"), given: `${String(prefix)} by Internet` };
      }
    }
  },
};

const flowLog: PolicyRule = {
  id: "azure-network-flow-log",
  severity: "MEDIUM",
  title: "A virtual network has a flow log",
  why: "Without it nobody can say afterwards who talked to whom.",
  fix: "add an azurerm_network_watcher_flow_log with the network as its target_resource_id",
  references: { trivy: ["AZU-0073"], cis: ["Azure v6.0 6.1.1.6", "Azure v6.0 7.6"] },
  resourceTypes: ["azurerm_virtual_network"],
  *check(network, stack) {
    if (stack.pointingAt(network, "azurerm_network_watcher_flow_log", "target_resource_id").length === 0) {
      yield { attribute: "azurerm_network_watcher_flow_log" };
    }
  },
};

/** CIS 7.5 and 7.8. */
const RETENTION_DAYS = 90;

const flowLogRetention: PolicyRule = {
  id: "azure-flow-log-retention",
  severity: "LOW",
  title: "A flow log is on, and kept for 90 days at least",
  why: "A break-in is noticed after months.",
  fix: `set retention_policy with enabled = true and days = ${RETENTION_DAYS} or more, or 0 for ever`,
  references: { trivy: ["AZU-0049"], checkov: ["CKV_AZURE_12"], cis: ["Azure v6.0 7.5", "Azure v6.0 7.8"] },
  resourceTypes: ["azurerm_network_watcher_flow_log"],
  *check(log) {
    if (log.boolean("enabled") === false) yield { attribute: "enabled", given: false };
    const policy = log.block("retention_policy");
    const enabled = policy?.boolean("enabled");
    const days = policy?.number("days");
    if (enabled !== true && enabled !== UNKNOWN) yield { attribute: "retention_policy.enabled", given: enabled };
    else if (days !== UNKNOWN && days !== 0 && (days ?? 0) < RETENTION_DAYS) {
      yield { attribute: "retention_policy.days", given: days };
    }
  },
};

/** The rules of a security group: in it, and beside it by its name. */
function rulesOf(group: SynthesizedResource, stack: SynthesizedStack): SynthesizedBlock[] {
  const beside = stack.pointingAt(group, "azurerm_network_security_rule", "network_security_group_name", "name");
  return [...group.blocks("security_rule"), ...beside];
}

function deniesAll(rule: SynthesizedBlock, direction: "Inbound" | "Outbound"): boolean {
  const parts: readonly [string, string][] = [
    ["access", "Deny"],
    ["direction", direction],
    ["protocol", "*"],
    ["source_address_prefix", "*"],
    ["destination_address_prefix", "*"],
    ["destination_port_range", "*"],
  ];
  return parts.every(([name, value]) => rule.text(name) === value || rule.text(name) === UNKNOWN);
}

/** An Application Gateway is managed from the internet, and must be able to answer. */
function isOfGateway(rules: readonly SynthesizedBlock[]): boolean {
  return rules.some((rule) => rule.text("source_address_prefix") === "GatewayManager");
}

const explicitDeny: PolicyRule = {
  id: "azure-security-group-deny",
  severity: "HIGH",
  title: "A network security group ends with a denial of everything else, both ways",
  why: "By Azure's own last rules everything in the network may come in, and everything may go out to the internet.",
  fix: "add a security rule that denies every protocol from * to *, Inbound and Outbound",
  references: {
    url: "https://learn.microsoft.com/en-us/azure/virtual-network/network-security-groups-overview#default-security-rules",
  },
  resourceTypes: ["azurerm_network_security_group"],
  *check(group, stack) {
    const rules = rulesOf(group, stack);
    for (const direction of ["Inbound", "Outbound"] as const) {
      if (direction === "Outbound" && isOfGateway(rules)) continue;
      if (!rules.some((rule) => deniesAll(rule, direction)))
        yield { attribute: "security_rule", given: `no ${direction} denial` };
    }
  },
};

export const networkRules: readonly PolicyRule[] = [
  subnetGroup,
  defaultOutbound,
  egressAnywhere,
  flowLog,
  flowLogRetention,
  explicitDeny,
];
