import { ProjectIamMember, type ProjectIamMemberConfig } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount, type ServiceAccountConfig } from "@cdktf/provider-google/lib/service-account";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { oneOf, shortName } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import { customRoleName, type GcpNodeRoleName } from "./custom-roles";
import type { GcpCondition } from "./grant";
import { serviceAccountId } from "./names";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { serviceAccount } from "./rules";

export interface GcpNodeAccountProps extends GcpPlace {
  readonly plane: "server" | "worker";
  /** Name of the group whose nodes bear it. */
  readonly group: string;
  /**
   * E-mail address of a service account that exists, of this project. It is left as it is; what its nodes need it is granted on
   * the environment's own resources.
   *
   * @default - one is made
   */
  readonly email?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly serviceAccount?: Transform<ServiceAccountConfig>;
    /** Laid on each of its grants on the project. */
    readonly projectMember?: Transform<ProjectIamMemberConfig>;
  };
}

/**
 * Who the nodes of one group are to Google Cloud: a service account without keys. Every node may find its peers and write
 * into the log; what else a group's nodes need they are granted where it is.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpNodeAccount extends Construct {
  readonly email: string;
  /** As grants name it: `serviceAccount:<email>`. */
  readonly member: string;
  /** Its full name: `projects/<project>/serviceAccounts/<email>`. */
  readonly accountName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpNodeAccountProps,
  ) {
    const check = new PropsCheck("GcpNodeAccount", scope, id);
    checkPlace(check, props);
    check.required("plane", props.plane, oneOf(["server", "worker"]));
    check.required("group", props.group, shortName(16, "main"));
    check.optional("email", props.email, serviceAccount);
    check.done();
    super(scope, id);
    const { environment, project, plane, group, transform } = props;
    this.email =
      props.email ??
      new ServiceAccount(
        this,
        "Default",
        transformed(transform?.serviceAccount, {
          project,
          accountId: serviceAccountId(environment, plane, group),
          displayName: `Caravan ${environment}: ${plane} group ${group}`,
          description: `Nodes of the ${plane} group ${group} of the environment ${environment}`,
        }),
      ).email;
    this.member = `serviceAccount:${this.email}`;
    this.accountName = `projects/${project}/serviceAccounts/${this.email}`;
    this.allowInProject("node", "node");
  }

  /** Grants the group's nodes one of the environment's custom roles on the project, as where a permission knows no resource. */
  allowInProject(id: string, role: GcpNodeRoleName, condition?: GcpCondition): void {
    new ProjectIamMember(
      this,
      `${id}-member`,
      transformed(this.props.transform?.projectMember, {
        project: this.props.project,
        role: customRoleName(this.props, role),
        member: this.member,
        condition,
      }),
    );
  }
}
