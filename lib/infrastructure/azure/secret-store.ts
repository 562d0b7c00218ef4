import type { RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { text } from "../../core/rules";
import type { Transform } from "../../layer/transform";
import { uuid } from "../../node/check/cloud-rules";
import type { ClusterSecret } from "../cluster-objects";
import { AzureKeyVault, type AzureKeyVaultTransform } from "./key-vault";
import type { AzureNodeIdentity } from "./node-identity";
import type { AzurePlace } from "./place";
import { checkPlace } from "./place-check";
import type { AzurePrivateLink } from "./private-link";
import { assign, roleDefinitionId } from "./roles";
import { clientRange } from "./rules";

export interface AzureSecretStoreProps extends AzurePlace {
  /** Identities of the servers: they write all three, and read the public CA only. */
  readonly servers: readonly AzureNodeIdentity[];
  /** Identities of the workers: they read the public CA only. */
  readonly workers: readonly AzureNodeIdentity[];
  /** Object id of the identity that applies: it reads the bootstrap tokens, and the public CA. */
  readonly deployerPrincipalId: string;
  /** Object id of the identity that plans: it reads the public CA only. */
  readonly plannerPrincipalId: string;
  /** How nodes reach the vaults. */
  readonly link: AzurePrivateLink;
  /** Id of the workspace that keeps who read which secret. */
  readonly workspaceId: string;
  /**
   * Ranges of the internet from which CI asks for the public CA and the bootstrap tokens, as IPv4 addresses and ranges:
   * `["198.51.100.7", "203.0.113.0/24"]`. Nodes do not need them.
   *
   * @default - none: CI runs inside the network
   */
  readonly clientRanges?: readonly string[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzureKeyVaultTransform & {
    /** Laid on the role assignments of deployer and planner. */
    readonly assignment?: Transform<RoleAssignmentConfig>;
  };
}

/** What the vaults are called, in names of 24 characters. */
const PURPOSES: Readonly<Record<ClusterSecret, string>> = {
  "public-ca": "ca",
  bootstrap: "bootstrap",
  "recovery-keys": "recovery",
};

/**
 * The secrets that a cluster hands out, a key vault for each audience: Azure gives rights to a vault, or to a secret that is there
 * already, and these are made by the servers at first boot. Terraform owns the vaults and never looks into them.
 *
 * Whoever has a role for secrets on the whole resource group or subscription can read them too, for Azure has no rule that denies:
 * give such roles to nobody. The roles of nodes, deployer and planner are those of `AzureRoles`.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureSecretStore extends Construct {
  /** Addresses of the secrets, such as `https://<vault>.vault.azure.net/secrets/public-ca`. */
  readonly addresses: Readonly<Record<ClusterSecret, string>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureSecretStoreProps,
  ) {
    const check = new PropsCheck("AzureSecretStore", scope, id);
    checkPlace(check, props);
    check.required("deployerPrincipalId", props.deployerPrincipalId, uuid);
    check.required("plannerPrincipalId", props.plannerPrincipalId, uuid);
    check.required("workspaceId", props.workspaceId, text);
    check.each("clientRanges", props.clientRanges ?? [], clientRange);
    check.done();
    super(scope, id);
    const { servers, workers, deployerPrincipalId, plannerPrincipalId } = props;

    const vaults = {
      "public-ca": this.add("public-ca"),
      bootstrap: this.add("bootstrap"),
      "recovery-keys": this.add("recovery-keys"),
    } as const satisfies Record<ClusterSecret, AzureKeyVault>;
    const address = (secret: ClusterSecret) => `${vaults[secret].address}secrets/${secret}`;
    this.addresses = {
      "public-ca": address("public-ca"),
      bootstrap: address("bootstrap"),
      "recovery-keys": address("recovery-keys"),
    };

    for (const [secret, vault] of Object.entries(vaults)) {
      for (const each of servers) each.allow(`write-${secret}`, { right: "write-secret", scope: vault.vaultId });
    }
    for (const each of [...servers, ...workers]) {
      each.allow("read-public-ca", { right: "read-secret", scope: vaults["public-ca"].vaultId });
    }
    this.letRead("planner-public-ca", plannerPrincipalId, vaults["public-ca"]);
    this.letRead("deployer-public-ca", deployerPrincipalId, vaults["public-ca"]);
    this.letRead("deployer-bootstrap", deployerPrincipalId, vaults.bootstrap);
  }

  private add(secret: ClusterSecret): AzureKeyVault {
    const { environment, subscriptionId, tenantId, region, resourceGroup, link, workspaceId, transform } = this.props;
    return new AzureKeyVault(this, secret, {
      ...{ environment, subscriptionId, tenantId, region, resourceGroup },
      purpose: PURPOSES[secret],
      sku: "standard",
      link,
      workspaceId,
      // Recovery keys are for people, who ask inside the network.
      clientRanges: secret === "recovery-keys" ? [] : this.props.clientRanges,
      transform,
    });
  }

  private letRead(id: string, principalId: string, vault: AzureKeyVault): void {
    const role = roleDefinitionId(this.props, "read-secret");
    assign(this, id, { principalId, scope: vault.vaultId, role }, this.props.transform?.assignment);
  }
}
