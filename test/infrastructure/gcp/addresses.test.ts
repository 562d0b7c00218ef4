import { describe, expect, test } from "vitest";
import { GcpDns, type GcpDnsProps } from "../../../lib/infrastructure/gcp/dns";
import { GcpMachineAddress, type GcpMachineAddressProps } from "../../../lib/infrastructure/gcp/machine-address";
import { GcpNetwork } from "../../../lib/infrastructure/gcp/network";
import { GcpPeopleAddress, type GcpPeopleAddressProps } from "../../../lib/infrastructure/gcp/people-address";
import type { GcpPeopleTransform } from "../../../lib/infrastructure/gcp/people-props";
import { machineHost } from "../../../lib/node/node-props";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { gcpStack, KEY, named, network, place, refusal } from "./network-stack";

const groupOf = (name: string) => `projects/acme-caravan-prod/regions/europe-west1/instanceGroups/caravan-prod-${name}`;
const instanceGroups = {
  vault: groupOf("server-vault"),
  consul: groupOf("server-main"),
  nomad: groupOf("server-main"),
};

function machineOf(change: Partial<GcpMachineAddressProps> = {}, protection = true) {
  const stack = gcpStack("prod-edge", protection);
  const machine = new GcpMachineAddress(stack, "machine", {
    ...place,
    network,
    insideDomain: "caravan.internal",
    instanceGroups,
    ...change,
  });
  return { stack, machine, template: Template.of(stack) };
}

function peopleOf(change: Partial<GcpPeopleAddressProps> = {}) {
  const stack = gcpStack("prod-edge");
  const people = new GcpPeopleAddress(stack, "people", {
    ...place,
    domain: "caravan.example.com",
    zoneId: "caravan-prod-people",
    network,
    instanceGroups,
    workerInstanceGroups: { general: groupOf("worker-general"), batch: groupOf("worker-batch") },
    ...change,
  });
  return { stack, people, template: Template.of(stack) };
}

function dnsOf(change: Partial<GcpDnsProps> = {}) {
  const stack = gcpStack("prod-edge");
  const dns = new GcpDns(stack, "dns", { ...place, domain: "caravan.example.com", ...change });
  return { dns, template: Template.of(stack) };
}

const waived = (stack: Parameters<typeof waiversOf>[0]) =>
  waiversOf(stack).map((waiver) => [waiver.rule, "prop" in waiver ? waiver.prop : ""]);

/** Hosts of a URL map with the short names of their backends. */
function routesOf(template: Template, type: string) {
  const map = named(template, type, "caravan-prod-people");
  const matchers = map["path_matcher"] as { name: string; default_service: string }[];
  return (map["host_rule"] as { hosts: string[]; path_matcher: string }[]).map(({ hosts, path_matcher }) => {
    const backend = matchers.find(({ name }) => name === path_matcher)?.default_service ?? "";
    const { name } = template.resource(backend.replace(/^\$\{(.*)\.id\}$/, "$1"));
    return [...hosts, name];
  });
}

