import { AzureIdentity, type AzureIdentityProps } from "../../../lib/infrastructure/azure/identity";
import { AzureLogWorkspace } from "../../../lib/infrastructure/azure/log-workspace";
import { AzurePrivateLink } from "../../../lib/infrastructure/azure/private-link";
import { azureStack, place } from "./place";

export const GROUP = `/subscriptions/${place.subscriptionId}/resourceGroups/caravan-prod`;
export const NETWORK = `${GROUP}/providers/Microsoft.Network/virtualNetworks/caravan-prod`;
export const deployerPrincipalId = "11111111-1111-4111-8111-111111111111";
export const plannerPrincipalId = "22222222-2222-4222-8222-222222222222";

/** A stack with the identities of two server groups and a worker group, but for a change. */
export function identityStack(change: Partial<AzureIdentityProps> = {}, deletionProtection = true) {
  const stack = azureStack("prod-ground", deletionProtection);
  const { workspaceId } = new AzureLogWorkspace(stack, "logs", place);
  const link = new AzurePrivateLink(stack, "link", {
    ...place,
    virtualNetworkId: NETWORK,
    subnetId: `${NETWORK}/subnets/endpoints`,
  });
  const identity = new AzureIdentity(stack, "identity", {
    ...place,
    servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
    workers: ["general"],
    link,
    workspaceId,
    ...change,
  });
  return { stack, identity, link, workspaceId };
}
