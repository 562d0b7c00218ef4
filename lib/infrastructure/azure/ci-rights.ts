import type { PathRule } from "./conditions";
import { type AzurePermissions, blobActions } from "./rights";

/** What a plan reads to compare our stacks with what is there: configuration, no content, no log and no list of keys. */
const READ = [
  "Microsoft.Authorization/roleAssignments/read",
  "Microsoft.Authorization/roleDefinitions/read",
  "Microsoft.Compute/diskEncryptionSets/read",
  "Microsoft.Compute/disks/read",
  "Microsoft.Compute/virtualMachineScaleSets/*/read",
  "Microsoft.Compute/virtualMachineScaleSets/read",
  "Microsoft.Insights/actionGroups/read",
  "Microsoft.Insights/autoscaleSettings/read",
  "Microsoft.Insights/dataCollectionEndpoints/read",
  "Microsoft.Insights/dataCollectionRules/read",
  "Microsoft.Insights/diagnosticSettings/read",
  "Microsoft.Insights/metricAlerts/read",
  "Microsoft.Insights/scheduledQueryRules/read",
  "Microsoft.KeyVault/vaults/keys/read",
  "Microsoft.KeyVault/vaults/read",
  "Microsoft.ManagedIdentity/userAssignedIdentities/read",
  "Microsoft.Network/*/read",
  "Microsoft.OperationalInsights/workspaces/read",
  "Microsoft.OperationalInsights/workspaces/tables/read",
  // The provider compares a deployment with the template that it was made from.
  "Microsoft.Resources/deployments/exportTemplate/action",
  "Microsoft.Resources/deployments/operations/read",
  "Microsoft.Resources/deployments/operationstatuses/read",
  "Microsoft.Resources/deployments/read",
  "Microsoft.Resources/subscriptions/resourceGroups/read",
  "Microsoft.Storage/storageAccounts/blobServices/containers/read",
  "Microsoft.Storage/storageAccounts/blobServices/read",
  "Microsoft.Storage/storageAccounts/fileServices/read",
  "Microsoft.Storage/storageAccounts/managementPolicies/read",
  "Microsoft.Storage/storageAccounts/read",
];

/** These are made, changed and removed. */
const made = (...types: readonly string[]) => types.flatMap((type) => [`${type}/write`, `${type}/delete`]);

/**
 * What an environment's network and edge consist of; in its resource group only, and with what is asked of those who join one to
 * another.
 */
const NETWORK = [
  "applicationGatewayWebApplicationFirewallPolicies",
  "applicationGateways",
  "applicationSecurityGroups",
  "bastionHosts",
  "dnsZones",
  "loadBalancers",
  "natGateways",
  "networkInterfaces",
  "networkSecurityGroups",
  "privateDnsZones",
  "privateEndpoints",
  "privateLinkServices",
  "publicIPAddresses",
  "routeTables",
  "virtualNetworks",
].map((type) => `Microsoft.Network/${type}/*`);

/** The rights of CI. */
export const ciRights = {
  plan: {
    description: "Compares what is there with what Terraform says",
    actions: READ,
  },
  apply: {
    description: "Makes, changes and removes what an environment consists of",
    actions: [
      ...READ,
      ...NETWORK,
      ...made(
        "Microsoft.Compute/diskEncryptionSets",
        "Microsoft.Compute/disks",
        "Microsoft.Compute/virtualMachineScaleSets",
        "Microsoft.Insights/actionGroups",
        "Microsoft.Insights/autoscaleSettings",
        "Microsoft.Insights/dataCollectionEndpoints",
        "Microsoft.Insights/dataCollectionRules",
        "Microsoft.Insights/diagnosticSettings",
        "Microsoft.Insights/metricAlerts",
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.KeyVault/vaults",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.OperationalInsights/workspaces",
        "Microsoft.OperationalInsights/workspaces/tables",
        "Microsoft.Resources/deployments",
        "Microsoft.Storage/storageAccounts",
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        "Microsoft.Storage/storageAccounts/managementPolicies",
      ),
      // `caravan roll`: an old server goes when a new one votes.
      "Microsoft.Compute/virtualMachineScaleSets/delete/action",
      "Microsoft.KeyVault/vaults/PrivateEndpointConnectionsApproval/action",
      "Microsoft.KeyVault/vaults/keys/write",
      "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
      // An alarm on a log is made, and goes on asking, with the right to read of whoever makes it.
      "Microsoft.OperationalInsights/workspaces/query/*/read",
      "Microsoft.OperationalInsights/workspaces/query/read",
      "Microsoft.Resources/deployments/validate/action",
      "Microsoft.Storage/storageAccounts/PrivateEndpointConnectionsApproval/action",
      "Microsoft.Storage/storageAccounts/blobServices/write",
    ],
  },
  assign: {
    description: "Gives the roles of nodes",
    actions: ["Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete"],
  },
  /** In the subscription: what is nowhere else. */
  look: {
    description: "Finds machine images, identities, deleted vaults and flow logs",
    actions: [
      "Microsoft.Compute/galleries/read",
      "Microsoft.Compute/galleries/images/read",
      "Microsoft.Compute/galleries/images/versions/read",
      "Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read",
      "Microsoft.KeyVault/locations/deletedVaults/read",
      "Microsoft.ManagedIdentity/userAssignedIdentities/read",
      "Microsoft.Network/networkWatchers/flowLogs/read",
      "Microsoft.Network/networkWatchers/read",
    ],
  },
  /** In the subscription: flow logs belong to the region's network watcher. */
  "log-flows": {
    description: "Has the flows of the environment's network logged",
    actions: [
      "Microsoft.Network/networkWatchers/configureFlowLog/action",
      "Microsoft.Network/networkWatchers/flowLogs/delete",
      "Microsoft.Network/networkWatchers/flowLogs/write",
      "Microsoft.Network/networkWatchers/queryFlowLogStatus/action",
    ],
  },
  state: {
    description: "Reads Terraform's state, and writes what its condition allows",
    dataActions: [blobActions.read, blobActions.write, blobActions.add],
  },
} as const satisfies Record<string, AzurePermissions>;

/** A right of CI, by the role that holds it. */
export type AzureCiRight = keyof typeof ciRights;

const writing = [blobActions.write, blobActions.add];

/**
 * What CI does with the state's container. The lock of a state is a lease on the very blob, which is writing to Azure: the planner
 * therefore locks nothing. Nobody deletes a state, and the deployer does not write that of the stack that made it.
 */
export function statePaths(stateStackId: string): Readonly<Record<"planner" | "deployer", readonly PathRule[]>> {
  return {
    planner: [
      { actions: [blobActions.read], paths: ["*.tfstate", "records/*"] },
      { actions: writing, paths: ["plans/*"] },
    ],
    deployer: [
      { actions: [blobActions.read], paths: ["*.tfstate", "plans/*", "records/*"] },
      { actions: writing, paths: ["*.tfstate", "plans/*", "records/*"], except: [`*${stateStackId}.tfstate`] },
    ],
  };
}
