import { decode, ExtensionCodec, encode } from "@msgpack/msgpack";
import type { Attribute, Block, Nesting } from "./schema";

/** What Terraform knows only after apply. */
export const UNKNOWN: unique symbol = Symbol("known after apply");

/** A value as Terraform sends it: plain JSON, and `UNKNOWN` anywhere. Numbers that are not exact arrive as text. */
export type Value = null | string | number | bigint | boolean | typeof UNKNOWN | Value[] | Values | Uint8Array;
export interface Values {
  [name: string]: Value;
}

/** How a value travels. */
export interface DynamicValue {
  readonly msgpack?: Uint8Array;
  readonly json?: Uint8Array;
}

class Unknown {}
const unknown = new Unknown();
const codec = new ExtensionCodec();
// Type 12 is an unknown that says something about itself. What it says may be dropped.
codec.register({ type: 0, encode: (x) => (x instanceof Unknown ? Uint8Array.of(0) : null), decode: () => unknown });
codec.register({ type: 12, encode: () => null, decode: () => unknown });
const options = { extensionCodec: codec, useBigInt64: true };

/** Reads a value. An absent object is null. */
export function unpack(value: DynamicValue | null | undefined): Value {
  if (value?.msgpack?.length) return fromWire(decode(value.msgpack, options));
  if (value?.json?.length) return JSON.parse(Buffer.from(value.json).toString("utf8"));
  return null;
}

export function pack(value: Value): DynamicValue {
  return { msgpack: encode(toWire(value), options) };
}

function fromWire(value: unknown): Value {
  if (value instanceof Unknown) return UNKNOWN;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(fromWire);
  if (value instanceof Uint8Array || value === null || typeof value !== "object") return (value ?? null) as Value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fromWire(inner)]));
}

function toWire(value: Value): unknown {
  if (value === UNKNOWN) return unknown;
  if (Array.isArray(value)) return value.map(toWire);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toWire(inner)]));
}

export function isObject(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Whether any part of it is unknown. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Changes single attributes, at any depth. `path` holds names only, not places in lists. */
export type AttributeChange = (value: Value, attribute: Attribute, path: readonly string[]) => Value;

/** A copy of an object of this schema, complete with nulls, every attribute changed by `change`. */
export function mapBlock(block: Block, values: Values, change: AttributeChange, path: readonly string[] = []): Values {
  const made = mapAttributes(block.attributes, values, change, path);
  for (const [name, { nesting, block: inner }] of Object.entries(block.blocks)) {
    const at = [...path, name];
    const empty: Value = nesting === "single" ? null : nesting === "map" ? {} : [];
    made[name] = mapNested(nesting, values[name] ?? empty, (one) => mapBlock(inner, one, change, at));
  }
  return made;
}

function mapAttributes(
  attributes: Readonly<Record<string, Attribute>>,
  values: Values,
  change: AttributeChange,
  path: readonly string[],
): Values {
  const made: Values = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const at = [...path, name];
    const value = change(values[name] ?? null, attribute, at);
    const { nested } = attribute;
    made[name] =
      nested === undefined
        ? value
        : mapNested(nested.nesting, value, (one) => mapAttributes(nested.attributes, one, change, at));
  }
  return made;
}

function mapNested(nesting: Nesting, value: Value, change: (one: Values) => Values): Value {
  const one = (inner: Value) => (isObject(inner) ? change(inner) : inner);
  if (nesting === "single") return one(value);
  if (Array.isArray(value)) return value.map(one);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, one(inner)]));
}

/** Whether two values are the same. Unknowns are the same as nothing. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === UNKNOWN || b === UNKNOWN) return false;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => same(x, b[i]));
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
  }
  return a === b;
}
