import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrafficRole } from "../../../lib/core/traffic";
import { AzureFirewall } from "../../../lib/infrastructure/azure/firewall";
import type { AzureFirewallProps } from "../../../lib/infrastructure/azure/firewall-props";
import type { ServerGroups } from "../../../lib/infrastructure/props";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { anyGrouping, opening, type Roles, wantedOpenings, wantedThrough } from "../reachability";
import { bastionSubnet, gatewayNetwork } from "./edge-fixture";
import { azureStack, idOf, place, refusal } from "./place";

const network = gatewayNetwork;
const bastion = bastionSubnet;

const everybody: Partial<AzureFirewallProps> = {
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
  peopleRanges: ["203.0.113.0/24"],
  clients: ["privateRunner", "tunnel"],
};

function firewallOf(change: Partial<AzureFirewallProps> = {}) {
  const stack = azureStack();
  const firewall = new AzureFirewall(stack, "firewall", { ...place, network, ...change });
  return { stack, firewall, template: Template.of(stack) };
}

interface Rule {
  readonly group: string;
  readonly name: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly text: string;
  readonly priority: number;
  readonly access: string;
}

/** Members by what rules name them with: their application security groups, or the blocks of their subnets. */
const BLOCKS: Readonly<Record<string, string>> = {
  "10.64.160.0/20": "machine",
  "10.64.128.0/20": "people",
  "10.64.176.0/20": "tunnel",
  "10.64.144.0/20": "endpoints",
};

function sideOf(rule: Record<string, unknown>, side: "source" | "destination"): string[] {
  const groups = (rule[`${side}_application_security_group_ids`] ?? []) as string[];
  const prefixes = (rule[`${side}_address_prefixes`] ?? [rule[`${side}_address_prefix`] ?? []].flat()) as string[];
  const named = groups.map((id) => id.replace(/.*firewall_(.*)_[0-9A-F]{8}\.id\}/, "$1"));
  return [...named, ...prefixes.map((prefix) => BLOCKS[prefix] ?? prefix)];
}

function rulesOf(template: Template, direction: "Inbound" | "Outbound"): Rule[] {
  return template
    .resources("azurerm_network_security_rule")
    .filter(({ arguments: rule }) => rule["direction"] === direction)
    .map(({ arguments: rule }) => ({
      group: String(rule["network_security_group_name"]).replace(/.*firewall_(.*)-subnet_.*/, "$1"),
      name: String(rule["name"]),
      from: sideOf(rule, "source"),
      to: sideOf(rule, "destination"),
      text: `${String(rule["protocol"]).toLowerCase()} ${rule["destination_port_range"]}`,
      priority: Number(rule["priority"]),
      access: String(rule["access"]),
    }));
}

const allowing = (template: Template, direction: "Inbound" | "Outbound") =>
  rulesOf(template, direction).filter(({ access }) => access === "Allow");

function openingOf(from: string, to: string, text: string): string {
  const [protocol = "", range = ""] = text.split(" ");
  const [first, last = first] = range.split("-").map(Number);
  return opening(from, to, protocol, Number(first), Number(last));
}

/** From member to member: what one is let out with and the other lets in. No group sees what the machine address sends. */
function reachability(template: Template, members: ReadonlySet<string>): { both: Set<string>; oneSided: string[] } {
  const pairs = (direction: "Inbound" | "Outbound") =>
    allowing(template, direction).flatMap(({ from, to, text }) =>
      from.flatMap((a) => to.filter((b) => members.has(a) && members.has(b)).map((b) => openingOf(a, b, text))),
    );
  const into = pairs("Inbound");
  const out = pairs("Outbound");
  const both = new Set(into.filter((pair) => out.includes(pair) || pair.startsWith("machine ")));
  return { both, oneSided: [...into, ...out].filter((pair) => !both.has(pair)) };
}

function rolesOf(servers: ServerGroups): Map<string, readonly TrafficRole[]> {
  return new Map<string, readonly TrafficRole[]>([
    ...Object.entries(servers).map(
      ([name, { runs }]) => [`server-${name}`, runs.map((product): TrafficRole => `${product}Server`)] as const,
    ),
    ["workers", ["worker"]],
    ["machine", ["machineBalancer"]],
    ["people", ["peopleBalancer"]],
    ["runners", ["privateRunner"]],
    ["tunnel", ["tunnel"]],
  ]);
}

