import { PrivateDnsARecord, type PrivateDnsARecordConfig } from "@cdktf/provider-azurerm/lib/private-dns-a-record";
import { PrivateDnsZone, type PrivateDnsZoneConfig } from "@cdktf/provider-azurerm/lib/private-dns-zone";
import {
  PrivateDnsZoneVirtualNetworkLink,
  type PrivateDnsZoneVirtualNetworkLinkConfig,
} from "@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link";
import { Construct } from "constructs";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { machineHost } from "../../node/node-props";
import { type Product, products } from "../../node/products";
import { type AzurePlace, partsOf } from "./place";

export interface AzureMachineNamesTransform {
  readonly zone?: Transform<PrivateDnsZoneConfig>;
  readonly zoneLink?: Transform<PrivateDnsZoneVirtualNetworkLinkConfig>;
  /** Laid on each of the names. */
  readonly record?: Transform<PrivateDnsARecordConfig>;
}

export interface AzureMachineNamesProps extends AzurePlace {
  readonly virtualNetworkId: string;
  readonly insideDomain: string;
  /** @default - one is made for `<environment>.<insideDomain>` */
  readonly zoneId?: string;
  /** Where all of them lead. */
  readonly address: string;
  readonly transform?: AzureMachineNamesTransform;
}

/** An address that is made anew is found within a minute. */
const TTL_SECONDS = 60;

/** The names inside an environment, in a private zone that its network sees. */
export class AzureMachineNames extends Construct {
  readonly zoneId: string;
  /** Host names: `vault.prod.caravan.internal`. */
  readonly hosts: Readonly<Record<Product, string>>;

  constructor(scope: Construct, id: string, props: AzureMachineNamesProps) {
    super(scope, id);
    const { environment, insideDomain, address, transform } = props;
    const made = props.zoneId === undefined ? this.addZone(props) : undefined;
    this.zoneId = made?.id ?? String(props.zoneId);
    const zone = made ?? partsOf(this.zoneId);
    const zoneName = props.zoneId === undefined ? `${environment}.${insideDomain}` : zone.name;
    const hosts = products.map((product) => [product, machineHost(props, product)] as const);
    for (const [product, host] of hosts) {
      new PrivateDnsARecord(
        this,
        product,
        transformed(transform?.record, {
          name: host.slice(0, -zoneName.length - 1),
          zoneName: zone.name,
          resourceGroupName: made === undefined ? partsOf(this.zoneId).resourceGroup : props.resourceGroup,
          ttl: TTL_SECONDS,
          records: [address],
        }),
      );
    }
    this.hosts = Object.fromEntries(hosts) as Record<Product, string>;
  }

  private addZone(props: AzureMachineNamesProps): PrivateDnsZone {
    const { environment, insideDomain, resourceGroup, virtualNetworkId, transform } = props;
    const zone = protect(
      new PrivateDnsZone(
        this,
        "zone",
        transformed(transform?.zone, { name: `${environment}.${insideDomain}`, resourceGroupName: resourceGroup }),
      ),
    );
    new PrivateDnsZoneVirtualNetworkLink(
      this,
      "zone-link",
      transformed(transform?.zoneLink, {
        name: "nodes",
        resourceGroupName: resourceGroup,
        privateDnsZoneName: zone.name,
        virtualNetworkId,
        registrationEnabled: false,
      }),
    );
    return zone;
  }
}
