import { describe } from "vitest";
import { alarmRules } from "../../../lib/policy/aws/alarms";
import { certificateRules } from "../../../lib/policy/aws/certificates";
import { testRules } from "../rule-examples";

const certificate = (attributes: object) => ({ resource: { aws_acm_certificate: { c: attributes } } });
const alarm = (attributes: object) => ({ resource: { aws_cloudwatch_metric_alarm: { a: attributes } } });

describe("certificates", () => {
  testRules(certificateRules, {
    "aws-certificate-transparency": {
      breaks: {
        "one that is kept out of the logs": [
          certificate({ options: { certificate_transparency_logging_preference: "DISABLED" } }),
          'aws_acm_certificate.c options.certificate_transparency_logging_preference: "DISABLED"',
        ],
      },
      holds: { "AWS's default": certificate({}) },
    },
    "aws-certificate-replacement": {
      breaks: {
        "a certificate alone": [certificate({}), "aws_acm_certificate.c lifecycle.create_before_destroy: nothing"],
      },
      holds: { "one that is replaced first": certificate({ lifecycle: { create_before_destroy: true } }) },
    },
  });
});

describe("alarms", () => {
  testRules(alarmRules, {
    "aws-alarm-actions": {
      breaks: {
        "an alarm alone": [alarm({}), "aws_cloudwatch_metric_alarm.a alarm_actions: nothing"],
        "one that is silenced": [
          alarm({ alarm_actions: ["${aws_sns_topic.t.arn}"], actions_enabled: false }),
          "aws_cloudwatch_metric_alarm.a actions_enabled: false",
        ],
      },
      holds: { "one that tells a topic": alarm({ alarm_actions: ["arn:aws:sns:eu-central-1:123456789012:on-call"] }) },
    },
  });
});