describe("the machine address", () => {
  const { machine, template } = machineOf();

  test("passes TLS through to the servers, in the region only, at an address of its own for each product", () => {
    const rules = template.resources("google_compute_forwarding_rule").map(({ arguments: each }) => each);
    expect(rules.map((rule) => [rule["name"], rule["ports"]]).sort()).toEqual([
      ["caravan-prod-machine-consul", ["8501"]],
      ["caravan-prod-machine-nomad", ["4646"]],
      ["caravan-prod-machine-vault", ["8200"]],
    ]);
    for (const rule of rules) {
      expect(rule).toMatchObject({
        load_balancing_scheme: "INTERNAL",
        ip_protocol: "TCP",
        subnetwork: network.subnetId,
        network: network.networkId,
        allow_global_access: false,
      });
    }
    expect(new Set(rules.map((rule) => rule["ip_address"])).size).toBe(3);
    for (const { arguments: address } of template.resources("google_compute_address")) {
      expect(address).toMatchObject({
        address_type: "INTERNAL",
        purpose: "GCE_ENDPOINT",
        subnetwork: network.subnetId,
      });
    }
  });

  test("leads to the groups that run the product", () => {
    const backends = template.resources("google_compute_region_backend_service").map(({ arguments: each }) => each);
    expect(backends.map((backend) => [backend["name"], backend["backend"]]).sort()).toEqual([
      ["caravan-prod-machine-consul", [{ group: instanceGroups.consul, balancing_mode: "CONNECTION" }]],
      ["caravan-prod-machine-nomad", [{ group: instanceGroups.nomad, balancing_mode: "CONNECTION" }]],
      ["caravan-prod-machine-vault", [{ group: instanceGroups.vault, balancing_mode: "CONNECTION" }]],
    ]);
    for (const backend of backends)
      expect(backend).toMatchObject({ protocol: "TCP", load_balancing_scheme: "INTERNAL" });
  });

  test("asks each server over TLS whether it can serve, and logs who cannot", () => {
    const checks = template.resources("google_compute_region_health_check").map(({ arguments: each }) => each);
    expect(checks.map((check) => check["https_health_check"])).toEqual(
      expect.arrayContaining([
        { port: 4646, request_path: "/v1/agent/health?type=server" },
        { port: 8200, request_path: "/v1/sys/health?standbyok=true" },
        { port: 8501, request_path: "/v1/catalog/services" },
      ]),
    );
    for (const check of checks) expect(check["log_config"]).toEqual({ enable: true });
  });

  test("has the names that stand in the servers' certificates, in a private zone", () => {
    const names = { environment: "prod", insideDomain: "caravan.internal" };
    expect(machine.hosts).toEqual({
      vault: machineHost(names, "vault"),
      consul: machineHost(names, "consul"),
      nomad: machineHost(names, "nomad"),
    });
    expect(named(template, "google_dns_managed_zone", "caravan-prod-inside")).toMatchObject({
      dns_name: "prod.caravan.internal.",
      visibility: "private",
      private_visibility_config: { networks: [{ network_url: network.networkId }] },
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    const record = named(template, "google_dns_record_set", "vault.prod.caravan.internal.");
    expect(record["rrdatas"]).toEqual([
      expect.stringMatching(/^\$\{google_compute_address\.machine_vault-address.*\.address\}$/),
    ]);
  });

  test("takes a private zone that exists, also of another project", () => {
    const { machine: inside, template: given } = machineOf({ zoneId: "projects/acme-dns/managedZones/internal" });
    given.resourceCount("google_dns_managed_zone", 0);
    expect(inside.zoneId).toBe("projects/acme-dns/managedZones/internal");
    given.hasResource("google_dns_record_set", { project: "acme-dns", managed_zone: "internal" });
  });

  test("can be torn down", () => {
    machineOf({}, false).template.hasResource("google_dns_managed_zone", { force_destroy: true });
  });
});

describe("the people's address", () => {
  const { people, stack, template } = peopleOf();

  test("is internal HTTPS with TLS 1.2 or later and a redirect, in the region only", () => {
    expect(waived(stack)).toEqual([]);
    for (const [name, port] of [
      ["caravan-prod-people", "443"],
      ["caravan-prod-people-redirect", "80"],
    ] as const) {
      expect(named(template, "google_compute_forwarding_rule", name)).toMatchObject({
        load_balancing_scheme: "INTERNAL_MANAGED",
        port_range: port,
        subnetwork: network.subnetId,
        allow_global_access: false,
      });
    }
    expect(named(template, "google_compute_region_ssl_policy", "caravan-prod-people")).toMatchObject({
      profile: "RESTRICTED",
      min_tls_version: "TLS_1_2",
    });
    expect(named(template, "google_compute_region_url_map", "caravan-prod-people-redirect")).toMatchObject({
      default_url_redirect: { https_redirect: true, strip_query: false },
    });
    template.hasResource("google_compute_address", { purpose: "SHARED_LOADBALANCER_VIP", address_type: "INTERNAL" });
  });

  test("leads each host to its servers over TLS, and whoever asks for another to nothing", () => {
    expect(routesOf(template, "google_compute_region_url_map")).toEqual([
      ["vault.caravan.example.com", "caravan-prod-people-vault"],
      ["consul.caravan.example.com", "caravan-prod-people-consul"],
      ["nomad.caravan.example.com", "caravan-prod-people-nomad"],
      ["*.apps.caravan.example.com", "caravan-prod-people-apps"],
    ]);
    expect(named(template, "google_compute_region_url_map", "caravan-prod-people")["default_route_action"]).toEqual({
      fault_injection_policy: { abort: { http_status: 404, percentage: 100 } },
    });
    expect(people.hosts.nomad).toBe("nomad.caravan.example.com");
    const backend = (service: string) =>
      named(template, "google_compute_region_backend_service", `caravan-prod-people-${service}`);
    expect(backend("vault")).toMatchObject({
      protocol: "HTTPS",
      port_name: "vault",
      timeout_sec: 3600,
      load_balancing_scheme: "INTERNAL_MANAGED",
      log_config: { enable: true, sample_rate: 1 },
    });
    expect(backend("apps")).toMatchObject({
      port_name: "ingress",
      backend: [
        { group: groupOf("worker-general"), balancing_mode: "UTILIZATION", capacity_scaler: 1 },
        { group: groupOf("worker-batch"), balancing_mode: "UTILIZATION", capacity_scaler: 1 },
      ],
    });
  });

  test("leads people to the Vault that leads, and to any ingress that answers over TLS", () => {
    const check = (service: string) =>
      named(template, "google_compute_region_health_check", `caravan-prod-people-${service}`);
    expect(check("vault")["https_health_check"]).toEqual({ port: 8200, request_path: "/v1/sys/health" });
    expect(check("apps")["ssl_health_check"]).toEqual({ port: 8443 });
    // A standby of Vault is well all the same.
    expect(check("vault")["log_config"]).toEqual({ enable: false });
  });

  test("has a certificate of the region for its hosts, each proved by a record", () => {
    const [certificate] = template.resources("google_certificate_manager_certificate");
    const names = ["caravan", "vault.caravan", "consul.caravan", "nomad.caravan", "*.apps.caravan"];
    expect(certificate?.arguments).toMatchObject({
      location: "europe-west1",
      managed: { domains: names.map((name) => `${name}.example.com`) },
    });
    const proofs = template.resources("google_certificate_manager_dns_authorization");
    expect(proofs.map(({ arguments: each }) => each["domain"]).sort()).toEqual(
      ["apps.caravan", "caravan", "consul.caravan", "nomad.caravan", "vault.caravan"].map(
        (name) => `${name}.example.com`,
      ),
    );
    for (const { address } of proofs) {
      template.hasResource("google_dns_record_set", { rrdatas: [`\${${address}.dns_resource_record[0].data}`] });
    }
    expect(named(template, "google_compute_region_target_https_proxy", "caravan-prod-people")).toMatchObject({
      certificate_manager_certificates: [`//certificatemanager.googleapis.com/\${${certificate?.address}.id}`],
    });
  });

  test("waits for the subnet of the proxies, where the network is made too", () => {
    const own = gcpStack("prod-edge");
    const made = new GcpNetwork(own, "network", { ...place, kmsKeyName: KEY, egress: "private" });
    new GcpPeopleAddress(own, "people", {
      ...place,
      domain: "caravan.example.com",
      zoneId: "caravan-prod-people",
      network: made,
      instanceGroups,
      workerInstanceGroups: {},
    });
    const rule = named(Template.of(own), "google_compute_forwarding_rule", "caravan-prod-people");
    expect(rule["depends_on"]).toEqual(
      expect.arrayContaining([expect.stringMatching(/^google_compute_subnetwork\.network_proxies/)]),
    );
  });

  test("takes a certificate that exists, and another time", () => {
    const certificateName = "projects/acme-caravan-prod/locations/europe-west1/certificates/people";
    const { template: given } = peopleOf({ certificateName, requestTimeout: "10m" });
    given.resourceCount("google_certificate_manager_certificate", 0);
    given.hasResource("google_compute_region_target_https_proxy", {
      certificate_manager_certificates: [`//certificatemanager.googleapis.com/${certificateName}`],
    });
    given.hasResource("google_compute_region_backend_service", { timeout_sec: 600 });
  });
});

describe("a people's address that faces the internet", () => {
  const allowedRanges = Array.from({ length: 12 }, (_, index) => `203.0.113.${index}/32`);
  const { stack, template } = peopleOf({ public: true, allowedRanges });

  test("is at Google's edge, and says so by its own prop", () => {
    expect(waived(stack)).toEqual(Array(2).fill(["gcp-lb-internal", "public"]));
    for (const [name, port] of [
      ["caravan-prod-people", "443"],
      ["caravan-prod-people-redirect", "80"],
    ] as const) {
      expect(named(template, "google_compute_global_forwarding_rule", name)).toMatchObject({
        load_balancing_scheme: "EXTERNAL_MANAGED",
        port_range: port,
      });
    }
    template.resourceCount("google_compute_forwarding_rule", 0);
    expect(routesOf(template, "google_compute_url_map")).toHaveLength(4);
    expect(named(template, "google_compute_ssl_policy", "caravan-prod-people")["min_tls_version"]).toBe("TLS_1_2");
  });

  test("is for the given networks only: Cloud Armor refuses everybody else", () => {
    const policy = named(template, "google_compute_security_policy", "caravan-prod-people");
    expect(policy["rule"]).toMatchObject([
      { action: "allow", priority: 1000, match: { config: { src_ip_ranges: allowedRanges.slice(0, 10) } } },
      { action: "allow", priority: 1001, match: { config: { src_ip_ranges: allowedRanges.slice(10) } } },
      { action: "deny(403)", priority: 2_147_483_647, match: { config: { src_ip_ranges: ["*"] } } },
    ]);
    for (const { arguments: backend } of template.resources("google_compute_backend_service")) {
      expect(backend).toMatchObject({
        protocol: "HTTPS",
        security_policy: expect.stringMatching(/^\$\{google_compute_security_policy\./),
      });
    }
    template.resourceCount("google_compute_backend_service", 4);
  });

  test("has a certificate of no region, by a map", () => {
    template.hasResource("google_certificate_manager_certificate", { location: "global" });
    const [map] = template.resources("google_certificate_manager_certificate_map");
    template.hasResource("google_certificate_manager_certificate_map_entry", { matcher: "PRIMARY" });
    template.hasResource("google_compute_target_https_proxy", {
      certificate_map: `//certificatemanager.googleapis.com/\${${map?.address}.id}`,
    });
  });

  test("takes a policy that somebody else made", () => {
    const securityPolicyName = "projects/acme-caravan-prod/global/securityPolicies/edge";
    const { template: given } = peopleOf({ public: true, securityPolicyName });
    given.resourceCount("google_compute_security_policy", 0);
    given.hasResource("google_compute_backend_service", { security_policy: securityPolicyName });
  });
});

test("behind a load balancer that exists are our backends and names, nothing in front", () => {
  const { people, template } = peopleOf({ loadBalancer: { address: "10.0.0.9" } });
  const types = new Set(template.addresses.map((address) => address.split(".")[0]));
  expect([...types].sort()).toEqual([
    "google_compute_region_backend_service",
    "google_compute_region_health_check",
    "google_dns_record_set",
  ]);
  expect(named(template, "google_dns_record_set", "*.apps.caravan.example.com.")["rrdatas"]).toEqual(["10.0.0.9"]);
  expect(Object.keys(people.backendIds)).toEqual(["vault", "consul", "nomad", "apps"]);
});

test("transform reaches every inner resource", () => {
  const mark = { project: "other-project" };
  const marks = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, mark]));
  const front = ["address", "sslPolicy", "urlMap", "redirectMap", "httpsProxy", "httpProxy", "forwardingRule"];
  const backends = ["backend", "globalBackend", "healthCheck", "globalHealthCheck"];
  const transform = {
    ...marks([...backends, "certificate", "authorization", "proof", "securityPolicy", "name"]),
    internal: marks(front),
    public: marks([...front, "certificateMap", "certificateMapEntry"]),
  } as GcpPeopleTransform;
  for (const change of [{}, { public: true, allowedRanges: ["203.0.113.0/24"] }]) {
    const { template } = peopleOf({ ...change, transform });
    for (const address of template.addresses) expect(template.resource(address)["project"]).toBe("other-project");
  }
  const { template } = machineOf({
    transform: marks(["backend", "healthCheck", "address", "forwardingRule", "zone", "record"]),
  });
  for (const address of template.addresses) expect(template.resource(address)["project"]).toBe("other-project");
});

