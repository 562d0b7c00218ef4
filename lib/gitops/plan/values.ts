import { createHmac } from "node:crypto";

/** A value of a plan, at one place of a resource: known, known after apply, or a secret of which only a keyed hash is left. */
export type PlannedValue = { readonly known: unknown } | { readonly secret: string } | { readonly unknown: true };

/** Values by their place in a resource: `ingress[0].from_port`, `tags["Name"]`. */
export type PlannedValues = Readonly<Record<string, PlannedValue>>;

/** Where a value stands: keys of objects and indices of lists. */
type Path = readonly (string | number)[];

/** Turns secrets into keyed hashes, so that two plans can be compared by whoever has the key, and nobody reads them. */
export class SecretHash {
  /** Values that stood somewhere as sensitive: they are secrets wherever else they stand. */
  private readonly texts = new Set<string>();

  constructor(private readonly key: string) {}

  of(path: string, value: unknown): PlannedValue {
    return {
      secret: createHmac("sha256", this.key)
        .update(`${path}\n${canonical(value)}`)
        .digest("hex"),
    };
  }

  /** Notes every text below a sensitive place. */
  learn(value: unknown, sensitive: unknown): void {
    if (sensitive === true) {
      for (const text of textsOf(value)) if (text.length >= SHORTEST_SECRET) this.texts.add(text);
    } else if (typeof sensitive === "object" && sensitive !== null && typeof value === "object" && value !== null) {
      const parts = value as Readonly<Record<string, unknown>>;
      for (const [key, inner] of Object.entries(sensitive)) this.learn(parts[key], inner);
    }
  }

  /** Whether a value is, or holds, one that stood elsewhere as sensitive. */
  holds(value: unknown): boolean {
    if (typeof value !== "string" || value.length < SHORTEST_SECRET) return false;
    for (const text of this.texts) if (value.includes(text)) return true;
    return false;
  }
}

/** Shorter texts ("true", "80") stand everywhere and say nothing. */
const SHORTEST_SECRET = 6;

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/** Names of attributes that hold secrets, whether or not their provider says so. */
const SECRET_NAME =
  /(^|_)(password|passwd|secret|secret_(key|id|string|binary)|private_key|token|access_key|credentials?)$/i;

/** Texts that are secrets by their shape: keys in PEM, and tokens that begin with their issuer's mark. */
const SECRET_SHAPE =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\b(hvs|hvb|hvr)\.[\w-]{20,}|\bgh[pousr]_\w{30,}|\bglpat-[\w-]{20,}|\bxox[abp]-[\w-]{10,}/;

/** The leaves of a value, those that are known after apply and sensitive ones among them. */
export function valuesOf(value: unknown, unknown: unknown, sensitive: unknown, hash: SecretHash): PlannedValues {
  const found: Record<string, PlannedValue> = {};
  const visit = (path: Path, value: unknown, unknown: unknown, sensitive: unknown): void => {
    const place = placeText(path);
    if (unknown === true) {
      found[place] = { unknown: true };
      return;
    }
    const holder = typeof value === "object" && value !== null ? value : undefined;
    const unknownParts = typeof unknown === "object" && unknown !== null ? unknown : undefined;
    if (sensitive === true || hash.holds(value) || isSecret(path, value)) {
      found[place] = hasUnknown(unknown) ? { unknown: true } : hash.of(place, value);
      return;
    }
    const document = documentOf(value);
    if (document !== undefined) {
      for (const key of Object.keys(document).sort()) visit([...path, key], document[key], undefined, undefined);
      return;
    }
    const keys = keysOf(holder, unknownParts);
    if (keys === undefined || keys.length === 0) {
      if (value !== null && value !== undefined) found[place] = { known: value };
      return;
    }
    for (const key of keys) visit([...path, key], part(holder, key), part(unknownParts, key), part(sensitive, key));
  };
  visit([], value, unknown, sensitive);
  return found;
}

/** The object in a text that is JSON: a policy, a job. Its places are told one by one, as what changes in it is meant. */
function documentOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "string" || !value.startsWith("{")) return undefined;
  try {
    const parsed = JSON.parse(value);
    return Object.keys(parsed).length > 0 ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** An object's or a list's keys, those that are known after apply too. Undefined for what has no parts. */
function keysOf(holder: object | undefined, unknown: object | undefined): (string | number)[] | undefined {
  if (holder === undefined && unknown === undefined) return undefined;
  if (Array.isArray(holder) || (holder === undefined && Array.isArray(unknown))) {
    const length = Math.max(
      (holder as unknown[] | undefined)?.length ?? 0,
      Array.isArray(unknown) ? unknown.length : 0,
    );
    return Array.from({ length }, (_, index) => index);
  }
  return [...new Set([...Object.keys(holder ?? {}), ...Object.keys(unknown ?? {})])].sort();
}

function part(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}

function hasUnknown(unknown: unknown): boolean {
  if (typeof unknown !== "object" || unknown === null) return unknown === true;
  return Object.values(unknown).some(hasUnknown);
}

function isSecret(path: Path, value: unknown): boolean {
  if (typeof value !== "string" || value === "") return false;
  const name = [...path].reverse().find((key) => typeof key === "string");
  return (typeof name === "string" && SECRET_NAME.test(name)) || SECRET_SHAPE.test(value);
}

/** A place in the words of Terraform: `ingress[0].cidr_blocks[1]`, `tags["a b"]`. */
function placeText(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === "number") return `[${key}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}

/** JSON with sorted keys: the same for the same meaning. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? "null"
  );
}
