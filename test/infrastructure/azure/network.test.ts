import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AzureNetwork } from "../../../lib/infrastructure/azure/network";
import { blockOf, fixedAddress } from "../../../lib/infrastructure/azure/network-plan";
import type { AzureExistingNetworkProps, AzureOwnNetworkProps } from "../../../lib/infrastructure/azure/network-props";
import { Cidr } from "../../../lib/infrastructure/cidr";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { networkOf } from "./network-stack";
import { azureStack, idOf, place, refusal } from "./place";

const network = idOf("Microsoft.Network/virtualNetworks/shared");
const routeTableId = idOf("Microsoft.Network/routeTables/hub");

const existing: AzureExistingNetworkProps = {
  virtualNetworkId: network,
  cidr: "10.8.0.0/16",
  nodes: { id: `${network}/subnets/nodes`, cidr: "10.8.0.0/18" },
  endpoints: { id: `${network}/subnets/endpoints`, cidr: "10.8.64.0/24" },
  machine: { id: `${network}/subnets/machine`, cidr: "10.8.65.0/28" },
};

describe("the plan of addresses", () => {
  test("of the default block", () => {
    const { template } = networkOf({ bastion: true }, { tunnelRanges: ["203.0.113.0/24"] });
    const blocks = template.resources("azurerm_subnet").map(({ arguments: { name, address_prefixes } }) => ({
      [String(name)]: address_prefixes,
    }));
    expect(Object.assign({}, ...blocks)).toEqual({
      nodes: ["10.64.0.0/17"],
      gateway: ["10.64.128.0/20"],
      endpoints: ["10.64.144.0/20"],
      machine: ["10.64.160.0/20"],
      AzureBastionSubnet: ["10.64.176.0/20"],
    });
  });

  test("subnets of any network are apart, and as large as Azure asks", () => {
    const names = ["nodes", "gateway", "endpoints", "machine", "bastion"] as const;
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 22 }), fc.nat(255), (prefix, part) => {
        const block = Cidr.parse("10.0.0.0/8").part(prefix, part % 2 ** (prefix - 8));
        const blocks = names.map((name) => blockOf(block, name));
        blocks.forEach((each, index) => {
          expect(block.contains(each)).toBe(true);
          // https://learn.microsoft.com/en-us/azure/bastion/configuration-settings#subnet
          expect(each.prefix).toBeLessThanOrEqual(26);
          for (const other of blocks.slice(0, index)) expect(each.overlaps(other)).toBe(false);
        });
      }),
    );
  });

  test("a fixed address is none of those that Azure keeps", () => {
    expect(fixedAddress({ id: "", cidr: "10.8.65.0/28" })).toBe("10.8.65.4");
    expect(fixedAddress({ id: "", cidr: "10.8.65.0/28" }, 2)).toBe("10.8.65.6");
  });

  test("what is optional re-cuts nothing", () => {
    const before = networkOf({ gatewaySubnet: false }).template;
    const after = networkOf({ bastion: true }, { tunnelRanges: ["203.0.113.0/24"] }).template;
    for (const address of before.addresses) expect(after.resource(address)).toEqual(before.resource(address));
  });
});

describe("the way out", () => {
  test("is a NAT gateway's for nodes only, and no subnet has Azure's own", () => {
    const { stack, template } = networkOf();
    for (const { arguments: subnet } of template.resources("azurerm_subnet")) {
      expect(subnet["default_outbound_access_enabled"]).toBe(false);
    }
    const ways = template.resources("azurerm_subnet_nat_gateway_association");
    expect(ways.map(({ arguments: { subnet_id } }) => String(subnet_id))).toEqual([
      expect.stringMatching(/azurerm_subnet\.network_nodes_\w+\.id/),
    ]);
    template.resourceCount("azurerm_public_ip", 1);
    template.hasResource("azurerm_public_ip", { sku: "Standard", allocation_method: "Static", zones: ["1", "2", "3"] });
    expect(waiversOf(stack).filter(({ rule }) => rule === "azure-egress-anywhere")).toHaveLength(1);
  });

  test("stands in a zone if one is named", () => {
    const { template } = networkOf({ natZone: "2" });
    template.hasResource("azurerm_nat_gateway", { zones: ["2"] });
    template.hasResource("azurerm_public_ip", { zones: ["2"] });
  });

  test('with egress "private" is a route table of somebody else\'s', () => {
    const { stack, template } = networkOf({ egress: "private", routeTableId });
    template.resourceCount("azurerm_nat_gateway", 0);
    template.resourceCount("azurerm_public_ip", 0);
    template.hasResource("azurerm_subnet_route_table_association", { route_table_id: routeTableId });
    expect(waiversOf(stack).filter(({ rule }) => /egress/.test(rule))).toEqual([]);
  });
});

test("each subnet has a security group", () => {
  const { template } = networkOf({ bastion: true }, { tunnelRanges: ["203.0.113.0/24"] });
  template.resourceCount("azurerm_subnet", 5);
  template.resourceCount("azurerm_subnet_network_security_group_association", 5);
});

