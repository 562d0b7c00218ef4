import { expect, test } from "vitest";
import { backendOf, backendText } from "../../lib/gitops/backend";
import { BlobStore } from "../../lib/gitops/store/blob-store";
import { GcsStore } from "../../lib/gitops/store/gcs-store";
import type { ObjectStore } from "../../lib/gitops/store/object-store";
import { AzureGround } from "../operate/azure-ground";
import { GcpGround } from "../operate/gcp-ground";

const stores: Readonly<Record<string, () => Promise<ObjectStore>>> = {
  "Cloud Storage": async () =>
    new GcsStore({
      bucket: "cluster",
      env: { GOOGLE_OAUTH_ACCESS_TOKEN: "x" },
      endpoint: await new GcpGround().start(),
    }),
  "Azure's blobs": async () =>
    new BlobStore({
      account: "acme",
      container: "cluster",
      token: async () => "x",
      endpoint: await new AzureGround().start(),
    }),
};

test.each(Object.entries(stores))(
  "%s: plans and records are written, read, listed, and created once",
  async (_, open) => {
    const store = await open();
    expect(await store.read("records/prod/last.json")).toBeUndefined();
    await store.write("records/prod/last.json", "1");
    await store.write("records/prod/last.json", "2");
    expect(await store.read("records/prod/last.json")).toBe("2");
    expect([await store.create("plans/a b", "first"), await store.create("plans/a b", "second")]).toEqual([
      true,
      false,
    ]);
    expect(await store.read("plans/a b")).toBe("first");
    for (const name of ["c", "d", "e"]) await store.write(`plans/${name}`, name);
    expect(await store.list("plans/")).toEqual(["plans/a b", "plans/c", "plans/d", "plans/e"]);
    expect(await store.list("nothing/")).toEqual([]);
  },
);

test("the backends of the three clouds are known, and said in words", () => {
  const text = (type: string, given: object) =>
    backendText(backendOf({ terraform: { backend: { [type]: { ...given } } } }, "/stacks/prod"));
  expect(text("gcs", { bucket: "acme-state", prefix: "prod-platform" })).toBe("gs://acme-state/prod-platform");
  expect(text("azurerm", { storage_account_name: "acme", container_name: "state", key: "prod-platform.tfstate" })).toBe(
    "https://acme.blob.core.windows.net/state/prod-platform.tfstate",
  );
  expect(text("azurerm", { storage_account_name: "acme" })).toBe("azurerm");
});
