import { createHash } from "node:crypto";
import { RoleAssignment, type RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import { RoleDefinition, type RoleDefinitionConfig } from "@cdktf/provider-azurerm/lib/role-definition";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import type { AzureCiRight } from "./ci-rights";
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
export function roleDefinitionId(place: AzurePlace, name: AzureNodeRight | AzureCiRight): string {
  return `/subscriptions/${place.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleGuid(place, name)}`;
}

export interface AzureRolesProps extends AzurePlace {
  /**
   * Ids of the resource groups, which must be there, in which the roles can be given.
   *
   * @default - the environment's, and that of its volumes
   */
  readonly scopes?: readonly string[];
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
      customRole(this, name, { ...props, name, permissions, transform: props.transform?.role });
    }
  }
}

export interface CustomRoleProps extends AzurePlace {
  readonly name: string;
  readonly permissions: AzurePermissions;
  /** @default - the environment's resource group, and that of its volumes */
  readonly scopes?: readonly string[];
  readonly transform?: Transform<RoleDefinitionConfig>;
}

/** A custom role; it is kept with the first of its scopes. */
export function customRole(scope: Construct, id: string, props: CustomRoleProps): RoleDefinition {
  const { description, actions = [], dataActions = [] } = props.permissions;
  const scopes = props.scopes ?? [resourceGroupId(props), resourceGroupId(volumesPlace(props))];
  return new RoleDefinition(
    scope,
    id,
    transformed(props.transform, {
      roleDefinitionId: roleGuid(props, props.name),
      name: roleName(props, props.name),
      description: `${description}, in the environment ${props.environment}`,
      scope: scopes[0] ?? resourceGroupId(props),
      assignableScopes: [...scopes],
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
