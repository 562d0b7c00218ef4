import { Fn } from "cdktf";
import { AzureInfrastructureStack, type AzureInfrastructureStackProps } from "cdktf-caravan/azure";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { testApp } from "../../support/synth";
import { expectMistake, type WrongProps } from "../wrong-props";

const environment = { name: "prod", state: new LocalState() };
const images = {
  x86_64: "Canonical:ubuntu-24_04-lts:server:24.04.202511060",
  arm64: "Canonical:ubuntu-24_04-lts:server-arm64:24.04.202511060",
};
const subscriptionId = "11111111-2222-3333-4444-555555555555";
const tenantId = "99999999-8888-7777-6666-555555555555";
const place = { environment, region: "westeurope", subscriptionId, tenantId, images };
const idIn = (path: string) => `/subscriptions/${subscriptionId}/resourceGroups/shared/providers/${path}`;
const identity = {
  identityId: idIn("Microsoft.ManagedIdentity/userAssignedIdentities/nodes"),
  clientId: "aaaaaaaa-2222-3333-4444-555555555555",
  principalId: "bbbbbbbb-2222-3333-4444-555555555555",
};
const subnet = (name: string, cidr: string) => ({
  id: idIn(`Microsoft.Network/virtualNetworks/hub/subnets/${name}`),
  cidr,
});
const existing = {
  virtualNetworkId: idIn("Microsoft.Network/virtualNetworks/hub"),
  cidr: "10.0.0.0/16",
  nodes: subnet("nodes", "10.0.0.0/20"),
  endpoints: subnet("endpoints", "10.0.16.0/24"),
  machine: subnet("machine", "10.0.17.0/24"),
};

function stackOf(props: Partial<AzureInfrastructureStackProps> = {}): {
  stack: AzureInfrastructureStack;
  template: Template;
} {
  const stack = new AzureInfrastructureStack(testApp(), "prod-infrastructure", { ...place, ...props });
  return { stack, template: Template.of(stack) };
}

const madeOf = (template: Template) => Object.keys(template.json["resource"] as object);

test("the contract says what was made, under names that stay", () => {
  const { stack, template } = stackOf({ workers: { general: {}, storage: { nodePool: "platform", system: true } } });
  expect(stack.contract.static).toMatchObject({
    cloud: "azure",
    environment: "prod",
    region: "westeurope",
    account: subscriptionId,
    serverGroups: { main: ["vault", "consul", "nomad"] },
    workerGroups: {
      general: { nodePool: "general", system: false, csi: false, min: 2, max: 2 },
      storage: { nodePool: "platform", system: true, csi: false, min: 2, max: 2 },
    },
    machine: { vault: "vault.prod.caravan.internal" },
    access: { cloud: { name: "azure", region: "westeurope", tenantId, subscriptionId, resourceGroup: "caravan-prod" } },
  });
  expect(Object.keys(template.json["output"] as object).sort()).toMatchInlineSnapshot(`
    [
      "infrastructure_alarm_target_ids",
      "infrastructure_bootstrap_secret_id",
      "infrastructure_ci_identities",
      "infrastructure_client_firewall_ids",
      "infrastructure_contract",
      "infrastructure_data_key_id",
      "infrastructure_inside_zone_id",
      "infrastructure_keyring_key_id",
      "infrastructure_network_id",
      "infrastructure_private_subnet_ids",
      "infrastructure_public_ca_secret_id",
      "infrastructure_public_subnet_ids",
      "infrastructure_public_zone_id",
      "infrastructure_recovery_keys_secret_id",
      "infrastructure_seal_key_id",
      "infrastructure_server_identities",
      "infrastructure_server_machine_groups",
      "infrastructure_volume_ids",
      "infrastructure_worker_firewall_ids",
      "infrastructure_worker_identities",
      "infrastructure_worker_machine_groups",
    ]
  `);
});

