import type { AwsProviderConfig } from "@cdktf/provider-aws/lib/provider";
import type { LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import type { ClusterSettings, ServerGroup, WorkerGroup } from "../props";
import type { AwsClusterBucketProps } from "./cluster-bucket";
import type { AwsEdgeChoice, AwsEdgeTransform } from "./edge";
import type { AwsFirewallProps } from "./firewall";
import type { AwsIdentityProps } from "./identity";
import type { AwsImages } from "./image";
import type { AwsLogBucketProps } from "./log-bucket";
import type { AwsNetworkChoice } from "./network-props";
import type { AwsNodeGroupTransform } from "./node-group";
import type { AwsNodeLogProps } from "./node-log";
import type { AwsGivenNodeRole } from "./node-role";
import type { AwsOutsides } from "./outside";
import type { AwsRunners } from "./runner-group";
import type { AwsSecretStoreProps } from "./secret-store";
import type { AwsServerGroupTransform } from "./server-group";
import type { AwsWorkerGroupProps } from "./worker-group";

interface AwsGroupSettings<T> {
  /**
   * A role that exists, for the group's nodes. It must let them do what a role made here lets them.
   *
   * @default - one is made
   */
  readonly role?: AwsGivenNodeRole;
  /**
   * Security groups of the group's machines beside the one that the firewall makes, at most 4.
   *
   * @default - none
   */
  readonly securityGroupIds?: readonly string[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: T;
}

/** Servers that are alike, on AWS. */
export interface AwsServerSettings extends ServerGroup, AwsGroupSettings<AwsServerGroupTransform> {}

/** Workers that are alike, on AWS. */
export interface AwsWorkerSettings
  extends WorkerGroup,
    AwsGroupSettings<AwsNodeGroupTransform>,
    Pick<AwsWorkerGroupProps, "repositories"> {}

export interface AwsInfrastructureStackProps extends LayerStackProps, ClusterSettings, AwsEdgeChoice {
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
   * What nodes reach beside AWS's APIs and, with a NAT gateway, the web: `{ proxy: { range: "10.9.0.10/32", port: 3128 } }`.
   *
   * @default - nothing
   */
  readonly outside?: AwsOutsides;

  /**
   * The machine images that nodes start from, by processor, each by its id: `{ x86_64: "ami-..." }`. Needed for every
   * processor that a group without an `imageId` has. `docs/images.md` says how to look one up.
   *
   * @default - none
   */
  readonly images?: AwsImages;

  /**
   * Groups of servers by name, with the products they run. A product runs in exactly one group.
   *
   * @default - one group "main" of three that run Vault, Consul and Nomad
   */
  readonly servers?: Readonly<Record<string, AwsServerSettings>>;

  /**
   * Groups of workers by name.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, AwsWorkerSettings>>;

  /**
   * CI's own runners inside the network, which an environment without a public address needs.
   *
   * @default - none
   */
  readonly runners?: AwsRunners;

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
   * Changes to the props of the inner resources. Those of the network and of groups are part of those.
   *
   * @default - none
   */
  readonly transform?: {
    readonly provider?: Transform<AwsProviderConfig>;
    readonly logBucket?: AwsLogBucketProps["transform"];
    readonly clusterBucket?: AwsClusterBucketProps["transform"];
    readonly secrets?: AwsSecretStoreProps["transform"];
    readonly log?: AwsNodeLogProps["transform"];
    readonly firewall?: AwsFirewallProps["transform"];
    readonly edge?: AwsEdgeTransform;
  } & AwsIdentityProps["transform"];
}
