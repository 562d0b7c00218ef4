import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { Cidr } from "../../../lib/infrastructure/cidr";
import { GcpNetwork } from "../../../lib/infrastructure/gcp/network";
import type { GcpExistingNetworkProps, GcpNetworkTransform } from "../../../lib/infrastructure/gcp/network-props";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { gcpStack, KEY, named, networkOf, place, refusal } from "./network-stack";

describe("a network as it comes", () => {
  const { network, stack, template } = networkOf();

  it("has no subnet and no route but its own, and is protected", () => {
    expect(named(template, "google_compute_network", "caravan-prod-network")).toMatchObject({
      project: "acme-caravan-prod",
      auto_create_subnetworks: false,
      delete_default_routes_on_create: true,
      routing_mode: "REGIONAL",
      lifecycle: { prevent_destroy: true },
    });
    template.resourceCount("google_compute_subnetwork", 2);
    template.resourceCount("google_compute_route", 1);
  });

  it("has one subnet for the nodes of all zones, with Google's APIs and every flow logged", () => {
    expect(named(template, "google_compute_subnetwork", "caravan-prod-nodes")).toMatchObject({
      region: "europe-west1",
      ip_cidr_range: "10.64.0.0/17",
      stack_type: "IPV4_ONLY",
      private_ip_google_access: true,
      log_config: {
        aggregation_interval: "INTERVAL_5_SEC",
        flow_sampling: 1,
        metadata: "INCLUDE_ALL_METADATA",
      },
    });
    expect(network.zones).toEqual(["europe-west1-b", "europe-west1-c", "europe-west1-d"]);
  });

  it("has a subnet for Google's proxies, out of the public tier", () => {
    expect(named(template, "google_compute_subnetwork", "caravan-prod-proxies")).toMatchObject({
      ip_cidr_range: "10.64.128.0/20",
      purpose: "REGIONAL_MANAGED_PROXY",
      role: "ACTIVE",
    });
    expect(network.proxyRange).toBe("10.64.128.0/20");
  });

  it("denies whatever no rule allows, in and out, and logs it", () => {
    for (const [direction, ranges] of [
      ["INGRESS", "source_ranges"],
      ["EGRESS", "destination_ranges"],
    ] as const) {
      expect(named(template, "google_compute_firewall", `caravan-prod-deny-${direction.toLowerCase()}`)).toMatchObject({
        direction,
        priority: 65_000,
        deny: [{ protocol: "all" }],
        [ranges]: ["0.0.0.0/0"],
        log_config: { metadata: "INCLUDE_ALL_METADATA" },
      });
    }
  });

  it("logs which names are asked for", () => {
    template.hasResource("google_dns_policy", { enable_logging: true });
  });

  it("keeps who talked to whom, encrypted, for more than a year", () => {
    template.hasResource("google_logging_project_bucket_config", {
      bucket_id: "caravan-prod-network",
      location: "europe-west1",
      retention_days: 400,
      cmek_settings: { kms_key_name: KEY },
    });
    const [sink] = template.resources("google_logging_project_sink");
    expect(sink?.arguments["destination"]).toMatch(
      /^logging\.googleapis\.com\/\$\{google_logging_project_bucket_config\./,
    );
    expect(sink?.arguments["filter"]).toBe(
      [
        '(log_id("compute.googleapis.com/vpc_flows") AND resource.labels.subnetwork_name="caravan-prod-nodes" AND resource.labels.location:"europe-west1")',
        '(log_id("compute.googleapis.com/firewall") AND resource.labels.subnetwork_name="caravan-prod-nodes" AND resource.labels.location:"europe-west1")',
        '(log_id("dns.googleapis.com/dns_queries") AND jsonPayload.sourceNetwork="caravan-prod-network")',
        '(log_id("compute.googleapis.com/nat_flows") AND resource.labels.gateway_name="caravan-prod-nat")',
      ].join(" OR "),
    );
  });

  it("lets nodes alone out, from two addresses that stay, and waives the way out by its own prop", () => {
    const nat = named(template, "google_compute_router_nat", "caravan-prod-nat");
    expect(nat).toMatchObject({
      nat_ip_allocate_option: "MANUAL_ONLY",
      source_subnetwork_ip_ranges_to_nat: "LIST_OF_SUBNETWORKS",
      enable_dynamic_port_allocation: true,
      enable_endpoint_independent_mapping: false,
      log_config: { enable: true, filter: "ERRORS_ONLY" },
    });
    expect(nat["nat_ips"]).toHaveLength(2);
    expect(nat["subnetwork"]).toEqual([
      { name: expect.stringMatching(/subnetwork\.network_nodes/), source_ip_ranges_to_nat: ["ALL_IP_RANGES"] },
    ]);
    expect(network.natAddresses).toHaveLength(2);
    const waivers = waiversOf(stack).map((waiver) => [waiver.rule, "prop" in waiver ? waiver.prop : ""]);
    expect(waivers).toEqual(Array(2).fill(["gcp-egress-anywhere", "egress"]));
  });
});

describe('egress "private"', () => {
  const { network, stack, template } = networkOf({ egress: "private", googleDomains: ["pkg.dev"] });

  it("has no way out but to restricted.googleapis.com, and needs no waiver", () => {
    const routes = template.resources("google_compute_route").map(({ arguments: route }) => route["dest_range"]);
    expect(routes).toEqual(["199.36.153.4/30"]);
    template.resourceCount("google_compute_router_nat", 0);
    expect(network.natAddresses).toEqual([]);
    expect(waiversOf(stack)).toEqual([]);
  });

  it("leads the names of Google's APIs, and of the registry, there, in this network only", () => {
    const zones = template.resources("google_dns_managed_zone").map(({ arguments: zone }) => zone);
    expect(zones.map((zone) => zone["dns_name"]).sort()).toEqual(["googleapis.com.", "pkg.dev."]);
    for (const zone of zones) {
      expect(zone["visibility"]).toBe("private");
      expect(zone["private_visibility_config"]).toEqual({
        networks: [{ network_url: expect.stringMatching(/google_compute_network\.network/) }],
      });
    }
    const records = template.resources("google_dns_record_set").map(({ arguments: each }) => each);
    expect(records.map((each) => [each["name"], each["type"], each["rrdatas"]]).sort()).toEqual(
      ["googleapis.com.", "pkg.dev."]
        .flatMap((domain) => [
          [`*.${domain}`, "CNAME", [domain]],
          [domain, "A", ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"]],
        ])
        .sort(),
    );
  });
});

test("tiers of any block are apart, of the shared plan, and large enough for proxies", () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 22 }), fc.nat(), (prefix, seed) => {
      const whole = Cidr.parse("10.0.0.0/8");
      const cidr = whole.part(prefix, seed % 2 ** (prefix - 8));
      const stack = gcpStack();
      const made = new GcpNetwork(stack, "network", { ...place, kmsKeyName: KEY, cidr: cidr.toString() });
      const [nodes, proxies] = [Cidr.parse(made.nodeRange), Cidr.parse(made.proxyRange)];
      expect(nodes.prefix).toBe(prefix + 1);
      expect(proxies.prefix).toBeLessThanOrEqual(26);
      expect(cidr.contains(nodes) && cidr.contains(proxies) && !nodes.overlaps(proxies)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test("another zone, another address and another way out move nothing that stays", () => {
  const before = networkOf({ zones: 1 }).template;
  const after = networkOf({ zones: ["c", "b"], natAddresses: 3 }).template;
  expect(after.addresses.filter((address) => !before.addresses.includes(address))).toHaveLength(1);
  for (const address of before.addresses.filter((each) => !each.includes("router_nat"))) {
    expect(after.resource(address)).toEqual(before.resource(address));
  }
  const shut = networkOf({ egress: "private" }).template;
  for (const address of shut.addresses.filter((each) => !/apis|sink/.test(each))) {
    expect(before.resource(address)).toEqual(shut.resource(address));
  }
});

const existing: GcpExistingNetworkProps = {
  networkId: "projects/acme-network/global/networks/shared",
  cidr: "10.0.0.0/8",
  subnetId: "projects/acme-network/regions/europe-west1/subnetworks/nodes",
};

describe("a network that exists", () => {
  it("makes nothing and hands on what it was told", () => {
    const stack = gcpStack();
    const network = GcpNetwork.fromChoice(
      stack,
      "network",
      { ...existing, zones: ["b"] },
      { ...place, kmsKeyName: KEY },
    );
    expect(network).toMatchObject({
      ...existing,
      networkProject: "acme-network",
      egress: "nat",
      zones: ["europe-west1-b"],
      nodeRange: "10.0.0.0/8",
      proxyRange: undefined,
      isClosed: false,
    });
    expect(Template.of(stack).addresses).toEqual([]);
  });
});

test("transform reaches every inner resource", () => {
  const kinds = {
    network: "google_compute_network",
    subnet: "google_compute_subnetwork",
    denial: "google_compute_firewall",
    internetRoute: "google_compute_route",
    router: "google_compute_router",
    nat: "google_compute_router_nat",
    natAddress: "google_compute_address",
    dnsPolicy: "google_dns_policy",
    logBucket: "google_logging_project_bucket_config",
    logSink: "google_logging_project_sink",
  };
  const mark = { project: "other-project" };
  const all = Object.fromEntries([...Object.keys(kinds), "proxySubnet"].map((kind) => [kind, mark]));
  const { template } = networkOf({ transform: all as GcpNetworkTransform });
  for (const address of template.addresses) expect(template.resource(address)["project"]).toBe("other-project");
  const closed = networkOf({
    egress: "private",
    transform: { ...all, apisRoute: mark, apisZone: mark, apisRecord: mark } as GcpNetworkTransform,
  }).template;
  for (const address of closed.addresses) expect(closed.resource(address)["project"]).toBe("other-project");
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ environment: "Prod" }, 'environment: given "Prod"', '"prod"'],
    [{ project: "123456789012" }, 'project: given "123456789012"', "the project's name or number is not it"],
    [{ region: "europe-west1-b" }, 'region: given "europe-west1-b"', "without a zone's letter"],
    [{ kmsKeyName: "data" }, 'kmsKeyName: given "data"', "the full name of a key"],
    [{ cidr: "10.64.0.0/23" }, 'cidr: given "10.64.0.0/23"', 'use "10.64.0.0/22"'],
    [{ cidr: "8.8.0.0/16" }, 'cidr: given "8.8.0.0/16"', "a block inside"],
    [{ otherNetworks: ["10.64.0.0/16"] }, 'cidr: given "10.64.0.0/16"', "does not overlap"],
    [{ zones: 4 }, "zones: given 4", "from 1 to 3 zones"],
    [{ zones: ["b", "b"] }, 'zones[1]: given "b"', "zones that differ"],
    [{ zones: ["europe-west3-a"] }, 'zones[0]: given "europe-west3-a"', 'begins with "europe-west1-"'],
    [{ egress: "none" }, 'egress: given "none"', '"nat", "private"'],
    [{ natAddresses: 0 }, "natAddresses: given 0", "from 1 to 16 addresses"],
    [{ natAddresses: 2, egress: "private" }, "natAddresses: given 2", 'use egress "nat"'],
    [{ googleDomains: ["pkg.dev"] }, "googleDomains: given", 'use egress "private"'],
    [{ googleDomains: ["google.com"], egress: "private" }, 'googleDomains[0]: given "google.com"', '"pkg.dev"'],
    [{ flowLogRetentionDays: 0 }, "flowLogRetentionDays: given 0", "from 1 to 3650 days"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => networkOf(change));
    expect(message).toContain('GcpNetwork at "prod-network/network": ');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ networkId: "shared" }, 'networkId: given "shared"', "the full name of a VPC network"],
    [{ subnetId: "nodes" }, 'subnetId: given "nodes"', "the full name of a subnet"],
    [
      { subnetId: "projects/acme-network/regions/us-east1/subnetworks/nodes" },
      "subnetId: given",
      "a subnet in europe-west1",
    ],
    [{ cidr: undefined }, "cidr: given nothing", "which firewall rules are made of"],
    [{ proxyRange: "10.1.2.3/24" }, 'proxyRange: given "10.1.2.3/24"', 'write "10.1.2.0/24"'],
    [{ natAddresses: 2 }, "natAddresses: given 2", "nothing beside networkId"],
  ])("of a network that exists: %j", (change, given, said) => {
    const make = () => GcpNetwork.fromAttributes(gcpStack(), "network", { ...existing, ...place, ...change } as never);
    const message = refusal(make);
    expect(message).toContain('GcpNetwork at "prod-network/network": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
