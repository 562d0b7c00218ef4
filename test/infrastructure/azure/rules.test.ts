import { describe, expect, it } from "vitest";
import * as rules from "../../../lib/infrastructure/azure/rules";
import { idOf } from "./place";

const network = idOf("Microsoft.Network/virtualNetworks/shared");

const cases = {
  region: {
    rule: rules.region,
    right: ["westeurope", "eastus2", "germanywestcentral", "brazilsouth"],
    wrong: ["West Europe", "west-europe", "usgovvirginia", "usdodeast", "chinanorth3", "eastus22", ""],
  },
  virtualNetworkId: {
    rule: rules.virtualNetworkId,
    right: [network, network.replace("/given/", "/a.b_(c)/")],
    wrong: ["shared", `${network}/subnets/nodes`, network.replace("resourceGroups", "resourcegroups"), `${network}/`],
  },
  subnetId: {
    rule: rules.subnetId,
    right: [`${network}/subnets/nodes`],
    wrong: [network, "nodes", `${network}/subnets/`],
  },
  secretAddress: {
    rule: rules.secretAddress,
    right: ["https://acme.vault.azure.net/secrets/caravan", "https://acme.vault.azure.net/secrets/caravan/"],
    wrong: [
      "https://acme.vault.azure.net/secrets/caravan/0123456789abcdef0123456789abcdef",
      "https://acme.vault.azure.net/certificates/caravan",
      "http://acme.vault.azure.net/secrets/caravan",
      "caravan",
    ],
  },
};

describe.each(Object.entries(cases))("%s", (_, { rule, right, wrong }) => {
  it.each(right)("takes %j", (value) => expect(rule.accepts(value)).toBe(true));
  it.each(wrong)("refuses %j", (value) => expect(rule.accepts(value)).toBe(false));
});

it.each([
  [rules.applicationSecurityGroupId, "Microsoft.Network/applicationSecurityGroups/x"],
  [rules.storageAccountId, "Microsoft.Storage/storageAccounts/x"],
  [rules.identityId, "Microsoft.ManagedIdentity/userAssignedIdentities/x"],
  [rules.keyVaultId, "Microsoft.KeyVault/vaults/x"],
  [rules.wafPolicyId, "Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies/x"],
  [rules.publicZoneId, "Microsoft.Network/dnsZones/caravan.example.com"],
  [rules.privateZoneId, "Microsoft.Network/privateDnsZones/prod.caravan.internal"],
  [rules.actionGroupId, "Microsoft.Insights/actionGroups/x"],
])("an id is of its type and of no other: %#", (rule, path) => {
  expect(rule.accepts(idOf(path))).toBe(true);
  expect(rule.accepts(network)).toBe(false);
  expect(rule.fix).toContain("a name is not it");
});
