import type { PolicyRule } from "../rule";
import { settingRule } from "../setting";
import type { SynthesizedResource } from "../synthesized-stack";

const ZONE = "google_dns_managed_zone";

/** Private zones are signed by nobody: only who is in the network asks for them. */
function isPublic(zone: SynthesizedResource): boolean {
  return (zone.text("visibility") ?? "public") === "public";
}

const dnssec = settingRule({
  id: "gcp-dns-dnssec",
  severity: "MEDIUM",
  title: "A public zone is signed (DNSSEC)",
  why: "Who answers first otherwise sends people anywhere, also to a server of their own.",
  fix: 'add dnssec_config with state = "on"',
  references: { trivy: ["GCP-0013"], checkov: ["CKV_GCP_16"], cis: ["GCP v5.0 3.3"] },
  types: [ZONE],
  path: "dnssec_config.state",
  right: ["on", "transfer"],
  applies: isPublic,
});

const algorithm: PolicyRule = {
  id: "gcp-dns-rsasha1",
  severity: "MEDIUM",
  title: "A zone is not signed with RSASHA1",
  why: "SHA-1 is broken, and resolvers stop believing it.",
  fix: 'use "rsasha256" or "ecdsap256sha256"',
  references: { trivy: ["GCP-0012"], checkov: ["CKV_GCP_17"], cis: ["GCP v5.0 3.4", "GCP v5.0 3.5"] },
  resourceTypes: [ZONE],
  *check(zone) {
    for (const config of zone.blocks("dnssec_config")) {
      for (const key of config.blocks("default_key_specs")) {
        if (key.text("algorithm") === "rsasha1") yield { attribute: key.at("algorithm"), given: "rsasha1" };
      }
    }
  },
};

export const dnsRules: readonly PolicyRule[] = [dnssec, algorithm];
