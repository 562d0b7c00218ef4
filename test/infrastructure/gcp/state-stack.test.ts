import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { GcsState, LocalState } from "../../../lib";
import { PROJECT_ROLES } from "../../../lib/infrastructure/gcp/custom-roles";
import { clusterBucketName, logBucketName, stateBucketName } from "../../../lib/infrastructure/gcp/names";
import type { GcpStateStackProps } from "../../../lib/infrastructure/gcp/state-props";
import { GcpStateStack } from "../../../lib/infrastructure/gcp/state-stack";
import { Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, memberOf } from "./grants";
import { deployerEmail, place, plannerEmail, refusal } from "./identity-fixture";

const PROJECT = place.project;
const name = stateBucketName(place);

function stateStack(change: Partial<GcpStateStackProps> = {}): GcpStateStack {
  return new GcpStateStack(new App(), "prod-state", {
    environment: { name: "prod", state: new GcsState({ bucket: change.bucketName ?? name }) },
    project: PROJECT,
    region: place.region,
    github: { repository: "acme/platform" },
    ...change,
  });
}

const template = Template.of(stateStack());
const provider = (from = template) => from.resources("google_iam_workload_identity_pool_provider")[0]?.arguments;

describe("who may be planner and deployer", () => {
  const planner = ["repo:acme/platform:pull_request", "repo:acme/platform:ref:refs/heads/main"]
    .map((subject) => `assertion.sub == "${subject}"`)
    .join(" || ");
  const deployer = 'assertion.sub == "repo:acme/platform:environment:prod"';

  test("GitHub: pull requests and the default branch plan, the protected environment applies", () => {
    expect(provider()).toMatchObject({
      workload_identity_pool_provider_id: "github",
      attribute_condition: `${planner} || ${deployer}`,
      attribute_mapping: {
        "google.subject": '"repository:" + assertion.repository_id + ":run:" + assertion.run_id',
        "attribute.planner": `(${planner}) ? "yes" : "no"`,
        "attribute.deployer": `(${deployer}) ? "yes" : "no"`,
      },
      oidc: { issuer_uri: "https://token.actions.githubusercontent.com" },
    });
    // Without one Google wants a token to be for the provider itself.
    expect(provider()?.["oidc"]).not.toHaveProperty("allowed_audiences");
  });

  test("GitLab of one's own: any branch of the project plans, the default branch applies", () => {
    const gitlab = { project: "infra/core/platform", url: "https://git.example.com", audience: "google" };
    const from = Template.of(stateStack({ github: undefined, gitlab }));
    const project = "project_path:infra/core/platform:ref_type:branch:ref:";
    expect(provider(from)).toMatchObject({
      workload_identity_pool_provider_id: "gitlab",
      attribute_condition: `assertion.sub.startsWith("${project}") || assertion.sub == "${project}main"`,
      oidc: { issuer_uri: "https://git.example.com", allowed_audiences: ["google"] },
    });
  });

  test("a branch's name cannot end its text, nor begin an interpolation", () => {
    const branch = 'x" || true || "${var.a}';
    const from = Template.of(
      stateStack({ github: undefined, gitlab: { project: "a/b", branch: branch.replace(/ /g, "") } }),
    );
    expect(provider(from)?.["attribute_condition"]).toContain('ref:x\\"||true||\\"$${var.a}"');
  });

  test("each is one account, and pipelines are it by what the provider says of them", () => {
    for (const role of ["planner", "deployer"]) {
      const account = addressOf(template, "google_service_account", role);
      const grants = template
        .resources("google_service_account_iam_member")
        .filter((each) => each.arguments["service_account_id"] === `\${${account}.name}`)
        .map((each) => [each.arguments["role"], each.arguments["member"]]);
      expect(grants).toHaveLength(2);
      expect(grants).toContainEqual([
        "roles/iam.workloadIdentityUser",
        `principalSet://iam.googleapis.com/\${${addressOf(template, "google_iam_workload_identity_pool", "pool")}.name}/attribute.${role}/yes`,
      ]);
      // Vault takes what an account signs for itself.
      expect(grants).toContainEqual([expect.stringContaining("sign-role"), memberOf(template, role)]);
    }
    template.resourceCount("google_service_account", 2);
    template.resourceCount("google_service_account_key", 0);
  });

  test("given members", () => {
    const trustedMembers = { planner: ["serviceAccount:build@acme.example"], deployer: ["group:release@example.com"] };
    const from = Template.of(stateStack({ github: undefined, trustedMembers }));
    from.hasResource("google_service_account_iam_member", {
      role: "roles/iam.serviceAccountTokenCreator",
      member: "group:release@example.com",
    });
    from.resourceCount("google_iam_workload_identity_pool", 0);
  });

  test("accounts given: none is made, and both are let to the state", () => {
    const given = {
      plannerEmail: "planner@acme-ci-account.iam.gserviceaccount.com",
      deployerEmail: "applier@acme-ci-account.iam.gserviceaccount.com",
    };
    const stack = stateStack({ github: undefined, ...given });
    expect(stack).toMatchObject(given);
    const from = Template.of(stack);
    from.resourceCount("google_service_account", 0);
    from.resourceCount("google_project_iam_member", 0);
    expect(grantsOf(from, `serviceAccount:${given.plannerEmail}`)).toHaveLength(3);
  });

  test("their addresses are known at synth", () => {
    expect(stateStack()).toMatchObject({ plannerEmail, deployerEmail });
    expect(template.output("planner_email")["value"]).toBe(plannerEmail);
    expect(template.output("workload_identity_provider")["value"]).toMatch(/pool_provider_\w+\.name/);
  });
});

