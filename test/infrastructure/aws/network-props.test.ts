import { Token } from "cdktf";
import { describe, expect, it } from "vitest";
import { InvalidPropsError } from "../../../lib/core/errors";
import { AwsNetwork } from "../../../lib/infrastructure/aws/network";
import { networkStack, place } from "./network-stack";

/** What a person may write, types or not. */
type Given = Readonly<Record<string, unknown>>;

function make(given: Given): unknown {
  try {
    AwsNetwork.fromChoice(networkStack(), "network", given as never, { ...place, ...given } as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

const existing = { vpcId: "vpc-0a1b2c3d4e5f60718", cidr: "10.1.0.0/16", privateSubnetIds: ["subnet-0a1b2c3d"] };

const mistakes: [given: Given, property: string, allowed: string, fix: string][] = [
  [{ cidr: "10.64.0.0" }, "cidr", "CIDR notation", 'write it like "10.64.0.0/16"'],
  [{ cidr: "10.64.7.0/16" }, "cidr", "its first address in front", 'write "10.64.0.0/16"'],
  [{ cidr: "10.0.0.0/8" }, "cidr", "from /16 (the largest) to /22", 'use "10.0.0.0/16"'],
  [{ cidr: "10.64.0.0/24" }, "cidr", "from /16 (the largest) to /22", 'use "10.64.0.0/22"'],
  [{ cidr: "203.0.0.0/16" }, "cidr", "a block inside 10.0.0.0/8", 'such as "10.64.0.0/16"'],
  [{ cidr: "172.17.0.0/16" }, "cidr", "Docker's default bridge", 'such as "10.64.0.0/16"'],
  [{ otherNetworks: ["10.0.0.0/9"] }, "cidr", "does not overlap 10.0.0.0/9", 'such as "10.128.0.0/16"'],
  [{ otherNetworks: ["10.0.0.1/9"] }, "otherNetworks[0]", "CIDR notation", 'write "10.0.0.0/9"'],
  [{ zones: 4 }, "zones", "a whole number from 1 to 3 zones", "between 1 and 3"],
  [{ zones: [] }, "zones", "a list of 1 to 3 zones", "give 1 to 3 zones"],
  [{ zones: 3, region: "us-west-1" }, "zones", "a whole number from 1 to 2 zones", "between 1 and 2"],
  [{ zones: ["a", "eu-west-1b"] }, "zones[1]", "availability zone of eu-central-1", 'begins with "eu-central-1"'],
  [{ zones: ["euc1-az2"] }, "zones[0]", "availability zone of eu-central-1", "zone ids and local zones cannot be used"],
  [{ zones: ["a", "a"] }, "zones[1]", "zones that differ", "remove one"],
  [{ zones: ["a", "b", "e"] }, "zones[2]", "e and a both have slot 0", '{ name: "e", slot: 3 }'],
  [{ zones: [{ name: "a", slot: 4 }] }, "zones[0].slot", "from 0 to 3", "between 0 and 3"],
  [{ egress: "none" }, "egress", '"nat", "private"', "use one of them"],
  [{ natGateways: 1 }, "natGateways", '"one", "one-per-zone"', "use one of them"],
  [{ egress: "private", natGateways: "one" }, "natGateways", 'nothing with egress "private"', 'egress "nat"'],
  [{ publicSubnets: false }, "publicSubnets", 'true with egress "nat"', 'egress "private"'],
  [{ publicSubnets: "no", egress: "private" }, "publicSubnets", "true or false", "without quotes"],
  [
    { interfaceEndpoints: ["com.amazonaws.eu-central-1.Ecr"] },
    "interfaceEndpoints[0]",
    '"ecr.api"',
    "leave out what stands before",
  ],
  [{ interfaceEndpoints: ["s3"] }, "interfaceEndpoints[0]", 'not "s3", which always has an endpoint', "leave out"],
  [{ flowLogRetentionDays: 366 }, "flowLogRetentionDays", "365, 400", "use one of them"],
  [{ region: "eu-central-1a" }, "region", "code of an AWS region", "without a zone's letter"],
  [{ accountId: 123456789012 }, "accountId", "12 digits, as text", "in quotes"],
  [{ kmsKeyArn: "alias/logs" }, "kmsKeyArn", "the ARN of a KMS key", "an alias or a bare key id is not enough"],
  [{ ...existing, vpcId: "prod" }, "vpcId", "the id of a VPC", "from the list of VPCs"],
  [{ ...existing, cidr: undefined }, "cidr", "the VPC's IPv4 block", "from the VPC's page"],
  [{ ...existing, privateSubnetIds: [] }, "privateSubnetIds", "a list of 1 to 20 subnet ids", "give 1 to 20"],
  [{ ...existing, privateSubnetIds: ["private-a"] }, "privateSubnetIds[0]", "the id of a subnet", "list of subnets"],
  [
    { ...existing, privateSubnetIds: ["subnet-0a1b2c3d", "subnet-0a1b2c3d"] },
    "privateSubnetIds[1]",
    "subnets that differ",
    "remove one",
  ],
  [{ ...existing, zones: 2 }, "zones", "nothing beside vpcId", "remove zones, or remove vpcId"],
];

describe("wrong props of a network", () => {
  it.each(mistakes)("%j", (given, property, allowed, fix) => {
    const error = make(given);
    expect(error).toBeInstanceOf(InvalidPropsError);
    const { message, problems } = error as InvalidPropsError;
    expect(problems).toEqual([
      expect.objectContaining({
        property,
        allowed: expect.stringContaining(allowed),
        fix: expect.stringContaining(fix),
      }),
    ]);
    expect(message).toContain('AwsNetwork at "prod-network/network": 1 mistake in its props');
  });

  it("are reported together", () => {
    const error = make({ cidr: "10.0.0.0/8", zones: 7, egress: "nat ", kmsKeyArn: "" }) as InvalidPropsError;
    expect(error.problems.map(({ property }) => property).sort()).toEqual(["cidr", "egress", "kmsKeyArn", "zones"]);
  });

  it("are not values that Terraform knows later", () => {
    const token = Token.asString({ resolve: () => "x", creationStack: [] });
    expect(make({ kmsKeyArn: token, accountId: token })).toBeUndefined();
    expect(make({ vpcId: token, cidr: token, privateSubnetIds: [token] })).toBeUndefined();
  });
});
