import { BastionHost } from "@cdktf/provider-azurerm/lib/bastion-host";
import { NatGateway } from "@cdktf/provider-azurerm/lib/nat-gateway";
import { NatGatewayPublicIpAssociation } from "@cdktf/provider-azurerm/lib/nat-gateway-public-ip-association";
import { PublicIp } from "@cdktf/provider-azurerm/lib/public-ip";
import { Subnet, type SubnetConfig } from "@cdktf/provider-azurerm/lib/subnet";
import { SubnetNatGatewayAssociation } from "@cdktf/provider-azurerm/lib/subnet-nat-gateway-association";
import { SubnetRouteTableAssociation } from "@cdktf/provider-azurerm/lib/subnet-route-table-association";
import { VirtualNetwork } from "@cdktf/provider-azurerm/lib/virtual-network";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { protect } from "../../layer/protection";
import { transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { networkResourceName, virtualNetworkName } from "./names";
import { blockOf, checkExisting, type NetworkPlan, planNetwork, type SubnetName } from "./network-plan";
import type {
  AzureEgress,
  AzureExistingNetworkProps,
  AzureNetworkChoice,
  AzureNetworkProps,
  AzureSubnet,
  IAzureNetwork,
} from "./network-props";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import { ALL_ZONES, type AzureZone } from "./zones";

/** The name that Azure Bastion's subnet must have. */
const BASTION_SUBNET = "AzureBastionSubnet";

/**
 * The network of an environment: a virtual network with a subnet for nodes and one for each thing beside them. Subnets of Azure
 * are in all zones of a region. None of them has the way out that Azure gives by default; nothing in them has a public address
 * but the NAT gateway, and Bastion if it is wanted. IPv4 only.
 *
 * Its security groups are `AzureFirewall`'s, and the log of its flows is `AzureFlowLog`'s: the policy asks for both.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureNetwork extends Construct implements IAzureNetwork {
  /**
   * A network that exists; nothing is made.
   *
   * @throws InvalidPropsError for wrong props
   */
  static fromAttributes(scope: Construct, id: string, attributes: AzureExistingNetworkProps): IAzureNetwork {
    return new ExistingNetwork(scope, id, attributes);
  }

  /**
   * The network that was chosen: made, or one that exists.
   *
   * @throws InvalidPropsError for wrong props
   */
  static fromChoice(scope: Construct, id: string, choice: AzureNetworkChoice, place: AzurePlace): IAzureNetwork {
    if ("virtualNetworkId" in choice) return AzureNetwork.fromAttributes(scope, id, choice);
    return new AzureNetwork(scope, id, { ...choice, ...place });
  }

  readonly virtualNetworkId: string;
  readonly cidr: string;
  readonly egress: AzureEgress;
  readonly zones: readonly AzureZone[];
  readonly isOwn = true;
  readonly nodes: AzureSubnet;
  readonly endpoints: AzureSubnet;
  readonly machine: AzureSubnet;
  readonly gateway?: AzureSubnet;
  readonly bastion?: AzureSubnet;

  private readonly props: AzureNetworkProps;
  private readonly plan: NetworkPlan;
  private readonly network: VirtualNetwork;

  constructor(scope: Construct, id: string, props: AzureNetworkProps) {
    const check = new PropsCheck("AzureNetwork", scope, id);
    checkPlace(check, props);
    const plan = planNetwork(check, props);
    check.done();
    super(scope, id);
    this.props = props;
    this.plan = plan;
    this.cidr = plan.block.toString();
    this.egress = plan.egress;
    this.zones = plan.zones;
    this.network = this.addNetwork();
    this.virtualNetworkId = this.network.id;

    this.nodes = this.addSubnet("nodes");
    // Security groups see what goes to a private endpoint only where a subnet says so.
    this.endpoints = this.addSubnet("endpoints", { privateEndpointNetworkPolicies: "Enabled" });
    this.machine = this.addSubnet("machine", {
      privateEndpointNetworkPolicies: "Enabled",
      privateLinkServiceNetworkPoliciesEnabled: false,
    });
    if (plan.hasGatewaySubnet) this.gateway = this.addSubnet("gateway", { delegation: [toGateways] });
    if (plan.hasBastion) this.bastion = this.addBastion();
    if (plan.egress === "nat") this.addNatGateway();
    if (props.routeTableId !== undefined) {
      new SubnetRouteTableAssociation(this, "nodes-routes", {
        subnetId: this.nodes.id,
        routeTableId: props.routeTableId,
      });
    }
  }

  /** A replaced network would take everything in it along, hence the protection. */
  private addNetwork(): VirtualNetwork {
    return protect(
      new VirtualNetwork(
        this,
        "Default",
        transformed(this.props.transform?.virtualNetwork, {
          name: virtualNetworkName(this.props.environment),
          ...this.where(),
          addressSpace: [this.cidr],
        }),
      ),
    );
  }

  private addSubnet(name: SubnetName, more: Partial<SubnetConfig> = {}): AzureSubnet {
    const cidr = blockOf(this.plan.block, name).toString();
    const subnet = new Subnet(
      this,
      name,
      transformed(this.props.transform?.subnet, {
        name: name === "bastion" ? BASTION_SUBNET : name,
        resourceGroupName: this.props.resourceGroup,
        virtualNetworkName: this.network.name,
        addressPrefixes: [cidr],
        defaultOutboundAccessEnabled: false,
        ...more,
      }),
    );
    // A subnet of another block is another subnet, without its nodes.
    if (name === "nodes") protect(subnet);
    return { id: subnet.id, cidr };
  }

  private addNatGateway(): void {
    const { environment, natZone, transform } = this.props;
    const address = this.addAddress("nat", natZone === undefined ? this.zones : [natZone], transform?.natPublicIp);
    const gateway = new NatGateway(
      this,
      "nat",
      transformed(transform?.natGateway, {
        name: networkResourceName(environment, "nat"),
        ...this.where(),
        skuName: "Standard",
        idleTimeoutInMinutes: 4,
        zones: natZone === undefined ? undefined : [natZone],
      }),
    );
    new NatGatewayPublicIpAssociation(this, "nat-address-association", {
      natGatewayId: gateway.id,
      publicIpAddressId: address.id,
    });
    const way = new SubnetNatGatewayAssociation(this, "nodes-nat", {
      subnetId: this.nodes.id,
      natGatewayId: gateway.id,
    });
    waiveByChoice(way, {
      rule: "azure-egress-anywhere",
      prop: "egress",
      reason: 'egress "nat": nodes install programs and tasks fetch images from the internet',
    });
  }

  /** Tunnels need the SKU Standard: https://learn.microsoft.com/en-us/azure/bastion/bastion-sku-comparison */
  private addBastion(): AzureSubnet {
    const { environment, transform } = this.props;
    const subnet = this.addSubnet("bastion");
    const address = this.addAddress("bastion", this.zones, transform?.bastionPublicIp);
    new BastionHost(
      this,
      "bastion-host",
      transformed(transform?.bastion, {
        name: networkResourceName(environment, "bastion"),
        ...this.where(),
        sku: "Standard",
        zones: [...this.zones],
        tunnelingEnabled: true,
        copyPasteEnabled: false,
        fileCopyEnabled: false,
        shareableLinkEnabled: false,
        ipConfiguration: { name: "bastion", subnetId: subnet.id, publicIpAddressId: address.id },
      }),
    );
    return subnet;
  }

  private addAddress(
    of: "nat" | "bastion",
    zones: readonly AzureZone[],
    transform: NonNullable<AzureNetworkProps["transform"]>["natPublicIp"],
  ): PublicIp {
    return new PublicIp(
      this,
      `${of}-address`,
      transformed(transform, {
        name: networkResourceName(this.props.environment, of),
        ...this.where(),
        sku: "Standard",
        allocationMethod: "Static",
        zones: [...zones],
      }),
    );
  }

  private where(): { readonly resourceGroupName: string; readonly location: string } {
    return { resourceGroupName: this.props.resourceGroup, location: this.props.region };
  }
}