describe("what they may do with state", () => {
  const bucket = `\${${addressOf(template, "google_storage_bucket_iam_binding", "state_without-readers")}.bucket}`;
  const rows: [string, string, string, boolean][] = [
    ["planner", "get", "prod-infrastructure/default.tfstate", true],
    ["planner", "create", "prod-infrastructure/default.tfstate", false],
    ["planner", "delete", "prod-infrastructure/default.tfstate", false],
    ["planner", "create", "prod-infrastructure/default.tflock", true],
    ["planner", "delete", "prod-infrastructure/default.tflock", true],
    ["planner", "create", "plans/0a1b/prod-infrastructure.json", true],
    ["planner", "get", "plans/0a1b/prod-infrastructure.json", false],
    ["planner", "get", "records/prod-infrastructure/last.json", true],
    ["planner", "create", "records/prod-infrastructure/last.json", false],
    ["deployer", "create", "prod-infrastructure/default.tfstate", true],
    ["deployer", "delete", "prod-infrastructure/default.tfstate", true],
    ["deployer", "get", "prod-state/default.tfstate", true],
    ["deployer", "create", "prod-state/default.tfstate", false],
    ["deployer", "delete", "deep/below/prod-state/default.tfstate", false],
    ["deployer", "get", "plans/0a1b/prod-infrastructure.json", true],
    ["deployer", "create", "records/prod-infrastructure/last.json", true],
    ["deployer", "create", "elsewhere", false],
  ];
  test.each(rows)("%s storage.objects.%s %s: %s", (role, verb, object, expected) => {
    const member = memberOf(template, role);
    const resource = `projects/_/buckets/${name}/objects/${object}`;
    expect(may(template, member, `storage.objects.${verb}`, bucket, resource)).toBe(expected);
  });
});

