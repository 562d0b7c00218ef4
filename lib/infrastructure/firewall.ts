import { type Traffic, type TrafficRole, trafficBetween } from "../core/traffic";
import { type Product, products } from "../node/products";
import type { ServerGroups } from "./props";

/** Machines that stand behind one firewall, and the roles of the traffic table that they play together. */
export interface FirewallMember {
  /** A name that no other member has. */
  readonly name: string;
  /** The parts of the name, where it has several. */
  readonly parts?: readonly string[];
  /** Who they are, for the person who finds their firewall in the account. */
  readonly who: string;
  readonly roles: readonly TrafficRole[];
}

/** What one member may open to another. */
export interface FirewallRule extends Pick<Traffic, "protocol" | "fromPort" | "toPort" | "purpose"> {
  readonly from: FirewallMember;
  readonly to: FirewallMember;
}

const SERVER_ROLES: Readonly<Record<Product, TrafficRole>> = {
  vault: "vaultServer",
  consul: "consulServer",
  nomad: "nomadServer",
};

/** The members that the groups of servers are: a group that runs several products plays several roles. */
export function serverMembers(groups: ServerGroups): FirewallMember[] {
  return Object.entries(groups).map(([name, { runs }]) => ({
    name: `server-${name}`,
    parts: ["server", name],
    who: `Servers of the group ${name}`,
    roles: products.filter((product) => runs.includes(product)).map((product) => SERVER_ROLES[product]),
  }));
}

/** What the traffic table lets the members open to each other, pair by pair. */
export function firewallRules(members: readonly FirewallMember[]): FirewallRule[] {
  return members.flatMap((from) =>
    members.flatMap((to) =>
      trafficBetween(from.roles, to.roles).map(({ protocol, fromPort, toPort, purpose }) => ({
        from,
        to,
        protocol,
        fromPort,
        toPort,
        purpose,
      })),
    ),
  );
}

/** The workers of all groups are one member: they run what may be anywhere. */
export const workersMember: FirewallMember = { name: "workers", who: "Workers", roles: ["worker"] };
export const machineMember: FirewallMember = { name: "machine", who: "Machine address", roles: ["machineBalancer"] };
export const peopleMember: FirewallMember = { name: "people", who: "Address for people", roles: ["peopleBalancer"] };

/** Who beside the nodes calls the machine address. */
export const clientMembers = {
  privateRunner: { name: "runners", who: "Private runners of CI", roles: ["privateRunner"] },
  tunnel: { name: "tunnel", who: "Ends of the tunnels of people at work", roles: ["tunnel"] },
} as const satisfies Record<string, FirewallMember>;

export type FirewallClient = keyof typeof clientMembers;

/** A rule in a few letters, for ids: `"tcp-8200"`, `"udp-20000-32000"`. */
export function portsName({ protocol, fromPort, toPort }: Pick<Traffic, "protocol" | "fromPort" | "toPort">): string {
  return [protocol, fromPort, ...(fromPort === toPort ? [] : [toPort])].join("-");
}
