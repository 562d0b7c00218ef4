import type { ProjectIamCustomRoleConfig } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { ProjectIamMember, type ProjectIamMemberConfig } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount, type ServiceAccountConfig } from "@cdktf/provider-google/lib/service-account";
import {
  ServiceAccountIamMember,
  type ServiceAccountIamMemberConfig,
} from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { type Transform, transformed } from "../../layer/transform";
import type { CiRole } from "../ci-trust";
import { signPermissions } from "./ci-permissions";
import { customRole } from "./custom-roles";
import type { GcpCondition } from "./grant";
import { serviceAccountId } from "./names";
import { type GcpPlace, serviceAccountEmail } from "./place";

export interface GcpCiAccountTransform {
  readonly serviceAccount?: Transform<ServiceAccountConfig>;
  /** Laid on each of the account's custom roles. */
  readonly role?: Transform<ProjectIamCustomRoleConfig>;
  /** Laid on each of its grants on the project. */
  readonly projectMember?: Transform<ProjectIamMemberConfig>;
  /** Laid on the grants by which others are it. */
  readonly accountMember?: Transform<ServiceAccountIamMemberConfig>;
}

/** What an account may do in the project, as one custom role. */
export interface GcpCiRights {
  readonly title: string;
  readonly permissions: readonly string[];
  /** @default - everywhere in the project */
  readonly condition?: string;
}

export interface GcpCiAccountProps extends GcpPlace {
  readonly role: CiRole;
  /** Who may be it: members as grants name them, and how, by an id of the grant. */
  readonly trust: Readonly<Record<string, { readonly member: string; readonly role: string }>>;
  /** Its rights, each with its concern: `{ network: ... }`. */
  readonly rights: Readonly<Record<string, GcpCiRights>>;
  readonly transform?: GcpCiAccountTransform;
}

/** E-mail address of an account of CI as `GcpStateStack` makes it, known without looking. */
export function ciAccountEmail(place: GcpPlace, role: CiRole): string {
  return serviceAccountEmail(place, serviceAccountId(place.environment, role));
}

/** A service account by which CI acts, with one custom role a concern. It has no key. */
export class GcpCiAccount extends Construct {
  readonly email: string;
  /** As grants name it. */
  readonly member: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpCiAccountProps,
  ) {
    super(scope, id);
    const { environment, project, role, transform } = props;
    const account = new ServiceAccount(
      this,
      "Default",
      transformed(transform?.serviceAccount, {
        project,
        accountId: serviceAccountId(environment, role),
        displayName: `Caravan ${environment}: ${role}`,
        description: `${role === "planner" ? "Plans" : "Applies"} the environment ${environment} for CI`,
      }),
    );
    this.email = account.email;
    this.member = `serviceAccount:${account.email}`;
    const own = customRole(
      this,
      "sign-role",
      props,
      { purpose: `${role}Sign`, title: `${role} signs for itself`, permissions: signPermissions },
      transform?.role,
    );
    const be = { ...props.trust, itself: { member: this.member, role: own.name } };
    for (const [name, { member, role: granted }] of Object.entries(be)) {
      new ServiceAccountIamMember(
        this,
        `${name}-member`,
        transformed(transform?.accountMember, { serviceAccountId: account.name, role: granted, member }),
      );
    }
    for (const [concern, { title, permissions, condition }] of Object.entries(props.rights)) {
      const capital = `${concern.slice(0, 1).toUpperCase()}${concern.slice(1)}`;
      const made = customRole(
        this,
        `${concern}-role`,
        props,
        { purpose: `${role}${capital}`, title: `${role}, ${title}`, permissions },
        transform?.role,
      );
      this.grant(concern, made.name, condition === undefined ? undefined : { title, expression: condition });
    }
  }

  /** Grants a role on the project. */
  grant(id: string, role: string, condition?: GcpCondition): void {
    new ProjectIamMember(
      this,
      `${id}-member`,
      transformed(this.props.transform?.projectMember, {
        project: this.props.project,
        role,
        member: this.member,
        condition: condition && { title: condition.title, expression: hcl.text(condition.expression) },
      }),
    );
  }
}
