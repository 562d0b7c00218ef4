import { IamServiceLinkedRole, type IamServiceLinkedRoleConfig } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { type Transform, transformed } from "../../layer/transform";
import type { Product } from "../../node/products";
import { checkServerGroups, checkWorkerNames, defaultServerGroups, type ServerGroups } from "../props";
import { AwsKeys, type AwsKeysProps } from "./keys";
import { roleName } from "./names";
import { resolveRolesStatement } from "./node-policy";
import { type AwsGivenNodeRole, AwsNodeRole, type AwsNodeRoleProps } from "./node-role";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { policyArn, roleArn } from "./rules";

export interface AwsIdentityProps extends AwsPlace {
  /**
   * Groups of servers by name, with the products they run.
   *
   * @default - one group "main" that runs Vault, Consul and Nomad
   */
  readonly servers?: ServerGroups;
  /**
   * Names of the worker groups.
   *
   * @default - none
   */
  readonly workers?: readonly string[];
  /** ARN of the role that applies; `AwsStateStack` makes one. */
  readonly deployerRoleArn: string;
  /** ARN of the role that plans; `AwsStateStack` makes one. */
  readonly plannerRoleArn: string;
  /**
   * Roles that exist, by the name of a server group.
   *
   * @default - a role is made for each group
   */
  readonly serverRoles?: Readonly<Record<string, AwsGivenNodeRole>>;
  /**
   * Roles that exist, by the name of a worker group.
   *
   * @default - a role is made for each group
   */
  readonly workerRoles?: Readonly<Record<string, AwsGivenNodeRole>>;
  /**
   * ARN of the policy that bounds what the roles may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
  /**
   * ARN of the role by which Auto Scaling starts nodes. Name it in the policy of a given `dataKeyArn`.
   *
   * @default - a service-linked role of this environment's own is made
   */
  readonly autoScalingRoleArn?: string;
  /** @default - a key is made */
  readonly sealKeyArn?: string;
  /** @default - a key is made */
  readonly keyringKeyArn?: string;
  /** @default - a key is made */
  readonly dataKeyArn?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    /** Laid on the roles of all groups. */
    readonly nodeRole?: AwsNodeRoleProps["transform"];
    readonly autoScalingRole?: Transform<IamServiceLinkedRoleConfig>;
    readonly keys?: AwsKeysProps["transform"];
  };
}

/**
 * Who acts in an environment, and with which keys: a role for each server group and each worker group, Auto Scaling's
 * role, and the seal, keyring and data keys that only those who need them may use.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsIdentity extends Construct {
  /** The roles of the server groups, by name. */
  readonly servers: Readonly<Record<string, AwsNodeRole>>;
  /** The roles of the worker groups, by name. */
  readonly workers: Readonly<Record<string, AwsNodeRole>>;
  readonly keys: AwsKeys;
  /** For the Auto Scaling groups: only this role of Auto Scaling's may use the data key. */
  readonly autoScalingRoleArn: string;

  constructor(scope: Construct, id: string, props: AwsIdentityProps) {
    const { servers = defaultServerGroups, workers = [] } = props;
    const check = new PropsCheck("AwsIdentity", scope, id);
    checkPlace(check, props);
    checkServerGroups(check, "servers", servers);
    checkWorkerNames(check, "workers", workers);
    check.required("deployerRoleArn", props.deployerRoleArn, roleArn);
    check.required("plannerRoleArn", props.plannerRoleArn, roleArn);
    check.optional("permissionsBoundaryArn", props.permissionsBoundaryArn, policyArn);
    check.optional("autoScalingRoleArn", props.autoScalingRoleArn, roleArn);
    checkGiven(check, "serverRoles", props.serverRoles, Object.keys(servers));
    checkGiven(check, "workerRoles", props.workerRoles, workers);
    check.done();
    super(scope, id);

    const { environment, accountId, region, transform } = props;
    const place = { environment, accountId, region };
    const role = (plane: "server" | "worker", group: string, given?: AwsGivenNodeRole) =>
      new AwsNodeRole(this, `${plane}-${group}`, {
        ...place,
        plane,
        group,
        given,
        permissionsBoundaryArn: given === undefined ? props.permissionsBoundaryArn : undefined,
        transform: transform?.nodeRole,
      });
    const roles = (plane: "server" | "worker", groups: readonly string[], given?: AwsIdentityProps["serverRoles"]) =>
      Object.fromEntries(groups.map((group) => [group, role(plane, group, given?.[group])]));
    this.servers = roles("server", Object.keys(servers), props.serverRoles);
    this.workers = roles("worker", workers, props.workerRoles);

    this.autoScalingRoleArn =
      props.autoScalingRoleArn ??
      new IamServiceLinkedRole(
        this,
        "auto-scaling-role",
        transformed(transform?.autoScalingRole, {
          awsServiceName: "autoscaling.amazonaws.com",
          customSuffix: roleName(environment),
          description: `Starts and stops the nodes of the environment ${environment}`,
        }),
      ).arn;

    const running = (product: Product) =>
      Object.entries(this.servers).flatMap(([group, each]) => (servers[group]?.runs.includes(product) ? [each] : []));
    const vaultRoles = running("vault");
    const everybody = [...Object.values(this.servers), ...Object.values(this.workers)].map((each) => each.roleArn);
    for (const each of vaultRoles) {
      each.allow("sign-in", [resolveRolesStatement([...everybody, props.deployerRoleArn, props.plannerRoleArn])]);
    }
    this.keys = new AwsKeys(this, "keys", {
      ...place,
      vaultRoles,
      nomadRoles: running("nomad"),
      autoScalingRoleArn: this.autoScalingRoleArn,
      sealKeyArn: props.sealKeyArn,
      keyringKeyArn: props.keyringKeyArn,
      dataKeyArn: props.dataKeyArn,
      transform: transform?.keys,
    });
  }
}

function checkGiven(check: PropsCheck, property: string, given: object = {}, groups: readonly string[]): void {
  for (const group of Object.keys(given).filter((name) => !groups.includes(name))) {
    check.add({
      property: `${property}.${group}`,
      given: group,
      allowed: groups.length === 0 ? "nothing: there are no such groups" : `the name of a group: ${groups.join(", ")}`,
      fix: "rename it, or add the group",
    });
  }
}
