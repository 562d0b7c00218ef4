import { physicalName } from "../../core/naming";
import type { AzurePlace } from "./place";

/** The first part of every name, by which a subscription's other inhabitants know ours. */
const OURS = "caravan";

/** The tag by which an environment's resources are told from another's; every layer stack lays it on. */
export const ENVIRONMENT_TAG = "caravan-environment";

/** Name of the resource group of an environment, unless it is given another: `caravan-prod`. */
export function resourceGroupName(environment: string): string {
  return physicalName({ kind: "azureResourceGroup", parts: [OURS, environment] });
}

/** Name of the virtual network of an environment: `caravan-prod`. */
export function virtualNetworkName(environment: string): string {
  return physicalName({ kind: "azureVirtualNetwork", parts: [OURS, environment] });
}

/** Name of what belongs to a network: security groups, addresses, balancers, gateways. `caravan-prod-machine`. */
export function networkResourceName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "azureNetworkResource", parts: [OURS, environment, ...parts] });
}

/** Name of a private endpoint: `caravan-prod-cluster`. */
export function privateEndpointName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "azurePrivateEndpoint", parts: [OURS, environment, ...parts] });
}

/** Name of a user-assigned identity: `caravan-prod-server-main`. */
export function identityName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "azureIdentity", parts: [OURS, environment, ...parts] });
}

/** Name of an alert or of the group that it tells: `caravan-prod-vault-sealed`. */
export function alertName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "azureAlert", parts: [OURS, environment, ...parts] });
}

/** Name of a Log Analytics workspace: `caravan-prod-nodes`. */
export function workspaceName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "azureLogWorkspace", parts: [OURS, environment, ...parts] });
}

/**
 * Name of a storage account of an environment. Accounts share one name space with the whole world, and have 24 letters and
 * digits: hence the hash of subscription, resource group and region.
 */
export function storageAccountName(place: AzurePlace, purpose: string): string {
  return physicalName({
    kind: "azureStorageAccount",
    parts: [OURS, place.environment, purpose],
    distinctBy: distinct(place),
  });
}

/** Name of a key vault of an environment, which the whole world shares too; its purpose is the more telling part. */
export function keyVaultName(place: AzurePlace, purpose: string): string {
  return physicalName({ kind: "azureKeyVault", parts: [place.environment, purpose], distinctBy: distinct(place) });
}

function distinct({ subscriptionId, resourceGroup, region }: AzurePlace): string[] {
  return [subscriptionId, resourceGroup, region];
}

/** Name of a custom role. It is the whole tenant's, hence the hash. */
export function roleName(place: AzurePlace, name: string): string {
  return physicalName({
    kind: "azureRole",
    parts: [OURS, place.environment, name],
    distinctBy: [place.subscriptionId, place.resourceGroup],
  });
}

/** The place of an environment's volumes for jobs: a resource group beside its own, where who makes volumes may make disks. */
export function volumesPlace(place: AzurePlace): AzurePlace {
  return { ...place, resourceGroup: `${place.resourceGroup}-volumes` };
}

/** The place of an environment's Terraform state and of CI's identities: a resource group that only people change. */
export function statePlace(place: AzurePlace): AzurePlace {
  return { ...place, resourceGroup: `${place.resourceGroup}-state` };
}

/** Name of the storage account that keeps an environment's Terraform state, unless it is given another. */
export function stateAccountName(place: AzurePlace): string {
  return storageAccountName(statePlace(place), "state");
}

/** Name of a disk, or of what encrypts disks: `caravan-prod-server-main-data`. */
export function diskName(environment: string, ...parts: readonly string[]): string {
  return physicalName({ kind: "azureDisk", parts: [OURS, environment, ...parts] });
}

/** Name of a deployment of Azure Resource Manager: `caravan-prod-keys`. */
export function deploymentName(environment: string, purpose: string): string {
  return physicalName({ kind: "azureDeployment", parts: [OURS, environment, purpose] });
}

/** Name of a data collection rule, or of its endpoint: `caravan-prod-nodes`. */
export function dataCollectionName(environment: string, purpose: string): string {
  return physicalName({ kind: "azureDataCollection", parts: [OURS, environment, purpose] });
}
