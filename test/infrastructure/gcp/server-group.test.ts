import { describe, expect, test } from "vitest";
import { hcl } from "../../../lib/core";
import { namedPort } from "../../../lib/infrastructure/gcp/named-ports";
import { serverLibrary } from "../../../lib/node";
import type { Template } from "../../../lib/testing";
import { emptyStack, KEY, refusal } from "./identity-fixture";
import { cluster, common, documentOf, environmentValues, only, serversIn, serverTemplate } from "./node-group-stack";

const GROUP = "google_compute_region_instance_group_manager";
const TEMPLATE = "google_compute_region_instance_template";

const encrypted = {
  disk_type: "pd-balanced",
  disk_encryption_key: { kms_key_self_link: KEY },
  labels: { "caravan-environment": "prod", "caravan-group": "server-main", "cost-center": "platform" },
};

function disksOf(template: Template): unknown {
  return only(template, TEMPLATE)["disk"];
}

function ofCount(count: number, props: object = {}, deletionProtection = true): Template {
  const one = { ...cluster, servers: { main: { ...cluster.servers["main"], count } } };
  return serverTemplate({ cluster: one as never, ...props }, deletionProtection);
}

describe("a group of three servers", () => {
  const template = serverTemplate();

  test("starts a server anew only when its machine is gone, and is never rolled, balanced or waited for", () => {
    const group = only(template, GROUP);
    expect(group).toMatchObject({
      name: "caravan-prod-server-main",
      base_instance_name: "caravan-prod-server-main",
      region: "europe-west1",
      target_size: 3,
      distribution_policy_zones: common.zones,
      distribution_policy_target_shape: "EVEN",
      update_policy: {
        type: "OPPORTUNISTIC",
        instance_redistribution_type: "NONE",
        minimal_action: "REPLACE",
        replacement_method: "SUBSTITUTE",
        max_surge_fixed: 3,
        max_unavailable_fixed: 0,
      },
      instance_lifecycle_policy: { default_action_on_failure: "REPAIR", force_update_on_repair: "YES" },
      wait_for_instances: false,
      lifecycle: { prevent_destroy: true },
    });
    for (const absent of [
      "auto_healing_policies",
      "stateful_disk",
      "instance_flexibility_policy",
      "all_instances_config",
    ]) {
      expect(group).not.toHaveProperty(absent);
    }
    template.resourceCount("google_compute_region_autoscaler", 0);
  });

  test("says which ports people's load balancer finds its products at", () => {
    const found = only(template, GROUP)["named_port"] as { name: string; port: number }[];
    const known = [namedPort("vault"), namedPort("consul"), namedPort("nomad")];
    expect(known).toEqual(expect.arrayContaining(found));
    expect(found.length).toBe(cluster.servers["main"]?.runs.length);
  });

  test("is found by its network tags and its labels", () => {
    expect(only(template, TEMPLATE)).toMatchObject({
      tags: ["caravan-vault-prod", "caravan-consul-prod", "caravan-nomad-prod"],
      labels: {
        "caravan-environment": "prod",
        "caravan-group": "server-main",
        "caravan-vault": "prod",
        "caravan-consul": "prod",
        "caravan-nomad": "prod",
        "cost-center": "platform",
      },
    });
  });

  test("has machines that nobody reaches but through the network, and that boot what is signed", () => {
    const recipe = only(template, TEMPLATE);
    expect(recipe).toMatchObject({
      machine_type: "e2-standard-2",
      can_ip_forward: false,
      shielded_instance_config: {
        enable_secure_boot: true,
        enable_vtpm: true,
        enable_integrity_monitoring: true,
      },
      metadata: {
        "block-project-ssh-keys": "TRUE",
        "enable-oslogin": "TRUE",
        "serial-port-enable": "FALSE",
        "user-data-encoding": "base64",
      },
      scheduling: { automatic_restart: true, on_host_maintenance: "MIGRATE", provisioning_model: "STANDARD" },
      lifecycle: { create_before_destroy: true },
    });
    expect(recipe["network_interface"]).toEqual([{ stack_type: "IPV4_ONLY", subnetwork: common.subnetId }]);
    expect(recipe["service_account"]).toEqual({
      email: "${google_service_account.account-server-main.email}",
      scopes: ["cloud-platform"],
    });
  });

  test("starts from the cloud-init document, and finds its library in the bucket before it starts", () => {
    expect(documentOf(template)).toMatch(/^#cloud-config\n/);
    expect(only(template, "google_storage_bucket_object")).toMatchObject({
      bucket: environmentValues.bucket,
      name: expect.stringMatching(/^library\/[0-9a-f]{64}$/),
      lifecycle: { create_before_destroy: true },
    });
    const { key } = serverLibrary({ ...cluster, role: "server", group: "main", dataDevice: "caravan-data" });
    expect(only(template, "google_storage_bucket_object")["name"]).toBe(key);
    expect(only(template, GROUP)["depends_on"]).toEqual([
      expect.stringMatching(/^google_storage_bucket_object\.server-main_library_\w+$/),
    ]);
  });
});

test.each([3, 5])("a group of %i: each server has an encrypted disk for data, which goes with it", (count) => {
  const template = ofCount(count, { diskSize: "40GiB", dataDiskSize: "200GiB" });
  expect(only(template, GROUP)).toMatchObject({ target_size: count });
  expect(disksOf(template)).toEqual([
    {
      ...encrypted,
      disk_size_gb: 40,
      boot: true,
      auto_delete: true,
      source_image: expect.stringMatching(/^\$\{data\.google_compute_image\..*\.self_link\}$/),
    },
    { ...encrypted, disk_size_gb: 200, device_name: "caravan-data", auto_delete: true },
  ]);
});

describe("a group of one", () => {
  const template = ofCount(1);

  test("has its data on a disk that outlives its machine, and that the group gives to the next", () => {
    expect(disksOf(template)).toContainEqual({
      ...encrypted,
      disk_size_gb: 20,
      device_name: "caravan-data",
      auto_delete: false,
    });
    expect(only(template, GROUP)).toMatchObject({
      target_size: 1,
      // A disk is in one zone.
      distribution_policy_zones: ["europe-west1-b"],
      stateful_disk: [{ device_name: "caravan-data", delete_rule: "NEVER" }],
      update_policy: {
        type: "OPPORTUNISTIC",
        replacement_method: "RECREATE",
        max_surge_fixed: 0,
        max_unavailable_fixed: 1,
      },
      lifecycle: { prevent_destroy: true },
    });
  });

  test("tells its machine that the data stays", () => {
    const { metadata } = only(template, TEMPLATE) as { metadata: Record<string, string> };
    expect(metadata["user-data"]).toContain('CARAVAN_DATA_VOLUME=\\"caravan-data\\"');
    const three = only(serverTemplate(), TEMPLATE) as { metadata: Record<string, string> };
    expect(three.metadata["user-data"]).not.toContain("CARAVAN_DATA_VOLUME");
  });
});

test("a group runs and is found by what it is told only", () => {
  const servers = { vault: { count: 3, runs: ["vault"] }, main: { count: 5, runs: ["consul", "nomad"] } } as const;
  const template = serverTemplate({ cluster: { ...cluster, servers }, group: "vault" });
  expect(only(template, TEMPLATE)["tags"]).toEqual(["caravan-vault-prod"]);
  expect(only(template, TEMPLATE)["labels"]).not.toHaveProperty("caravan-consul");
});

describe("the image", () => {
  const imageOf = (props: object) => serverTemplate(props).dataSources("google_compute_image")[0]?.arguments;

  test("is chosen by the processor of the machine type; a plan fails if it is for another", () => {
    expect(imageOf({})).toMatchObject({
      project: "debian-cloud",
      filter: 'name = "debian-12-bookworm-v20261110" AND architecture != "ARM64"',
    });
    expect(imageOf({ instanceType: "c4a-standard-2" })).toMatchObject({
      project: "debian-cloud",
      filter: 'name = "debian-12-bookworm-arm64-v20261110" AND architecture = "ARM64"',
      lifecycle: { postcondition: [{ condition: '${self.status == "READY"}' }] },
    });
  });

  test("of a group goes before the environment's", () => {
    const own = "https://www.googleapis.com/compute/v1/projects/acme-images/global/images/caravan-1";
    expect(imageOf({ imageId: own })).toMatchObject({
      project: "acme-images",
      filter: expect.stringMatching(/^name = "caravan-1"/),
    });
  });

  test("is taken as it is where only Terraform knows the machine type", () => {
    const instanceType = hcl.callString("lower", "C4A-STANDARD-2");
    expect(imageOf({ instanceType, imageId: "projects/acme-images/global/images/caravan-1" })?.["filter"]).toBe(
      'name = "caravan-1"',
    );
  });
});

test("series from the fourth generation on have Hyperdisk, and machines with accelerators are not moved", () => {
  const recipe = (instanceType: string) => only(serverTemplate({ instanceType }), TEMPLATE);
  expect(recipe("n4-standard-2")["disk"]).toMatchObject([
    { disk_type: "hyperdisk-balanced" },
    { disk_type: "hyperdisk-balanced" },
  ]);
  expect(recipe("g2-standard-4")["scheduling"]).toMatchObject({ on_host_maintenance: "TERMINATE" });
});

test("what a group adds is laid over what the environment adds", () => {
  const extend = { consul: { log_level: "WARN" }, vault: { log_level: "debug" } } as const;
  const both = documentOf(
    serverTemplate({ cluster: { ...cluster, extend }, extend: { consul: { log_level: "DEBUG" } } }),
  );
  const merged = { ...extend, consul: { log_level: "DEBUG" } } as const;
  expect(both).toBe(documentOf(serverTemplate({ cluster: { ...cluster, extend: merged } })));
});

test("a teardown's first step takes the protection off", () => {
  expect(only(serverTemplate({}, false), GROUP)).toMatchObject({ lifecycle: { prevent_destroy: false } });
});

describe("wrong props", () => {
  test.each<[string, object, string]>([
    ["a group that is none", { group: "mian" }, 'group: given "mian"'],
    ["another cloud", { cluster: { ...cluster, cloud: { name: "aws", region: "europe-west1" } } }, 'given "aws"'],
    ["a subnet's short name", { subnetId: "nodes" }, 'subnetId: given "nodes"'],
    ["no zone", { zones: [] }, "zones: given []"],
    ["a zone of another region", { zones: ["europe-west4-a"] }, 'zones[0]: given "europe-west4-a"'],
    ["no image for the processor", { images: {} }, "images.x86_64: given nothing"],
    [
      "a family of images",
      { imageId: "projects/debian-cloud/global/images/family/debian-12" },
      "stands for another image tomorrow",
    ],
    ["a machine type of another cloud", { instanceType: "m7i.large" }, 'instanceType: given "m7i.large"'],
    ["a disk that is too small", { diskSize: "10GiB" }, 'diskSize: given "10GiB"'],
    ["a data disk in thousands", { dataDiskSize: "20GB" }, 'dataDiskSize: given "20GB"'],
    ["a key's short name", { kmsKeyName: "data" }, 'kmsKeyName: given "data"'],
  ])("%s", (_name, change, message) => {
    const text = refusal(() => serversIn(emptyStack(), change));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
