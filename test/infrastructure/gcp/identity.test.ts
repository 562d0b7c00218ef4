import { TerraformOutput } from "cdktf";
import { describe, expect, test } from "vitest";
import type { GcpIdentityProps } from "../../../lib/infrastructure/gcp/identity";
import { Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, memberOf } from "./grants";
import { identityStack, KEY, refusal } from "./identity-fixture";

const template = Template.of(identityStack().stack);
const PROJECT = "acme-caravan-prod";
const member = (group: string) => memberOf(template, `identity_${group}`);
const keyAddress = (purpose: string, from = template) =>
  addressOf(from, "google_kms_crypto_key", `identity_keys_${purpose}`);
const key = (purpose: string) => `\${${keyAddress(purpose)}.id}`;

describe("what nodes may do", () => {
  const rows: [string, string, string, boolean][] = [
    ["server-vault", "cloudkms.cryptoKeyVersions.useToDecrypt", key("seal"), true],
    ["server-vault", "cloudkms.cryptoKeyVersions.useToEncrypt", key("seal"), true],
    ["server-vault", "cloudkms.cryptoKeys.get", key("seal"), true],
    ["server-vault", "cloudkms.cryptoKeyVersions.useToDecrypt", key("keyring"), false],
    ["server-vault", "cloudkms.cryptoKeyVersions.useToDecrypt", key("data"), false],
    ["server-main", "cloudkms.cryptoKeyVersions.useToDecrypt", key("keyring"), true],
    ["server-main", "cloudkms.cryptoKeyVersions.useToDecrypt", key("seal"), false],
    ["worker-general", "cloudkms.cryptoKeyVersions.useToDecrypt", key("seal"), false],
    ["worker-general", "cloudkms.cryptoKeyVersions.useToDecrypt", key("keyring"), false],
    ["server-vault", "iam.serviceAccounts.get", PROJECT, true],
    ["server-vault", "compute.instances.get", PROJECT, true],
    ["server-main", "iam.serviceAccounts.get", PROJECT, false],
    ["worker-general", "iam.serviceAccounts.get", PROJECT, false],
    ["worker-general", "compute.instances.list", PROJECT, true],
    ["worker-general", "compute.zones.list", PROJECT, true],
    ["worker-general", "compute.instanceGroupManagers.get", PROJECT, true],
    ["worker-general", "logging.logEntries.create", PROJECT, true],
    ["worker-general", "compute.instances.delete", PROJECT, false],
    ["server-main", "iam.serviceAccounts.getAccessToken", PROJECT, false],
    ["server-main", "secretmanager.versions.access", PROJECT, false],
  ];
  test.each(rows)("%s %s on %s: %s", (group, permission, on, expected) => {
    expect(may(template, member(group), permission, on)).toBe(expected);
  });

  test("no role of Google's own is granted to them, and none twice", () => {
    for (const group of ["server-vault", "server-main", "worker-general"]) {
      const roles = grantsOf(template, member(group)).map(({ on, role }) => `${on} ${role}`);
      for (const role of roles) expect(role).toContain(" projects/acme-caravan-prod/roles/caravan_prod_");
      expect(new Set(roles).size).toBe(roles.length);
    }
  });

  test("an account has no key", () => {
    template.resourceCount("google_service_account", 3);
    template.resourceCount("google_service_account_key", 0);
    expect(template.resource(addressOf(template, "google_service_account", "identity_server-main"))).toMatchObject({
      account_id: "caravan-prod-server-main",
      project: PROJECT,
    });
  });
});

