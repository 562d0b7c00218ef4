import type { BastionHostConfig } from "@cdktf/provider-azurerm/lib/bastion-host";
import type { NatGatewayConfig } from "@cdktf/provider-azurerm/lib/nat-gateway";
import type { NetworkWatcherFlowLogConfig } from "@cdktf/provider-azurerm/lib/network-watcher-flow-log";
import type { PublicIpConfig } from "@cdktf/provider-azurerm/lib/public-ip";
import type { StorageAccountConfig } from "@cdktf/provider-azurerm/lib/storage-account";
import type { SubnetConfig } from "@cdktf/provider-azurerm/lib/subnet";
import type { VirtualNetworkConfig } from "@cdktf/provider-azurerm/lib/virtual-network";
import type { Transform } from "../../layer/transform";
import type { AzurePlace } from "./place";
import type { AzureZone } from "./zones";

/**
 * How nodes reach what is outside of the network: through a NAT gateway, or only by routes of the network's owner, to Azure's
 * own services.
 */
export type AzureEgress = "nat" | "private";

/** A network watcher, which is one a region. */
export interface AzureNetworkWatcher {
  readonly name: string;
  readonly resourceGroup: string;
}

/** A network that is made for the environment. */
export interface AzureOwnNetworkProps {
  /**
   * The network's IPv4 block, a /16 to /22 from the private ranges. Half of it holds the nodes, a quarter what stands before and
   * beside them (gateway, private endpoints, machine address, Bastion); a quarter stays free. Changing it later replaces the
   * subnets, which `deletionProtection` refuses.
   *
   * @default "10.64.0.0/16"
   */
  readonly cidr?: string;

  /**
   * Over which of the region's zones nodes and addresses are spread, 1 to 3 of them; none in a region that has no zones. A subnet
   * is in all zones of its region, so that no address depends on them.
   *
   * @default ["1", "2", "3"]
   */
  readonly zones?: readonly AzureZone[];

  /**
   * How nodes reach the outside.
   *
   * `"nat"`: every node can reach the internet. It breaks the policy's rule `azure-egress-anywhere` by choice, and the waiver
   * is in the report. A NAT gateway costs about 33 USD a month, its address 4, and 0.045 USD a GB
   * (https://azure.microsoft.com/en-us/pricing/details/azure-nat-gateway/).
   *
   * `"private"`: no NAT gateway. Key vaults and storage are reached by private endpoints; Entra ID and Azure's own API, which
   * nodes need to find one another and to sign in, have none that a network alone could have: `routeTableId` leads to them,
   * through a firewall of yours. Machine images must hold all programs, and tasks need a mirror of their images inside.
   *
   * @default "nat"
   */
  readonly egress?: AzureEgress;

  /**
   * The zone that the NAT gateway stands in. A subnet has one gateway, and a gateway of the SKU Standard one zone: when that fails,
   * every node loses the way out (servers go on; machines born meanwhile do not come up). Gateways over all zones (StandardV2)
   * are unknown to azurerm 4.55.
   *
   * @default - none: Azure puts it somewhere
   */
  readonly natZone?: AzureZone;

  /**
   * Id of a route table for the nodes, such as one that leads everything to a firewall in a hub.
   *
   * @default - none, which egress "private" refuses
   */
  readonly routeTableId?: string;

  /**
   * Whether there is a subnet for an Application Gateway, in which nothing else may stand.
   *
   * @default true
   */
  readonly gatewaySubnet?: boolean;

  /**
   * Azure Bastion, by which people with rights in Azure open tunnels to servers; no machine gets a public address.
   * It costs about 210 USD a month (https://azure.microsoft.com/en-us/pricing/details/azure-bastion/).
   *
   * @default false
   */
  readonly bastion?: boolean;

  /**
   * Blocks that the network must stay apart from because it shall reach them: other environments, the company's own.
   *
   * @default - none
   */
  readonly otherNetworks?: readonly string[];

  /**
   * How many days the flow log is kept, 1 to 365.
   *
   * @default 365
   */
  readonly flowLogRetentionDays?: number;

  /**
   * The region's network watcher, which writes the flow log. Azure makes one in each region where a network is.
   *
   * @default - `NetworkWatcher_<region>` in the resource group `NetworkWatcherRG`
   */
  readonly networkWatcher?: AzureNetworkWatcher;

  /**
   * Changes to the props of the inner resources; all but associations, which only join two others.
   *
   * @default - none
   */
  readonly transform?: AzureNetworkTransform;
}

export interface AzureFlowLogTransform {
  readonly flowLog?: Transform<NetworkWatcherFlowLogConfig>;
  readonly flowLogAccount?: Transform<StorageAccountConfig>;
}

export interface AzureNetworkTransform extends AzureFlowLogTransform {
  readonly virtualNetwork?: Transform<VirtualNetworkConfig>;
  /** Laid on each of the subnets, told apart by their names. */
  readonly subnet?: Transform<SubnetConfig>;
  readonly natGateway?: Transform<NatGatewayConfig>;
  readonly natPublicIp?: Transform<PublicIpConfig>;
  readonly bastion?: Transform<BastionHostConfig>;
  readonly bastionPublicIp?: Transform<PublicIpConfig>;
}

/** A subnet that exists. */
export interface AzureSubnet {
  readonly id: string;
  /** Its IPv4 block. */
  readonly cidr: string;
}

/** A network that somebody else made. Nothing in it is changed: what stands in its subnets is closed by their owner. */
export interface AzureExistingNetworkProps {
  readonly virtualNetworkId: string;
  /** The network's IPv4 block. */
  readonly cidr: string;
  /**
   * Over which of the region's zones nodes and addresses are spread.
   *
   * @default ["1", "2", "3"]
   */
  readonly zones?: readonly AzureZone[];
  /** Where nodes stand. Their network security group is on their interfaces. */
  readonly nodes: AzureSubnet;
  /** Where private endpoints of key vaults and storage stand. */
  readonly endpoints: AzureSubnet;
  /**
   * Where the machine address stands, and nothing else: who calls from there is taken for it. Network policies for Private Link
   * services are off there.
   */
  readonly machine: AzureSubnet;
  /**
   * Where an Application Gateway stands, and nothing else.
   *
   * @default - none: people have no address
   */
  readonly gateway?: AzureSubnet;
  /**
   * Where Azure Bastion stands, if tunnels of people come through it.
   *
   * @default - none
   */
  readonly bastion?: AzureSubnet;
  /**
   * How nodes reach the outside. With `"private"`, its owner provides the routes.
   *
   * @default "nat"
   */
  readonly egress?: AzureEgress;
}

/** A network to make, or one that exists. */
export type AzureNetworkChoice = AzureOwnNetworkProps | AzureExistingNetworkProps;

export interface AzureNetworkProps extends AzurePlace, AzureOwnNetworkProps {}

/** What others need to know of a network. */
export interface IAzureNetwork {
  readonly virtualNetworkId: string;
  /** The network's IPv4 block. */
  readonly cidr: string;
  readonly egress: AzureEgress;
  /** The zones that nodes and addresses are spread over. */
  readonly zones: readonly AzureZone[];
  /** Whether its subnets are ours to close. */
  readonly isOwn: boolean;
  /** Where nodes stand. */
  readonly nodes: AzureSubnet;
  /** Where private endpoints stand. */
  readonly endpoints: AzureSubnet;
  /** Where the machine address stands. */
  readonly machine: AzureSubnet;
  /** Where the Application Gateway stands, if people may have an address. */
  readonly gateway?: AzureSubnet;
  /** Where Azure Bastion stands, if tunnels come through it. */
  readonly bastion?: AzureSubnet;
}
