import { CaravanError, type Rule, rule, show } from "./errors";

/** Milliseconds a unit. A day is 24 hours. */
const TIMES = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
export type TimeUnit = keyof typeof TIMES;

/** Bytes a unit. Only powers of 1024: with `GB` people mean either. */
const SIZES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
export type SizeUnit = keyof typeof SIZES;

/** Bounds of a time or a size, both included, as people write them. */
export interface Bounds<Unit> {
  /** @default more than nothing */
  readonly min?: string;
  /** @default none */
  readonly max?: string;
  /** What the value must be a whole number of, as where a cloud counts seconds or days. @default any unit */
  readonly unit?: Unit;
}

/** A time as people write it: `"30s"`, `"10m"`, `"36h"`, `"1h30m"`, `"30d"`. */
export function duration(bounds: Bounds<TimeUnit> = {}): Rule<string> {
  const { unit = "ms" } = bounds;
  return measureRule(
    bounds,
    `a time such as "30s", "10m" or "36h"${whole(unit, "ms")}`,
    "a unit (ms, s, m, h or d)",
    (text) => readDuration(text, unit),
  );
}

/**
 * A time in whole units: `parseDuration("36h", "s")` is 129600.
 *
 * @throws CaravanError if the text is no time, or none of whole units; check props with the rule `duration` before.
 */
export function parseDuration(text: string, unit: TimeUnit): number {
  return readDuration(text, unit) ?? refuse(text, duration({ unit }));
}

/** A time as Vault, Consul and Nomad all read it, none of which knows days everywhere: `formatDuration("30d")` is `"720h"`. */
export function formatDuration(text: string): string {
  let left = parseDuration(text, "ms");
  const parts = (["h", "m", "s", "ms"] as const).map((unit) => {
    const count = Math.floor(left / TIMES[unit]);
    left -= count * TIMES[unit];
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.join("") || "0s";
}

/** A size as people write it, in powers of 1024: `"512MiB"`, `"20GiB"`. */
export function size(bounds: Bounds<SizeUnit> = {}): Rule<string> {
  const { unit = "B" } = bounds;
  return measureRule(
    bounds,
    `a size such as "512MiB" or "20GiB"${whole(unit, "B")}`,
    "a unit (KiB, MiB, GiB or TiB)",
    (text) => readSize(text, unit),
  );
}

/**
 * A size in whole units: `parseSize("20GiB", "MiB")` is 20480.
 *
 * @throws CaravanError if the text is no size, or none of whole units; check props with the rule `size` before.
 */
export function parseSize(text: string, unit: SizeUnit): number {
  return readSize(text, unit) ?? refuse(text, size({ unit }));
}

function readDuration(text: unknown, unit: TimeUnit): number | undefined {
  const found =
    typeof text === "string" ? /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text) : null;
  if (found === null || text === "") return undefined;
  const [, d = 0, h = 0, m = 0, s = 0, ms = 0] = found.map((count) => Number(count ?? 0));
  return inWhole(d * TIMES.d + h * TIMES.h + m * TIMES.m + s * TIMES.s + ms, TIMES[unit]);
}

function readSize(text: unknown, unit: SizeUnit): number | undefined {
  const found = typeof text === "string" ? /^(\d+)(B|KiB|MiB|GiB|TiB)$/.exec(text) : null;
  return found === null ? undefined : inWhole(Number(found[1]) * SIZES[found[2] as SizeUnit], SIZES[unit]);
}

function inWhole(amount: number, unit: number): number | undefined {
  return Number.isSafeInteger(amount) && amount % unit === 0 ? amount / unit : undefined;
}

function whole(unit: string, smallest: string): string {
  return unit === smallest ? "" : `, in whole ${unit}`;
}

function measureRule<Unit>(
  { min, max }: Bounds<Unit>,
  kind: string,
  unit: string,
  read: (text: unknown) => number | undefined,
): Rule<string> {
  const range = [min === undefined ? "" : ` from ${min}`, max === undefined ? "" : ` up to ${max}`].join("");
  const bound = (text: string) => {
    const amount = read(text);
    if (amount === undefined) throw new CaravanError(`${show(text)} is no bound for ${kind}`);
    return amount;
  };
  const least = min === undefined ? 1 : bound(min);
  const most = max === undefined ? Number.POSITIVE_INFINITY : bound(max);
  return rule({
    allowed: kind + range,
    fix: `write a whole number and ${unit}${range === "" ? "" : " within the bounds"}`,
    accepts: (value) => {
      const amount = read(value);
      return amount !== undefined && amount >= least && amount <= most;
    },
  });
}

function refuse(given: unknown, expected: Rule): never {
  throw new CaravanError(`given ${show(given)}\n  allowed: ${expected.allowed}\n  fix:     ${expected.fix}`);
}

/**
 * A domain name of two or more labels in the letters, digits and hyphens of RFC 1123, at most 253 characters, without a
 * final dot. Lower-case, as such names are compared as texts in certificates and tokens.
 */
export const domainName: Rule<string> = rule({
  allowed:
    "a domain name in lower case: two or more labels of letters, digits and inner hyphens, 63 characters a label and 253 in all",
  fix: 'use a name such as "caravan.example.com", without a final dot, a scheme or a path',
  accepts: (value) => {
    if (typeof value !== "string" || value.length > 253) return false;
    const labels = value.split(".");
    // A last label of digits would make it an address (RFC 3696, 2).
    return labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
  },
});

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a domain name is another one or stands below it. */
export function isWithinDomain(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

/** A day of the calendar: `"2027-03-31"`. */
export const date: Rule<string> = rule({
  allowed: "a day of the calendar, written year-month-day",
  fix: 'write it as "2027-03-31"',
  accepts: (value) => readDate(value) !== undefined,
});

/**
 * The beginning of a day, in UTC.
 *
 * @throws CaravanError if there is no such day.
 */
export function parseDate(text: string): Date {
  return readDate(text) ?? refuse(text, date);
}

function readDate(text: unknown): Date | undefined {
  if (typeof text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = new Date(`${text}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March.
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? day : undefined;
}
