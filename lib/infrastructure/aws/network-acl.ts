import type { NetworkAclEgress, NetworkAclIngress } from "@cdktf/provider-aws/lib/network-acl";
import { ADMIN_PORTS } from "../../policy/ports";
import type { Cidr } from "../cidr";

const ANYWHERE = "0.0.0.0/0";

interface Ports {
  readonly from: number;
  readonly to: number;
}

/** AWS starts with 20 entries a direction (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html). */
export const MAX_ACL_ENTRIES = 20;

/**
 * Where answers arrive: a NAT gateway sends from any of these ports, and so may a node that translates addresses for its
 * tasks (https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports). Balancers that keep
 * the client's address reach workers there as well.
 */
const EPHEMERAL: Ports = { from: 1024, to: 65535 };

const EVERY: Ports = { from: 1, to: 65535 };

/**
 * A range of ports in pieces, without the given ones.
 *
 * Ports of administration are left out of what is open to the internet (CIS AWS 6.2, Trivy AWS-0105), although answers
 * may arrive there too: a connection that a NAT gateway happens to send from one of them, about 1 in 13,000, is lost
 * and made anew.
 */
export function withoutPorts({ from, to }: Ports, ports: Iterable<number>): Ports[] {
  const pieces: Ports[] = [];
  let start = from;
  for (const port of [...ports].sort((a, b) => a - b)) {
    if (port < start || port > to) continue;
    if (port > start) pieces.push({ from: start, to: port - 1 });
    start = port + 1;
  }
  if (start <= to) pieces.push({ from: start, to });
  return pieces;
}

type Entry = Required<Omit<NetworkAclIngress, "ipv6CidrBlock">>;

/**
 * What may enter a tier's subnets: anything from the network itself, where security groups decide; answers from anywhere;
 * and, into public subnets, browsers.
 */
export function aclIngress(tier: "private" | "public", network: Cidr): NetworkAclIngress[] {
  const own = network.toString();
  const answers = withoutPorts(EPHEMERAL, ADMIN_PORTS.keys());
  return numbered([
    open("tcp", EVERY, own),
    open("udp", EVERY, own),
    icmp(own, -1),
    ...(tier === "public" ? [80, 443].map((port) => open("tcp", { from: port, to: port }, ANYWHERE)) : []),
    ...answers.map((ports) => open("tcp", ports, ANYWHERE)),
    ...answers.map((ports) => open("udp", ports, ANYWHERE)),
    // "Destination unreachable", without which no one learns of a smaller packet size on the way.
    icmp(ANYWHERE, 3),
  ]);
}

/** What may leave any subnet. Routes and security groups decide where to; the list keeps other protocols inside. */
export function aclEgress(): NetworkAclEgress[] {
  return numbered([open("tcp", EVERY, ANYWHERE), open("udp", EVERY, ANYWHERE), icmp(ANYWHERE, -1)]);
}

function open(protocol: "tcp" | "udp", { from, to }: Ports, cidrBlock: string): Omit<Entry, "ruleNo"> {
  return { action: "allow", protocol, fromPort: from, toPort: to, cidrBlock, icmpType: 0, icmpCode: 0 };
}

function icmp(cidrBlock: string, type: number): Omit<Entry, "ruleNo"> {
  return { action: "allow", protocol: "icmp", fromPort: 0, toPort: 0, cidrBlock, icmpType: type, icmpCode: -1 };
}

function numbered(entries: readonly Omit<Entry, "ruleNo">[]): Entry[] {
  return entries.map((entry, index) => ({ ...entry, ruleNo: 100 + 10 * index }));
}
