import { NetworkWatcherFlowLog } from "@cdktf/provider-azurerm/lib/network-watcher-flow-log";
import { StorageAccount } from "@cdktf/provider-azurerm/lib/storage-account";
import { Construct } from "constructs";
import { transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { auditTo } from "./log-workspace";
import { networkResourceName, storageAccountName } from "./names";
import type { AzureFlowLogTransform, AzureNetworkChoice, AzureNetworkWatcher } from "./network-props";
import type { AzurePlace } from "./place";

/** Where the log of a network's flows goes, beside what its network says of it. */
export interface AzureFlowLogStore {
  /**
   * The key that encrypts the account, without a version, and the identity by which the account uses it: those of `AzureKeys`.
   *
   * @default - Azure's own key, which breaks the policy's rule `azure-storage-key` by choice
   */
  readonly key?: { readonly address: string; readonly identityId: string };
  /**
   * Id of the Log Analytics workspace that is told who reads the account.
   *
   * @default - nobody is told, which breaks the policy's rule `azure-storage-logging` by choice
   */
  readonly logWorkspaceId?: string;
}

export interface AzureFlowLogProps extends AzurePlace, AzureFlowLogStore {
  readonly virtualNetworkId: string;
  /** @default 365 */
  readonly retentionDays?: number;
  /** @default - the one that Azure makes in each region */
  readonly networkWatcher?: AzureNetworkWatcher;
  readonly transform?: AzureFlowLogTransform;
}

/**
 * Who talked to whom in a virtual network, accepted and refused, in a storage account of its own
 * (https://learn.microsoft.com/en-us/azure/network-watcher/vnet-flow-logs-overview, CIS Azure 7.6, Trivy AZU-0073).
 *
 * Network Watcher writes with the account's key: to write with an identity, which Azure can, azurerm 4.55 has no argument. This
 * one account therefore keeps its keys, by choice; nobody is given them, and only Azure's own services reach it.
 */
export class AzureFlowLog extends Construct {
  /** The log of the network that was chosen; none of one that exists, which is its owner's. */
  static ofChoice(
    scope: Construct,
    id: string,
    choice: AzureNetworkChoice,
    rest: Pick<AzureFlowLogProps, keyof AzurePlace | keyof AzureFlowLogStore | "virtualNetworkId">,
  ): AzureFlowLog | undefined {
    if ("virtualNetworkId" in choice) return undefined;
    const { flowLogRetentionDays: retentionDays, networkWatcher, transform } = choice;
    return new AzureFlowLog(scope, id, { ...rest, retentionDays, networkWatcher, transform });
  }

  /** The account that the log is in. */
  readonly storageAccountId: string;

  constructor(scope: Construct, id: string, props: AzureFlowLogProps) {
    super(scope, id);
    const account = this.addAccount(props);
    this.storageAccountId = account.id;
    const { environment, region, retentionDays = 365, logWorkspaceId, transform } = props;
    const watcher = props.networkWatcher ?? { name: `NetworkWatcher_${region}`, resourceGroup: "NetworkWatcherRG" };
    new NetworkWatcherFlowLog(
      this,
      "Default",
      transformed(transform?.flowLog, {
        name: networkResourceName(environment, "flow-log"),
        networkWatcherName: watcher.name,
        resourceGroupName: watcher.resourceGroup,
        location: region,
        targetResourceId: props.virtualNetworkId,
        storageAccountId: account.id,
        enabled: true,
        version: 2,
        retentionPolicy: { enabled: true, days: retentionDays },
      }),
    );
    if (logWorkspaceId === undefined) {
      waiveByChoice(account, {
        rule: "azure-storage-logging",
        prop: "logWorkspaceId",
        reason: "no workspace is told who reads the flow log",
      });
      return;
    }
    auditTo(this, "audit", {
      resourceId: `${account.id}/blobServices/default`,
      workspaceId: logWorkspaceId,
      categories: ["StorageRead", "StorageWrite", "StorageDelete"],
    });
  }

  private addAccount(props: AzureFlowLogProps): StorageAccount {
    const { key } = props;
    const account = new StorageAccount(
      this,
      "account",
      transformed(props.transform?.flowLogAccount, {
        name: storageAccountName(props, "flow"),
        resourceGroupName: props.resourceGroup,
        location: props.region,
        accountKind: "StorageV2",
        accountTier: "Standard",
        accountReplicationType: "ZRS",
        minTlsVersion: "TLS1_2",
        httpsTrafficOnlyEnabled: true,
        allowNestedItemsToBePublic: false,
        crossTenantReplicationEnabled: false,
        defaultToOauthAuthentication: true,
        infrastructureEncryptionEnabled: true,
        localUserEnabled: false,
        sharedAccessKeyEnabled: true,
        networkRules: { defaultAction: "Deny", bypass: ["AzureServices"] },
        blobProperties: {
          versioningEnabled: true,
          deleteRetentionPolicy: { days: 7 },
          containerDeleteRetentionPolicy: { days: 7 },
        },
        ...(key === undefined
          ? {}
          : {
              identity: { type: "UserAssigned", identityIds: [key.identityId] },
              customerManagedKey: { keyVaultKeyId: key.address, userAssignedIdentityId: key.identityId },
            }),
      }),
    );
    const prop = "flowLogRetentionDays";
    if (account.sharedAccessKeyEnabledInput === true) {
      const reason = "Network Watcher writes flow logs with the account's key; nobody else has it";
      waiveByChoice(account, { rule: "azure-storage-shared-key", prop, reason });
    }
    const reason = "Network Watcher writes flow logs from outside of the network, and nothing inside reads them";
    waiveByChoice(account, { rule: "azure-storage-private-endpoint", prop, reason });
    if (key === undefined) {
      const reason = "no key was given for the flow log: Azure's own encrypts it";
      waiveByChoice(account, { rule: "azure-storage-key", prop: "key", reason });
    }
    return account;
  }
}
