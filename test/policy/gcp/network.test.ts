import { dnsRules } from "../../../lib/policy/gcp/dns";
import { firewallRules } from "../../../lib/policy/gcp/firewall";
import { networkRules } from "../../../lib/policy/gcp/network";
import { testRules } from "../rule-examples";

const network = (attributes: object, beside: object = {}) => ({
  resource: { google_compute_network: { n: attributes }, ...beside },
});
const subnet = (attributes: object) => ({ resource: { google_compute_subnetwork: { s: attributes } } });
const rule = (attributes: object) => ({ resource: { google_compute_firewall: { f: attributes } } });
const zone = (attributes: object) => ({ resource: { google_dns_managed_zone: { z: attributes } } });
const onNetwork = (attribute: string, given: unknown) => `google_compute_network.n ${attribute}: ${String(given)}`;
const onRule = (attribute: string, given: unknown) => `google_compute_firewall.f ${attribute}: ${String(given)}`;

const tcp = (...ports: string[]) => ({ protocol: "tcp", ports });
const ANYWHERE = ["0.0.0.0/0"];
const INSIDE = ["10.0.0.0/16"];
const NETWORK = "${google_compute_network.n.id}";
const denial = { network: NETWORK, direction: "EGRESS", deny: { protocol: "all" }, destination_ranges: ANYWHERE };

