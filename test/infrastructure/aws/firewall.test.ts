import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrafficRole } from "../../../lib/core/traffic";
import { AwsFirewall, type AwsFirewallProps } from "../../../lib/infrastructure/aws/firewall";
import type { IAwsNetwork } from "../../../lib/infrastructure/aws/network-props";
import { waiversOf } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { anyGrouping, wantedOpenings } from "../reachability";
import { place, refusal } from "./edge-stack";
import { networkStack } from "./network-stack";

const network: IAwsNetwork = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  cidr: "10.64.0.0/16",
  egress: "nat",
  privateSubnetIds: ["subnet-0a1b2c3d"],
  publicSubnetIds: [],
  endpointSecurityGroupId: "sg-0a1b2c3d",
  s3PrefixListId: "pl-6ea54007",
};

const everybody: Partial<AwsFirewallProps> = {
  servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
  peopleRanges: ["203.0.113.0/24"],
  clients: ["privateRunner", "tunnel"],
};

function firewallOf(change: Partial<AwsFirewallProps> = {}) {
  const stack = networkStack();
  const firewall = new AwsFirewall(stack, "firewall", { ...place, network, ...change });
  return { stack, firewall, template: Template.of(stack) };
}

interface Open {
  readonly group: string;
  readonly other: string;
  readonly text: string;
}

/** What the rules of a direction say, whoever is on the other side. */
function rulesOf(template: Template, direction: "ingress" | "egress"): Open[] {
  return template.resources(`aws_vpc_security_group_${direction}_rule`).map(({ arguments: rule }) => {
    const other = rule["referenced_security_group_id"] ?? rule["cidr_ipv4"] ?? rule["prefix_list_id"];
    const text = `${rule["ip_protocol"]} ${rule["from_port"]}-${rule["to_port"]}`;
    return { group: String(rule["security_group_id"]), other: String(other), text };
  });
}

/** From group to group: what one is let out with and the other lets in. */
function reachability(template: Template): Set<string> {
  const out = new Set(rulesOf(template, "egress").map(({ group, other, text }) => `${group} ${other} ${text}`));
  const into = rulesOf(template, "ingress").map(({ group, other, text }) => `${other} ${group} ${text}`);
  return new Set(into.filter((each) => out.has(each)));
}

function rolesOf(template: Template, servers: AwsFirewallProps["servers"] = {}): Map<string, readonly TrafficRole[]> {
  const others: Record<string, TrafficRole> = {
    workers: "worker",
    machine: "machineBalancer",
    people: "peopleBalancer",
    runners: "privateRunner",
    tunnel: "tunnel",
  };
  return new Map(
    template.resources("aws_security_group").map(({ address, arguments: group }) => {
      const name = String(group["name"]).replace("caravan-prod-", "");
      const other = others[name];
      const runs = servers[name.replace("server-", "")]?.runs ?? [];
      return [`\${${address}.id}`, other ? [other] : runs.map((product): TrafficRole => `${product}Server`)];
    }),
  );
}

