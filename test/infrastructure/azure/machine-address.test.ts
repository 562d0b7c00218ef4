import { describe, expect, test } from "vitest";
import { AzureMachineAddress, type AzureMachineAddressProps } from "../../../lib/infrastructure/azure/machine-address";
import { Template } from "../../../lib/testing";
import { gatewayNetwork } from "./edge-fixture";
import { azureStack, idOf, place, refusal } from "./place";

function machineOf(change: Partial<AzureMachineAddressProps> = {}) {
  const stack = azureStack("prod-edge");
  const machine = new AzureMachineAddress(stack, "machine", {
    ...place,
    network: gatewayNetwork,
    insideDomain: "caravan.internal",
    servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
    ...change,
  });
  return { machine, template: Template.of(stack) };
}

test("each product is passed through to the group that runs it, asked over TLS how it is", () => {
  const { template } = machineOf();
  const only = (type: string, name: string) => template.hasResource(type, { name })[0]?.arguments;
  for (const [product, port, path, group] of [
    ["vault", 8200, "/v1/sys/health?standbyok=true", "vault"],
    ["consul", 8501, "/v1/catalog/services", "main"],
    ["nomad", 4646, "/v1/agent/health?type=server", "main"],
  ] as const) {
    expect(only("azurerm_lb_probe", product)).toMatchObject({
      protocol: "Https",
      port,
      request_path: path,
      interval_in_seconds: 5,
      probe_threshold: 2,
    });
    expect(only("azurerm_lb_rule", product)).toMatchObject({
      protocol: "Tcp",
      frontend_port: port,
      backend_port: port,
      floating_ip_enabled: false,
      tcp_reset_enabled: true,
      backend_address_pool_ids: [expect.stringContaining(`pool-${group}`)],
      probe_id: expect.stringContaining(`${product}-probe`),
    });
  }
  template.resourceCount("azurerm_lb_outbound_rule", 0);
});

test("the balancer has a fixed private address in all zones, and nothing public", () => {
  const { template } = machineOf();
  const [balancer] = template.hasResource("azurerm_lb", { sku: "Standard" });
  expect(balancer?.arguments["frontend_ip_configuration"]).toEqual([
    {
      name: "machine",
      subnet_id: gatewayNetwork.machine.id,
      private_ip_address_allocation: "Static",
      private_ip_address: "10.64.160.4",
      zones: ["1", "2", "3"],
    },
  ]);
  template.resourceCount("azurerm_public_ip", 0);
});

test("callers come through an endpoint that changes their address, so that a server reaches itself", () => {
  const { template } = machineOf();
  template.hasResource("azurerm_private_link_service", {
    load_balancer_frontend_ip_configuration_ids: ["${azurerm_lb.machine.frontend_ip_configuration[0].id}"],
    nat_ip_configuration: [
      {
        name: "machine",
        primary: true,
        subnet_id: gatewayNetwork.machine.id,
        private_ip_address: "10.64.160.5",
        private_ip_address_version: "IPv4",
      },
    ],
    visibility_subscription_ids: [place.subscriptionId],
    auto_approval_subscription_ids: [place.subscriptionId],
  });
  for (const product of ["vault", "consul", "nomad"]) {
    template.hasResource("azurerm_private_dns_a_record", {
      name: product,
      records: [
        "${azurerm_private_endpoint.machine_endpoint_3FCE650D.private_service_connection[0].private_ip_address}",
      ],
    });
  }
});

describe("the names", () => {
  test("stand in a private zone that the network sees", () => {
    const { machine, template } = machineOf();
    template.hasResource("azurerm_private_dns_zone", {
      name: "prod.caravan.internal",
      lifecycle: { prevent_destroy: true },
    });
    template.hasResource("azurerm_private_dns_zone_virtual_network_link", {
      virtual_network_id: gatewayNetwork.virtualNetworkId,
      registration_enabled: false,
    });
    expect(machine.hosts.vault).toBe("vault.prod.caravan.internal");
  });

  test("or in one that exists, in its own resource group, also above them", () => {
    const { template } = machineOf({ zoneId: idOf("Microsoft.Network/privateDnsZones/caravan.internal") });
    template.resourceCount("azurerm_private_dns_zone", 0);
    template.resourceCount("azurerm_private_dns_zone_virtual_network_link", 0);
    template.hasResource("azurerm_private_dns_a_record", {
      name: "vault.prod",
      zone_name: "caravan.internal",
      resource_group_name: "given",
    });
  });
});

describe("wrong props", () => {
  test.each<[Partial<Record<keyof AzureMachineAddressProps, unknown>>, string, string]>([
    [{ insideDomain: "internal" }, 'insideDomain: given "internal"', "two or more labels"],
    [{ zoneId: "caravan.internal" }, 'zoneId: given "caravan.internal"', "the id of a private DNS zone"],
    [{ zoneId: idOf("Microsoft.Network/privateDnsZones/acme.internal") }, "zoneId: given", "prod.caravan.internal"],
    [{ servers: { main: { runs: ["vault", "consul"] } } }, "servers: given", "one group that runs nomad"],
    [
      { servers: { a: { runs: ["vault"] }, b: { runs: ["vault", "consul", "nomad"] } } },
      "servers: given",
      "one group that runs vault",
    ],
    [{ environment: "Prod" }, 'environment: given "Prod"', "lower-case letters"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => machineOf(change as never));
    expect(message).toContain('AzureMachineAddress at "prod-edge/machine": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
