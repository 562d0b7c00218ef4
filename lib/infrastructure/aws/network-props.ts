import type { DefaultNetworkAclConfig } from "@cdktf/provider-aws/lib/default-network-acl";
import type { DefaultRouteTableConfig } from "@cdktf/provider-aws/lib/default-route-table";
import type { DefaultSecurityGroupConfig } from "@cdktf/provider-aws/lib/default-security-group";
import type { EipConfig } from "@cdktf/provider-aws/lib/eip";
import type { InternetGatewayConfig } from "@cdktf/provider-aws/lib/internet-gateway";
import type { NatGatewayConfig } from "@cdktf/provider-aws/lib/nat-gateway";
import type { NetworkAclConfig } from "@cdktf/provider-aws/lib/network-acl";
import type { RouteConfig } from "@cdktf/provider-aws/lib/route";
import type { RouteTableConfig } from "@cdktf/provider-aws/lib/route-table";
import type { SubnetConfig } from "@cdktf/provider-aws/lib/subnet";
import type { VpcConfig } from "@cdktf/provider-aws/lib/vpc";
import type { Transform } from "../../layer/transform";
import type { AwsEgress, AwsEndpointsTransform } from "./network-endpoints";
import type { AwsFlowLogTransform } from "./network-flow-log";
import type { AwsPlace } from "./place";
import type { AwsZones } from "./zones";

/** A network that is made for the environment. */
export interface AwsOwnNetworkProps {
  /**
   * The network's IPv4 block, a /16 to /22 from the private ranges. Half of it holds the private subnets, a quarter the
   * public ones; a quarter stays free. Changing it later replaces the network, which `deletionProtection` refuses.
   *
   * @default "10.64.0.0/16"
   */
  readonly cidr?: string;

  /**
   * Which zones, 1 to 3: how many, or a list of letters. Adding one re-cuts no subnet.
   *
   * @default 3 - by region: mostly a, b, c; two in us-west-1
   */
  readonly zones?: AwsZones;

  /**
   * How nodes reach the outside.
   *
   * `"nat"`: every node can reach the internet. It breaks the policy's rule `aws-egress-anywhere` by choice, and the waiver
   * is in the report. A NAT gateway with its public address costs about 37 USD a month in us-east-1, and 0.045 USD a GB
   * (https://aws.amazon.com/vpc/pricing/).
   *
   * `"private"`: no way to the internet; AWS's APIs are reached through interface endpoints with private DNS. Nine of them
   * cost about 66 USD a month for each zone in us-east-1, and 0.01 USD a GB (https://aws.amazon.com/privatelink/pricing/).
   * Machine images must hold all programs, and tasks need a mirror of their images inside. What has no endpoint is then
   * done without: IAM, which is global, and the dual-stack names (`ec2.<region>.api.aws`) that auto-join of Consul and Nomad
   * calls. Endpoints let only this account's identities pass; of S3, downloads from AWS's own buckets too.
   *
   * @default "nat"
   */
  readonly egress?: AwsEgress;

  /**
   * One NAT gateway a zone, or one for all, which is cheaper but takes the way out of every zone with it when its zone
   * fails. It stands in the first of `zones`.
   *
   * @default "one-per-zone"
   */
  readonly natGateways?: "one" | "one-per-zone";

  /**
   * Whether there are public subnets, with an internet gateway: for NAT gateways and for balancers that face the internet.
   *
   * @default - true with egress "nat", false with "private"
   */
  readonly publicSubnets?: boolean;

  /**
   * AWS services that get an interface endpoint, beside those that egress "private" brings: `["ecr.api", "ecr.dkr"]`.
   *
   * @default - none
   */
  readonly interfaceEndpoints?: readonly string[];

  /**
   * Blocks that the network must stay apart from because it shall reach them: other environments, the company's own.
   *
   * @default - none
   */
  readonly otherNetworks?: readonly string[];