describe("who reaches whom", () => {
  test("is what the traffic table says, both ways, however the products are grouped", () => {
    fc.assert(
      fc.property(anyGrouping, (servers) => {
        const { template } = firewallOf({ ...everybody, servers });
        const reached = reachability(template);
        const wanted = wantedOpenings(rolesOf(template, servers));
        expect([...reached].sort()).toEqual([...wanted].sort());
        // No rule is one-sided: what nobody lets in is not let out.
        const groups = rolesOf(template, servers);
        const between = (rules: Open[]) => rules.filter(({ other }) => groups.has(other)).length;
        expect(between(rulesOf(template, "ingress"))).toBe(wanted.size);
        expect(between(rulesOf(template, "egress"))).toBe(wanted.size);
      }),
      { numRuns: 27 },
    );
  });

  test("addresses stand only where people come in and nodes go out", () => {
    const { template } = firewallOf(everybody);
    const ranges = (direction: "ingress" | "egress") =>
      rulesOf(template, direction)
        .filter(({ other }) => /^\d/.test(other))
        .map(({ group, other, text }) => `${group.replace(/.*firewall_(.*)_\w+\.id.*/, "$1")} ${other} ${text}`)
        .sort();
    expect(ranges("ingress")).toEqual(["people 203.0.113.0/24 tcp 443-443", "people 203.0.113.0/24 tcp 80-80"]);
    expect(ranges("egress")).toEqual(
      [
        "runners 0.0.0.0/0 tcp 443-443",
        ...["server-main", "server-vault", "workers"].flatMap((group) => [
          `${group} 0.0.0.0/0 tcp 443-443`,
          `${group} 0.0.0.0/0 tcp 80-80`,
        ]),
      ].sort(),
    );
  });

  test("every rule says what it is for, in characters that EC2 takes", () => {
    const { template } = firewallOf(everybody);
    const all = ["", "_ingress_rule", "_egress_rule"].flatMap((kind) => [
      ...template.resources(kind === "" ? "aws_security_group" : `aws_vpc_security_group${kind}`),
    ]);
    for (const { arguments: each } of all) expect(each["description"]).toMatch(/^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/);
  });
});

describe("the way out", () => {
  test("to anywhere brings a waiver for each rule, named by the prop", () => {
    const { stack } = firewallOf(everybody);
    const waivers = waiversOf(stack).map(({ rule, resource, ...rest }) => [rule, "prop" in rest ? rest.prop : ""]);
    expect(waivers).toEqual(Array(7).fill(["aws-security-group-egress-anywhere", "egress"]));
  });

  test('with egress "private" is HTTPS to endpoints and to S3, with no waiver', () => {
    const { stack, template } = firewallOf({ ...everybody, network: { ...network, egress: "private" } });
    expect(waiversOf(stack)).toEqual([]);
    const groups = rolesOf(template, everybody.servers);
    const outside = rulesOf(template, "egress").filter(({ other }) => !groups.has(other));
    expect(new Set(outside.map(({ other, text }) => `${other} ${text}`))).toEqual(
      new Set(["sg-0a1b2c3d tcp 443-443", "pl-6ea54007 tcp 443-443"]),
    );
    expect(outside).toHaveLength(8);
  });

  test.each(["nat", "private"] as const)(
    "with egress %s has room for a proxy and a mirror by their names",
    (egress) => {
      const outside = { proxy: { range: "10.9.0.10/32", port: 3128 }, mirror: { securityGroupId: "sg-00000002" } };
      const before = firewallOf({ ...everybody, network: { ...network, egress } });
      const { stack, template } = firewallOf({ ...everybody, network: { ...network, egress }, outside });
      expect(waiversOf(stack)).toEqual(waiversOf(before.stack));
      for (const address of before.template.addresses) expect(template.addresses).toContain(address);
      const added = template
        .resources("aws_vpc_security_group_egress_rule")
        .filter(({ address }) => !before.template.addresses.includes(address));
      expect(
        added
          .map(({ arguments: { description, ip_protocol, from_port, to_port, ...rule } }) => [
            `${description} ${ip_protocol} ${from_port}-${to_port}`,
            rule["cidr_ipv4"] ?? rule["referenced_security_group_id"],
          ])
          .sort(),
      ).toEqual([
        ...Array(4).fill(["Outside: mirror tcp 443-443", "sg-00000002"]),
        ...Array(4).fill(["Outside: proxy tcp 3128-3128", "10.9.0.10/32"]),
      ]);
    },
  );

  test("that a transform narrows needs no waiver", () => {
    const narrow: NonNullable<AwsFirewallProps["transform"]>["egress"] = (rule) =>
      rule.cidrIpv4 === undefined ? rule : { ...rule, cidrIpv4: "10.0.0.0/8" };
    expect(waiversOf(firewallOf({ transform: { egress: narrow } }).stack)).toEqual([]);
  });
});

