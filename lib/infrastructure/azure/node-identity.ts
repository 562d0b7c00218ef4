import type { RoleAssignment, RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import {
  UserAssignedIdentity,
  type UserAssignedIdentityConfig,
} from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { oneOf, shortName } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { uuid } from "../../node/check/cloud-rules";
import { identityName } from "./names";
import { type AzurePlace, resourceGroupId } from "./place";
import { checkPlace } from "./place-check";
import type { AzureNodeRight } from "./rights";
import { assign, roleDefinitionId } from "./roles";
import { identityId } from "./rules";

/** A user-assigned identity that somebody else made for the nodes of a group. */
export interface AzureGivenIdentity {
  readonly identityId: string;
  /** Its object id, a UUID: by it Vault knows the group's nodes. */
  readonly principalId: string;
}

export interface AzureNodeIdentityProps extends AzurePlace {
  readonly plane: "server" | "worker";
  /** Name of the group whose nodes bear it. */
  readonly group: string;
  /**
   * An identity that exists. Nothing is made then; what its nodes need, its owner allows.
   *
   * @default - an identity is made
   */
  readonly given?: AzureGivenIdentity;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly identity?: Transform<UserAssignedIdentityConfig>;
    /** Laid on each of its role assignments. */
    readonly assignment?: Transform<RoleAssignmentConfig>;
  };
}

/** Checks an identity that exists. */
export function checkGivenIdentity(check: PropsCheck, given: AzureGivenIdentity): void {
  check.required("identityId", given.identityId, identityId);
  check.required("principalId", given.principalId, uuid);
}

/**
 * Who the nodes of one group are to Azure: a user-assigned identity of their own. Every node may find its peers; what else a
 * group's nodes need is added by `allow`. The roles are those of `AzureRoles`.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureNodeIdentity extends Construct {
  readonly identityId: string;
  /** Its object id. */
  readonly principalId: string;
  /** The identity, unless it is a given one. */
  readonly identity?: UserAssignedIdentity;
  /** What a machine needs before it starts with this identity. */
  readonly assignments: RoleAssignment[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureNodeIdentityProps,
  ) {
    const check = new PropsCheck("AzureNodeIdentity", scope, id);
    checkPlace(check, props);
    check.required("plane", props.plane, oneOf(["server", "worker"]));
    check.required("group", props.group, shortName(16, "main"));
    if (props.given !== undefined) checkGivenIdentity(check.under("given"), props.given);
    check.done();
    super(scope, id);

    if (props.given !== undefined) {
      this.identityId = props.given.identityId;
      this.principalId = props.given.principalId;
      return;
    }
    this.identity = new UserAssignedIdentity(
      this,
      "Default",
      transformed(props.transform?.identity, {
        name: identityName(props.environment, props.plane, props.group),
        location: props.region,
        resourceGroupName: props.resourceGroup,
      }),
    );
    this.identityId = this.identity.id;
    this.principalId = this.identity.principalId;
    this.allow("find-peers", { right: "find-peers", scope: resourceGroupId(props) });
  }

  /** Lets the group's nodes do something more. A given identity is left as it is. */
  allow(
    id: string,
    {
      right,
      scope,
      condition,
    }: { readonly right: AzureNodeRight; readonly scope: string; readonly condition?: string },
  ): void {
    if (this.identity === undefined) return;
    const role = roleDefinitionId(this.props, right);
    this.assignments.push(
      assign(this, id, { principalId: this.principalId, scope, role, condition }, this.props.transform?.assignment),
    );
  }
}
