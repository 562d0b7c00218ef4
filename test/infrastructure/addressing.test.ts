import { App, Token } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type InvalidPropsError, type Problem, PropsCheck } from "../../lib/core/errors";
import {
  checkBlock,
  checkNetworkBlock,
  freeBlock,
  subnetBlock,
  type Tier,
  tierBlock,
  ZONE_SLOTS,
} from "../../lib/infrastructure/addressing";
import { Cidr } from "../../lib/infrastructure/cidr";

const tiers: readonly Tier[] = ["private", "public", "spare"];
const slots = Array.from({ length: ZONE_SLOTS }, (_, slot) => slot);

const network = fc
  .tuple(fc.integer({ min: 16, max: 22 }), fc.nat({ max: 2 ** 14 }))
  .map(([prefix, index]) => Cidr.parse("10.0.0.0/8").part(prefix, index % 2 ** (prefix - 8)));

describe("the subnet plan", () => {
  it("is this, of a /16", () => {
    const plan = (tier: Tier) => slots.map((slot) => subnetBlock(Cidr.parse("10.64.0.0/16"), tier, slot).toString());
    expect(plan("private")).toEqual(["10.64.0.0/19", "10.64.32.0/19", "10.64.64.0/19", "10.64.96.0/19"]);
    expect(plan("public")).toEqual(["10.64.128.0/20", "10.64.144.0/20", "10.64.160.0/20", "10.64.176.0/20"]);
    expect(plan("spare")).toEqual(["10.64.192.0/20", "10.64.208.0/20", "10.64.224.0/20", "10.64.240.0/20"]);
  });

  it("leaves a /22 subnets that a load balancer fits in (AWS: /27 at least)", () => {
    const of = (tier: Tier) => subnetBlock(Cidr.parse("10.64.0.0/22"), tier, 3).toString();
    expect([of("private"), of("public"), of("spare")]).toEqual(["10.64.1.128/25", "10.64.2.192/26", "10.64.3.192/26"]);
  });

  it("gives every tier and slot a block of its own, and the blocks fill the network", () => {
    fc.assert(
      fc.property(network, (whole) => {
        const blocks = tiers.flatMap((tier) => slots.map((slot) => subnetBlock(whole, tier, slot)));
        for (const [index, block] of blocks.entries()) {
          expect(whole.contains(block)).toBe(true);
          expect(blocks.slice(index + 1).some((other) => other.overlaps(block))).toBe(false);
        }
        expect(blocks.reduce((sum, block) => sum + block.size, 0)).toBe(whole.size);
      }),
    );
  });

  it("keeps a tier's subnets in one block", () => {
    fc.assert(
      fc.property(network, fc.constantFrom(...tiers), fc.constantFrom(...slots), (whole, tier, slot) => {
        expect(tierBlock(whole, tier).contains(subnetBlock(whole, tier, slot))).toBe(true);
      }),
    );
  });

  it("does not re-cut a zone when others come and go, in whatever order", () => {
    const cut = (whole: Cidr, chosen: readonly number[]) =>
      new Map(chosen.flatMap((slot) => tiers.map((tier) => [`${tier}-${slot}`, `${subnetBlock(whole, tier, slot)}`])));
    fc.assert(
      fc.property(network, fc.shuffledSubarray(slots), fc.shuffledSubarray(slots), (whole, before, after) => {
        const [was, is] = [cut(whole, before), cut(whole, after)];
        for (const [name, block] of is) if (was.has(name)) expect(block).toBe(was.get(name));
      }),
    );
  });

  it("refuses a slot that no network has", () => {
    expect(() => subnetBlock(Cidr.parse("10.64.0.0/16"), "private", 4)).toThrow(/has no part 4/);
  });
});

function problemsOf(run: (check: PropsCheck) => unknown): readonly Problem[] {
  const check = new PropsCheck("Network", new App(), "network");
  run(check);
  try {
    check.done();
  } catch (error) {
    return (error as InvalidPropsError).problems;
  }
  return [];
}

describe("checkNetworkBlock", () => {
  const limits = { shortest: 16, longest: 22 };
  const others = [Cidr.parse("10.64.0.0/12"), Cidr.parse("192.168.0.0/16")];

  it.each(["10.0.0.0/16", "172.31.0.0/16", "192.168.4.0/22", "100.64.0.0/16", "172.26.0.0/18"])("takes %s", (cidr) => {
    let block: Cidr | undefined;
    expect(problemsOf((check) => (block = checkNetworkBlock(check, "cidr", cidr, limits)))).toEqual([]);
    expect(block?.toString()).toBe(cidr);
  });

  it.each([
    [1, "in CIDR notation", 'write it like "10.64.0.0/16"'],
    ["10.64.0.0", "in CIDR notation", 'write it like "10.64.0.0/16"'],
    ["10.64.1.0/16", "its first address in front", 'write "10.64.0.0/16"'],
    ["10.0.0.0/8", "from /16 (the largest) to /22", 'use "10.0.0.0/16"'],
    ["10.64.3.0/24", "from /16 (the largest) to /22", 'use "10.64.0.0/22"'],
    ["11.0.0.0/16", "inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10", '"10.80.0.0/16"'],
    ["172.17.0.0/20", "does not overlap 172.17.0.0/16, Docker's default bridge", '"10.80.0.0/20"'],
    ["172.26.0.0/16", "does not overlap 172.26.64.0/20, Nomad's bridge", '"10.80.0.0/16"'],
    ["10.66.0.0/16", "does not overlap 10.64.0.0/12, one of the other networks", '"10.80.0.0/16"'],
  ])("refuses %j", (given, allowed, fix) => {
    const problems = problemsOf((check) => checkNetworkBlock(check, "cidr", given, limits, others));
    expect(problems).toEqual([
      { property: "cidr", given, allowed: expect.stringContaining(allowed), fix: expect.stringContaining(fix) },
    ]);
  });

  it("lets a Terraform value through, unread", () => {
    const token = Token.asString({ resolve: () => "x", creationStack: [] });
    expect(problemsOf((check) => expect(checkBlock(check, "cidr", token)).toBeUndefined())).toEqual([]);
  });
});

describe("freeBlock", () => {
  it("is apart from everything that is taken", () => {
    fc.assert(
      fc.property(fc.array(network, { maxLength: 20 }), fc.integer({ min: 16, max: 22 }), (taken, prefix) => {
        const found = freeBlock(prefix, taken);
        expect(found?.prefix).toBe(prefix);
        expect(taken.some((block) => found?.overlaps(block))).toBe(false);
      }),
    );
  });

  it("is nothing where 10.0.0.0/8 is full", () => {
    expect(freeBlock(16, [Cidr.parse("10.0.0.0/8")])).toBeUndefined();
  });
});