describe("who reaches whom", () => {
  /** Bastion leads to machines: who may call the machine address through it reaches the servers behind. */
  function pastBalancer(wanted: Set<string>, roles: Roles): Set<string> {
    const { tunnel = [], ...rest } = Object.fromEntries(roles);
    const direct = wantedThrough(
      new Map([...Object.entries(rest).filter(([name]) => name !== "machine"), ["tunnel", tunnel]]),
    );
    const ofTunnel = (each: string) => each.startsWith("tunnel ");
    return new Set([...[...wanted].filter((each) => !ofTunnel(each)), ...[...direct].filter(ofTunnel)]);
  }

  test.each([
    ["tunnels that end at machines", gatewayNetwork, []],
    ["tunnels of Azure Bastion", { ...gatewayNetwork, bastion: bastionSubnet }, ["198.51.100.0/24"]],
  ])(
    "with %s is what the traffic table says, both ways, however the products are grouped",
    (_, where, tunnelRanges) => {
      fc.assert(
        fc.property(anyGrouping, (servers) => {
          const { template } = firewallOf({ ...everybody, servers, network: where, tunnelRanges });
          const roles = rolesOf(servers);
          const { both, oneSided } = reachability(template, new Set(roles.keys()));
          const table = wantedOpenings(roles);
          const wanted = where.bastion === undefined ? table : pastBalancer(table, roles);
          expect([...both].sort()).toEqual([...wanted].sort());
          expect(oneSided).toEqual([]);
        }),
        { numRuns: 5 },
      );
    },
  );

  test("every security group refuses all else, both ways, last", () => {
    const { template } = firewallOf({
      ...everybody,
      network: { ...network, bastion },
      tunnelRanges: ["198.51.100.0/24"],
    });
    const groups = ["nodes", "machine", "gateway", "endpoints", "bastion"];
    for (const direction of ["Inbound", "Outbound"] as const) {
      const denials = rulesOf(template, direction).filter(({ access }) => access === "Deny");
      expect(denials.map(({ group }) => group).sort()).toEqual([...groups].sort());
      for (const { priority, from, to, text } of denials)
        expect([priority, from, to, text]).toEqual([4096, ["*"], ["*"], "* *"]);
    }
  });

  test("beside the table only the balancer's probes come in to nodes, to servers' own ports", () => {
    const { template } = firewallOf(everybody);
    const members = new Set(rolesOf(everybody.servers ?? {}).keys());
    const others = allowing(template, "Inbound").filter(
      ({ group, from }) => group === "nodes" && !from.every((each) => members.has(each)),
    );
    expect(others.map(({ from, to, text }) => [...from, ...to, text].join(" ")).sort()).toEqual([
      "AzureLoadBalancer server-main tcp 4646",
      "AzureLoadBalancer server-main tcp 8501",
      "AzureLoadBalancer server-vault tcp 8200",
    ]);
  });

  test("people come in from their networks only, and a public gateway is managed by Azure", () => {
    const from = (template: Template) =>
      allowing(template, "Inbound")
        .filter(({ group }) => group === "gateway")
        .map(({ from: sources, text }) => `${sources.join()} ${text}`)
        .sort();
    expect(from(firewallOf(everybody).template)).toEqual(["203.0.113.0/24 tcp 443", "203.0.113.0/24 tcp 80"]);
    const open = firewallOf({ ...everybody, peoplePublic: true }).template;
    expect(from(open)).toEqual([
      "203.0.113.0/24 tcp 443",
      "203.0.113.0/24 tcp 80",
      "AzureLoadBalancer tcp 0-65535",
      "GatewayManager tcp 65200-65535",
    ]);
    expect(rulesOf(open, "Outbound").filter(({ group, access }) => group === "gateway" && access === "Deny")).toEqual(
      [],
    );
  });
});

