/**
 * What identities of an environment may do, one custom role each. Azure's own roles reach further: the one for its disks and
 * machines, to every machine of a resource group.
 *
 * https://learn.microsoft.com/en-us/azure/role-based-access-control/permissions-reference
 */
export interface AzurePermissions {
  readonly description: string;
  /** What is asked of Azure Resource Manager. */
  readonly actions?: readonly string[];
  /** What is asked of the service itself: keys, secrets, blobs. */
  readonly dataActions?: readonly string[];
}

const SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets";
const KEY_VAULT = "Microsoft.KeyVault/vaults";

/** The data actions on blobs, as roles and conditions name them. */
export const blobActions = {
  read: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
  write: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
  add: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
  delete: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
  lock: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/immutableStorage/runAsSuperUser/action",
} as const;

/** What nodes may do, and what Azure does for them with the data key. */
export const nodeRights = {
  "find-peers": {
    description: "Finds the machines of the environment's scale sets",
    // https://github.com/hashicorp/go-discover: what its provider for Azure asks
    actions: [`${SCALE_SETS}/*/read`],
  },
  "use-key": {
    description: "Encrypts and decrypts keys with one key",
    // https://developer.hashicorp.com/vault/docs/configuration/seal/azurekeyvault
    dataActions: [`${KEY_VAULT}/keys/read`, `${KEY_VAULT}/keys/wrap/action`, `${KEY_VAULT}/keys/unwrap/action`],
  },
  "read-secret": {
    description: "Reads the secret of one key vault",
    dataActions: [`${KEY_VAULT}/secrets/getSecret/action`],
  },
  "write-secret": {
    description: "Writes the secret of one key vault, without reading it",
    dataActions: [`${KEY_VAULT}/secrets/setSecret/action`],
  },
  "cluster-objects": {
    description: "Reads the cluster's container, and writes in it what its condition allows",
    // https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-azure-active-directory
    dataActions: Object.values(blobActions),
  },
  say: {
    description: "Writes into the environment's log",
    // https://learn.microsoft.com/en-us/azure/azure-monitor/logs/logs-ingestion-api-overview
    dataActions: ["Microsoft.Insights/Telemetry/Write"],
  },
  "pull-images": {
    description: "Takes images from one container registry",
    actions: ["Microsoft.ContainerRegistry/registries/pull/read"],
  },
  "attach-data": {
    description: "Attaches disks to the machines of one scale set",
    actions: [`${SCALE_SETS}/virtualMachines/read`, `${SCALE_SETS}/virtualMachines/attachDetachDataDisks/action`],
  },
  "use-disk": {
    description: "Lets one disk be attached",
    actions: ["Microsoft.Compute/disks/read", "Microsoft.Compute/disks/write"],
  },
  "scale-workers": {
    description: "Sets the size of one scale set, and ends machines of it",
    // https://developer.hashicorp.com/nomad/tools/autoscaling/plugins/target/azure-vmss
    actions: [
      `${SCALE_SETS}/read`,
      `${SCALE_SETS}/write`,
      `${SCALE_SETS}/delete/action`,
      `${SCALE_SETS}/instanceView/read`,
      `${SCALE_SETS}/virtualMachines/read`,
      `${SCALE_SETS}/virtualMachines/instanceView/read`,
    ],
  },
  "move-volumes": {
    description: "Attaches volumes of jobs to the machines of one scale set",
    // https://github.com/kubernetes-sigs/azuredisk-csi-driver: what its controller asks of a scale set
    actions: [
      `${SCALE_SETS}/read`,
      `${SCALE_SETS}/virtualMachines/read`,
      `${SCALE_SETS}/virtualMachines/write`,
      `${SCALE_SETS}/virtualMachines/instanceView/read`,
      `${SCALE_SETS}/virtualMachines/attachDetachDataDisks/action`,
    ],
  },
  "make-volumes": {
    description: "Makes, changes and removes disks in the resource group of volumes",
    actions: [
      "Microsoft.Compute/disks/read",
      "Microsoft.Compute/disks/write",
      "Microsoft.Compute/disks/delete",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
    ],
  },
  "encrypt-volumes": {
    description: "Names the disk encryption set for new disks",
    actions: ["Microsoft.Compute/diskEncryptionSets/read"],
  },
} as const satisfies Record<string, AzurePermissions>;

/** A right of a node, by the role that holds it. */
export type AzureNodeRight = keyof typeof nodeRights;
