import type { LbConfig } from "@cdktf/provider-aws/lib/lb";
import type { LbListenerConfig } from "@cdktf/provider-aws/lib/lb-listener";
import type { LbListenerRuleConfig } from "@cdktf/provider-aws/lib/lb-listener-rule";
import type { LbTargetGroupConfig } from "@cdktf/provider-aws/lib/lb-target-group";
import type { Route53RecordConfig } from "@cdktf/provider-aws/lib/route53-record";
import type { Wafv2WebAclAssociationConfigA } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import type { PropsCheck } from "../../core/errors";
import { boolean, integer, listOf } from "../../core/rules";
import { domainName, duration } from "../../core/values";
import type { Transform } from "../../layer/transform";
import { allowedRange } from "../ranges";
import type { AwsCertificateProps } from "./certificate";
import { certificateArn, hostedZoneId, listenerArn, securityGroupId, webAclArn } from "./rules";

/** An application load balancer that somebody else made. Its certificate, logs and firewall are its owner's. */
export interface AwsGivenBalancer {
  /** ARN of its HTTPS listener, which gets one rule a host. */
  readonly listenerArn: string;
  /** Its security group, which nodes let in; that it lets out to the nodes is its owner's. */
  readonly securityGroupId: string;
  /** Its name in AWS: `"edge-123.eu-central-1.elb.amazonaws.com"`. */
  readonly dnsName: string;
  /** The hosted zone that AWS keeps for its name, which is not yours: `"Z215JYRZR1TBD5"`. */
  readonly hostedZoneId: string;
  /**
   * Priority of the first of the four rules, 1 to 49997.
   *
   * @default 100
   */
  readonly firstPriority?: number;
}

/** How people reach the cluster. */
export interface AwsPeopleChoice {
  /**
   * Networks from which people come, each from /8 on, never everybody.
   *
   * @default - the network itself: its VPN, its tunnels. A `public` address has no default
   */
  readonly allowedRanges?: readonly string[];
  /**
   * Whether the balancer faces the internet. It breaks the policy's rule `aws-lb-internal` by choice, and the waiver is in
   * the report.
   *
   * @default false
   */
  readonly public?: boolean;
  /**
   * ARN of a certificate in ACM for `vault`, `consul`, `nomad` and `*.apps` below the domain.
   *
   * @default - one is made and proved by records in the zone
   */
  readonly certificateArn?: string;
  /**
   * How long a connection may be silent, such as that of logs or of `nomad alloc exec`: 1s to 4000s.
   *
   * @default "1h"
   */
  readonly idleTimeout?: string;
  /**
   * ARN of a regional web ACL of WAF. Let it count, not block, what its rules say of bodies: jobs and policies look like
   * attacks.
   *
   * @default - none; a `public` address then breaks the policy's rule `aws-lb-waf` by choice
   */
  readonly webAclArn?: string;
  /**
   * A load balancer that exists.
   *
   * @default - one is made
   */
  readonly loadBalancer?: AwsGivenBalancer;
}

export interface AwsPeopleTransform extends NonNullable<AwsCertificateProps["transform"]> {
  readonly loadBalancer?: Transform<LbConfig>;
  readonly listener?: Transform<LbListenerConfig>;
  readonly redirectListener?: Transform<LbListenerConfig>;
  /** Laid on the rule of each host. */
  readonly rule?: Transform<LbListenerRuleConfig>;
  /** Laid on each of the target groups. */
  readonly targetGroup?: Transform<LbTargetGroupConfig>;
  /** Laid on each of the names. */
  readonly name?: Transform<Route53RecordConfig>;
  readonly webAclAssociation?: Transform<Wafv2WebAclAssociationConfigA>;
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
const idleTimeout = duration({ min: "1s", max: "4000s", unit: "s" });

const OWNERS = ["public", "certificateArn", "idleTimeout", "webAclArn"] as const;

/** Checks from where people come, beside how they reach the cluster. */
export function checkPeopleRanges(check: PropsCheck, { allowedRanges, public: isPublic }: AwsPeopleChoice): void {
  check.each("allowedRanges", allowedRanges, allowedRange);
  if (isPublic === true) check.required("allowedRanges", allowedRanges, listOf(1, 50, "networks"));
}

/** Checks how people reach the cluster. */
export function checkPeople(check: PropsCheck, props: Omit<AwsPeopleChoice, "allowedRanges">): void {
  check.optional("public", props.public, boolean);
  check.optional("certificateArn", props.certificateArn, certificateArn);
  check.optional("idleTimeout", props.idleTimeout, idleTimeout);
  check.optional("webAclArn", props.webAclArn, webAclArn);
  const given = props.loadBalancer;
  if (given === undefined) return;
  const inner = check.under("loadBalancer");
  inner.required("listenerArn", given.listenerArn, listenerArn);
  inner.required("securityGroupId", given.securityGroupId, securityGroupId);
  inner.required("dnsName", given.dnsName, domainName);
  inner.required("hostedZoneId", given.hostedZoneId, hostedZoneId);
  inner.optional("firstPriority", given.firstPriority, integer(1, 49_997));
  for (const property of OWNERS.filter((each) => props[each] !== undefined)) {
    check.add({
      property,
      given: props[property],
      allowed: "nothing beside loadBalancer, whose owner decides",
      fix: `set it on that load balancer, and remove ${property} here`,
    });
  }
}