describe("the way out", () => {
  const outside = (template: Template) =>
    allowing(template, "Outbound")
      .filter(({ name }) => name.startsWith("nodes-to-"))
      .map(({ from, to, text }) => `${[...from].sort().join()} ${to.join()} ${text}`)
      .sort();

  test("to the internet brings a waiver for each rule, named by the prop", () => {
    const { stack, template } = firewallOf(everybody);
    expect(outside(template)).toEqual([
      "runners,server-main,server-vault,workers Internet tcp 443",
      "runners,server-main,server-vault,workers endpoints tcp 443",
      "server-main,server-vault,workers Internet tcp 80",
    ]);
    expect(waiversOf(stack).map(({ rule, ...rest }) => [rule, "prop" in rest ? rest.prop : ""])).toEqual(
      Array(2).fill(["azure-security-rule-egress-anywhere", "egress"]),
    );
  });

  test('with egress "private" is private endpoints and Azure\'s services, with no waiver', () => {
    const { stack, template } = firewallOf({ ...everybody, network: { ...network, egress: "private" } });
    expect(waiversOf(stack)).toEqual([]);
    expect(outside(template).map((each) => each.split(" ")[1])).toEqual([
      "AzureActiveDirectory",
      "AzureMonitor",
      "AzureResourceManager",
      "endpoints",
    ]);
  });

  test("has room for a proxy, a mirror and a service, each with a priority of its own", () => {
    const group = idOf("Microsoft.Network/applicationSecurityGroups/mirror");
    const places = {
      proxy: { range: "10.9.0.10/32", port: 3128 },
      mirror: { applicationSecurityGroupId: group },
      database: { serviceTag: "Sql.WestEurope", port: 1433 },
    };
    const one = firewallOf({ outside: { proxy: places.proxy } }).template;
    const all = firewallOf({ outside: places }).template;
    for (const address of one.addresses) expect(all.resource(address)).toEqual(one.resource(address));
    expect(outside(all).map((each) => each.split(" ").slice(1).join(" "))).toEqual(
      expect.arrayContaining(["10.9.0.10/32 tcp 3128", `${group} tcp 443`, "Sql.WestEurope tcp 1433"]),
    );
  });
});

describe("priorities", () => {
  test("are each one's own in a group and a direction, from 100 to 4096", () => {
    const { template } = firewallOf({
      ...everybody,
      peoplePublic: true,
      network: { ...network, bastion },
      tunnelRanges: ["198.51.100.0/24"],
      outside: { proxy: { range: "10.9.0.10/32" }, mirror: { range: "10.9.0.11/32" } },
    });
    const all = (["Inbound", "Outbound"] as const).flatMap((direction) =>
      rulesOf(template, direction).map(({ group, priority }) => ({
        key: `${group} ${direction} ${priority}`,
        priority,
      })),
    );
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    for (const { priority } of all) {
      expect(priority).toBeGreaterThanOrEqual(100);
      expect(priority).toBeLessThanOrEqual(4096);
    }
  });

  test("of rules that stay do not move when others come", () => {
    const before = firewallOf({ servers: everybody.servers }).template;
    const after = firewallOf({
      ...everybody,
      network: { ...network, bastion },
      tunnelRanges: ["198.51.100.0/24"],
      outside: { mirror: { range: "10.9.0.11/32" } },
    }).template;
    const priorityOf = (template: Template) =>
      new Map(
        template
          .resources("azurerm_network_security_rule")
          .map(({ address, arguments: a }) => [address, a["priority"]]),
      );
    const later = priorityOf(after);
    for (const [address, priority] of priorityOf(before))
      expect([address, later.get(address)]).toEqual([address, priority]);
  });
});

test("every rule says what it is for, in as many characters as Azure takes, under a name that it takes", () => {
  const servers = {
    "a-group-of-vaults": { runs: ["vault"] },
    "all-others-there": { runs: ["consul", "nomad"] },
  } as const;
  const { template } = firewallOf({
    ...everybody,
    servers: { "vaults-of-a-team": servers["a-group-of-vaults"], others: servers["all-others-there"] },
  });
  for (const { arguments: rule } of template.resources("azurerm_network_security_rule")) {
    expect(String(rule["description"])).toMatch(/^.{3,140}$/);
    expect(String(rule["name"])).toMatch(/^\w[\w.-]{0,78}\w$/);
  }
});