test("a given network, identities and zone are used and nothing is made in their place", () => {
  const { template } = stackOf({
    network: existing,
    servers: { main: { runs: ["vault", "consul", "nomad"], identity } },
    plannerIdentity: identity,
    deployerIdentity: identity,
    insideZoneId: idIn("Microsoft.Network/privateDnsZones/prod.caravan.internal"),
  });
  expect(madeOf(template).filter((type) => /_(virtual_network|subnet|nat_gateway)$/.test(type))).toEqual([]);
  const outputs = template.output("infrastructure_server_identities");
  expect(JSON.stringify(outputs)).toContain(identity.principalId);
  expect(template.output("infrastructure_inside_zone_id")).toMatchObject({
    value: idIn("Microsoft.Network/privateDnsZones/prod.caravan.internal"),
  });
});

test("protection stands until it is turned off", () => {
  const protectedTypes = (props: Partial<AzureInfrastructureStackProps>) =>
    Object.entries(stackOf(props).template.json["resource"] as Record<string, Record<string, object>>)
      .filter(([, named]) => JSON.stringify(named).includes('"prevent_destroy":true'))
      .map(([type]) => type);
  expect(protectedTypes({})).toContain("azurerm_key_vault");
  expect(protectedTypes({ deletionProtection: false })).toEqual([]);
});

test("a transform reaches the inner resources", () => {
  const { template } = stackOf({
    network: { transform: { virtualNetwork: (props) => ({ ...props, flowTimeoutInMinutes: 17 }) } },
    transform: { provider: (props) => ({ ...props, partnerId: identity.clientId }) },
  });
  expect(template.json["provider"]).toMatchObject({ azurerm: [{ partner_id: identity.clientId }] });
  expect(JSON.stringify((template.json["resource"] as Record<string, object>)["azurerm_virtual_network"])).toContain(
    '"flow_timeout_in_minutes":17',
  );
});

test("what is known only after apply passes", () => {
  const later = Fn.lookup({}, "later", "") as string;
  const known = { identityId: later, clientId: later, principalId: later };
  expect(() =>
    stackOf({ plannerIdentity: known, deployerIdentity: known, images: { x86_64: later }, insideZoneId: later }),
  ).not.toThrow();
});

const all = { runs: ["vault", "consul", "nomad"] } as const;

