import { SecurityGroup, type SecurityGroupConfig } from "@cdktf/provider-aws/lib/security-group";
import {
  VpcSecurityGroupEgressRule,
  type VpcSecurityGroupEgressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { CaravanError, PropsCheck } from "../../core/errors";
import { physicalName } from "../../core/naming";
import { boolean, oneOf } from "../../core/rules";
import { ports, type Traffic, trafficBetween } from "../../core/traffic";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import {
  clientMembers,
  type FirewallClient,
  type FirewallMember,
  firewallRules,
  machineMember,
  peopleMember,
  portsName,
  serverMembers,
  workersMember,
} from "../firewall";
import { checkServerGroups, defaultServerGroups, type ServerGroups } from "../props";
import { allowedRange } from "../ranges";
import type { IAwsNetwork } from "./network-props";
import { type AwsOutsides, checkOutside, outsideRule } from "./outside";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { securityGroupId } from "./rules";

export interface AwsFirewallProps extends AwsPlace {
  readonly network: IAwsNetwork;
  /**
   * Groups of servers by name, with the products they run; each gets a security group.
   *
   * @default - one group "main" that runs Vault, Consul and Nomad
   */
  readonly servers?: ServerGroups;
  /**
   * Whether there are workers. All groups of workers share a security group.
   *
   * @default true
   */
  readonly workers?: boolean;
  /**
   * Networks that reach the people's address, from /8 on; never everybody.
   *
   * @default - none: there is no people's address
   */
  readonly peopleRanges?: readonly string[];
  /**
   * The security group of a people's load balancer that somebody else made. It is let in; letting it out is its owner's.
   *
   * @default - one is made, if there are `peopleRanges`
   */
  readonly peopleSecurityGroupId?: string;
  /**
   * Who else calls the machine address: CI's private runners, or where people's tunnels end, if that is no node. Each gets a
   * security group to put on its machines.
   *
   * @default - nobody
   */
  readonly clients?: readonly FirewallClient[];
  /**
   * What nodes reach beside what the network's way out gives: a proxy, mirrors of packages and images. With egress "private"
   * there is no other way to them.
   *
   * @default - nothing
   */
  readonly outside?: AwsOutsides;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the security groups. */
    readonly securityGroup?: Transform<SecurityGroupConfig>;
    /** Laid on each rule for what comes in. */
    readonly ingress?: Transform<VpcSecurityGroupIngressRuleConfig>;
    /** Laid on each rule for what goes out. */
    readonly egress?: Transform<VpcSecurityGroupEgressRuleConfig>;
  };
}

const ANYWHERE = "0.0.0.0/0";

/**
 * No security group sees what goes to AWS's own resolver and clock, so names and time need no rule:
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 */
const UNSEEN: readonly number[] = [ports.dns, ports.ntp];