describe("a gateway that somebody else made", () => {
  test("is let in to nodes, and nothing of its own is made", () => {
    const { template } = firewallOf({ peopleSourceRange: "10.8.1.0/24" });
    const touching = rulesOf(template, "Inbound").filter(({ from }) => from.includes("10.8.1.0/24"));
    expect(touching.map(({ group, text }) => `${group} ${text}`).sort()).toEqual([
      "nodes tcp 4646",
      "nodes tcp 8200",
      "nodes tcp 8443",
      "nodes tcp 8501",
    ]);
    expect(allowing(template, "Outbound").filter(({ group }) => group === "gateway")).toEqual([]);
  });
});

test("a network that exists is closed at the nodes' interfaces only", () => {
  const { template } = firewallOf({ ...everybody, network: { ...network, isOwn: false } });
  template.resourceCount("azurerm_network_security_group", 1);
  template.resourceCount("azurerm_subnet_network_security_group_association", 0);
});

test("without people or workers there are no groups for them", () => {
  const { firewall, template } = firewallOf({ workers: false });
  template.resourceCount("azurerm_application_security_group", 1);
  expect(firewall.workerSecurityGroupId).toBeUndefined();
  expect(Object.keys(firewall.serverSecurityGroupIds)).toEqual(["main"]);
  expect(rulesOf(template, "Inbound").filter(({ from }) => from.includes("people"))).toEqual([]);
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ peopleRanges: ["0.0.0.0/0"] }, 'peopleRanges[0]: given "0.0.0.0/0"', "name your networks"],
    [{ peopleRanges: ["10.0.0.0/8", "10.1.2.3/16"] }, 'peopleRanges[1]: given "10.1.2.3/16"', "first address in front"],
    [{ peopleSourceRange: "gateway" }, 'peopleSourceRange: given "gateway"', "an IPv4 block"],
    [{ peoplePublic: "yes" }, 'peoplePublic: given "yes"', "true or false"],
    [{ clients: ["runner"] }, 'clients[0]: given "runner"', '"privateRunner", "tunnel"'],
    [{ network: { ...network, bastion } }, "tunnelRanges: given nothing", "1 to 50 networks"],
    [
      { network: { ...network, bastion }, tunnelRanges: ["0.0.0.0/0"] },
      'tunnelRanges[0]: given "0.0.0.0/0"',
      "never everybody",
    ],
    [
      { peopleRanges: ["10.0.0.0/8"], network: { ...network, gateway: undefined } },
      "network.gateway: given nothing",
      "gatewaySubnet",
    ],
    [{ outside: { proxy: { port: 3128 } } }, "outside.proxy: given", "one of them"],
    [{ outside: { proxy: { range: "10.9.0.0/24", serviceTag: "Sql" } } }, "outside.proxy: given", "one of them"],
    [{ outside: { proxy: { range: "0.0.0.0/0" } } }, 'outside.proxy.range: given "0.0.0.0/0"', "name your networks"],
    [{ outside: { proxy: { serviceTag: "Internet" } } }, 'outside.proxy.serviceTag: given "Internet"', "one service"],
    [{ outside: { proxy: { range: "10.9.0.0/24", port: 0 } } }, "outside.proxy.port: given 0", "1"],
    [{ outside: { proxy: { range: "10.9.0.0/24", slot: 1000 } } }, "outside.proxy.slot: given 1000", "999"],
    [
      { outside: { a: { range: "10.9.0.0/24", slot: 5 }, b: { range: "10.9.1.0/24", slot: 5 } } },
      "outside.b: given",
      "give it a slot: { slot: 6 }",
    ],
    [{ outside: { "the proxy": { range: "10.9.0.0/24" } } }, 'outside["the proxy"]: given "the proxy"', "proxy"],
    [{ workers: "yes" }, 'workers: given "yes"', "true or false"],
    [{ servers: { main: { runs: ["vault", "consul"] } } }, "servers: given", "nomad runs in none"],
    [{ tenantId: "acme" }, 'tenantId: given "acme"', "a UUID"],
  ])("%j", (change, given, said) => {
    const message = refusal(() => firewallOf(change as never));
    expect(message).toContain('AzureFirewall at "prod-network/firewall": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
