import { PrivateDnsZone, type PrivateDnsZoneConfig } from "@cdktf/provider-azurerm/lib/private-dns-zone";
import {
  PrivateDnsZoneVirtualNetworkLink,
  type PrivateDnsZoneVirtualNetworkLinkConfig,
} from "@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link";
import { PrivateEndpoint, type PrivateEndpointConfig } from "@cdktf/provider-azurerm/lib/private-endpoint";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import { privateEndpointName } from "./names";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import { privateZoneId, subnetId, virtualNetworkId } from "./rules";

/**
 * The services that are reached inside the network only, with the zone by whose records machines find them there:
 * https://learn.microsoft.com/en-us/azure/private-link/private-endpoint-dns
 */
const services = {
  vault: { zone: "privatelink.vaultcore.azure.net", subresource: "vault" },
  blob: { zone: "privatelink.blob.core.windows.net", subresource: "blob" },
} as const;

export type AzureLinkedService = keyof typeof services;

export interface AzurePrivateLinkProps extends AzurePlace {
  /** Id of the network whose machines reach the services. */
  readonly virtualNetworkId: string;
  /** Id of the subnet that the endpoints stand in. */
  readonly subnetId: string;
  /**
   * Ids of private zones that exist, as in a hub: `{ vault: "...", blob: "..." }`. Who owns one links it to the network.
   *
   * @default - a zone is made for each service, and linked
   */
  readonly zoneIds?: Readonly<Partial<Record<AzureLinkedService, string>>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly zone?: Transform<PrivateDnsZoneConfig>;
    readonly zoneLink?: Transform<PrivateDnsZoneVirtualNetworkLinkConfig>;
    /** Laid on each of the endpoints. */
    readonly endpoint?: Transform<PrivateEndpointConfig>;
  };
}

/**
 * How machines reach key vaults and storage accounts that no other network reaches: private endpoints in a subnet, and the private
 * zones that give their names these addresses.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzurePrivateLink extends Construct {
  private readonly zoneIds: Readonly<Record<AzureLinkedService, string>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzurePrivateLinkProps,
  ) {
    const check = new PropsCheck("AzurePrivateLink", scope, id);
    checkPlace(check, props);
    check.required("virtualNetworkId", props.virtualNetworkId, virtualNetworkId);
    check.required("subnetId", props.subnetId, subnetId);
    for (const service of Object.keys(services) as AzureLinkedService[]) {
      check.optional(`zoneIds.${service}`, props.zoneIds?.[service], privateZoneId);
    }
    check.done();
    super(scope, id);
    this.zoneIds = { vault: this.zoneOf("vault"), blob: this.zoneOf("blob") };
  }

  /** Gives a resource an endpoint in the network: `connect("cluster", account.id, "blob")`. */
  connect(name: string, resourceId: string, service: AzureLinkedService): void {
    const { environment, region, resourceGroup, transform } = this.props;
    new PrivateEndpoint(
      this,
      name,
      transformed(transform?.endpoint, {
        name: privateEndpointName(environment, name),
        location: region,
        resourceGroupName: resourceGroup,
        subnetId: this.props.subnetId,
        privateServiceConnection: {
          name,
          privateConnectionResourceId: resourceId,
          isManualConnection: false,
          subresourceNames: [services[service].subresource],
        },
        privateDnsZoneGroup: { name: service, privateDnsZoneIds: [this.zoneIds[service]] },
      }),
    );
  }

  private zoneOf(service: AzureLinkedService): string {
    const { resourceGroup, virtualNetworkId, zoneIds, transform } = this.props;
    const given = zoneIds?.[service];
    if (given !== undefined) return given;
    const zone = new PrivateDnsZone(
      this,
      `${service}-zone`,
      transformed(transform?.zone, { name: services[service].zone, resourceGroupName: resourceGroup }),
    );
    new PrivateDnsZoneVirtualNetworkLink(
      this,
      `${service}-zone-link`,
      transformed(transform?.zoneLink, {
        name: "nodes",
        resourceGroupName: resourceGroup,
        privateDnsZoneName: zone.name,
        virtualNetworkId: virtualNetworkId,
        registrationEnabled: false,
      }),
    );
    return zone.id;
  }
}
