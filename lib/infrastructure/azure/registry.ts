import type { PropsCheck } from "../../core/errors";
import type { AzureNodeIdentity } from "./node-identity";
import { type AzurePlace, resourceGroupId } from "./place";
import { registryId } from "./rules";

/** Checks the registries that a group's nodes take images from. */
export function checkRegistries(check: PropsCheck, property: string, registryIds: readonly string[]): void {
  check.each(property, registryIds, registryId);
}

/** The registries as they stand in images' names: `acme.azurecr.io`. */
export function registriesOf(registryIds: readonly string[]): readonly string[] {
  return registryIds.map((id) => `${id.slice(id.lastIndexOf("/") + 1).toLowerCase()}.azurecr.io`);
}

/** Lets nodes take images from the registries of the environment's own resource group. Another's its owner opens. */
export function allowPulling(identity: AzureNodeIdentity, place: AzurePlace, registryIds: readonly string[]): void {
  for (const id of registryIds.filter((each) => each.startsWith(`${resourceGroupId(place)}/`))) {
    identity.allow(`pull-${id.slice(id.lastIndexOf("/") + 1)}`, { right: "pull-images", scope: id });
  }
}