describe("what they may do in the project", () => {
  const can = (role: string, permission: string, resource = "") =>
    may(template, memberOf(template, role), permission, PROJECT, resource);

  test("the planner reads configuration, but no value and no object but the library's", () => {
    const permissions = template
      .resources("google_project_iam_custom_role")
      .filter((each) => String(each.arguments["role_id"]).startsWith("caravan_prod_planner_read"))
      .flatMap((each) => each.arguments["permissions"] as string[]);
    expect(permissions.length).toBeGreaterThan(50);
    for (const each of permissions) expect(each).toMatch(/\.(get|list|getIamPolicy)$/);
    expect(permissions.filter((each) => /versions\.access|objects|getAccessToken|useTo/.test(each))).toEqual([]);
    const objects = `projects/_/buckets/${clusterBucketName(place)}/objects/`;
    expect(can("planner", "storage.objects.get", `${objects}library/0a1b`)).toBe(true);
    expect(can("planner", "storage.objects.get", `${objects}document`)).toBe(false);
    expect(can("planner", "storage.objects.create", `${objects}library/0a1b`)).toBe(false);
  });

  test.each<[string, string, boolean]>([
    ["compute.instanceGroupManagers.create", "", true],
    ["iam.serviceAccounts.actAs", "", true],
    ["iam.serviceAccounts.getAccessToken", "", false],
    ["iam.serviceAccountKeys.create", "", false],
    ["iam.roles.create", "", false],
    ["iam.roles.update", "", false],
    ["cloudkms.cryptoKeyVersions.useToDecrypt", "", false],
    ["secretmanager.versions.access", "", false],
    ["storage.buckets.setIamPolicy", `projects/_/buckets/${clusterBucketName(place)}`, true],
    ["storage.buckets.setIamPolicy", `projects/_/buckets/${name}`, false],
    ["storage.objects.delete", `projects/_/buckets/${logBucketName(place)}/objects/a`, true],
    ["storage.objects.get", `projects/_/buckets/${clusterBucketName(place)}/objects/document`, false],
    ["secretmanager.secrets.setIamPolicy", "projects/1/secrets/caravan-prod-bootstrap", true],
    ["secretmanager.secrets.setIamPolicy", "projects/1/secrets/other-caravan-prod-bootstrap", false],
    [
      "cloudkms.cryptoKeys.update",
      `projects/${PROJECT}/locations/europe-west1/keyRings/caravan-prod-keys/cryptoKeys/seal`,
      true,
    ],
    [
      "cloudkms.cryptoKeys.update",
      `projects/${PROJECT}/locations/europe-west1/keyRings/caravan-prod-state/cryptoKeys/state`,
      false,
    ],
  ])("the deployer %s %s: %s", (permission, resource, expected) => {
    expect(can("deployer", permission, resource)).toBe(expected);
  });

  test("the deployer grants the roles of nodes only, none of which grants", () => {
    const [grants] = grantsOf(template, memberOf(template, "deployer")).filter(({ condition }) =>
      condition?.includes("hasOnly"),
    );
    const roles = PROJECT_ROLES.map(
      (role) => `"projects/${PROJECT}/roles/caravan_prod_${role.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}"`,
    );
    expect(grants?.condition).toBe(
      `api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly([${roles.join(", ")}])`,
    );
    // Google takes 10: https://cloud.google.com/iam/docs/setting-limits-on-granting-roles
    expect(roles.length).toBeLessThanOrEqual(10);
    const all = template
      .resources("google_project_iam_custom_role")
      .filter((each) => !/planner|deployer/.test(String(each.arguments["role_id"])));
    for (const { arguments: role } of all) {
      expect(
        (role["permissions"] as string[]).filter((each) => /setIamPolicy|actAs|getAccessToken/.test(each)),
      ).toEqual([]);
    }
  });

  test("no permission stands in a role twice", () => {
    for (const { arguments: role } of template.resources("google_project_iam_custom_role")) {
      const permissions = role["permissions"] as string[];
      expect(new Set(permissions).size, String(role["role_id"])).toBe(permissions.length);
    }
  });
});

