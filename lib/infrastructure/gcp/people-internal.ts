import { ComputeAddress, type ComputeAddressConfig } from "@cdktf/provider-google/lib/compute-address";
import {
  ComputeForwardingRule,
  type ComputeForwardingRuleConfig,
} from "@cdktf/provider-google/lib/compute-forwarding-rule";
import {
  ComputeRegionSslPolicy,
  type ComputeRegionSslPolicyConfig,
} from "@cdktf/provider-google/lib/compute-region-ssl-policy";
import {
  ComputeRegionTargetHttpProxy,
  type ComputeRegionTargetHttpProxyConfig,
} from "@cdktf/provider-google/lib/compute-region-target-http-proxy";
import {
  ComputeRegionTargetHttpsProxy,
  type ComputeRegionTargetHttpsProxyConfig,
} from "@cdktf/provider-google/lib/compute-region-target-https-proxy";
import { ComputeRegionUrlMap, type ComputeRegionUrlMapConfig } from "@cdktf/provider-google/lib/compute-region-url-map";
import { Construct } from "constructs";
import { ports } from "../../core/traffic";
import { type Transform, transformed } from "../../layer/transform";
import { resourceName } from "./names";
import type { IGcpNetwork } from "./network-props";
import { type PeopleRoutes, redirectMap, tlsPolicy, urlMapOf } from "./people-routes";
import type { GcpPlace } from "./place";

export interface GcpInternalFrontTransform {
  readonly address?: Transform<ComputeAddressConfig>;
  readonly sslPolicy?: Transform<ComputeRegionSslPolicyConfig>;
  readonly urlMap?: Transform<ComputeRegionUrlMapConfig>;
  readonly redirectMap?: Transform<ComputeRegionUrlMapConfig>;
  readonly httpsProxy?: Transform<ComputeRegionTargetHttpsProxyConfig>;
  readonly httpProxy?: Transform<ComputeRegionTargetHttpProxyConfig>;
  /** Laid on both forwarding rules: of TLS, and of the redirect. */
  readonly forwardingRule?: Transform<ComputeForwardingRuleConfig>;
}

export interface GcpInternalFrontProps extends GcpPlace {
  readonly network: IGcpNetwork;
  readonly routes: PeopleRoutes;
  /** Full name of the certificate, in the region. */
  readonly certificateName: string;
  readonly transform?: GcpInternalFrontTransform;
}

/** What answers people inside the network: Google's proxies of the region, at an address of the subnet of nodes. */
export class GcpInternalFront extends Construct {
  readonly address: string;

  constructor(scope: Construct, id: string, props: GcpInternalFrontProps) {
    super(scope, id);
    const { environment, project, region, network, transform } = props;
    // Proxies need their subnet, which nothing here names.
    if (Construct.isConstruct(network)) this.node.addDependency(network);
    const name = resourceName(environment, "people");
    const plainName = resourceName(environment, "people", "redirect");
    const here = { project, region };
    const address = new ComputeAddress(
      this,
      "address",
      transformed(transform?.address, {
        ...here,
        name,
        addressType: "INTERNAL",
        purpose: "SHARED_LOADBALANCER_VIP",
        subnetwork: network.subnetId,
      }),
    );
    const sslPolicy = new ComputeRegionSslPolicy(
      this,
      "tls",
      transformed(transform?.sslPolicy, { ...here, name, ...tlsPolicy }),
    );
    const urlMap = new ComputeRegionUrlMap(
      this,
      "hosts",
      transformed(transform?.urlMap, { ...here, name, ...urlMapOf(props.routes) }),
    );
    const httpsProxy = new ComputeRegionTargetHttpsProxy(
      this,
      "proxy",
      transformed(transform?.httpsProxy, {
        ...here,
        name,
        urlMap: urlMap.id,
        sslPolicy: sslPolicy.id,
        certificateManagerCertificates: [`//certificatemanager.googleapis.com/${props.certificateName}`],
      }),
    );
    const redirect = new ComputeRegionUrlMap(
      this,
      "redirect",
      transformed(transform?.redirectMap, { ...here, name: plainName, ...redirectMap }),
    );
    const httpProxy = new ComputeRegionTargetHttpProxy(
      this,
      "redirect-proxy",
      transformed(transform?.httpProxy, { ...here, name: plainName, urlMap: redirect.id }),
    );
    const forward = (forwardId: string, ruleName: string, port: number, target: string) =>
      new ComputeForwardingRule(
        this,
        forwardId,
        transformed(transform?.forwardingRule, {
          ...here,
          name: ruleName,
          loadBalancingScheme: "INTERNAL_MANAGED",
          network: network.networkId,
          subnetwork: network.subnetId,
          ipAddress: address.id,
          ipProtocol: "TCP",
          portRange: String(port),
          target,
          allowGlobalAccess: false,
        }),
      );
    forward("forwarding", name, ports.people, httpsProxy.id);
    forward("redirect-forwarding", plainName, ports.peoplePlain, httpProxy.id);
    this.address = address.address;
  }
}
