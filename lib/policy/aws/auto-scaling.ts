import type { PolicyRule } from "../rule";

const launchTemplate: PolicyRule = {
  id: "aws-asg-launch-template",
  severity: "MEDIUM",
  title: "An Auto Scaling group starts machines from a launch template",
  why: "A launch configuration cannot be versioned, knows fewer protections, and new accounts can make none.",
  fix: "set launch_template, or the launch template of mixed_instances_policy",
  references: { checkov: ["CKV_AWS_315"] },
  resourceTypes: ["aws_autoscaling_group"],
  *check(group) {
    if (group.has("launch_configuration")) {
      yield { attribute: "launch_configuration", given: group.value("launch_configuration") };
    } else if (group.block("launch_template") === undefined && group.block("mixed_instances_policy") === undefined) {
      yield { attribute: "launch_template" };
    }
  },
};

const tags: PolicyRule = {
  id: "aws-asg-tags",
  severity: "LOW",
  title: "An Auto Scaling group says whose it is",
  why: "The provider's default tags do not reach it, so that neither costs nor rights can be told apart by its tags.",
  fix: "add tag blocks",
  references: { checkov: ["CKV_AWS_153"] },
  resourceTypes: ["aws_autoscaling_group"],
  *check(group) {
    if (group.blocks("tag").length === 0) yield { attribute: "tag" };
  },
};

export const autoScalingRules: readonly PolicyRule[] = [launchTemplate, tags];