describe("the keys", () => {
  test("are rotated every 90 days, wait 30 days before a version dies, and no plan destroys them", () => {
    for (const purpose of ["seal", "keyring", "data"]) {
      expect(template.resource(keyAddress(purpose))).toMatchObject({
        name: purpose,
        purpose: "ENCRYPT_DECRYPT",
        rotation_period: "7776000s",
        destroy_scheduled_duration: "2592000s",
        lifecycle: { prevent_destroy: true },
      });
    }
    template.hasResource("google_kms_key_ring", {
      location: "europe-west1",
      name: "caravan-prod-keys",
      lifecycle: { prevent_destroy: true },
    });
  });

  test("a teardown may destroy them", () => {
    const torn = Template.of(identityStack({}, false).stack);
    expect(torn.resource(keyAddress("seal", torn))["lifecycle"]).toMatchObject({ prevent_destroy: false });
  });

  test("the data key is used by Google's own services only, and whoever uses it waits for them", () => {
    const { stack, identity } = identityStack();
    new TerraformOutput(stack, "key", { value: identity.keys.dataKeyName });
    const made = Template.of(stack);
    const number = /\$\{data\.google_project\.\w+(-\w+)*\.number\}/;
    const members = made
      .resources("google_kms_crypto_key_iam_member")
      .filter((each) => each.arguments["crypto_key_id"] === `\${${keyAddress("data", made)}.id}`);
    expect(members.map((each) => each.arguments["role"])).toEqual(
      Array(4).fill("roles/cloudkms.cryptoKeyEncrypterDecrypter"),
    );
    expect(members.map((each) => String(each.arguments["member"]).replace(number, "1")).sort()).toEqual([
      expect.stringMatching(/^\$\{data\.google_storage_project_service_account\..*\.member\}$/),
      expect.stringMatching(/^serviceAccount:\$\{data\.google_logging_project_cmek_settings\..*service_account_id\}$/),
      "serviceAccount:service-1@compute-system.iam.gserviceaccount.com",
      "serviceAccount:service-1@gcp-sa-secretmanager.iam.gserviceaccount.com",
    ]);
    expect(made.output("key")["value"]).toMatch(
      /google_kms_crypto_key_iam_member\.identity_keys_data_logging-member_\w+\.crypto_key_id/,
    );
    // Each waits for the one before it, so that the last is really the last.
    expect(members.filter((each) => each.arguments["depends_on"] === undefined)).toHaveLength(1);
  });

  test("Vault and Nomad are told ring and key", () => {
    const { stack, identity } = identityStack({ keyRingName: "caravan-prod-2" });
    new TerraformOutput(stack, "seal", { value: identity.keys.seal });
    const made = Template.of(stack);
    expect(made.output("seal")["value"]).toEqual({
      keyRing: expect.stringContaining("google_kms_key_ring.identity_keys_key-ring"),
      cryptoKey: expect.stringContaining("google_kms_crypto_key.identity_keys_seal"),
    });
    made.hasResource("google_kms_key_ring", { name: "caravan-prod-2" });
  });
});

