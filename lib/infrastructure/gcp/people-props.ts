import type { ComputeSecurityPolicyConfig } from "@cdktf/provider-google/lib/compute-security-policy";
import type { DnsRecordSetConfig } from "@cdktf/provider-google/lib/dns-record-set";
import { Token } from "cdktf";
import type { PropsCheck } from "../../core/errors";
import { boolean, listOf, matching } from "../../core/rules";
import { duration } from "../../core/values";
import type { Transform } from "../../layer/transform";
import { allowedRange } from "../ranges";
import type { GcpBackendTransform } from "./backend";
import type { GcpCertificateProps } from "./certificate";
import type { GcpInternalFrontTransform } from "./people-internal";
import type { GcpPublicFrontTransform } from "./people-public";
import { certificateName, securityPolicyName } from "./rules";

/**
 * An application load balancer that somebody else made. Its owner leads the four hosts to the backends that are made here, which
 * `GcpPeopleAddress.backendIds` names; its certificate and what is in front are the owner's.
 */
export interface GcpGivenBalancer {
  /** Its IPv4 address: `"203.0.113.7"`. */
  readonly address: string;
}

/** How people reach the cluster. */
export interface GcpPeopleChoice {
  /**
   * Whether the balancer faces the internet. It breaks the policy's rule `gcp-lb-internal` by choice, and the waiver is in the
   * report.
   *
   * @default false - whoever is in the network, or joined to it, reaches it
   */
  readonly public?: boolean;
  /**
   * Networks from which people come over the internet, each from /8 on, never everybody: Cloud Armor refuses all others. With
   * `public` only, which needs it or a `securityPolicyName`: inside a network no rule of Google's decides who calls a proxy.
   *
   * @default - none
   */
  readonly allowedRanges?: readonly string[];
  /**
   * Full name of a global security policy of Cloud Armor that decides who comes in, instead of `allowedRanges`. Let it preview,
   * not block, what its rules say of bodies: jobs and policies look like attacks.
   *
   * @default - one is made of `allowedRanges`
   */
  readonly securityPolicyName?: string;
  /**
   * Full name of a certificate in Certificate Manager for `vault`, `consul`, `nomad` and `*.apps` below the domain: in the
   * environment's region, in `global` for a `public` address.
   *
   * @default - one is made and proved by records in the zone
   */
  readonly certificateName?: string;
  /**
   * How long a request may take, such as that of logs or of `nomad alloc exec`: 1s to 24h.
   *
   * @default "1h"
   */
  readonly requestTimeout?: string;
  /**
   * A load balancer that exists.
   *
   * @default - one is made
   */
  readonly loadBalancer?: GcpGivenBalancer;
}

export interface GcpPeopleTransform extends NonNullable<GcpCertificateProps["transform"]>, GcpBackendTransform {
  readonly securityPolicy?: Transform<ComputeSecurityPolicyConfig>;
  /** Laid on each of the names. */
  readonly name?: Transform<DnsRecordSetConfig>;
  /** Of a balancer inside. */
  readonly internal?: GcpInternalFrontTransform;
  /** Of a balancer that faces the internet. */
  readonly public?: GcpPublicFrontTransform;
}

const requestTimeout = duration({ min: "1s", max: "24h", unit: "s" });

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const address = matching(
  new RegExp(`(?:${OCTET}\\.){3}${OCTET}`),
  'an IPv4 address: "203.0.113.7"',
  "copy it from the balancer's forwarding rule",
);

/** Checks how people reach the cluster. */
export function checkPeople(check: PropsCheck, props: GcpPeopleChoice, region: string | undefined): void {
  check.optional("public", props.public, boolean);
  check.optional("requestTimeout", props.requestTimeout, requestTimeout);
  check.each("allowedRanges", props.allowedRanges, allowedRange);
  check.optional("securityPolicyName", props.securityPolicyName, securityPolicyName);
  if (props.loadBalancer !== undefined) {
    check.under("loadBalancer").required("address", props.loadBalancer.address, address);
  }
  checkComers(check, props);
  checkCertificate(check, props, region);
}

/** Who comes in is said once, and only where something heeds it. */
function checkComers(check: PropsCheck, props: GcpPeopleChoice): void {
  const { allowedRanges, securityPolicyName: policy } = props;
  if (props.public === true) {
    if (policy === undefined) check.required("allowedRanges", allowedRanges, listOf(1, 50, "networks"));
    else if (allowedRanges !== undefined) {
      check.add({
        property: "allowedRanges",
        given: allowedRanges,
        allowed: "nothing beside securityPolicyName, which decides who comes in",
        fix: "write the networks into that policy, or remove securityPolicyName",
      });
    }
    return;
  }
  for (const property of ["allowedRanges", "securityPolicyName"] as const) {
    if (props[property] === undefined) continue;
    check.add({
      property,
      given: props[property],
      allowed: "nothing without public: inside a network nothing of Google's decides who calls a load balancer",
      fix: `remove ${property}, or set public`,
    });
  }
}

function checkCertificate(check: PropsCheck, props: GcpPeopleChoice, region: string | undefined): void {
  const given = props.certificateName;
  if (given === undefined) return;
  if (props.loadBalancer !== undefined) {
    check.add({
      property: "certificateName",
      given,
      allowed: "nothing beside loadBalancer, whose owner decides",
      fix: "set it on that load balancer, and remove certificateName here",
    });
    return;
  }
  if (!check.required("certificateName", given, certificateName) || region === undefined) return;
  const location = props.public === true ? "global" : region;
  if (Token.isUnresolved(region) || given.includes(`/locations/${location}/`)) return;
  check.add({
    property: "certificateName",
    given,
    allowed: `a certificate in ${location}, where this load balancer looks for it`,
    fix: `give one of --location=${location}`,
  });
}
