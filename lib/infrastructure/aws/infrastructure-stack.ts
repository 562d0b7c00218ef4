import type { AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import type { Construct } from "constructs";
import type { PropsCheck } from "../../core/errors";
import { LayerStack, type LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import { type AwsInfrastructureContract, awsInfrastructureSchema } from "../contract";
import { checkServerGroups, defaultServerGroups, groupName, type ServerGroup } from "../props";
import { ciRoleArn } from "./ci-role";
import { AwsIdentity, type AwsIdentityProps } from "./identity";
import { AwsNetwork } from "./network";
import { checkNetworkChoice } from "./network-check";
import type { AwsNetworkChoice, IAwsNetwork } from "./network-props";
import { type AwsGivenNodeRole, checkGivenRole } from "./node-role";
import { awsProvider } from "./provider";
import { accountId, kmsKeyArn, policyArn, region, roleArn } from "./rules";

/** Servers that are alike, on AWS. */
export interface AwsServerGroup extends ServerGroup {
  /**
   * A role that exists, for the group's servers.
   *
   * @default - one is made
   */
  readonly role?: AwsGivenNodeRole;
}

/** Workers that are alike, on AWS. */
export interface AwsWorkerGroup {
  /**
   * A role that exists, for the group's workers.
   *
   * @default - one is made
   */
  readonly role?: AwsGivenNodeRole;
}

export interface AwsInfrastructureStackProps extends LayerStackProps {
  /** The region's code, `"eu-central-1"`. */
  readonly region: string;

  /** The account's id, 12 digits as text. The provider refuses to work in any other. */
  readonly accountId: string;

  /**
   * The network: one to make (`{ cidr, zones, egress }`), or one that exists (`{ vpcId, cidr, privateSubnetIds }`).
   *
   * @default - 10.64.0.0/16 over three zones, with a NAT gateway in each
   */
  readonly network?: AwsNetworkChoice;

  /**
   * Groups of servers by name, with the products they run. A product runs in exactly one group.
   *
   * @default - one group "main" that runs Vault, Consul and Nomad
   */
  readonly servers?: Readonly<Record<string, AwsServerGroup>>;

  /**
   * Groups of workers by name.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, AwsWorkerGroup>>;

  /**
   * ARN of the role that plans, for CI's pull requests.
   *
   * @default - the one that `AwsStateStack` makes for this environment
   */
  readonly plannerRoleArn?: string;

  /**
   * ARN of the role that applies, for CI after a merge.
   *
   * @default - the one that `AwsStateStack` makes for this environment
   */
  readonly deployerRoleArn?: string;

  /**
   * ARN of the policy that bounds what every role made here may ever do.
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

  /**
   * ARN of a key that seals Vault. Its own policy must let the roles of Vault's servers use it.
   *
   * @default - one is made
   */
  readonly sealKeyArn?: string;

  /**
   * ARN of a key that encrypts the keyring of Nomad. Its own policy must let the roles of Nomad's servers use it.
   *
   * @default - one is made
   */
  readonly keyringKeyArn?: string;

  /**
   * ARN of a key for disks, buckets, secrets and logs. Its own policy must let these services use it.
   *
   * @default - one is made
   */
  readonly dataKeyArn?: string;

  /**
   * Changes to the props of the inner resources. Those of the network are part of `network`.
   *
   * @default - none
   */
  readonly transform?: { readonly provider?: Transform<AwsProviderConfig> } & AwsIdentityProps["transform"];
}

/**
 * The infrastructure layer on AWS: network, identities and keys of one environment in one region of one account.
 *
 * ```ts
 * new AwsInfrastructureStack(app, "prod-infrastructure", {
 *   environment: { name: "prod", state },
 *   region: "eu-central-1",
 *   accountId: "123456789012",
 *   workers: { general: {} },
 * });
 * ```
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsInfrastructureStack extends LayerStack {
  readonly network: IAwsNetwork;
  readonly identity: AwsIdentity;
  /** What the layers above may read. */
  readonly contract: AwsInfrastructureContract;

  constructor(scope: Construct, id: string, props: AwsInfrastructureStackProps) {
    super(scope, id, props);
    const { permissionsBoundaryArn } = props;
    const { servers, workers } = groupsOf(props);
    const place = { environment: props.environment.name, region: props.region, accountId: props.accountId };
    const ci = {
      plannerRoleArn: props.plannerRoleArn ?? ciRoleArn(place, "planner"),
      deployerRoleArn: props.deployerRoleArn ?? ciRoleArn(place, "deployer"),
    };
    awsProvider(this, place, props.transform?.provider);
    this.identity = new AwsIdentity(this, "identity", {
      ...place,
      ...ci,
      servers,
      workers: Object.keys(workers),
      serverRoles: givenRoles(servers),
      workerRoles: givenRoles(workers),
      permissionsBoundaryArn,
      autoScalingRoleArn: props.autoScalingRoleArn,
      sealKeyArn: props.sealKeyArn,
      keyringKeyArn: props.keyringKeyArn,
      dataKeyArn: props.dataKeyArn,
      transform: props.transform,
    });
    const { keys } = this.identity;
    this.network = AwsNetwork.fromChoice(this, "network", props.network ?? {}, {
      ...place,
      kmsKeyArn: keys.dataKeyArn,
      permissionsBoundaryArn,
    });
    this.contract = awsInfrastructureSchema.publish(
      this,
      {
        cloud: "aws",
        ...place,
        ...ci,
        serverGroups: Object.fromEntries(Object.entries(servers).map(([name, { runs }]) => [name, runs])),
        workerGroups: Object.keys(workers),
      },
      {
        vpcId: this.network.vpcId,
        privateSubnetIds: this.network.privateSubnetIds,
        publicSubnetIds: this.network.publicSubnetIds,
        serverRoleArns: arns(this.identity.servers),
        workerRoleArns: arns(this.identity.workers),
        sealKeyArn: keys.sealKeyArn,
        keyringKeyArn: keys.keyringKeyArn,
        dataKeyArn: keys.dataKeyArn,
      },
    );
  }

  protected static override checkProps(check: PropsCheck, props: AwsInfrastructureStackProps): void {
    LayerStack.checkProps(check, props);
    const { servers, workers } = groupsOf(props);
    const known = check.required("region", props.region, region);
    check.required("accountId", props.accountId, accountId);
    checkServerGroups(check, "servers", servers);
    for (const name of Object.keys(workers)) check.required(`workers["${name}"]`, name, groupName);
    for (const [property, groups] of Object.entries({ servers, workers })) {
      for (const [name, role] of Object.entries(givenRoles(groups))) {
        checkGivenRole(check.under(`${property}.${name}.role`), role);
      }
    }
    if (known) checkNetworkChoice(check.under("network"), props.network ?? {}, props.region);
    for (const property of ["plannerRoleArn", "deployerRoleArn", "autoScalingRoleArn"] as const) {
      check.optional(property, props[property], roleArn);
    }
    for (const property of ["sealKeyArn", "keyringKeyArn", "dataKeyArn"] as const) {
      check.optional(property, props[property], kmsKeyArn);
    }
    check.optional("permissionsBoundaryArn", props.permissionsBoundaryArn, policyArn);
  }
}

function groupsOf({ servers = defaultServerGroups, workers = {} }: AwsInfrastructureStackProps): {
  servers: Readonly<Record<string, AwsServerGroup>>;
  workers: Readonly<Record<string, AwsWorkerGroup>>;
} {
  return { servers, workers };
}

function givenRoles(
  groups: Readonly<Record<string, { readonly role?: AwsGivenNodeRole }>>,
): Record<string, AwsGivenNodeRole> {
  return Object.fromEntries(Object.entries(groups).flatMap(([name, { role }]) => (role ? [[name, role]] : [])));
}

function arns(roles: AwsIdentity["servers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(roles).map(([name, { roleArn }]) => [name, roleArn]));
}
