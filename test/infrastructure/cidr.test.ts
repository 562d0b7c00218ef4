import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Cidr } from "../../lib/infrastructure/cidr";

const addressNumber = fc.nat({ max: 2 ** 32 - 1 });
const dotted = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

const block = (min = 0, max = 32) =>
  fc
    .tuple(addressNumber, fc.integer({ min, max }))
    .map(([address, prefix]) => Cidr.around(`${dotted(address)}/${prefix}`))
    .filter((parsed): parsed is Cidr => parsed !== undefined);

describe("Cidr", () => {
  it("reads what it writes", () => {
    fc.assert(
      fc.property(block(), (given) => {
        const read = Cidr.parse(given.toString());
        expect(read).toEqual(given);
        expect(read.toString()).toBe(given.toString());
      }),
    );
  });

  it("takes the text of the first address as a number for number", () => {
    const parsed = Cidr.parse("10.64.128.0/18");
    expect([parsed.first, parsed.last, parsed.size]).toEqual([171999232, 172015615, 16384]);
  });

  it("finds the block around any address", () => {
    fc.assert(
      fc.property(addressNumber, fc.integer({ min: 0, max: 32 }), (address, prefix) => {
        const found = Cidr.around(`${dotted(address)}/${prefix}`);
        expect(found?.prefix).toBe(prefix);
        expect(found?.contains(Cidr.parse(`${dotted(address)}/32`))).toBe(true);
      }),
    );
  });

  it.each([
    "10.0.0.0",
    "10.0.0/16",
    "10.0.0.0/33",
    "10.0.0.256/32",
    "10.0.0.00/16",
    "010.0.0.0/16",
    "10.0.0.0/016",
    "10.0.0.0/16 ",
    "fd00::/8",
    "",
  ])("refuses %j", (text) => {
    expect(() => Cidr.parse(text)).toThrow(/write four numbers from 0 to 255/);
  });

  it("says which block was meant by an address inside of it", () => {
    expect(() => Cidr.parse("10.64.3.9/16")).toThrow('fix:     write "10.64.0.0/16"');
  });

  it("cuts into parts that are apart and fill it", () => {
    fc.assert(
      fc.property(block(0, 28), fc.integer({ min: 0, max: 4 }), (whole, bits) => {
        const parts = Array.from({ length: 2 ** bits }, (_, index) => whole.part(whole.prefix + bits, index));
        expect(parts[0]?.first).toBe(whole.first);
        expect(parts.at(-1)?.last).toBe(whole.last);
        for (const [index, part] of parts.slice(1).entries()) expect(part.first).toBe((parts[index]?.last ?? 0) + 1);
        expect(parts.every((part) => whole.contains(part))).toBe(true);
      }),
    );
  });

  it.each([
    [15, 0],
    [33, 0],
    [18, 4],
    [18, -1],
    [18, 0.5],
  ])("has no part of length /%d at %d in a /16", (prefix, index) => {
    expect(() => Cidr.parse("10.64.0.0/16").part(prefix, index)).toThrow(/has no part/);
  });

  it("overlaps exactly where an address is shared", () => {
    fc.assert(
      fc.property(block(24), block(24), (a, b) => {
        expect(a.overlaps(b)).toBe(a.first <= b.last && b.first <= a.last);
        expect(a.overlaps(b)).toBe(b.overlaps(a));
      }),
    );
    fc.assert(
      fc.property(block(0, 28), fc.integer({ min: 0, max: 15 }), (whole, index) => {
        const part = whole.part(whole.prefix + 4, index);
        expect([whole.contains(part), part.contains(whole), part.overlaps(whole)]).toEqual([true, false, true]);
      }),
    );
  });
});
