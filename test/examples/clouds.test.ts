import { describe, expect, test } from "vitest";
import { production as onAzure } from "../../examples/azure/production";
import { small as smallOnAzure } from "../../examples/azure/small";
import { production as onGcp } from "../../examples/gcp/production";
import { small as smallOnGcp } from "../../examples/gcp/small";
import type { LayerStack } from "../../lib";
import { testApp } from "../support/synth";
import { waivers } from "./waivers";

const flowLog = [
  "azure-storage-private-endpoint flowLogRetentionDays azurerm_storage_account.flow-log_account",
  "azure-storage-shared-key flowLogRetentionDays azurerm_storage_account.flow-log_account",
];
const wayOut = (...of: readonly string[]) => [
  "gcp-egress-anywhere egress google_compute_route.network_internet-route",
  "gcp-egress-anywhere egress google_compute_router_nat.network_nat",
  ...of.map((from) => `gcp-firewall-egress-anywhere egress google_compute_firewall.firewall_${from}-to-anywhere`),
];
const nodesOut = [
  "azure-egress-anywhere egress azurerm_subnet_nat_gateway_association.network_nodes-nat",
  ...[443, 80].map(
    (port) =>
      `azure-security-rule-egress-anywhere egress azurerm_network_security_rule.firewall_nodes-subnet_nodes-to-internet-tcp-${port}`,
  ),
];

describe("examples pass the policy, with no other waivers than their own props have brought", () => {
  test.each<[string, () => Record<"state" | "infrastructure", LayerStack>, readonly string[]]>([
    ["production on Azure", () => synthesized(onAzure), [...nodesOut, ...flowLog]],
    ["the small one on Azure", () => synthesized(smallOnAzure), [...nodesOut, ...flowLog]],
    ["production on Google Cloud", () => synthesized(onGcp), wayOut("server-main", "server-vault", "workers")],
    ["the small one on Google Cloud", () => synthesized(smallOnGcp), wayOut("server-main", "workers")],
  ])("%s", (_, example, expected) => {
    expect(waivers(example().infrastructure)).toEqual([...expected].sort());
  });

  test("the state of production: none on Google Cloud, on Azure that there is no network yet to reach it in", () => {
    expect(waivers(synthesized(onGcp).state)).toEqual([]);
    expect(waivers(synthesized(onAzure).state)).toEqual([
      "azure-key-vault-private-endpoint link azurerm_key_vault.state_vault",
      "azure-storage-private-endpoint link azurerm_storage_account.state",
    ]);
  });
});

function synthesized<T>(fill: (app: ReturnType<typeof testApp>) => T): T {
  const app = testApp();
  const made = fill(app);
  app.synth();
  return made;
}
