export type Path = readonly (string | number)[];
type Parent = Record<string | number, unknown>;

/** Every place in a value but the value itself. */
export function placesIn(value: unknown, path: Path = []): Path[] {
  const own = path.length === 0 ? [] : [path];
  if (typeof value !== "object" || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

/** A copy of a value with one place changed; left out where `change` gives undefined. Says what was done. */
export function withSlip<T>(value: T, path: Path, change: (old: unknown) => unknown): { copy: T; slip: string } {
  const copy = structuredClone(value);
  const parent = path.slice(0, -1).reduce<Parent>((at, step) => at[step] as Parent, copy as Parent);
  const last = path.at(-1) ?? "";
  const [before, after] = [parent[last], change(parent[last])];
  if (after !== undefined) parent[last] = after;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  const now = typeof after === "object" ? "an object" : String(after);
  return { copy, slip: `${path.join(".")}: ${JSON.stringify(before)} became ${now}` };
}
