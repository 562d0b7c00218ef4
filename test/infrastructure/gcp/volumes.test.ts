import { TerraformOutput } from "cdktf";
import { describe, expect, test } from "vitest";
import { type GcpVolume, GcpVolumes } from "../../../lib/infrastructure/gcp/volumes";
import { Template } from "../../../lib/testing";
import { emptyStack, KEY, place, refusal } from "./identity-fixture";

function volumesIn(volumes: Readonly<Record<string, GcpVolume>>, deletionProtection = true): Template {
  const stack = emptyStack(deletionProtection);
  const made = new GcpVolumes(stack, "volumes", { ...place, kmsKeyName: KEY, volumes });
  new TerraformOutput(stack, "ids", { value: made.volumeIds });
  return Template.of(stack);
}

const template = volumesIn({
  database: { size: "200GiB", zone: "b", type: "hyperdisk-balanced", iops: 6000, throughput: 300 },
  wiki: { size: "20GiB", zone: ["b", "europe-west1-c"] },
});

test("a volume of one zone is encrypted, and no plan destroys it", () => {
  template.hasResource("google_compute_disk", {
    name: "caravan-prod-volume-database",
    zone: "europe-west1-b",
    type: "hyperdisk-balanced",
    size: 200,
    provisioned_iops: 6000,
    provisioned_throughput: 300,
    disk_encryption_key: { kms_key_self_link: KEY },
    labels: { "caravan-volume": "database" },
    lifecycle: { prevent_destroy: true },
  });
  volumesIn({ a: { size: "10GiB", zone: "b" } }, false).hasResource("google_compute_disk", {
    type: "pd-balanced",
    lifecycle: { prevent_destroy: false },
  });
});

test("a volume of two zones is regional", () => {
  template.hasResource("google_compute_region_disk", {
    name: "caravan-prod-volume-wiki",
    region: "europe-west1",
    replica_zones: ["europe-west1-b", "europe-west1-c"],
    type: "pd-balanced",
    size: 20,
    disk_encryption_key: { kms_key_name: KEY },
    lifecycle: { prevent_destroy: true },
  });
});

test("ids are those by which the CSI plugin knows them", () => {
  expect(template.output("ids")["value"]).toEqual({
    database: expect.stringMatching(/^\$\{google_compute_disk\..*\.id\}$/),
    wiki: expect.stringMatching(/^\$\{google_compute_region_disk\..*\.id\}$/),
  });
});

describe("wrong props", () => {
  test.each<[string, GcpVolume, string]>([
    ["no zone", { size: "20GiB" } as never, "volumes.a.zone: given nothing"],
    ["a zone of another region", { size: "20GiB", zone: "europe-west4-a" }, "volumes.a.zone: given"],
    ["three zones", { size: "20GiB", zone: ["b", "c", "d"] }, "a list of 2 zones"],
    ["one zone twice", { size: "20GiB", zone: ["b", "b"] }, "two zones that differ"],
    ["a disk that is too small", { size: "4GiB", zone: "b" }, 'volumes.a.size: given "4GiB"'],
    [
      "a standard disk too small for two zones",
      { size: "100GiB", zone: ["b", "c"], type: "pd-standard" },
      "size: given",
    ],
    ["another cloud's type", { size: "20GiB", zone: "b", type: "gp3" as never }, 'volumes.a.type: given "gp3"'],
    [
      "Hyperdisk of one zone in two",
      { size: "20GiB", zone: ["b", "c"], type: "hyperdisk-balanced" },
      "high-availability",
    ],
    ["operations of a disk without", { size: "20GiB", zone: "b", iops: 6000 }, "volumes.a.iops: given 6000"],
    [
      "more than there are",
      { size: "20GiB", zone: "b", type: "hyperdisk-balanced", throughput: 9000 },
      "from 140 to 2400",
    ],
  ])("%s", (_, volume, message) => {
    const text = refusal(() => volumesIn({ a: volume }));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });

  test("a name in capitals, and a key's short name", () => {
    expect(refusal(() => volumesIn({ Data: { size: "20GiB", zone: "b" } }))).toContain('volumes["Data"]: given "Data"');
    const stack = emptyStack();
    expect(refusal(() => new GcpVolumes(stack, "v", { ...place, kmsKeyName: "data", volumes: {} }))).toContain(
      'kmsKeyName: given "data"',
    );
  });
});
