import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { AzureDns } from "../../../lib/infrastructure/azure/dns";
import { AzurePeopleAddress, type AzurePeopleAddressProps } from "../../../lib/infrastructure/azure/people-address";
import { AzurePrivateLink } from "../../../lib/infrastructure/azure/private-link";
import { azureProvider } from "../../../lib/infrastructure/azure/provider";
import { LayerStack, LocalState } from "../../../lib/layer";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { gatewayNetwork, pem } from "./edge-fixture";
import { azureStack, idOf, place, refusal } from "./place";

const certificate = {
  secretId: "https://acme.vault.azure.net/secrets/caravan",
  keyVaultId: idOf("Microsoft.KeyVault/vaults/acme"),
};
const pool = (name: string) => idOf(`Microsoft.Network/applicationGateways/edge/backendAddressPools/${name}`);
const given = {
  backendPoolIds: { vault: pool("vault"), consul: pool("consul"), nomad: pool("nomad"), apps: pool("apps") },
  sourceRange: "10.8.1.0/24",
  address: "10.8.1.10",
};

function peopleOf(change: Partial<AzurePeopleAddressProps> = {}) {
  const stack = azureStack("prod-edge");
  const dns = new AzureDns(stack, "dns", { domain: "caravan.example.com", resourceGroup: place.resourceGroup });
  const people = new AzurePeopleAddress(stack, "people", {
    ...place,
    dns,
    network: gatewayNetwork,
    insideDomain: "caravan.internal",
    certificate,
    ...change,
  });
  const template = Template.of(stack);
  return { stack, people, template };
}

type Block = Record<string, unknown>;

function gatewayOf(template: Template): Record<string, Block[]> & Block {
  return template.resources("azurerm_application_gateway")[0]?.arguments as Record<string, Block[]> & Block;
}

const byName = (blocks: Block[] | undefined, name: string) => blocks?.find((block) => block["name"] === name);

