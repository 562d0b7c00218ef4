import { describe, expect, test } from "vitest";
import { architectureOf, diskTypeOf, instanceType } from "../../../lib/infrastructure/gcp/instance-type";
import { GcpNodeAccount } from "../../../lib/infrastructure/gcp/node-account";
import { registriesOf } from "../../../lib/infrastructure/gcp/registry";
import type { GcpWorkerGroupProps } from "../../../lib/infrastructure/gcp/worker-group";
import { isChoice } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { grantsOf, holds, may, memberOf } from "./grants";
import { emptyStack, place, refusal } from "./identity-fixture";
import { cluster, documentOf, only, workersIn, workerTemplate } from "./node-group-stack";

const GROUP = "google_compute_region_instance_group_manager";
const TEMPLATE = "google_compute_region_instance_template";

describe("a group of workers", () => {
  test("begins with its fewest, and is then as large as whoever scales it says", () => {
    const group = only(workerTemplate({ min: 3, max: 10 }), GROUP);
    expect(group).toMatchObject({
      name: "caravan-prod-worker-general",
      target_size: 3,
      distribution_policy_target_shape: "BALANCED",
      update_policy: { type: "OPPORTUNISTIC", instance_redistribution_type: "NONE" },
      lifecycle: { ignore_changes: ["target_size"] },
    });
    expect(group).not.toHaveProperty("auto_healing_policies");
    // Google's own autoscaler would be a second one.
    workerTemplate().resourceCount("google_compute_region_autoscaler", 0);
  });

  test("says at which port people's load balancer finds its ingress", () => {
    expect(only(workerTemplate(), GROUP)["named_port"]).toEqual([{ name: "ingress", port: 8443 }]);
  });

  test("takes the first machine type that there is room for", () => {
    const group = only(workerTemplate({ instanceType: ["n2-standard-4", "n2d-standard-4"] }), GROUP);
    expect(group["instance_flexibility_policy"]).toEqual({
      instance_selections: [
        { name: "rank-1", rank: 1, machine_types: ["n2-standard-4"] },
        { name: "rank-2", rank: 2, machine_types: ["n2d-standard-4"] },
      ],
    });
    expect(only(workerTemplate(), GROUP)).not.toHaveProperty("instance_flexibility_policy");
  });

  test("is of spot machines that are deleted when they are taken, or of none", () => {
    expect(only(workerTemplate({ spotPercent: 100 }), TEMPLATE)["scheduling"]).toEqual({
      provisioning_model: "SPOT",
      preemptible: true,
      automatic_restart: false,
      on_host_maintenance: "TERMINATE",
      instance_termination_action: "DELETE",
    });
    expect(only(workerTemplate({ spotPercent: 0 }), TEMPLATE)["scheduling"]).toMatchObject({
      provisioning_model: "STANDARD",
    });
  });

  test("tells pool, group and environment by labels, and no server's tag", () => {
    const recipe = only(workerTemplate({ nodePool: "Batch" }), TEMPLATE);
    expect(recipe["labels"]).toEqual({
      "caravan-environment": "prod",
      "caravan-group": "worker-general",
      "caravan-node-pool": "batch",
      "cost-center": "platform",
    });
    expect(recipe["tags"]).toEqual([]);
    expect(recipe["disk"]).toMatchObject([{ disk_size_gb: 100, boot: true }]);
  });

  test("has what its props say in its nodes' configuration", () => {
    const document = documentOf(
      workerTemplate({ nodePool: "gpu", labels: { gpu: "l4" }, hostVolumes: { scratch: { path: "/srv/scratch" } } }),
    );
    for (const said of ['\\"node_pool\\": \\"gpu\\"', '\\"gpu\\": \\"l4\\"', '\\"path\\": \\"/srv/scratch\\"']) {
      expect(document).toContain(said);
    }
  });
});

test("a group of spot machines drains within their 30 seconds, unless told otherwise", () => {
  const deadline = (props: Partial<GcpWorkerGroupProps>) =>
    /deadline\\": \\"(\w+)/.exec(documentOf(workerTemplate(props)))?.[1];
  const own = { nomad: { client: { drain_on_shutdown: { deadline: "10s" } } } };
  expect(deadline({})).toBe("5m");
  expect(deadline({ spotPercent: 100 })).toBe("20s");
  expect(deadline({ spotPercent: 100, extend: own })).toBe("10s");
  expect(deadline({ spotPercent: 100, cluster: { ...cluster, extend: own } })).toBe("10s");
});

