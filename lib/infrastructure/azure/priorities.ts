import { CaravanError } from "../../core/errors";
import { ports, type Traffic, type TrafficRole } from "../../core/traffic";
import type { Product } from "../../node/products";
import { type FirewallMember, portsName } from "../firewall";
import { type AzureOutside, outsideSlot } from "./outside";

/**
 * A rule's priority, 100 to 4096, is its own in a security group and a direction. Which is first among rules that all allow does
 * not matter; that none moves when another comes does, as Azure refuses two of one priority even for a moment. So each is made
 * of what its rule says, not of how many there are: a place for each pair of members and each port, then one for each of what
 * stands outside of the table.
 */
const FIRST = 100;

/** The places of members, by the first role that they play: a product runs in exactly one group. Append only. */
const ROLES: readonly TrafficRole[] = [
  "vaultServer",
  "consulServer",
  "nomadServer",
  "worker",
  "machineBalancer",
  "peopleBalancer",
  "privateRunner",
  "tunnel",
];

/** The places of ports. Append only. */
const PORTS: readonly string[] = [
  "tcp-8200",
  "tcp-8201",
  "tcp-8501",
  "tcp-8300",
  "tcp-8301",
  "udp-8301",
  "tcp-4646",
  "tcp-4647",
  "tcp-4648",
  "udp-4648",
  "tcp-20000-32000",
  "udp-20000-32000",
  "tcp-8443",
];

/** How many ports there is a place for. */
const PORT_ROOM = 32;

/** The priority of what one member opens to another: 100 to 2147. */
export function tablePriority(
  from: FirewallMember,
  to: FirewallMember,
  open: Pick<Traffic, "protocol" | "fromPort" | "toPort">,
): number {
  const port = PORTS.indexOf(portsName(open));
  const [a, b] = [from, to].map(({ roles }) => Math.min(...roles.map((role) => ROLES.indexOf(role)))) as [
    number,
    number,
  ];
  if (port < 0 || a < 0 || b < 0) {
    throw new CaravanError(`${from.name} to ${to.name}, ${portsName(open)}: no priority is kept for such a rule.`);
  }
  return FIRST + (a * ROLES.length + b) * PORT_ROOM + port;
}

const PROBES: Readonly<Record<Product, number>> = { vault: 2200, consul: 2201, nomad: 2202 };

/** Ports of the table's ends. Append only. */
const WEB: readonly number[] = [ports.https, ports.http];

/** What stands beside the table, each with a priority of its own. */
export const priorities = {
  /** The load balancer asks how a product's servers are. */
  probe: (product: Product): number => PROBES[product],
  people: (port: number): number => 2210 + WEB.indexOf(port),
  internet: (port: number): number => 2220 + WEB.indexOf(port),
  /** Private endpoints: nodes first, then the gateway. */
  endpoints: (caller: number): number => 2230 + caller,
  /** By the tag's place in the list of services. */
  serviceTag: (index: number): number => 2240 + index,
  /** What an Application Gateway or a Bastion needs of Azure, by its place in the list. */
  platform: (index: number): number => 2260 + index,
  outside: (name: string, outside: AzureOutside): number => 3000 + outsideSlot(name, outside),
  deny: 4096,
} as const;
