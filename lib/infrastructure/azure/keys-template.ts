import type { ResourceGroupTemplateDeployment } from "@cdktf/provider-azurerm/lib/resource-group-template-deployment";
import { propertyAccess, Token } from "cdktf";
import { hcl } from "../../core/hcl";

/** https://learn.microsoft.com/en-us/azure/templates/microsoft.keyvault/vaults/keys */
const KEYS = { type: "Microsoft.KeyVault/vaults/keys", apiVersion: "2023-07-01" } as const;

/** https://learn.microsoft.com/en-us/azure/templates/microsoft.compute/diskencryptionsets */
const DISK_ENCRYPTION_SETS = { type: "Microsoft.Compute/diskEncryptionSets", apiVersion: "2023-10-02" } as const;

const TEMPLATE = {
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
} as const;

/** Wrapping other keys with RSA is what Vault, Nomad, disks and storage accounts do. Azure turns the key every year. */
const KEY = {
  kty: "RSA-HSM",
  keySize: 3072,
  keyOps: ["wrapKey", "unwrapKey"],
  attributes: { enabled: true },
  rotationPolicy: { lifetimeActions: [{ trigger: { timeAfterCreate: "P1Y" }, action: { type: "rotate" } }] },
} as const;

/**
 * A deployment that makes keys in a vault. Resource Manager makes a key where there is none and leaves one that is there as it is,
 * and reaches vaults that no network does: who applies need not reach the vault, and gets no right to use a key.
 */
export function keysTemplate(vaultName: string, names: readonly string[]): object {
  return {
    ...TEMPLATE,
    resources: names.map((name) => ({ ...KEYS, name: `${vaultName}/${name}`, properties: KEY })),
    outputs: Object.fromEntries(names.map((name) => [name, { type: "string", value: name }])),
  };
}

export interface DiskEncryptionProps {
  readonly name: string;
  readonly region: string;
  readonly vaultName: string;
  readonly keyName: string;
  /** The identity by which disks use the key. */
  readonly identityId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A deployment that makes the disk encryption set of a key, which follows each new version of it. Terraform's own resource would ask
 * the vault itself for the newest version, and so from inside the network only.
 */
export function diskEncryptionTemplate(props: DiskEncryptionProps): object {
  const { name, region, vaultName, keyName, identityId, tags } = props;
  const key = `resourceId('${KEYS.type}', '${vaultName}', '${keyName}')`;
  return {
    ...TEMPLATE,
    resources: [
      {
        ...DISK_ENCRYPTION_SETS,
        name,
        location: region,
        tags,
        identity: { type: "UserAssigned", userAssignedIdentities: { [identityId]: {} } },
        properties: {
          activeKey: { keyUrl: `[reference(${key}, '${KEYS.apiVersion}').keyUriWithVersion]` },
          encryptionType: "EncryptionAtRestWithCustomerKey",
          rotationToLatestKeyVersionEnabled: true,
        },
      },
    ],
    outputs: {
      id: { type: "string", value: `[resourceId('${DISK_ENCRYPTION_SETS.type}', '${name}')]` },
      key: { type: "string", value: `[reference(${key}, '${KEYS.apiVersion}').keyUri]` },
    },
  };
}

/** An output of a deployment, which waits for what the deployment makes. */
export function outputOf(deployment: ResourceGroupTemplateDeployment, name: string): string {
  return Token.asString(propertyAccess(hcl.call("jsondecode", deployment.outputContent), [name, "value"]));
}