/**
 * The firewalls of an environment: a security group for each group of servers, one for the workers and one for each
 * balancer, with exactly what the traffic table says, from group to group. No rule inside the network names addresses.
 *
 * To the outside, nodes get HTTPS and HTTP to anywhere where the network has a NAT gateway, with a waiver of its own; else
 * HTTPS to the endpoints of AWS's services and to S3. Both also get what `outside` names.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsFirewall extends Construct {
  /** For each server group's nodes, by its name. */
  readonly serverSecurityGroupIds: Readonly<Record<string, string>>;
  /** For the nodes of all worker groups. */
  readonly workerSecurityGroupId?: string;
  readonly machineSecurityGroupId: string;
  readonly peopleSecurityGroupId?: string;
  /** For those beside the nodes who call the machine address. */
  readonly clientSecurityGroupIds: Readonly<Partial<Record<FirewallClient, string>>>;

  private readonly ids: ReadonlyMap<string, string>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsFirewallProps,
  ) {
    const { servers = defaultServerGroups, workers = true, clients = [], peopleRanges } = props;
    const check = new PropsCheck("AwsFirewall", scope, id);
    checkPlace(check, props);
    checkServerGroups(check, "servers", servers);
    check.optional("workers", props.workers, boolean);
    check.each("clients", clients, oneOf(Object.keys(clientMembers)));
    check.each("peopleRanges", peopleRanges, allowedRange);
    check.optional("peopleSecurityGroupId", props.peopleSecurityGroupId, securityGroupId);
    checkOutside(check, props.outside);
    checkWayOut(check, props.network);
    check.done();
    super(scope, id);

    const nodes = [...serverMembers(servers), ...(workers ? [workersMember] : [])];
    const given = props.peopleSecurityGroupId;
    const callers = [...new Set(clients)].map((client) => clientMembers[client]);
    const members = [
      ...nodes,
      machineMember,
      ...(given !== undefined || peopleRanges !== undefined ? [peopleMember] : []),
      ...callers,
    ];
    const isGiven = (member: FirewallMember) => member === peopleMember && given !== undefined;
    this.ids = new Map(members.map((member) => [member.name, isGiven(member) ? String(given) : this.addGroup(member)]));
    // What somebody else made is not changed.
    for (const { from, to, ...open } of firewallRules(members)) {
      if (!isGiven(to)) this.letIn(to, open, from);
      if (!isGiven(from)) this.letOut(from, open, to.name, { referencedSecurityGroupId: this.idOf(to.name) });
    }
    if (given === undefined) for (const range of new Set(peopleRanges)) this.letPeopleIn(range);
    for (const member of [...nodes, ...callers]) this.letOutside(member);

    this.serverSecurityGroupIds = Object.fromEntries(
      Object.keys(servers).map((name) => [name, this.idOf(`server-${name}`)]),
    );
    this.workerSecurityGroupId = this.ids.get(workersMember.name);
    this.machineSecurityGroupId = this.idOf(machineMember.name);
    this.peopleSecurityGroupId = this.ids.get(peopleMember.name);
    this.clientSecurityGroupIds = Object.fromEntries(
      clients.map((client) => [client, this.idOf(clientMembers[client].name)]),
    );
  }

  private idOf(member: string): string {
    const found = this.ids.get(member);
    if (found === undefined) throw new CaravanError(`There is no security group of ${member}.`);
    return found;
  }

  private addGroup({ name, parts = [name], who }: FirewallMember): string {
    const { environment, network, transform } = this.props;
    return new SecurityGroup(
      this,
      name,
      transformed(transform?.securityGroup, {
        vpcId: network.vpcId,
        name: physicalName({ kind: "awsSecurityGroup", parts: ["caravan", environment, ...parts] }),
        description: `${who} of the environment ${environment}`,
        tags: { Name: `${environment}-${name}` },
      }),
    ).id;
  }

  private letIn(member: FirewallMember, open: Ports, from: FirewallMember): void {
    new VpcSecurityGroupIngressRule(
      this,
      `${member.name}-from-${from.name}-${portsName(open)}`,
      transformed(this.props.transform?.ingress, {
        securityGroupId: this.idOf(member.name),
        referencedSecurityGroupId: this.idOf(from.name),
        ...ruleOf(open),
      }),
    );
  }

  private letPeopleIn(range: string): void {
    for (const open of trafficBetween(["people"], peopleMember.roles)) {
      new VpcSecurityGroupIngressRule(
        this,
        `people-from-${range.replace("/", "-")}-${portsName(open)}`,
        transformed(this.props.transform?.ingress, {
          securityGroupId: this.idOf(peopleMember.name),
          cidrIpv4: range,
          ...ruleOf(open),
        }),
      );
    }
  }

  private letOutside(member: FirewallMember): void {
    const { egress, endpointSecurityGroupId, s3PrefixListId } = this.props.network;
    const outside = trafficBetween(member.roles, ["outside"]).filter(({ fromPort }) => !UNSEEN.includes(fromPort));
    for (const open of outside) {
      if (egress === "nat") this.letOut(member, open, "anywhere", { cidrIpv4: ANYWHERE });
      else if (open.fromPort === ports.https) {
        this.letOut(member, open, "endpoints", { referencedSecurityGroupId: endpointSecurityGroupId });
        if (s3PrefixListId !== undefined) this.letOut(member, open, "s3", { prefixListId: s3PrefixListId });
      }
    }
    if (outside.length === 0) return;
    for (const [name, service] of Object.entries(this.props.outside ?? {})) {
      const { open, target } = outsideRule(name, service);
      this.letOut(member, open, `outside-${name}`, target);
    }
  }

  private letOut(
    member: FirewallMember,
    open: Ports,
    where: string,
    target: Pick<VpcSecurityGroupEgressRuleConfig, "cidrIpv4" | "prefixListId" | "referencedSecurityGroupId">,
  ): void {
    const props = transformed(this.props.transform?.egress, {
      securityGroupId: this.idOf(member.name),
      ...target,
      ...ruleOf(open),
    });
    const made = new VpcSecurityGroupEgressRule(this, `${member.name}-to-${where}-${portsName(open)}`, props);
    // A waiver that a narrower rule does not need would fail the policy.
    if (props.cidrIpv4 !== ANYWHERE) return;
    waiveByChoice(made, {
      rule: "aws-security-group-egress-anywhere",
      prop: "egress",
      reason: `egress "nat": ${open.purpose} from the internet`,
    });
  }
}

type Ports = Pick<Traffic, "protocol" | "fromPort" | "toPort" | "purpose">;

function ruleOf({ protocol, fromPort, toPort, purpose }: Ports) {
  return { description: purpose, ipProtocol: protocol, fromPort, toPort };
}

function checkWayOut(check: PropsCheck, network: IAwsNetwork): void {
  if (network.egress !== "private" || network.endpointSecurityGroupId !== undefined) return;
  check.add({
    property: "network.endpointSecurityGroupId",
    given: undefined,
    allowed: 'the security group of the endpoints, with egress "private": nodes reach nothing else outside',
    fix: "give the group that the VPC's interface endpoints bear",
  });
}
