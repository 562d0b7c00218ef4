import { describe, expect, test } from "vitest";
import { GcpAlarms, type GcpAlarmsProps } from "../../../lib/infrastructure/gcp/alarms";
import { Template } from "../../../lib/testing";
import { gcpStack, place, refusal } from "./network-stack";

const CHANNEL = "projects/acme-caravan-prod/notificationChannels/1234567890";

function alarmsOf(change: Partial<GcpAlarmsProps> = {}): Template {
  const stack = gcpStack("prod-edge");
  new GcpAlarms(stack, "alarms", {
    ...place,
    logName: "projects/acme-caravan-prod/logs/caravan-prod-nodes",
    groups: {
      vault: { instanceGroupName: "caravan-prod-server-vault", size: 3, runs: ["vault"] },
      main: { instanceGroupName: "caravan-prod-server-main", size: 5, runs: ["consul", "nomad"] },
    },
    ...change,
  });
  return Template.of(stack);
}

const alarm = (template: Template, name: string) =>
  template.resources("google_monitoring_alert_policy").find((each) => each.arguments["display_name"] === name)
    ?.arguments;

describe("what wakes people", () => {
  const template = alarmsOf({ channelNames: [CHANNEL], emails: ["on-call@example.com"] });

  test("is one alarm for each thing that must not be", () => {
    const names = template
      .resources("google_monitoring_alert_policy")
      .map(({ arguments: each }) => each["display_name"]);
    expect(names.sort()).toEqual([
      "caravan-prod-consul-no-leader",
      "caravan-prod-consul-snapshot-too-old",
      "caravan-prod-group-main",
      "caravan-prod-group-vault",
      "caravan-prod-nomad-no-leader",
      "caravan-prod-nomad-snapshot-too-old",
      "caravan-prod-vault-sealed",
      "caravan-prod-vault-snapshot-too-old",
    ]);
  });

  test.each([
    ["vault-sealed", "caravan-prod-server-vault", 8200],
    ["consul-no-leader", "caravan-prod-server-main", 8501],
    ["nomad-no-leader", "caravan-prod-server-main", 4646],
  ])("%s: a server that the machine address's health check finds unwell", (id, group, port) => {
    expect(alarm(template, `caravan-prod-${id}`)).toMatchObject({
      combiner: "OR",
      severity: "CRITICAL",
      conditions: [
        {
          condition_matched_log: {
            filter: [
              'log_id("compute.googleapis.com/healthchecks")',
              'resource.type="gce_instance_group"',
              `resource.labels.instance_group_name="${group}"`,
              `jsonPayload.healthCheckProbeResult.targetPort=${port}`,
              'jsonPayload.healthCheckProbeResult.healthState="UNHEALTHY"',
            ].join(" AND "),
          },
        },
      ],
      // Google takes an alarm of a log with such a limit only.
      alert_strategy: { notification_rate_limit: { period: "300s" }, auto_close: "1800s" },
    });
  });

  test("a snapshot that nobody said was saved, whether Google says nothing of it or 0", () => {
    const [metric] = template
      .resources("google_logging_metric")
      .filter(({ arguments: each }) => each["name"] === "caravan-prod-nomad-snapshots");
    expect(metric?.arguments).toMatchObject({
      filter: 'logName="projects/acme-caravan-prod/logs/caravan-prod-nodes" AND textPayload:"saved snapshots/nomad/"',
      metric_descriptor: { metric_kind: "DELTA", value_type: "INT64" },
    });
    const filter = `metric.type="logging.googleapis.com/user/\${${metric?.address}.name}" AND resource.type="gce_instance"`;
    expect(alarm(template, "caravan-prod-nomad-snapshot-too-old")?.["conditions"]).toMatchObject([
      {
        condition_threshold: {
          filter,
          comparison: "COMPARISON_LT",
          threshold_value: 1,
          aggregations: [{ alignment_period: "21600s", cross_series_reducer: "REDUCE_SUM" }],
        },
      },
      { condition_absent: { filter, duration: "21600s" } },
    ]);
  });

  test("a group below its size for a quarter of an hour, or of which nothing is said", () => {
    expect(alarm(template, "caravan-prod-group-main")?.["conditions"]).toMatchObject([
      {
        condition_threshold: {
          filter:
            'metric.type="compute.googleapis.com/instance_group/size" AND resource.type="instance_group" AND resource.labels.instance_group_name="caravan-prod-server-main"',
          comparison: "COMPARISON_LT",
          threshold_value: 5,
          duration: "900s",
          evaluation_missing_data: "EVALUATION_MISSING_DATA_ACTIVE",
        },
      },
    ]);
  });

  test("tells the channels that are there and each person, and says of which environment", () => {
    const [channel] = template.resources("google_monitoring_notification_channel");
    expect(channel?.arguments).toMatchObject({ type: "email", labels: { email_address: "on-call@example.com" } });
    for (const { arguments: each } of template.resources("google_monitoring_alert_policy")) {
      expect(each).toMatchObject({
        notification_channels: [CHANNEL, `\${${channel?.address}.id}`],
        user_labels: { "caravan-environment": "prod" },
        documentation: { subject: expect.stringMatching(/^prod: [A-Z]/) },
      });
    }
  });

  test("another age, a change of every alarm", () => {
    const changed = alarmsOf({ snapshotAge: "23h", transform: { alarm: { enabled: false } } });
    expect(alarm(changed, "caravan-prod-vault-snapshot-too-old")).toMatchObject({
      enabled: false,
      conditions: [{}, { condition_absent: { duration: "82800s" } }],
    });
    changed.resourceCount("google_monitoring_notification_channel", 0);
  });
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ channelNames: ["on-call"] }, 'channelNames[0]: given "on-call"', "the full name of a notification channel"],
    [{ channelNames: CHANNEL }, "channelNames: given", "write it as a list"],
    [{ emails: ["on-call"] }, 'emails[0]: given "on-call"', "an e-mail address"],
    [{ snapshotAge: "30m" }, 'snapshotAge: given "30m"', "in whole h"],
    [{ snapshotAge: "24h" }, 'snapshotAge: given "24h"', "up to 23h"],
    [
      { groups: { main: { instanceGroupName: "a", size: 0, runs: [] } } },
      "groups.main.size: given 0",
      "from 1 to 5 servers",
    ],
    [{ logName: "" }, 'logName: given ""', "a text that is not empty"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => alarmsOf(change as never));
    expect(message).toContain('GcpAlarms at "prod-edge/alarms": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
