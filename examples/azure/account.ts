import { AzurermState, LocalState } from "cdktf-caravan";
import { azureStateAccountName } from "cdktf-caravan/azure";

/** Where both environments stand. */
export const place = {
  subscriptionId: "11111111-2222-3333-4444-555555555555",
  tenantId: "66666666-7777-8888-9999-000000000000",
  region: "westeurope",
};

/** The repository whose pull requests plan and whose merges apply. */
export const github = { repository: "acme/platform" };

/** Ubuntu 24.04, as docs/images.md looks it up. */
export const images = {
  x86_64: "Canonical:ubuntu-24_04-lts:server:24.04.202510010",
  arm64: "Canonical:ubuntu-24_04-lts:server-arm64:24.04.202510010",
};

/** An environment with its state in a storage account of its own. */
export function environmentOf(name: string) {
  const resourceGroup = `caravan-${name}`;
  const state = new AzurermState({
    storageAccountName: azureStateAccountName({ environment: name, ...place, resourceGroup }),
    containerName: "state",
    resourceGroupName: `${resourceGroup}-state`,
  });
  return { name, state, tags: { "cost-center": "platform" } };
}

/** The same with its state in a file: for the first apply of a state stack, before there is an account. */
export function bootstrapped(environment: ReturnType<typeof environmentOf>) {
  return process.env["CARAVAN_BOOTSTRAP"] === "1" ? { ...environment, state: new LocalState() } : environment;
}
