import { Fn } from "cdktf";
import { GcpInfrastructureStack, type GcpInfrastructureStackProps } from "cdktf-caravan/gcp";
import { Template } from "cdktf-caravan/testing";
import { describe, expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { testApp } from "../../support/synth";
import { expectMistake, type WrongProps } from "../wrong-props";

const environment = { name: "prod", state: new LocalState() };
const images = {
  x86_64: "projects/debian-cloud/global/images/debian-12-bookworm-v20251014",
  arm64: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20251014",
};
const place = { environment, region: "europe-west1", project: "acme-caravan", images };
const account = "caravan-nodes@acme-caravan.iam.gserviceaccount.com";

function stackOf(props: Partial<GcpInfrastructureStackProps> = {}): {
  stack: GcpInfrastructureStack;
  template: Template;
} {
  const stack = new GcpInfrastructureStack(testApp(), "prod-infrastructure", { ...place, ...props });
  return { stack, template: Template.of(stack) };
}

const madeOf = (template: Template) => Object.keys(template.json["resource"] as object);

test("the contract says what was made, under names that stay", () => {
  const { stack, template } = stackOf({ workers: { general: {}, storage: { nodePool: "platform", system: true } } });
  expect(stack.contract.static).toMatchObject({
    cloud: "gcp",
    environment: "prod",
    region: "europe-west1",
    account: "acme-caravan",
    serverGroups: { main: ["vault", "consul", "nomad"] },
    workerGroups: {
      general: { nodePool: "general", system: false, csi: false, min: 2, max: 2 },
      storage: { nodePool: "platform", system: true, csi: false, min: 2, max: 2 },
    },
    machine: { vault: "vault.prod.caravan.internal" },
    access: { cloud: { name: "gcp", region: "europe-west1", project: "acme-caravan" } },
  });
  expect(Object.keys(template.json["output"] as object).sort()).toMatchInlineSnapshot(`
    [
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
    ]
  `);
});

test("a given network, accounts and keys are used and nothing is made in their place", () => {
  const key = (name: string) => `projects/acme-caravan/locations/europe-west1/keyRings/own/cryptoKeys/${name}`;
  const { template } = stackOf({
    network: {
      networkId: "projects/acme-net/global/networks/shared",
      cidr: "10.0.0.0/16",
      subnetId: "projects/acme-net/regions/europe-west1/subnetworks/nodes",
    },
    servers: { main: { runs: ["vault", "consul", "nomad"], account } },
    sealKeyName: key("seal"),
    keyringKeyName: key("keyring"),
    dataKeyName: key("data"),
  });
  expect(
    madeOf(template).filter((type) =>
      /_(network|subnetwork|router|router_nat|key_ring|crypto_key|service_account)$/.test(type),
    ),
  ).toEqual([]);
  expect(template.output("infrastructure_seal_key_id")).toMatchObject({ value: key("seal") });
  expect(template.output("infrastructure_server_identities")).toMatchObject({ value: { main: account } });
});

test("protection stands until it is turned off", () => {
  const protectedTypes = (props: Partial<GcpInfrastructureStackProps>) =>
    Object.entries(stackOf(props).template.json["resource"] as Record<string, Record<string, object>>)
      .filter(([, named]) => JSON.stringify(named).includes('"prevent_destroy":true'))
      .map(([type]) => type);
  expect(protectedTypes({})).toContain("google_kms_crypto_key");
  expect(protectedTypes({ deletionProtection: false })).toEqual([]);
});

test("a transform reaches the inner resources", () => {
  const { template } = stackOf({
    network: { transform: { network: (props) => ({ ...props, description: "ours" }) } },
    transform: { provider: (props) => ({ ...props, requestReason: "ours" }) },
  });
  expect(template.json["provider"]).toMatchObject({ google: [{ request_reason: "ours" }] });
  expect(JSON.stringify((template.json["resource"] as Record<string, object>)["google_compute_network"])).toContain(
    "ours",
  );
});

test("what is known only after apply passes", () => {
  const later = Fn.lookup({}, "later", "") as string;
  expect(() => stackOf({ plannerEmail: later, deployerEmail: later, images: { x86_64: later } })).not.toThrow();
});

const all = { runs: ["vault", "consul", "nomad"] } as const;
const existing = {
  networkId: "projects/acme-net/global/networks/shared",
  cidr: "10.0.0.0/16",
  subnetId: "projects/acme-net/regions/europe-west1/subnetworks/nodes",
};

describe("wrong props", () => {
  const wrong: WrongProps[] = [
    ["a zone for a region", { region: "europe-west1-b" }, "region", '"europe-west1-b"', "without a zone's letter"],
    ["another cloud's region", { region: "eu-central-1" }, "region", '"eu-central-1"', "gcloud compute regions list"],
    ["no region", { region: undefined }, "region", "nothing", "gcloud compute regions list"],
    ["a project's number", { project: "123456789012" }, "project", '"123456789012"', "copy the id"],
    ["no project", { project: undefined }, "project", "nothing", "copy the id"],
    [
      "an environment in capitals",
      { environment: { ...environment, name: "PROD" } },
      "environment.name",
      '"PROD"',
      "prod",
    ],
    [
      "an unknown product",
      { servers: { main: { runs: ["vault", "consul", "nomd"] } } },
      "servers.main.runs[2]",
      '"nomd"',
      "use one of them",
    ],
    ["two servers", { servers: { main: { ...all, count: 2 } } }, "servers.main.count", "2", "use one of them"],
    [
      "min above max",
      { workers: { general: { min: 5, max: 3 } } },
      "workers.general.min",
      "5",
      "raise max or lower min",
    ],
    [
      "workers and servers under one name",
      { workers: { main: {} } },
      'workers["main"]',
      '"main"',
      "rename the worker group",
    ],
    [
      "an account's name for its address",
      { workers: { general: { account: "nodes" } } },
      "workers.general.account",
      '"nodes"',
      "gcloud iam service-accounts list",
    ],
    [
      "the default account",
      { plannerEmail: "123-compute@developer.gserviceaccount.com" },
      "plannerEmail",
      '"123-compute@developer.gserviceaccount.com"',
      "default accounts",
    ],
    [
      "a deployer's name",
      { deployerEmail: "deployer" },
      "deployerEmail",
      '"deployer"',
      "gcloud iam service-accounts list",
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
    ["an unknown way out", { network: { egress: "public" } }, "network.egress", '"public"', "use one of them"],
    [
      "addresses of NAT without NAT",
      { network: { egress: "private", natAddresses: 1 } },
      "network.natAddresses",
      "1",
      'use egress "nat"',
    ],
    [
      "a network's short name",
      { network: { ...existing, networkId: "shared" } },
      "network.networkId",
      '"shared"',
      "the short name is not enough",
    ],
    [
      "a subnet of another region",
      { network: { ...existing, subnetId: "projects/acme-net/regions/us-east1/subnetworks/nodes" } },
      "network.subnetId",
      '"projects/acme-net/regions/us-east1/subnetworks/nodes"',
      "environment's region",
    ],
    [
      "what is made beside a network that exists",
      { network: { ...existing, natAddresses: 1 } },
      "network.natAddresses",
      "1",
      "remove natAddresses",
    ],
    ["a key's short name", { sealKeyName: "seal" }, "sealKeyName", '"seal"', "without a version"],
    [
      "a key of another region",
      { dataKeyName: "projects/acme-caravan/locations/global/keyRings/k/cryptoKeys/d" },
      "dataKeyName",
      '"projects/acme-caravan/locations/global/keyRings/k/cryptoKeys/d"',
      "give a key of that region",
    ],
    [
      "another cloud's instance type",
      { servers: { main: { ...all, instanceType: "m7i.large" } } },
      "servers.main.instanceType",
      '"m7i.large"',
      "",
    ],
    [
      "two processors in a group",
      { workers: { general: { instanceType: ["n2-standard-4", "t2a-standard-4"] } } },
      "workers.general.instanceType",
      '["n2-standard-4","t2a-standard-4"]',
      "make a group for each",
    ],
    [
      "no instance type at all",
      { workers: { general: { instanceType: [] } } },
      "workers.general.instanceType",
      "[]",
      "name one",
    ],
    [
      "an image's family",
      { workers: { general: { imageId: "debian-12" } } },
      "workers.general.imageId",
      '"debian-12"',
      "gcloud compute images list",
    ],
    [
      "no image for a processor",
      { images: { x86_64: images.x86_64 }, workers: { general: { instanceType: "t2a-standard-4" } } },
      "images.arm64",
      "nothing",
      "give its full name",
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
      "an isolated network and no way to the proxy",
      { network: { egress: "private" }, proxy: { url: "http://10.9.0.10:8080" } },
      "outside",
      "nothing",
      "port: 8080",
    ],
    ["people without a domain", { people: {} }, "domain", "nothing", "give the domain, or remove people"],
    [
      "an open address for everybody",
      { domain: "caravan.example.com", people: { public: true } },
      "people.allowedRanges",
      "nothing",
      "",
    ],
    [
      "networks of people without public",
      { domain: "caravan.example.com", people: { allowedRanges: ["203.0.113.0/24"] } },
      "people.allowedRanges",
      '["203.0.113.0/24"]',
      "set public",
    ],
    ["tunnels as a text", { tunnels: "yes" }, "tunnels", '"yes"', ""],
    ["protection as a text", { deletionProtection: "false" }, "deletionProtection", '"false"', "without quotes"],
  ];

  test.each(wrong)("%s: property, value, rule and fix", (...mistake) => {
    const make = () =>
      new GcpInfrastructureStack(testApp(), "prod-infrastructure", { ...place, ...mistake[1] } as never);
    expectMistake(make, 'GcpInfrastructureStack at "prod-infrastructure"', mistake);
  });

  test("of every kind are told together", () => {
    const props = { region: "frankfurt", project: "1", servers: { main: { runs: [] } } };
    expect(() => stackOf(props as never)).toThrow(/at "prod-infrastructure": 5 mistakes in its props/);
  });
});
