import { describe, expect, test } from "vitest";
import {
  AzureClusterBucket,
  type AzureClusterBucketProps,
  clusterBucketAddress,
} from "../../../lib/infrastructure/azure/cluster-bucket";
import { CONDITION_LIMIT } from "../../../lib/infrastructure/azure/conditions";
import { storageAccountName } from "../../../lib/infrastructure/azure/names";
import { blobActions } from "../../../lib/infrastructure/azure/rights";
import { Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, principalOf } from "./grants";
import { identityStack } from "./identity-fixture";
import { place, refusal } from "./place";

function stackOf(change: Partial<AzureClusterBucketProps> = {}, protection = true): Template {
  const { stack, identity, link, workspaceId } = identityStack({}, protection);
  const { keys } = identity;
  new AzureClusterBucket(stack, "cluster-bucket", {
    ...place,
    ...{ link, workspaceId },
    key: { address: keys.dataKeyAddress, identityId: keys.dataIdentityId },
    servers: Object.values(identity.servers),
    ...change,
  });
  return Template.of(stack);
}

const template = stackOf();
const address = addressOf(template, "azurerm_storage_account", "cluster-bucket");
const container = `\${${address}.id}/blobServices/default/containers/\${${addressOf(template, "azurerm_storage_container", "cluster-bucket_container")}.name}`;
const { read, write, add, delete: remove, lock } = blobActions;

describe("what nodes may do with the cluster's container", () => {
  const rows: [string, string, string, boolean][] = [
    ["server-vault", read, "document", true],
    ["server-main", read, "library/0a1b", true],
    ["server-main", add, "born/consul", true],
    ["server-main", write, "born/consul", true],
    ["server-main", remove, "born/consul", false],
    ["server-main", write, "document", true],
    ["server-main", write, "documents", false],
    ["server-main", remove, "document", false],
    ["server-main", add, "written/0a1b", true],
    ["server-main", remove, "written/0a1b", false],
    ["server-vault", add, "vault-init/2", true],
    ["server-main", write, "token/nomad-operate", true],
    ["server-main", write, "library/0a1b", false],
    ["server-main", write, "elsewhere", false],
    ["server-main", write, "snapshots/nomad/1.snap", true],
    ["server-main", lock, "snapshots/nomad/1.snap", true],
    ["server-main", lock, "born/vault", false],
    ["server-main", remove, "snapshots/nomad/1.snap", true],
    ["server-main", remove, "leaving/consul/5", true],
    ["server-main", `${remove.replace("/delete", "")}/deleteBlobVersion/action`, "snapshots/nomad/1.snap", false],
    ["worker-general", read, "document", false],
    ["worker-general", write, "document", false],
  ];
  test.each(rows)("%s %s %s: %s", (group, action, path, expected) => {
    expect(may(template, principalOf(template, `identity_${group}`), action, container, path)).toBe(expected);
  });

  test("conditions have room", () => {
    const conditions = grantsOf(template, principalOf(template, "identity_server-main")).map(
      ({ condition = "" }) => condition,
    );
    for (const condition of conditions) expect(condition.length).toBeLessThan(CONDITION_LIMIT);
  });
});

test("the account has no keys to share, no network reaches it, and it is encrypted with the data key", () => {
  expect(template.resource(address)).toMatchObject({
    name: storageAccountName(place, "cluster"),
    account_replication_type: "ZRS",
    min_tls_version: "TLS1_2",
    shared_access_key_enabled: false,
    local_user_enabled: false,
    allow_nested_items_to_be_public: false,
    public_network_access_enabled: false,
    infrastructure_encryption_enabled: true,
    network_rules: { default_action: "Deny", bypass: ["AzureServices"] },
    customer_managed_key: {
      key_vault_key_id: expect.stringMatching(
        /^\$\{jsondecode\(azurerm_resource_group_template_deployment\..*\)\.key\.value\}$/,
      ),
    },
    lifecycle: { prevent_destroy: true },
  });
});

test("it keeps versions for 30 days and what is deleted for 14, and whoever writes may lock", () => {
  expect(template.resource(address)).toMatchObject({
    blob_properties: { versioning_enabled: true, delete_retention_policy: { days: 14 } },
    immutability_policy: { state: "Disabled" },
  });
  template.hasResource("azurerm_storage_management_policy", {
    rule: [{ actions: { version: { delete_after_days_since_creation: 30 } } }],
  });
  const longer = stackOf({ keepVersionsDays: 90 });
  longer.hasResource("azurerm_storage_management_policy", {
    rule: [{ actions: { version: { delete_after_days_since_creation: 90 } } }],
  });
});

test("its address is known at synth, and in a teardown it may go", () => {
  expect(clusterBucketAddress(place)).toMatch(
    /^https:\/\/caravanprod[a-z0-9]{1,13}\.blob\.core\.windows\.net\/cluster$/,
  );
  expect(stackOf({}, false).resource(address)["lifecycle"]).toMatchObject({ prevent_destroy: false });
});

test("what is wrong is named", () => {
  const message = refusal(() => stackOf({ servers: [], keepVersionsDays: 7 }));
  expect(message).toContain("servers: given []");
  expect(message).toContain("keepVersionsDays: given 7");
});
