import { AwsInfrastructureStack, type AwsInfrastructureStackProps } from "cdktf-caravan/aws";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { testApp } from "../../support/synth";

const environment = { name: "prod", state: new LocalState() };
const place = { environment, region: "eu-central-1", accountId: "123456789012" };
const givenRole = {
  roleArn: "arn:aws:iam::123456789012:role/nodes",
  instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/nodes",
};

function stackOf(props: Partial<AwsInfrastructureStackProps> = {}): {
  stack: AwsInfrastructureStack;
  template: Template;
} {
  const stack = new AwsInfrastructureStack(testApp(), "prod-infrastructure", { ...place, ...props });
  return { stack, template: Template.of(stack) };
}

test("the provider works in one region of one account, and says nothing of who acts", () => {
  expect(stackOf().template.json["provider"]).toEqual({
    aws: [{ region: "eu-central-1", allowed_account_ids: ["123456789012"] }],
  });
});

test("the contract says what was made, under names that stay", () => {
  const { stack, template } = stackOf({ workers: { general: {} } });
  expect(stack.contract.static).toEqual({
    cloud: "aws",
    environment: "prod",
    region: "eu-central-1",
    accountId: "123456789012",
    serverGroups: { main: ["vault", "consul", "nomad"] },
    workerGroups: ["general"],
    plannerRoleArn: "arn:aws:iam::123456789012:role/caravan-ci/prod/caravan-prod-planner",
    deployerRoleArn: "arn:aws:iam::123456789012:role/caravan-ci/prod/caravan-prod-deployer",
  });
  expect(Object.keys(template.json["output"] as object).sort()).toEqual([
    "infrastructure_contract",
    "infrastructure_data_key_arn",
    "infrastructure_keyring_key_arn",
    "infrastructure_private_subnet_ids",
    "infrastructure_public_subnet_ids",
    "infrastructure_seal_key_arn",
    "infrastructure_server_role_arns",
    "infrastructure_vpc_id",
    "infrastructure_worker_role_arns",
  ]);
});

test("an existing network, given roles and given keys are used and nothing is made in their place", () => {
  const key = (id: string) => `arn:aws:kms:eu-central-1:123456789012:key/${id}0000000-0000-0000-0000-000000000000`;
  const { template } = stackOf({
    network: { vpcId: "vpc-0123456789abcdef0", cidr: "10.0.0.0/16", privateSubnetIds: ["subnet-0123456789abcdef0"] },
    servers: { main: { runs: ["vault", "consul", "nomad"], role: givenRole } },
    sealKeyArn: key("a"),
    keyringKeyArn: key("b"),
    dataKeyArn: key("c"),
    autoScalingRoleArn: "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AutoScaling",
  });
  expect(template.json["resource"]).toBeUndefined();
  expect(template.output("infrastructure_seal_key_arn")).toMatchObject({ value: key("a") });
  expect(template.output("infrastructure_server_role_arns")).toMatchObject({ value: { main: givenRole.roleArn } });
});

