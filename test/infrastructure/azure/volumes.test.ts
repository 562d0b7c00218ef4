import { expect, test } from "vitest";
import { type AzureVolume, AzureVolumes } from "../../../lib/infrastructure/azure/volumes";
import { Template } from "../../../lib/testing";
import { addressOf } from "./grants";
import { DISKS } from "./node-group-stack";
import { azureStack, place, refusal } from "./place";

function volumesIn(volumes: Readonly<Record<string, AzureVolume>>, diskEncryptionSetId = DISKS): Template {
  const stack = azureStack();
  new AzureVolumes(stack, "volumes", { ...place, volumes, diskEncryptionSetId });
  return Template.of(stack);
}

test("a volume is in its zone or in all, in the group of volumes, encrypted, not downloaded and never destroyed", () => {
  const template = volumesIn({
    "jenkins-home": { size: "20GiB", zone: "1" },
    wiki: { size: "1TiB" },
    orders: { size: "64GiB", zone: "2", type: "PremiumV2_LRS", iops: 5000, throughput: 200 },
  });
  const kept = {
    resource_group_name: "caravan-prod-volumes",
    disk_encryption_set_id: DISKS,
    network_access_policy: "DenyAll",
    public_network_access_enabled: false,
    lifecycle: { prevent_destroy: true },
  };
  const disk = (name: string) => template.resource(addressOf(template, "azurerm_managed_disk", `volumes_${name}`));
  expect(disk("jenkins-home")).toMatchObject({
    ...kept,
    name: expect.stringMatching(/^caravan-prod-jenkins-home-[0-9a-f]{10}$/),
    zone: "1",
    storage_account_type: "Premium_LRS",
    disk_size_gb: 20,
    tags: { "caravan-volume": "jenkins-home" },
  });
  expect(disk("wiki")).toMatchObject({ ...kept, storage_account_type: "Premium_ZRS", disk_size_gb: 1024 });
  expect(disk("wiki")).not.toHaveProperty("zone");
  expect(disk("orders")).toMatchObject({ ...kept, disk_iops_read_write: 5000, disk_mbps_read_write: 200 });
});

test.each<[string, object]>([
  ['volumes["Jenkins"]', { Jenkins: { size: "20GiB" } }],
  ["volumes.a.size", { a: { size: "64TiB" } }],
  ["volumes.a.zone", { a: { size: "20GiB", zone: "a" } }],
  ["volumes.a.type", { a: { size: "20GiB", type: "Premium_LRS" } }],
  ["volumes.a.type", { a: { size: "20GiB", zone: "1", type: "Premium_ZRS" } }],
  ["volumes.a.iops", { a: { size: "20GiB", zone: "1", iops: 5000 } }],
  ["volumes.a.throughput", { a: { size: "20GiB", zone: "1", type: "PremiumV2_LRS", throughput: 5 } }],
])("a wrong %s is named", (property, volumes) => {
  expect(refusal(() => volumesIn(volumes as never))).toContain(`  ${property}: given`);
});

test("a wrong disk encryption set is named", () => {
  expect(refusal(() => volumesIn({}, "disks"))).toContain("  diskEncryptionSetId: given");
});
