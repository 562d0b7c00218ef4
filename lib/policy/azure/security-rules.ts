import { adminPortsIn, isAnywhere, portsIn } from "../ports";
import type { PolicyRule } from "../rule";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import type { Unknown } from "../values";

const RULES = ["azurerm_network_security_group", "azurerm_network_security_rule"];

/** The rules that let traffic through in a direction, written in the group or beside it. */
function allowing(resource: SynthesizedResource, direction: "Inbound" | "Outbound"): SynthesizedBlock[] {
  const rules: SynthesizedBlock[] =
    resource.type === "azurerm_network_security_rule" ? [resource] : resource.blocks("security_rule");
  return rules.filter((rule) => rule.text("access") === "Allow" && rule.text("direction") === direction);
}

/** Every address, as Azure spells it: a service tag, a block, a wildcard. */
function isEverywhere(prefix: string | Unknown): boolean {
  return typeof prefix === "string" && (/^(\*|any|internet)$/i.test(prefix) || isAnywhere(prefix));
}

/** What stands in an argument and in its plural, as Azure has each twice. */
function* written(rule: SynthesizedBlock, name: string): Iterable<{ attribute: string; text: string | Unknown }> {
  for (const each of [name, name.endsWith("x") ? `${name}es` : `${name}s`]) {
    for (const text of rule.texts(each)) yield { attribute: rule.at(each), text };
  }
}

const adminPorts: PolicyRule = {
  id: "azure-ingress-admin-ports",
  severity: "CRITICAL",
  title: "No security rule opens a port of administration to the internet",
  why: "SSH, RDP and their like are tried by robots within minutes, day and night.",
  fix: "remove the rule and use Bastion, or name the networks that may connect",
  references: { trivy: ["AZU-0048", "AZU-0050", "AZU-0074"], checkov: ["CKV_AZURE_9", "CKV_AZURE_10"] },
  resourceTypes: RULES,
  *check(resource) {
    for (const rule of allowing(resource, "Inbound")) {
      const ports = [...written(rule, "destination_port_range")].flatMap(({ text }) => adminPortsIn(portsIn(text)));
      if (ports.length === 0) continue;
      for (const { attribute, text } of written(rule, "source_address_prefix")) {
        if (isEverywhere(text)) yield { attribute, given: `${String(text)} to ${ports.join(", ")}` };
      }
    }
  },
};

const ingressAnywhere: PolicyRule = {
  id: "azure-ingress-anywhere",
  severity: "CRITICAL",
  title: "No security rule lets the whole internet in",
  why: "Everybody can try what stands behind it: logins, and every flaw that is found in it later.",
  fix: "name the networks that may connect",
  references: { trivy: ["AZU-0047"], checkov: ["CKV_AZURE_77", "CKV_AZURE_160"] },
  resourceTypes: RULES,
  *check(resource) {
    for (const rule of allowing(resource, "Inbound")) {
      for (const { attribute, text } of written(rule, "source_address_prefix")) {
        if (isEverywhere(text)) yield { attribute, given: text };
      }
    }
  },
};

const egressAnywhere: PolicyRule = {
  id: "azure-security-rule-egress-anywhere",
  severity: "CRITICAL",
  title: "No security rule lets traffic out to every address",
  why: "What breaks into a machine takes data out, and fetches its next stage, through exactly this rule.",
  fix: "name the networks, application security groups or service tags",
  references: { trivy: ["AZU-0051"] },
  resourceTypes: RULES,
  *check(resource) {
    for (const rule of allowing(resource, "Outbound")) {
      for (const { attribute, text } of written(rule, "destination_address_prefix")) {
        if (isEverywhere(text)) yield { attribute, given: text };
      }
    }
  },
};

export const securityRuleRules: readonly PolicyRule[] = [adminPorts, ingressAnywhere, egressAnywhere];
