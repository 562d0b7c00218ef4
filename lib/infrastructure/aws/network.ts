import { DefaultNetworkAcl } from "@cdktf/provider-aws/lib/default-network-acl";
import { DefaultRouteTable } from "@cdktf/provider-aws/lib/default-route-table";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { protect } from "../../layer/protection";
import { transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { subnetBlock, tierBlock } from "../addressing";
import { aclEgress, aclIngress } from "./network-acl";
import { checkExisting, type NetworkPlan, planNetwork } from "./network-check";
import { type AwsEgress, AwsEndpoints, type ZonePlace } from "./network-endpoints";
import { AwsFlowLog } from "./network-flow-log";
import type {
  AwsExistingNetworkProps,
  AwsNetworkChoice,
  AwsNetworkProps,
  AwsNetworkTransform,
  IAwsNetwork,
} from "./network-props";
import { AwsSubnet } from "./network-subnet";
import { checkPlace } from "./place-check";
import { kmsKeyArn, policyArn } from "./rules";
import type { AwsZone } from "./zones";

const INTERNET = "0.0.0.0/0";

/**
 * The network of an environment: a VPC over one to three zones with private subnets for nodes and public ones for what faces
 * the internet. Nothing in it has a public address but its gateways. The VPC's default route table, security group and
 * network ACL are closed, so that what is put there by mistake reaches nothing. IPv4 only.
 *
 * Ids carry the zone's letter, and every subnet's block is the zone's own: adding a zone adds resources and changes none,
 * except that interface endpoints get one more subnet.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsNetwork extends Construct implements IAwsNetwork {
  /**
   * A network that exists; nothing is made.
   *
   * @throws InvalidPropsError for wrong props
   */
  static fromAttributes(scope: Construct, id: string, attributes: AwsExistingNetworkProps): IAwsNetwork {
    return new ExistingNetwork(scope, id, attributes);
  }

  /**
   * The network that was chosen: made, or one that exists.
   *
   * @throws InvalidPropsError for wrong props
   */
  static fromChoice(
    scope: Construct,
    id: string,
    choice: AwsNetworkChoice,
    rest: Pick<AwsNetworkProps, "environment" | "accountId" | "region" | "kmsKeyArn" | "permissionsBoundaryArn">,
  ): IAwsNetwork {
    if ("vpcId" in choice) return AwsNetwork.fromAttributes(scope, id, choice);
    return new AwsNetwork(scope, id, { ...choice, ...rest });
  }

  readonly vpcId: string;
  readonly cidr: string;
  readonly egress: AwsEgress;
  /** Names of the zones, in the order of `zones`: `["eu-central-1a"]`. */
  readonly zones: readonly string[];
  readonly privateSubnetIds: readonly string[];
  readonly publicSubnetIds: readonly string[];
  /** One a zone, in the order of `zones`: for routes to peers. */
  readonly privateRouteTableIds: readonly string[];
  readonly endpointSecurityGroupId?: string;
  readonly s3PrefixListId: string;

  private readonly environment: string;
  private readonly transform: AwsNetworkTransform;
  private readonly plan: NetworkPlan;

  constructor(scope: Construct, id: string, props: AwsNetworkProps) {
    const check = new PropsCheck("AwsNetwork", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyArn", props.kmsKeyArn, kmsKeyArn);
    check.optional("permissionsBoundaryArn", props.permissionsBoundaryArn, policyArn);
    const plan = planNetwork(check, props, props.region);
    check.done();
    super(scope, id);
    this.environment = props.environment;
    this.transform = props.transform ?? {};
    this.plan = plan;
    this.cidr = plan.block.toString();
    this.egress = plan.egress;
    this.zones = plan.zones.map(({ name }) => name);

    const vpc = this.addVpc();
    this.vpcId = vpc.id;
    this.closeDefaults(vpc);

    const tier = plan.hasPublicSubnets ? this.addPublicTier() : { subnetIds: [], natGateways: [] };
    this.publicSubnetIds = tier.subnetIds;
    const places = this.addPrivateTier(tier.natGateways);
    this.privateSubnetIds = places.map(({ subnetId }) => subnetId);
    this.privateRouteTableIds = places.map(({ routeTableId }) => routeTableId);

    const { environment, accountId, region, transform } = props;
    const inside = { environment, accountId, region, transform, vpcId: vpc.id };
    const endpoints = new AwsEndpoints(this, "endpoints", {
      ...inside,
      egress: plan.egress,
      services: plan.services,
      clients: tierBlock(plan.block, "private"),
      places,
    });
    this.endpointSecurityGroupId = endpoints.securityGroupId;
    this.s3PrefixListId = endpoints.s3PrefixListId;
    new AwsFlowLog(this, "flow-log", {
      ...inside,
      kmsKeyArn: props.kmsKeyArn,
      retentionDays: plan.flowLogRetentionDays,
      permissionsBoundaryArn: props.permissionsBoundaryArn,
    });
  }

  /** A replaced VPC would take everything in it along, hence the protection. */
  private addVpc(): Vpc {
    return protect(
      new Vpc(
        this,
        "Default",
        transformed(this.transform.vpc, {
          cidrBlock: this.cidr,
          enableDnsSupport: true,
          enableDnsHostnames: true,
          tags: this.named(),
        }),
      ),
    );
  }

  private closeDefaults(vpc: Vpc): void {
    const tags = this.named("closed");
    const { defaultRouteTable, defaultSecurityGroup, defaultNetworkAcl } = this.transform;
    // Lists that are empty, not missing: what somebody adds by hand is then removed again.
    new DefaultRouteTable(
      this,
      "default-route-table",
      transformed(defaultRouteTable, { defaultRouteTableId: vpc.defaultRouteTableId, route: [], tags }),
    );
    new DefaultSecurityGroup(
      this,
      "default-security-group",
      transformed(defaultSecurityGroup, { vpcId: vpc.id, ingress: [], egress: [], tags }),
    );
    new DefaultNetworkAcl(
      this,
      "default-network-acl",
      transformed(defaultNetworkAcl, {
        defaultNetworkAclId: vpc.defaultNetworkAclId,
        tags,
        // A subnet that somebody adds stands here until it gets an ACL of its own.
        lifecycle: { ignoreChanges: ["subnet_ids"] },
      }),
    );
  }

  private addPublicTier(): { subnetIds: string[]; natGateways: ZoneNat[] } {
    const { vpcId, transform } = this;
    const tags = this.named("public");
    const gateway = new InternetGateway(
      this,
      "internet-gateway",
      transformed(transform.internetGateway, { vpcId, tags: this.named() }),
    );
    const table = new RouteTable(this, "public-routes", transformed(transform.publicRouteTable, { vpcId, tags }));
    new Route(
      this,
      "internet-route",
      transformed(transform.internetRoute, {
        routeTableId: table.id,
        destinationCidrBlock: INTERNET,
        gatewayId: gateway.id,
      }),
    );
    const networkAclId = this.addAcl("public");
    const subnets = this.plan.zones.map((zone) => ({
      zone,
      subnetId: this.addSubnet("public", zone, table.id, networkAclId),
    }));
    const natGateways = subnets
      .filter(({ zone }) => this.plan.natZones.includes(zone))
      .map(({ zone, subnetId }) => ({ zone, natGatewayId: this.addNatGateway(zone, subnetId, gateway) }));
    return { subnetIds: subnets.map(({ subnetId }) => subnetId), natGateways };
  }

  private addNatGateway({ letter }: AwsZone, subnetId: string, internetGateway: InternetGateway): string {
    const tags = this.named("nat", letter);
    const address = new Eip(
      this,
      `nat-${letter}-address`,
      transformed(this.transform.natElasticIp, { domain: "vpc", tags }),
    );
    return new NatGateway(
      this,
      `nat-${letter}`,
      transformed(this.transform.natGateway, {
        subnetId,
        allocationId: address.allocationId,
        tags,
        dependsOn: [internetGateway],
      }),
    ).id;
  }

  private addPrivateTier(natGateways: readonly ZoneNat[]): ZonePlace[] {
    const networkAclId = this.addAcl("private");
    return this.plan.zones.map((zone) => {
      const { letter } = zone;
      const table = new RouteTable(
        this,
        `private-${letter}-routes`,
        transformed(this.transform.privateRouteTable, { vpcId: this.vpcId, tags: this.named("private", letter) }),
      );
      const nat = natGateways.find((candidate) => candidate.zone === zone) ?? natGateways[0];
      if (nat !== undefined) this.addNatRoute(letter, table.id, nat.natGatewayId);
      return { letter, routeTableId: table.id, subnetId: this.addSubnet("private", zone, table.id, networkAclId) };
    });
  }

  private addNatRoute(letter: string, routeTableId: string, natGatewayId: string): void {
    const props = transformed(this.transform.natRoute, { routeTableId, destinationCidrBlock: INTERNET, natGatewayId });
    const route = new Route(this, `nat-route-${letter}`, props);
    // A waiver that a narrower route does not need would fail the policy.
    if (props.destinationCidrBlock !== INTERNET) return;
    waiveByChoice(route, {
      rule: "aws-egress-anywhere",
      prop: "egress",
      reason: 'egress "nat": nodes install programs and tasks fetch images from the internet',
    });
  }

  private addAcl(tier: "private" | "public"): string {
    const transform = tier === "private" ? this.transform.privateNetworkAcl : this.transform.publicNetworkAcl;
    return new NetworkAcl(
      this,
      `${tier}-acl`,
      transformed(transform, {
        vpcId: this.vpcId,
        ingress: aclIngress(tier, this.plan.block),
        egress: aclEgress(),
        tags: this.named(tier),
      }),
    ).id;
  }

  private addSubnet(tier: "private" | "public", zone: AwsZone, routeTableId: string, networkAclId: string): string {
    return new AwsSubnet(this, `${tier}-${zone.letter}`, {
      vpcId: this.vpcId,
      zone,
      block: subnetBlock(this.plan.block, tier, zone.slot),
      routeTableId,
      networkAclId,
      tags: this.named(tier, zone.letter),
      transform: tier === "private" ? this.transform.privateSubnet : this.transform.publicSubnet,
    }).subnetId;
  }

  private named(...parts: readonly string[]): Record<string, string> {
    return { Name: [this.environment, ...parts].join("-") };
  }
}

interface ZoneNat {
  readonly zone: AwsZone;
  readonly natGatewayId: string;
}

class ExistingNetwork extends Construct implements IAwsNetwork {
  readonly vpcId: string;
  readonly cidr: string;
  readonly egress: AwsEgress;
  readonly privateSubnetIds: readonly string[];
  readonly publicSubnetIds: readonly string[];
  readonly endpointSecurityGroupId?: string;
  readonly s3PrefixListId?: string;

  constructor(scope: Construct, id: string, props: AwsExistingNetworkProps) {
    const check = new PropsCheck("AwsNetwork", scope, id);
    checkExisting(check, props);
    check.done();
    super(scope, id);
    this.vpcId = props.vpcId;
    this.cidr = props.cidr;
    this.egress = props.egress ?? "nat";
    this.privateSubnetIds = props.privateSubnetIds;
    this.publicSubnetIds = props.publicSubnetIds ?? [];
    this.endpointSecurityGroupId = props.endpointSecurityGroupId;
    this.s3PrefixListId = props.s3PrefixListId;
  }
}
