import type { PropsCheck } from "../../core/errors";
import { boolean, integer, matching, oneOf, text } from "../../core/rules";
import { checkBlock, checkNetworkBlock, subnetBlock, tierBlock } from "../addressing";
import { Cidr } from "../cidr";
import type {
  AzureEgress,
  AzureExistingNetworkProps,
  AzureNetworkChoice,
  AzureOwnNetworkProps,
  AzureSubnet,
} from "./network-props";
import { idOf, subnetId, virtualNetworkId } from "./rules";
import { ALL_ZONES, type AzureZone, checkZones, zone } from "./zones";

/** A block that few companies use, so that a first network can later be joined to others. */
const DEFAULT_CIDR = Cidr.parse("10.64.0.0/16");

/** At /22 the subnets beside the nodes are a /26 each, the least that Azure Bastion takes. */
const SIZES = { shortest: 16, longest: 22 };

/** Azure keeps the first four addresses of a subnet and the last. */
const FIRST_FREE = 4;

/** What stands in a network, beside the nodes: each has a quarter of the tier `public`, whether it is there or not. */
const SLOTS = { gateway: 0, endpoints: 1, machine: 2, bastion: 3 } as const;

export type SubnetName = "nodes" | keyof typeof SLOTS;

/** The block of a subnet. It follows from the network alone: what else is there re-cuts nothing. */
export function blockOf(network: Cidr, name: SubnetName): Cidr {
  return name === "nodes" ? tierBlock(network, "private") : subnetBlock(network, "public", SLOTS[name]);
}

/** An address with a place of its own in a subnet: the first that Azure leaves free, or one after it. */
export function fixedAddress(subnet: AzureSubnet, index = 0): string {
  return Cidr.parse(subnet.cidr)
    .part(32, FIRST_FREE + index)
    .toString()
    .replace("/32", "");
}

/** A network's props, understood. */
export interface NetworkPlan {
  readonly block: Cidr;
  readonly zones: readonly AzureZone[];
  readonly egress: AzureEgress;
  readonly hasGatewaySubnet: boolean;
  readonly hasBastion: boolean;
  readonly flowLogRetentionDays: number;
}

const egress = oneOf<AzureEgress>(["nat", "private"]);
const routeTableId = idOf("a route table", "Microsoft.Network/routeTables", 'its page, "JSON View", "Resource ID"');

/** The names of a network watcher and of its resource group are whatever their owner chose. */
const watcherName = matching(/[\w.-]{1,80}/, "the name of a network watcher", "az network watcher list");

/** Checks the props of a network that is to be made, and says what follows from them. Throws nothing itself. */
export function planNetwork(check: PropsCheck, props: AzureOwnNetworkProps): NetworkPlan {
  check.optional("egress", props.egress, egress);
  check.optional("gatewaySubnet", props.gatewaySubnet, boolean);
  check.optional("bastion", props.bastion, boolean);
  check.optional("natZone", props.natZone, zone);
  check.optional("routeTableId", props.routeTableId, routeTableId);
  // https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview: a retention policy has a year at most.
  check.optional("flowLogRetentionDays", props.flowLogRetentionDays, integer(1, 365, "days"));
  if (props.networkWatcher !== undefined) {
    check.required("networkWatcher.name", props.networkWatcher.name, watcherName);
    check.required("networkWatcher.resourceGroup", props.networkWatcher.resourceGroup, text);
  }
  checkZones(check, "zones", props.zones);
  checkWay(check, props);
  const others = (props.otherNetworks ?? []).map((other, index) => checkBlock(check, `otherNetworks[${index}]`, other));
  const known = others.filter((block) => block !== undefined);
  return {
    block: checkNetworkBlock(check, "cidr", props.cidr ?? DEFAULT_CIDR.toString(), SIZES, known) ?? DEFAULT_CIDR,
    zones: props.zones ?? ALL_ZONES,
    egress: props.egress ?? "nat",
    hasGatewaySubnet: props.gatewaySubnet ?? true,
    hasBastion: props.bastion ?? false,
    flowLogRetentionDays: props.flowLogRetentionDays ?? 365,
  };
}

