import { Token } from "cdktf";
import type { PropsCheck } from "../core/errors";
import { Cidr } from "./cidr";

/**
 * What a network's block is cut into. `private` holds the nodes, `public` what faces the internet (balancers, NAT);
 * `spare` stays free for tiers that nobody has thought of yet, so that one more tier never moves the others.
 */
export type Tier = "private" | "public" | "spare";

/** How many zones have a place in every network, used or not. */
export const ZONE_SLOTS = 4;

/** Bits from the network's prefix to the tier's, and the tier's place among parts of that size. */
const TIERS: Record<Tier, { readonly bits: number; readonly index: number }> = {
  private: { bits: 1, index: 0 },
  public: { bits: 2, index: 2 },
  spare: { bits: 2, index: 3 },
};

/**
 * The one block that holds all of a tier's subnets, whatever zones there are: the first half of the network for
 * `private`, a quarter each for `public` and `spare`. A firewall, a route or a peer that names it needs no change when a
 * zone is added.
 */
export function tierBlock(network: Cidr, tier: Tier): Cidr {
  const { bits, index } = TIERS[tier];
  return network.part(network.prefix + bits, index);
}

/**
 * The block of one tier in one zone, of `10.64.0.0/16`: private /19, public /20.
 *
 * It follows from the network, the tier and the zone's own slot (0 to 3) alone, never from the other zones or from what
 * runs there: adding or removing a zone or a group re-cuts nothing.
 *
 * @throws CaravanError if there is no such slot, or the network is smaller than /28
 */
export function subnetBlock(network: Cidr, tier: Tier, slot: number): Cidr {
  const block = tierBlock(network, tier);
  return block.part(block.prefix + Math.log2(ZONE_SLOTS), slot);
}

/** Ranges that no one else routes to: RFC 1918, and RFC 6598, which clouds also accept inside a network. */
const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map(Cidr.parse);

/** What a node's own bridges occupy: an address in there is never reached from a task. */
const NODE_BRIDGES = [
  { block: Cidr.parse("172.17.0.0/16"), of: "Docker's default bridge" },
  { block: Cidr.parse("172.26.64.0/20"), of: "Nomad's bridge (bridge_network_subnet)" },
];

export interface NetworkBlockLimits {
  /** Shortest prefix, the largest network: 16. */
  readonly shortest: number;
  /** Longest prefix, the smallest network: 22. */
  readonly longest: number;
}

/**
 * Checks the block of a network that is to be made: its notation and size, that it is private, and that it is apart from
 * the bridges of the nodes and from other networks.
 *
 * @returns the block, if it is right
 */
export function checkNetworkBlock(
  check: PropsCheck,
  property: string,
  given: unknown,
  limits: NetworkBlockLimits,
  otherNetworks: readonly Cidr[] = [],
): Cidr | undefined {
  const block = checkBlock(check, property, given);
  if (block === undefined) return undefined;
  const { shortest, longest } = limits;
  const refuse = (allowed: string, fix: string) => check.add({ property, given, allowed, fix });
  if (block.prefix < shortest || block.prefix > longest) {
    const nearest = block.resized(block.prefix < shortest ? shortest : longest);
    refuse(`a network from /${shortest} (the largest) to /${longest}`, `use "${nearest}"`);
    return undefined;
  }
  const taken = [...NODE_BRIDGES.map((bridge) => bridge.block), ...otherNetworks];
  const free = freeBlock(block.prefix, taken);
  const instead = free === undefined ? "use another block" : `use another block, such as "${free}"`;
  if (!PRIVATE_RANGES.some((range) => range.contains(block))) {
    refuse(`a block inside ${PRIVATE_RANGES.join(", ")}`, instead);
    return undefined;
  }
  const bridge = NODE_BRIDGES.find((candidate) => candidate.block.overlaps(block));
  if (bridge !== undefined) {
    refuse(`a block that does not overlap ${bridge.block}, ${bridge.of} on every node`, instead);
    return undefined;
  }
  const other = otherNetworks.find((candidate) => candidate.overlaps(block));
  if (other !== undefined) {
    refuse(`a block that does not overlap ${other}, one of the other networks`, instead);
    return undefined;
  }
  return block;
}

/** A block that few companies use, so that a first network can later be joined to others. */
export const DEFAULT_CIDR = Cidr.parse("10.64.0.0/16");

/**
 * Checks the properties `cidr` and `otherNetworks` of a network that is to be made.
 *
 * @returns the network's block, if it is right
 */
export function checkOwnBlock(
  check: PropsCheck,
  { cidr, otherNetworks = [] }: { readonly cidr?: string; readonly otherNetworks?: readonly string[] },
  limits: NetworkBlockLimits,
): Cidr | undefined {
  const others = otherNetworks.map((other, index) => checkBlock(check, `otherNetworks[${index}]`, other));
  const known = others.filter((block) => block !== undefined);
  return checkNetworkBlock(check, "cidr", cidr ?? DEFAULT_CIDR.toString(), limits, known);
}

/**
 * Checks any block of addresses.
 *
 * @returns the block, if it is known and right
 */
export function checkBlock(check: PropsCheck, property: string, given: unknown): Cidr | undefined {
  if (Token.isUnresolved(given)) return undefined;
  const block = typeof given === "string" ? Cidr.around(given) : undefined;
  if (block !== undefined && block.toString() === given) return block;
  check.add({
    property,
    given,
    allowed: "a block of IPv4 addresses in CIDR notation, its first address in front",
    fix: block === undefined ? 'write it like "10.64.0.0/16"' : `write "${block}"`,
  });
  return undefined;
}

/** The first block of a size in 10.0.0.0/8, from 10.64.0.0 on, that overlaps none of the given ones. */
export function freeBlock(prefix: number, taken: readonly Cidr[]): Cidr | undefined {
  const range = Cidr.parse("10.0.0.0/8");
  const count = 2 ** (prefix - range.prefix);
  for (let step = 0; step < count; step++) {
    const candidate = range.part(prefix, (step + Math.floor(count / 4)) % count);
    if (!taken.some((block) => block.overlaps(candidate))) return candidate;
  }
  return undefined;
}
