import { KeyVault, type KeyVaultConfig } from "@cdktf/provider-azurerm/lib/key-vault";
import type { MonitorDiagnosticSettingConfig } from "@cdktf/provider-azurerm/lib/monitor-diagnostic-setting";
import { Construct } from "constructs";
import { protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { waiveByChoice } from "../../policy/waiver";
import { auditTo } from "./log-workspace";
import { keyVaultName } from "./names";
import type { AzurePlace } from "./place";
import type { AzurePrivateLink } from "./private-link";

export interface AzureKeyVaultTransform {
  readonly vault?: Transform<KeyVaultConfig>;
  readonly audit?: Transform<MonitorDiagnosticSettingConfig>;
}

export interface AzureKeyVaultProps extends AzurePlace {
  /** One word for what it is for: `"keys"`. */
  readonly purpose: string;
  /** `"premium"` has keys in hardware. */
  readonly sku: "standard" | "premium";
  /** How the network reaches it. @default - only Azure's own services do */
  readonly link?: AzurePrivateLink;
  /** Ranges and addresses of the internet from which identities may ask it. */
  readonly clientRanges?: readonly string[];
  /** Where its log of who asked what goes. @default - nowhere */
  readonly workspaceId?: string;
  readonly transform?: AzureKeyVaultTransform;
}

/** The longest that Azure offers, and the time that a vault's name stays taken. */
const SOFT_DELETE_DAYS = 90;

/**
 * A key vault that asks Azure's roles, keeps what is deleted for 90 days and lets nobody purge it before. The internet does not
 * reach it, but for what `clientRanges` say; Azure's own services (disks, storage) do, with the identities they are given.
 */
export class AzureKeyVault extends Construct {
  readonly vaultId: string;
  readonly vaultName: string;
  /** `https://<name>.vault.azure.net/` */
  readonly address: string;

  constructor(scope: Construct, id: string, props: AzureKeyVaultProps) {
    super(scope, id);
    const { clientRanges = [], transform } = props;
    const vault = protect(
      new KeyVault(
        this,
        "Default",
        transformed(transform?.vault, {
          name: keyVaultName(props, props.purpose),
          location: props.region,
          resourceGroupName: props.resourceGroup,
          tenantId: props.tenantId,
          skuName: props.sku,
          rbacAuthorizationEnabled: true,
          purgeProtectionEnabled: true,
          softDeleteRetentionDays: SOFT_DELETE_DAYS,
          publicNetworkAccessEnabled: clientRanges.length > 0,
          networkAcls: { defaultAction: "Deny", bypass: "AzureServices", ipRules: [...clientRanges] },
        }),
      ),
    );
    this.vaultId = vault.id;
    this.vaultName = vault.name;
    this.address = vault.vaultUri;
    if (props.workspaceId !== undefined) {
      const { workspaceId } = props;
      auditTo(this, "audit", { resourceId: vault.id, workspaceId, categories: ["AuditEvent"] }, transform?.audit);
    }
    if (props.link === undefined) {
      waiveByChoice(vault, {
        rule: "azure-key-vault-private-endpoint",
        reason: "only Azure's own services reach it",
        prop: "link",
      });
    }
    props.link?.connect(props.purpose, vault.id, "vault");
  }
}
