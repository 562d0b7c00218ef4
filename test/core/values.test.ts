import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rule } from "../../lib/core/errors";
import {
  date,
  domainName,
  duration,
  formatDuration,
  isWithinDomain,
  parseDate,
  parseDuration,
  parseSize,
  size,
} from "../../lib/core/values";

function accepts(rule: Rule, values: unknown[]) {
  for (const value of values) expect({ value, accepted: rule.accepts(value) }).toEqual({ value, accepted: true });
}

function refuses(rule: Rule, values: unknown[]) {
  for (const value of values) expect({ value, accepted: rule.accepts(value) }).toEqual({ value, accepted: false });
}

describe("durations", () => {
  test.each([
    ["30s", "s", 30],
    ["36h", "s", 129_600],
    ["1h30m", "m", 90],
    ["30d", "h", 720],
    ["1500ms", "ms", 1500],
    ["0s", "s", 0],
  ] as const)("%s in %s is %d", (text, unit, amount) => expect(parseDuration(text, unit)).toBe(amount));

  test("what no one can read is refused", () => {
    refuses(duration(), [
      "",
      "30",
      30,
      "s",
      "-5s",
      "1.5h",
      "10 m",
      "10min",
      "30m1h",
      "1h1h",
      "0s",
      "30S",
      null,
      `${"9".repeat(20)}d`,
    ]);
    expect(() => parseDuration("90s", "m")).toThrow(
      'given "90s"\n  allowed: a time such as "30s", "10m" or "36h", in whole m',
    );
  });

  test("bounds hold and are named", () => {
    const session = duration({ min: "15m", max: "12h", unit: "s" });
    accepts(session, ["15m", "900s", "12h", "1h1s"]);
    refuses(session, ["14m59s", "12h1s", "1d", "900500ms"]);
    expect(session.allowed).toBe('a time such as "30s", "10m" or "36h", in whole s from 15m up to 12h');
    expect(() => duration({ min: "90s", unit: "m" })).toThrow('"90s" is no bound');
    expect(session.fix).toBe("write a whole number and a unit (ms, s, m, h or d) within the bounds");
  });

  test("a formatted time is the same time, in units that every product reads", () => {
    expect(formatDuration("30d")).toBe("720h");
    expect(formatDuration("5400s")).toBe("1h30m");
    expect(formatDuration("0m")).toBe("0s");
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom("ms", "s", "m", "h", "d"), (count, unit) => {
        const text = formatDuration(`${count}${unit}`);
        expect(text).toMatch(/^(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/);
        expect(parseDuration(text, "ms")).toBe(parseDuration(`${count}${unit}`, "ms"));
      }),
    );
  });
});

describe("sizes", () => {
  test("count in powers of 1024", () => {
    expect(parseSize("20GiB", "GiB")).toBe(20);
    expect(parseSize("20GiB", "MiB")).toBe(20_480);
    expect(parseSize("2048MiB", "GiB")).toBe(2);
    expect(() => parseSize("1500MiB", "GiB")).toThrow("in whole GiB");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8000 }), (count) => {
        expect(parseSize(`${count}TiB`, "KiB")).toBe(count * 2 ** 30);
        expect(parseSize(`${count * 1024}GiB`, "TiB")).toBe(count);
      }),
    );
  });

  test("bounds hold; GB, which is two sizes, is refused with the unit to write", () => {
    const disk = size({ min: "8GiB", max: "16TiB", unit: "GiB" });
    accepts(disk, ["8GiB", "16TiB", "10240MiB"]);
    refuses(disk, ["7GiB", "17TiB", "8GB", "8G", "8", 8, "8.5GiB", "10241MiB", "", undefined]);
    expect(disk.fix).toContain("KiB, MiB, GiB or TiB");
  });
});

describe("domain names", () => {
  test("what a zone can hold", () => {
    accepts(domainName, [
      "example.com",
      "a.b",
      "caravan.example.com",
      "xn--bcher-kva.example",
      "1.example",
      "3com.com",
      `${"a".repeat(63)}.com`,
    ]);
    refuses(domainName, [
      "com",
      "",
      ".",
      "example.com.",
      "Example.com",
      "-a.com",
      "a-.com",
      "a..com",
      "a_b.com",
      "ä.com",
      "10.0.0.1",
    ]);
    refuses(domainName, [
      "https://example.com",
      "example.com/x",
      "*.example.com",
      `${"a".repeat(64)}.com`,
      `${"a.".repeat(126)}com`,
      5,
    ]);
  });

  test("generated names are accepted, and broken by any character that DNS does not know", () => {
    const name = fc.domain().map((domain) => domain.toLowerCase());
    fc.assert(
      fc.property(name, (domain) => void accepts(domainName, [domain])),
      { numRuns: 50 },
    );
    const foreign = fc.string({ minLength: 1, unit: "binary" }).filter((text) => /[^a-z0-9.-]/.test(text));
    fc.assert(
      fc.property(name, foreign, fc.nat(), (domain, text, at) => {
        const cut = at % (domain.length + 1);
        refuses(domainName, [domain.slice(0, cut) + text + domain.slice(cut)]);
      }),
    );
  });

  test("what stands below a domain", () => {
    expect(isWithinDomain("vault.example.com", "example.com")).toBe(true);
    expect(isWithinDomain("example.com", "example.com")).toBe(true);
    expect(isWithinDomain("notexample.com", "example.com")).toBe(false);
    expect(isWithinDomain("com", "example.com")).toBe(false);
  });
});

describe("dates", () => {
  test("days of the calendar", () => {
    accepts(date, ["2027-03-31", "2028-02-29", "1999-12-31"]);
    refuses(date, [
      "2027-02-29",
      "2027-02-30",
      "2027-13-01",
      "2027-00-10",
      "2027-3-1",
      "31-03-2027",
      "2027-03-31T00:00:00Z",
      "soon",
      20270331,
    ]);
    expect(parseDate("2027-03-31").toISOString()).toBe("2027-03-31T00:00:00.000Z");
    expect(() => parseDate("2027-02-30")).toThrow('given "2027-02-30"\n  allowed: a day of the calendar');
  });

  test("every day is read as itself", () => {
    const day = fc.date({ min: new Date("1970-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(day, (day) => {
        const text = day.toISOString().slice(0, 10);
        expect(parseDate(text).toISOString().slice(0, 10)).toBe(text);
      }),
    );
  });
});
