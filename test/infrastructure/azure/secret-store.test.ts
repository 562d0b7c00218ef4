import { TerraformOutput } from "cdktf";
import { describe, expect, test } from "vitest";
import { AzureSecretStore, type AzureSecretStoreProps } from "../../../lib/infrastructure/azure/secret-store";
import { Template } from "../../../lib/testing";
import { addressOf, may, outputOf, principalOf } from "./grants";
import { deployerPrincipalId, identityStack, plannerPrincipalId } from "./identity-fixture";
import { place, refusal } from "./place";

function storeIn(change: Partial<AzureSecretStoreProps> = {}) {
  const { stack, identity, link, workspaceId } = identityStack();
  const store = new AzureSecretStore(stack, "secrets", {
    ...place,
    ...{ link, workspaceId, deployerPrincipalId, plannerPrincipalId },
    servers: Object.values(identity.servers),
    workers: Object.values(identity.workers),
    ...change,
  });
  return { stack, store };
}

const { stack, store } = storeIn();
new TerraformOutput(stack, "address", { staticId: true, value: store.addresses["public-ca"] });
const template = Template.of(stack);
const vaultOf = (secret: string) => addressOf(template, "azurerm_key_vault", `secrets_${secret}`);
const [GET, SET] = ["getSecret", "setSecret"].map((verb) => `Microsoft.KeyVault/vaults/secrets/${verb}/action`) as [
  string,
  string,
];

describe("who reads and writes which secret", () => {
  const rows: [string, string, boolean, boolean][] = [
    ["server-main", "public-ca", true, true],
    ["server-main", "bootstrap", false, true],
    ["server-main", "recovery-keys", false, true],
    ["worker-general", "public-ca", true, false],
    ["worker-general", "bootstrap", false, false],
    ["worker-general", "recovery-keys", false, false],
    ["deployer", "public-ca", true, false],
    ["deployer", "bootstrap", true, false],
    ["deployer", "recovery-keys", false, false],
    ["planner", "public-ca", true, false],
    ["planner", "bootstrap", false, false],
    ["planner", "recovery-keys", false, false],
  ];
  const ci: Record<string, string> = { deployer: deployerPrincipalId, planner: plannerPrincipalId };
  test.each(rows)("%s, %s: reads %s, writes %s", (who, secret, reads, writes) => {
    const principal = ci[who] ?? principalOf(template, `identity_${who}`);
    const vault = `\${${vaultOf(secret)}.id}`;
    expect([may(template, principal, GET, vault), may(template, principal, SET, vault)]).toEqual([reads, writes]);
  });
});

test("each audience has a vault of its own, which only the network reaches; nothing is written by Terraform", () => {
  const names = ["public-ca", "bootstrap", "recovery-keys"].map((secret) => {
    const vault = template.resource(vaultOf(secret));
    expect(vault).toMatchObject({
      public_network_access_enabled: false,
      purge_protection_enabled: true,
      lifecycle: { prevent_destroy: true },
    });
    return vault["name"];
  });
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/);
  expect(template.resources("azurerm_key_vault_secret")).toEqual([]);
  expect(outputOf(template, "address")).toBe(`\${${vaultOf("public-ca")}.vault_uri}secrets/public-ca`);
});

test("CI outside of the network is let in by its ranges, but not to recovery keys", () => {
  const open = Template.of(storeIn({ clientRanges: ["198.51.100.7", "203.0.113.0/24"] }).stack);
  expect(open.resource(vaultOf("bootstrap"))).toMatchObject({
    public_network_access_enabled: true,
    network_acls: { default_action: "Deny", ip_rules: ["198.51.100.7", "203.0.113.0/24"] },
  });
  expect(open.resource(vaultOf("recovery-keys"))).toMatchObject({ public_network_access_enabled: false });
});

test.each(["10.0.0.1", "0.0.0.0/0", "203.0.113.0/31", "everybody", "192.168.1.0/24"])("a range is not %s", (range) => {
  expect(refusal(() => storeIn({ clientRanges: [range] }))).toContain("clientRanges[0]: given");
});

test("wrong identities are named", () => {
  const message = refusal(() => storeIn({ deployerPrincipalId: "deployer", plannerPrincipalId: "" }));
  expect(message).toContain("2 mistakes");
  expect(message).toContain("deployerPrincipalId: given");
});
