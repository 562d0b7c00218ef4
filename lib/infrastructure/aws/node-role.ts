import { IamInstanceProfile, type IamInstanceProfileConfig } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole, type IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy, type IamRolePolicyConfig } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { oneOf, shortName } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { iamPath, roleName } from "./names";
import { nodeStatements, nodeTrust, sessionStatements } from "./node-policy";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { type PolicyStatement, policyDocument } from "./policy-document";
import { instanceProfileArn, policyArn, roleArn } from "./rules";

/** A role that somebody else made for the nodes of a group, with its instance profile. */
export interface AwsGivenNodeRole {
  readonly roleArn: string;
  readonly instanceProfileArn: string;
}

export interface AwsNodeRoleProps extends AwsPlace {
  /** Whether its machines are servers, workers, or runners of CI, which are no nodes of the cluster. */
  readonly plane: "server" | "worker" | "runner";
  /** Name of the group whose nodes bear it. */
  readonly group: string;
  /**
   * A role that exists. Nothing is made then; what its nodes need, its owner allows.
   *
   * @default - a role is made
   */
  readonly given?: AwsGivenNodeRole;
  /**
   * ARN of the policy that bounds what the role may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly role?: Transform<IamRoleConfig>;
    readonly instanceProfile?: Transform<IamInstanceProfileConfig>;
    /** Laid on each of the role's policies. */
    readonly policy?: Transform<IamRolePolicyConfig>;
  };
}

/** Checks a role that exists. */
export function checkGivenRole(check: PropsCheck, given: AwsGivenNodeRole): void {
  check.required("roleArn", given.roleArn, roleArn);
  check.required("instanceProfileArn", given.instanceProfileArn, instanceProfileArn);
}

/**
 * Who the nodes of one group are to AWS: a role with its instance profile, below the environment's path. Every node may
 * be reached by Session Manager and find its peers; what else a group's nodes need is added by `allow`.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsNodeRole extends Construct {
  readonly roleArn: string;
  readonly instanceProfileArn: string;
  /** The role, unless it is a given one. */
  readonly role?: IamRole;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsNodeRoleProps,
  ) {
    const check = new PropsCheck("AwsNodeRole", scope, id);
    checkPlace(check, props);
    check.required("plane", props.plane, oneOf(["server", "worker", "runner"]));
    check.required("group", props.group, shortName(16, "main"));
    check.optional("permissionsBoundaryArn", props.permissionsBoundaryArn, policyArn);
    if (props.given !== undefined) {
      checkGivenRole(check.under("given"), props.given);
      if (props.permissionsBoundaryArn !== undefined) {
        check.add({
          property: "permissionsBoundaryArn",
          given: props.permissionsBoundaryArn,
          allowed: "nothing beside a given role, which is not changed",
          fix: "set the boundary on the role where it is made, and remove it here",
        });
      }
    }
    check.done();
    super(scope, id);

    if (props.given !== undefined) {
      this.roleArn = props.given.roleArn;
      this.instanceProfileArn = props.given.instanceProfileArn;
      return;
    }
    const { environment, plane, group, transform } = props;
    const name = roleName(environment, plane, group);
    const path = iamPath(environment);
    this.role = new IamRole(
      this,
      "Default",
      transformed(transform?.role, {
        name,
        path,
        description: `Nodes of the ${plane} group ${group} of the environment ${environment}`,
        assumeRolePolicy: policyDocument("trust", this.node.path, nodeTrust),
        permissionsBoundary: props.permissionsBoundaryArn,
      }),
    );
    const profile = new IamInstanceProfile(
      this,
      "instance-profile",
      transformed(transform?.instanceProfile, { name, path, role: this.role.name }),
    );
    this.roleArn = this.role.arn;
    this.instanceProfileArn = profile.arn;
    if (plane === "runner") this.allow("session", sessionStatements(props));
    else this.allow("node", nodeStatements(props));
  }

  /**
   * Lets the group's nodes do something more. A given role is left as it is.
   *
   * @throws InvalidPropsError if a statement is wrong
   */
  allow(id: string, statements: readonly PolicyStatement[]): void {
    if (this.role === undefined) return;
    new IamRolePolicy(
      this,
      `${id}-policy`,
      transformed(this.props.transform?.policy, {
        name: id,
        role: this.role.name,
        policy: policyDocument("identity", `${this.node.path}/${id}-policy`, statements),
      }),
    );
  }
}
