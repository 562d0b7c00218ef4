import { describe, expect, test } from "vitest";
import { AzureAlarms, type AzureAlarmsProps } from "../../../lib/infrastructure/azure/alarms";
import { Template } from "../../../lib/testing";
import { azureStack, idOf, place, refusal } from "./place";

const machine = { loadBalancerId: idOf("Microsoft.Network/loadBalancers/machine") };
const people = { gatewayId: idOf("Microsoft.Network/applicationGateways/people") };
const workspaceId = idOf("Microsoft.OperationalInsights/workspaces/logs");

function alarmsOf(change: Partial<AzureAlarmsProps> = {}): Template {
  const stack = azureStack("prod-edge");
  new AzureAlarms(stack, "alarms", {
    ...place,
    machine,
    people,
    workspaceId,
    bucketAccount: "caravanprodclu",
    groups: { main: { scaleSetId: idOf("Microsoft.Compute/virtualMachineScaleSets/main"), size: 3 } },
    ...change,
  });
  return Template.of(stack);
}

const METRIC = "azurerm_monitor_metric_alert";
const QUERY = "azurerm_monitor_scheduled_query_rules_alert_v2";

const named = (template: Template, type: string, name: string) =>
  template.resources(type).find((each) => each.arguments["name"] === `caravan-prod-${name}`)?.arguments;

describe("what wakes people", () => {
  const template = alarmsOf();

  test("is one alarm for each thing that must not be", () => {
    const names = (type: string) => template.resources(type).map(({ arguments: each }) => each["name"]);
    expect([...names(METRIC), ...names(QUERY)].sort()).toEqual([
      "caravan-prod-consul-no-leader",
      "caravan-prod-consul-snapshot-too-old",
      "caravan-prod-group-main",
      "caravan-prod-nomad-no-leader",
      "caravan-prod-nomad-snapshot-too-old",
      "caravan-prod-vault-no-leader",
      "caravan-prod-vault-sealed",
      "caravan-prod-vault-snapshot-too-old",
    ]);
  });

  test.each<[string, string, object]>([
    [
      "vault-sealed",
      machine.loadBalancerId,
      {
        metric_namespace: "Microsoft.Network/loadBalancers",
        metric_name: "DipAvailability",
        aggregation: "Maximum",
        operator: "LessThan",
        threshold: 1,
        dimension: [
          { name: "BackendPort", operator: "Include", values: ["8200"] },
          { name: "BackendIPAddress", operator: "Include", values: ["*"] },
        ],
      },
    ],
    [
      "consul-no-leader",
      machine.loadBalancerId,
      { threshold: 1, dimension: [{ name: "BackendPort", operator: "Include", values: ["8501"] }] },
    ],
    [
      "nomad-no-leader",
      machine.loadBalancerId,
      { threshold: 1, dimension: [{ name: "BackendPort", operator: "Include", values: ["4646"] }] },
    ],
    [
      "vault-no-leader",
      people.gatewayId,
      {
        metric_name: "HealthyHostCount",
        threshold: 1,
        dimension: [{ name: "BackendSettingsPool", operator: "Include", values: ["vault~vault"] }],
      },
    ],
    [
      "group-main",
      idOf("Microsoft.Compute/virtualMachineScaleSets/main"),
      { metric_name: "VmAvailabilityMetric", aggregation: "Total", threshold: 37.5 },
    ],
  ])("%s", (name, scope, criteria) => {
    const alarm = named(template, METRIC, name);
    expect(alarm?.["scopes"]).toEqual([scope]);
    expect(alarm?.["criteria"]).toEqual([expect.objectContaining(criteria)]);
    expect(alarm?.["action"]).toEqual([
      { action_group_id: "${azurerm_monitor_action_group.alarms_action-group_DE2D1A5B.id}" },
    ]);
  });

  test.each([
    [1, 0],
    [3, 2],
    [5, 4],
  ])("a group of %i that lost one is told from a whole one, with some samples missing", (size, left) => {
    const scaleSetId = idOf("Microsoft.Compute/virtualMachineScaleSets/main");
    const alarm = named(alarmsOf({ groups: { main: { scaleSetId, size } } }), METRIC, "group-main");
    const [{ threshold } = { threshold: 0 }] = (alarm?.["criteria"] ?? []) as { threshold: number }[];
    expect(left * 15).toBeLessThan(threshold * 0.95);
    expect(size * 15 * 0.95).toBeGreaterThan(threshold);
  });

  test("a product that writes no snapshot is told by the silence of the log", () => {
    const alarm = named(alarmsOf({ snapshotAge: "24h" }), QUERY, "nomad-snapshot-too-old");
    expect(alarm).toMatchObject({ scopes: [workspaceId], window_duration: "P1D", location: "westeurope" });
    const [criteria] = (alarm?.["criteria"] ?? []) as Record<string, unknown>[];
    expect(criteria).toMatchObject({ time_aggregation_method: "Count", operator: "LessThan", threshold: 1 });
    expect(criteria?.["query"]).toContain("AccountName == 'caravanprodclu'");
    expect(criteria?.["query"]).toContain("ObjectKey contains '/snapshots/nomad/'");
    expect(named(template, QUERY, "vault-snapshot-too-old")?.["window_duration"]).toBe("PT6H");
  });
});

describe("who is told", () => {
  test("is an action group that is made, with its addresses", () => {
    alarmsOf({ emails: ["on-call@example.com"] }).hasResource("azurerm_monitor_action_group", {
      short_name: "caravan",
      email_receiver: [
        { name: "on-call@example.com", email_address: "on-call@example.com", use_common_alert_schema: true },
      ],
    });
  });

  test("or one that exists", () => {
    const actionGroupId = idOf("Microsoft.Insights/actionGroups/on-call");
    const template = alarmsOf({ actionGroupId });
    template.resourceCount("azurerm_monitor_action_group", 0);
    expect(named(template, QUERY, "vault-snapshot-too-old")?.["action"]).toEqual({ action_groups: [actionGroupId] });
  });
});

test("without a people's address a Vault without a leader is told by its snapshots only", () => {
  expect(named(alarmsOf({ people: undefined }), METRIC, "vault-no-leader")).toBeUndefined();
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ actionGroupId: "on-call" }, 'actionGroupId: given "on-call"', "the id of an action group"],
    [{ emails: ["on call"] }, 'emails[0]: given "on call"', "on-call@example.com"],
    [
      { actionGroupId: idOf("Microsoft.Insights/actionGroups/on-call"), emails: ["on-call@example.com"] },
      "emails: given",
      "nothing beside actionGroupId",
    ],
    [{ snapshotAge: "12h" }, 'snapshotAge: given "12h"', '"24h"'],
    [{ groups: { main: { scaleSetId: "x", size: 0 } } }, "groups.main.size: given 0", "1 to 5 servers"],
    [{ bucketAccount: "" }, 'bucketAccount: given ""', "a text that is not empty"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => alarmsOf(change));
    expect(message).toContain('AzureAlarms at "prod-edge/alarms": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
