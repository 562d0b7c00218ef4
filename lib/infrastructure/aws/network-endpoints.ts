import { SecurityGroup, type SecurityGroupConfig } from "@cdktf/provider-aws/lib/security-group";
import { VpcEndpoint, type VpcEndpointConfig } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcEndpointRouteTableAssociation } from "@cdktf/provider-aws/lib/vpc-endpoint-route-table-association";
import {
  VpcSecurityGroupIngressRule,
  type VpcSecurityGroupIngressRuleConfig,
} from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { physicalName } from "../../core/naming";
import { type Transform, transformed } from "../../layer/transform";
import type { Cidr } from "../cidr";
import { type AwsPlace, s3Arn } from "./place";

/**
 * How nodes in private subnets reach what is outside of the network: through NAT gateways, or not at all but for AWS's own
 * APIs.
 */
export type AwsEgress = "nat" | "private";

/**
 * The AWS services that nodes call, by their endpoints' names. Two are missed without a NAT gateway: IAM, which is global
 * (Vault asks it for a role's unique id unless `resolve_aws_unique_ids` is off), and `ec2.<region>.api.aws`, the
 * dual-stack name that auto-join of Consul and Nomad calls; first boot then writes down the peers' addresses itself.
 */
export const NODE_SERVICES: readonly string[] = [
  "autoscaling",
  "ec2",
  "kms",
  "logs",
  "monitoring",
  "secretsmanager",
  "ssm",
  "ssmmessages",
  "sts",
];

/**
 * Services whose endpoints do not begin with `com.amazonaws` in some regions, as
 * `aws ec2 describe-vpc-endpoint-services` lists them there.
 */
const OTHER_PREFIXES: Readonly<Record<string, { readonly prefix: string; readonly services: readonly string[] }>> = {
  "cn-north-1": {
    prefix: "cn.com.amazonaws",
    services: ["autoscaling", "ec2", "monitoring", "sts", "ecr.api", "ecr.dkr"],
  },
  "cn-northwest-1": {
    prefix: "cn.com.amazonaws",
    services: ["autoscaling", "ec2", "monitoring", "sts", "ecr.api", "ecr.dkr"],
  },
  "eusc-de-east-1": { prefix: "eu.amazonaws", services: ["ecr.api", "ecr.dkr"] },
  "us-iso-east-1": { prefix: "gov.ic.c2s", services: ["autoscaling", "ec2", "ecr.api", "ecr.dkr"] },
  "us-iso-west-1": { prefix: "gov.ic.c2s", services: ["autoscaling", "ec2", "monitoring", "ecr.api", "ecr.dkr"] },
  "us-isob-east-1": { prefix: "gov.sgov.sc2s", services: ["autoscaling", "ec2", "ecr.api", "ecr.dkr"] },
};

/** The name of a service's endpoint in a region: `com.amazonaws.eu-central-1.ec2`. */
export function endpointServiceName(region: string, service: string): string {
  const other = OTHER_PREFIXES[region];
  const prefix = other?.services.includes(service) ? other.prefix : "com.amazonaws";
  return `${prefix}.${region}.${service}`;
}

export interface AwsEndpointsTransform {
  /** Laid on each of the interface endpoints. */
  readonly interfaceEndpoint?: Transform<VpcEndpointConfig>;
  readonly s3Endpoint?: Transform<VpcEndpointConfig>;
  readonly endpointSecurityGroup?: Transform<SecurityGroupConfig>;
  readonly endpointIngress?: Transform<VpcSecurityGroupIngressRuleConfig>;
}

/** The private tier of one zone. */
export interface ZonePlace {
  readonly letter: string;
  readonly routeTableId: string;
  readonly subnetId: string;
}

export interface AwsEndpointsProps extends AwsPlace {
  readonly vpcId: string;
  readonly egress: AwsEgress;
  /** Services that get an interface endpoint. */
  readonly services: readonly string[];
  /** Where clients are. */
  readonly clients: Cidr;
  /** The private tier, zone by zone. */
  readonly places: readonly ZonePlace[];
  readonly transform?: AwsEndpointsTransform;
}

