/** Where an environment lives in Azure. */
export interface AzurePlace {
  /** Name of the environment, `"prod"`; one of its kind in a resource group. */
  readonly environment: string;
  /** Id of the subscription, a UUID in lower case. */
  readonly subscriptionId: string;
  /** Id of the tenant that the subscription trusts, a UUID in lower case. */
  readonly tenantId: string;
  /** The region's name as it stands in ids, `"westeurope"`. */
  readonly region: string;
  /** Name of the resource group that everything of the environment is in. */
  readonly resourceGroup: string;
}

/** Id of a resource group: `/subscriptions/…/resourceGroups/caravan-prod`. */
export function resourceGroupId({ subscriptionId, resourceGroup }: AzurePlace): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/**
 * Id of something in the place's resource group, whether it is there yet or not:
 * `resourceId(place, "Microsoft.Network/loadBalancers", "caravan-prod-machine")`.
 */
export function resourceId(place: AzurePlace, type: string, name: string): string {
  return `${resourceGroupId(place)}/providers/${type}/${name}`;
}

/** The resource group and the name in the id of a resource that is in none other. */
export function partsOf(id: string): { readonly resourceGroup: string; readonly name: string } {
  const parts = id.split("/");
  return { resourceGroup: parts[4] ?? "", name: parts.at(-1) ?? "" };
}
