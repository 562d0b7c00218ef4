import type { MonitorDiagnosticSettingConfig } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { StorageAccount, type StorageAccountConfig } from "@cdktf/provider-azurerm/lib/storage-account";
import { StorageContainer, type StorageContainerConfig } from "@cdktf/provider-azurerm/lib/storage-container";
import {
  StorageManagementPolicy,
  type StorageManagementPolicyConfig,
  type StorageManagementPolicyRule,
} from "@cdktf/provider-azurerm/lib/storage-management-policy";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { auditTo } from "./log-workspace";
import { storageAccountName } from "./names";
import type { AzurePlace } from "./place";
import type { AzurePrivateLink } from "./private-link";

export interface AzurePrivateBucketTransform {
  readonly account?: Transform<StorageAccountConfig>;
  readonly container?: Transform<StorageContainerConfig>;
  readonly lifecycle?: Transform<StorageManagementPolicyConfig>;
  readonly audit?: Transform<MonitorDiagnosticSettingConfig>;
}

export interface AzurePrivateBucketProps extends AzurePlace {
  /** One word for what it is for: `"cluster"`; the container's name, and part of the account's. */
  readonly purpose: string;
  /** @default - `storageAccountName(place, purpose)` */
  readonly accountName?: string;
  /** @default - `purpose` */
  readonly containerName?: string;
  /** The key that encrypts it, without a version, and the identity by which the account uses it. */
  readonly key: { readonly address: string; readonly identityId: string };
  /** How the network reaches it. @default - no network does by itself */
  readonly link?: AzurePrivateLink;
  /** Who reaches it over the internet: addresses and ranges, or `"any"`. Everybody signs in with Entra ID. @default - nobody */
  readonly clients?: readonly string[] | "any";
  /** Where who reads and writes it is written. */
  readonly workspaceId: string;
  /** Days that what was deleted can be brought back. */
  readonly softDeleteDays: number;
  /** When blobs and their versions go. */
  readonly lifecycleRules: readonly StorageManagementPolicyRule[];
  /** Whether a writer may lock what it writes against deletion. It can be said only when the account is made. @default false */
  readonly objectLock?: boolean;
  /** What the account waits for, such as the right to its key. @default - nothing */
  readonly dependsOn?: ITerraformDependable[];
  readonly transform?: AzurePrivateBucketTransform;
}

/**
 * A storage account with one container, for nobody but identities with a role on it: no shared keys, no anonymous access, TLS from 1.2
 * on, encrypted twice and with a key of the environment's own, versioned, protected, its copies in three zones.
 */
export class AzurePrivateBucket extends Construct {
  readonly accountName: string;
  readonly accountId: string;
  /** `https://<account>.blob.core.windows.net/` */
  readonly blobEndpoint: string;
  readonly containerName: string;
  /** Id of the container, which roles are assigned for. */
  readonly containerId: string;

  constructor(scope: Construct, id: string, props: AzurePrivateBucketProps) {
    super(scope, id);
    const { key, clients = [], objectLock = false, transform } = props;
    const open = clients === "any" || clients.length > 0;
    const account = protect(
      new StorageAccount(
        this,
        "Default",
        transformed(transform?.account, {
          name: props.accountName ?? storageAccountName(props, props.purpose),
          location: props.region,
          resourceGroupName: props.resourceGroup,
          accountKind: "StorageV2",
          accountTier: "Standard",
          accountReplicationType: "ZRS",
          minTlsVersion: "TLS1_2",
          sharedAccessKeyEnabled: false,
          defaultToOauthAuthentication: true,
          allowNestedItemsToBePublic: false,
          crossTenantReplicationEnabled: false,
          allowedCopyScope: "AAD",
          localUserEnabled: false,
          infrastructureEncryptionEnabled: true,
          publicNetworkAccessEnabled: open,
          networkRules: {
            defaultAction: clients === "any" ? "Allow" : "Deny",
            bypass: ["AzureServices"],
            ipRules: clients === "any" ? [] : [...clients],
          },
          identity: { type: "UserAssigned", identityIds: [key.identityId] },
          customerManagedKey: { keyVaultKeyId: key.address, userAssignedIdentityId: key.identityId },
          blobProperties: {
            versioningEnabled: true,
            deleteRetentionPolicy: { days: props.softDeleteDays },
            containerDeleteRetentionPolicy: { days: props.softDeleteDays },
          },
          dependsOn: props.dependsOn,
          // "Disabled" is the account's own policy for all blobs; each blob may have one by this.
          ...(objectLock && {
            immutabilityPolicy: {
              state: "Disabled",
              allowProtectedAppendWrites: false,
              periodSinceCreationInDays: 1,
            },
          }),
        }),
      ),
    );
    if (props.link === undefined) {
      waiveByChoice(account, {
        rule: "azure-storage-private-endpoint",
        reason: "there is no network yet where it stands",
        prop: "link",
      });
    }
    if (clients === "any") {
      waiveByChoice(account, {
        rule: "azure-storage-network",
        reason: "CI's runners have no addresses of their own; they sign in with Entra ID",
        prop: "clientRanges",
      });
    }
    const container = protect(
      new StorageContainer(
        this,
        "container",
        transformed(transform?.container, {
          name: props.containerName ?? props.purpose,
          storageAccountId: account.id,
          containerAccessType: "private",
        }),
      ),
    );
    new StorageManagementPolicy(
      this,
      "lifecycle",
      transformed(transform?.lifecycle, { storageAccountId: account.id, rule: [...props.lifecycleRules] }),
    );
    auditTo(
      this,
      "audit",
      {
        resourceId: `${account.id}/blobServices/default`,
        workspaceId: props.workspaceId,
        categories: ["StorageRead", "StorageWrite", "StorageDelete"],
      },
      transform?.audit,
    );
    props.link?.connect(props.purpose, account.id, "blob");
    this.accountName = account.name;
    this.accountId = account.id;
    this.blobEndpoint = account.primaryBlobEndpoint;
    this.containerName = container.name;
    this.containerId = `${account.id}/blobServices/default/containers/${container.name}`;
  }
}
