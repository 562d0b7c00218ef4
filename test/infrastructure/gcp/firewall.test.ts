import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrafficRole } from "../../../lib/core/traffic";
import { Cidr } from "../../../lib/infrastructure/cidr";
import { GcpFirewall, type GcpFirewallProps } from "../../../lib/infrastructure/gcp/firewall";
import type { ServerGroups } from "../../../lib/infrastructure/props";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { anyGrouping, opening, type Roles, wantedThrough } from "../reachability";
import { gcpStack, named, network, place, refusal } from "./network-stack";

const account = (name: string) => `${name}@acme-caravan-prod.iam.gserviceaccount.com`;
const accountsOf = (groups: object, plane: string) =>
  Object.fromEntries(Object.keys(groups).map((group) => [group, account(`${plane}-${group}`)]));

const servers: ServerGroups = { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } };
const everybody: Partial<GcpFirewallProps> = {
  servers,
  serverAccounts: accountsOf(servers, "server"),
  workerAccounts: { general: account("worker-general"), batch: account("worker-batch") },
  people: "internal",
  clients: { privateRunner: [account("runners")], tunnel: [account("tunnels")] },
};

function firewallOf(change: Partial<GcpFirewallProps> = {}) {
  const stack = gcpStack();
  const firewall = new GcpFirewall(stack, "firewall", {
    ...place,
    network,
    serverAccounts: { main: account("server-main") },
    ...change,
  });
  return { stack, firewall, template: Template.of(stack) };
}

interface Rule {
  readonly direction: "INGRESS" | "EGRESS";
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly destinations: readonly string[];
  readonly ports: readonly { readonly protocol: string; readonly from: number; readonly to: number }[];
}

function rulesOf(template: Template): Rule[] {
  return template.resources("google_compute_firewall").flatMap(({ arguments: rule }) => {
    if (rule["allow"] === undefined) return [];
    const list = (name: string) => (rule[name] ?? []) as string[];
    const allow = rule["allow"] as { protocol: string; ports: string[] }[];
    return [
      {
        direction: rule["direction"] as Rule["direction"],
        sources: [...list("source_service_accounts"), ...list("source_ranges")],
        targets: list("target_service_accounts"),
        destinations: list("destination_ranges"),
        ports: allow.flatMap(({ protocol, ports }) =>
          ports.map((port) => {
            const [from = 0, to = from] = port.split("-").map(Number);
            return { protocol, from, to };
          }),
        ),
      },
    ];
  });
}

/** Who there is: nodes and clients by account, Google's own machines by address. */
function rolesOf(groups: ServerGroups): Roles {
  return new Map<string, readonly TrafficRole[]>([
    ...Object.entries(groups).map(
      ([name, { runs }]) =>
        [account(`server-${name}`), runs.map((product): TrafficRole => `${product}Server`)] as const,
    ),
    [account("worker-general"), ["worker"]],
    [account("worker-batch"), ["worker"]],
    [account("runners"), ["privateRunner"]],
    [account("tunnels"), ["tunnel"]],
    ["35.235.240.0/20", ["tunnel"]],
    ["10.64.128.0/20", ["peopleBalancer"]],
    ["35.191.0.0/16", ["machineBalancer", "peopleBalancer"]],
    ["130.211.0.0/22", ["machineBalancer", "peopleBalancer"]],
  ]);
}

/** What gets through: let in by account or address and, if it comes from a machine of ours, let out to the nodes. */
function reached(template: Template): Set<string> {
  const rules = rulesOf(template);
  const isLetOut = (from: string, protocol: string, port: number) =>
    !from.includes("@") ||
    rules.some(
      ({ direction, targets, destinations, ports }) =>
        direction === "EGRESS" &&
        targets.includes(from) &&
        destinations.some((range) => Cidr.parse(range).contains(Cidr.parse(network.nodeRange))) &&
        ports.some((open) => open.protocol === protocol && open.from <= port && port <= open.to),
    );
  return new Set(
    rules
      .filter(({ direction }) => direction === "INGRESS")
      .flatMap(({ sources, targets, ports }) =>
        sources.flatMap((from) =>
          targets.flatMap((to) =>
            ports
              .filter(({ protocol, from: first }) => isLetOut(from, protocol, first))
              .map((open) => opening(from, to, open.protocol, open.from, open.to)),
          ),
        ),
      ),
  );
}