function checkWay(
  check: PropsCheck,
  { egress: way = "nat", natZone, routeTableId: routes }: AzureOwnNetworkProps,
): void {
  if (way !== "private") return;
  if (natZone !== undefined) {
    check.add({
      property: "natZone",
      given: natZone,
      allowed: 'nothing with egress "private", which has no NAT gateway',
      fix: 'remove it, or use egress "nat"',
    });
  }
  if (routes === undefined) {
    check.add({
      property: "routeTableId",
      given: routes,
      allowed: 'a route table with egress "private": Entra ID and Azure\'s own API have no private endpoints',
      fix: "give one that leads to a firewall which lets nodes reach them",
    });
  }
}

/** Checks the choice of a network, whichever it is. Throws nothing itself. */
export function checkNetworkChoice(check: PropsCheck, choice: AzureNetworkChoice): void {
  if ("virtualNetworkId" in choice) checkExisting(check, choice);
  else planNetwork(check, choice);
}

/** Props of a network that is made; beside an existing one they would do nothing. */
const OWN: readonly Exclude<keyof AzureOwnNetworkProps, keyof AzureExistingNetworkProps>[] = [
  "natZone",
  "routeTableId",
  "gatewaySubnet",
  "otherNetworks",
  "flowLogRetentionDays",
  "networkWatcher",
  "transform",
];

/** Checks what is said of a network that exists. Throws nothing itself. */
export function checkExisting(check: PropsCheck, props: AzureExistingNetworkProps): void {
  check.required("virtualNetworkId", props.virtualNetworkId, virtualNetworkId);
  const network = checkGivenBlock(check, "cidr", props.cidr);
  checkZones(check, "zones", props.zones);
  check.optional("egress", props.egress, egress);
  const names = ["nodes", "endpoints", "machine", "gateway", "bastion"] as const;
  const given = names.filter((name) => props[name] !== undefined || !["gateway", "bastion"].includes(name));
  for (const name of given) checkSubnet(check, name, props[name], network);
  given.forEach((name, index) => {
    const same = given.slice(0, index).find((other) => props[other]?.id === props[name]?.id);
    if (same === undefined || props[name]?.id === undefined) return;
    check.add({
      property: `${name}.id`,
      given: props[name]?.id,
      allowed: `another subnet than ${same}: by their subnets the firewall knows who calls`,
      fix: "give a subnet of its own",
    });
  });
  const both: AzureExistingNetworkProps & Omit<AzureOwnNetworkProps, "bastion"> = props;
  for (const property of OWN.filter((name) => both[name] !== undefined)) {
    check.add({
      property,
      given: both[property],
      allowed: "nothing beside virtualNetworkId: a network that exists is not changed",
      fix: `remove ${property}, or remove virtualNetworkId to have a network made`,
    });
  }
}

function checkSubnet(check: PropsCheck, name: string, subnet: AzureSubnet | undefined, network?: Cidr): void {
  check.required(`${name}.id`, subnet?.id, subnetId);
  const block = checkGivenBlock(check, `${name}.cidr`, subnet?.cidr);
  if (block === undefined || network === undefined || network.contains(block)) return;
  check.add({
    property: `${name}.cidr`,
    given: subnet?.cidr,
    allowed: `a block inside the network's, ${network}`,
    fix: "copy it from the subnet's page",
  });
}

function checkGivenBlock(check: PropsCheck, property: string, given: unknown): Cidr | undefined {
  if (given !== undefined) return checkBlock(check, property, given);
  check.add({
    property,
    given,
    allowed: "its IPv4 block, which firewall rules are made of",
    fix: "copy it from the page of the network",
  });
  return undefined;
}
