import { App } from "cdktf";
import { describe, expect, test } from "vitest";
import { AzurermState, LocalState } from "../../../lib";
import { ciIdentityId } from "../../../lib/infrastructure/azure/ci-identity";
import { ciRights } from "../../../lib/infrastructure/azure/ci-rights";
import { CONDITION_LIMIT } from "../../../lib/infrastructure/azure/conditions";
import { stateAccountName } from "../../../lib/infrastructure/azure/names";
import { blobActions, nodeRights } from "../../../lib/infrastructure/azure/rights";
import { roleGuid } from "../../../lib/infrastructure/azure/roles";
import type { AzureStateStackProps } from "../../../lib/infrastructure/azure/state-props";
import { AzureStateStack } from "../../../lib/infrastructure/azure/state-stack";
import { Template } from "../../../lib/testing";
import { addressOf, grantsOf, may, principalOf } from "./grants";
import { idOf, place, refusal } from "./place";

const { environment: _, resourceGroup: __, ...where } = place;
const GROUP = `/subscriptions/${place.subscriptionId}/resourceGroups/caravan-prod`;
const github = { repository: "acme/platform" };

function stackOf(change: Partial<AzureStateStackProps> = {}): AzureStateStack {
  return new AzureStateStack(new App(), "prod-state", {
    environment: { name: "prod", state: new LocalState() },
    ...where,
    clientRanges: "any",
    github,
    ...change,
  });
}

/** Judged by the whole policy. */
const template = Template.of(stackOf());
const [planner, deployer] = ["planner", "deployer"].map((role) => principalOf(template, role)) as [string, string];
const account = addressOf(template, "azurerm_storage_account", "state");
const container = `\${${account}.id}/blobServices/default/containers/\${${addressOf(template, "azurerm_storage_container", "state_container")}.name}`;

describe("what CI may do with state", () => {
  const { read, write, add, delete: remove } = blobActions;
  const rows: [string, string, string, boolean][] = [
    [planner, read, "prod-infrastructure.tfstate", true],
    [planner, write, "prod-infrastructure.tfstate", false],
    [planner, add, "plans/1/plan", true],
    [planner, read, "plans/1/plan", false],
    [planner, read, "records/1", true],
    [planner, write, "records/1", false],
    [deployer, read, "prod-state.tfstate", true],
    [deployer, write, "prod-infrastructure.tfstate", true],
    [deployer, write, "prod-state.tfstate", false],
    [deployer, read, "plans/1/plan", true],
    [deployer, add, "records/1", true],
    [deployer, write, "elsewhere", false],
    [deployer, remove, "prod-infrastructure.tfstate", false],
    [planner, remove, "plans/1/plan", false],
  ];
  test.each(rows)("%s %s %s: %s", (who, action, path, expected) => {
    expect(may(template, who, action, container, path)).toBe(expected);
  });
});

