import type { PropsCheck } from "../../core/errors";
import { boolean, listOf, matching, oneOf } from "../../core/rules";
import { checkBlock, checkOwnBlock, DEFAULT_CIDR } from "../addressing";
import type { Cidr } from "../cidr";
import { type AwsEgress, NODE_SERVICES } from "./network-endpoints";
import type { AwsExistingNetworkProps, AwsNetworkChoice, AwsOwnNetworkProps } from "./network-props";
import { prefixListId, securityGroupId, subnetId, vpcId } from "./rules";
import { type AwsZone, checkZones } from "./zones";

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html: a /16 at most; at /22 a subnet has 59 addresses. */
const SIZES = { shortest: 16, longest: 22 };

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const egress = oneOf<AwsEgress>(["nat", "private"]);

const service = matching(
  /(?!s3$)[a-z0-9]+([.-][a-z0-9]+)*/,
  'the last part of an endpoint\'s name, such as "ecr.api"; not "s3", which always has an endpoint',
  "leave out what stands before the service (com.amazonaws.<region>.)",
);

/** A network's props, understood. */
export interface NetworkPlan {
  readonly block: Cidr;
  readonly zones: readonly AwsZone[];
  readonly egress: AwsEgress;
  /** The zones with a NAT gateway; the first serves all zones that have none. */
  readonly natZones: readonly AwsZone[];
  readonly hasPublicSubnets: boolean;
  /** Services with an interface endpoint. */
  readonly services: readonly string[];
  readonly flowLogRetentionDays: number;
}

/** Checks the props of a network that is to be made, and says what follows from them. Throws nothing itself. */
export function planNetwork(check: PropsCheck, props: AwsOwnNetworkProps, region: string): NetworkPlan {
  check.optional("egress", props.egress, egress);
  check.optional("publicSubnets", props.publicSubnets, boolean);
  check.optional("flowLogRetentionDays", props.flowLogRetentionDays, oneOf(RETENTION_DAYS));
  check.each("interfaceEndpoints", props.interfaceEndpoints, service);
  const { egress: way = "nat", publicSubnets = way === "nat" } = props;
  checkNat(check, props, way, publicSubnets);
  const zones = checkZones(check, "zones", props.zones, region);
  return {
    block: checkOwnBlock(check, props, SIZES) ?? DEFAULT_CIDR,
    zones,
    egress: way,
    natZones: way === "nat" ? zones.slice(0, props.natGateways === "one" ? 1 : zones.length) : [],
    hasPublicSubnets: publicSubnets,
    services: [...new Set([...(way === "private" ? NODE_SERVICES : []), ...(props.interfaceEndpoints ?? [])])],
    flowLogRetentionDays: props.flowLogRetentionDays ?? 400,
  };
}

function checkNat(
  check: PropsCheck,
  { natGateways }: AwsOwnNetworkProps,
  way: AwsEgress,
  publicSubnets: boolean,
): void {
  const known = check.optional("natGateways", natGateways, oneOf(["one", "one-per-zone"]));
  if (known && way === "private") {
    check.add({
      property: "natGateways",
      given: natGateways,
      allowed: 'nothing with egress "private", which has no NAT gateway',
      fix: 'remove it, or use egress "nat"',
    });
  }
  if (way === "nat" && publicSubnets === false) {
    check.add({
      property: "publicSubnets",
      given: false,
      allowed: 'true with egress "nat", whose gateways stand in public subnets',
      fix: 'remove it, or use egress "private"',
    });
  }
}

/** Checks the choice of a network, whichever it is. Throws nothing itself. */
export function checkNetworkChoice(check: PropsCheck, choice: AwsNetworkChoice, region: string): void {
  if ("vpcId" in choice) checkExisting(check, choice);
  else planNetwork(check, choice, region);
}

/** Props of a network that is made; beside an existing one they would do nothing. */
const OWN: readonly (keyof AwsOwnNetworkProps)[] = [
  "zones",
  "natGateways",
  "publicSubnets",
  "interfaceEndpoints",
  "otherNetworks",
  "flowLogRetentionDays",
  "transform",
];

/** Checks what is said of a network that exists. Throws nothing itself. */
export function checkExisting(check: PropsCheck, props: AwsExistingNetworkProps): void {
  check.required("vpcId", props.vpcId, vpcId);
  if (props.cidr === undefined) {
    check.add({
      property: "cidr",
      given: undefined,
      allowed: "the VPC's IPv4 block, which firewall rules are made of",
      fix: "copy it from the VPC's page",
    });
  } else checkBlock(check, "cidr", props.cidr);
  checkSubnets(check, "privateSubnetIds", props.privateSubnetIds, 1);
  if (props.publicSubnetIds !== undefined) checkSubnets(check, "publicSubnetIds", props.publicSubnetIds, 0);
  check.optional("egress", props.egress, egress);
  check.optional("endpointSecurityGroupId", props.endpointSecurityGroupId, securityGroupId);
  check.optional("s3PrefixListId", props.s3PrefixListId, prefixListId);
  const given: AwsExistingNetworkProps & AwsOwnNetworkProps = props;
  for (const property of OWN.filter((name) => given[name] !== undefined)) {
    check.add({
      property,
      given: given[property],
      allowed: "nothing beside vpcId: a network that exists is not changed",
      fix: `remove ${property}, or remove vpcId to have a network made`,
    });
  }
}

const MAX_SUBNETS = 20;

function checkSubnets(check: PropsCheck, property: string, ids: readonly string[], min: number): void {
  if (!check.required(property, ids, listOf(min, MAX_SUBNETS, "subnet ids"))) return;
  check.each(property, ids, subnetId);
  ids.forEach((id, index) => {
    if (ids.indexOf(id) === index) return;
    check.add({
      property: `${property}[${index}]`,
      given: id,
      allowed: "subnets that differ",
      fix: "remove one of the two",
    });
  });
}
