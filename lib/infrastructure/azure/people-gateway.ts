import { createHash } from "node:crypto";
import type {
  ApplicationGatewayBackendHttpSettings,
  ApplicationGatewayConfig,
  ApplicationGatewayHttpListener,
  ApplicationGatewayProbe,
  ApplicationGatewayRequestRoutingRule,
} from "@cdktf/provider-azurerm/lib/application-gateway";
import { ports } from "../../core/traffic";
import { type Product, products } from "../../node/products";
import { type HealthCheck, ingressHealth, serverHealth, vaultLeaderHealth } from "../health";

/** What stands behind the gateway. */
export type PeopleService = Product | "apps";

export const peopleServices: readonly PeopleService[] = [...products, "apps"];

export interface PeopleGatewayFacts {
  /** Hosts that each service answers, as browsers know it: `"*.apps.caravan.example.com"`. */
  readonly hosts: Readonly<Record<PeopleService, string>>;
  /** Names in the certificates of each product's servers, by which the gateway verifies them. */
  readonly serverHosts: Readonly<Record<Product, string>>;
  /** A host that the ingress is asked for when the gateway asks how it is. */
  readonly appsProbeHost: string;
  /** Id of the policy that judges what people send to products. */
  readonly productsPolicyId: string;
  /** Certificates of those who sign what servers and ingress show, in PEM. */
  readonly backendCa?: string;
  readonly idleTimeoutSeconds: number;
}

export const FRONTEND = "people";
export const CERTIFICATE = "people";

/** Nomad takes a terminal in the browser only from pages of the host that it is asked as. */
const ORIGIN = "origin-of-nomad";

const HEALTH: Readonly<Record<PeopleService, HealthCheck>> = {
  ...serverHealth,
  vault: vaultLeaderHealth,
  apps: ingressHealth,
};

const FIRST_PRIORITY = { forward: 100, redirect: 200 };

/** Name of the pool that the nodes of a service join. */
export function poolName(service: PeopleService): string {
  return service;
}

/** Name of the settings of a service, by which metrics tell pools apart: `vault~vault`. */
export function settingsName(service: PeopleService): string {
  return service;
}

type Routes = Pick<
  ApplicationGatewayConfig,
  | "backendAddressPool"
  | "backendHttpSettings"
  | "frontendPort"
  | "httpListener"
  | "probe"
  | "redirectConfiguration"
  | "requestRoutingRule"
  | "rewriteRuleSet"
  | "trustedRootCertificate"
>;

/**
 * What a gateway does with what people ask: by host to the service, over TLS again, verified by the given authorities; plain HTTP
 * is sent on. Whoever asks for another host finds nothing: where every listener names its hosts the gateway says 404.
 */
export function gatewayRoutes(facts: PeopleGatewayFacts): Routes {
  const roots = trustedRoots(facts.backendCa ?? "");
  const rootNames = roots.map(({ name }) => name);
  return {
    frontendPort: [
      { name: "https", port: ports.people },
      { name: "http", port: ports.peoplePlain },
    ],
    backendAddressPool: peopleServices.map((service) => ({ name: poolName(service) })),
    trustedRootCertificate: roots.length === 0 ? undefined : roots,
    probe: peopleServices.map((service) => probe(service, facts)),
    backendHttpSettings: peopleServices.map((service) => settings(service, facts, rootNames)),
    httpListener: peopleServices.flatMap((service) => listeners(service, facts)),
    redirectConfiguration: peopleServices.map((service) => ({
      name: service,
      redirectType: "Permanent",
      targetListenerName: service,
      includePath: true,
      includeQueryString: true,
    })),
    requestRoutingRule: peopleServices.flatMap(rules),
    rewriteRuleSet: [
      {
        name: ORIGIN,
        rewriteRule: [
          {
            name: ORIGIN,
            ruleSequence: 100,
            condition: [{ variable: "http_req_Origin", pattern: ".+", ignoreCase: true }],
            requestHeaderConfiguration: [{ headerName: "Origin", headerValue: `https://${facts.serverHosts.nomad}` }],
          },
        ],
      },
    ],
  };
}

function probe(service: PeopleService, { appsProbeHost }: PeopleGatewayFacts): ApplicationGatewayProbe {
  const { path, healthy } = HEALTH[service];
  return {
    name: service,
    protocol: "Https",
    path,
    ...(service === "apps" ? { host: appsProbeHost } : { pickHostNameFromBackendHttpSettings: true }),
    interval: 10,
    timeout: 5,
    unhealthyThreshold: 2,
    match: { statusCode: [healthy] },
  };
}

function settings(
  service: PeopleService,
  { serverHosts, idleTimeoutSeconds }: PeopleGatewayFacts,
  trustedRootCertificateNames: string[],
): ApplicationGatewayBackendHttpSettings {
  return {
    name: settingsName(service),
    protocol: "Https",
    port: service === "apps" ? ports.ingress : ports[service],
    // The ingress is verified by the host that people asked for, which its certificate holds.
    hostName: service === "apps" ? undefined : serverHosts[service],
    cookieBasedAffinity: "Disabled",
    requestTimeout: idleTimeoutSeconds,
    probeName: service,
    trustedRootCertificateNames: trustedRootCertificateNames.length === 0 ? undefined : trustedRootCertificateNames,
    connectionDraining: { enabled: true, drainTimeoutSec: 60 },
  };
}

function listeners(
  service: PeopleService,
  { hosts, productsPolicyId }: PeopleGatewayFacts,
): ApplicationGatewayHttpListener[] {
  const shared = {
    frontendIpConfigurationName: FRONTEND,
    hostNames: [hosts[service]],
    firewallPolicyId: service === "apps" ? undefined : productsPolicyId,
  };
  return [
    { ...shared, name: service, frontendPortName: "https", protocol: "Https", sslCertificateName: CERTIFICATE },
    { ...shared, name: `${service}-plain`, frontendPortName: "http", protocol: "Http" },
  ];
}

function rules(service: PeopleService, index: number): ApplicationGatewayRequestRoutingRule[] {
  return [
    {
      name: service,
      ruleType: "Basic",
      priority: FIRST_PRIORITY.forward + index,
      httpListenerName: service,
      backendAddressPoolName: poolName(service),
      backendHttpSettingsName: settingsName(service),
      rewriteRuleSetName: service === "nomad" ? ORIGIN : undefined,
    },
    {
      name: `${service}-plain`,
      ruleType: "Basic",
      priority: FIRST_PRIORITY.redirect + index,
      httpListenerName: `${service}-plain`,
      redirectConfigurationName: service,
    },
  ];
}

/** Each certificate of a bundle, by a name that stays while others come and go. */
function trustedRoots(bundle: string): { name: string; data: string }[] {
  const found = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const each = new Map(
    found.map((data) => {
      const digest = createHash("sha256").update(data.replace(/\s/g, "")).digest("hex");
      return [`ca-${digest.slice(0, 10)}`, `${data}\n`];
    }),
  );
  return [...each].map(([name, data]) => ({ name, data }));
}
