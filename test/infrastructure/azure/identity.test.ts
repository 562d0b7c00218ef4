import { TerraformOutput } from "cdktf";
import { describe, expect, test } from "vitest";
import { AzureNodeLog } from "../../../lib/infrastructure/azure/node-log";
import { nodeRights } from "../../../lib/infrastructure/azure/rights";
import { AzureRoles, roleGuid } from "../../../lib/infrastructure/azure/roles";
import { Match, Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, outputOf, principalOf } from "./grants";
import { GROUP, identityStack } from "./identity-fixture";
import { azureStack, place, refusal } from "./place";

const OTHER = `${GROUP}/providers/Microsoft.KeyVault/vaults/acme/keys/mine`;
const CRYPTO = "Microsoft.KeyVault/vaults/keys";
const SCALE_SETS = "Microsoft.Compute/virtualMachineScaleSets";

const { stack, identity, workspaceId } = identityStack();
const log = new AzureNodeLog(stack, "log", {
  ...place,
  workspaceId,
  identities: [...Object.values(identity.servers), ...Object.values(identity.workers)],
});
new TerraformOutput(stack, "stream", { staticId: true, value: log.streamAddress });
const template = Template.of(stack);
const vault = addressOf(template, "azurerm_key_vault", "identity_keys_vault");
const keys = addressOf(template, "azurerm_resource_group_template_deployment", "identity_keys");
const disks = addressOf(template, "azurerm_resource_group_template_deployment", "identity_keys_disk-encryption");
const key = (name: string) => `\${${vault}.id}/keys/\${jsondecode(${keys}.output_content).${name}.value}`;
const rule = `\${${addressOf(template, "azurerm_monitor_data_collection_rule", "log")}.id}`;

describe("what nodes may do", () => {
  const rows: [string, string, string, boolean][] = [
    ["server-vault", `${CRYPTO}/wrap/action`, key("seal"), true],
    ["server-vault", `${CRYPTO}/unwrap/action`, key("seal"), true],
    ["server-vault", `${CRYPTO}/read`, key("seal"), true],
    ["server-vault", `${CRYPTO}/delete`, key("seal"), false],
    ["server-vault", `${CRYPTO}/unwrap/action`, key("keyring"), false],
    ["server-vault", `${CRYPTO}/unwrap/action`, key("data"), false],
    ["server-main", `${CRYPTO}/unwrap/action`, key("keyring"), true],
    ["server-main", `${CRYPTO}/unwrap/action`, key("seal"), false],
    ["worker-general", `${CRYPTO}/unwrap/action`, key("seal"), false],
    ["worker-general", `${SCALE_SETS}/virtualMachines/read`, GROUP, true],
    ["worker-general", `${SCALE_SETS}/networkInterfaces/read`, GROUP, true],
    ["worker-general", `${SCALE_SETS}/write`, GROUP, false],
    ["worker-general", `${SCALE_SETS}/virtualMachines/delete`, GROUP, false],
    ["worker-general", "Microsoft.Insights/Telemetry/Write", rule, true],
    ["server-main", "Microsoft.Insights/Telemetry/Write", rule, true],
    ["data", `${CRYPTO}/unwrap/action`, key("data"), true],
    ["data", `${CRYPTO}/unwrap/action`, key("seal"), false],
  ];
  test.each(rows)("%s %s %s: %s", (group, action, scope, expected) => {
    const name = group === "data" ? "identity_keys_data-identity" : `identity_${group}`;
    expect(may(template, principalOf(template, name), action, scope)).toBe(expected);
  });

  test("nothing else, and nothing at all on more than the resource group", () => {
    expect(
      grantsOf(template, principalOf(template, "identity_worker-general"))
        .map(({ right }) => right)
        .sort(),
    ).toEqual(["find-peers", "say"]);
    for (const { arguments: made } of template.resources("azurerm_role_assignment")) {
      expect(String(made["scope"])).toMatch(/resourceGroups\/caravan-prod$|\.id\}/);
      expect(made["principal_type"]).toBe("ServicePrincipal");
    }
  });
});

