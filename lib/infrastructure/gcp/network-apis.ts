import { ComputeRoute, type ComputeRouteConfig } from "@cdktf/provider-google/lib/compute-route";
import { DnsManagedZone, type DnsManagedZoneConfig } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet, type DnsRecordSetConfig } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import { Cidr } from "../cidr";
import { resourceName } from "./names";
import type { GcpPlace } from "./place";

/** https://cloud.google.com/vpc/docs/configure-private-google-access#domain-options: restricted.googleapis.com. */
export const RESTRICTED_APIS = Cidr.parse("199.36.153.4/30");

/** Domains beside googleapis.com that these addresses answer for: registries, packages, downloads. */
export const googleDomains = ["pkg.dev", "gcr.io", "packages.cloud.google.com", "dl.google.com"] as const;

export type GoogleDomain = (typeof googleDomains)[number];

const TTL_SECONDS = 300;

export interface GcpApisTransform {
  readonly apisRoute?: Transform<ComputeRouteConfig>;
  /** Laid on the private zone of each domain. */
  readonly apisZone?: Transform<DnsManagedZoneConfig>;
  /** Laid on both records of each domain. */
  readonly apisRecord?: Transform<DnsRecordSetConfig>;
}

export interface GcpApisProps extends GcpPlace {
  readonly networkId: string;
  /** Domains beside googleapis.com. */
  readonly domains: readonly GoogleDomain[];
  readonly transform?: GcpApisTransform;
}

/**
 * How Google's own APIs are reached without the internet: a route to restricted.googleapis.com, which serves only what VPC
 * Service Controls knows, and private zones that give its addresses for the APIs' names.
 */
export class GcpApis extends Construct {
  constructor(scope: Construct, id: string, props: GcpApisProps) {
    super(scope, id);
    const { environment, project, networkId, transform } = props;
    new ComputeRoute(
      this,
      "route",
      transformed(transform?.apisRoute, {
        project,
        name: resourceName(environment, "apis"),
        description: `Google's APIs, for the nodes of the environment ${environment}`,
        network: networkId,
        destRange: RESTRICTED_APIS.toString(),
        // These addresses are not announced to the internet; the gateway leads to them inside of Google.
        nextHopGateway: "default-internet-gateway",
      }),
    );
    for (const domain of ["googleapis.com", ...props.domains]) this.addZone(domain, props);
  }

  private addZone(domain: string, { environment, project, networkId, transform }: GcpApisProps): void {
    const zone = new DnsManagedZone(
      this,
      domain,
      transformed(transform?.apisZone, {
        project,
        name: resourceName(environment, ...domain.split(".")),
        dnsName: `${domain}.`,
        description: `Leads ${domain} to restricted.googleapis.com`,
        visibility: "private",
        privateVisibilityConfig: { networks: [{ networkUrl: networkId }] },
      }),
    );
    const add = (id: string, name: string, type: string, rrdatas: string[]) =>
      new DnsRecordSet(
        this,
        `${domain}-${id}`,
        transformed(transform?.apisRecord, {
          project,
          managedZone: zone.name,
          name,
          type,
          ttl: TTL_SECONDS,
          rrdatas,
        }),
      );
    const addresses = Array.from({ length: RESTRICTED_APIS.size }, (_, index) =>
      RESTRICTED_APIS.part(32, index).toString().replace("/32", ""),
    );
    add("name", `${domain}.`, "A", addresses);
    add("names", `*.${domain}.`, "CNAME", [`${domain}.`]);
  }
}
