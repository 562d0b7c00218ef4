import {
  CertificateManagerCertificate,
  type CertificateManagerCertificateConfig,
} from "@cdktf/provider-google/lib/certificate-manager-certificate";
import {
  CertificateManagerDnsAuthorization,
  type CertificateManagerDnsAuthorizationConfig,
} from "@cdktf/provider-google/lib/certificate-manager-dns-authorization";
import { DnsRecordSet, type DnsRecordSetConfig } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { boolean, listOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { resourceName } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { recordsIn, zoneId } from "./zone-name";

export interface GcpCertificateProps extends GcpPlace {
  /** The names it holds: `["caravan.example.com", "*.apps.caravan.example.com"]`. */
  readonly names: readonly string[];
  /** Name of the public zone that answers for all of them, `GcpDns.zoneId`. */
  readonly zoneId: string;
  /**
   * Whether it is for a load balancer that faces the internet, and so in no region.
   *
   * @default false
   */
  readonly global?: boolean;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly certificate?: Transform<CertificateManagerCertificateConfig>;
    /** Laid on the proof of each name. */
    readonly authorization?: Transform<CertificateManagerDnsAuthorizationConfig>;
    /** Laid on each of the records that prove the names. */
    readonly proof?: Transform<DnsRecordSetConfig>;
  };
}

const TTL_SECONDS = 300;

/**
 * A certificate of Certificate Manager that browsers trust. Its names are proved by records in the zone, which stay there:
 * Google renews it for ever by itself.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpCertificate extends Construct {
  /** Its full name. It is issued some minutes after its records are there. */
  readonly id: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpCertificateProps,
  ) {
    const check = new PropsCheck("GcpCertificate", scope, id);
    checkPlace(check, props);
    check.required("zoneId", props.zoneId, zoneId);
    // https://cloud.google.com/certificate-manager/docs/quotas
    check.required("names", props.names, listOf(1, 100, "names"));
    check.optional("global", props.global, boolean);
    check.done();
    super(scope, id);
    const { environment, project, names, transform } = props;
    const domains = [...new Set(names.map((name) => name.replace(/^\*\./, "")))];
    const authorizations = domains.map((domain) => this.prove(domain));
    this.id = new CertificateManagerCertificate(
      this,
      "Default",
      transformed(transform?.certificate, {
        project,
        location: this.location,
        name: resourceName(environment, "people"),
        description: `Names for people of the environment ${environment}`,
        managed: { domains: [...names], dnsAuthorizations: authorizations.map((each) => each.id) },
      }),
    ).id;
  }

  private get location(): string {
    return this.props.global === true ? "global" : this.props.region;
  }

  /** A proof of a domain is one of `*.<domain>` too. */
  private prove(domain: string): CertificateManagerDnsAuthorization {
    const { environment, project, transform } = this.props;
    const authorization = new CertificateManagerDnsAuthorization(
      this,
      domain,
      transformed(transform?.authorization, {
        project,
        location: this.location,
        name: resourceName(environment, ...domain.split(".")),
        domain,
      }),
    );
    const record = authorization.dnsResourceRecord.get(0);
    new DnsRecordSet(
      this,
      `proof-${domain}`,
      transformed(transform?.proof, {
        ...recordsIn(this.props.zoneId, this.props),
        name: record.name,
        type: record.type,
        ttl: TTL_SECONDS,
        rrdatas: [record.data],
      }),
    );
    return authorization;
  }
}
