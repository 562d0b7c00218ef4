import { Token } from "cdktf";
import type { PropsCheck } from "../../core/errors";
import { integer, oneOf } from "../../core/rules";
import { checkBlock, checkOwnBlock, DEFAULT_CIDR } from "../addressing";
import type { Cidr } from "../cidr";
import { type GoogleDomain, googleDomains } from "./network-apis";
import type { GcpEgress, GcpExistingNetworkProps, GcpNetworkChoice, GcpOwnNetworkProps } from "./network-props";
import { networkName, subnetworkName } from "./rules";
import { checkZones } from "./zones";

/** At /22 a quarter of what faces the outside is a /26, the least that Google's proxies take. */
const SIZES = { shortest: 16, longest: 22 };

const egress = oneOf<GcpEgress>(["nat", "private"]);

/** A network's props, understood. */
export interface NetworkPlan {
  readonly block: Cidr;
  readonly zones: readonly string[];
  readonly egress: GcpEgress;
  /** From how many addresses Cloud NAT sends; 0 where there is none. */
  readonly natAddresses: number;
  readonly googleDomains: readonly GoogleDomain[];
  readonly flowLogRetentionDays: number;
}

/** Checks the props of a network that is to be made, and says what follows from them. Throws nothing itself. */
export function planNetwork(check: PropsCheck, props: GcpOwnNetworkProps, region: string): NetworkPlan {
  check.optional("egress", props.egress, egress);
  check.optional("natAddresses", props.natAddresses, integer(1, 16, "addresses"));
  check.each("googleDomains", props.googleDomains, oneOf(googleDomains));
  check.optional("flowLogRetentionDays", props.flowLogRetentionDays, integer(1, 3650, "days"));
  const { egress: way = "nat" } = props;
  const only = (property: "natAddresses" | "googleDomains", wanted: GcpEgress) => {
    if (props[property] === undefined || way === wanted) return;
    check.add({
      property,
      given: props[property],
      allowed: `nothing with egress "${way}"`,
      fix: `remove it, or use egress "${wanted}"`,
    });
  };
  only("natAddresses", "nat");
  only("googleDomains", "private");
  return {
    block: checkOwnBlock(check, props, SIZES) ?? DEFAULT_CIDR,
    zones: checkZones(check, "zones", props.zones, region),
    egress: way,
    natAddresses: way === "nat" ? (props.natAddresses ?? 2) : 0,
    googleDomains: [...new Set(props.googleDomains)],
    flowLogRetentionDays: props.flowLogRetentionDays ?? 400,
  };
}

/** Checks the choice of a network, whichever it is. Throws nothing itself. */
export function checkNetworkChoice(check: PropsCheck, choice: GcpNetworkChoice, region: string): void {
  if ("networkId" in choice) checkExisting(check, choice, region);
  else planNetwork(check, choice, region);
}

/** Props of a network that is made; beside an existing one they would do nothing. */
const OWN: readonly (keyof GcpOwnNetworkProps)[] = [
  "natAddresses",
  "googleDomains",
  "otherNetworks",
  "flowLogRetentionDays",
  "transform",
];

/**
 * Checks what is said of a network that exists. Throws nothing itself.
 *
 * @returns the zones over which groups of nodes spread
 */
export function checkExisting(check: PropsCheck, props: GcpExistingNetworkProps, region: string): readonly string[] {
  check.required("networkId", props.networkId, networkName);
  if (Token.isUnresolved(props.networkId)) {
    check.add({
      property: "networkId",
      given: props.networkId,
      allowed: "a network whose project is known at synth: firewall rules are made there",
      fix: 'write its full name, "projects/acme-network/global/networks/shared"',
    });
  }
  const known = check.required("subnetId", props.subnetId, subnetworkName) && !Token.isUnresolved(region);
  if (known && !props.subnetId.includes(`/regions/${region}/`)) {
    check.add({
      property: "subnetId",
      given: props.subnetId,
      allowed: `a subnet in ${region}`,
      fix: "give a subnet of the environment's region",
    });
  }
  if (props.cidr === undefined) {
    check.add({
      property: "cidr",
      given: undefined,
      allowed: "the IPv4 block that holds the network's subnets, which firewall rules are made of",
      fix: "write it, or a block that holds all of them",
    });
  } else checkBlock(check, "cidr", props.cidr);
  if (props.nodeRange !== undefined) checkBlock(check, "nodeRange", props.nodeRange);
  if (props.proxyRange !== undefined) checkBlock(check, "proxyRange", props.proxyRange);
  check.optional("egress", props.egress, egress);
  const given: GcpExistingNetworkProps & GcpOwnNetworkProps = props;
  for (const property of OWN.filter((name) => given[name] !== undefined)) {
    check.add({
      property,
      given: given[property],
      allowed: "nothing beside networkId: a network that exists is not changed",
      fix: `remove ${property}, or remove networkId to have a network made`,
    });
  }
  return checkZones(check, "zones", props.zones, region);
}