describe("the public zone", () => {
  test("is made, signed, and delegated from the zone above with its key", () => {
    const { dns, template } = dnsOf({ parentZoneId: "projects/acme-dns/managedZones/example-com" });
    const [zone] = template.resources("google_dns_managed_zone");
    expect(zone?.arguments).toMatchObject({
      name: "caravan-prod-people",
      dns_name: "caravan.example.com.",
      visibility: "public",
      dnssec_config: { state: "on" },
      cloud_logging_config: { enable_logging: true },
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
    });
    const above = { project: "acme-dns", managed_zone: "example-com", name: "caravan.example.com." };
    template.hasResource("google_dns_record_set", {
      ...above,
      type: "NS",
      rrdatas: `\${${zone?.address}.name_servers}`,
    });
    const [keys] = template.resources("data.google_dns_keys");
    template.hasResource("google_dns_record_set", {
      ...above,
      type: "DS",
      rrdatas: [`\${${keys?.address}.key_signing_keys[0].ds_record}`],
    });
    expect([dns.isDelegated, dns.nameServers]).toEqual([true, undefined]);
  });

  test("is one that exists, of which nothing is made", () => {
    const { dns, template } = dnsOf({ zoneId: "caravan-example-com" });
    expect(template.addresses).toEqual([]);
    expect([dns.zoneId, dns.isDelegated]).toEqual(["caravan-example-com", true]);
  });

  test("is delegated by hand in two phases, with the key that makes it trusted", () => {
    const { dns, template } = dnsOf();
    template.resourceCount("google_dns_record_set", 0);
    expect([dns.isDelegated, dns.nameServers !== undefined, dns.dsRecord !== undefined]).toEqual([false, true, true]);
    expect(dnsOf({ delegated: true }).dns.isDelegated).toBe(true);
  });
});

