import { ApplicationSecurityGroup } from "@cdktf/provider-azurerm/lib/application-security-group";
import { Construct } from "constructs";
import { CaravanError, PropsCheck } from "../../core/errors";
import { ports, trafficBetween } from "../../core/traffic";
import { transformed } from "../../layer/transform";
import { products } from "../../node/products";
import {
  clientMembers,
  type FirewallClient,
  type FirewallMember,
  type FirewallRule,
  firewallRules,
  machineMember,
  peopleMember,
  portsName,
  serverMembers,
  workersMember,
} from "../firewall";
import { defaultServerGroups } from "../props";
import { groupsOf, letOutside, outgoing, type Standing, sideOf } from "./firewall-outside";
import { letBastionWork, letGatewayBeManaged } from "./firewall-platform";
import { type AzureFirewallProps, checkFirewall } from "./firewall-props";
import { networkResourceName } from "./names";
import type { AzureSubnet } from "./network-props";
import { priorities, tablePriority } from "./priorities";
import { AzureSecurityGroup, type AzureSide } from "./security-group";

/**
 * The firewalls of an environment: an application security group for each group of servers, one for the workers and for each
 * kind of client; and a network security group for each subnet, with exactly what the traffic table says, and an explicit
 * denial of all else.
 *
 * Azure's balancers bear no security group. The machine address is known by its subnet, to which callers are let out and from
 * which it calls the servers; so is the people's gateway. No group sees what a load balancer itself sends, nor names, time
 * and the instance's metadata, which the host answers:
 * https://learn.microsoft.com/en-us/azure/virtual-network/network-security-groups-overview#azure-platform-considerations
 *
 * To the outside, nodes get HTTPS and HTTP to the internet where the network has a NAT gateway, with a waiver of its own; else
 * HTTPS to Azure's services by their tags. Both also get private endpoints and what `outside` names.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureFirewall extends Construct {
  /** For each interface in the nodes' subnet, whatever stands there. */
  readonly nodesSecurityGroupId: string;
  /** Application security group of each server group's nodes, by the group's name. */
  readonly serverSecurityGroupIds: Readonly<Record<string, string>>;
  /** Application security group of the nodes of all worker groups. */
  readonly workerSecurityGroupId?: string;
  /** Application security groups of those beside the nodes who call the machine address. */
  readonly clientSecurityGroupIds: Readonly<Partial<Record<FirewallClient, string>>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureFirewallProps,
  ) {
    const { network, servers = defaultServerGroups, workers = true, clients = [] } = props;
    const check = new PropsCheck("AzureFirewall", scope, id);
    checkFirewall(check, props);
    check.done();
    super(scope, id);

    const group = this.addGroup("nodes", network.isOwn ? network.nodes : undefined);
    const nodes: Standing[] = [
      ...serverMembers(servers),
      ...(workers ? [workersMember] : []),
      ...[...new Set(clients)].map((client) => clientMembers[client]).filter((member) => !this.isAtBastion(member)),
    ].map((member) => ({ member, side: { groups: [this.addApplicationGroup(member)] }, group }));
    const people = this.people();
    const others: Standing[] = [
      { member: machineMember, side: sideOf(network.machine), group: this.addOwnGroup("machine", network.machine) },
      ...people,
      ...this.bastion(),
    ];
    this.openTable([...nodes, ...others]);
    this.letProbesIn(nodes);
    letOutside(group, nodes, network, props.outside ?? {});
    this.letToEndpoints(nodes, people);

    const idOf = (member: string) => nodes.find((each) => each.member.name === member)?.side.groups?.[0];
    this.nodesSecurityGroupId = group.securityGroupId;
    this.serverSecurityGroupIds = Object.fromEntries(
      Object.keys(servers).map((name) => [name, String(idOf(`server-${name}`))]),
    );
    this.workerSecurityGroupId = idOf(workersMember.name);
    this.clientSecurityGroupIds = Object.fromEntries(
      clients.flatMap((client) => {
        const found = idOf(clientMembers[client].name);
        return found === undefined ? [] : [[client, found]];
      }),
    );
  }

  private isAtBastion(member: FirewallMember): boolean {
    return member === clientMembers.tunnel && this.props.network.bastion !== undefined;
  }

  private addApplicationGroup({ name, parts = [name] }: FirewallMember): string {
    const { environment, resourceGroup, region, transform } = this.props;
    return new ApplicationSecurityGroup(
      this,
      name,
      transformed(transform?.applicationSecurityGroup, {
        name: networkResourceName(environment, ...parts),
        resourceGroupName: resourceGroup,
        location: region,
      }),
    ).id;
  }

  private addGroup(name: string, subnet?: AzureSubnet, deniesOutbound = true): AzureSecurityGroup {
    const { environment, region, resourceGroup, transform } = this.props;
    return new AzureSecurityGroup(this, `${name}-subnet`, {
      ...{ environment, region, resourceGroup, deniesOutbound, transform },
      name: ["subnet", name],
      subnetId: subnet?.id,
    });
  }

  /** The security group of a subnet, if that is ours to close. */
  private addOwnGroup(name: string, subnet: AzureSubnet): AzureSecurityGroup | undefined {
    return this.props.network.isOwn ? this.addGroup(name, subnet) : undefined;
  }

  /** The gateway of people: ours in its subnet, somebody else's in another, or none. A subnet for one is closed in any case. */
  private people(): Standing[] {
    const { network, peopleRanges, peopleSourceRange, peoplePublic = false } = this.props;
    const isOurs = peopleRanges !== undefined && peopleSourceRange === undefined;
    // A gateway that faces the internet is managed from there, and does not work where its way out is refused.
    const isOpen = isOurs && peoplePublic;
    const group =
      network.isOwn && network.gateway !== undefined ? this.addGroup("gateway", network.gateway, !isOpen) : undefined;
    if (peopleSourceRange !== undefined) return [{ member: peopleMember, side: { prefixes: [peopleSourceRange] } }];
    if (!isOurs || network.gateway === undefined) return [];
    const side = sideOf(network.gateway);
    if (group !== undefined) letPeopleIn(group, peopleRanges, side);
    if (group !== undefined && isOpen) letGatewayBeManaged(group);
    return [{ member: peopleMember, side, group }];
  }

  /** Where the tunnels of people end, if Azure Bastion is in the network. */
  private bastion(): Standing[] {
    const { network, tunnelRanges = [] } = this.props;
    if (network.bastion === undefined) return [];
    const group = this.addOwnGroup("bastion", network.bastion);
    if (group !== undefined) letBastionWork(group, tunnelRanges);
    return [{ member: clientMembers.tunnel, side: sideOf(network.bastion), group }];
  }

  private openTable(standing: readonly Standing[]): void {
    const of = (member: FirewallMember): Standing => {
      const found = standing.find((each) => each.member === member);
      if (found === undefined) throw new CaravanError(`It is not known where ${member.name} stands.`);
      return found;
    };
    const table = firewallRules(standing.map(({ member }) => member));
    const rules = table.flatMap((rule) => (this.isAtBastion(rule.from) ? pastBalancer(rule, table) : [rule]));
    for (const { from, to, ...open } of rules) {
      const rule = { priority: tablePriority(from, to, open), from: of(from).side, to: of(to).side, open };
      const name = portsName(open);
      of(to).group?.allow({ ...rule, name: `${to.name}-from-${from.name}-${name}`, direction: "Inbound" });
      // No security group sees what a balancer of the network itself sends.
      if (from === machineMember) continue;
      of(from).group?.allow({ ...rule, name: `${from.name}-to-${to.name}-${name}`, direction: "Outbound" });
    }
  }

  private letProbesIn(nodes: readonly Standing[]): void {
    for (const product of products) {
      const servers = nodes.find(({ member }) => member.roles.includes(`${product}Server`));
      servers?.group?.allow({
        name: `${servers.member.name}-from-probes-${product}`,
        direction: "Inbound",
        priority: priorities.probe(product),
        from: { prefixes: ["AzureLoadBalancer"] },
        to: servers.side,
        open: { protocol: "tcp", fromPort: ports[product], toPort: ports[product], purpose: "Probes of the balancer" },
      });
    }
  }

  /** Key vaults and storage, for whoever calls the outside, and for the gateway that reads its certificate. */
  private letToEndpoints(nodes: readonly Standing[], people: readonly Standing[]): void {
    const { endpoints, isOwn } = this.props.network;
    const group = isOwn ? this.addGroup("endpoints", endpoints) : undefined;
    const open = { protocol: "tcp", fromPort: ports.https, toPort: ports.https, purpose: "Private endpoints" } as const;
    const callers = outgoing(nodes, ports.https);
    const gateway = this.props.peopleSourceRange === undefined ? people[0] : undefined;
    const from = { nodes: { side: { groups: groupsOf(callers) }, group: callers[0]?.group }, people: gateway };
    for (const [who, caller] of Object.entries(from)) {
      if (caller === undefined) continue;
      const priority = priorities.endpoints(who === "nodes" ? 0 : 1);
      const rule = { priority, from: caller.side, to: sideOf(endpoints), open };
      caller.group?.allow({ ...rule, name: `${who}-to-endpoints`, direction: "Outbound" });
      group?.allow({ ...rule, name: `endpoints-from-${who}`, direction: "Inbound" });
    }
  }
}

/** Azure Bastion leads to machines, not to balancers: what may call one reaches, on the same port, what that one may reach. */
function pastBalancer(rule: FirewallRule, table: readonly FirewallRule[]): FirewallRule[] {
  if (rule.to !== machineMember) return [rule];
  return table
    .filter((next) => next.from === machineMember && portsName(next) === portsName(rule))
    .map(({ to }) => ({ ...rule, to, purpose: "Tunnels of people" }));
}

function letPeopleIn(group: AzureSecurityGroup, ranges: readonly string[], to: AzureSide): void {
  for (const open of trafficBetween(["people"], peopleMember.roles)) {
    group.allow({
      name: `people-from-ranges-${portsName(open)}`,
      direction: "Inbound",
      priority: priorities.people(open.fromPort),
      from: { prefixes: [...new Set(ranges)] },
      to,
      open,
    });
  }
}
