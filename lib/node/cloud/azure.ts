/**
 * Name of the scale set of a group: `caravan-prod-server-main`. Agents find a product's servers by it, for go-discover looks for
 * machines of a scale set by its name only: https://github.com/hashicorp/go-discover
 */
export function scaleSetName(environment: string, role: "server" | "worker", group: string): string {
  return `caravan-${environment}-${role}-${group}`;
}

/** For whom Azure signs the token that a machine shows to Vault. */
export const VAULT_RESOURCE = "https://management.azure.com/";
