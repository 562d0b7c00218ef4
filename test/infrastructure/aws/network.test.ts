import { TerraformResource } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHcl } from "../../../lib/core";
import { AwsNetwork } from "../../../lib/infrastructure/aws/network";
import { NODE_SERVICES } from "../../../lib/infrastructure/aws/network-endpoints";
import type { AwsNetworkProps } from "../../../lib/infrastructure/aws/network-props";
import { isChoice } from "../../../lib/policy";
import { Match, type Template } from "../../../lib/testing";
import { networkOf, networkStack, place } from "./network-stack";

/** One value of every resource of a type. */
function valuesOf(template: Template, type: string, name: string): unknown[] {
  return template.resources(type).map((resource) => resource.arguments[name]);
}

/** Everything that is made, by address. */
function resourcesOf(template: Template): Map<string, Record<string, unknown>> {
  return new Map(template.addresses.map((address) => [address, { ...template.resource(address) }]));
}

describe("a network as it comes", () => {
  const { network, template } = networkOf();

  it("has a VPC whose names resolve", () => {
    expect(template.resource("aws_vpc.network")).toEqual({
      cidr_block: "10.64.0.0/16",
      enable_dns_support: true,
      enable_dns_hostnames: true,
      lifecycle: { prevent_destroy: true },
      tags: { Name: "prod", "caravan-environment": "prod", "caravan-stack": "prod-network" },
    });
  });

  it("has a private and a public subnet in each of three zones, none with public addresses by itself", () => {
    const subnets = template.resources("aws_subnet").map(({ arguments: subnet }) => {
      const name = (subnet["tags"] as Record<string, string>)["Name"];
      return [name, subnet["availability_zone"], subnet["cidr_block"], subnet["map_public_ip_on_launch"]];
    });
    expect(subnets).toEqual([
      ["prod-private-a", "eu-central-1a", "10.64.0.0/19", false],
      ["prod-private-b", "eu-central-1b", "10.64.32.0/19", false],
      ["prod-private-c", "eu-central-1c", "10.64.64.0/19", false],
      ["prod-public-a", "eu-central-1a", "10.64.128.0/20", false],
      ["prod-public-b", "eu-central-1b", "10.64.144.0/20", false],
      ["prod-public-c", "eu-central-1c", "10.64.160.0/20", false],
    ]);
    expect(network.zones).toEqual(["eu-central-1a", "eu-central-1b", "eu-central-1c"]);
  });

  it("closes what AWS makes wide open", () => {
    template.hasResource("aws_default_route_table", { route: [] });
    template.hasResource("aws_default_security_group", { ingress: [], egress: [] });
    template.hasResource("aws_default_network_acl", { ingress: Match.absent(), egress: Match.absent() });
  });

  it("leads every private subnet to the NAT gateway of its own zone", () => {
    for (const letter of ["a", "b", "c"]) {
      const [gateway] = template.hasResource("aws_nat_gateway", { tags: { Name: `prod-nat-${letter}` } });
      const [table] = template.hasResource("aws_route_table", { tags: { Name: `prod-private-${letter}` } });
      const [subnet] = template.hasResource("aws_subnet", { tags: { Name: `prod-private-${letter}` } });
      const [outside] = template.hasResource("aws_subnet", { tags: { Name: `prod-public-${letter}` } });
      template.hasResource("aws_route", {
        route_table_id: `\${${table?.address}.id}`,
        destination_cidr_block: "0.0.0.0/0",
        nat_gateway_id: `\${${gateway?.address}.id}`,
      });
      template.hasResource("aws_route_table_association", {
        subnet_id: `\${${subnet?.address}.id}`,
        route_table_id: `\${${table?.address}.id}`,
      });
      expect(gateway?.arguments["subnet_id"]).toBe(`\${${outside?.address}.id}`);
    }
  });

  it("gives every subnet an ACL", () => {
    const [privateAcl] = template.hasResource("aws_network_acl", { tags: { Name: "prod-private" } });
    const [publicAcl] = template.hasResource("aws_network_acl", { tags: { Name: "prod-public" } });
    const acls = [privateAcl, publicAcl].flatMap((acl) => Array(3).fill(`\${${acl?.address}.id}`));
    expect(valuesOf(template, "aws_network_acl_association", "network_acl_id")).toEqual(acls);
  });

  it("logs who talks to whom, encrypted, for more than a year, by a role that can do nothing else", () => {
    template.hasResource("aws_flow_log", { traffic_type: "ALL", vpc_id: "${aws_vpc.network.id}" });
    template.hasResource("aws_cloudwatch_log_group", {
      name: "/caravan/prod/flow-log",
      kms_key_id: place.kmsKeyArn,
      retention_in_days: 400,
    });
    const [role] = template.hasResource("aws_iam_role", { name: "caravan-prod-flow-log", path: "/caravan/prod/" });
    expect(decodeHcl(String(role?.arguments["assume_role_policy"]))).toMatchObject({
      Statement: [
        {
          Principal: { Service: "vpc-flow-logs.amazonaws.com" },
          Condition: {
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnLike: { "aws:SourceArn": "arn:aws:ec2:eu-central-1:123456789012:vpc-flow-log/*" },
          },
        },
      ],
    });
    const [policy] = template.resources("aws_iam_role_policy");
    const [group] = template.resources("aws_cloudwatch_log_group");
    expect(decodeHcl(String(policy?.arguments["policy"]))).toMatchObject({
      Statement: [
        {
          Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: `\${${group?.address}.arn}:*`,
        },
      ],
    });
  });

  it("reaches S3 without the NAT gateways: any download, uploads with the account's own keys only", () => {
    const [endpoint] = template.hasResource("aws_vpc_endpoint", {
      service_name: "com.amazonaws.eu-central-1.s3",
      vpc_endpoint_type: "Gateway",
    });
    expect(decodeHcl(String(endpoint?.arguments["policy"]))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: "*",
          Sid: "OwnAccount",
          Action: "*",
          Resource: "*",
          Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } },
        },
        {
          Effect: "Allow",
          Principal: "*",
          Sid: "AnyDownload",
          Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"],
          Resource: "*",
        },
      ],
    });
    template.resourceCount("aws_vpc_endpoint_route_table_association", 3);
    expect(network.endpointSecurityGroupId).toBeUndefined();
  });
});

