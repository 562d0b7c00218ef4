import type { PolicyRule } from "../rule";
import type { SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const BALANCERS = ["aws_lb", "aws_alb"];
const LISTENERS = ["aws_lb_listener", "aws_alb_listener"];
const TARGET_GROUPS = ["aws_lb_target_group", "aws_alb_target_group"];

/** Without a type it is an application load balancer. */
function isOf(balancer: SynthesizedResource, type: "application" | "network"): boolean {
  return (balancer.text("load_balancer_type") ?? "application") === type;
}

const internal: PolicyRule = {
  id: "aws-lb-internal",
  severity: "HIGH",
  title: "A load balancer does not face the internet",
  why: "Everybody can try what stands behind it: logins, and every flaw that is found in it later.",
  fix: "set internal = true",
  references: { trivy: ["AWS-0053"] },
  resourceTypes: BALANCERS,
  *check(balancer) {
    if (balancer.text("load_balancer_type") === "gateway") return;
    const value = balancer.boolean("internal");
    if (value !== true && value !== UNKNOWN) yield { attribute: "internal", given: value };
  },
};

const invalidHeaders: PolicyRule = {
  id: "aws-lb-invalid-headers",
  severity: "HIGH",
  title: "An application load balancer drops headers that are not valid",
  why: "What balancer and server read differently smuggles one request inside another.",
  fix: "set drop_invalid_header_fields = true",
  references: { trivy: ["AWS-0052"], checkov: ["CKV_AWS_131"] },
  resourceTypes: BALANCERS,
  *check(balancer) {
    const value = balancer.boolean("drop_invalid_header_fields");
    if (isOf(balancer, "application") && value !== true && value !== UNKNOWN) {
      yield { attribute: "drop_invalid_header_fields", given: value };
    }
  },
};

const desync: PolicyRule = {
  id: "aws-lb-desync",
  severity: "MEDIUM",
  title: "An application load balancer refuses ambiguous requests",
  why: "What balancer and server read differently smuggles one request inside another.",
  fix: 'set desync_mitigation_mode to "defensive" or "strictest"',
  references: { checkov: ["CKV_AWS_328"] },
  resourceTypes: BALANCERS,
  *check(balancer) {
    // AWS's own default is "defensive".
    const mode = balancer.text("desync_mitigation_mode");
    if (mode === "monitor") yield { attribute: "desync_mitigation_mode", given: mode };
  },
};

const accessLogs: PolicyRule = {
  id: "aws-lb-access-logs",
  severity: "LOW",
  title: "An application load balancer writes access logs",
  why: "Without them nobody can say afterwards who asked for what. A network load balancer logs TLS of its own only.",
  fix: "add access_logs with a bucket and enabled = true",
  references: { checkov: ["CKV_AWS_91"] },
  resourceTypes: BALANCERS,
  *check(balancer) {
    if (!isOf(balancer, "application")) return;
    const enabled = balancer.block("access_logs")?.boolean("enabled");
    if (enabled !== true && enabled !== UNKNOWN) yield { attribute: "access_logs.enabled", given: enabled };
  },
};

const deletionProtection: PolicyRule = {
  id: "aws-lb-deletion-protection",
  severity: "LOW",
  title: "A load balancer is protected from deletion",
  why: "Names, certificates and everybody's clients hang on it.",
  fix: "set enable_deletion_protection = true",
  references: { checkov: ["CKV_AWS_150"] },
  resourceTypes: BALANCERS,
  *check(balancer) {
    const value = balancer.boolean("enable_deletion_protection");
    if (value !== true && value !== UNKNOWN) yield { attribute: "enable_deletion_protection", given: value };
  },
};

const crossZone: PolicyRule = {
  id: "aws-lb-cross-zone",
  severity: "LOW",
  title: "A network load balancer passes on to every zone",
  why: "A zone whose targets are gone otherwise leads to nobody, though others are there.",
  fix: "set enable_cross_zone_load_balancing = true",
  references: { checkov: ["CKV_AWS_152"] },
  resourceTypes: BALANCERS,
  *check(balancer) {
    const value = balancer.boolean("enable_cross_zone_load_balancing");
    if (isOf(balancer, "network") && value !== true && value !== UNKNOWN) {
      yield { attribute: "enable_cross_zone_load_balancing", given: value };
    }
  },
};

const waf: PolicyRule = {
  id: "aws-lb-waf",
  severity: "MEDIUM",
  title: "An application load balancer that faces the internet has a web ACL",
  why: "It stops known attacks and floods before they reach a server.",
  fix: "add an aws_wafv2_web_acl_association with the balancer's ARN",
  references: { checkov: ["CKV2_AWS_28", "CKV2_AWS_76"] },
  resourceTypes: BALANCERS,
  *check(balancer, stack) {
    if (!isOf(balancer, "application") || balancer.boolean("internal") === true) return;
    if (balancer.boolean("internal") === UNKNOWN) return;
    if (stack.pointingAt(balancer, "aws_wafv2_web_acl_association", "resource_arn").length === 0) {
      yield { attribute: "aws_wafv2_web_acl_association" };
    }
  },
};

const plainListener: PolicyRule = {
  id: "aws-lb-plain-listener",
  severity: "CRITICAL",
  title: "A listener without TLS only sends people on to one with it",
  why: "Tokens and passwords can be read on the way.",
  fix: 'set protocol = "HTTPS", or make its default action a redirect to HTTPS',
  references: { trivy: ["AWS-0054"], checkov: ["CKV_AWS_2", "CKV2_AWS_20"] },
  resourceTypes: LISTENERS,
  *check(listener) {
    if (listener.text("protocol") !== "HTTP") return;
    for (const action of listener.blocks("default_action")) {
      const type = action.text("type");
      if (type === UNKNOWN) continue;
      const target = action.block("redirect")?.text("protocol");
      if (type !== "redirect" || (target !== "HTTPS" && target !== UNKNOWN)) {
        yield { attribute: action.at("type"), given: type };
      }
    }
  },
};

/** Policies of AWS that know nothing older than TLS 1.2, by their names. */
const TLS_1_2 = /^ELBSecurityPolicy-(TLS13-1-[23]-|TLS-1-2-|FS-1-2-)/;

const tlsPolicy: PolicyRule = {
  id: "aws-lb-tls-policy",
  severity: "CRITICAL",
  title: "A listener speaks TLS 1.2 or later only, and says so",
  why: "AWS's default still takes TLS 1.0, which is broken and which RFC 8996 deprecates.",
  fix: 'set ssl_policy, such as "ELBSecurityPolicy-TLS13-1-2-2021-06"',
  references: { trivy: ["AWS-0047"], checkov: ["CKV_AWS_103", "CKV2_AWS_74"] },
  resourceTypes: LISTENERS,
  *check(listener) {
    const protocol = listener.text("protocol");
    if (protocol !== "HTTPS" && protocol !== "TLS") return;
    const policy = listener.text("ssl_policy");
    if (policy === UNKNOWN || (policy !== undefined && TLS_1_2.test(policy) && !/-1-[01]-/.test(policy))) return;
    yield { attribute: "ssl_policy", given: policy };
  },
};

const targetTls: PolicyRule = {
  id: "aws-lb-target-tls",
  severity: "MEDIUM",
  title: "A load balancer reaches its targets over TLS, or passes their own through",
  why: "Whoever is inside the network reads what people and machines sent over TLS.",
  fix: 'set protocol = "HTTPS"',
  references: { checkov: ["CKV_AWS_378"] },
  resourceTypes: TARGET_GROUPS,
  *check(group) {
    const protocol = group.text("protocol");
    if (protocol === "HTTP") yield { attribute: "protocol", given: protocol };
  },
};

const healthCheck: PolicyRule = {
  id: "aws-lb-health-check",
  severity: "LOW",
  title: "A target group asks its targets how they are",
  why: "A port that answers is no server that works: AWS's default asks for a connection, or for a page that is not there.",
  fix: "add health_check with a path",
  references: { checkov: ["CKV_AWS_261"] },
  resourceTypes: TARGET_GROUPS,
  *check(group) {
    if (group.text("target_type") === "lambda") return;
    const check = group.block("health_check");
    if (check?.boolean("enabled") === false) yield { attribute: check.at("enabled"), given: false };
    else if (check === undefined || !(check.isUnknown || check.has("path"))) yield { attribute: "health_check.path" };
  },
};

export const loadBalancerRules: readonly PolicyRule[] = [
  internal,
  invalidHeaders,
  desync,
  accessLogs,
  deletionProtection,
  crossZone,
  waf,
  plainListener,
  tlsPolicy,
  targetTls,
  healthCheck,
];
