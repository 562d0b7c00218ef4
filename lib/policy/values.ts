/** A value that only Terraform knows: `"${aws_kms_key.state.arn}"`. */
export const UNKNOWN = Symbol("known to Terraform only");
export type Unknown = typeof UNKNOWN;

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Terraform's JSON syntax lets an object stand alone or in lists; both mean the same. */
export function objectsOf(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isObject);
  return isObject(value) ? [value] : [];
}

/** An own property, so that a block called "constructor" is found only where it stands. */
export function property(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

// `$${` and `%%{` are literal text; a template opens with a single sign.
const OPENING = /(?<![$%])[$%]\{/;

/** Whether a text of Terraform's JSON syntax holds an expression. */
export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && OPENING.test(value);
}

export function textOf(value: unknown): string | undefined | Unknown {
  if (isUnknown(value)) return UNKNOWN;
  if (typeof value === "string") return value.replace(/([$%])\1(?=\{)/g, "$1");
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** Terraform converts texts to the type it needs, so `"true"` is true. */
export function booleanOf(value: unknown): boolean | undefined | Unknown {
  if (typeof value === "boolean") return value;
  if (isUnknown(value)) return UNKNOWN;
  return value === "true" ? true : value === "false" ? false : undefined;
}

export function numberOf(value: unknown): number | undefined | Unknown {
  if (typeof value === "number") return value;
  if (isUnknown(value)) return UNKNOWN;
  return typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** The elements of a list, of which each may be unknown; a text alone is a list of one, as in IAM's documents. */
export function textsOf(value: unknown): (string | Unknown)[] {
  const elements = Array.isArray(value) ? value : [value];
  return elements.map(textOf).filter((text) => text !== undefined);
}