test("only a system group may scale, and end no machine but workers of its environment", () => {
  const template = workerTemplate({ group: "platform", system: true });
  const rights = grantsOf(template, memberOf(template, "account-worker-platform"));
  const end = rights.find(({ role }) => role.endsWith("_end_workers"))?.condition ?? "";
  expect(end).toBe('resource.name.extract("/instances/{name}").startsWith("caravan-prod-worker-")');
  const instance = (name: string) => ({ name: `projects/acme-caravan-prod/zones/europe-west1-b/instances/${name}` });
  expect(holds(end, instance("caravan-prod-worker-general-x1y2"))).toBe(true);
  expect(holds(end, instance("caravan-prod-server-main-x1y2"))).toBe(false);
  expect(holds(end, instance("caravan-dev-worker-general-x1y2"))).toBe(false);
  expect(rights.map(({ role }) => role)).toContain("projects/acme-caravan-prod/roles/caravan_prod_scale_groups");
  const plain = workerTemplate();
  expect(grantsOf(plain, memberOf(plain, "account-worker-general")).map(({ role }) => role)).toEqual([
    "projects/acme-caravan-prod/roles/caravan_prod_node",
  ]);
});

describe("a system group beside groups that mount disks", () => {
  const stack = emptyStack();
  const mounting = new GcpNodeAccount(stack, "account-worker-data", { ...place, plane: "worker", group: "data" });
  workersIn(stack, { group: "platform", system: true, storageAccounts: { data: mounting } });
  const template = Template.of(stack);
  const system = memberOf(template, "account-worker-platform");
  const disk = (name: string) => `projects/acme-caravan-prod/zones/europe-west1-b/disks/${name}`;
  const instance = (name: string) => `projects/acme-caravan-prod/zones/europe-west1-b/instances/${name}`;
  test.each<[string, string, boolean]>([
    ["compute.disks.create", disk("pvc-1"), true],
    ["compute.disks.delete", disk("pvc-1"), true],
    ["compute.disks.use", disk("pvc-1"), true],
    ["compute.disks.use", disk("caravan-prod-volume-database"), true],
    ["compute.disks.delete", disk("caravan-prod-volume-database"), false],
    ["compute.disks.use", disk("caravan-prod-server-main-x1y2-1"), false],
    ["compute.disks.use", disk("caravan-dev-volume-database"), false],
    ["compute.disks.delete", disk("caravan-prod-server-main-x1y2"), false],
    ["compute.instances.attachDisk", instance("caravan-prod-worker-data-x1y2"), true],
    ["compute.instances.attachDisk", instance("caravan-prod-server-main-x1y2"), false],
    ["compute.instances.detachDisk", instance("caravan-prod-server-main-x1y2"), false],
    ["compute.disks.list", "", true],
  ])("%s %s: %s", (permission, resource, expected) => {
    expect(may(template, system, permission, "acme-caravan-prod", resource)).toBe(expected);
  });

  test("acts as the accounts of those groups, and of no others", () => {
    const grants = template.resources("google_service_account_iam_member").map((each) => each.arguments);
    expect(grants).toEqual([
      {
        service_account_id:
          "projects/acme-caravan-prod/serviceAccounts/${google_service_account.account-worker-data.email}",
        role: "roles/iam.serviceAccountUser",
        member: system,
      },
    ]);
  });

  test("without such groups has none of it", () => {
    const alone = workerTemplate({ group: "platform", system: true });
    const member = memberOf(alone, "account-worker-platform");
    expect(may(alone, member, "compute.disks.create", "acme-caravan-prod", disk("pvc-1"))).toBe(false);
  });
});

test("raw_exec is off, and a choice that the report shows", () => {
  const rawExec = (props: Partial<GcpWorkerGroupProps>) => {
    const stack = emptyStack();
    workersIn(stack, props);
    const [, enabled] = /raw_exec[^}]*enabled\\": (true|false)/.exec(documentOf(Template.of(stack))) ?? [];
    return [enabled, stack.policyOutcome?.waived.map(({ waiver }) => [waiver.rule, isChoice(waiver) && waiver.prop])];
  };
  expect(rawExec({})).toEqual(["false", []]);
  expect(rawExec({ rawExec: true })).toEqual(["true", [["gcp-user-data-raw-exec", "rawExec"]]]);
});

