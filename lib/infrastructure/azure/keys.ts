import {
  ResourceGroupTemplateDeployment,
  type ResourceGroupTemplateDeploymentConfig,
} from "@cdktf/provider-azurerm/lib/resource-group-template-deployment";
import type { RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import {
  UserAssignedIdentity,
  type UserAssignedIdentityConfig,
} from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import { AzureKeyVault, type AzureKeyVaultTransform } from "./key-vault";
import { diskEncryptionTemplate, keysTemplate, outputOf } from "./keys-template";
import { deploymentName, diskName, ENVIRONMENT_TAG, identityName } from "./names";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import type { AzurePrivateLink } from "./private-link";
import { assign, roleDefinitionId } from "./roles";
import { diskEncryptionSetId, identityId, keyId } from "./rules";

/** A key for data that somebody else made, and what disks and storage accounts use it with. */
export interface AzureGivenDataKey {
  /** Id of the key, as Resource Manager has it: `.../vaults/acme/keys/data`. */
  readonly keyId: string;
  /** Id of the user-assigned identity by which storage accounts use it. */
  readonly identityId: string;
  /** Id of the disk encryption set of the key. */
  readonly diskEncryptionSetId: string;
}

export interface AzureKeysProps extends AzurePlace {
  /** Identities of the nodes that run Vault. */
  readonly vaultIdentities: readonly AzureNodeIdentity[];
  /** Identities of the nodes that run Nomad's servers. */
  readonly nomadIdentities: readonly AzureNodeIdentity[];
  /** How nodes reach the vault of the keys. */
  readonly link: AzurePrivateLink;
  /** Id of the workspace that keeps who used which key. */
  readonly workspaceId: string;
  /**
   * Id of a key that seals Vault, as Resource Manager has it: `.../vaults/acme/keys/seal`. Its owner lets Vault's identities get it,
   * wrap and unwrap with it.
   *
   * @default - one is made
   */
  readonly sealKeyId?: string;
  /**
   * Id of a key that encrypts Nomad's keyring. Its owner lets the identities of Nomad's servers get it, wrap and unwrap with it.
   *
   * @default - one is made
   */
  readonly keyringKeyId?: string;
  /**
   * A key for disks and storage accounts, with the identity and the disk encryption set that use it.
   *
   * @default - all three are made
   */
  readonly dataKey?: AzureGivenDataKey;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzureKeysTransform;
}

export interface AzureKeysTransform {
  readonly vault?: AzureKeyVaultTransform;
  readonly keys?: Transform<ResourceGroupTemplateDeploymentConfig>;
  readonly dataIdentity?: Transform<UserAssignedIdentityConfig>;
  readonly dataAssignment?: Transform<RoleAssignmentConfig>;
  readonly diskEncryption?: Transform<ResourceGroupTemplateDeploymentConfig>;
}

const NAMES = ["seal", "keyring", "data"] as const;
type KeyName = (typeof NAMES)[number];

/** The key's own part of an environment's values: which vault, and what it is called there. */
export interface AzureKeyInVault {
  readonly vault: string;
  readonly name: string;
}

interface Key extends AzureKeyInVault {
  readonly id: string;
}

/**
 * The three keys of an environment, in a vault of their own and in hardware (RSA-HSM): the seal key of Vault, the key of Nomad's
 * keyring, and the data key of disks and storage accounts. Who loses the seal key loses everything in Vault; who may use it can read
 * Vault's disk. No key ever leaves the vault, and Azure makes a new version of each every year.
 *
 * The identities get the right to use the very keys they need, but for given ones.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureKeys extends Construct {
  readonly sealKey: AzureKeyInVault;
  readonly keyringKey: AzureKeyInVault;
  /** Ids of the three keys, as Resource Manager has them. */
  readonly keyIds: Readonly<Record<KeyName, string>>;
  /** Address of the data key, without a version, so that new ones are used as they come. */
  readonly dataKeyAddress: string;
  /** Id of the identity by which storage accounts use the data key. */
  readonly dataIdentityId: string;
  /** Id of what encrypts disks with the data key. */
  readonly diskEncryptionSetId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureKeysProps,
  ) {
    const check = new PropsCheck("AzureKeys", scope, id);
    checkKeys(check, props);
    check.done();
    super(scope, id);

    const { vaultIdentities, nomadIdentities, dataKey } = props;
    const given: Readonly<Record<KeyName, string | undefined>> = {
      seal: props.sealKeyId,
      keyring: props.keyringKeyId,
      data: dataKey?.keyId,
    };
    const made = this.make(NAMES.filter((name) => given[name] === undefined));
    const keyOf = (name: KeyName) => givenKey(given[name]) ?? made(name);
    const keys = { seal: keyOf("seal"), keyring: keyOf("keyring"), data: keyOf("data") };
    this.sealKey = keys.seal;
    this.keyringKey = keys.keyring;
    this.keyIds = { seal: keys.seal.id, keyring: keys.keyring.id, data: keys.data.id };
    for (const [name, identities] of [
      ["seal", vaultIdentities],
      ["keyring", nomadIdentities],
    ] as const) {
      if (given[name] !== undefined) continue;
      for (const each of identities) each.allow(name, { right: "use-key", scope: keys[name].id });
    }
    const { vault, name } = keys.data;
    const forData =
      dataKey === undefined
        ? this.forData(keys.data)
        : { ...dataKey, address: `https://${vault}.vault.azure.net/keys/${name}` };
    this.dataKeyAddress = forData.address;
    this.dataIdentityId = forData.identityId;
    this.diskEncryptionSetId = forData.diskEncryptionSetId;
  }

  /** Makes keys, and says what each is once it is there. */
  private make(names: readonly KeyName[]): (name: KeyName) => Key {
    const { environment, subscriptionId, tenantId, region, resourceGroup, link, workspaceId, transform } = this.props;
    if (names.length === 0) return (name) => ({ vault: "", name, id: "" });
    const vault = new AzureKeyVault(this, "vault", {
      ...{ environment, subscriptionId, tenantId, region, resourceGroup },
      ...{ purpose: "keys", sku: "premium", link, workspaceId },
      transform: transform?.vault,
    });
    const deployment = new ResourceGroupTemplateDeployment(
      this,
      "Default",
      transformed(transform?.keys, {
        name: deploymentName(environment, "keys"),
        resourceGroupName: resourceGroup,
        deploymentMode: "Incremental",
        templateContent: hcl.json(keysTemplate(vault.vaultName, names)),
      }),
    );
    return (name) => {
      const there = outputOf(deployment, name);
      return { vault: vault.vaultName, name: there, id: `${vault.vaultId}/keys/${there}` };
    };
  }

  private forData({ vault, name, id }: Key): Omit<AzureGivenDataKey, "keyId"> & { address: string } {
    const { environment, region, resourceGroup, transform } = this.props;
    const identity = new UserAssignedIdentity(
      this,
      "data-identity",
      transformed(transform?.dataIdentity, {
        name: identityName(environment, "data"),
        location: region,
        resourceGroupName: resourceGroup,
      }),
    );
    const assignment = assign(
      this,
      "data-assignment",
      {
        principalId: identity.principalId,
        scope: id,
        role: roleDefinitionId(this.props, "use-key"),
      },
      transform?.dataAssignment,
    );
    const disks = new ResourceGroupTemplateDeployment(
      this,
      "disk-encryption",
      transformed(transform?.diskEncryption, {
        name: deploymentName(environment, "disks"),
        resourceGroupName: resourceGroup,
        deploymentMode: "Incremental",
        templateContent: hcl.json(
          diskEncryptionTemplate({
            name: diskName(environment, "disks"),
            region,
            vaultName: vault,
            keyName: name,
            identityId: identity.id,
            tags: { [ENVIRONMENT_TAG]: environment },
          }),
        ),
        dependsOn: [assignment],
      }),
    );
    return {
      identityId: identity.id,
      // From this deployment, which waits for the identity's right: storage accounts must not ask before.
      address: outputOf(disks, "key"),
      diskEncryptionSetId: outputOf(disks, "id"),
    };
  }
}

/** A key as somebody else made it. */
function givenKey(id: string | undefined): Key | undefined {
  if (id === undefined) return undefined;
  const [vault = "", , name = ""] = id.split("/").slice(-3);
  return { vault, name, id };
}

function checkKeys(check: PropsCheck, props: AzureKeysProps): void {
  checkPlace(check, props);
  check.optional("sealKeyId", props.sealKeyId, keyId);
  check.optional("keyringKeyId", props.keyringKeyId, keyId);
  if (props.dataKey !== undefined) {
    check.required("dataKey.keyId", props.dataKey.keyId, keyId);
    check.required("dataKey.identityId", props.dataKey.identityId, identityId);
    check.required("dataKey.diskEncryptionSetId", props.dataKey.diskEncryptionSetId, diskEncryptionSetId);
  }
}