  /**
   * How many days the flow log is kept: a number that CloudWatch knows.
   *
   * @default 400
   */
  readonly flowLogRetentionDays?: number;

  /**
   * Changes to the props of the inner resources; all but associations, which only join two others. What exists once a zone
   * is told apart by its props.
   *
   * @default - none
   */
  readonly transform?: AwsNetworkTransform;
}

export interface AwsNetworkTransform extends AwsEndpointsTransform, AwsFlowLogTransform {
  readonly vpc?: Transform<VpcConfig>;
  readonly defaultRouteTable?: Transform<DefaultRouteTableConfig>;
  readonly defaultSecurityGroup?: Transform<DefaultSecurityGroupConfig>;
  readonly defaultNetworkAcl?: Transform<DefaultNetworkAclConfig>;
  readonly privateSubnet?: Transform<SubnetConfig>;
  readonly privateRouteTable?: Transform<RouteTableConfig>;
  readonly privateNetworkAcl?: Transform<NetworkAclConfig>;
  readonly publicSubnet?: Transform<SubnetConfig>;
  readonly publicRouteTable?: Transform<RouteTableConfig>;
  readonly publicNetworkAcl?: Transform<NetworkAclConfig>;
  readonly internetGateway?: Transform<InternetGatewayConfig>;
  /** The public subnets' route to the internet. */
  readonly internetRoute?: Transform<RouteConfig>;
  readonly natGateway?: Transform<NatGatewayConfig>;
  readonly natElasticIp?: Transform<EipConfig>;
  /** A zone's route to its NAT gateway. */
  readonly natRoute?: Transform<RouteConfig>;
}

/** A network that somebody else made. Nothing in it is changed. */
export interface AwsExistingNetworkProps {
  readonly vpcId: string;
  /** The VPC's IPv4 block. */
  readonly cidr: string;
  /** Where nodes stand: one or more, each best in a zone of its own. */
  readonly privateSubnetIds: readonly string[];
  /**
   * Where balancers that face the internet stand.
   *
   * @default - none, so that nothing can face the internet
   */
  readonly publicSubnetIds?: readonly string[];
  /**
   * How nodes in the private subnets reach the outside. With `"private"`, its owner provides the endpoints.
   *
   * @default "nat"
   */
  readonly egress?: AwsEgress;
  /**
   * The security group of the VPC's interface endpoints, which nodes must be let out to.
   *
   * @default - none
   */
  readonly endpointSecurityGroupId?: string;
  /**
   * The list of S3's addresses, where the private subnets reach S3 through a gateway endpoint: `"pl-6ea54007"`.
   *
   * @default - none
   */
  readonly s3PrefixListId?: string;
}

/** A network to make, or one that exists. */
export type AwsNetworkChoice = AwsOwnNetworkProps | AwsExistingNetworkProps;

export interface AwsNetworkProps extends AwsPlace, AwsOwnNetworkProps {
  /** ARN of the key that encrypts the flow log. Its policy must let CloudWatch Logs of the region use it. */
  readonly kmsKeyArn: string;
  /**
   * ARN of the policy that bounds what the flow log's role may ever do.
   *
   * @default - none
   */
  readonly permissionsBoundaryArn?: string;
}

/** What others need to know of a network. */
export interface IAwsNetwork {
  readonly vpcId: string;
  /** The network's IPv4 block. */
  readonly cidr: string;
  readonly egress: AwsEgress;
  /** One a zone, in the order of the zones. */
  readonly privateSubnetIds: readonly string[];
  /** One a zone, in the order of the zones; none where there is no way in from the internet. */
  readonly publicSubnetIds: readonly string[];
  /** The security group of the interface endpoints, where there are any. */
  readonly endpointSecurityGroupId?: string;
  /** The list of S3's addresses, where S3 is reached through a gateway endpoint. */
  readonly s3PrefixListId?: string;
}