describe("a load balancer that somebody else made", () => {
  test("is let in, and its own group is left as it is", () => {
    const { firewall, template } = firewallOf({ peopleSecurityGroupId: "sg-00000001" });
    expect(firewall.peopleSecurityGroupId).toBe("sg-00000001");
    const touching = [...rulesOf(template, "ingress"), ...rulesOf(template, "egress")];
    expect(touching.filter(({ group }) => group === "sg-00000001")).toEqual([]);
    expect(
      touching
        .filter(({ other }) => other === "sg-00000001")
        .map(({ text }) => text)
        .sort(),
    ).toEqual(["tcp 4646-4646", "tcp 8200-8200", "tcp 8443-8443", "tcp 8501-8501"]);
  });
});

test("another group of workers changes nothing; another range adds two rules", () => {
  const before = firewallOf(everybody).template;
  const after = firewallOf({ ...everybody, peopleRanges: ["203.0.113.0/24", "198.51.100.7/32"] }).template;
  expect(after.addresses.filter((address) => !before.addresses.includes(address))).toHaveLength(2);
  for (const address of before.addresses) expect(after.resource(address)).toEqual(before.resource(address));
});

test("without people or workers there are no groups for them", () => {
  const { firewall, template } = firewallOf({ workers: false });
  template.resourceCount("aws_security_group", 2);
  expect([firewall.workerSecurityGroupId, firewall.peopleSecurityGroupId]).toEqual([undefined, undefined]);
  expect(Object.keys(firewall.serverSecurityGroupIds)).toEqual(["main"]);
});

describe("wrong props", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ peopleRanges: ["0.0.0.0/0"] }, 'peopleRanges[0]: given "0.0.0.0/0"', "name your networks"],
    [{ peopleRanges: ["0.0.0.0/1"] }, 'peopleRanges[0]: given "0.0.0.0/1"', "/8 or longer"],
    [{ peopleRanges: ["10.0.0.0/8", "10.1.2.3/16"] }, 'peopleRanges[1]: given "10.1.2.3/16"', "first address in front"],
    [{ peopleRanges: ["203.0.113.7"] }, 'peopleRanges[0]: given "203.0.113.7"', "/32"],
    [{ peopleRanges: "10.0.0.0/8" }, 'peopleRanges: given "10.0.0.0/8"', "write it as a list"],
    [{ peopleRanges: ["::/0"] }, 'peopleRanges[0]: given "::/0"', "an IPv4 block"],
    [{ peopleSecurityGroupId: "people" }, 'peopleSecurityGroupId: given "people"', "the id of a security group"],
    [{ clients: ["runner"] }, 'clients[0]: given "runner"', '"privateRunner", "tunnel"'],
    [{ outside: { proxy: { port: 3128 } } }, "outside.proxy: given", "by its security group in the VPC"],
    [
      { outside: { proxy: { range: "10.9.0.0/24", securityGroupId: "sg-00000002" } } },
      "outside.proxy: given",
      "one of both",
    ],
    [{ outside: { proxy: { range: "0.0.0.0/0" } } }, 'outside.proxy.range: given "0.0.0.0/0"', "name your networks"],
    [{ outside: { proxy: { range: "10.9.0.0/24", port: 0 } } }, "outside.proxy.port: given 0", "1"],
    [{ outside: { "the proxy": { range: "10.9.0.0/24" } } }, 'outside["the proxy"]: given "the proxy"', "proxy"],
    [{ workers: "yes" }, 'workers: given "yes"', "true or false"],
    [{ servers: { main: { runs: ["vault", "consul"] } } }, "servers: given", "nomad runs in none"],
    [
      { network: { ...network, egress: "private", endpointSecurityGroupId: undefined } },
      "network.endpointSecurityGroupId: given nothing",
      "the VPC's interface endpoints",
    ],
  ])("%j", (change, given, said) => {
    const message = refusal(() => firewallOf(change as never));
    expect(message).toContain('AwsFirewall at "prod-network/firewall": 1 mistake in its props');
    expect(message).toContain(given);
    expect(message).toContain(said);
  });
});
