import { ComputeFirewall, type ComputeFirewallConfig } from "@cdktf/provider-google/lib/compute-firewall";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { boolean, oneOf } from "../../core/rules";
import { ports, type TrafficRole, trafficBetween } from "../../core/traffic";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import {
  clientMembers,
  type FirewallClient,
  type FirewallMember,
  peopleMember,
  serverMembers,
  workersMember,
} from "../firewall";
import { checkServerGroups, defaultServerGroups, type ServerGroups } from "../props";
import {
  allowOf,
  HEALTH_CHECK_RANGES,
  IAP_RANGE,
  type Open,
  openBetween,
  openTo,
  pieces,
  purposeOf,
} from "./firewall-rules";
import { resourceName } from "./names";
import { DENIAL_PRIORITY } from "./network";
import { RESTRICTED_APIS } from "./network-apis";
import type { IGcpNetwork } from "./network-props";
import { checkOutside, type GcpOutsides } from "./outside";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { serviceAccount } from "./rules";

/** The service accounts of others who call the machine address, by what they are, each by its e-mail address. */
export type GcpClients = Readonly<Partial<Record<FirewallClient, readonly string[]>>>;

export interface GcpFirewallProps extends GcpPlace {
  readonly network: IGcpNetwork;
  /**
   * Groups of servers by name, with the products they run.
   *
   * @default - one group "main" that runs Vault, Consul and Nomad
   */
  readonly servers?: ServerGroups;
  /** E-mail address of each server group's service account, by the group's name. */
  readonly serverAccounts: Readonly<Record<string, string>>;
  /**
   * E-mail address of each worker group's service account, by the group's name.
   *
   * @default - there are no workers
   */
  readonly workerAccounts?: Readonly<Record<string, string>>;
  /**
   * What kind of address people have, if any: Google's proxies then reach the servers and the ingress of the workers, those of the
   * region from the network's proxy-only subnet, those that face the internet from where health checks come from. Who reaches
   * the proxies, no firewall decides: see `GcpPeopleAddress`.
   *
   * @default - people have none
   */
  readonly people?: "internal" | "public";
  /**
   * Who else calls the machine address: service accounts of CI's private runners, or of machines where people's tunnels end.
   *
   * @default - nobody
   */
  readonly clients?: GcpClients;
  /**
   * Whether people's tunnels end at servers by way of Identity-Aware Proxy, which lets through whom IAM lets
   * (`roles/iap.tunnelResourceAccessor`). They reach the products' APIs, and no other port.
   *
   * @default true
   */
  readonly tunnels?: boolean;
  /**
   * What nodes reach beside what the network's way out gives: a proxy, mirrors of packages and images. With egress "private"
   * there is no other way to them.
   *
   * @default - nothing
   */
  readonly outside?: GcpOutsides;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each rule for what comes in. */
    readonly ingress?: Transform<ComputeFirewallConfig>;
    /** Laid on each rule for what goes out. */
    readonly egress?: Transform<ComputeFirewallConfig>;
    /** Laid on both denials, which are made in a network that exists. */
    readonly denial?: Transform<ComputeFirewallConfig>;
  };
}

const ANYWHERE = "0.0.0.0/0";

/**
 * No firewall sees what goes to the metadata server, which also answers for names and time:
 * https://cloud.google.com/firewall/docs/firewalls#gcp_always_allowed_traffic
 */
const UNSEEN: readonly number[] = [ports.dns, ports.ntp];

interface Member extends FirewallMember {
  readonly accounts: readonly string[];
}