describe('egress "nat"', () => {
  it("is waived by the network itself, on the routes that lead out, and nothing else is found", () => {
    const { stack, template } = networkOf({ zones: 2 });
    const waived = stack.policyOutcome?.waived ?? [];
    const routes = template.hasResource("aws_route", { nat_gateway_id: Match.present() });
    expect(waived.map(({ rule, resource }) => [rule, resource]).sort()).toEqual(
      routes.map(({ address }) => ["aws-egress-anywhere", address]),
    );
    expect(waived.map(({ waiver }) => isChoice(waiver) && waiver.prop)).toEqual(["egress", "egress"]);
  });

  it("can lead every zone through the first one's gateway", () => {
    const { template } = networkOf({ natGateways: "one", zones: ["b", "a"] });
    const [gateway, ...others] = template.resources("aws_nat_gateway");
    expect([gateway?.arguments["tags"], others]).toEqual([expect.objectContaining({ Name: "prod-nat-b" }), []]);
    const nat = `\${${gateway?.address}.id}`;
    expect(template.hasResource("aws_route", { nat_gateway_id: nat })).toHaveLength(2);
  });

  it("can have interface endpoints as well", () => {
    const { template, network } = networkOf({ interfaceEndpoints: ["ecr.api", "ecr.dkr"] });
    expect(template.hasResource("aws_vpc_endpoint", { vpc_endpoint_type: "Interface" })).toHaveLength(2);
    expect(network.endpointSecurityGroupId).toBeDefined();
  });
});