/** How AWS's own APIs are reached without the internet. */
export class AwsEndpoints extends Construct {
  /** The security group of the interface endpoints; nodes that call them need a rule towards it. */
  readonly securityGroupId?: string;
  /** The list of S3's addresses, for rules of security groups. */
  readonly s3PrefixListId: string;

  constructor(scope: Construct, id: string, props: AwsEndpointsProps) {
    super(scope, id);
    this.s3PrefixListId = this.addS3(props);
    if (props.services.length > 0) this.securityGroupId = this.addInterfaces(props);
  }

  private addS3(props: AwsEndpointsProps): string {
    const endpoint = new VpcEndpoint(
      this,
      "s3",
      transformed(props.transform?.s3Endpoint, {
        vpcId: props.vpcId,
        vpcEndpointType: "Gateway",
        serviceName: endpointServiceName(props.region, "s3"),
        policy: endpointPolicy([ownAccount(props), props.egress === "nat" ? anyDownload : downloadsFromAws(props)]),
        tags: { Name: `${props.environment}-s3` },
      }),
    );
    for (const { letter, routeTableId } of props.places) {
      new VpcEndpointRouteTableAssociation(this, `s3-${letter}`, { vpcEndpointId: endpoint.id, routeTableId });
    }
    return endpoint.prefixListId;
  }

  private addInterfaces(props: AwsEndpointsProps): string {
    const { environment, transform } = props;
    const group = new SecurityGroup(
      this,
      "security-group",
      transformed(transform?.endpointSecurityGroup, {
        vpcId: props.vpcId,
        name: physicalName({ kind: "awsSecurityGroup", parts: ["caravan", environment, "endpoints"] }),
        description: `Endpoints of AWS services, for the nodes of the environment ${environment}`,
        tags: { Name: `${environment}-endpoints` },
      }),
    );
    new VpcSecurityGroupIngressRule(
      this,
      "ingress",
      transformed(transform?.endpointIngress, {
        securityGroupId: group.id,
        description: "AWS APIs, from the private subnets",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        cidrIpv4: props.clients.toString(),
      }),
    );
    for (const service of props.services) {
      new VpcEndpoint(
        this,
        service,
        transformed(transform?.interfaceEndpoint, {
          vpcId: props.vpcId,
          vpcEndpointType: "Interface",
          serviceName: endpointServiceName(props.region, service),
          privateDnsEnabled: true,
          subnetIds: props.places.map(({ subnetId }) => subnetId),
          securityGroupIds: [group.id],
          policy: endpointPolicy([ownAccount(props)]),
          tags: { Name: `${environment}-${service}` },
        }),
      );
    }
    return group.id;
  }
}

/**
 * The policy of an endpoint permits nothing by itself, it bounds what passes: it therefore speaks of everybody and of every
 * action, which the policies of roles and resources never may.
 */
function endpointPolicy(statements: readonly object[]): string {
  const everybody = { Effect: "Allow", Principal: "*" };
  return hcl.json({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ ...everybody, ...statement })),
  });
}

/** Keys of another account carry nothing out through our endpoints. */
function ownAccount({ accountId }: AwsPlace): object {
  return {
    Sid: "OwnAccount",
    Action: "*",
    Resource: "*",
    Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
  };
}

/**
 * Where the internet is open, S3 may be read like any other site: downloads are often signed by somebody else or by no one.
 * Uploads still need this account's keys.
 */
const anyDownload = {
  Sid: "AnyDownload",
  Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
  Resource: "*",
};

/**
 * What nodes fetch from buckets of AWS itself: image layers of ECR, packages of Amazon Linux 2023, updates of the SSM agent.
 *
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
 */
function downloadsFromAws(place: AwsPlace): object {
  const buckets = [
    `prod-${place.region}-starport-layer-bucket`,
    `al2023-repos-${place.region}-de612dc2`,
    `amazon-ssm-${place.region}`,
    `amazon-ssm-packages-${place.region}`,
  ];
  return {
    Sid: "DownloadsFromAws",
    Action: "s3:GetObject",
    Resource: buckets.map((bucket) => s3Arn(place, `${bucket}/*`)),
  };
}