describe("who reaches whom", () => {
  test("is what the traffic table says, both ways, however the products are grouped", () => {
    fc.assert(
      fc.property(anyGrouping, (groups) => {
        const { template } = firewallOf({
          ...everybody,
          servers: groups,
          serverAccounts: accountsOf(groups, "server"),
        });
        // Google's machines only call.
        const isNode = (text: string) => /^\S+ (server|worker)-/.test(text);
        const wanted = [...wantedThrough(rolesOf(groups))].filter(isNode);
        expect([...reached(template)].sort()).toEqual(wanted.sort());
        // Nothing is let out that nobody lets in.
        const wantedOut = new Set(wanted.map((text) => text.replace(/ \S+/, "")));
        const out = rulesOf(template)
          .filter(({ destinations }) => destinations.includes(network.nodeRange))
          .flatMap(({ targets, ports }) =>
            targets.flatMap((from) => ports.map((open) => opening(from, "", open.protocol, open.from, open.to))),
          )
          .map((text) => text.replace("  ", " "));
        for (const text of out) expect(wantedOut).toContain(text);
      }),
      { numRuns: 27 },
    );
  });

  test("another group of workers joins the rules that are there", () => {
    const before = firewallOf(everybody).template;
    const workerAccounts = { ...everybody.workerAccounts, more: account("worker-more") };
    const after = firewallOf({ ...everybody, workerAccounts }).template;
    expect(after.addresses).toEqual(before.addresses);
    expect(named(after, "google_compute_firewall", "caravan-prod-workers-from-workers")).toMatchObject({
      source_service_accounts: Object.values(workerAccounts),
      target_service_accounts: Object.values(workerAccounts),
    });
  });

  test("no rule holds more than ten accounts, however many groups there are, and none is forgotten", () => {
    const groups = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`g${i}`, account(`worker-g${i}`)]));
    const few = firewallOf({ ...everybody, workerAccounts: { general: account("worker-general") } }).template;
    const { template } = firewallOf({ ...everybody, workerAccounts: groups });
    for (const rule of rulesOf(template)) {
      expect(rule.targets.length).toBeLessThanOrEqual(10);
      expect(rule.sources.length).toBeLessThanOrEqual(10);
    }
    for (const address of few.addresses) expect(template.addresses).toContain(address);
    const gossip = [...reached(template)].filter((text) => /worker-g\d+@\S+ worker-g\d+@\S+ udp 8301-8301$/.test(text));
    expect(gossip).toHaveLength(23 * 23);
  });

  test("Identity-Aware Proxy reaches the products' APIs and nothing else, and may be kept out", () => {
    const iap = (template: Template) =>
      [...reached(template)].filter((text) => text.startsWith("35.235.240.0/20")).map((text) => text.split("@")[0]);
    const { template } = firewallOf(everybody);
    expect(iap(template).sort()).toEqual([
      "35.235.240.0/20 server-main",
      "35.235.240.0/20 server-main",
      "35.235.240.0/20 server-vault",
    ]);
    expect(iap(firewallOf({ ...everybody, tunnels: false }).template)).toEqual([]);
  });

  test("without people no proxy comes in, and their health checks neither", () => {
    const { template } = firewallOf({ ...everybody, people: undefined });
    const texts = [...reached(template)];
    expect(texts.filter((text) => text.startsWith("10.64.128.0/20"))).toEqual([]);
    expect(texts.filter((text) => text.startsWith("35.191.0.0/16")).map((text) => text.split(" ").at(-1))).toEqual(
      expect.arrayContaining(["8200-8200", "8501-8501", "4646-4646"]),
    );
    expect(texts.some((text) => text.endsWith("8443-8443"))).toBe(false);
  });

  test("proxies that face the internet come from where health checks do", () => {
    const { template } = firewallOf({ ...everybody, people: "public", network: { ...network, proxyRange: undefined } });
    const texts = [...reached(template)];
    expect(texts).toContain(`35.191.0.0/16 ${account("worker-general")} tcp 8443-8443`);
    template.hasNoResource("google_compute_firewall", { name: "caravan-prod-workers-from-proxies" });
  });

  test("every rule says what it is for, below the network's denial", () => {
    const { template } = firewallOf(everybody);
    for (const { arguments: rule } of template.resources("google_compute_firewall")) {
      expect(rule["description"]).toMatch(/^[A-Z].{3,2000}$/);
      expect(rule["priority"]).toBeUndefined();
    }
    expect(named(template, "google_compute_firewall", "caravan-prod-server-main-from-workers")).toMatchObject({
      network: network.networkId,
      direction: "INGRESS",
      source_service_accounts: [account("worker-general"), account("worker-batch")],
      target_service_accounts: [account("server-main")],
      description: expect.stringContaining("Consul RPC and raft"),
    });
  });
});