describe("wrong props", () => {
  const certificateName = "projects/acme-caravan-prod/locations/global/certificates/people";
  const policy = "projects/acme-caravan-prod/global/securityPolicies/edge";
  const ranges = ["203.0.113.0/24"];
  test.each<[string, (props: never) => unknown, object, string, string]>([
    ["machine", machineOf, { insideDomain: "internal" }, 'insideDomain: given "internal"', "two or more labels"],
    ["machine", machineOf, { zoneId: "prod.internal" }, 'zoneId: given "prod.internal"', "the zone's domain is not it"],
    ["machine", machineOf, { instanceGroups: { vault: "a" } }, 'instanceGroups.vault: given "a"', "an instance group"],
    [
      "people",
      peopleOf,
      { domain: "https://example.com" },
      'domain: given "https://example.com"',
      "without a final dot",
    ],
    ["people", peopleOf, { zoneId: "example.com" }, 'zoneId: given "example.com"', "the zone's domain is not it"],
    ["people", peopleOf, { requestTimeout: "25h" }, 'requestTimeout: given "25h"', "up to 24h"],
    ["people", peopleOf, { public: "yes" }, 'public: given "yes"', "true or false"],
    ["people", peopleOf, { public: true }, "allowedRanges: given nothing", "give 1 to 50 networks"],
    [
      "people",
      peopleOf,
      { public: true, allowedRanges: ["0.0.0.0/0"] },
      "allowedRanges[0]: given",
      "name your networks",
    ],
    ["people", peopleOf, { allowedRanges: ranges }, "allowedRanges: given", "or set public"],
    ["people", peopleOf, { securityPolicyName: policy }, "securityPolicyName: given", "or set public"],
    [
      "people",
      peopleOf,
      { public: true, allowedRanges: ranges, securityPolicyName: policy },
      "allowedRanges: given",
      "nothing beside securityPolicyName",
    ],
    [
      "people",
      peopleOf,
      { public: true, securityPolicyName: "edge" },
      "securityPolicyName: given",
      "a global security policy",
    ],
    [
      "people",
      peopleOf,
      { certificateName: "people" },
      'certificateName: given "people"',
      "the full name of a certificate",
    ],
    ["people", peopleOf, { certificateName }, "certificateName: given", "give one of --location=europe-west1"],
    [
      "people",
      peopleOf,
      { loadBalancer: { address: "edge" } },
      'loadBalancer.address: given "edge"',
      "an IPv4 address",
    ],
    [
      "people",
      peopleOf,
      { certificateName, loadBalancer: { address: "10.0.0.9" } },
      "certificateName: given",
      "nothing beside loadBalancer",
    ],
    [
      "people",
      peopleOf,
      { workerInstanceGroups: { general: "a" } },
      "workerInstanceGroups.general: given",
      "instance group",
    ],
    ["dns", dnsOf, { domain: "*.example.com" }, 'domain: given "*.example.com"', "two or more labels"],
    ["dns", dnsOf, { zoneId: "caravan.example.com" }, "zoneId: given", "copy it from"],
    ["dns", dnsOf, { zoneId: "a", parentZoneId: "b" }, "parentZoneId: given", "beside zoneId"],
    ["dns", dnsOf, { zoneId: "a", delegated: true }, "delegated: given true", "beside zoneId"],
    ["dns", dnsOf, { parentZoneId: "a", delegated: true }, "delegated: given true", "beside parentZoneId"],
    ["dns", dnsOf, { delegated: "yes" }, 'delegated: given "yes"', "true or false"],
  ])("%s: %s %j", (id, make, change, given, said) => {
    const message = refusal(() => make(change as never));
    expect(message).toMatch(new RegExp(`^Gcp\\w+ at "prod-edge/${id}": [1-3] mistakes? in its props\n`));
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
