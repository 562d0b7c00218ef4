import { isAnywhere } from "../ports";
import type { PolicyRule } from "../rule";
import { settingRule } from "../setting";
import type { SynthesizedResource } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const autoSubnets = settingRule({
  id: "gcp-network-auto-subnets",
  severity: "HIGH",
  title: "A network has the subnets that somebody chose",
  why: "In auto mode there is one in every region, with addresses that overlap everybody else's.",
  fix: "set auto_create_subnetworks = false",
  references: { cis: ["GCP v5.0 3.1"] },
  types: ["google_compute_network"],
  path: "auto_create_subnetworks",
  byDefault: true,
  right: [false],
});

const defaultNetwork = settingRule({
  id: "gcp-project-default-network",
  severity: "HIGH",
  title: "A project has no default network",
  why: "Its rules let everything in the network, and SSH and RDP of the whole internet, reach every machine.",
  fix: "set auto_create_network = false",
  references: { trivy: ["GCP-0010"], checkov: ["CKV_GCP_27"], cis: ["GCP v5.0 3.1"] },
  types: ["google_project"],
  path: "auto_create_network",
  byDefault: true,
  right: [false],
});

/** Subnets of load balancers, of NAT and of Private Service Connect hold no machines. */
function holdsMachines(subnet: SynthesizedResource): boolean {
  const purpose = subnet.text("purpose");
  return purpose === undefined || purpose === "PRIVATE";
}

const flowLog: PolicyRule = {
  id: "gcp-subnet-flow-log",
  severity: "LOW",
  title: "A subnet has a flow log",
  why: "Without it nobody can say afterwards who talked to whom.",
  fix: "add log_config",
  references: { trivy: ["GCP-0029", "GCP-0076"], checkov: ["CKV_GCP_26"], cis: ["GCP v5.0 3.10"] },
  resourceTypes: ["google_compute_subnetwork"],
  *check(subnet) {
    if (holdsMachines(subnet) && subnet.block("log_config") === undefined) yield { attribute: "log_config" };
  },
};

const privateGoogleAccess = settingRule({
  id: "gcp-subnet-private-google-access",
  severity: "LOW",
  title: "Machines of a subnet reach Google's APIs without the internet",
  why: "Otherwise each call to Cloud KMS or to a bucket needs a way out.",
  fix: "set private_ip_google_access = true",
  references: { trivy: ["GCP-0075"], checkov: ["CKV_GCP_74"] },
  types: ["google_compute_subnetwork"],
  path: "private_ip_google_access",
  right: [true],
  applies: holdsMachines,
});

const egressAnywhere: PolicyRule = {
  id: "gcp-egress-anywhere",
  severity: "CRITICAL",
  title: "No private subnet has a way to the internet",
  why: "What breaks into a machine takes data out, and fetches its next stage, through exactly this way.",
  fix: 'remove it and use Private Google Access (egress: "private")',
  references: { url: "https://cloud.google.com/nat/docs/overview" },
  resourceTypes: ["google_compute_router_nat", "google_compute_route"],
  *check(resource) {
    if (resource.type === "google_compute_router_nat") {
      if ((resource.text("type") ?? "PUBLIC") === "PUBLIC") yield { attribute: "type", given: "a way to the internet" };
      return;
    }
    const range = resource.text("dest_range");
    const gateway = resource.value("next_hop_gateway");
    if (isAnywhere(range) && typeof gateway === "string" && gateway.includes("default-internet-gateway")) {
      yield { attribute: "dest_range", given: `${String(range)} by default-internet-gateway` };
    }
  },
};

const dnsLogging: PolicyRule = {
  id: "gcp-network-dns-logging",
  severity: "LOW",
  title: "A network logs which names are asked for",
  why: "What has broken in asks for the names of those it talks to; often that is the only trace.",
  fix: "add a google_dns_policy for the network, with enable_logging = true",
  references: { cis: ["GCP v5.0 2.13"] },
  resourceTypes: ["google_compute_network"],
  *check(network, stack) {
    const policies = stack.pointingAt(network, "google_dns_policy", "networks");
    if (policies.length === 0) yield { attribute: "google_dns_policy" };
    for (const policy of policies) {
      const logs = policy.boolean("enable_logging");
      if (logs !== true && logs !== UNKNOWN) yield { attribute: `${policy.address}.enable_logging`, given: logs };
    }
  },
};

export const networkRules: readonly PolicyRule[] = [
  autoSubnets,
  defaultNetwork,
  flowLog,
  privateGoogleAccess,
  egressAnywhere,
  dnsLogging,
];