/**
 * The firewall of an environment, by service account: what comes in to a group of servers or to the workers is exactly what the
 * traffic table says, from whom it says. Google lets no rule say to whom something goes out, only to which addresses: nodes are
 * let out to the subnet of nodes, on the ports that they may open to some other node, and those who receive it decide.
 *
 * To the outside, nodes get HTTPS and HTTP to anywhere where the network has Cloud NAT, with a waiver of its own; else HTTPS to
 * Google's APIs. Both also get what `outside` names. Whatever no rule allows is denied: by the network that was made, or here
 * for the environment's own accounts.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpFirewall extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpFirewallProps,
  ) {
    const { servers = defaultServerGroups, clients = {}, people, network } = props;
    const check = new PropsCheck("GcpFirewall", scope, id);
    checkPlace(check, props);
    checkServerGroups(check, "servers", servers);
    for (const name of Object.keys(servers)) {
      check.required(`serverAccounts.${name}`, props.serverAccounts?.[name], serviceAccount);
    }
    for (const [name, email] of Object.entries(props.workerAccounts ?? {})) {
      check.required(`workerAccounts.${name}`, email, serviceAccount);
    }
    checkClients(check, "clients", clients);
    check.optional("people", people, oneOf(["internal", "public"]));
    check.optional("tunnels", props.tunnels, boolean);
    checkOutside(check, props.outside);
    if (people === "internal") checkProxies(check, network);
    check.done();
    super(scope, id);

    const workers = unique(Object.values(props.workerAccounts ?? {}));
    const nodes: Member[] = [
      ...serverMembers(servers).map((member) => ({
        ...member,
        accounts: [props.serverAccounts[member.name.replace(/^server-/, "")] ?? ""],
      })),
      ...(workers.length > 0 ? [{ ...workersMember, accounts: workers }] : []),
    ];
    const callers: Member[] = (Object.keys(clientMembers) as FirewallClient[]).flatMap((client) => {
      const accounts = unique(clients[client] ?? []);
      return accounts.length > 0 ? [{ ...clientMembers[client], accounts }] : [];
    });
    const members = [...nodes, ...callers];
    for (const to of nodes) {
      for (const from of members) this.letIn(from, to);
      this.letGoogleIn(to);
    }
    for (const from of members) {
      this.letOut(from, ["nodes"], openTo(from, nodes), network.nodeRange);
      this.letOutside(from);
    }
    if (!network.isClosed) this.deny(unique(members.flatMap(({ accounts }) => accounts)));
  }

  private letIn(from: Member, to: Member): void {
    const open = openBetween(from.roles, to.roles);
    if (open.length === 0) return;
    pieces(from.accounts).forEach((sources, i) => {
      pieces(to.accounts).forEach((targets, j) => {
        // More accounts than a rule can hold need more rules; the first keeps its name.
        const piece = i + j === 0 ? [] : [String(i + 1), String(j + 1)];
        this.addIngress([...partsOf(to), "from", ...partsOf(from), ...piece], open, {
          sourceServiceAccounts: sources,
          targetServiceAccounts: targets,
        });
      });
    });
  }

  /** Google's own machines, which have addresses only: health checks, proxies of balancers, Identity-Aware Proxy. */
  private letGoogleIn(to: Member): void {
    const { people, tunnels = true, network } = this.props;
    const balancers: TrafficRole[] = [
      "machineBalancer",
      ...(people === undefined ? [] : (["peopleBalancer"] as const)),
    ];
    this.letRangesIn(["health", "checks"], HEALTH_CHECK_RANGES, trafficBetween(balancers, to.roles), to);
    if (people === "internal") {
      const open = trafficBetween(peopleMember.roles, to.roles);
      this.letRangesIn(["proxies"], [network.proxyRange ?? ""], open, to);
    }
    if (tunnels) this.letRangesIn(["iap"], [IAP_RANGE], openBetween(["tunnel"], to.roles), to);
  }

  private letRangesIn(
    from: readonly string[],
    sourceRanges: readonly string[],
    open: readonly Open[],
    to: Member,
  ): void {
    if (open.length === 0) return;
    pieces(to.accounts).forEach((targets, j) => {
      const piece = j === 0 ? [] : [String(j + 1)];
      this.addIngress([...partsOf(to), "from", ...from, ...piece], open, {
        sourceRanges: [...sourceRanges],
        targetServiceAccounts: targets,
      });
    });
  }

  private addIngress(
    name: readonly string[],
    open: readonly Open[],
    who: Pick<ComputeFirewallConfig, "sourceServiceAccounts" | "sourceRanges" | "targetServiceAccounts">,
  ): void {
    new ComputeFirewall(
      this,
      name.join("-"),
      transformed(this.props.transform?.ingress, { ...this.rule(name, open), direction: "INGRESS", ...who }),
    );
  }

  private letOutside(from: Member): void {
    const { network, outside = {} } = this.props;
    const open = trafficBetween(from.roles, ["outside"]).filter(({ fromPort }) => !UNSEEN.includes(fromPort));
    if (open.length === 0) return;
    if (network.egress === "nat") this.letOut(from, ["anywhere"], open, ANYWHERE);
    else {
      const https = open.filter(({ fromPort }) => fromPort === ports.https);
      this.letOut(from, ["apis"], https, RESTRICTED_APIS.toString());
    }
    for (const [name, { range, port = ports.https }] of Object.entries(outside)) {
      const there: Open = { protocol: "tcp", fromPort: port, toPort: port, purpose: `Outside: ${name}` };
      this.letOut(from, ["outside", name], [there], range);
    }
  }

  private letOut(from: Member, where: readonly string[], open: readonly Open[], range: string): void {
    if (open.length === 0) return;
    pieces(from.accounts).forEach((targets, i) => {
      const name = [...partsOf(from), "to", ...where, ...(i === 0 ? [] : [String(i + 1)])];
      const props = transformed(this.props.transform?.egress, {
        ...this.rule(name, open),
        direction: "EGRESS",
        targetServiceAccounts: targets,
        destinationRanges: [range],
      });
      const made = new ComputeFirewall(this, name.join("-"), props);
      // A waiver that a narrower rule does not need would fail the policy.
      if (!props.destinationRanges?.includes(ANYWHERE)) return;
      waiveByChoice(made, {
        rule: "gcp-firewall-egress-anywhere",
        prop: "egress",
        reason: `egress "nat": ${purposeOf(open)} from the internet`,
      });
    });
  }

  /** In a network that exists others live too: what is denied is denied for our own accounts. */
  private deny(accounts: readonly string[]): void {
    const { transform, network } = this.props;
    pieces(accounts).forEach((targetServiceAccounts, index) => {
      for (const direction of ["INGRESS", "EGRESS"] as const) {
        const name = ["deny", direction.toLowerCase(), ...(index === 0 ? [] : [String(index + 1)])];
        new ComputeFirewall(
          this,
          name.join("-"),
          transformed(transform?.denial, {
            project: network.networkProject,
            network: network.networkId,
            name: resourceName(this.props.environment, ...name),
            description: `Denies the environment ${this.props.environment} whatever no rule allows`,
            direction,
            priority: DENIAL_PRIORITY,
            deny: [{ protocol: "all" }],
            targetServiceAccounts,
            ...(direction === "INGRESS" ? { sourceRanges: [ANYWHERE] } : { destinationRanges: [ANYWHERE] }),
            logConfig: { metadata: "INCLUDE_ALL_METADATA" },
          }),
        );
      }
    });
  }

  private rule(name: readonly string[], open: readonly Open[]): ComputeFirewallConfig {
    const { environment, network } = this.props;
    return {
      project: network.networkProject,
      network: network.networkId,
      name: resourceName(environment, ...name),
      description: purposeOf(open),
      allow: allowOf(open),
    };
  }
}

/** Checks who else calls the machine address. */
export function checkClients(check: PropsCheck, property: string, clients: GcpClients): void {
  for (const [client, accounts] of Object.entries(clients)) {
    check.required(`${property}["${client}"]`, client, oneOf(Object.keys(clientMembers)));
    check.each(`${property}.${client}`, accounts, serviceAccount);
  }
}

function checkProxies(check: PropsCheck, network: IGcpNetwork): void {
  if (network.proxyRange !== undefined) return;
  check.add({
    property: "network.proxyRange",
    given: undefined,
    allowed: "the block of the network's proxy-only subnet, from which people's load balancer calls",
    fix: "make such a subnet in the network (purpose REGIONAL_MANAGED_PROXY) and give its block, or leave out the domain",
  });
}

function partsOf({ name, parts = [name] }: Member): readonly string[] {
  return parts;
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}