describe("roles", () => {
  test("say only what is used: no wildcard but for reading scale sets, and nothing that deletes rights or reads lists of keys", () => {
    const actions = Object.values(nodeRights).flatMap(
      (right: { actions?: readonly string[]; dataActions?: readonly string[] }) => [
        ...(right.actions ?? []),
        ...(right.dataActions ?? []),
      ],
    );
    expect(actions.filter((action) => action.includes("*"))).toEqual([`${SCALE_SETS}/*/read`]);
    expect(actions.filter((action) => /authorization|listkeys/i.test(action))).toEqual([]);
  });

  test("are made once, by ids that both sides know", () => {
    const roles = azureStack();
    new AzureRoles(roles, "roles", place);
    const made = Template.of(roles).resources("azurerm_role_definition");
    expect(made.map((each) => each.arguments["role_definition_id"]).sort()).toEqual(
      Object.keys(nodeRights)
        .map((right) => roleGuid(place, right))
        .sort(),
    );
    for (const { arguments: role } of made) {
      expect(role).toMatchObject({ scope: GROUP, assignable_scopes: [GROUP, `${GROUP}-volumes`] });
      expect(role["name"]).toMatch(/^caravan-prod-[a-z-]+-[0-9a-f]{10}$/);
    }
    expect(roleGuid(place, "say")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(roleGuid({ ...place, resourceGroup: "other" }, "say")).not.toBe(roleGuid(place, "say"));
  });
});

describe("keys", () => {
  test("stand in a vault in hardware that no network reaches, that nobody purges and no plan destroys", () => {
    expect(template.resource(vault)).toMatchObject({
      sku_name: "premium",
      rbac_authorization_enabled: true,
      purge_protection_enabled: true,
      soft_delete_retention_days: 90,
      public_network_access_enabled: false,
      network_acls: { default_action: "Deny", bypass: "AzureServices" },
      lifecycle: { prevent_destroy: true },
    });
    const torn = Template.of(identityStack({}, false).stack);
    expect(torn.resource(vault)["lifecycle"]).toMatchObject({ prevent_destroy: false });
  });

  test("are made through Resource Manager, turned every year, and wrap and unwrap only", () => {
    expect(template.resource(keys)).toMatchObject({ deployment_mode: "Incremental" });
    template.hasResource("azurerm_resource_group_template_deployment", {
      name: "caravan-prod-keys",
      template_content: Match.json({
        resources: ["seal", "keyring", "data"].map(() => ({
          type: "Microsoft.KeyVault/vaults/keys",
          name: Match.present(),
          properties: {
            kty: "RSA-HSM",
            keySize: 3072,
            keyOps: ["wrapKey", "unwrapKey"],
            rotationPolicy: { lifetimeActions: [{ trigger: { timeAfterCreate: "P1Y" }, action: { type: "rotate" } }] },
          },
        })),
        outputs: { seal: { value: "seal" }, keyring: { value: "keyring" }, data: { value: "data" } },
      }),
    });
  });

  test("disks follow each new version of the data key, once their identity may use it", () => {
    expect(template.resource(disks)["depends_on"]).toEqual([
      addressOf(template, "azurerm_role_assignment", "identity_keys_data-assignment"),
    ]);
    template.hasResource("azurerm_resource_group_template_deployment", {
      name: "caravan-prod-disks",
      template_content: Match.json({
        resources: [
          {
            type: "Microsoft.Compute/diskEncryptionSets",
            properties: { rotationToLatestKeyVersionEnabled: true, encryptionType: "EncryptionAtRestWithCustomerKey" },
          },
        ],
      }),
    });
  });

  test("a given key is used as it is: its owner says who may", () => {
    const { stack: given, identity: own } = identityStack({ sealKeyId: OTHER });
    expect(own.keys.sealKey).toEqual({ vault: "acme", name: "mine", id: OTHER });
    const synthesized = Template.of(given);
    const rights = grantsOf(synthesized, principalOf(synthesized, "identity_server-vault")).map(({ right }) => right);
    expect(rights).toEqual(["find-peers"]);
  });

  test("a given data key brings its identity and its disk encryption set", () => {
    const dataKey = {
      keyId: OTHER,
      identityId: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/data`,
      diskEncryptionSetId: `${GROUP}/providers/Microsoft.Compute/diskEncryptionSets/data`,
    };
    const { keys: own } = identityStack({ dataKey }).identity;
    expect([own.dataKeyAddress, own.dataIdentityId, own.diskEncryptionSetId]).toEqual([
      "https://acme.vault.azure.net/keys/mine",
      dataKey.identityId,
      dataKey.diskEncryptionSetId,
    ]);
  });
});

test("nodes are told the address of a stream that has exactly what they write", () => {
  expect(outputOf(template, "stream")).toMatch(
    /^\$\{azurerm_monitor_data_collection_endpoint\..*\.logs_ingestion_endpoint\}\/dataCollectionRules\/\$\{.*\.immutable_id\}\/streams\/Custom-CaravanNodes_CL$/,
  );
  template.hasResource("azurerm_monitor_data_collection_rule", {
    stream_declaration: [
      {
        stream_name: "Custom-CaravanNodes_CL",
        column: [
          { name: "TimeGenerated", type: "datetime" },
          { name: "Node", type: "string" },
          { name: "Message", type: "string" },
        ],
      },
    ],
  });
  template.hasResource("azurerm_log_analytics_workspace", {
    retention_in_days: 365,
    local_authentication_enabled: false,
  });
});

test("what is wrong is said at once, with its place", () => {
  const message = refusal(() =>
    identityStack({
      subscriptionId: "prod",
      servers: { main: { runs: ["vault", "consul"] } },
      serverIdentities: { other: { identityId: "x", principalId: "y" } },
      workerIdentities: { general: { identityId: "caravan", principalId: "me" } },
    }),
  );
  for (const property of [
    "subscriptionId",
    "servers",
    "serverIdentities.other",
    "workerIdentities.general.identityId",
    "workerIdentities.general.principalId",
  ]) {
    expect(message).toContain(`  ${property}: given`);
  }
  expect(refusal(() => identityStack({ sealKeyId: "seal" }))).toContain("sealKeyId: given");
});
