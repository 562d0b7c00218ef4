import {
  FederatedIdentityCredential,
  type FederatedIdentityCredentialConfig,
} from "@cdktf/provider-azurerm/lib/federated-identity-credential";
import type { RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import {
  UserAssignedIdentity,
  type UserAssignedIdentityConfig,
} from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { type Transform, transformed } from "../../layer/transform";
import type { CiRole, OidcTrust } from "../ci-trust";
import { identityName, statePlace } from "./names";
import type { AzureGivenIdentity } from "./node-identity";
import { type AzurePlace, resourceId } from "./place";
import { assign } from "./roles";

export interface AzureCiIdentityTransform {
  readonly identity?: Transform<UserAssignedIdentityConfig>;
  /** Laid on each of its federated credentials. */
  readonly credential?: Transform<FederatedIdentityCredentialConfig>;
  /** Laid on each of its role assignments. */
  readonly assignment?: Transform<RoleAssignmentConfig>;
}

export interface AzureCiIdentityProps extends AzurePlace {
  readonly role: CiRole;
  /** @default - one is made */
  readonly given?: AzureGivenIdentity;
  /** Who signs CI's tokens, and for which subjects. @default - nobody, beside a given identity */
  readonly trust?: OidcTrust;
  /** Further subjects. @default - none */
  readonly subjects?: readonly string[];
  readonly transform?: AzureCiIdentityTransform;
}

/** Whom tokens must be for that Entra ID takes: https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation */
export const TOKEN_AUDIENCE = "api://AzureADTokenExchange";

/** Id of an identity of CI as `AzureStateStack` makes it, known without looking. */
export function ciIdentityId(place: AzurePlace, role: CiRole): string {
  return resourceId(
    statePlace(place),
    "Microsoft.ManagedIdentity/userAssignedIdentities",
    identityName(place.environment, role),
  );
}

/**
 * The subjects that may be a role, each as a whole: Azure knows no patterns for managed identities. Where a forge's planner is any
 * branch, it is the branch that is applied.
 */
export function subjectsOf({ exact, like }: OidcTrust, role: CiRole): readonly string[] {
  return like[role].length > 0 ? [...exact[role], ...exact.deployer] : exact[role];
}

/** A user-assigned identity by which CI acts, with a token of its forge instead of a secret. */
export class AzureCiIdentity extends Construct {
  readonly principalId: string;
  /** For `ARM_CLIENT_ID`; of a given identity its owner knows it. */
  readonly clientId?: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureCiIdentityProps,
  ) {
    super(scope, id);
    const { environment, region, role, given, trust, subjects = [], transform } = props;
    if (given !== undefined) {
      this.principalId = given.principalId;
      return;
    }
    const resourceGroupName = statePlace(props).resourceGroup;
    const identity = new UserAssignedIdentity(
      this,
      "Default",
      transformed(transform?.identity, {
        name: identityName(environment, role),
        location: region,
        resourceGroupName,
      }),
    );
    this.principalId = identity.principalId;
    this.clientId = identity.clientId;
    // Azure takes one after the other of an identity, and refuses two at a time.
    let before: ITerraformDependable[] = [];
    const all = trust === undefined ? [] : [...subjectsOf(trust, role), ...subjects];
    for (const [index, subject] of all.entries()) {
      before = [
        new FederatedIdentityCredential(
          this,
          `credential-${index + 1}`,
          transformed(transform?.credential, {
            name: `ci-${index + 1}`,
            resourceGroupName,
            parentId: identity.id,
            issuer: trust?.url ?? "",
            subject,
            audience: [TOKEN_AUDIENCE],
            dependsOn: before,
          }),
        ),
      ];
    }
  }

  /** Gives it a role. */
  allow(id: string, { role, scope, condition }: { role: string; scope: string; condition?: string }): void {
    assign(this, id, { principalId: this.principalId, scope, role, condition }, this.props.transform?.assignment);
  }
}
