import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aclEgress, aclIngress, MAX_ACL_ENTRIES, withoutPorts } from "../../../lib/infrastructure/aws/network-acl";
import { Cidr } from "../../../lib/infrastructure/cidr";
import { ADMIN_PORTS } from "../../../lib/policy/ports";

const port = fc.integer({ min: 1, max: 65535 });
const network = Cidr.parse("10.64.0.0/16");

describe("withoutPorts", () => {
  it("leaves out these ports and no other", () => {
    fc.assert(
      fc.property(port, port, fc.array(port, { maxLength: 8 }), port, (a, b, ports, probe) => {
        const range = { from: Math.min(a, b), to: Math.max(a, b) };
        const pieces = withoutPorts(range, ports);
        const holds = (one: number) => pieces.filter(({ from, to }) => from <= one && one <= to).length;
        const inRange = (one: number) => range.from <= one && one <= range.to;
        expect(ports.map(holds)).toEqual(ports.map(() => 0));
        for (const one of [probe, range.from, range.to]) {
          expect(holds(one)).toBe(inRange(one) && !ports.includes(one) ? 1 : 0);
        }
      }),
    );
  });
});

describe.each(["private", "public"] as const)("the ACL of %s subnets", (tier) => {
  const ingress = aclIngress(tier, network);
  const reached = (from: string, protocol: string, one: number) =>
    ingress.some(
      ({ cidrBlock, protocol: name, fromPort = 0, toPort = 0 }) =>
        cidrBlock === from && name === protocol && fromPort <= one && one <= toPort,
    );

  it.each([...ADMIN_PORTS.keys()])("lets nobody outside reach port %d", (one) => {
    expect([reached("0.0.0.0/0", "tcp", one), reached("0.0.0.0/0", "udp", one)]).toEqual([false, false]);
  });

  it("lets answers in, on the ports that Linux and NAT gateways send from", () => {
    for (const one of [1024, 32768, 49152, 60999, 65535]) {
      expect([reached("0.0.0.0/0", "tcp", one), reached("0.0.0.0/0", "udp", one)]).toEqual([true, true]);
    }
  });

  it("leaves what is inside the network to the security groups", () => {
    for (const one of [22, 53, 443, 4646, 8200]) expect(reached("10.64.0.0/16", "tcp", one)).toBe(true);
  });

  it("learns of smaller packet sizes on the way", () => {
    expect(ingress).toContainEqual(
      expect.objectContaining({ protocol: "icmp", cidrBlock: "0.0.0.0/0", icmpType: 3, icmpCode: -1 }),
    );
  });

  it("opens 80 and 443 to browsers only where something may face the internet", () => {
    expect([reached("0.0.0.0/0", "tcp", 80), reached("0.0.0.0/0", "tcp", 443)]).toEqual(
      tier === "public" ? [true, true] : [false, false],
    );
  });

  it("names protocols, numbers entries once and stays within AWS's limit", () => {
    for (const entries of [ingress, aclEgress()]) {
      expect(entries.length).toBeLessThanOrEqual(MAX_ACL_ENTRIES);
      expect(new Set(entries.map(({ ruleNo }) => ruleNo)).size).toBe(entries.length);
      expect(entries.filter(({ protocol }) => protocol === "-1")).toEqual([]);
    }
  });
});