describe("what CI may do with an environment", () => {
  const SETS = "Microsoft.Compute/virtualMachineScaleSets";
  const rows: [string, string, string, boolean][] = [
    [planner, `${SETS}/read`, GROUP, true],
    [planner, `${SETS}/write`, GROUP, false],
    [planner, "Microsoft.Network/loadBalancers/read", GROUP, true],
    [planner, "Microsoft.OperationalInsights/workspaces/query/read", GROUP, false],
    [planner, "Microsoft.KeyVault/vaults/secrets/getSecret/action", GROUP, false],
    [planner, "Microsoft.Storage/storageAccounts/listKeys/action", GROUP, false],
    [deployer, `${SETS}/write`, GROUP, true],
    [deployer, `${SETS}/delete/action`, GROUP, true],
    [deployer, `${SETS}/virtualMachines/runCommand/action`, GROUP, false],
    [deployer, `${SETS}/write`, idOf(`${SETS}/other`), false],
    [deployer, "Microsoft.KeyVault/vaults/keys/write", GROUP, true],
    [deployer, "Microsoft.KeyVault/vaults/keys/unwrap/action", GROUP, false],
    [deployer, "Microsoft.KeyVault/vaults/secrets/getSecret/action", GROUP, false],
    [deployer, blobActions.read, GROUP, false],
    [deployer, "Microsoft.Storage/storageAccounts/listKeys/action", GROUP, false],
    [deployer, "Microsoft.OperationalInsights/workspaces/sharedKeys/action", GROUP, false],
    [deployer, "Microsoft.Compute/disks/beginGetAccess/action", GROUP, false],
    [deployer, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", GROUP, true],
    [deployer, "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", GROUP, false],
    [deployer, "Microsoft.Authorization/roleDefinitions/write", GROUP, false],
    [deployer, "Microsoft.Compute/disks/write", `${GROUP}-volumes`, true],
    [deployer, "Microsoft.KeyVault/vaults/write", `${GROUP}-state`, false],
    [deployer, "Microsoft.Resources/subscriptions/resourceGroups/delete", GROUP, false],
  ];
  test.each(rows)("%s %s %s: %s", (who, action, scope, expected) => {
    const own = grantsOf(template, who).filter((grant) => scope === grant.scope && grant.right !== "assign");
    const named = own.flatMap(({ right }): readonly string[] => {
      const { actions = [], dataActions = [] }: { actions?: readonly string[]; dataActions?: readonly string[] } =
        ciRights[right as keyof typeof ciRights];
      return [...actions, ...dataActions];
    });
    const covers = (each: string) => new RegExp(`^${each.replaceAll(".", "\\.").replaceAll("*", ".+")}$`).test(action);
    expect(named.some(covers)).toBe(expected);
  });

  test("the deployer gives the roles of nodes and no others, to services, and to CI only that of reading secrets", () => {
    const [first, second] = grantsOf(template, deployer).filter(({ right }) => right === "assign");
    expect([first?.scope, second?.scope].sort()).toEqual([GROUP, `${GROUP}-volumes`]);
    const condition = first?.condition ?? "";
    expect(condition.length).toBeLessThan(CONDITION_LIMIT);
    for (const right of Object.keys(nodeRights)) expect(condition).toContain(roleGuid(place, right));
    for (const right of Object.keys(ciRights)) expect(condition).not.toContain(roleGuid(place, right));
    for (const action of ["write", "delete"]) {
      expect(condition).toContain(`!(ActionMatches{'Microsoft.Authorization/roleAssignments/${action}'})`);
    }
    expect(condition).toContain("PrincipalType] StringEqualsIgnoreCase 'ServicePrincipal'");
    expect(condition).toContain(
      `(NOT (@Request[Microsoft.Authorization/roleAssignments:PrincipalId] ForAnyOfAnyValues:GuidEquals {${planner}, ${deployer}}) OR ` +
        `@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${roleGuid(place, "read-secret")}})`,
    );
  });

  test("in the subscription both only look, and the deployer has flows logged", () => {
    const subscription = `/subscriptions/${place.subscriptionId}`;
    const there = (who: string) =>
      grantsOf(template, who)
        .filter(({ scope }) => scope === subscription)
        .map(({ right }) => right)
        .sort();
    expect([there(planner), there(deployer)]).toEqual([["look"], ["log-flows", "look"]]);
    expect(ciRights.look.actions.filter((action) => !action.endsWith("/read"))).toEqual([]);
  });
});

describe("who may be planner and deployer", () => {
  const subjects = (of: Template, role: string) =>
    of
      .resources("azurerm_federated_identity_credential")
      .filter(({ name }) => name.startsWith(`${role}_`))
      .map(({ arguments: made }) => made["subject"])
      .sort();

  test("on GitHub: pull requests and the branch, and jobs of the protected environment", () => {
    expect(subjects(template, "planner")).toEqual([
      "repo:acme/platform:pull_request",
      "repo:acme/platform:ref:refs/heads/main",
    ]);
    expect(subjects(template, "deployer")).toEqual(["repo:acme/platform:environment:prod"]);
    for (const { arguments: made } of template.resources("azurerm_federated_identity_credential")) {
      expect(made).toMatchObject({
        issuer: "https://token.actions.githubusercontent.com",
        audience: ["api://AzureADTokenExchange"],
      });
    }
  });

  test("credentials of an identity are made one after the other", () => {
    const first = addressOf(template, "azurerm_federated_identity_credential", "planner_credential-1");
    const second = addressOf(template, "azurerm_federated_identity_credential", "planner_credential-2");
    expect(template.resource(second)["depends_on"]).toContain(first);
  });

  test("on GitLab: the branch that is applied, and what is named in full besides", () => {
    const next = "project_path:acme/platform:ref_type:branch:ref:next";
    const gitlab = Template.of(
      stackOf({ github: undefined, gitlab: { project: "acme/platform" }, plannerSubjects: [next] }),
    );
    const main = "project_path:acme/platform:ref_type:branch:ref:main";
    expect([subjects(gitlab, "planner"), subjects(gitlab, "deployer")]).toEqual([[main, next], [main]]);
  });

  test("given identities get the same rights and no credentials", () => {
    const given = (name: string, digit: string) => ({
      identityId: idOf(`Microsoft.ManagedIdentity/userAssignedIdentities/${name}`),
      principalId: `${digit.repeat(8)}-1111-4111-8111-111111111111`,
    });
    const plannerIdentity = given("plan", "a");
    const deployerIdentity = given("apply", "b");
    const stack = stackOf({ github: undefined, plannerIdentity, deployerIdentity });
    expect(stack.deployerIdentityId).toBe(deployerIdentity.identityId);
    const own = Template.of(stack);
    expect(own.resources("azurerm_federated_identity_credential")).toEqual([]);
    const rights = (who: string, of: Template) => grantsOf(of, who).map(({ right }) => right);
    expect(rights(deployerIdentity.principalId, own)).toEqual(rights(deployer, template));
  });
});

describe("the account of states", () => {
  test("has no shared keys, is encrypted with its own key, keeps versions, and no plan destroys it", () => {
    expect(template.resource(account)).toMatchObject({
      name: stateAccountName(place),
      resource_group_name: "caravan-prod-state",
      shared_access_key_enabled: false,
      infrastructure_encryption_enabled: true,
      blob_properties: { versioning_enabled: true },
      lifecycle: { prevent_destroy: true },
    });
    template.hasResource("azurerm_storage_management_policy", {
      rule: [
        { actions: { version: { delete_after_days_since_creation: 90 } } },
        { filters: { prefix_match: ["state/plans/"] } },
      ],
    });
  });

  test("is reached from where it is said only", () => {
    const ranges = Template.of(stackOf({ clientRanges: ["203.0.113.0/24"] }));
    expect(ranges.resource(account)["network_rules"]).toMatchObject({
      default_action: "Deny",
      ip_rules: ["203.0.113.0/24"],
    });
    expect(template.resource(account)["network_rules"]).toMatchObject({ default_action: "Allow" });
  });

  test("keeps its own state, but for the first apply", () => {
    const state = new AzurermState({
      storageAccountName: "acme",
      containerName: "state",
      resourceGroupName: "caravan-prod-state",
    });
    expect(refusal(() => stackOf({ environment: { name: "prod", state } }))).toContain("environment.state: given");
    expect(stackOf({ environment: { name: "prod", state }, accountName: "acme" }).accountName).toBe("acme");
  });
});

test("resource groups are made first, protected, and may be somebody else's", () => {
  const names = template.resources("azurerm_resource_group").map(({ arguments: made }) => made["name"]);
  expect(names.sort()).toEqual(["caravan-prod", "caravan-prod-state", "caravan-prod-volumes"]);
  const [role] = template.resources("azurerm_role_definition");
  expect(role?.arguments["depends_on"]).toEqual(
    expect.arrayContaining([addressOf(template, "azurerm_resource_group", "resource-groups_environment")]),
  );
  expect(Template.of(stackOf({ makeResourceGroups: false })).resources("azurerm_resource_group")).toEqual([]);
});

test("identities of CI are known without looking", () => {
  expect(stackOf().plannerIdentityId).toBe(ciIdentityId(place, "planner"));
  expect(ciIdentityId(place, "deployer")).toBe(
    `${GROUP}-state/providers/Microsoft.ManagedIdentity/userAssignedIdentities/caravan-prod-deployer`,
  );
});

test.each<[string, object]>([
  ["subscriptionId", { subscriptionId: "prod" }],
  ["tenantId", { tenantId: "acme.onmicrosoft.com" }],
  ["region", { region: "West Europe" }],
  ["resourceGroup", { resourceGroup: "caravan prod" }],
  ["accountName", { accountName: "acme-state" }],
  ["clientRanges", { clientRanges: [] }],
  ["clientRanges[0]", { clientRanges: ["10.0.0.0/8"] }],
  ["keepVersionsDays", { keepVersionsDays: 7 }],
  ["keepLogsDays", { keepLogsDays: 7 }],
  ["github.repository", { github: { repository: "platform" } }],
  ["github, gitlab", { github: undefined }],
  ["github, gitlab", { gitlab: { project: "acme/platform" } }],
  ["plannerSubjects[0]", { plannerSubjects: ["repo:acme/*"] }],
  [
    "plannerIdentity.principalId",
    { plannerIdentity: { identityId: idOf("Microsoft.ManagedIdentity/userAssignedIdentities/x"), principalId: "x" } },
  ],
])("a wrong %s is named", (property, change) => {
  expect(refusal(() => stackOf(change))).toContain(`  ${property}: given`);
});
