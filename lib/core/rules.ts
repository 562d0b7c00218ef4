import { type Rule, rule } from "./errors";

const isString = (value: unknown): value is string => typeof value === "string";

/** A text of one or more characters. */
export const text: Rule<string> = rule({
  allowed: "a text that is not empty",
  fix: "give a text",
  accepts: (value) => isString(value) && value.length > 0,
});

/** A text that matches a pattern as a whole. */
export function matching(pattern: RegExp, allowed: string, fix: string): Rule<string> {
  const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags);
  return rule({ allowed, fix, accepts: (value) => isString(value) && whole.test(value) });
}

/** One of a fixed set. */
export function oneOf<const T extends string | number | boolean>(choices: readonly T[]): Rule<T> {
  return rule({
    allowed: choices.map((choice) => JSON.stringify(choice)).join(", "),
    fix: `use ${choices.length === 1 ? "it" : "one of them"}`,
    accepts: (value) => choices.includes(value as T),
  });
}

/** A whole number between two bounds, both included. */
export function integer(min: number, max: number, unit = ""): Rule<number> {
  const of = unit === "" ? "" : ` ${unit}`;
  return rule({
    allowed: `a whole number from ${min} to ${max}${of}`,
    fix: `choose a value between ${min} and ${max}`,
    accepts: (value) => typeof value === "number" && Number.isInteger(value) && value >= min && value <= max,
  });
}

export const boolean: Rule<boolean> = rule({
  allowed: "true or false",
  fix: "write true or false, without quotes",
  accepts: (value) => typeof value === "boolean",
});

/** Turns a list of a length between two bounds into a rule; the elements are checked with `PropsCheck.each`. */
export function listOf(min: number, max: number, what: string): Rule<readonly unknown[]> {
  return rule({
    allowed: min === max ? `a list of ${min} ${what}` : `a list of ${min} to ${max} ${what}`,
    fix: `give ${min === max ? min : `${min} to ${max}`} ${what}`,
    accepts: (value) => Array.isArray(value) && value.length >= min && value.length <= max,
  });
}

/**
 * The short name of an environment or a group. It becomes part of names that clouds limit to few characters, and of DNS
 * labels (RFC 1123).
 */
export function shortName(maxLength: number, example: string): Rule<string> {
  return rule({
    allowed: `1 to ${maxLength} lower-case letters, digits and single hyphens, a letter first and no hyphen last`,
    fix: `use a name such as "${example}"`,
    accepts: (value) => isString(value) && value.length <= maxLength && /^[a-z]([a-z0-9]|-(?=[a-z0-9]))*$/.test(value),
  });
}