describe("the gateway", () => {
  test("sends each host to its service over TLS, verified by the names in servers' certificates", () => {
    const gateway = gatewayOf(peopleOf({ backendCa: pem("AAAA") }).template);
    for (const [service, host, port, serverHost] of [
      ["vault", "vault.caravan.example.com", 8200, "vault.prod.caravan.internal"],
      ["consul", "consul.caravan.example.com", 8501, "consul.prod.caravan.internal"],
      ["nomad", "nomad.caravan.example.com", 4646, "nomad.prod.caravan.internal"],
      ["apps", "*.apps.caravan.example.com", 8443, undefined],
    ] as const) {
      expect(byName(gateway["http_listener"], service)).toMatchObject({
        protocol: "Https",
        host_names: [host],
        ssl_certificate_name: "people",
        frontend_port_name: "https",
      });
      const settings = byName(gateway["backend_http_settings"], service);
      expect(settings).toMatchObject({
        protocol: "Https",
        port,
        probe_name: service,
        request_timeout: 3600,
        trusted_root_certificate_names: [expect.stringMatching(/^ca-[0-9a-f]{10}$/)],
      });
      expect(settings?.["host_name"]).toBe(serverHost);
      expect(byName(gateway["request_routing_rule"], service)).toMatchObject({
        http_listener_name: service,
        backend_address_pool_name: service,
        backend_http_settings_name: service,
      });
    }
  });

  test("asks Vault's servers who of them leads, and the ingress for a host of applications", () => {
    const probes = gatewayOf(peopleOf().template)["probe"];
    expect(probes?.map(({ name, protocol, path, host, match }) => [name, protocol, path, host, match])).toEqual([
      ["vault", "Https", "/v1/sys/health", undefined, { status_code: ["200"] }],
      ["consul", "Https", "/v1/catalog/services", undefined, { status_code: ["200"] }],
      ["nomad", "Https", "/v1/agent/health?type=server", undefined, { status_code: ["200"] }],
      ["apps", "Https", "/", "health.apps.caravan.example.com", { status_code: ["200-499"] }],
    ]);
  });

  test("only sends plain HTTP on to the same host's TLS", () => {
    const gateway = gatewayOf(peopleOf().template);
    for (const service of ["vault", "consul", "nomad", "apps"]) {
      const rule = byName(gateway["request_routing_rule"], `${service}-plain`);
      expect(rule?.["backend_address_pool_name"]).toBeUndefined();
      expect(byName(gateway["redirect_configuration"], String(rule?.["redirect_configuration_name"]))).toMatchObject({
        redirect_type: "Permanent",
        target_listener_name: service,
        include_path: true,
        include_query_string: true,
      });
    }
    const priorities = gateway["request_routing_rule"]?.map(({ priority }) => priority);
    expect(new Set(priorities).size).toBe(8);
  });

  test("is private, in all zones, scales by itself, and speaks TLS 1.2 at least", () => {
    const { stack, template } = peopleOf();
    const gateway = gatewayOf(template);
    expect(gateway["frontend_ip_configuration"]).toEqual([
      {
        name: "people",
        subnet_id: gatewayNetwork.gateway.id,
        private_ip_address_allocation: "Static",
        private_ip_address: "10.64.128.4",
      },
    ]);
    expect(gateway).toMatchObject({
      sku: { name: "WAF_v2", tier: "WAF_v2" },
      zones: ["1", "2", "3"],
      autoscale_configuration: { min_capacity: 2, max_capacity: 10 },
      ssl_policy: { policy_type: "Predefined", policy_name: "AppGwSslPolicy20220101S" },
    });
    template.resourceCount("azurerm_public_ip", 0);
    expect(waiversOf(stack).map(({ rule }) => rule)).toEqual(["azure-gateway-logging"]);
    template.hasResource("azurerm_dns_a_record", { name: "*.apps", records: ["10.64.128.4"] });
  });

  test("faces the internet by choice, with a waiver", () => {
    const { stack, template } = peopleOf({
      public: true,
      logWorkspaceId: idOf("Microsoft.OperationalInsights/workspaces/x"),
    });
    template.hasResource("azurerm_public_ip", { sku: "Standard", zones: ["1", "2", "3"] });
    expect(gatewayOf(template)["frontend_ip_configuration"]).toHaveLength(1);
    expect(waiversOf(stack)).toMatchObject([{ rule: "azure-lb-internal", prop: "public" }]);
    template.hasResource("azurerm_dns_a_record", {
      name: "vault",
      target_resource_id: expect.stringContaining("public_ip"),
    });
    template.hasResource("azurerm_monitor_diagnostic_setting", {
      enabled_log: [{ category: "ApplicationGatewayAccessLog" }, { category: "ApplicationGatewayFirewallLog" }],
    });
  });

  test("reads its certificate as an identity that may read this one secret", () => {
    const { template } = peopleOf();
    template.hasResource("azurerm_role_assignment", {
      scope: `${certificate.keyVaultId}/secrets/caravan`,
      role_definition_name: "Key Vault Secrets User",
      principal_type: "ServicePrincipal",
    });
    const gateway = gatewayOf(template);
    expect(gateway["ssl_certificate"]).toEqual([{ name: "people", key_vault_secret_id: certificate.secretId }]);
    expect(String(gateway["depends_on"])).toContain("azurerm_role_assignment");
  });

  test("reaches the vault of its certificate by an endpoint in the network, before it is made", () => {
    const linked = (change: Partial<AzurePeopleAddressProps["certificate"]>) => {
      const stack = new LayerStack(new App(), "prod-edge", { environment: { name: "prod", state: new LocalState() } });
      azureProvider(stack, place);
      const { virtualNetworkId, endpoints } = gatewayNetwork;
      const link = new AzurePrivateLink(stack, "link", { ...place, virtualNetworkId, subnetId: endpoints.id });
      const dns = new AzureDns(stack, "dns", { domain: "caravan.example.com", resourceGroup: place.resourceGroup });
      new AzurePeopleAddress(stack, "people", {
        ...place,
        ...{ dns, link, network: gatewayNetwork, insideDomain: "caravan.internal" },
        certificate: { ...certificate, ...change },
      });
      return Template.of(stack);
    };
    const template = linked({});
    template.hasResource("azurerm_private_endpoint", {
      subnet_id: gatewayNetwork.endpoints.id,
      private_service_connection: { private_connection_resource_id: certificate.keyVaultId },
    });
    expect(String(gatewayOf(template)["depends_on"])).toContain("azurerm_private_endpoint.link_people-certificate");
    linked({ privateEndpoint: false }).resourceCount("azurerm_private_endpoint", 0);
  });

  test("trusts each authority of the bundle by a name that stays while others come", () => {
    const names = (backendCa: string) =>
      gatewayOf(peopleOf({ backendCa }).template)["trusted_root_certificate"]?.map(({ name }) => name) ?? [];
    const [one] = names(pem("AAAA"));
    expect(names(pem("BBBB") + pem("AAAA"))).toContain(one);
    expect(names(pem("AAAA") + pem("AAAA"))).toEqual([one]);
    expect(gatewayOf(peopleOf().template)["trusted_root_certificate"]).toBeUndefined();
  });
});

