import { autoScalingRules } from "../../../lib/policy/aws/auto-scaling";
import { testRules } from "../rule-examples";

const group = (attributes: object) => ({ resource: { aws_autoscaling_group: { g: attributes } } });

testRules(autoScalingRules, {
  "aws-asg-launch-template": {
    breaks: {
      "a launch configuration": [
        group({ launch_configuration: "old" }),
        'aws_autoscaling_group.g launch_configuration: "old"',
      ],
      "nothing to start from": [group({}), "aws_autoscaling_group.g launch_template: nothing"],
    },
    holds: {
      "a template": group({ launch_template: { id: "lt-0123456789abcdef0", version: "1" } }),
      "a template for several types": group({
        mixed_instances_policy: [{ launch_template: [{ launch_template_specification: [{ version: "1" }] }] }],
      }),
    },
  },
  "aws-asg-tags": {
    breaks: { "no tag": [group({ min_size: 1 }), "aws_autoscaling_group.g tag: nothing"] },
    holds: { "a tag": group({ tag: [{ key: "caravan-environment", value: "prod", propagate_at_launch: false }] }) },
  },
});
