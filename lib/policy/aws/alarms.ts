import type { PolicyRule } from "../rule";

const actions: PolicyRule = {
  id: "aws-alarm-actions",
  severity: "LOW",
  title: "An alarm tells somebody",
  why: "An alarm that only changes its colour is seen after everybody knows already.",
  fix: "set alarm_actions, and leave out actions_enabled = false",
  references: { checkov: ["CKV_AWS_319"] },
  resourceTypes: ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"],
  *check(alarm) {
    if (alarm.boolean("actions_enabled") === false) yield { attribute: "actions_enabled", given: false };
    else if (alarm.texts("alarm_actions").length === 0) yield { attribute: "alarm_actions" };
  },
};

export const alarmRules: readonly PolicyRule[] = [actions];
