import { show } from "../core/errors";
import { decodeHcl } from "../core/hcl-decode";

/**
 * A condition in place of a value. It also works inside the matchers of Jest and Vitest, as theirs work inside
 * `Template`: both know an `asymmetricMatch`.
 */
export abstract class Matcher {
  /** Why a value does not match, one entry a place; empty if it does. `path` is where the value stands. */
  abstract mismatches(actual: unknown, path: string): string[];

  asymmetricMatch(actual: unknown): boolean {
    return this.mismatches(actual, "").length === 0;
  }

  toString(): string {
    return `Match.${this.constructor.name.charAt(0).toLowerCase()}${this.constructor.name.slice(1)}`;
  }
}

/**
 * Conditions for `Template`. A plain value in a pattern matches in part: an object may have more keys, a list must have
 * the same length, a regular expression matches a text, anything else must be equal.
 */
export const Match = {
  /** There is no value, or null. */
  absent: (): Matcher => new Absent(),
  /** There is any value but null. */
  present: (): Matcher => new Present(),
  /** The value is exactly this: no other keys anywhere. */
  exact: (value: unknown): Matcher => new Exact(value),
  /** The list holds, in any order, an element for each of these. */
  arrayWith: (elements: readonly unknown[]): Matcher => new ArrayWith(elements),
  /** The value does not match. */
  not: (pattern: unknown): Matcher => new Not(pattern),
  /**
   * The text is a JSON document, or one call of `jsonencode` as `hcl.json` writes it, and what it holds matches. What
   * Terraform knows only later stands in it as the text `"${aws_kms_key.seal.arn}"`.
   */
  json: (pattern: unknown): Matcher => new Json(pattern),
};

/** Why a value does not match a pattern, one entry a place; empty if it does. */
export function mismatches(actual: unknown, pattern: unknown, path = ""): string[] {
  if (pattern instanceof Matcher) return pattern.mismatches(actual, path);
  if (isAsymmetric(pattern)) {
    return pattern.asymmetricMatch(actual) ? [] : [wrong(path, String(pattern), actual)];
  }
  if (pattern instanceof RegExp) {
    return typeof actual === "string" && actual.search(pattern) >= 0 ? [] : [wrong(path, String(pattern), actual)];
  }
  if (Array.isArray(pattern)) {
    if (!Array.isArray(actual)) return [wrong(path, showPattern(pattern), actual)];
    if (actual.length !== pattern.length)
      return [wrong(path, `${count(pattern.length)} ${showPattern(pattern)}`, actual)];
    return pattern.flatMap((element, at) => mismatches(actual[at], element, `${path}[${at}]`));
  }
  if (isRecord(pattern)) {
    if (!isRecord(actual)) return [wrong(path, showPattern(pattern), actual)];
    return Object.entries(pattern).flatMap(([key, value]) => mismatches(actual[key], value, join(path, key)));
  }
  return Object.is(actual, pattern) ? [] : [wrong(path, showPattern(pattern), actual)];
}

class Absent extends Matcher {
  mismatches(actual: unknown, path: string): string[] {
    return actual === undefined || actual === null ? [] : [wrong(path, "nothing", actual)];
  }
}

class Present extends Matcher {
  mismatches(actual: unknown, path: string): string[] {
    return actual === undefined || actual === null ? [wrong(path, "any value", actual)] : [];
  }
}

class Exact extends Matcher {
  constructor(private readonly value: unknown) {
    super();
  }

  mismatches(actual: unknown, path: string): string[] {
    const missing = mismatches(actual, this.value, path);
    return missing.length > 0 ? missing : extra(actual, this.value, path);
  }
}

function extra(actual: unknown, expected: unknown, path: string): string[] {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.flatMap((element, at) => extra(element, expected[at], `${path}[${at}]`));
  }
  if (!isRecord(actual) || !isRecord(expected) || isAsymmetric(expected)) return [];
  return Object.entries(actual).flatMap(([key, value]) =>
    key in expected ? extra(value, expected[key], join(path, key)) : [wrong(join(path, key), "nothing", value)],
  );
}

class ArrayWith extends Matcher {
  constructor(private readonly elements: readonly unknown[]) {
    super();
  }

  mismatches(actual: unknown, path: string): string[] {
    if (!Array.isArray(actual)) return [wrong(path, `a list with ${showPattern(this.elements)}`, actual)];
    return this.elements
      .filter((element) => !actual.some((one) => mismatches(one, element).length === 0))
      .map((element) => wrong(path, `an element like ${showPattern(element)}`, actual));
  }
}

class Not extends Matcher {
  constructor(private readonly pattern: unknown) {
    super();
  }

  mismatches(actual: unknown, path: string): string[] {
    if (mismatches(actual, this.pattern, path).length > 0) return [];
    return [wrong(path, `anything but ${showPattern(this.pattern)}`, actual)];
  }
}

class Json extends Matcher {
  constructor(private readonly pattern: unknown) {
    super();
  }

  mismatches(actual: unknown, path: string): string[] {
    const document = typeof actual === "string" ? decodeHcl(actual) : undefined;
    if (document === undefined) return [wrong(path, "a JSON document", actual)];
    return mismatches(document, this.pattern, `${path}(json)`);
  }
}

/** A pattern as it stands in a message, its conditions by name. */
export function showPattern(pattern: unknown): string {
  const readable = (_: string, value: unknown) => {
    if (value instanceof Matcher) return value.toString();
    return value instanceof RegExp || isAsymmetric(value) ? String(value) : value;
  };
  const text = JSON.stringify(pattern, readable);
  return show(text === undefined ? pattern : JSON.parse(text));
}

function wrong(path: string, expected: string, actual: unknown): string {
  return `${path === "" ? "the value" : path}: expected ${expected}, found ${show(actual)}`;
}

function join(path: string, key: string): string {
  const part = /^[\w-]+$/.test(key) ? key : `[${JSON.stringify(key)}]`;
  return path === "" || part.startsWith("[") ? path + part : `${path}.${part}`;
}

const count = (length: number) => (length === 1 ? "1 element" : `${length} elements`);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAsymmetric(value: unknown): value is { asymmetricMatch(actual: unknown): boolean } {
  return isRecord(value) && typeof value["asymmetricMatch"] === "function";
}
