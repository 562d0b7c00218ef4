import { ports, trafficBetween } from "../../core/traffic";
import { waiveByChoice } from "../../policy/waiver";
import { type FirewallMember, portsName } from "../firewall";
import type { AzureSubnet, IAzureNetwork } from "./network-props";
import { type AzureOutsides, outsideRule } from "./outside";
import { priorities } from "./priorities";
import type { AzureOpen, AzureSecurityGroup, AzureSide } from "./security-group";

/** A member of the firewall: how rules name it, and the security group that sees what it sends and gets, if that is ours. */
export interface Standing {
  readonly member: FirewallMember;
  readonly side: AzureSide;
  readonly group?: AzureSecurityGroup;
}

/** What stands in a subnet, as rules name it. */
export function sideOf({ cidr }: AzureSubnet): AzureSide {
  return { prefixes: [cidr] };
}

/** The application security groups of members, as one side of a rule takes them: ten at most. */
export function groupsOf(members: readonly Standing[]): string[] {
  return members.flatMap(({ side }) => [...(side.groups ?? [])]);
}

/** Those who call the outside on a port. */
export function outgoing(members: readonly Standing[], port: number): Standing[] {
  return members.filter(({ member }) =>
    trafficBetween(member.roles, ["outside"]).some(({ fromPort }) => fromPort === port),
  );
}

/** Everything that is not in the network, as Azure's tag. */
const INTERNET = "Internet";

/**
 * What nodes reach of Azure itself with egress "private", by the tags of the services: signing in, finding one another, metrics
 * and logs. Key vaults and storage have private endpoints; their tags would open everybody's.
 */
const SERVICE_TAGS = ["AzureActiveDirectory", "AzureResourceManager", "AzureMonitor"] as const;

/** Lets nodes out to what is not in the network. Names and time need no rule: the host answers them. */
export function letOutside(
  group: AzureSecurityGroup,
  nodes: readonly Standing[],
  network: IAzureNetwork,
  outside: AzureOutsides,
): void {
  const out = (name: string, port: number, priority: number, to: AzureSide, open: AzureOpen) => {
    const callers = outgoing(nodes, port);
    const from = { groups: groupsOf(callers) };
    return group.allow({ name: `nodes-to-${name}`, direction: "Outbound", priority, from, to, open });
  };
  const toHttps = trafficBetween(["worker"], ["outside"]).filter(({ fromPort }) => fromPort === ports.https);
  const toHttp = trafficBetween(["worker"], ["outside"]).filter(({ fromPort }) => fromPort === ports.http);
  if (network.egress === "nat") {
    for (const open of [...toHttps, ...toHttp]) {
      const name = `internet-${portsName(open)}`;
      const rule = out(name, open.fromPort, priorities.internet(open.fromPort), { prefixes: [INTERNET] }, open);
      // A waiver that a narrower rule does not need would fail the policy.
      if (rule.destinationAddressPrefixInput !== INTERNET) continue;
      waiveByChoice(rule, {
        rule: "azure-security-rule-egress-anywhere",
        prop: "egress",
        reason: `egress "nat": ${open.purpose} from the internet`,
      });
    }
  } else {
    SERVICE_TAGS.forEach((tag, index) => {
      for (const open of toHttps) out(tag, ports.https, priorities.serviceTag(index), { prefixes: [tag] }, open);
    });
  }
  for (const [name, service] of Object.entries(outside)) {
    const { open, target } = outsideRule(name, service);
    out(`outside-${name}`, ports.https, priorities.outside(name, service), target, open);
  }
}