test("the state is versioned, encrypted with a key of its own, logged, and no plan destroys it", () => {
  const bucket = template.resource(addressOf(template, "google_storage_bucket", "state"));
  expect(bucket).toMatchObject({
    name,
    versioning: { enabled: true },
    public_access_prevention: "enforced",
    uniform_bucket_level_access: true,
    encryption: { default_kms_key_name: expect.stringContaining("state_key_storage-member") },
    soft_delete_policy: { retention_duration_seconds: 90 * 86_400 },
    lifecycle_rule: [
      { action: { type: "Delete" }, condition: { days_since_noncurrent_time: 90 } },
      { action: { type: "Delete" }, condition: { age: 14, matches_prefix: ["plans/"], with_state: "LIVE" } },
    ],
    logging: { log_object_prefix: "state" },
    lifecycle: { prevent_destroy: true },
  });
  template.hasResource("google_kms_crypto_key", { name: "state", lifecycle: { prevent_destroy: true } });
  // Who set it up reads it still: an owner has Google's own grant.
  expect(
    template
      .resources("google_storage_bucket_iam_binding")
      .map((each) => each.arguments["role"])
      .sort(),
  ).toEqual([
    "roles/storage.legacyObjectOwner",
    "roles/storage.legacyObjectReader",
    "roles/storage.legacyObjectReader",
  ]);
});

test("APIs are enabled, stay so, and come first", () => {
  template.hasResource("google_project_service", { service: "compute.googleapis.com", disable_on_destroy: false });
  const key = template.resource(addressOf(template, "google_project_iam_custom_role", "roles_node"));
  expect(key["depends_on"]).toEqual(
    expect.arrayContaining([expect.stringMatching(/^google_project_service\.apis_compute_/)]),
  );
  Template.of(stateStack({ enableApis: false })).resourceCount("google_project_service", 0);
});

test("its first state is a file, then in its own bucket", () => {
  expect(refusal(() => stateStack({ environment: { name: "prod", state: new LocalState() } }))).toBe("");
  const other = { environment: { name: "prod", state: new GcsState({ bucket: "acme-state" }) } };
  expect(refusal(() => stateStack(other))).toContain(`the bucket that this stack makes, "${name}"`);
  expect(refusal(() => stateStack({ ...other, bucketName: "acme-state" }))).toBe("");
});

describe("wrong props", () => {
  const gitlab = { project: "a/b" };
  test.each<[string, Partial<GcpStateStackProps>, string]>([
    ["a project's number", { project: "123456789012" }, "project: given"],
    ["a zone", { region: "europe-west1-b" }, "region: given"],
    ["an address for a bucket", { bucketName: "gs://state" }, 'bucketName: given "gs://state"'],
    ["versions for a week", { keepVersionsDays: 7 }, "keepVersionsDays: given 7"],
    ["no way to trust", { github: undefined }, "say where CI runs"],
    ["two ways", { gitlab }, "remove the others"],
    [
      "a repository's address",
      { github: { repository: "https://github.com/acme/platform" } },
      "github.repository: given",
    ],
    ["any branch", { github: { repository: "acme/platform", branch: "*" } }, "github.branch: given"],
    [
      "everybody",
      { github: undefined, trustedMembers: { planner: ["allUsers"], deployer: ["group:a@b.c"] } },
      "trustedMembers.planner[0]: given",
    ],
    [
      "a whole pool",
      {
        github: undefined,
        trustedMembers: {
          planner: ["principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/*"],
          deployer: ["group:a@b.c"],
        },
      },
      "trustedMembers.planner[0]: given",
    ],
    [
      "nobody for the deployer",
      { github: undefined, trustedMembers: { planner: ["group:a@b.c"], deployer: [] } },
      "trustedMembers.deployer: given []",
    ],
    ["both given and trusted", { plannerEmail, deployerEmail }, "their owner says who they trust"],
    ["a member for an address", { plannerEmail: `serviceAccount:${plannerEmail}` }, "plannerEmail: given"],
    ["a ring's full name", { keyRingName: "projects/a" }, "keyRingName: given"],
    ["APIs by name", { enableApis: "compute" as never }, "enableApis: given"],
  ])("%s", (_, change, message) => {
    const text = refusal(() => stateStack(change));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
