import { DnsNsRecord, type DnsNsRecordConfig } from "@cdktf/provider-azurerm/lib/dns-ns-record";
import { DnsZone, type DnsZoneConfig } from "@cdktf/provider-azurerm/lib/dns-zone";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { domainName, isWithinDomain } from "../../core/values";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { partsOf } from "./place";
import { publicZoneId } from "./rules";

/** Who answers for the domain. At most one of the two. */
export interface AzureDnsChoice {
  /**
   * Id of a public zone that exists and answers for the domain: of the domain itself, or of one above it.
   *
   * @default - a zone is made for the domain
   */
  readonly zoneId?: string;
  /**
   * Id of the public zone above the domain: the new zone's name servers are entered there.
   *
   * @default - somebody enters them by hand, as the output `domain_delegation` says
   */
  readonly parentZoneId?: string;
}

export interface AzureDnsProps extends AzureDnsChoice {
  /** The domain below which people find the cluster: `"caravan.example.com"`. */
  readonly domain: string;
  /** Name of the resource group that a zone is made in. */
  readonly resourceGroup: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly zone?: Transform<DnsZoneConfig>;
    readonly delegation?: Transform<DnsNsRecordConfig>;
  };
}

/** A name server is looked up once an hour; the delegation changes only if the zone is made anew. */
const DELEGATION_TTL_SECONDS = 3600;

/** Checks a choice beside its domain. */
export function checkDns(
  check: PropsCheck,
  { zoneId, parentZoneId }: AzureDnsChoice,
  domain: string | undefined,
): void {
  const known = [
    ["zoneId", zoneId, true],
    ["parentZoneId", parentZoneId, false],
  ] as const;
  for (const [property, given, mayBeItself] of known) {
    if (!check.optional(property, given, publicZoneId) || !domainName.accepts(domain)) continue;
    const { name } = partsOf(given);
    if (isWithinDomain(domain, name) && (mayBeItself || domain !== name)) continue;
    check.add({
      property,
      given,
      allowed: mayBeItself ? `the zone of ${domain}, or of a domain above it` : `the zone of a domain above ${domain}`,
      fix: "give another zone, or another domain",
    });
  }
  if (zoneId === undefined || parentZoneId === undefined) return;
  check.add({
    property: "parentZoneId",
    given: parentZoneId,
    allowed: "nothing beside zoneId",
    fix: "remove parentZoneId, or remove zoneId",
  });
}

/**
 * The public zone of a domain: made and delegated from the zone above, made and delegated by hand, or one that exists. The
 * certificate is somebody's own, so that nothing waits for the delegation but people.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureDns extends Construct {
  readonly domain: string;
  readonly zoneId: string;
  /** The zone, as records name it. */
  readonly zone: { readonly name: string; readonly resourceGroup: string };
  /** The domain of the zone: it, or one above it. */
  readonly zoneDomain: string;
  /** The name servers to enter above, where somebody has to. */
  readonly nameServers?: readonly string[];

  constructor(scope: Construct, id: string, props: AzureDnsProps) {
    const check = new PropsCheck("AzureDns", scope, id);
    check.required("domain", props.domain, domainName);
    checkDns(check, props, props.domain);
    check.done();
    super(scope, id);
    const { domain, zoneId, parentZoneId, resourceGroup, transform } = props;
    this.domain = domain;
    if (zoneId !== undefined) {
      this.zoneId = zoneId;
      this.zone = partsOf(zoneId);
      this.zoneDomain = this.zone.name;
      return;
    }
    const zone = protect(
      new DnsZone(this, "Default", transformed(transform?.zone, { name: domain, resourceGroupName: resourceGroup })),
    );
    this.zoneId = zone.id;
    this.zone = { name: zone.name, resourceGroup };
    this.zoneDomain = domain;
    if (parentZoneId === undefined) {
      this.nameServers = zone.nameServers;
      return;
    }
    const parent = partsOf(parentZoneId);
    new DnsNsRecord(
      this,
      "delegation",
      transformed(transform?.delegation, {
        name: domain.slice(0, -parent.name.length - 1),
        zoneName: parent.name,
        resourceGroupName: parent.resourceGroup,
        ttl: DELEGATION_TTL_SECONDS,
        records: zone.nameServers,
      }),
    );
  }
}
