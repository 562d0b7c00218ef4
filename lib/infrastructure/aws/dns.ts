import { Route53Record, type Route53RecordConfig } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone, type Route53ZoneConfig } from "@cdktf/provider-aws/lib/route53-zone";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { boolean } from "../../core/rules";
import { domainName } from "../../core/values";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { hostedZoneId } from "./rules";

/** Who answers for the domain. At most one of the three. */
export interface AwsDnsChoice {
  /**
   * Id of a public zone that exists and answers for the domain.
   *
   * @default - a zone is made for the domain
   */
  readonly zoneId?: string;
  /**
   * Id of the public zone above the domain, in this account: the new zone's name servers are entered there.
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

export interface AwsDnsProps extends AwsDnsChoice {
  /** The domain below which people find the cluster: `"caravan.example.com"`. */
  readonly domain: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly zone?: Transform<Route53ZoneConfig>;
    readonly delegation?: Transform<Route53RecordConfig>;
  };
}

/** A name server is looked up once an hour; the delegation changes only if the zone is made anew. */
const DELEGATION_TTL_SECONDS = 3600;

/** Checks a choice beside its domain. */
export function checkDns(check: PropsCheck, { zoneId, parentZoneId, delegated }: AwsDnsChoice): void {
  check.optional("zoneId", zoneId, hostedZoneId);
  check.optional("parentZoneId", parentZoneId, hostedZoneId);
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
 * The public zone of a domain: made and delegated from the zone above, made and delegated by hand in two phases, or one that
 * exists.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsDns extends Construct {
  readonly domain: string;
  readonly zoneId: string;
  /** Whether the world finds the zone, so that a certificate can be had and names be used. */
  readonly isDelegated: boolean;
  /** The name servers to enter above, where somebody has to. */
  readonly nameServers?: readonly string[];

  constructor(scope: Construct, id: string, props: AwsDnsProps) {
    const check = new PropsCheck("AwsDns", scope, id);
    check.required("domain", props.domain, domainName);
    checkDns(check, props);
    check.done();
    super(scope, id);
    const { domain, zoneId, parentZoneId, transform } = props;
    this.domain = domain;
    this.isDelegated = zoneId !== undefined || parentZoneId !== undefined || props.delegated === true;
    if (zoneId !== undefined) {
      this.zoneId = zoneId;
      return;
    }
    const zone = protect(
      new Route53Zone(
        this,
        "Default",
        transformed(transform?.zone, {
          name: domain,
          comment: `People's names of the cluster below ${domain}`,
          forceDestroy: !isDeletionProtected(this),
        }),
      ),
    );
    this.zoneId = zone.zoneId;
    if (parentZoneId === undefined) {
      this.nameServers = zone.nameServers;
      return;
    }
    new Route53Record(
      this,
      "delegation",
      transformed(transform?.delegation, {
        zoneId: parentZoneId,
        name: domain,
        type: "NS",
        ttl: DELEGATION_TTL_SECONDS,
        records: zone.nameServers,
      }),
    );
  }
}