describe('egress "private"', () => {
  const { network, stack, template } = networkOf({ egress: "private" });

  it("has no way to the internet", () => {
    for (const type of ["aws_nat_gateway", "aws_eip", "aws_internet_gateway", "aws_route"]) {
      template.resourceCount(type, 0);
    }
    expect(network.publicSubnetIds).toEqual([]);
    template.resourceCount("aws_subnet", 3);
  });

  it("passes the policy without a waiver", () => {
    expect(stack.policyOutcome).toMatchObject({ findings: [], waived: [] });
  });

  it("reaches the APIs that nodes call in every zone, by their own names, for this account only", () => {
    const endpoints = template.hasResource("aws_vpc_endpoint", {
      vpc_endpoint_type: "Interface",
      private_dns_enabled: true,
      policy: Match.json({
        Statement: [{ Action: "*", Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } } }],
      }),
    });
    expect(endpoints.map(({ arguments: { service_name } }) => service_name).sort()).toEqual(
      NODE_SERVICES.map((service) => `com.amazonaws.eu-central-1.${service}`),
    );
    const subnets = template.resources("aws_subnet").map(({ address }) => `\${${address}.id}`);
    for (const { arguments: endpoint } of endpoints) expect(endpoint["subnet_ids"]).toEqual(subnets);
  });

  it("lets only the private subnets call them, over TLS", () => {
    const rule = { ip_protocol: "tcp", from_port: 443, to_port: 443, cidr_ipv4: "10.64.0.0/17" };
    template.hasResource("aws_vpc_security_group_ingress_rule", rule);
    template.resourceCount("aws_vpc_security_group_ingress_rule", 1);
    template.hasResource("aws_security_group", { name: "caravan-prod-endpoints", egress: Match.absent() });
  });

  it("reads of S3 only the account's own and AWS's buckets", () => {
    template.hasResource("aws_vpc_endpoint", {
      vpc_endpoint_type: "Gateway",
      policy: Match.json({
        Statement: [
          { Sid: "OwnAccount" },
          { Sid: "DownloadsFromAws", Resource: Match.arrayWith(["arn:aws:s3:::al2023-repos-eu-central-1-de612dc2/*"]) },
        ],
      }),
    });
  });

  it("can still have public subnets, for balancers", () => {
    const { template: open, network: with_ } = networkOf({ egress: "private", publicSubnets: true });
    open.resourceCount("aws_internet_gateway", 1);
    open.resourceCount("aws_nat_gateway", 0);
    expect(with_.publicSubnetIds).toHaveLength(3);
  });

  it.each([
    ["cn-north-1", "cn.com.amazonaws.cn-north-1.ec2", "com.amazonaws.cn-north-1.kms"],
    ["us-gov-west-1", "com.amazonaws.us-gov-west-1.ec2", "com.amazonaws.us-gov-west-1.kms"],
  ])("knows the names of endpoints in %s", (region, ec2, kms) => {
    const { template: there } = networkOf({ egress: "private", region });
    const names = valuesOf(there, "aws_vpc_endpoint", "service_name");
    expect(names).toEqual(expect.arrayContaining([ec2, kms, `com.amazonaws.${region}.s3`]));
  });
});

