import { describe, expect, test } from "vitest";
import { PropsCheck } from "../../../lib/core/errors";
import {
  checkEdge,
  GcpEdge,
  type GcpEdgeChoice,
  type GcpEdgeProps,
  peopleKind,
} from "../../../lib/infrastructure/gcp/edge";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { gcpStack, named, network, place, refusal } from "./network-stack";

const groupOf = (name: string) => ({
  instanceGroupName: `caravan-prod-${name}`,
  instanceGroupUrl: `projects/acme-caravan-prod/regions/europe-west1/instanceGroups/caravan-prod-${name}`,
});
const dns = { parentZoneId: "example-com" };

function edgeOf(change: Partial<GcpEdgeProps> = {}) {
  const stack = gcpStack("prod-edge");
  const edge = new GcpEdge(stack, "edge", {
    ...place,
    network,
    insideDomain: "caravan.internal",
    logName: "projects/acme-caravan-prod/logs/caravan-prod-nodes",
    servers: {
      vault: { ...groupOf("server-vault"), size: 3, runs: ["vault"] },
      main: { ...groupOf("server-main"), size: 3, runs: ["consul", "nomad"] },
    },
    workers: { general: groupOf("worker-general") },
    ...change,
  });
  return { stack, edge, template: Template.of(stack) };
}

describe("an environment without a domain", () => {
  const { edge, template } = edgeOf();

  test("has a machine address that leads to its groups, and none for people", () => {
    template.resourceCount("google_compute_forwarding_rule", 3);
    expect([edge.dns, edge.people]).toEqual([undefined, undefined]);
    expect(named(template, "google_compute_region_backend_service", "caravan-prod-machine-vault")).toMatchObject({
      backend: [{ group: groupOf("server-vault").instanceGroupUrl }],
    });
    expect(named(template, "google_compute_region_backend_service", "caravan-prod-machine-nomad")).toMatchObject({
      backend: [{ group: groupOf("server-main").instanceGroupUrl }],
    });
  });

  test("is watched from outside, unless others watch", () => {
    template.resourceCount("google_monitoring_alert_policy", 8);
    const { template: quiet } = edgeOf({ alarms: false });
    quiet.resourceCount("google_monitoring_alert_policy", 0);
    quiet.resourceCount("google_logging_metric", 0);
  });
});

describe("an environment with a domain", () => {
  test("has an address for people and moves nothing that one without has", () => {
    const { edge, stack, template } = edgeOf({ domain: "caravan.example.com", dns });
    expect(edge.people?.hosts.vault).toBe("vault.caravan.example.com");
    expect(edge.people?.appsDomain).toBe("apps.caravan.example.com");
    expect(waiversOf(stack)).toEqual([]);
    for (const address of edgeOf().template.addresses) expect(template.addresses).toContain(address);
    expect(named(template, "google_dns_record_set", "vault.caravan.example.com.")["managed_zone"]).toMatch(
      /^\$\{google_dns_managed_zone\.edge_dns/,
    );
  });

  test("that nobody delegates by Terraform is made in two phases", () => {
    const first = edgeOf({ domain: "caravan.example.com" });
    expect(first.edge.people).toBeUndefined();
    expect(first.edge.dns?.nameServers).toBeDefined();
    const second = edgeOf({ domain: "caravan.example.com", dns: { delegated: true } });
    expect(second.edge.people).toBeDefined();
    for (const address of first.template.addresses) expect(second.template.addresses).toContain(address);
  });

  test("may face the internet, which the firewall must know too", () => {
    const choice: GcpEdgeChoice = {
      domain: "a.example.com",
      people: { public: true, allowedRanges: ["203.0.113.0/24"] },
    };
    expect(peopleKind(choice)).toBe("public");
    expect(peopleKind({ domain: "a.example.com" })).toBe("internal");
    expect(peopleKind({})).toBeUndefined();
    const { stack } = edgeOf({ ...choice, dns });
    expect(waiversOf(stack).map(({ rule }) => rule)).toEqual(["gcp-lb-internal", "gcp-lb-internal"]);
  });
});

describe("wrong props", () => {
  const check = (props: GcpEdgeChoice) => {
    const inner = new PropsCheck("GcpInfrastructureStack", gcpStack("prod-edge"), "edge");
    checkEdge(inner, props, place.region);
    inner.done();
  };
  test.each<[Record<string, unknown>, string, string]>([
    [{ domain: "https://caravan.example.com" }, "domain: given", "without a final dot"],
    [{ dns }, "domain: given nothing", "the domain that dns is about"],
    [{ people: { requestTimeout: "1h" } }, "domain: given nothing", "remove people"],
    [{ domain: "a.example.com", people: { public: true } }, "people.allowedRanges: given nothing", "networks"],
    [{ domain: "a.example.com", people: { requestTimeout: "2d" } }, "people.requestTimeout: given", "up to 24h"],
    [{ domain: "a.example.com", dns: { zoneId: "example.com" } }, 'dns.zoneId: given "example.com"', "copy it from"],
    [{ clients: { ci: [] } }, 'clients["ci"]: given "ci"', '"privateRunner", "tunnel"'],
    [{ clients: { privateRunner: ["me"] } }, 'clients.privateRunner[0]: given "me"', "a service account"],
    [{ tunnels: "no" }, 'tunnels: given "no"', "true or false"],
    [{ alarms: { snapshotAge: "2d" } }, 'alarms.snapshotAge: given "2d"', "up to 23h"],
    [{ insideZoneId: "prod.internal" }, 'insideZoneId: given "prod.internal"', "a managed zone"],
  ])("%j", (props, given, said) => {
    const message = refusal(() => check(props as never));
    expect(message).toContain("1 mistake in its props");
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
