import { DataGoogleDnsKeys } from "@cdktf/provider-google/lib/data-google-dns-keys";
import { DnsManagedZone, type DnsManagedZoneConfig } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet, type DnsRecordSetConfig } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { boolean } from "../../core/rules";
import { domainName } from "../../core/values";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { resourceName } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { recordsIn, zoneId as zoneIdRule } from "./zone-name";

/** Who answers for the domain. At most one of the three. */
export interface GcpDnsChoice {
  /**
   * Name of a public zone that exists and answers for the domain; with its project where that is another:
   * `"projects/acme-dns/managedZones/caravan"`.
   *
   * @default - a zone is made for the domain
   */
  readonly zoneId?: string;
  /**
   * Name of the public zone above the domain, written like `zoneId`: the new zone's name servers, and the key by which it is
   * signed, are entered there.
   *
   * @default - somebody enters them by hand: see `delegated`
   */
  readonly parentZoneId?: string;
  /**
   * Whether somebody has entered the new zone's name servers above, by hand. Before, a certificate could not be had: apply
   * once without it, enter the records that the output `domain_delegation` prints, then set it and apply again.
   *
   * @default false
   */
  readonly delegated?: boolean;
}

export interface GcpDnsProps extends GcpPlace, GcpDnsChoice {
  /** The domain below which people find the cluster: `"caravan.example.com"`. */
  readonly domain: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly zone?: Transform<DnsManagedZoneConfig>;
    /** Laid on both records above: of name servers, and of the key. */
    readonly delegation?: Transform<DnsRecordSetConfig>;
  };
}

/** A name server is looked up once an hour; the delegation changes only if the zone is made anew. */
const DELEGATION_TTL_SECONDS = 3600;

/** Checks a choice beside its domain. */
export function checkDns(check: PropsCheck, { zoneId, parentZoneId, delegated }: GcpDnsChoice): void {
  check.optional("zoneId", zoneId, zoneIdRule);
  check.optional("parentZoneId", parentZoneId, zoneIdRule);
  check.optional("delegated", delegated, boolean);
  const refuse = (property: "parentZoneId" | "delegated", given: unknown, beside: string) => {
    if (given === undefined) return;
    check.add({ property, given, allowed: `nothing beside ${beside}`, fix: `remove ${property}, or remove ${beside}` });
  };
  if (zoneId !== undefined) {
    refuse("parentZoneId", parentZoneId, "zoneId");
    refuse("delegated", delegated, "zoneId");
  } else if (parentZoneId !== undefined) {
    refuse("delegated", delegated, "parentZoneId");
  }
}

/**
 * The public zone of a domain, signed (DNSSEC): made and delegated from the zone above, made and delegated by hand in two
 * phases, or one that exists.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpDns extends Construct {
  readonly domain: string;
  /** As it was given, or by its name. */
  readonly zoneId: string;
  /** Whether the world finds the zone, so that a certificate can be had and names be used. */
  readonly isDelegated: boolean;
  /** The name servers to enter above, where somebody has to. */
  readonly nameServers?: readonly string[];
  /** The DS record to enter above, where somebody has to: what makes resolvers check the zone's signatures. */
  readonly dsRecord?: string;

  constructor(scope: Construct, id: string, props: GcpDnsProps) {
    const check = new PropsCheck("GcpDns", scope, id);
    checkPlace(check, props);
    check.required("domain", props.domain, domainName);
    checkDns(check, props);
    check.done();
    super(scope, id);
    const { environment, project, domain, zoneId, parentZoneId, transform } = props;
    this.domain = domain;
    this.isDelegated = zoneId !== undefined || parentZoneId !== undefined || props.delegated === true;
    if (zoneId !== undefined) {
      this.zoneId = zoneId;
      return;
    }
    const zone = protect(
      new DnsManagedZone(
        this,
        "Default",
        transformed(transform?.zone, {
          project,
          name: resourceName(environment, "people"),
          dnsName: `${domain}.`,
          description: `People's names of the cluster below ${domain}`,
          visibility: "public",
          dnssecConfig: { state: "on" },
          cloudLoggingConfig: { enableLogging: true },
          forceDestroy: !isDeletionProtected(this),
        }),
      ),
    );
    this.zoneId = zone.name;
    const keys = new DataGoogleDnsKeys(this, "keys", { project, managedZone: zone.id });
    const dsRecord = keys.keySigningKeys.get(0).dsRecord;
    if (parentZoneId === undefined) {
      this.nameServers = zone.nameServers;
      this.dsRecord = dsRecord;
      return;
    }
    const enter = (recordId: string, type: string, rrdatas: string[]) =>
      new DnsRecordSet(
        this,
        recordId,
        transformed(transform?.delegation, {
          ...recordsIn(parentZoneId, props),
          name: `${domain}.`,
          type,
          ttl: DELEGATION_TTL_SECONDS,
          rrdatas,
        }),
      );
    enter("delegation", "NS", zone.nameServers);
    enter("delegation-key", "DS", [dsRecord]);
  }
}
