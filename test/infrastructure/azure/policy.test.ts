import { App } from "cdktf";
import { expect, test } from "vitest";
import { AzureDns } from "../../../lib/infrastructure/azure/dns";
import { AzureFirewall } from "../../../lib/infrastructure/azure/firewall";
import { AzureMachineAddress } from "../../../lib/infrastructure/azure/machine-address";
import { AzureNetwork } from "../../../lib/infrastructure/azure/network";
import { AzureFlowLog } from "../../../lib/infrastructure/azure/network-flow-log";
import type { AzureOwnNetworkProps } from "../../../lib/infrastructure/azure/network-props";
import { AzurePeopleAddress } from "../../../lib/infrastructure/azure/people-address";
import type { AzurePeopleChoice } from "../../../lib/infrastructure/azure/people-props";
import { azureProvider } from "../../../lib/infrastructure/azure/provider";
import { LayerStack, LocalState } from "../../../lib/layer";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { idOf, place } from "./place";

const logWorkspaceId = idOf("Microsoft.OperationalInsights/workspaces/logs");
const key = {
  address: "https://acme.vault.azure.net/keys/data",
  identityId: idOf("Microsoft.ManagedIdentity/userAssignedIdentities/data"),
};

/** What a stack waives, after the whole policy has judged it: a rule that is broken otherwise would have thrown. */
function waived(choice: AzureOwnNetworkProps, people: Partial<AzurePeopleChoice>, store: object): string[] {
  const stack = new LayerStack(new App(), "prod-net", { environment: { name: "prod", state: new LocalState() } });
  azureProvider(stack, place);
  const network = new AzureNetwork(stack, "network", { ...place, ...choice });
  AzureFlowLog.ofChoice(stack, "flow-log", choice, { ...place, ...store, virtualNetworkId: network.virtualNetworkId });
  new AzureFirewall(stack, "firewall", {
    ...place,
    network,
    peopleRanges: ["203.0.113.0/24"],
    peoplePublic: people.public,
    tunnelRanges: network.bastion ? ["203.0.113.0/24"] : undefined,
    clients: ["privateRunner"],
  });
  new AzureMachineAddress(stack, "machine", {
    ...place,
    network,
    insideDomain: "caravan.internal",
    servers: { main: { runs: ["vault", "consul", "nomad"] } },
  });
  new AzurePeopleAddress(stack, "people", {
    ...place,
    dns: new AzureDns(stack, "dns", { domain: "caravan.example.com", resourceGroup: place.resourceGroup }),
    network,
    insideDomain: "caravan.internal",
    certificate: {
      secretId: "https://acme.vault.azure.net/secrets/caravan",
      keyVaultId: idOf("Microsoft.KeyVault/vaults/acme"),
    },
    logWorkspaceId,
    ...people,
  });
  Template.of(stack);
  return waiversOf(stack)
    .map((waiver) => `${waiver.rule} ${"prop" in waiver ? waiver.prop : ""}`)
    .sort();
}

/** What Network Watcher needs of the flow log's account. */
const ofFlowLog = [
  "azure-storage-private-endpoint flowLogRetentionDays",
  "azure-storage-shared-key flowLogRetentionDays",
];

test("a private network breaks no rule but by its flow log, which Azure writes with a key", () => {
  const choice = { egress: "private", routeTableId: idOf("Microsoft.Network/routeTables/hub") } as const;
  expect(waived(choice, {}, { logWorkspaceId, key })).toEqual(ofFlowLog);
});

test("each choice that opens something brings its own waivers", () => {
  const egress = [
    "azure-egress-anywhere egress",
    "azure-security-rule-egress-anywhere egress",
    "azure-security-rule-egress-anywhere egress",
  ];
  expect(waived({}, {}, { logWorkspaceId, key })).toEqual([...egress, ...ofFlowLog].sort());
  expect(waived({ bastion: true }, { public: true, waf: "detection" }, {})).toEqual(
    [
      ...egress,
      ...ofFlowLog,
      "azure-security-rule-egress-anywhere bastion",
      "azure-lb-internal public",
      "azure-waf-prevention waf",
      "azure-waf-prevention waf",
      "azure-storage-key key",
      "azure-storage-logging logWorkspaceId",
    ].sort(),
  );
});