testRules([...networkRules, ...firewallRules, ...dnsRules], {
  "gcp-network-auto-subnets": {
    breaks: { "a network alone": [network({}), onNetwork("auto_create_subnetworks", "nothing")] },
    holds: { "one of one's own": network({ auto_create_subnetworks: false }) },
  },
  "gcp-project-default-network": {
    breaks: {
      "a project alone": [{ resource: { google_project: { p: {} } } }, "google_project.p auto_create_network: nothing"],
    },
    holds: { "one without": { resource: { google_project: { p: { auto_create_network: false } } } } },
  },
  "gcp-subnet-flow-log": {
    breaks: { "a subnet alone": [subnet({}), "google_compute_subnetwork.s log_config: nothing"] },
    holds: { "one with a log": subnet({ log_config: { flow_sampling: 0.5 } }) },
    exempts: { "a balancer's subnet": subnet({ purpose: "REGIONAL_MANAGED_PROXY" }) },
  },
  "gcp-subnet-private-google-access": {
    breaks: { "a subnet alone": [subnet({}), "google_compute_subnetwork.s private_ip_google_access: nothing"] },
    holds: { "one with it": subnet({ private_ip_google_access: true }) },
    exempts: { "a balancer's subnet": subnet({ purpose: "REGIONAL_MANAGED_PROXY" }) },
  },
  "gcp-egress-anywhere": {
    breaks: {
      "a NAT": [
        { resource: { google_compute_router_nat: { n: {} } } },
        'google_compute_router_nat.n type: "a way to the internet"',
      ],
      "a route": [
        {
          resource: {
            google_compute_route: { r: { dest_range: "0.0.0.0/0", next_hop_gateway: "default-internet-gateway" } },
          },
        },
        'google_compute_route.r dest_range: "0.0.0.0/0 by default-internet-gateway"',
      ],
    },
    holds: {
      "a NAT between networks": { resource: { google_compute_router_nat: { n: { type: "PRIVATE" } } } },
      "a route to Google's APIs": {
        resource: {
          google_compute_route: { r: { dest_range: "199.36.153.8/30", next_hop_gateway: "default-internet-gateway" } },
        },
      },
    },
  },
  "gcp-network-dns-logging": {
    breaks: {
      "a network alone": [network({}), onNetwork("google_dns_policy", "nothing")],
      "a policy that does not log": [
        network({}, { google_dns_policy: { d: { networks: { network_url: NETWORK }, enable_logging: false } } }),
        onNetwork("google_dns_policy.d.enable_logging", false),
      ],
    },
    holds: {
      "a policy that logs": network(
        {},
        { google_dns_policy: { d: { networks: { network_url: NETWORK }, enable_logging: true } } },
      ),
    },
  },
  "gcp-ingress-admin-ports": {
    breaks: {
      "SSH of the internet": [
        rule({ allow: tcp("22"), source_ranges: ANYWHERE }),
        onRule("source_ranges", '"0.0.0.0/0 to 22"'),
      ],
      "RDP in a range": [
        rule({ allow: tcp("443", "3000-4000"), source_ranges: ["::/0"] }),
        onRule("source_ranges", '"::/0 to 3389"'),
      ],
      "everybody, for nobody is named": [rule({ allow: tcp("22") }), onRule("source_ranges", '"no source to 22"')],
    },
    holds: {
      "Identity-Aware Proxy": rule({ allow: tcp("22"), source_ranges: ["35.235.240.0/20"] }),
      "a rule that is off": rule({ allow: tcp("22"), source_ranges: ANYWHERE, disabled: true }),
      "a denial": rule({ deny: tcp("22"), source_ranges: ANYWHERE }),
    },
  },
  "gcp-ingress-anywhere": {
    breaks: {
      "HTTPS of the internet": [
        rule({ allow: tcp("443"), source_ranges: ANYWHERE }),
        onRule("source_ranges", '"0.0.0.0/0"'),
      ],
      "everybody, for nobody is named": [rule({ allow: tcp("443") }), onRule("source_ranges", '"no source"')],
    },
    holds: {
      "a network of one's own": rule({ allow: tcp("443"), source_ranges: INSIDE }),
      "service accounts": rule({ allow: tcp("8300"), source_service_accounts: ["${google_service_account.a.email}"] }),
      "a way out": rule({ allow: tcp("443"), direction: "EGRESS", destination_ranges: INSIDE }),
    },
  },
  "gcp-firewall-egress-anywhere": {
    breaks: {
      everywhere: [
        rule({ allow: tcp("443"), direction: "EGRESS", destination_ranges: ANYWHERE }),
        onRule("destination_ranges", '"0.0.0.0/0"'),
      ],
      "everywhere, for nothing is named": [
        rule({ allow: tcp("443"), direction: "EGRESS" }),
        onRule("destination_ranges", "nothing"),
      ],
    },
    holds: {
      "Google's APIs": rule({ allow: tcp("443"), direction: "EGRESS", destination_ranges: ["199.36.153.8/30"] }),
      "a denial": rule(denial),
    },
  },
  "gcp-firewall-all-ports": {
    breaks: {
      "all protocols": [rule({ allow: { protocol: "all" }, source_ranges: INSIDE }), onRule("allow.ports", '"all"')],
      "all ports of one": [rule({ allow: { protocol: "tcp" }, source_ranges: INSIDE }), onRule("allow.ports", '"all"')],
      "all ports, written out": [
        rule({ allow: tcp("1-65535"), source_ranges: INSIDE }),
        onRule("allow.ports", '["1-65535"]'),
      ],
    },
    holds: {
      "named ports": rule({ allow: tcp("8300-8302"), source_ranges: INSIDE }),
      "ICMP, which has none": rule({ allow: { protocol: "icmp" }, source_ranges: INSIDE }),
      "a denial": rule(denial),
    },
  },
  "gcp-firewall-target": {
    breaks: {
      "the whole network": [rule({ allow: tcp("443") }), onRule("target_service_accounts", "nothing")],
      "a tag": [rule({ allow: tcp("443"), target_tags: ["server"] }), onRule("target_service_accounts", '["server"]')],
    },
    holds: {
      "a service account": rule({ allow: tcp("443"), target_service_accounts: ["${google_service_account.a.email}"] }),
      "a denial for all": rule(denial),
    },
  },
  "gcp-network-egress-denied": {
    breaks: {
      "a network alone": [network({}), onNetwork("google_compute_firewall", '"no denial of EGRESS"')],
      "a denial for some": [
        network({}, { google_compute_firewall: { f: { ...denial, target_tags: ["server"] } } }),
        onNetwork("google_compute_firewall", '"no denial of EGRESS"'),
      ],
      "a denial of one port": [
        network({}, { google_compute_firewall: { f: { ...denial, deny: tcp("25") } } }),
        onNetwork("google_compute_firewall", '"no denial of EGRESS"'),
      ],
    },
    holds: { "a denial of everything": network({}, { google_compute_firewall: { f: denial } }) },
  },
  "gcp-dns-dnssec": {
    breaks: {
      "a zone alone": [zone({}), "google_dns_managed_zone.z dnssec_config.state: nothing"],
      "one that is off": [
        zone({ dnssec_config: { state: "off" } }),
        'google_dns_managed_zone.z dnssec_config.state: "off"',
      ],
    },
    holds: { "a signed zone": zone({ dnssec_config: { state: "on" } }) },
    exempts: { "a private zone": zone({ visibility: "private" }) },
  },
  "gcp-dns-rsasha1": {
    breaks: {
      "an old algorithm": [
        zone({ dnssec_config: { default_key_specs: [{ algorithm: "rsasha1" }, { algorithm: "rsasha256" }] } }),
        'google_dns_managed_zone.z dnssec_config.default_key_specs[0].algorithm: "rsasha1"',
      ],
    },
    holds: { "one of today": zone({ dnssec_config: { default_key_specs: { algorithm: "ecdsap256sha256" } } }) },
  },
});
