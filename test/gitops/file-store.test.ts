import { readdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileStore } from "../../lib/gitops/store/file-store";
import { PlanStore } from "../../lib/gitops/store/plan-store";
import { readLock } from "../../lib/gitops/terraform";
import { testScope } from "../support/temporary";

test("objects are there as a whole or not at all, and of many that create one, one does", async () => {
  const directory = testScope().directory("store");
  const store = new FileStore(directory);
  expect(await store.read("plans/a/b.json")).toBeUndefined();
  expect(await store.list("plans/")).toEqual([]);
  await store.write("plans/a/b.json", "1");
  await store.write("plans/a/b.json", "2");
  expect(await store.read("plans/a/b.json")).toBe("2");
  const made = await Promise.all(Array.from({ length: 8 }, (_, index) => store.create("plans/one", String(index))));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await store.list("plans/")).toEqual(["plans/a/b.json", "plans/one"]);
  expect(readdirSync(directory)).toEqual(["plans"]);
});

test("records keep the last apply, the last that succeeded, and all in their order", async () => {
  const store = new PlanStore(new FileStore(testScope().directory("records")), "dev-a");
  const record = (startedAt: string, result: "applied" | "failed") =>
    ({ version: 1, stack: "dev-a", commit: startedAt, result, by: { person: "p", machine: "m" }, startedAt }) as const;
  await store.keepRecord(record("2026-01-01T00:00:00.000Z", "applied"));
  await store.keepRecord(record("2026-01-02T00:00:00.000Z", "failed"));
  expect((await store.last())?.result).toBe("failed");
  expect((await store.applied())?.startedAt).toBe("2026-01-01T00:00:00.000Z");
  expect((await store.history()).map(({ result }) => result)).toEqual(["applied", "failed"]);
});

test("an object of another version is refused, with what to do", async () => {
  const objects = new FileStore(testScope().directory("records"));
  await objects.write("records/dev-a/last.json", '{"version":2}');
  await expect(new PlanStore(objects, "dev-a").last()).rejects.toThrow("was not written by this version of caravan");
});

test("who holds a lock is read from Terraform's error, framed or not, and from nothing else", () => {
  const info = [
    "Error: Error acquiring the state lock",
    "",
    "Error message: resource temporarily unavailable",
    "Lock Info:",
    "  ID:        e7dbd653-0883-3652-6f87-ffcb98f5c7ff",
    "  Path:      terraform.tfstate",
    "  Operation: OperationTypeApply",
    "  Who:       runner@host-1",
    "  Version:   1.11.4",
    "  Created:   2026-11-24 09:10:23.485006354 +0000 UTC",
  ];
  const lock = {
    id: "e7dbd653-0883-3652-6f87-ffcb98f5c7ff",
    operation: "OperationTypeApply",
    who: "runner@host-1",
    created: new Date("2026-11-24T09:10:23.485Z"),
  };
  expect(readLock(info.join("\n"))).toEqual(lock);
  expect(readLock(info.map((line) => `│ ${line}`).join("\n"))).toEqual(lock);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readLock(text)).toBeUndefined();
    }),
  );
});