test("security groups see who comes to private endpoints, and none stands between the machine address and its servers", () => {
  const { template } = networkOf();
  template.hasResource("azurerm_subnet", { name: "endpoints", private_endpoint_network_policies: "Enabled" });
  template.hasResource("azurerm_subnet", {
    name: "machine",
    private_endpoint_network_policies: "Enabled",
    private_link_service_network_policies_enabled: false,
  });
});

test("Bastion has tunnels and nothing that carries data otherwise", () => {
  const { template } = networkOf({ bastion: true }, { tunnelRanges: ["203.0.113.0/24"] });
  template.hasResource("azurerm_bastion_host", {
    sku: "Standard",
    tunneling_enabled: true,
    copy_paste_enabled: false,
    file_copy_enabled: false,
    shareable_link_enabled: false,
    zones: ["1", "2", "3"],
  });
});

test("the log of flows is kept a year, by the region's own watcher, where only Azure reaches it", () => {
  const { template } = networkOf();
  template.hasResource("azurerm_network_watcher_flow_log", {
    network_watcher_name: "NetworkWatcher_westeurope",
    resource_group_name: "NetworkWatcherRG",
    target_resource_id: "${azurerm_virtual_network.network.id}",
    retention_policy: { enabled: true, days: 365 },
    enabled: true,
  });
  template.hasResource("azurerm_storage_account", {
    network_rules: { default_action: "Deny", bypass: ["AzureServices"] },
    allow_nested_items_to_be_public: false,
    account_replication_type: "ZRS",
  });
});

test("a network's loss is refused, until the stack is torn down", () => {
  const protectedIn = (deletionProtection: boolean) => {
    const stack = azureStack("prod-network", deletionProtection);
    new AzureNetwork(stack, "network", place);
    return Template.of(stack)
      .resources("azurerm_virtual_network")
      .map(({ arguments: { lifecycle } }) => lifecycle);
  };
  expect(protectedIn(true)).toEqual([{ prevent_destroy: true }]);
  expect(protectedIn(false)).toEqual([{ prevent_destroy: false }]);
});

test("a network that exists is not changed", () => {
  const stack = azureStack();
  const found = AzureNetwork.fromChoice(stack, "network", existing, place);
  expect(found).toMatchObject({ ...existing, egress: "nat", zones: ["1", "2", "3"], isOwn: false });
  expect(Template.of(stack).addresses).toEqual([]);
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ cidr: "10.64.0.0/24" }, 'cidr: given "10.64.0.0/24"', "/22"],
    [{ cidr: "8.8.0.0/16" }, 'cidr: given "8.8.0.0/16"', "10.0.0.0/8"],
    [{ zones: ["1", "1"] }, 'zones: given ["1","1"]', "zones that differ"],
    [{ zones: ["1", 2] }, "zones[1]: given 2", '"1", "2", "3"'],
    [{ zones: ["4"] }, 'zones[0]: given "4"', '"1", "2", "3"'],
    [{ egress: "none" }, 'egress: given "none"', '"nat", "private"'],
    [{ egress: "private" }, "routeTableId: given nothing", "a firewall which lets nodes reach them"],
    [{ egress: "private", routeTableId, natZone: "1" }, 'natZone: given "1"', 'use egress "nat"'],
    [{ routeTableId: "hub" }, 'routeTableId: given "hub"', "the id of a route table"],
    [{ flowLogRetentionDays: 400 }, "flowLogRetentionDays: given 400", "365"],
    [{ networkWatcher: { name: "", resourceGroup: "x" } }, "networkWatcher.name: given", "a network watcher"],
    [{ region: "West Europe" }, 'region: given "West Europe"', "az account list-locations"],
    [{ subscriptionId: "prod" }, 'subscriptionId: given "prod"', "a UUID"],
    [{ otherNetworks: ["10.64.0.0/12"] }, 'cidr: given "10.64.0.0/16"', "does not overlap"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => new AzureNetwork(azureStack(), "network", { ...place, ...(change as object) }));
    expect(message).toContain('AzureNetwork at "prod-network/network": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });

  test.each<[Partial<Record<keyof AzureExistingNetworkProps | keyof AzureOwnNetworkProps, unknown>>, string, string]>([
    [{ virtualNetworkId: "shared" }, 'virtualNetworkId: given "shared"', "the id of a virtual network"],
    [{ cidr: undefined }, "cidr: given nothing", "copy it from the page"],
    [{ machine: undefined }, "machine.id: given nothing", "the id of a subnet"],
    [{ machine: existing.nodes }, "machine.id: given", "another subnet than nodes"],
    [{ endpoints: { ...existing.endpoints, cidr: "10.9.0.0/24" } }, "endpoints.cidr: given", "inside the network's"],
    [{ natZone: "1" }, 'natZone: given "1"', "a network that exists is not changed"],
    [{ flowLogRetentionDays: 30 }, "flowLogRetentionDays: given 30", "remove virtualNetworkId"],
  ])("of a network that exists: %j", (change, given, said) => {
    const message = refusal(() =>
      AzureNetwork.fromAttributes(azureStack(), "network", { ...existing, ...change } as AzureExistingNetworkProps),
    );
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