describe("the web application firewall", () => {
  const policies = (template: Template) =>
    new Map(template.resources("azurerm_web_application_firewall_policy").map(({ arguments: a }) => [a["name"], a]));

  test("looks at everything that applications get, and not at the bodies and tokens of products", () => {
    const { template } = peopleOf();
    const apps = policies(template).get("caravan-prod-people-apps") as Record<string, Block>;
    const ours = policies(template).get("caravan-prod-people-products") as Record<string, Block>;
    expect(apps["policy_settings"]).toMatchObject({ mode: "Prevention" });
    expect(apps["policy_settings"]).not.toHaveProperty("request_body_check");
    expect(ours["policy_settings"]).toMatchObject({ mode: "Prevention", request_body_check: false });
    expect(JSON.stringify(ours["managed_rules"])).toContain('"selector":"X-Vault-Token"');
    expect(JSON.stringify(ours["managed_rules"])).toContain('{"enabled":false,"id":"911100"}');
    const gateway = gatewayOf(template);
    expect(gateway["firewall_policy_id"]).toContain("waf_apps");
    expect(byName(gateway["http_listener"], "vault")?.["firewall_policy_id"]).toContain("waf_products");
    expect(byName(gateway["http_listener"], "apps")?.["firewall_policy_id"]).toBeUndefined();
  });

  test("only writes down what it finds by choice, with a waiver for each policy", () => {
    const { stack } = peopleOf({ waf: "detection" });
    expect(waiversOf(stack).filter(({ rule }) => rule === "azure-waf-prevention")).toHaveLength(2);
  });
});

test("names stand in a zone above the domain too", () => {
  const stack = azureStack("prod-edge");
  const zoneId = idOf("Microsoft.Network/dnsZones/example.com");
  const dns = new AzureDns(stack, "dns", { domain: "caravan.example.com", resourceGroup: "caravan-prod", zoneId });
  new AzurePeopleAddress(stack, "people", {
    ...place,
    dns,
    network: gatewayNetwork,
    insideDomain: "caravan.internal",
    certificate,
  });
  const template = Template.of(stack);
  template.resourceCount("azurerm_dns_zone", 0);
  const names = template
    .resources("azurerm_dns_a_record")
    .map(({ arguments: a }) => [a["name"], a["zone_name"], a["resource_group_name"]]);
  expect(names.map(([name]) => name).sort()).toEqual([
    "*.apps.caravan",
    "consul.caravan",
    "nomad.caravan",
    "vault.caravan",
  ]);
  expect(new Set(names.map(([, ...rest]) => rest.join()))).toEqual(new Set(["example.com,given"]));
});

test("a gateway that somebody else made gets names and nothing else", () => {
  const { people, template } = peopleOf({ certificate: undefined, gateway: given });
  template.resourceCount("azurerm_application_gateway", 0);
  template.resourceCount("azurerm_web_application_firewall_policy", 0);
  template.hasResource("azurerm_dns_a_record", { name: "vault", records: ["10.8.1.10"] });
  expect(people.backendPoolIds.apps).toBe(pool("apps"));
});

