import {
  ResourceGroupTemplateDeployment,
  type ResourceGroupTemplateDeploymentConfig,
} from "@cdktf/provider-azurerm/lib/resource-group-template-deployment";
import {
  UserAssignedIdentity,
  type UserAssignedIdentityConfig,
} from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import { AzureKeyVault, type AzureKeyVaultTransform } from "./key-vault";
import { keysTemplate, outputOf } from "./keys-template";
import { AzureLogWorkspace, type AzureLogWorkspaceProps } from "./log-workspace";
import { deploymentName, identityName } from "./names";
import type { AzurePlace } from "./place";
import { AzurePrivateBucket, type AzurePrivateBucketTransform } from "./private-bucket";
import { assign } from "./roles";

export interface AzureStateBucketProps extends AzurePlace {
  readonly accountName: string;
  /** Who reaches it over the internet: addresses and ranges, or `"any"`. */
  readonly clientRanges: readonly string[] | "any";
  /** Id of the role by which the account uses its key. */
  readonly useKeyRole: string;
  readonly keepVersionsDays: number;
  readonly keepLogsDays: number;
  readonly transform?: AzureStateBucketTransform;
}

export interface AzureStateBucketTransform {
  readonly vault?: AzureKeyVaultTransform;
  readonly key?: Transform<ResourceGroupTemplateDeploymentConfig>;
  readonly identity?: Transform<UserAssignedIdentityConfig>;
  readonly workspace?: AzureLogWorkspaceProps["transform"];
  readonly bucket?: AzurePrivateBucketTransform;
}

/** Name of the container of states. */
export const STATE_CONTAINER = "state";

const KEEP_PLANS_DAYS = 14;

/**
 * The container of an environment's Terraform state with its key, and the workspace that says who reads and writes it. `place` is that of
 * the state: `statePlace`.
 */
export class AzureStateBucket extends Construct {
  readonly containerId: string;

  constructor(scope: Construct, id: string, props: AzureStateBucketProps) {
    super(scope, id);
    const { environment, subscriptionId, tenantId, region, resourceGroup, transform } = props;
    const place = { environment, subscriptionId, tenantId, region, resourceGroup };
    const { workspaceId } = new AzureLogWorkspace(this, "log", {
      ...place,
      keepLogsDays: props.keepLogsDays,
      transform: transform?.workspace,
    });
    const vault = new AzureKeyVault(this, "vault", {
      ...place,
      ...{ purpose: "state", sku: "premium", workspaceId },
      transform: transform?.vault,
    });
    const key = new ResourceGroupTemplateDeployment(
      this,
      "key",
      transformed(transform?.key, {
        name: deploymentName(environment, "state"),
        resourceGroupName: resourceGroup,
        deploymentMode: "Incremental",
        templateContent: hcl.json(keysTemplate(vault.vaultName, ["state"])),
      }),
    );
    const identity = new UserAssignedIdentity(
      this,
      "identity",
      transformed(transform?.identity, {
        name: identityName(environment, "state"),
        location: region,
        resourceGroupName: resourceGroup,
      }),
    );
    const name = outputOf(key, "state");
    const use = assign(this, "use-key", {
      principalId: identity.principalId,
      scope: `${vault.vaultId}/keys/${name}`,
      role: props.useKeyRole,
    });
    const bucket = new AzurePrivateBucket(this, "Default", {
      ...place,
      purpose: STATE_CONTAINER,
      accountName: props.accountName,
      key: { address: `${vault.address}keys/${name}`, identityId: identity.id },
      clients: props.clientRanges,
      workspaceId,
      softDeleteDays: KEEP_PLANS_DAYS,
      lifecycleRules: [
        {
          name: "old-versions",
          enabled: true,
          filters: { blobTypes: ["blockBlob"] },
          actions: { version: { deleteAfterDaysSinceCreation: props.keepVersionsDays } },
        },
        {
          name: "plans",
          enabled: true,
          filters: { blobTypes: ["blockBlob"], prefixMatch: [`${STATE_CONTAINER}/plans/`] },
          actions: { baseBlob: { deleteAfterDaysSinceModificationGreaterThan: KEEP_PLANS_DAYS } },
        },
      ],
      dependsOn: [use],
      transform: transform?.bucket,
    });
    this.containerId = bucket.containerId;
  }
}
