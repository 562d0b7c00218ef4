import { waiveByChoice } from "../../policy/waiver";
import { priorities } from "./priorities";
import type { AzureSecurityGroup } from "./security-group";

type Way = readonly [
  direction: "Inbound" | "Outbound",
  from: string | readonly string[],
  to: string,
  fromPort: number,
  toPort?: number,
];

/**
 * What an Application Gateway with a public address needs beside its callers:
 * https://learn.microsoft.com/en-us/azure/application-gateway/configuration-infrastructure#network-security-groups
 */
export function letGatewayBeManaged(group: AzureSecurityGroup): void {
  open(group, {
    "managed-by-azure": ["Inbound", "GatewayManager", "*", 65_200, 65_535],
    "watched-by-azure": ["Inbound", "AzureLoadBalancer", "*", 0, 65_535],
  });
}

/**
 * What Azure Bastion needs, without which it takes no security group, beside the callers it is for:
 * https://learn.microsoft.com/en-us/azure/bastion/bastion-nsg
 */
export function letBastionWork(group: AzureSecurityGroup, tunnelRanges: readonly string[]): void {
  const rules = open(group, {
    "people-with-tunnels": ["Inbound", [...new Set(tunnelRanges)], "*", 443],
    "managed-by-azure": ["Inbound", "GatewayManager", "*", 443],
    "watched-by-azure": ["Inbound", "AzureLoadBalancer", "*", 443],
    "from-its-parts-8080": ["Inbound", "VirtualNetwork", "VirtualNetwork", 8080],
    "from-its-parts-5701": ["Inbound", "VirtualNetwork", "VirtualNetwork", 5701],
    "to-ssh": ["Outbound", "*", "VirtualNetwork", 22],
    "to-rdp": ["Outbound", "*", "VirtualNetwork", 3389],
    "to-azure": ["Outbound", "*", "AzureCloud", 443],
    "to-its-parts-8080": ["Outbound", "VirtualNetwork", "VirtualNetwork", 8080],
    "to-its-parts-5701": ["Outbound", "VirtualNetwork", "VirtualNetwork", 5701],
    "to-certificates": ["Outbound", "*", "Internet", 80],
  });
  const rule = rules["to-certificates"];
  if (rule?.destinationAddressPrefixInput !== "Internet") return;
  waiveByChoice(rule, {
    rule: "azure-security-rule-egress-anywhere",
    prop: "bastion",
    reason: "Azure Bastion asks authorities whether certificates were revoked, and takes no group that refuses it",
  });
}

function open(group: AzureSecurityGroup, ways: Readonly<Record<string, Way>>) {
  return Object.fromEntries(
    Object.entries(ways).map(([name, [direction, from, to, fromPort, toPort = fromPort]], index) => [
      name,
      group.allow({
        name,
        direction,
        priority: priorities.platform(index),
        from: { prefixes: typeof from === "string" ? [from] : from },
        to: { prefixes: [to] },
        open: { protocol: "tcp", fromPort, toPort, purpose: "Needed by Azure for this service" },
      }),
    ]),
  );
}
