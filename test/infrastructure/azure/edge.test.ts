import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { PropsCheck } from "../../../lib/core/errors";
import { AzureEdge, type AzureEdgeChoice, checkEdge, edgeFirewall } from "../../../lib/infrastructure/azure/edge";
import { AzureFirewall } from "../../../lib/infrastructure/azure/firewall";
import { AzureNetwork } from "../../../lib/infrastructure/azure/network";
import { AzureFlowLog } from "../../../lib/infrastructure/azure/network-flow-log";
import { azureProvider } from "../../../lib/infrastructure/azure/provider";
import { LayerStack, LocalState } from "../../../lib/layer";
import { Template } from "../../../lib/testing";
import { gatewayNetwork } from "./edge-fixture";
import { azureStack, idOf, place, refusal } from "./place";

const logWorkspaceId = idOf("Microsoft.OperationalInsights/workspaces/logs");
const servers = { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } } as const;
const certificate = {
  secretId: "https://acme.vault.azure.net/secrets/caravan",
  keyVaultId: idOf("Microsoft.KeyVault/vaults/acme"),
};
const pool = (name: string) => idOf(`Microsoft.Network/applicationGateways/edge/backendAddressPools/${name}`);
const gateway = {
  backendPoolIds: { vault: pool("vault"), consul: pool("consul"), nomad: pool("nomad"), apps: pool("apps") },
  sourceRange: "10.8.1.0/24",
  address: "10.8.1.10",
};
const groups = { main: { scaleSetId: idOf("Microsoft.Compute/virtualMachineScaleSets/main"), size: 3 } };

/** A whole network and its edge, judged by the whole policy. */
function edgeOf(choice: AzureEdgeChoice = {}) {
  const stack = new LayerStack(new App(), "prod-edge", { environment: { name: "prod", state: new LocalState() } });
  azureProvider(stack, place);
  const network = new AzureNetwork(stack, "network", place);
  AzureFlowLog.ofChoice(stack, "flow-log", {}, { ...place, virtualNetworkId: network.virtualNetworkId });
  new AzureFirewall(stack, "firewall", { ...place, network, servers, ...edgeFirewall(choice, network) });
  const { clients: _, tunnelRanges: __, ...rest } = choice;
  const edge = new AzureEdge(stack, "edge", {
    ...place,
    ...rest,
    network,
    insideDomain: "caravan.internal",
    servers,
    logWorkspaceId,
  });
  edge.watch(groups, { bucketAccount: "caravanprodclu" });
  return { edge, template: Template.of(stack) };
}

test("without a domain there are the machine address and alarms", () => {
  const { edge, template } = edgeOf();
  template.resourceCount("azurerm_application_gateway", 0);
  template.resourceCount("azurerm_dns_zone", 0);
  template.resourceCount("azurerm_lb", 1);
  template.resourceCount("azurerm_monitor_metric_alert", 4);
  expect(edge.workerPools).toEqual({ backendPoolIds: [], gatewayPoolIds: [] });
  expect(Object.keys(edge.serverPools)).toEqual(["vault", "main"]);
});

test("with one people have an address in front of what each group runs, and Vault's leader is watched", () => {
  const { edge, template } = edgeOf({ domain: "caravan.example.com", people: { certificate } });
  template.resourceCount("azurerm_application_gateway", 1);
  template.resourceCount("azurerm_monitor_metric_alert", 5);
  const names = (ids: readonly string[] | undefined) => ids?.map((each) => each.replace(/.*backendAddressPools\//, ""));
  expect(names(edge.serverPools["vault"]?.gatewayPoolIds)).toEqual(["vault"]);
  expect(names(edge.serverPools["main"]?.gatewayPoolIds)).toEqual(["consul", "nomad"]);
  expect(names(edge.workerPools.gatewayPoolIds)).toEqual(["apps"]);
  expect(edge.serverPools["main"]?.backendPoolIds).toHaveLength(1);
  expect(edge.dns?.nameServers).toBeDefined();
});

test("a given gateway is joined", () => {
  const { edge, template } = edgeOf({ domain: "caravan.example.com", people: { gateway } });
  template.resourceCount("azurerm_application_gateway", 0);
  expect(edge.serverPools["main"]?.gatewayPoolIds).toEqual([pool("consul"), pool("nomad")]);
  template.resourceCount("azurerm_monitor_metric_alert", 4);
});

test("others may watch", () => {
  const { template } = edgeOf({ alarms: false });
  template.resourceCount("azurerm_monitor_metric_alert", 0);
  template.resourceCount("azurerm_monitor_action_group", 0);
});

test("what the firewall must know of it", () => {
  const { cidr } = gatewayNetwork;
  expect(edgeFirewall({}, gatewayNetwork)).toEqual({});
  expect(edgeFirewall({ domain: "x.example.com", people: { certificate } }, gatewayNetwork)).toEqual({
    peopleRanges: [cidr],
  });
  expect(
    edgeFirewall(
      { domain: "x.example.com", people: { certificate, public: true, allowedRanges: ["203.0.113.0/24"] } },
      gatewayNetwork,
    ),
  ).toEqual({ peopleRanges: ["203.0.113.0/24"], peoplePublic: true });
  expect(edgeFirewall({ domain: "x.example.com", people: { gateway } }, gatewayNetwork)).toEqual({
    peopleSourceRange: "10.8.1.0/24",
  });
});

describe("wrong props", () => {
  const refused = (choice: Record<string, unknown>, bastion = false) =>
    refusal(() => {
      const check = new PropsCheck("AzureInfrastructureStack", azureStack("prod"), "edge");
      checkEdge(check, choice, { bastion });
      check.done();
    });

  test.each<[Record<string, unknown>, string, string]>([
    [{ domain: "caravan" }, 'domain: given "caravan"', "two or more labels"],
    [{ domain: "caravan.example.com" }, "people.certificate.secretId: given nothing", "without a version"],
    [{ people: { certificate } }, "domain: given nothing", "remove people"],
    [{ dns: {} }, "domain: given nothing", "remove dns"],
    [
      { domain: "caravan.example.com", people: { certificate, public: true } },
      "people.allowedRanges: given nothing",
      "1 to 50 networks",
    ],
    [
      {
        domain: "caravan.example.com",
        people: { certificate },
        dns: { zoneId: idOf("Microsoft.Network/dnsZones/a.org") },
      },
      "dns.zoneId: given",
      "the zone of caravan.example.com",
    ],
    [{ insideZoneId: "caravan.internal" }, "insideZoneId: given", "the id of a private DNS zone"],
    [{ clients: ["me"] }, 'clients[0]: given "me"', "privateRunner"],
    [{ tunnelRanges: ["0.0.0.0/0"] }, "tunnelRanges[0]: given", "never everybody"],
    [{ alarms: { snapshotAge: "7h" } }, 'alarms.snapshotAge: given "7h"', '"6h"'],
  ])("%j", (choice, given, said) => {
    const message = refused(choice);
    expect(message).toContain(given);
    expect(message).toContain(said);
  });

  test("Bastion asks from where tunnels come", () => {
    expect(refused({}, true)).toContain("tunnelRanges: given nothing");
  });
});
