import { adminPortsIn, isAnywhere, type Ports, portsIn } from "../ports";
import type { PolicyRule } from "../rule";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const RULE = "google_compute_firewall";

/** Blocks that let traffic through in a direction; a rule that is off lets none. */
function allowing(rule: SynthesizedResource, direction: "INGRESS" | "EGRESS"): SynthesizedBlock[] {
  if ((rule.boolean("disabled") ?? false) !== false || (rule.text("direction") ?? "INGRESS") !== direction) return [];
  return rule.blocks("allow");
}

/** The ports of an allow block; a protocol with ports that names none opens all of them. */
function portsOf(allow: SynthesizedBlock): Ports[] {
  const protocol = allow.text("protocol");
  if (protocol === UNKNOWN || allow.isUnknown) return [UNKNOWN];
  if (protocol === "all") return ["all"];
  if (!/^(tcp|udp|sctp|6|17|132)$/i.test(protocol ?? "")) return [];
  return allow.has("ports") ? allow.texts("ports").map(portsIn) : ["all"];
}

/** Sources of an incoming rule that are everybody. Google takes a rule without any source for one of everybody. */
function everywhere(rule: SynthesizedResource): { attribute: string; given: string }[] {
  const names = ["source_ranges", "source_tags", "source_service_accounts"];
  if (names.every((name) => !rule.has(name))) return [{ attribute: "source_ranges", given: "no source" }];
  return rule
    .texts("source_ranges")
    .filter((range) => range !== UNKNOWN)
    .filter(isAnywhere)
    .map((range) => ({ attribute: "source_ranges", given: range }));
}

const adminPorts: PolicyRule = {
  id: "gcp-ingress-admin-ports",
  severity: "CRITICAL",
  title: "No firewall rule opens a port of administration to the internet",
  why: "SSH, RDP and their like are tried by robots within minutes, day and night.",
  fix: "remove the rule and use Identity-Aware Proxy (35.235.240.0/20), or name the networks that may connect",
  references: {
    trivy: ["GCP-0070", "GCP-0071"],
    checkov: ["CKV_GCP_2", "CKV_GCP_3"],
    cis: ["GCP v5.0 3.6", "GCP v5.0 3.7"],
  },
  resourceTypes: [RULE],
  *check(rule) {
    const ports = allowing(rule, "INGRESS").flatMap(portsOf).flatMap(adminPortsIn);
    if (ports.length === 0) return;
    for (const { attribute, given } of everywhere(rule)) {
      yield { attribute, given: `${given} to ${[...new Set(ports)].join(", ")}` };
    }
  },
};

const ingressAnywhere: PolicyRule = {
  id: "gcp-ingress-anywhere",
  severity: "CRITICAL",
  title: "No firewall rule lets the whole internet in",
  why: "Everybody can try what stands behind it: logins, and every flaw that is found in it later.",
  fix: "name source_ranges or source_service_accounts; load balancers come from 130.211.0.0/22 and 35.191.0.0/16",
  references: {
    trivy: ["GCP-0027"],
    checkov: ["CKV_GCP_75", "CKV_GCP_77", "CKV_GCP_88", "CKV_GCP_106"],
  },
  resourceTypes: [RULE],
  *check(rule) {
    if (allowing(rule, "INGRESS").length > 0) yield* everywhere(rule);
  },
};

const egressAnywhere: PolicyRule = {
  id: "gcp-firewall-egress-anywhere",
  severity: "CRITICAL",
  title: "No firewall rule lets traffic out to every address",
  why: "What breaks into a machine takes data out, and fetches its next stage, through exactly this rule.",
  fix: "name destination_ranges",
  references: { trivy: ["GCP-0035"] },
  resourceTypes: [RULE],
  *check(rule) {
    if (allowing(rule, "EGRESS").length === 0) return;
    if (!rule.has("destination_ranges")) yield { attribute: "destination_ranges" };
    for (const range of rule.texts("destination_ranges")) {
      if (range !== UNKNOWN && isAnywhere(range)) yield { attribute: "destination_ranges", given: range };
    }
  },
};

const allPorts: PolicyRule = {
  id: "gcp-firewall-all-ports",
  severity: "MEDIUM",
  title: "A firewall rule names the ports that it opens",
  why: "What is started later on any other port is open too, and nobody decides it.",
  fix: "set protocol and ports",
  references: { trivy: ["GCP-0072", "GCP-0073", "GCP-0074"], checkov: ["CKV2_GCP_12"] },
  resourceTypes: [RULE],
  *check(rule) {
    const directions = ["INGRESS", "EGRESS"] as const;
    for (const allow of directions.flatMap((direction) => allowing(rule, direction))) {
      const isAll = portsOf(allow).some(
        (ports) => ports === "all" || (ports !== UNKNOWN && ports.from <= 1 && ports.to >= 65_535),
      );
      if (isAll) yield { attribute: allow.at("ports"), given: allow.value("ports") ?? "all" };
    }
  },
};

const target: PolicyRule = {
  id: "gcp-firewall-target",
  severity: "MEDIUM",
  title: "A firewall rule that lets traffic through says for whom, by service account",
  why: "A tag is given by whoever may edit a machine, and a rule without a target is for everything in the network.",
  fix: "set target_service_accounts",
  references: {
    url: "https://cloud.google.com/firewall/docs/firewalls#service-accounts-vs-tags",
  },
  resourceTypes: [RULE],
  *check(rule) {
    if (rule.blocks("allow").length === 0 || rule.has("target_service_accounts")) return;
    yield { attribute: "target_service_accounts", given: rule.value("target_tags") };
  },
};

const egressDenied: PolicyRule = {
  id: "gcp-network-egress-denied",
  severity: "HIGH",
  title: "A network denies all traffic out that no rule allows",
  why: "By Google's own last rule everything may go out to everywhere.",
  fix: "add a google_compute_firewall for the network with direction EGRESS, deny of all protocols and 0.0.0.0/0",
  references: {
    checkov: ["CKV2_GCP_18"],
    url: "https://cloud.google.com/firewall/docs/firewalls#default_firewall_rules",
  },
  resourceTypes: ["google_compute_network"],
  *check(network, stack) {
    const rules = stack.pointingAt(network, RULE, "network", "name");
    if (!rules.some(deniesEgress)) yield { attribute: RULE, given: "no denial of EGRESS" };
  },
};

function deniesEgress(rule: SynthesizedResource): boolean {
  const direction = rule.text("direction");
  if (direction !== "EGRESS" && direction !== UNKNOWN) return false;
  if (rule.boolean("disabled") === true || rule.has("target_service_accounts") || rule.has("target_tags")) return false;
  const ranges = rule.texts("destination_ranges");
  const isAll = ranges.length === 0 || ranges.some((range) => range === UNKNOWN || isAnywhere(range));
  return isAll && rule.blocks("deny").some((deny) => ["all", UNKNOWN].includes(deny.text("protocol") ?? ""));
}

export const firewallRules: readonly PolicyRule[] = [
  adminPorts,
  ingressAnywhere,
  egressAnywhere,
  allPorts,
  target,
  egressDenied,
];