/** Without it there is no gateway that has only a private address. */
const toGateways = {
  name: "gateway",
  serviceDelegation: {
    name: "Microsoft.Network/applicationGateways",
    actions: ["Microsoft.Network/virtualNetworks/subnets/join/action"],
  },
};

class ExistingNetwork extends Construct implements IAzureNetwork {
  readonly virtualNetworkId: string;
  readonly cidr: string;
  readonly egress: AzureEgress;
  readonly zones: readonly AzureZone[];
  readonly isOwn = false;
  readonly nodes: AzureSubnet;
  readonly endpoints: AzureSubnet;
  readonly machine: AzureSubnet;
  readonly gateway?: AzureSubnet;
  readonly bastion?: AzureSubnet;

  constructor(scope: Construct, id: string, props: AzureExistingNetworkProps) {
    const check = new PropsCheck("AzureNetwork", scope, id);
    checkExisting(check, props);
    check.done();
    super(scope, id);
    this.virtualNetworkId = props.virtualNetworkId;
    this.cidr = props.cidr;
    this.egress = props.egress ?? "nat";
    this.zones = props.zones ?? ALL_ZONES;
    this.nodes = props.nodes;
    this.endpoints = props.endpoints;
    this.machine = props.machine;
    this.gateway = props.gateway;
    this.bastion = props.bastion;
  }
}
