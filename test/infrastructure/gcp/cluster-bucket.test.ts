import { describe, expect, test } from "vitest";
import { GcpClusterBucket, type GcpClusterBucketProps } from "../../../lib/infrastructure/gcp/cluster-bucket";
import { GcpLogBucket } from "../../../lib/infrastructure/gcp/log-bucket";
import { clusterBucketName, logBucketName } from "../../../lib/infrastructure/gcp/names";
import { Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, memberOf } from "./grants";
import { identityStack, place, refusal } from "./identity-fixture";

function stackOf(change: Partial<GcpClusterBucketProps> = {}, protection = true): Template {
  const { stack, identity } = identityStack({}, protection);
  const log = new GcpLogBucket(stack, "log-bucket", { ...place, kmsKeyName: identity.keys.dataKeyName });
  new GcpClusterBucket(stack, "cluster-bucket", {
    ...place,
    kmsKeyName: identity.keys.dataKeyName,
    servers: identity.servers,
    accessLog: log.clusterLog,
    ...change,
  });
  return Template.of(stack);
}

const template = stackOf();
const name = clusterBucketName(place);
const address = addressOf(template, "google_storage_bucket", "cluster-bucket");
const bucket = `\${${addressOf(template, "google_storage_bucket_iam_binding", "cluster-bucket_without-owners")}.bucket}`;
const object = (key: string) => `projects/_/buckets/${name}/objects/${key}`;

describe("what nodes may do with the cluster's bucket", () => {
  const rows: [string, string, string, boolean][] = [
    ["server-vault", "storage.objects.get", object("document"), true],
    ["server-main", "storage.objects.create", object("born/consul"), true],
    ["server-main", "storage.objects.delete", object("born/consul"), false],
    ["server-main", "storage.objects.create", object("written/0a1b"), true],
    ["server-main", "storage.objects.get", object("written/0a1b"), true],
    ["server-main", "storage.objects.delete", object("written/0a1b"), false],
    ["server-vault", "storage.objects.create", object("vault-init/2"), true],
    ["server-vault", "storage.objects.delete", object("vault-init/2"), true],
    ["server-main", "storage.objects.delete", object("document"), true],
    ["server-main", "storage.objects.create", object("token/nomad-operate"), true],
    ["server-main", "storage.objects.get", object("library/0a1b"), true],
    ["server-main", "storage.objects.create", object("library/0a1b"), false],
    ["server-main", "storage.objects.create", object("snapshots/nomad/1.snap"), true],
    ["server-main", "storage.objects.delete", object("snapshots/nomad/1.snap"), true],
    ["server-main", "storage.objects.setRetention", object("snapshots/nomad/1.snap"), true],
    ["server-main", "storage.objects.update", object("snapshots/nomad/1.snap"), true],
    ["server-main", "storage.objects.setRetention", object("born/vault"), false],
    ["server-main", "storage.objects.overrideUnlockedRetention", object("snapshots/nomad/1.snap"), false],
    ["server-main", "storage.objects.restore", object("snapshots/nomad/1.snap"), false],
    ["server-main", "storage.objects.delete", object("leaving/consul/5"), true],
    ["server-main", "storage.objects.create", object("elsewhere"), false],
    ["server-main", "storage.objects.get", object("documents"), false],
    ["server-main", "storage.objects.list", `projects/_/buckets/${name}`, true],
    ["server-main", "storage.buckets.update", `projects/_/buckets/${name}`, false],
    ["worker-general", "storage.objects.get", object("document"), false],
    ["worker-general", "storage.objects.list", `projects/_/buckets/${name}`, false],
  ];
  test.each(rows)("%s %s %s: %s", (group, permission, resource, expected) => {
    expect(may(template, memberOf(template, `identity_${group}`), permission, bucket, resource)).toBe(expected);
  });

  test("no condition is longer than Google takes: 12 operators", () => {
    for (const { condition = "" } of grantsOf(template, memberOf(template, "identity_server-main"))) {
      expect(condition.split("||").length - 1).toBeLessThanOrEqual(12);
    }
  });
});

test("the project's viewers, editors and owners lose what Google grants them on every bucket's objects", () => {
  const found = template.resources("google_storage_bucket_iam_binding").map((each) => each.arguments);
  for (const each of found) expect(each["members"]).toEqual([]);
  expect(found.map((each) => each["role"]).sort()).toEqual([
    "roles/storage.legacyObjectOwner",
    "roles/storage.legacyObjectOwner",
    "roles/storage.legacyObjectReader",
    "roles/storage.legacyObjectReader",
  ]);
});

test("it is never public, keeps versions, restores what was deleted for 30 days, takes locks, and no plan destroys it", () => {
  expect(template.resource(address)).toMatchObject({
    name,
    location: "europe-west1",
    uniform_bucket_level_access: true,
    public_access_prevention: "enforced",
    versioning: { enabled: true },
    enable_object_retention: true,
    soft_delete_policy: { retention_duration_seconds: 30 * 86_400 },
    encryption: { default_kms_key_name: expect.stringContaining("identity_keys_data_logging-member") },
    lifecycle_rule: expect.arrayContaining([
      { action: { type: "Delete" }, condition: { days_since_noncurrent_time: 7 } },
    ]),
    logging: { log_object_prefix: "cluster" },
    force_destroy: false,
    lifecycle: { prevent_destroy: true },
  });
  // A retention for all would lock births and claims too.
  expect(template.resource(address)).not.toHaveProperty("retention_policy");
  const torn = stackOf({ keepVersionsDays: 90 }, false);
  expect(torn.resource(address)).toMatchObject({
    soft_delete_policy: { retention_duration_seconds: 90 * 86_400 },
    force_destroy: true,
    lifecycle: { prevent_destroy: false },
  });
});

test("the log of it goes after a year, and only Cloud Storage writes there", () => {
  const log = addressOf(template, "google_storage_bucket", "log-bucket");
  expect(template.resource(log)).toMatchObject({
    name: logBucketName(place),
    lifecycle_rule: [
      { action: { type: "Delete" }, condition: { age: 365, with_state: "LIVE" } },
      { action: { type: "Delete" }, condition: { days_since_noncurrent_time: 1 } },
    ],
  });
  expect(grantsOf(template, "group:cloud-storage-analytics@google.com")).toEqual([
    { on: expect.stringContaining("log-bucket_without-owners"), role: "roles/storage.objectCreator" },
  ]);
});

describe("wrong props", () => {
  test.each<[string, Partial<GcpClusterBucketProps>, string]>([
    ["versions for a week", { keepVersionsDays: 7 }, "keepVersionsDays: given 7"],
    ["versions for a year", { keepVersionsDays: 365 }, "from 14 to 90 days"],
    ["no server", { servers: {} }, "servers: given {}"],
    ["a key's short name", { kmsKeyName: "data" }, 'kmsKeyName: given "data"'],
    ["no log", { accessLog: undefined as never }, "accessLog.bucketName: given nothing"],
  ])("%s", (_, change, message) => {
    const text = refusal(() => stackOf(change));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
