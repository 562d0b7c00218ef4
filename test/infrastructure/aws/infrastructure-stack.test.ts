import { AwsInfrastructureStack, type AwsInfrastructureStackProps } from "cdktf-caravan/aws";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { clusterBucketName } from "../../../lib/infrastructure/aws/names";
import { testApp } from "../../support/synth";

const environment = { name: "prod", state: new LocalState() };
const images = { x86_64: "ami-0123456789abcdef0", arm64: "ami-0123456789abcdef1" };
const place = { environment, region: "eu-central-1", accountId: "123456789012", images };
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
    aws: [
      {
        region: "eu-central-1",
        allowed_account_ids: ["123456789012"],
        ignore_tags: [{ key_prefixes: ["nomad_autoscaler_"] }],
      },
    ],
  });
});

test("the contract says what was made, under names that stay", () => {
  const { stack, template } = stackOf({
    workers: { general: {}, storage: { nodePool: "platform", system: true } },
  });
  expect(stack.contract.static).toEqual({
    cloud: "aws",
    environment: "prod",
    region: "eu-central-1",
    account: "123456789012",
    serverGroups: { main: ["vault", "consul", "nomad"] },
    workerGroups: {
      general: { nodePool: "general", system: false, csi: false, min: 2, max: 2 },
      storage: { nodePool: "platform", system: true, csi: false, min: 2, max: 2 },
    },
    datacenter: "eu-central-1",
    nomadRegion: "global",
    machine: {
      vault: "vault.prod.caravan.internal",
      consul: "consul.prod.caravan.internal",
      nomad: "nomad.prod.caravan.internal",
    },
    clusterBucket: clusterBucketName({ ...place, environment: "prod" }),
    plannerIdentity: "arn:aws:iam::123456789012:role/caravan-ci/prod/caravan-prod-planner",
    deployerIdentity: "arn:aws:iam::123456789012:role/caravan-ci/prod/caravan-prod-deployer",
    access: {
      environment: "prod",
      cloud: { name: "aws", region: "eu-central-1" },
      datacenter: "eu-central-1",
      region: "global",
      insideDomain: "caravan.internal",
      discovery: "cloud",
      servers: { main: { count: 3, runs: ["vault", "consul", "nomad"] } },
      workers: { general: {}, storage: { nodePool: "platform" } },
    },
  });
  expect(Object.keys(template.json["output"] as object).sort()).toEqual([
    "infrastructure_alarm_target_ids",
    "infrastructure_bootstrap_secret_id",
    "infrastructure_ci_identities",
    "infrastructure_client_firewall_ids",
    "infrastructure_contract",
    "infrastructure_data_key_id",
    "infrastructure_inside_zone_id",
    "infrastructure_keyring_key_id",
    "infrastructure_network_id",
    "infrastructure_private_subnet_ids",
    "infrastructure_public_ca_secret_id",
    "infrastructure_public_subnet_ids",
    "infrastructure_public_zone_id",
    "infrastructure_recovery_keys_secret_id",
    "infrastructure_seal_key_id",
    "infrastructure_server_identities",
    "infrastructure_server_machine_groups",
    "infrastructure_volume_ids",
    "infrastructure_worker_firewall_ids",
    "infrastructure_worker_identities",
    "infrastructure_worker_machine_groups",
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
  const made = Object.keys(template.json["resource"] as object);
  expect(made.filter((type) => /_(iam|kms|vpc|subnet|route|nat|flow)(_|$)/.test(type) && !/_rule$/.test(type))).toEqual(
    [],
  );
  expect(template.output("infrastructure_seal_key_id")).toMatchObject({ value: key("a") });
  expect(template.output("infrastructure_server_identities")).toMatchObject({ value: { main: givenRole.roleArn } });
});

const all = { runs: ["vault", "consul", "nomad"] } as const;

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
    ["two servers", { servers: { main: { ...all, count: 2 } } }, "servers.main.count", "2", "use one of them"],
    ["a count as text", { servers: { main: { ...all, count: "3" } } }, "servers.main.count", '"3"', "use one of them"],
    [
      "min above max",
      { workers: { general: { min: 5, max: 3 } } },
      "workers.general.min",
      "5",
      "raise max or lower min",
    ],
    ["fewer than none", { workers: { general: { min: -1 } } }, "workers.general.min", "-1", "between 0 and 1000"],
    ["half a worker", { workers: { general: { max: 2.5 } } }, "workers.general.max", "2.5", "between 0 and 1000"],
    [
      "more spot machines than machines",
      { workers: { general: { spotPercent: 120 } } },
      "workers.general.spotPercent",
      "120",
      "between 0 and 100",
    ],
    [
      "an instance type in capitals",
      { servers: { main: { ...all, instanceType: "M7i.Large" } } },
      "servers.main.instanceType",
      '"M7i.Large"',
      "in lower case",
    ],
    [
      "an instance type without a size",
      { workers: { general: { instanceType: ["m7i.large", "m7i"] } } },
      "workers.general.instanceType",
      '"m7i"',
      "describe-instance-types",
    ],
    [
      "no instance type at all",
      { workers: { general: { instanceType: [] } } },
      "workers.general.instanceType",
      "[]",
      '"m7i.large"',
    ],
    [
      "two processors in a group",
      { workers: { general: { instanceType: ["m7i.large", "m7g.large"] } } },
      "workers.general.instanceType",
      '["m7i.large","m7g.large"]',
      "a group for each processor",
    ],
    [
      "no image for a processor",
      { images: { x86_64: images.x86_64 }, workers: { general: { instanceType: "c7g.large" } } },
      "images.arm64",
      "nothing",
      'images: { arm64: "ami-..." }',
    ],
    [
      "an image's name for its id",
      { workers: { general: { imageId: "debian-12" } } },
      "workers.general.imageId",
      '"debian-12"',
      "copy the id",
    ],
    [
      "a disk without a unit",
      { workers: { general: { diskSize: "100" } } },
      "workers.general.diskSize",
      '"100"',
      "a unit",
    ],
    [
      "a disk smaller than an image",
      { servers: { main: { ...all, diskSize: "8GiB" } } },
      "servers.main.diskSize",
      '"8GiB"',
      "within the bounds",
    ],
    [
      "workers and servers under one name",
      { workers: { main: {} } },
      'workers["main"]',
      '"main"',
      "rename the worker group",
    ],
    [
      "the pool of all pools",
      { workers: { general: { nodePool: "all" } } },
      "workers.general.nodePool",
      '"all"',
      'such as "general"',
    ],
    [
      "a label of ours",
      { workers: { general: { labels: { "caravan.group": "x" } } } },
      "workers.general.labels (name of a label)",
      '"caravan.group"',
      "acme.tier",
    ],
    [
      "a host volume that holds the node's secrets",
      { workers: { general: { hostVolumes: { data: { path: "/etc" } } } } },
      "workers.general.hostVolumes.data.path",
      '"/etc"',
      "/srv/data",
    ],
    [
      "six security groups",
      { workers: { general: { securityGroupIds: Array(6).fill("sg-0123456789abcdef0") } } },
      "workers.general.securityGroupIds",
      JSON.stringify(Array(6).fill("sg-0123456789abcdef0")).slice(0, 119).concat("…"),
      "give 0 to 4 security groups",
    ],
    [
      "an isolated network and programs from the internet",
      { network: { egress: "private" } },
      "software",
      "nothing",
      'from: "baked"',
    ],
    [
      "an isolated network and images from the internet",
      { network: { egress: "private" }, software: { from: "baked" }, workers: { general: {} } },
      "software.registry",
      "nothing",
      "registry.example.com",
    ],
    [
      "an isolated network without a way to ECR",
      {
        network: { egress: "private" },
        software: { from: "baked", registry: "registry.example.com" },
        workers: { general: { repositories: ["shop/*"] } },
      },
      "workers.general.repositories",
      '["shop/*"]',
      'interfaceEndpoints: ["ecr.api", "ecr.dkr"]',
    ],
    [
      "an isolated network and no way to the proxy",
      { network: { egress: "private" }, proxy: { url: "http://10.9.0.10:8080" } },
      "outside",
      "nothing",
      "port: 8080",
    ],
    [
      "a way to everybody",
      { outside: { mirror: { range: "0.0.0.0/0" } } },
      "outside.mirror.range",
      '"0.0.0.0/0"',
      "name your networks",
    ],
    [
      "a data disk that is too small",
      { servers: { main: { ...all, dataDiskSize: "1GiB" } } },
      "servers.main.dataDiskSize",
      '"1GiB"',
      "GiB",
    ],
    ["a version with a v", { versions: { nomad: "v1.11.3" } }, "versions.nomad", '"v1.11.3"', "without a v"],
    ["a version that is too old", { versions: { vault: "1.15.0" } }, "versions.vault", '"1.15.0"', "use the default"],
    ["a datacenter with a dot", { datacenter: "eu.1" }, "datacenter", '"eu.1"', "eu-central-1"],
    ["a region of Nomad in capitals", { nomadRegion: "Global" }, "nomadRegion", '"Global"', "eu-central-1"],
    [
      "a password in the proxy's address",
      { proxy: { url: "http://me:secret@proxy:3128" } },
      "proxy.url",
      '"http://me:secret@proxy:3128"',
      "without a user",
    ],
    [
      "raw_exec through the back door",
      { workers: { general: { extend: { nomad: { plugin: { raw_exec: { config: { enabled: true } } } } } } } },
      "workers.general.extend.nomad.plugin.raw_exec.config.enabled",
      "true",
      "docker or the exec driver",
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