describe("zones", () => {
  it.each([
    ["ap-northeast-1", 3, ["a", "c", "d"]],
    ["us-west-1", undefined, ["a", "c"]],
    ["us-east-1", undefined, ["a", "b", "c"]],
    ["eu-west-1", 1, ["a"]],
  ])("of %s, if %j are wanted, are %j", (region, zones, letters) => {
    const { network } = networkOf({ region, zones });
    expect(network.zones).toEqual(letters.map((letter) => `${region}${letter}`));
  });

  it("may be named, and placed by hand where two would have one block", () => {
    const { template } = networkOf({ region: "us-east-1", zones: ["us-east-1a", { name: "e", slot: 3 }] });
    template.hasResource("aws_subnet", { availability_zone: "us-east-1e", cidr_block: "10.64.96.0/19" });
  });

  const shapes = fc.record({
    zones: fc.shuffledSubarray(["a", "b", "c", "d"], { minLength: 2, maxLength: 3 }),
    egress: fc.constantFrom("nat" as const, "private" as const),
    interfaceEndpoints: fc.constantFrom(undefined, ["ecr.api"]),
    cidr: fc.constantFrom("10.64.0.0/16", "192.168.4.0/22"),
  });

  it("that are added change nothing that is there, but for the subnets of interface endpoints", () => {
    fc.assert(
      fc.property(shapes, fc.constantFrom("one" as const, undefined), (props, nat) => {
        const natGateways = props.egress === "nat" ? nat : undefined;
        const before = resourcesOf(networkOf({ ...props, natGateways, zones: props.zones.slice(0, -1) }).template);
        const after = resourcesOf(networkOf({ ...props, natGateways }).template);
        for (const [address, was] of before) {
          const { subnet_ids: subnetsWere, ...restWas } = was;
          const { subnet_ids: subnetsAre, ...restIs } = after.get(address) ?? {};
          expect([address, restIs]).toEqual([address, restWas]);
          expect(subnetsAre ?? []).toEqual(expect.arrayContaining((subnetsWere as unknown[]) ?? []));
        }
      }),
      { numRuns: 10 },
    );
  });

  it("keep everything when the way out is switched, but for what may be fetched from S3", () => {
    const nat = resourcesOf(networkOf({ publicSubnets: true }).template);
    const shut = resourcesOf(networkOf({ egress: "private", publicSubnets: true }).template);
    const both = [...nat.keys()].filter((address) => shut.has(address));
    const changed = both.filter((address) => JSON.stringify(nat.get(address)) !== JSON.stringify(shut.get(address)));
    expect(changed).toEqual([expect.stringMatching(/^aws_vpc_endpoint\.network_endpoints_s3/)]);
    expect([...nat.keys()].filter((address) => !shut.has(address)).map((address) => address.split(".")[0])).toEqual(
      ["aws_eip", "aws_nat_gateway", "aws_route"].flatMap((type) => [type, type, type]),
    );
  });
});

describe("a network that exists", () => {
  it("makes nothing and hands on what it was told", () => {
    const stack = networkStack();
    const choice = { vpcId: "vpc-0a1b2c3d", cidr: "10.1.0.0/16", privateSubnetIds: ["subnet-0a1b2c3d"] };
    const network = AwsNetwork.fromChoice(stack, "network", choice, place);
    expect(network).toMatchObject({ ...choice, publicSubnetIds: [], egress: "nat" });
    expect(stack.node.findAll().filter(TerraformResource.isTerraformResource)).toEqual([]);
  });
});

describe("transform", () => {
  it("reaches every inner resource", () => {
    const tags = { Name: "mine" };
    const mark = { tags };
    const transform: AwsNetworkProps["transform"] = {
      vpc: mark,
      defaultRouteTable: mark,
      defaultSecurityGroup: mark,
      defaultNetworkAcl: mark,
      privateSubnet: mark,
      privateRouteTable: mark,
      privateNetworkAcl: mark,
      publicSubnet: mark,
      publicRouteTable: mark,
      publicNetworkAcl: mark,
      internetGateway: mark,
      internetRoute: { destinationCidrBlock: "192.0.2.1/32" },
      natGateway: mark,
      natElasticIp: mark,
      natRoute: { destinationCidrBlock: "192.0.2.2/32" },
      interfaceEndpoint: mark,
      s3Endpoint: mark,
      endpointSecurityGroup: mark,
      endpointIngress: mark,
      flowLog: mark,
      flowLogGroup: mark,
      flowLogRole: mark,
      flowLogRolePolicy: { name: "mine" },
    };
    const { template } = networkOf({ zones: 1, interfaceEndpoints: ["ec2"], transform });
    for (const address of template.addresses.filter((one) => !/association|aws_route\.|role_policy/.test(one))) {
      expect([address, template.resource(address)["tags"]]).toEqual([address, expect.objectContaining(tags)]);
    }
    expect(valuesOf(template, "aws_route", "destination_cidr_block")).toEqual(["192.0.2.1/32", "192.0.2.2/32"]);
    expect(valuesOf(template, "aws_iam_role_policy", "name")).toEqual(["mine"]);
  });

  it("tells zones apart by the props", () => {
    const { template } = networkOf({
      transform: {
        privateSubnet: (props) =>
          props.availabilityZone === "eu-central-1b" ? { ...props, cidrBlock: "10.64.255.0/24" } : props,
      },
    });
    expect(template.hasResource("aws_subnet", { cidr_block: "10.64.255.0/24" })).toHaveLength(1);
  });
});
