import { AzurermProvider, type AzurermProviderConfig } from "@cdktf/provider-azurerm/lib/provider";
import type { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import type { AzurePlace } from "./place";

/**
 * The azurerm provider of a stack: bound to a subscription and a tenant. Who acts it takes from the environment that Terraform
 * runs in (`ARM_CLIENT_ID`, `ARM_USE_OIDC`, or the Azure CLI), never from here.
 *
 * It registers no resource providers, which needs a right on the whole subscription; who owns the subscription registers them
 * once. Storage is spoken to with tokens of Entra ID, as accounts here have no shared keys.
 */
export function azureProvider(
  scope: Construct,
  { subscriptionId, tenantId }: Pick<AzurePlace, "subscriptionId" | "tenantId">,
  transform?: Transform<AzurermProviderConfig>,
): AzurermProvider {
  return new AzurermProvider(
    scope,
    "azurerm",
    transformed(transform, {
      subscriptionId,
      tenantId,
      resourceProviderRegistrations: "none",
      storageUseAzuread: true,
      features: [
        {
          // A changed recipe changes no machine that runs: `roll` replaces them. The provider would do both by itself.
          virtualMachineScaleSet: [{ reimageOnManualUpgrade: false, rollInstancesWhenRequired: false }],
          // What was deleted stays until Azure's own delay ends, and comes back with what it held.
          keyVault: [
            {
              purgeSoftDeleteOnDestroy: false,
              purgeSoftDeletedCertificatesOnDestroy: false,
              purgeSoftDeletedKeysOnDestroy: false,
              purgeSoftDeletedSecretsOnDestroy: false,
            },
          ],
          // Keys cannot be deleted through Resource Manager; they go with their vault.
          templateDeployment: [{ deleteNestedItemsDuringDeletion: false }],
          // No storage account is reached from where Terraform runs, nor need it be.
          storage: [{ dataPlaneAvailable: false }],
          logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: false }],
          resourceGroup: [{ preventDeletionIfContainsResources: true }],
        },
      ],
    }),
  );
}
