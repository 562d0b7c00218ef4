import { expect, test } from "vitest";
import { type AzurePermissions, nodeRights } from "../../../lib/infrastructure/azure/rights";
import { findTool } from "../../support/tools";
import { AzureLan } from "./azure-lan";
import { describeBirth } from "./birth";

/** A cluster of so many servers, and a worker, come up on Azure. */
export function describeBirthOnAzure(title: string, count: 1 | 3): void {
  const azurite = findTool("azurite-blob");
  describeBirth(
    title,
    count,
    { azurite },
    (scope) => AzureLan.start(scope, azurite ?? ""),
    (network) => {
      test("nodes ask of Azure no more than the custom roles of their groups allow", () => {
        const rights = Object.entries<AzurePermissions>(nodeRights).map(
          ([name, { actions = [], dataActions = [] }]) => [name, [...actions, ...dataActions]] as const,
        );
        const key = (name: string) => `caravan-prod-keys.vault.azure.net/keys/${name}`;
        expect(network().rightsUsed(Object.fromEntries(rights))).toEqual([
          "server-main: find-peers caravan-prod-server-main",
          `server-main: use-key ${key("keyring")}`,
          `server-main: use-key ${key("seal")}`,
          "server-main: write-secret caravan-prod-bootstrap.vault.azure.net/secrets/bootstrap",
          "server-main: write-secret caravan-prod-ca.vault.azure.net/secrets/public-ca",
          "server-main: write-secret caravan-prod-recovery.vault.azure.net/secrets/recovery-keys",
          "worker-general: find-peers caravan-prod-server-main",
          "worker-general: read-secret caravan-prod-ca.vault.azure.net/secrets/public-ca",
        ]);
      });
    },
  );
}
