import {
  CertificateManagerCertificateMap,
  type CertificateManagerCertificateMapConfig,
} from "@cdktf/provider-google/lib/certificate-manager-certificate-map";
import {
  CertificateManagerCertificateMapEntry,
  type CertificateManagerCertificateMapEntryConfig,
} from "@cdktf/provider-google/lib/certificate-manager-certificate-map-entry";
import {
  ComputeGlobalAddress,
  type ComputeGlobalAddressConfig,
} from "@cdktf/provider-google/lib/compute-global-address";
import {
  ComputeGlobalForwardingRule,
  type ComputeGlobalForwardingRuleConfig,
} from "@cdktf/provider-google/lib/compute-global-forwarding-rule";
import { ComputeSslPolicy, type ComputeSslPolicyConfig } from "@cdktf/provider-google/lib/compute-ssl-policy";
import {
  ComputeTargetHttpProxy,
  type ComputeTargetHttpProxyConfig,
} from "@cdktf/provider-google/lib/compute-target-http-proxy";
import {
  ComputeTargetHttpsProxy,
  type ComputeTargetHttpsProxyConfig,
} from "@cdktf/provider-google/lib/compute-target-https-proxy";
import { ComputeUrlMap, type ComputeUrlMapConfig } from "@cdktf/provider-google/lib/compute-url-map";
import { Construct } from "constructs";
import { ports } from "../../core/traffic";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { resourceName } from "./names";
import { type PeopleRoutes, redirectMap, tlsPolicy, urlMapOf } from "./people-routes";
import type { GcpPlace } from "./place";

export interface GcpPublicFrontTransform {
  readonly address?: Transform<ComputeGlobalAddressConfig>;
  readonly sslPolicy?: Transform<ComputeSslPolicyConfig>;
  readonly urlMap?: Transform<ComputeUrlMapConfig>;
  readonly redirectMap?: Transform<ComputeUrlMapConfig>;
  readonly httpsProxy?: Transform<ComputeTargetHttpsProxyConfig>;
  readonly httpProxy?: Transform<ComputeTargetHttpProxyConfig>;
  readonly certificateMap?: Transform<CertificateManagerCertificateMapConfig>;
  readonly certificateMapEntry?: Transform<CertificateManagerCertificateMapEntryConfig>;
  /** Laid on both forwarding rules: of TLS, and of the redirect. */
  readonly forwardingRule?: Transform<ComputeGlobalForwardingRuleConfig>;
}

export interface GcpPublicFrontProps extends GcpPlace {
  readonly routes: PeopleRoutes;
  /** Full name of the certificate, in no region. */
  readonly certificateName: string;
  readonly transform?: GcpPublicFrontTransform;
}

/** What answers people on the internet: Google's proxies at its edge, at an address of their own. */
export class GcpPublicFront extends Construct {
  readonly address: string;

  constructor(scope: Construct, id: string, props: GcpPublicFrontProps) {
    super(scope, id);
    const { environment, project, transform } = props;
    const name = resourceName(environment, "people");
    const plainName = resourceName(environment, "people", "redirect");
    const address = new ComputeGlobalAddress(
      this,
      "address",
      transformed(transform?.address, { project, name, addressType: "EXTERNAL" }),
    );
    const sslPolicy = new ComputeSslPolicy(
      this,
      "tls",
      transformed(transform?.sslPolicy, { project, name, ...tlsPolicy }),
    );
    const urlMap = new ComputeUrlMap(
      this,
      "hosts",
      transformed(transform?.urlMap, { project, name, ...urlMapOf(props.routes) }),
    );
    const httpsProxy = new ComputeTargetHttpsProxy(
      this,
      "proxy",
      transformed(transform?.httpsProxy, {
        project,
        name,
        urlMap: urlMap.id,
        sslPolicy: sslPolicy.id,
        certificateMap: `//certificatemanager.googleapis.com/${this.certificateMap(props, name)}`,
      }),
    );
    const redirect = new ComputeUrlMap(
      this,
      "redirect",
      transformed(transform?.redirectMap, { project, name: plainName, ...redirectMap }),
    );
    const httpProxy = new ComputeTargetHttpProxy(
      this,
      "redirect-proxy",
      transformed(transform?.httpProxy, { project, name: plainName, urlMap: redirect.id }),
    );
    const forward = (forwardId: string, ruleName: string, port: number, target: string) => {
      const rule = new ComputeGlobalForwardingRule(
        this,
        forwardId,
        transformed(transform?.forwardingRule, {
          project,
          name: ruleName,
          loadBalancingScheme: "EXTERNAL_MANAGED",
          ipAddress: address.id,
          ipProtocol: "TCP",
          portRange: String(port),
          target,
        }),
      );
      waiveByChoice(rule, {
        rule: "gcp-lb-internal",
        prop: "public",
        reason: "people come from networks that reach it over the internet, and from no others",
      });
    };
    forward("forwarding", name, ports.people, httpsProxy.id);
    forward("redirect-forwarding", plainName, ports.peoplePlain, httpProxy.id);
    this.address = address.address;
  }

  /** A proxy that faces the internet takes a certificate by a map only. */
  private certificateMap({ project, certificateName, transform }: GcpPublicFrontProps, name: string): string {
    const map = new CertificateManagerCertificateMap(
      this,
      "certificate-map",
      transformed(transform?.certificateMap, { project, name }),
    );
    new CertificateManagerCertificateMapEntry(
      this,
      "certificate-map-entry",
      transformed(transform?.certificateMapEntry, {
        project,
        name,
        map: map.name,
        certificates: [certificateName],
        matcher: "PRIMARY",
      }),
    );
    return map.id;
  }
}
