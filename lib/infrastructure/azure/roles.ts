import { createHash } from "node:crypto";
import { RoleAssignment, type RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import { RoleDefinition, type RoleDefinitionConfig } from "@cdktf/provider-azurerm/lib/role-definition";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import { roleName, volumesPlace } from "./names";
import { type AzurePlace, resourceGroupId } from "./place";
import { checkPlace } from "./place-check";
import { type AzureNodeRight, type AzurePermissions, nodeRights } from "./rights";

/** The id of a role within the tenant, made of where it holds and what it is for, so that both sides know it at synth. */
export function roleGuid({ subscriptionId, resourceGroup }: AzurePlace, name: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify(["cdktf-caravan", subscriptionId, resourceGroup, name]))
    .digest("hex");
  // Version 8 of RFC 9562: whatever its maker says.
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

/** The role's id as role assignments have it. */
export function roleDefinitionId(place: AzurePlace, name: AzureNodeRight): string {
  return `/subscriptions/${place.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleGuid(place, name)}`;
}

export interface AzureRolesProps extends AzurePlace {
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on each of the roles. */
    readonly role?: Transform<RoleDefinitionConfig>;
  };
}

/**
 * The custom roles of an environment: what its nodes may be allowed, a right a role. They hold in the environment's resource
 * group and in the one of its volumes.
 *
 * `AzureStateStack` makes them, so that whoever applies the environment gives rights that people have written, and no others.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureRoles extends Construct {
  constructor(scope: Construct, id: string, props: AzureRolesProps) {
    const check = new PropsCheck("AzureRoles", scope, id);
    checkPlace(check, props);
    check.done();
    super(scope, id);
    for (const [name, permissions] of Object.entries(nodeRights)) {
      customRole(this, name, props, name, permissions, props.transform?.role);
    }
  }
}

/** A custom role that can be assigned in the environment's resource groups. */
export function customRole(
  scope: Construct,
  id: string,
  place: AzurePlace,
  name: string,
  { description, actions = [], dataActions = [] }: AzurePermissions,
  transform?: Transform<RoleDefinitionConfig>,
): RoleDefinition {
  return new RoleDefinition(
    scope,
    id,
    transformed(transform, {
      roleDefinitionId: roleGuid(place, name),
      name: roleName(place, name),
      description: `${description}, in the environment ${place.environment}`,
      scope: resourceGroupId(place),
      assignableScopes: [resourceGroupId(place), resourceGroupId(volumesPlace(place))],
      permissions: [{ actions: [...actions], dataActions: [...dataActions], notActions: [], notDataActions: [] }],
    }),
  );
}

export interface AzureAssignment {
  /** Object id of the identity that gets the role. */
  readonly principalId: string;
  /** Id of what the role holds for. */
  readonly scope: string;
  /** Id of the role, as `roleDefinitionId` gives it. */
  readonly role: string;
  /** Under which condition. @default - none */
  readonly condition?: string;
}

/** Gives an identity a role. */
export function assign(
  scope: Construct,
  id: string,
  { principalId, scope: where, role, condition }: AzureAssignment,
  transform?: Transform<RoleAssignmentConfig>,
): RoleAssignment {
  return new RoleAssignment(
    scope,
    id,
    transformed(transform, {
      scope: where,
      roleDefinitionId: role,
      principalId,
      principalType: "ServicePrincipal",
      // An identity that was made a moment ago is not known everywhere yet.
      skipServicePrincipalAadCheck: true,
      ...(condition === undefined ? {} : { condition, conditionVersion: "2.0" }),
    }),
  );
}
