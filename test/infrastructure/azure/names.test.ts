import fc from "fast-check";
import { expect, test } from "vitest";
import * as names from "../../../lib/infrastructure/azure/names";
import { resourceGroupId, resourceId } from "../../../lib/infrastructure/azure/place";
import { Template } from "../../../lib/testing";
import { azureStack, place } from "./place";

test("names as they stand in a subscription", () => {
  expect(names.resourceGroupName("prod")).toBe("caravan-prod");
  expect(names.virtualNetworkName("prod")).toBe("caravan-prod");
  expect(names.networkResourceName("prod", "machine")).toBe("caravan-prod-machine");
  expect(names.identityName("prod", "server", "main")).toBe("caravan-prod-server-main");
  expect(names.alertName("prod", "vault", "sealed")).toBe("caravan-prod-vault-sealed");
  expect(names.storageAccountName(place, "cluster")).toMatch(/^caravanprodclu[0-9a-f]{10}$/);
  expect(names.keyVaultName(place, "seal")).toMatch(/^prod-seal-[0-9a-f]{10}$/);
  expect(resourceId(place, "Microsoft.Network/loadBalancers", "x")).toBe(
    `${resourceGroupId(place)}/providers/Microsoft.Network/loadBalancers/x`,
  );
});

test("what the world shares differs by subscription, resource group and region", () => {
  const others = [
    place,
    { ...place, subscriptionId: "11111111-2222-3333-4444-666666666666" },
    { ...place, resourceGroup: "other" },
    { ...place, region: "northeurope" },
  ];
  expect(new Set(others.map((each) => names.storageAccountName(each, "log"))).size).toBe(4);
  expect(new Set(others.map((each) => names.keyVaultName(each, "seal"))).size).toBe(4);
});

const environments = fc.stringMatching(/^[a-z]([a-z0-9]|-[a-z0-9]){0,7}$/);

test("no two environments share a name", () => {
  fc.assert(
    fc.property(environments, environments, (a, b) => {
      fc.pre(a !== b);
      for (const name of [names.resourceGroupName, names.virtualNetworkName]) expect(name(a)).not.toBe(name(b));
      const made = (environment: string) => names.storageAccountName({ ...place, environment }, "cluster");
      expect(made(a)).not.toBe(made(b));
      expect(names.keyVaultName({ ...place, environment: a }, "x")).not.toBe(
        names.keyVaultName({ ...place, environment: b }, "x"),
      );
    }),
  );
});

test("the provider names the subscription, and nobody who acts", () => {
  const [provider = {}] = Template.of(azureStack()).providers("azurerm");
  expect(provider).toMatchObject({
    subscription_id: place.subscriptionId,
    tenant_id: place.tenantId,
    resource_provider_registrations: "none",
    storage_use_azuread: true,
  });
  expect(Object.keys(provider).sort()).toEqual([
    "features",
    "resource_provider_registrations",
    "storage_use_azuread",
    "subscription_id",
    "tenant_id",
  ]);
  expect(JSON.stringify(provider)).toContain(
    '"virtual_machine_scale_set":[{"reimage_on_manual_upgrade":false,"roll_instances_when_required":false}]',
  );
});
