import { describe, expect, test } from "vitest";
import { AzureNodeIdentity } from "../../../lib/infrastructure/azure/node-identity";
import { allowSystem } from "../../../lib/infrastructure/azure/worker-group";
import { Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, principalOf } from "./grants";
import { cluster, DISKS, documentOf, only, SET, workersIn, workerTemplate } from "./node-group-stack";
import { azureStack, idOf, place, refusal } from "./place";

const GROUP = `/subscriptions/${place.subscriptionId}/resourceGroups/caravan-prod`;

describe("a group of workers", () => {
  const template = workerTemplate({ min: 2, max: 10 });

  test("is kept between its bounds; whoever scales it decides, and Terraform leaves it alone", () => {
    expect(only(template, SET)).toMatchObject({
      name: "caravan-prod-worker-general",
      instances: 2,
      upgrade_mode: "Manual",
      zone_balance: false,
      lifecycle: { ignore_changes: ["instances"] },
      termination_notification: { enabled: true, timeout: "PT15M" },
      os_disk: { disk_size_gb: 100 },
    });
    expect(only(template, SET)["lifecycle"]).not.toHaveProperty("prevent_destroy");
    expect(only(template, "azurerm_monitor_autoscale_setting")).toMatchObject({
      profile: [{ capacity: { default: 2, minimum: 2, maximum: 10 } }],
    });
  });

  test("bears its pool and its group, and the user's tags", () => {
    expect(only(template, SET)["tags"]).toMatchObject({
      "caravan-group": "worker-general",
      "caravan-node-pool": "general",
      "cost-center": "platform",
    });
  });

  test("is on demand", () => {
    expect(only(template, SET)).not.toHaveProperty("priority");
    expect(documentOf(template)).not.toContain("15s");
  });
});

test("spot machines are deleted when Azure takes them back, and drain within their 30 seconds", () => {
  const template = workerTemplate({ spotPercent: 100 });
  expect(only(template, SET)).toMatchObject({ priority: "Spot", eviction_policy: "Delete", max_bid_price: -1 });
  expect(documentOf(template)).toContain('\\"deadline\\": \\"15s\\"');
});

test("more than a hundred machines need more than one placement group", () => {
  expect(only(workerTemplate({ max: 100 }), SET)["single_placement_group"]).toBe(true);
  expect(only(workerTemplate({ max: 101 }), SET)["single_placement_group"]).toBe(false);
});

test("a group with raw_exec brings its own waiver", () => {
  expect(only(workerTemplate({ rawExec: true }), SET)["name"]).toBe("caravan-prod-worker-general");
});

test("images of a registry in the resource group are its nodes' to take; another's owner opens it", () => {
  const own = `${GROUP}/providers/Microsoft.ContainerRegistry/registries/acmeProd`;
  const template = workerTemplate({ registryIds: [own, idOf("Microsoft.ContainerRegistry/registries/shared")] });
  const pulls = grantsOf(template, principalOf(template, "identity-worker-general")).filter(
    ({ right }) => right === "pull-images",
  );
  expect(pulls.map(({ scope }) => scope)).toEqual([own]);
  expect(documentOf(template)).toContain("acmeprod.azurecr.io");
  expect(documentOf(template)).toContain("shared.azurecr.io");
});

describe("the identity of a system group", () => {
  const stack = azureStack("prod-nodes");
  const identity = new AzureNodeIdentity(stack, "identity-worker-system", {
    ...place,
    plane: "worker",
    group: "system",
  });
  const workers = {
    general: workersIn(stack, { group: "general" }),
    system: workersIn(stack, { group: "system", system: true, identity }),
  };
  allowSystem(identity, workers, { cluster, diskEncryptionSetId: DISKS, storage: true });
  const template = Template.of(stack);
  const principal = principalOf(template, "identity-worker-system");
  const general = `\${${addressOf(template, SET, "worker-general_machines")}.id}`;
  const SETS = "Microsoft.Compute/virtualMachineScaleSets";

  const rows: [string, string, boolean][] = [
    [`${SETS}/write`, general, true],
    [`${SETS}/delete/action`, general, true],
    [`${SETS}/delete`, general, false],
    [`${SETS}/virtualMachines/attachDetachDataDisks/action`, general, true],
    [`${SETS}/write`, `${GROUP}/providers/${SETS}/caravan-prod-server-main`, false],
    [`${SETS}/virtualMachines/write`, `${GROUP}/providers/${SETS}/caravan-prod-server-main`, false],
    ["Microsoft.Compute/disks/write", `${GROUP}-volumes/providers/Microsoft.Compute/disks/data`, true],
    ["Microsoft.Compute/disks/delete", `${GROUP}-volumes/providers/Microsoft.Compute/disks/data`, true],
    [
      "Microsoft.Compute/disks/write",
      `${GROUP}/providers/Microsoft.Compute/disks/caravan-prod-server-main-data`,
      false,
    ],
    ["Microsoft.Compute/diskEncryptionSets/read", DISKS, true],
    ["Microsoft.Compute/diskEncryptionSets/write", DISKS, false],
  ];
  test.each(rows)("%s on %s: %s", (action, scope, expected) => {
    expect(may(template, principal, action, scope)).toBe(expected);
  });

  test("has nothing of disks where no group mounts volumes", () => {
    const other = azureStack("prod-nodes");
    const own = new AzureNodeIdentity(other, "identity-worker-system", { ...place, plane: "worker", group: "system" });
    allowSystem(
      own,
      { system: workersIn(other, { identity: own }) },
      { cluster, diskEncryptionSetId: DISKS, storage: false },
    );
    const rights = grantsOf(Template.of(other), principalOf(Template.of(other), "identity-worker-system"));
    expect(rights.map(({ right }) => right).sort()).toEqual(["find-peers", "scale-workers"]);
  });
});

test.each<[string, object]>([
  ["group", { group: "main" }],
  ["spotPercent", { spotPercent: 50 }],
  ["instanceType", { instanceType: ["Standard_D2s_v5", "Standard_D4s_v5"] }],
  ["min", { min: 5, max: 2 }],
  ["registryIds[0]", { registryIds: ["acme.azurecr.io"] }],
  ["diskSize", { diskSize: "5GiB" }],
])("a wrong %s is named", (property, change) => {
  expect(refusal(() => workerTemplate(change))).toContain(`  ${property}: given`);
});
