import { isDeepStrictEqual } from "node:util";
import { parseDuration } from "../../../lib/core";
import { type ResourceBehaviour, UNKNOWN, type Value, type Values } from "../providers";

/** Values of which all are known, of the types that the schema gives them. */
export interface Known {
  // biome-ignore lint/suspicious/noExplicitAny: of any type
  readonly [name: string]: any;
}

/** How an object of a server's API stands behind a resource. */
export interface ApiObject {
  /** Terraform's id. */
  id(values: Known, found: Known): string;
  /** What leads to the object, out of an import's id. @default - the resource cannot be imported */
  readonly identity?: (id: string) => Known;
  /** Makes it, or changes it where `prior` is given. Known that are unknown or null are left out. */
  put(values: Known, prior: Known | undefined): Promise<unknown>;
  /** The attributes as the server has them; null where there is no such object. */
  find(values: Known): Promise<Known | null>;
  remove(values: Known): Promise<unknown>;
  readonly replaceOn?: readonly string[];
  /** What the real provider fills in where nothing is set; an import leaves it out, as it would be no difference there. */
  readonly defaults?: Known;
}

/** The life of a resource whose object is found, made, changed and removed by calls of an API. */
export function apiObject(object: ApiObject): ResourceBehaviour {
  const complete = async (values: Known): Promise<Values> => {
    const found = await object.find(values);
    if (found === null) throw new Error("it is not there after it was written");
    return { ...found, id: object.id(values, found) };
  };
  return {
    ...(object.replaceOn === undefined ? {} : { replaceOn: object.replaceOn }),
    async create(planned, { config }) {
      const values = { ...known(planned), ...secretsOf(config, planned) };
      const made = await object.put(values, undefined);
      return complete({ ...values, ...(isValues(made) ? made : {}) });
    },
    async update(planned, prior, { config }) {
      const values = { ...known(planned), ...secretsOf(config, planned) };
      await object.put(values, prior);
      return complete({ ...values, id: prior["id"] ?? null });
    },
    async read(state) {
      const found = await object.find(known(state));
      if (found === null) return null;
      // What was not set is not watched: the stand-in does not know what the real provider takes for a default.
      const set = Object.entries(state).filter(([, value]) => value !== null);
      return Object.fromEntries(
        set.map(([name, value]) => {
          const there = name in found ? (found[name] ?? null) : value;
          return [name, sameMeaning(value, there) ? value : there];
        }),
      );
    },
    async delete(state) {
      await object.remove(known(state));
    },
    async import(id) {
      const identity = object.identity?.(id);
      if (identity === undefined) throw new Error("it cannot be imported");
      const found = await object.find({ ...identity, id });
      if (found === null) return null;
      const told = Object.entries(found).filter(([name, value]) => {
        const byDefault = object.defaults?.[name];
        return byDefault === undefined ? !isZero(value) : !sameMeaning(byDefault, value);
      });
      return { ...Object.fromEntries(told), ...identity, id };
    },
  };
}

/** What is known and set. */
export function known(values: Values | Known): Known {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== UNKNOWN));
}

/** Write-only values stand in the configuration alone. */
function secretsOf(config: Values, planned: Values): Known {
  return Object.fromEntries(
    Object.entries(config).filter(([name, value]) => name.endsWith("_wo") && value !== null && planned[name] === null),
  );
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isZero(value: Value | undefined): boolean {
  return (
    value === null ||
    value === undefined ||
    value === "" ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    (isValues(value) && Object.keys(value).length === 0)
  );
}

/** Whether a server's value is the one that was set: `"720h"` is 2592000, sets have no order, nothing is zero. */
export function sameMeaning(set: Value, there: Value): boolean {
  if (isZero(set) && isZero(there)) return true;
  if (Array.isArray(set) && Array.isArray(there)) {
    const sorted = (values: readonly Value[]) => values.map((value) => JSON.stringify(value)).sort();
    if (set.every((value) => typeof value === "string")) return isDeepStrictEqual(sorted(set), sorted(there));
    return set.length === there.length && set.every((value, index) => sameMeaning(value, there[index] ?? null));
  }
  if (isValues(set as unknown) && isValues(there as unknown)) {
    const [a, b] = [set as Values, there as Values];
    // The server knows more of an object than what was set.
    return Object.keys(a).every((name) => a[name] === null || sameMeaning(a[name] ?? null, b[name] ?? null));
  }
  return seconds(set) === seconds(there);
}

function seconds(value: Value): string {
  const text = String(value);
  try {
    return /^[\d.]+[a-z]/.test(text) ? String(parseDuration(text, "ms") / 1000) : text;
  } catch {
    return text;
  }
}
