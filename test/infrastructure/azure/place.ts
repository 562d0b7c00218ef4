import { App, TerraformStack } from "cdktf";
import { azureProvider } from "../../../lib/infrastructure/azure/provider";
import { disableDeletionProtection } from "../../../lib/layer/protection";

/** Where the environment of these tests lives. */
export const place = {
  environment: "prod",
  subscriptionId: "11111111-2222-3333-4444-555555555555",
  tenantId: "66666666-7777-8888-9999-000000000000",
  region: "westeurope",
  resourceGroup: "caravan-prod",
};

/** The id of a resource in the place's group: `idOf("Microsoft.Network/virtualNetworks/given")`. */
export function idOf(path: string): string {
  return `/subscriptions/${place.subscriptionId}/resourceGroups/given/providers/${path}`;
}

/** A stack as an environment has it; with `deletionProtection` off it is one that is being torn down. */
export function azureStack(id = "prod-network", deletionProtection = true): TerraformStack {
  const stack = new TerraformStack(new App(), id);
  if (!deletionProtection) disableDeletionProtection(stack);
  azureProvider(stack, place);
  return stack;
}

/** The message with which making something is refused. */
export function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