describe("wrong props", () => {
  const wrong: WrongProps[] = [
    ["a region as people write it", { region: "West Europe" }, "region", '"West Europe"', "az account list-locations"],
    [
      "a region of another of Azure's clouds",
      { region: "usgovvirginia" },
      "region",
      '"usgovvirginia"',
      "az account list-locations",
    ],
    ["no region", { region: undefined }, "region", "nothing", "az account list-locations"],
    ["a subscription's name", { subscriptionId: "production" }, "subscriptionId", '"production"', ""],
    ["a tenant's domain", { tenantId: "acme.onmicrosoft.com" }, "tenantId", '"acme.onmicrosoft.com"', ""],
    ["no tenant", { tenantId: undefined }, "tenantId", "nothing", ""],
    ["a resource group that ends with a dot", { resourceGroup: "caravan." }, "resourceGroup", '"caravan."', ""],
    ["a private range of clients", { clientRanges: ["10.0.0.0/8"] }, "clientRanges[0]", '"10.0.0.0/8"', "198.51.100.7"],
    [
      "an environment in capitals",
      { environment: { ...environment, name: "PROD" } },
      "environment.name",
      '"PROD"',
      "prod",
    ],
    [
      "an unknown product",
      { servers: { main: { runs: ["vault", "consul", "nomd"] } } },
      "servers.main.runs[2]",
      '"nomd"',
      "use one of them",
    ],
    ["two servers", { servers: { main: { ...all, count: 2 } } }, "servers.main.count", "2", "use one of them"],
    [
      "min above max",
      { workers: { general: { min: 5, max: 3 } } },
      "workers.general.min",
      "5",
      "raise max or lower min",
    ],
    [
      "workers and servers under one name",
      { workers: { main: {} } },
      'workers["main"]',
      '"main"',
      "rename the worker group",
    ],
    [
      "an identity's name for its id",
      { workers: { general: { identity: { ...identity, identityId: "nodes" } } } },
      "workers.general.identity.identityId",
      '"nodes"',
      "Resource ID",
    ],
    [
      "a planner without its principal",
      { plannerIdentity: { ...identity, principalId: "planner" } },
      "plannerIdentity.principalId",
      '"planner"',
      "",
    ],
    [
      "a security group's name",
      { workers: { general: { applicationSecurityGroupIds: ["web"] } } },
      "workers.general.applicationSecurityGroupIds[0]",
      '"web"',
      "Resource ID",
    ],
    [
      "a registry's address for its id",
      { workers: { general: { registryIds: ["acme.azurecr.io"] } } },
      "workers.general.registryIds[0]",
      '"acme.azurecr.io"',
      "Resource ID",
    ],
    ["a network that is too large", { network: { cidr: "10.0.0.0/8" } }, "network.cidr", '"10.0.0.0/8"', "use"],
    [
      "a network off its boundary",
      { network: { cidr: "10.0.1.0/16" } },
      "network.cidr",
      '"10.0.1.0/16"',
      "10.0.0.0/16",
    ],
    ["an unknown way out", { network: { egress: "public" } }, "network.egress", '"public"', "use one of them"],
    [
      "a zone of NAT without NAT",
      { network: { egress: "private", natZone: "1" } },
      "network.natZone",
      '"1"',
      'use egress "nat"',
    ],
    [
      "a network's name for its id",
      { network: { ...existing, virtualNetworkId: "hub" } },
      "network.virtualNetworkId",
      '"hub"',
      "Resource ID",
    ],
    [
      "a subnet's name for its id",
      { network: { ...existing, nodes: { id: "nodes", cidr: "10.0.0.0/20" } } },
      "network.nodes.id",
      '"nodes"',
      "az network vnet subnet show",
    ],
    [
      "what is made beside a network that exists",
      { network: { ...existing, gatewaySubnet: true } },
      "network.gatewaySubnet",
      "true",
      "",
    ],
    [
      "another cloud's instance type",
      { servers: { main: { ...all, instanceType: "m7i.large" } } },
      "servers.main.instanceType",
      '"m7i.large"',
      "",
    ],
    [
      "two sizes in a group",
      { workers: { general: { instanceType: ["Standard_D2s_v5", "Standard_D4s_v5"] } } },
      "workers.general.instanceType",
      '["Standard_D2s_v5","Standard_D4s_v5"]',
      "make a group for each other",
    ],
    [
      "the newest image",
      { workers: { general: { imageId: "Canonical:ubuntu-24_04-lts:server:latest" } } },
      "workers.general.imageId",
      '"Canonical:ubuntu-24_04-lts:server:latest"',
      "az vm image list",
    ],
    [
      "no image for a processor",
      { images: { x86_64: images.x86_64 }, workers: { general: { instanceType: "Standard_D4ps_v5" } } },
      "images.arm64",
      "nothing",
      "name its version",
    ],
    [
      "an isolated network and programs from the internet",
      { network: { egress: "private" } },
      "software",
      "nothing",
      'from: "baked"',
    ],
    [
      "an isolated network and images from the internet",
      { network: { egress: "private" }, software: { from: "baked" }, workers: { general: {} } },
      "software.registry",
      "nothing",
      "registry.example.com",
    ],
    [
      "an isolated network and no way to the proxy",
      { network: { egress: "private" }, proxy: { url: "http://10.9.0.10:8080" } },
      "outside",
      "nothing",
      "port: 8080",
    ],
    ["people without a domain", { people: {} }, "domain", "nothing", "give the domain, or remove people"],
    [
      "people without a certificate",
      { domain: "caravan.example.com", people: {} },
      "people.certificate.secretId",
      "nothing",
      "",
    ],
    ["protection as a text", { deletionProtection: "false" }, "deletionProtection", '"false"', "without quotes"],
  ];

  test.each(wrong)("%s: property, value, rule and fix", (...mistake) => {
    const make = () =>
      new AzureInfrastructureStack(testApp(), "prod-infrastructure", { ...place, ...mistake[1] } as never);
    expectMistake(make, 'AzureInfrastructureStack at "prod-infrastructure"', mistake);
  });

  test("of every kind are told together", () => {
    const props = { region: "West Europe", tenantId: "1", servers: { main: { runs: [] } } };
    expect(() => stackOf(props as never)).toThrow(/at "prod-infrastructure": 5 mistakes in its props/);
  });
});
