import { loadBalancerRules } from "../../../lib/policy/aws/load-balancers";
import { testRules } from "../rule-examples";

const balancer = (attributes: object) => ({ resource: { aws_lb: { b: attributes } } });
const listener = (attributes: object) => ({ resource: { aws_lb_listener: { l: attributes } } });
const group = (attributes: object) => ({ resource: { aws_lb_target_group: { g: attributes } } });
const redirect = (protocol: string) => ({ type: "redirect", redirect: { protocol, status_code: "HTTP_301" } });

testRules(loadBalancerRules, {
  "aws-lb-internal": {
    breaks: {
      "a balancer alone": [balancer({}), "aws_lb.b internal: nothing"],
      "a network balancer too": [
        balancer({ load_balancer_type: "network", internal: false }),
        "aws_lb.b internal: false",
      ],
    },
    holds: { "an internal one": balancer({ internal: true }) },
    exempts: { "a gateway balancer": balancer({ load_balancer_type: "gateway" }) },
  },
  "aws-lb-invalid-headers": {
    breaks: { "a balancer alone": [balancer({}), "aws_lb.b drop_invalid_header_fields: nothing"] },
    holds: { "one that drops them": balancer({ drop_invalid_header_fields: true }) },
    exempts: { "a network balancer": balancer({ load_balancer_type: "network" }) },
  },
  "aws-lb-desync": {
    breaks: {
      "one that only watches": [
        balancer({ desync_mitigation_mode: "monitor" }),
        'aws_lb.b desync_mitigation_mode: "monitor"',
      ],
    },
    holds: { "AWS's default": balancer({}), "the strictest": balancer({ desync_mitigation_mode: "strictest" }) },
  },
  "aws-lb-access-logs": {
    breaks: {
      "a balancer alone": [balancer({}), "aws_lb.b access_logs.enabled: nothing"],
      "logs that are off": [balancer({ access_logs: { bucket: "logs" } }), "aws_lb.b access_logs.enabled: nothing"],
    },
    holds: { logs: balancer({ access_logs: { bucket: "logs", enabled: true } }) },
    exempts: { "a network balancer": balancer({ load_balancer_type: "network" }) },
  },
  "aws-lb-deletion-protection": {
    breaks: { "a balancer alone": [balancer({}), "aws_lb.b enable_deletion_protection: nothing"] },
    holds: { "a protected one": balancer({ enable_deletion_protection: true }) },
  },
  "aws-lb-cross-zone": {
    breaks: {
      "a network balancer alone": [
        balancer({ load_balancer_type: "network" }),
        "aws_lb.b enable_cross_zone_load_balancing: nothing",
      ],
    },
    holds: { "one of all zones": balancer({ load_balancer_type: "network", enable_cross_zone_load_balancing: true }) },
    exempts: { "an application balancer, which always does": balancer({}) },
  },
  "aws-lb-waf": {
    breaks: {
      "a public balancer alone": [balancer({ internal: false }), "aws_lb.b aws_wafv2_web_acl_association: nothing"],
    },
    holds: {
      "an internal one": balancer({ internal: true }),
      "one with a web ACL": {
        resource: {
          aws_lb: { b: { internal: false } },
          aws_wafv2_web_acl_association: { a: { resource_arn: "${aws_lb.b.arn}", web_acl_arn: "${var.acl}" } },
        },
      },
    },
    exempts: { "a network balancer": balancer({ load_balancer_type: "network" }) },
  },
  "aws-lb-plain-listener": {
    breaks: {
      "one that forwards": [
        listener({ protocol: "HTTP", default_action: { type: "forward" } }),
        'aws_lb_listener.l default_action.type: "forward"',
      ],
      "one that redirects to itself": [
        listener({ protocol: "HTTP", default_action: redirect("HTTP") }),
        'aws_lb_listener.l default_action.type: "redirect"',
      ],
    },
    holds: {
      "one with TLS": listener({ protocol: "HTTPS", default_action: { type: "forward" } }),
      "one that sends on to TLS": listener({ protocol: "HTTP", default_action: redirect("HTTPS") }),
      "one that passes TCP through": listener({ protocol: "TCP", default_action: { type: "forward" } }),
    },
  },
  "aws-lb-tls-policy": {
    breaks: {
      "no policy": [listener({ protocol: "HTTPS" }), "aws_lb_listener.l ssl_policy: nothing"],
      "an old one": [
        listener({ protocol: "TLS", ssl_policy: "ELBSecurityPolicy-2016-08" }),
        'aws_lb_listener.l ssl_policy: "ELBSecurityPolicy-2016-08"',
      ],
      "one of TLS 1.3 that still takes 1.0": [
        listener({ protocol: "HTTPS", ssl_policy: "ELBSecurityPolicy-TLS13-1-0-2021-06" }),
        'aws_lb_listener.l ssl_policy: "ELBSecurityPolicy-TLS13-1-0-2021-06"',
      ],
    },
    holds: {
      "TLS 1.3 and 1.2": listener({ protocol: "HTTPS", ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06" }),
      "TLS 1.3 only": listener({ protocol: "TLS", ssl_policy: "ELBSecurityPolicy-TLS13-1-3-2021-06" }),
      TCP: listener({ protocol: "TCP" }),
    },
  },
  "aws-lb-target-tls": {
    breaks: { HTTP: [group({ protocol: "HTTP" }), 'aws_lb_target_group.g protocol: "HTTP"'] },
    holds: { HTTPS: group({ protocol: "HTTPS" }), "TCP that is passed through": group({ protocol: "TCP" }) },
  },
  "aws-lb-health-check": {
    breaks: {
      "a target group alone": [group({}), "aws_lb_target_group.g health_check.path: nothing"],
      "a check of the port only": [
        group({ health_check: { protocol: "TCP" } }),
        "aws_lb_target_group.g health_check.path: nothing",
      ],
      "a check that is off": [
        group({ health_check: { path: "/", enabled: false } }),
        "aws_lb_target_group.g health_check.enabled: false",
      ],
    },
    holds: { "a page": group({ health_check: { path: "/v1/sys/health" } }) },
    exempts: { "a function": group({ target_type: "lambda" }) },
  },
});