describe("images of Artifact Registry", () => {
  const repositories = ["shop", "europe-west4-docker.pkg.dev/acme-images/base"];

  test("are taken from the repositories that are named; another project's are its owner's business", () => {
    expect(only(workerTemplate({ repositories }), "google_artifact_registry_repository_iam_member")).toEqual({
      project: "acme-caravan-prod",
      location: "europe-west1",
      repository: "shop",
      role: "projects/acme-caravan-prod/roles/caravan_prod_pull_images",
      member: "serviceAccount:${google_service_account.account-worker-general.email}",
    });
  });

  test("their registries are known to the node, each once", () => {
    const document = documentOf(workerTemplate({ repositories: [...repositories, "tools"] }));
    const registries = [...document.matchAll(/([\w.-]+)\\": \\"gcr/g)].map(([, registry]) => registry);
    expect(registries).toEqual(["europe-west1-docker.pkg.dev", "europe-west4-docker.pkg.dev"]);
    expect(registriesOf(place, ["shop"])).toEqual(["europe-west1-docker.pkg.dev"]);
  });
});

describe("machine types", () => {
  test.each([
    ["e2-standard-2", "x86_64", "pd-balanced"],
    ["e2-micro", "x86_64", "pd-balanced"],
    ["n2-custom-4-8192-ext", "x86_64", "pd-balanced"],
    ["c3-standard-192-metal", "x86_64", "pd-balanced"],
    ["c4d-highmem-8-lssd", "x86_64", "hyperdisk-balanced"],
    ["a2-highgpu-1g", "x86_64", "pd-balanced"],
    ["t2d-standard-2", "x86_64", "pd-balanced"],
    ["t2a-standard-2", "arm64", "pd-balanced"],
    ["c4a-standard-2", "arm64", "hyperdisk-balanced"],
    ["n4a-standard-2", "arm64", "hyperdisk-balanced"],
    ["a4x-highgpu-4g", "arm64", "hyperdisk-balanced"],
  ])("%s: %s, %s", (type, architecture, disk) => {
    expect([instanceType.accepts(type), architectureOf(type), diskTypeOf(type)]).toEqual([true, architecture, disk]);
  });

  test.each(["m7i.large", "Standard_D2s_v5", "e2", "E2-standard-2", "e2-standard-2 ", "standard-2"])(
    "not %j",
    (type) => {
      expect(instanceType.accepts(type)).toBe(false);
    },
  );
});

test("conditions of grants are followed as Google does", () => {
  const condition = 'resource.name == "a" || resource.name.startsWith("b/")';
  expect(["a", "b/c", "ab", "b"].map((name) => holds(condition, { name }))).toEqual([true, true, false, false]);
  const ends = 'resource.name.endsWith(".x") && !resource.name.endsWith("/no/a.x")';
  expect(["yes/a.x", "p/no/a.x", "a.y"].map((name) => holds(ends, { name }))).toEqual([true, false, false]);
});

describe("wrong props", () => {
  test.each<[string, object, string]>([
    ["a server group's name", { group: "main" }, 'group: given "main"'],
    ["a name in capitals", { group: "General" }, 'group: given "General"'],
    ["min above max", { min: 3, max: 1 }, "min: given 3"],
    ["a share that a group cannot have", { spotPercent: 70 }, "make two groups of one node pool"],
    ["a share below none", { spotPercent: -5 }, "spotPercent: given -5"],
    ["two processors", { instanceType: ["n4-standard-2", "n4a-standard-2"] }, "machine types of one processor"],
    ["two kinds of disks", { instanceType: ["n2-standard-2", "n4-standard-2"] }, "machine types of one kind of disk"],
    ["an image with its tag", { repositories: ["shop:1.4.2"] }, 'repositories[0]: given "shop:1.4.2"'],
    ["every repository", { repositories: ["*"] }, 'repositories[0]: given "*"'],
    [
      "a registry without its project",
      { repositories: ["europe-west1-docker.pkg.dev/shop"] },
      "repositories[0]: given",
    ],
  ])("%s", (_name, change, message) => {
    const text = refusal(() => workersIn(emptyStack(), change));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