describe("the way out", () => {
  const outside = (template: Template) =>
    rulesOf(template)
      .filter(({ direction, destinations }) => direction === "EGRESS" && !destinations.includes(network.nodeRange))
      .flatMap(({ targets, destinations, ports }) =>
        ports.map((open) => `${targets[0]?.split("@")[0]} ${destinations} ${open.protocol} ${open.from}-${open.to}`),
      )
      .sort();
  const nodes = ["server-main", "server-vault", "worker-general"];

  test("to anywhere brings a waiver for each rule, named by the prop", () => {
    const { stack, template } = firewallOf(everybody);
    expect(outside(template)).toEqual(
      [
        "runners 0.0.0.0/0 tcp 443-443",
        ...nodes.flatMap((node) => [`${node} 0.0.0.0/0 tcp 443-443`, `${node} 0.0.0.0/0 tcp 80-80`]),
      ].sort(),
    );
    const waivers = waiversOf(stack).map((waiver) => [waiver.rule, "prop" in waiver ? waiver.prop : ""]);
    expect(waivers).toEqual(Array(4).fill(["gcp-firewall-egress-anywhere", "egress"]));
  });

  test('with egress "private" is HTTPS to Google\'s APIs, with no waiver', () => {
    const { stack, template } = firewallOf({ ...everybody, network: { ...network, egress: "private" } });
    expect(waiversOf(stack)).toEqual([]);
    expect(outside(template)).toEqual(
      [...nodes, "runners"].map((each) => `${each} 199.36.153.4/30 tcp 443-443`).sort(),
    );
  });

  test("has room for a proxy and a mirror by their names", () => {
    const there = { proxy: { range: "10.9.0.10/32", port: 3128 }, mirror: { range: "10.9.1.0/24" } };
    const before = firewallOf(everybody);
    const { template } = firewallOf({ ...everybody, outside: there });
    for (const address of before.template.addresses) expect(template.addresses).toContain(address);
    expect(outside(template).filter((text) => text.includes(" 10.9."))).toEqual(
      [...nodes, "runners"]
        .flatMap((node) => [`${node} 10.9.0.10/32 tcp 3128-3128`, `${node} 10.9.1.0/24 tcp 443-443`])
        .sort(),
    );
  });

  test("that a transform narrows needs no waiver", () => {
    const narrow: NonNullable<GcpFirewallProps["transform"]>["egress"] = (rule) => ({
      ...rule,
      destinationRanges: ["10.0.0.0/8"],
    });
    expect(waiversOf(firewallOf({ transform: { egress: narrow } }).stack)).toEqual([]);
  });
});

test("in a network that exists the environment's own accounts are denied the rest, in the network's project", () => {
  const shared = {
    ...network,
    networkId: "projects/acme-network/global/networks/shared",
    networkProject: "acme-network",
  };
  const { template } = firewallOf({ ...everybody, network: { ...shared, isClosed: false } });
  for (const direction of ["INGRESS", "EGRESS"]) {
    const denial = named(template, "google_compute_firewall", `caravan-prod-deny-${direction.toLowerCase()}`);
    expect(denial).toMatchObject({ direction, priority: 65_000, deny: [{ protocol: "all" }], project: "acme-network" });
    expect(denial["target_service_accounts"]).toEqual(
      ["server-vault", "server-main", "worker-general", "worker-batch", "runners", "tunnels"].map(account),
    );
  }
  for (const { arguments: rule } of template.resources("google_compute_firewall")) {
    expect(rule).toMatchObject({ project: "acme-network", network: shared.networkId });
  }
});

test("a single group of servers that nobody else calls has rules for itself and Google's machines", () => {
  const { template } = firewallOf();
  expect(
    template
      .resources("google_compute_firewall")
      .map(({ arguments: rule }) => rule["name"])
      .sort(),
  ).toEqual([
    "caravan-prod-server-main-from-health-checks",
    "caravan-prod-server-main-from-iap",
    "caravan-prod-server-main-from-server-main",
    "caravan-prod-server-main-to-anywhere",
    "caravan-prod-server-main-to-nodes",
  ]);
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ serverAccounts: {} }, "serverAccounts.main: given nothing", "the e-mail address of a service account"],
    [{ serverAccounts: { main: "main" } }, 'serverAccounts.main: given "main"', "gcloud iam service-accounts list"],
    [{ workerAccounts: { general: "jane@example.com" } }, "workerAccounts.general: given", "a service account"],
    [{ clients: { runner: [] } }, 'clients["runner"]: given "runner"', '"privateRunner", "tunnel"'],
    [{ clients: { tunnel: "me" } }, 'clients.tunnel: given "me"', "write it as a list"],
    [{ people: true }, "people: given true", '"internal", "public"'],
    [{ tunnels: 1 }, "tunnels: given 1", "true or false"],
    [
      { people: "internal", network: { ...network, proxyRange: undefined } },
      "network.proxyRange: given nothing",
      "proxy-only",
    ],
    [{ outside: { proxy: { port: 3128 } } }, "outside.proxy.range: given nothing", "name your networks"],
    [{ outside: { proxy: { range: "0.0.0.0/0" } } }, 'outside.proxy.range: given "0.0.0.0/0"', "name your networks"],
    [{ outside: { proxy: { range: "10.9.0.0/24", port: 0 } } }, "outside.proxy.port: given 0", "1"],
    [{ outside: { "the proxy": { range: "10.9.0.0/24" } } }, 'outside["the proxy"]: given "the proxy"', "proxy"],
    [{ servers: { main: { runs: ["vault", "consul"] } } }, "servers: given", "nomad runs in none"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => firewallOf(change as never));
    expect(message).toContain('GcpFirewall at "prod-network/firewall": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