describe("the domain's zone", () => {
  const dnsOf = (props: Record<string, unknown>) => {
    const stack = azureStack("prod-edge");
    const dns = new AzureDns(stack, "dns", { domain: "caravan.example.com", resourceGroup: "caravan-prod", ...props });
    return { dns, template: Template.of(stack) };
  };

  test("is made, protected, and delegated by hand", () => {
    const { dns, template } = dnsOf({});
    template.hasResource("azurerm_dns_zone", { name: "caravan.example.com", lifecycle: { prevent_destroy: true } });
    expect(dns.nameServers).toBeDefined();
  });

  test("or delegated from the zone above, in its own resource group", () => {
    const { dns, template } = dnsOf({ parentZoneId: idOf("Microsoft.Network/dnsZones/example.com") });
    template.hasResource("azurerm_dns_ns_record", {
      name: "caravan",
      zone_name: "example.com",
      resource_group_name: "given",
      records: "${tolist(azurerm_dns_zone.dns.name_servers)}",
    });
    expect(dns.nameServers).toBeUndefined();
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ domain: "caravan" }, 'domain: given "caravan"', "two or more labels"],
    [{ zoneId: "example.com" }, 'zoneId: given "example.com"', "the id of a public DNS zone"],
    [{ zoneId: idOf("Microsoft.Network/dnsZones/acme.org") }, "zoneId: given", "the zone of caravan.example.com"],
    [{ parentZoneId: idOf("Microsoft.Network/dnsZones/caravan.example.com") }, "parentZoneId: given", "above caravan"],
    [
      {
        zoneId: idOf("Microsoft.Network/dnsZones/example.com"),
        parentZoneId: idOf("Microsoft.Network/dnsZones/example.com"),
      },
      "parentZoneId: given",
      "nothing beside zoneId",
    ],
  ])("refuses %j", (props, said, allowed) => {
    const message = refusal(() => dnsOf(props));
    expect(message).toContain(said);
    expect(message).toContain(allowed);
  });
});

describe("wrong props", () => {
  test.each<[Partial<Record<keyof AzurePeopleAddressProps, unknown>>, string, string]>([
    [
      { certificate: undefined, identityId: idOf("Microsoft.ManagedIdentity/userAssignedIdentities/x") },
      "certificate.secretId: given nothing",
      "without a version",
    ],
    [{ certificate: { secretId: certificate.secretId } }, "certificate.keyVaultId: given nothing", "one of both"],
    [
      { certificate: { ...certificate, keyVaultId: "acme" } },
      'certificate.keyVaultId: given "acme"',
      "the id of a key vault",
    ],
    [
      { certificate: { ...certificate, privateEndpoint: "no" } },
      'certificate.privateEndpoint: given "no"',
      "true or false",
    ],
    [{ backendCa: "-----BEGIN PRIVATE KEY-----" }, "backendCa: given", "a private key has no business here"],
    [{ idleTimeout: "25h" }, 'idleTimeout: given "25h"', "24h"],
    [{ capacity: { min: 5, max: 3 } }, "capacity.min: given 5", "at most max"],
    [{ capacity: { min: 0, max: 1 } }, "capacity.max: given 1", "2 to 125"],
    [{ waf: "off" }, 'waf: given "off"', '"prevention", "detection"'],
    [{ public: "yes" }, 'public: given "yes"', "true or false"],
    [{ network: { ...gatewayNetwork, gateway: undefined } }, "network.gateway: given nothing", "gatewaySubnet"],
    [{ gateway: given }, "certificate: given", "whose owner decides"],
    [
      { certificate: undefined, gateway: { ...given, address: "edge" } },
      'gateway.address: given "edge"',
      "an IPv4 address",
    ],
    [
      { certificate: undefined, gateway: { ...given, backendPoolIds: { ...given.backendPoolIds, apps: "apps" } } },
      "gateway.backendPoolIds.apps: given",
      "a pool of an Application Gateway",
    ],
  ])("%j", (change, said, allowed) => {
    const message = refusal(() => peopleOf(change as never));
    expect(message).toContain('AzurePeopleAddress at "prod-edge/people": 1 mistake in its props');
    expect(message).toContain(said);
    expect(message).toContain(allowed);
  });
});
