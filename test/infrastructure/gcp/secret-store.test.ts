import { describe, expect, test } from "vitest";
import { GcpNodeLog, type GcpNodeLogProps } from "../../../lib/infrastructure/gcp/node-log";
import { GcpSecretStore, type GcpSecretStoreProps } from "../../../lib/infrastructure/gcp/secret-store";
import { Template } from "../../../lib/testing";
import { addressOf, may, memberOf } from "./grants";
import { deployerEmail, identityStack, place, plannerEmail, refusal } from "./identity-fixture";

function stackOf(change: Partial<GcpSecretStoreProps & GcpNodeLogProps> = {}, protection = true) {
  const { stack, identity } = identityStack({}, protection);
  const store = new GcpSecretStore(stack, "secrets", {
    ...place,
    kmsKeyName: identity.keys.dataKeyName,
    servers: identity.servers,
    workers: identity.workers,
    deployerEmail,
    plannerEmail,
    ...change,
  });
  const log = new GcpNodeLog(stack, "log", { ...place, kmsKeyName: identity.keys.dataKeyName, ...change });
  return { template: Template.of(stack), store, log };
}

const { template, log } = stackOf();
const secret = (name: string) => addressOf(template, "google_secret_manager_secret", `secrets_${name}`);

describe("who reads and writes which secret", () => {
  const members: Record<string, string> = {
    deployer: `serviceAccount:${deployerEmail}`,
    planner: `serviceAccount:${plannerEmail}`,
    server: memberOf(template, "identity_server-main"),
    worker: memberOf(template, "identity_worker-general"),
  };
  const table: Record<string, Record<string, readonly string[]>> = {
    "public-ca": { access: ["deployer", "planner", "server", "worker"], add: ["server"] },
    bootstrap: { access: ["deployer"], add: ["server"] },
    "recovery-keys": { access: [], add: ["server"] },
  };
  const rows = Object.entries(table).flatMap(([name, verbs]) =>
    Object.entries(verbs).map(([verb, who]) => [name, verb, who] as const),
  );
  test.each(rows)("%s, %s: %j", (name, verb, who) => {
    const on = `\${${secret(name)}.secret_id}`;
    const able = Object.keys(members).filter((one) =>
      may(template, members[one] ?? "", `secretmanager.versions.${verb}`, on),
    );
    expect(able).toEqual(who);
  });
});

test("secrets stay in the region, with its key, and Terraform writes none", () => {
  for (const name of ["public-ca", "bootstrap", "recovery-keys"]) {
    expect(template.resource(secret(name))).toMatchObject({
      secret_id: `caravan-prod-${name}`,
      replication: {
        user_managed: {
          replicas: [
            {
              location: "europe-west1",
              customer_managed_encryption: {
                kms_key_name: expect.stringContaining("identity_keys_data_logging-member"),
              },
            },
          ],
        },
      },
      version_destroy_ttl: "2592000s",
      deletion_protection: true,
      lifecycle: { prevent_destroy: true },
    });
  }
  template.resourceCount("google_secret_manager_secret_version", 0);
  const torn = stackOf({ recoveryWindowDays: 1 }, false).template;
  expect(torn.resource(secret("bootstrap"))).toMatchObject({
    version_destroy_ttl: "86400s",
    deletion_protection: false,
    lifecycle: { prevent_destroy: false },
  });
});

test("nodes are told a secret as they ask for it", () => {
  expect(stackOf().store.publicCaSecret).toMatch(/^projects\/acme-caravan-prod\/secrets\/\$\{TfToken/);
});

test("the log of the nodes is kept for a year in the region, with its key", () => {
  expect(log.logName).toBe("projects/acme-caravan-prod/logs/caravan-prod-nodes");
  template.hasResource("google_logging_project_bucket_config", {
    bucket_id: "caravan-prod-nodes",
    location: "europe-west1",
    retention_days: 365,
    cmek_settings: { kms_key_name: expect.stringContaining("identity_keys_data_logging-member") },
  });
  template.hasResource("google_logging_project_sink", {
    filter: 'logName="projects/acme-caravan-prod/logs/caravan-prod-nodes"',
    destination: expect.stringMatching(
      /^logging\.googleapis\.com\/\$\{google_logging_project_bucket_config\.log\.id\}$/,
    ),
  });
});

describe("wrong props", () => {
  test.each<[string, Partial<GcpSecretStoreProps & GcpNodeLogProps>, string]>([
    ["a recovery without an end", { recoveryWindowDays: 1001 }, "recoveryWindowDays: given 1001"],
    ["a member for an address", { deployerEmail: `serviceAccount:${deployerEmail}` }, "deployerEmail: given"],
    ["a person for the planner", { plannerEmail: "me@example.com" }, "plannerEmail: given"],
    ["a log of a week", { keepLogsDays: 7 }, "keepLogsDays: given 7"],
  ])("%s", (_, change, message) => {
    const text = refusal(() => stackOf(change));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