describe("wrong props", () => {
  const wrong: [string, object, string, string, string][] = [
    ["a zone for a region", { region: "eu-central-1a" }, "region", '"eu-central-1a"', "without a zone's letter"],
    ["a region that is none", { region: "frankfurt" }, "region", '"frankfurt"', "use the code"],
    ["no region", { region: undefined }, "region", "nothing", "use the code"],
    ["an account id as a number", { accountId: 123456789012 }, "accountId", "123456789012", "write it in quotes"],
    ["an account id with hyphens", { accountId: "1234-5678-9012" }, "accountId", '"1234-5678-9012"', "without hyphens"],
    [
      "an environment in capitals",
      { environment: { ...environment, name: "PROD" } },
      "environment.name",
      '"PROD"',
      'such as "prod"',
    ],
    ["no state", { environment: { name: "prod" } }, "environment.state", "nothing", "make one of them"],
    [
      "an unknown product",
      { servers: { main: { runs: ["vault", "consul", "nomd"] } } },
      "servers.main.runs[2]",
      '"nomd"',
      "use one of them",
    ],
    [
      "a product in two groups",
      { servers: { a: { runs: ["vault", "consul", "nomad"] }, b: { runs: ["consul"] } } },
      "servers.b.runs",
      '["consul"]',
      "remove consul from one of them",
    ],
    [
      "a product in no group",
      { servers: { main: { runs: ["vault", "consul"] } } },
      "servers",
      '{"main":{"runs":["vault","consul"]}}',
      'add "nomad" to the runs of a group',
    ],
    [
      "a group's name with an underscore",
      { workers: { big_ones: {} } },
      'workers["big_ones"]',
      '"big_ones"',
      'such as "main"',
    ],
    [
      "a group's name that is too long",
      { workers: { "memory-optimized-x86": {} } },
      'workers["memory-optimized-x86"]',
      '"memory-optimized-x86"',
      'such as "main"',
    ],
    [
      "a role's ARN as its instance profile",
      { workers: { general: { role: { ...givenRole, instanceProfileArn: givenRole.roleArn } } } },
      "workers.general.role.instanceProfileArn",
      `"${givenRole.roleArn}"`,
      "Instance profile ARN",
    ],
    [
      "a network that is too large",
      { network: { cidr: "10.0.0.0/8" } },
      "network.cidr",
      '"10.0.0.0/8"',
      'use "10.0.0.0/16"',
    ],
    [
      "a network off its boundary",
      { network: { cidr: "10.0.1.0/16" } },
      "network.cidr",
      '"10.0.1.0/16"',
      "10.0.0.0/16",
    ],
    ["a public network", { network: { cidr: "8.8.0.0/16" } }, "network.cidr", '"8.8.0.0/16"', "10."],
    ["four zones", { network: { zones: 4 } }, "network.zones", "4", "between 1 and 3"],
    ["an unknown way out", { network: { egress: "public" } }, "network.egress", '"public"', "use one of them"],
    [
      "NAT gateways without NAT",
      { network: { egress: "private", natGateways: "one" } },
      "network.natGateways",
      '"one"',
      'use egress "nat"',
    ],
    [
      "zones for a network that exists",
      {
        network: {
          vpcId: "vpc-0123456789abcdef0",
          cidr: "10.0.0.0/16",
          privateSubnetIds: ["subnet-0123456789abcdef0"],
          zones: 2,
        },
      },
      "network.zones",
      "2",
      "remove zones",
    ],
    [
      "a VPC's name for its id",
      { network: { vpcId: "main", cidr: "10.0.0.0/16", privateSubnetIds: [] } },
      "network.vpcId",
      '"main"',
      "copy the id",
    ],
    ["an alias for a key", { sealKeyArn: "alias/seal" }, "sealKeyArn", '"alias/seal"', "key"],
    ["a role's name for its ARN", { deployerRoleArn: "deployer" }, "deployerRoleArn", '"deployer"', "ARN"],
    [
      "a role for a boundary",
      { permissionsBoundaryArn: givenRole.roleArn },
      "permissionsBoundaryArn",
      `"${givenRole.roleArn}"`,
      "policy",
    ],
    ["protection as a text", { deletionProtection: "false" }, "deletionProtection", '"false"', "without quotes"],
  ];

  test.each(wrong)("%s: property, value, rule and fix", (_, props, property, given, fix) => {
    let message = "";
    try {
      new AwsInfrastructureStack(testApp(), "prod-infrastructure", { ...place, ...props } as never);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^AwsInfrastructureStack at "prod-infrastructure": \d mistakes? in its props\n/);
    const block = message
      .slice(message.indexOf(`  ${property}: given ${given}\n`))
      .split("\n")
      .slice(0, 3);
    expect(block).toEqual([
      `  ${property}: given ${given}`,
      expect.stringMatching(/^ {4}allowed: \S/),
      expect.stringMatching(/^ {4}fix: {5}\S/),
    ]);
    expect(block[2]).toContain(fix);
  });

  test("of every kind are told together", () => {
    const props = { region: "frankfurt", accountId: 1, servers: { main: { runs: [] } }, sealKeyArn: "x" };
    expect(() => stackOf(props as never)).toThrow(
      'AwsInfrastructureStack at "prod-infrastructure": 6 mistakes in its props',
    );
  });
});