describe("what a company already has", () => {
  test("given keys are not made, no grant is made on them, and their ring and name are told", () => {
    const { stack, identity } = identityStack({ sealKeyName: KEY, keyringKeyName: KEY, dataKeyName: KEY });
    const given = Template.of(stack);
    for (const type of ["google_kms_crypto_key", "google_kms_key_ring", "google_kms_crypto_key_iam_member"]) {
      given.resourceCount(type, 0);
    }
    expect(identity.keys.seal).toEqual({ keyRing: "own", cryptoKey: "mine" });
    expect(identity.keys.dataKeyName).toBe(KEY);
  });

  test("a given account is not made, and gets what its nodes need", () => {
    const email = "vault-nodes@acme-caravan-prod.iam.gserviceaccount.com";
    const given = Template.of(identityStack({ serverAccounts: { vault: email } }).stack);
    expect(given.addresses.filter((each) => /google_service_account\..*vault/.test(each))).toEqual([]);
    const seal = `\${${keyAddress("seal", given)}.id}`;
    expect(may(given, `serviceAccount:${email}`, "cloudkms.cryptoKeyVersions.useToDecrypt", seal)).toBe(true);
    expect(may(given, `serviceAccount:${email}`, "iam.serviceAccounts.get", PROJECT)).toBe(true);
  });

  test("inner resources are changed by transform", () => {
    const transform: GcpIdentityProps["transform"] = {
      nodeAccount: { serviceAccount: { displayName: "ours" } },
      keys: {
        seal: { key: { versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", protectionLevel: "HSM" } } },
      },
    };
    const changed = Template.of(identityStack({ transform }).stack);
    changed.hasResource("google_service_account", { display_name: "ours" });
    expect(changed.resource(keyAddress("seal", changed))).toHaveProperty("version_template");
    expect(changed.resource(keyAddress("data", changed))).not.toHaveProperty("version_template");
  });
});

test("one server group by default", () => {
  const plain = Template.of(identityStack({ servers: undefined, workers: undefined }).stack);
  expect(plain.resources("google_service_account").map((each) => each.arguments["account_id"])).toEqual([
    "caravan-prod-server-main",
  ]);
});

test("ids of resources are stable", () => {
  expect(template.addresses).toMatchInlineSnapshot(`
    [
      "data.google_logging_project_cmek_settings.identity_keys_service-agents_logging_9206856A",
      "data.google_project.identity_keys_service-agents_project_91B9A0BE",
      "data.google_storage_project_service_account.identity_keys_service-agents_storage_76B21738",
      "google_kms_crypto_key.identity_keys_data_272C2B7D",
      "google_kms_crypto_key.identity_keys_keyring_642D82B5",
      "google_kms_crypto_key.identity_keys_seal_BB9B48AD",
      "google_kms_crypto_key_iam_member.identity_keys_data_compute-member_DBBE42C6",
      "google_kms_crypto_key_iam_member.identity_keys_data_logging-member_8E4E3200",
      "google_kms_crypto_key_iam_member.identity_keys_data_secretManager-member_3969C4FC",
      "google_kms_crypto_key_iam_member.identity_keys_data_storage-member_923773AF",
      "google_kms_crypto_key_iam_member.identity_keys_keyring_main-member_A3DD8590",
      "google_kms_crypto_key_iam_member.identity_keys_seal_vault-member_43647306",
      "google_kms_key_ring.identity_keys_key-ring_5EF92321",
      "google_project_iam_member.identity_server-main_node-member_521BC226",
      "google_project_iam_member.identity_server-vault_node-member_313F7A08",
      "google_project_iam_member.identity_server-vault_sign-in-member_9ACFC361",
      "google_project_iam_member.identity_worker-general_node-member_AF088150",
      "google_service_account.identity_server-main_585BDD53",
      "google_service_account.identity_server-vault_06996A36",
      "google_service_account.identity_worker-general_CB373E83",
    ]
  `);
});

describe("wrong props", () => {
  test.each<[string, Partial<GcpIdentityProps>, string]>([
    ["a project by its number", { project: "123456789012" }, "project: given"],
    ["a zone for a region", { region: "europe-west1-b" }, "region: given"],
    ["an environment in capitals", { environment: "Prod" }, "environment: given"],
    ["a product in no group", { servers: { a: { runs: ["vault", "consul"] } } }, 'add "nomad"'],
    ["a worker group's name with a digit first", { workers: ["1st"] }, "workers[0]: given"],
    ["a key by its short name", { sealKeyName: "seal" }, 'sealKeyName: given "seal"'],
    ["a key's version", { dataKeyName: `${KEY}/cryptoKeyVersions/1` }, "without a version"],
    ["a seal key of another region", { sealKeyName: KEY.replace("west1", "west4") }, "their own project and region"],
    ["a data key of another region", { dataKeyName: KEY.replace("west1", "west4") }, "of that region"],
    ["a ring's full name", { keyRingName: "projects/a/locations/b/keyRings/c" }, "keyRingName: given"],
    ["an account for a group that is not there", { workerAccounts: { gpu: "a" } }, "add the group"],
    ["an account by its id", { serverAccounts: { main: "main" } }, 'serverAccounts.main: given "main"'],
  ])("%s", (_, change, message) => {
    const text = refusal(() => identityStack(change));
    expect(text).toContain(message);
    expect(text).toMatch(/at "prod-ground\/identity/);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
