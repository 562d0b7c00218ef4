import { IamPolicy, type IamPolicyConfig } from "@cdktf/provider-aws/lib/iam-policy";
import { IamRole, type IamRoleConfig } from "@cdktf/provider-aws/lib/iam-role";
import {
  IamRolePolicyAttachment,
  type IamRolePolicyAttachmentConfig,
} from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { Construct } from "constructs";
import { InvalidPropsError } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import type { CiRole } from "../ci-trust";
import { ciPath, policyName, roleName } from "./names";
import { type AwsPlace, iamArn } from "./place";
import { type PolicyStatement, policyDocument, policyLength } from "./policy-document";

export interface AwsCiRoleTransform {
  readonly role?: Transform<IamRoleConfig>;
  /** Laid on each of the role's policies. */
  readonly policy?: Transform<IamPolicyConfig>;
  readonly attachment?: Transform<IamRolePolicyAttachmentConfig>;
}

export interface AwsCiRoleProps extends AwsPlace {
  readonly role: CiRole;
  readonly trust: readonly PolicyStatement[];
  /** The role's policies, each with its concern: `{ network: [...] }`. */
  readonly policies: Readonly<Record<string, readonly PolicyStatement[]>>;
  readonly permissionsBoundaryArn?: string;
  readonly transform?: AwsCiRoleTransform;
}

/** ARN of a role of CI as `AwsStateStack` makes it, known without looking. */
export function ciRoleArn(place: AwsPlace, role: CiRole): string {
  return iamArn(place, `role${ciPath(place.environment)}${roleName(place.environment, role)}`);
}

/** Characters without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_POLICY_LIMIT = 6144;

/** A role by which CI acts, with one managed policy a concern. */
export class AwsCiRole extends Construct {
  constructor(scope: Construct, id: string, props: AwsCiRoleProps) {
    super(scope, id);
    const { environment, role: name, transform } = props;
    const path = ciPath(environment);
    const role = new IamRole(
      this,
      "Default",
      transformed(transform?.role, {
        name: roleName(environment, name),
        path,
        description: `${name === "planner" ? "Plans" : "Applies"} the environment ${environment} for CI`,
        assumeRolePolicy: policyDocument("trust", this.node.path, props.trust),
        permissionsBoundary: props.permissionsBoundaryArn,
      }),
    );
    for (const [concern, statements] of Object.entries(props.policies)) {
      checkLength(`${this.node.path}/${concern}`, statements);
      const policy = new IamPolicy(
        this,
        `${concern}-policy`,
        transformed(transform?.policy, {
          name: policyName(environment, name, concern),
          path,
          description: `What the ${name} of the environment ${environment} may do: ${concern}`,
          policy: policyDocument("identity", `${this.node.path}/${concern}`, statements),
        }),
      );
      new IamRolePolicyAttachment(
        this,
        `${concern}-attachment`,
        transformed(transform?.attachment, { role: role.name, policyArn: policy.arn }),
      );
    }
  }
}

function checkLength(path: string, statements: readonly PolicyStatement[]): void {
  const length = policyLength(statements);
  if (length <= MANAGED_POLICY_LIMIT) return;
  throw new InvalidPropsError("AwsCiRole", path, [
    {
      property: "policies",
      given: `${length} characters`,
      allowed: `at most ${MANAGED_POLICY_LIMIT} characters in a managed policy`,
      fix: "give fewer ARNs (passableRoleArns, usableKeyArns), or one with a path or a prefix they share",
    },
  ]);
}
