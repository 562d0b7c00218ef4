import { describe, expect, test } from "vitest";
import { AwsAlarms, type AwsAlarmsProps } from "../../../lib/infrastructure/aws/alarms";
import { Template } from "../../../lib/testing";
import { edgeStack, KEY, place, refusal } from "./edge-stack";

const watched = (name: string) => ({
  loadBalancerArnSuffix: name,
  targetGroups: {
    vault: { arnSuffix: `targetgroup/${name}-vault` },
    consul: { arnSuffix: `targetgroup/${name}-consul` },
    nomad: { arnSuffix: `targetgroup/${name}-nomad` },
  },
});

function alarmsOf(change: Partial<AwsAlarmsProps> = {}): Template {
  const { stack } = edgeStack();
  new AwsAlarms(stack, "alarms", {
    ...place,
    kmsKeyArn: KEY,
    machine: watched("net/machine"),
    people: watched("app/people"),
    bucketName: "cluster",
    groups: { vault: { autoScalingGroupName: "prod-vault", size: 3 } },
    ...change,
  });
  return Template.of(stack);
}

const named = (template: Template, name: string) => {
  const found = template.resources("aws_cloudwatch_metric_alarm").find((each) => each.arguments["alarm_name"] === name);
  return found?.arguments;
};

describe("what wakes people", () => {
  const template = alarmsOf();

  test("is one alarm for each thing that must not be", () => {
    const names = template.resources("aws_cloudwatch_metric_alarm").map(({ arguments: each }) => each["alarm_name"]);
    expect(names.sort()).toEqual([
      "caravan-prod-consul-no-leader",
      "caravan-prod-consul-snapshot-too-old",
      "caravan-prod-group-vault",
      "caravan-prod-nomad-no-leader",
      "caravan-prod-nomad-snapshot-too-old",
      "caravan-prod-vault-no-leader",
      "caravan-prod-vault-sealed",
      "caravan-prod-vault-snapshot-too-old",
    ]);
  });

  test.each<[string, object]>([
    [
      "caravan-prod-vault-sealed",
      {
        namespace: "AWS/NetworkELB",
        metric_name: "UnHealthyHostCount",
        dimensions: { LoadBalancer: "net/machine", TargetGroup: "targetgroup/net/machine-vault" },
        statistic: "Maximum",
        comparison_operator: "GreaterThanThreshold",
        threshold: 0,
      },
    ],
    [
      "caravan-prod-consul-no-leader",
      {
        metric_name: "HealthyHostCount",
        dimensions: { LoadBalancer: "net/machine", TargetGroup: "targetgroup/net/machine-consul" },
        comparison_operator: "LessThanThreshold",
        threshold: 1,
      },
    ],
    [
      "caravan-prod-vault-no-leader",
      {
        namespace: "AWS/ApplicationELB",
        metric_name: "HealthyHostCount",
        dimensions: { LoadBalancer: "app/people", TargetGroup: "targetgroup/app/people-vault" },
      },
    ],
    [
      "caravan-prod-nomad-snapshot-too-old",
      {
        namespace: "AWS/S3",
        metric_name: "BytesUploaded",
        dimensions: { BucketName: "cluster", FilterId: "snapshots-nomad" },
        statistic: "Sum",
        threshold: 1,
        period: 3600,
        evaluation_periods: 6,
        datapoints_to_alarm: 6,
      },
    ],
    [
      "caravan-prod-group-vault",
      {
        namespace: "AWS/AutoScaling",
        metric_name: "GroupInServiceInstances",
        dimensions: { AutoScalingGroupName: "prod-vault" },
        comparison_operator: "LessThanThreshold",
        threshold: 3,
      },
    ],
  ])("%s", (name, expected) => expect(named(template, name)).toMatchObject(expected));

  test("rings also when nobody says anything, and tells an encrypted topic, good news too", () => {
    const topic = template.resources("aws_sns_topic")[0];
    expect(topic?.arguments).toMatchObject({ name: "caravan-prod-alarms", kms_master_key_id: KEY });
    for (const { arguments: alarm } of template.resources("aws_cloudwatch_metric_alarm")) {
      expect(alarm).toMatchObject({
        treat_missing_data: "breaching",
        alarm_actions: [`\${${topic?.address}.arn}`],
        ok_actions: [`\${${topic?.address}.arn}`],
      });
    }
  });

  test("S3 counts each product's snapshots", () => {
    const prefixes = template.resources("aws_s3_bucket_metric").map(({ arguments: each }) => each["filter"]);
    expect(prefixes).toEqual(["consul", "nomad", "vault"].map((product) => ({ prefix: `snapshots/${product}/` })));
  });

  test("another topic, another age, a change of every alarm, and no people's address", () => {
    const topicArn = "arn:aws:sns:eu-central-1:123456789012:on-call";
    const transform = { alarm: { actionsEnabled: true, treatMissingData: "missing" } };
    const changed = alarmsOf({ topicArn, snapshotAge: "24h", people: undefined, transform });
    changed.resourceCount("aws_sns_topic", 0);
    changed.resourceCount("aws_cloudwatch_metric_alarm", 7);
    expect(named(changed, "caravan-prod-vault-snapshot-too-old")).toMatchObject({
      alarm_actions: [topicArn],
      evaluation_periods: 24,
      treat_missing_data: "missing",
    });
  });
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ topicArn: "on-call" }, 'topicArn: given "on-call"', "the ARN of a topic of SNS"],
    [{ topicArn: "arn:aws:sns:eu-central-1:123456789012:on-call.fifo" }, "topicArn: given", "FIFO"],
    [{ snapshotAge: "30m" }, 'snapshotAge: given "30m"', "in whole h"],
    [{ snapshotAge: "48h" }, 'snapshotAge: given "48h"', "up to 24h"],
    [{ snapshotAge: 6 }, "snapshotAge: given 6", "a time such as"],
    [{ groups: { main: { autoScalingGroupName: "a", size: 0 } } }, "groups.main.size: given 0", "from 1 to 5 servers"],
    [{ kmsKeyArn: "alias/aws/sns" }, "kmsKeyArn: given", "the ARN of a KMS key"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => alarmsOf(change as never));
    expect(message).toContain('AwsAlarms at "prod-edge/alarms": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
