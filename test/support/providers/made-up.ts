import type { Attribute, ValueType } from "./schema";
import { type AttributeChange, UNKNOWN, type Value, type Values } from "./values";

const ACCOUNT = "123456789012";
const REGION = "eu-central-1";

/** Makes values for what a provider would compute: of the right type, told apart by a number, plausible to read. */
export class MadeUp {
  private count = 0;

  /** Fills the unknown parts of one object of the type. */
  filler(type: string): AttributeChange {
    const serial = (++this.count).toString(16).padStart(12, "0");
    return (value, attribute, path) => (value === UNKNOWN ? this.attribute(type, serial, attribute, path) : value);
  }

  /** Fills what a read computes: everything computed that has no value. */
  reader(type: string): AttributeChange {
    const fill = this.filler(type);
    return (value, attribute, path) =>
      value === null && attribute.computed ? fill(UNKNOWN, attribute, path) : fill(value, attribute, path);
  }

  private attribute(type: string, serial: string, attribute: Attribute, path: readonly string[]): Value {
    // What a user may set and did not set is left empty; what only the provider knows gets something to refer to.
    const own = attribute.computed && !attribute.optional;
    if (attribute.type !== undefined) return this.value(attribute.type, type, serial, path, own);
    const { nested } = attribute;
    if (nested === undefined) return null;
    const one = (): Values =>
      Object.fromEntries(
        Object.entries(nested.attributes).map(([name, inner]) => [
          name,
          inner.computed ? this.attribute(type, serial, inner, [...path, name]) : null,
        ]),
      );
    if (nested.nesting === "single") return one();
    if (nested.nesting === "map") return {};
    return own ? [one()] : [];
  }

  private value(of: ValueType, type: string, serial: string, path: readonly string[], own: boolean): Value {
    const name = path.at(-1) ?? "value";
    switch (of) {
      case "string":
        return text(type, serial, name);
      case "number":
        return /port$/.test(name) ? 8443 : 1;
      case "bool":
        return false;
      case "dynamic":
        return null;
    }
    if (of[0] === "object") {
      const members = Object.entries(of[1]).map(([key, inner]) => [
        key,
        this.value(inner, type, serial, [...path, key], own),
      ]);
      return Object.fromEntries(members);
    }
    if (of[0] === "map") return {};
    if (!own) return [];
    if (typeof of[1] !== "string") return [this.value(of[1], type, serial, path, own)];
    if (of[1] !== "string") return [this.value(of[1], type, serial, path, own)];
    return ["a", "b", "c"].map((suffix) => (name === "names" ? REGION : text(type, serial, name)) + suffix);
  }
}

function text(type: string, serial: string, name: string): string {
  const short = type.slice(type.indexOf("_") + 1).replaceAll("_", "-");
  if (name === "id") return `${short}-${serial}`;
  if (/(^|_)arn$/.test(name)) return `arn:aws:${short.split("-")[0]}:${REGION}:${ACCOUNT}:${short}/${serial}`;
  if (/(^|_)account_id$|^owner_id$/.test(name)) return ACCOUNT;
  if (name === "partition") return "aws";
  if (name === "region" || (name === "name" && short === "region")) return REGION;
  if (name === "json" || name.endsWith("_json")) return "{}";
  if (name === "dns_suffix") return "amazonaws.com";
  if (/(^|_)(dns_name|domain_name|endpoint|hostname)$/.test(name)) return `${short}-${serial}.example.com`;
  if (name === "cidr_block") return "10.0.0.0/16";
  if (/(^|_)ip(_address)?$/.test(name)) return "192.0.2.1";
  return `${name.replaceAll("_", "-")}-${serial}`;
}
