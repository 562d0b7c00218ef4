/** A construct of the picture: the resources that it holds, and the constructs whose resources they refer to. */
interface Box {
  readonly path: readonly string[];
  readonly types: Map<string, number>;
  readonly uses: Set<string>;
}

type Bodies = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/**
 * A picture of what a stack makes, as a flow chart of Mermaid, which GitHub and GitLab draw: a box for each construct with its
 * resources, arrows to what these refer to. Arrows that follow from others are left out.
 *
 * ```ts
 * import { readFileSync } from "node:fs";
 * const terraform = JSON.parse(readFileSync("cdktf.out/stacks/prod-infrastructure/cdk.tf.json", "utf8"));
 * console.log(stackPicture(terraform));
 * ```
 *
 * @param terraform The content of a stack's `cdk.tf.json`.
 */
export function stackPicture(terraform: unknown): string {
  const { resource = {} } = (terraform ?? {}) as { readonly resource?: Bodies };
  const boxes = boxesOf(resource);
  const ids = new Map([...boxes.keys()].map((key, index) => [key, `b${index}`]));
  const arrows = reduced(new Map([...boxes].map(([key, { uses }]) => [key, uses])));
  const inFrames = new Map<string, string[]>();
  for (const [key, box] of boxes) {
    const frame = box.path.slice(0, -1).join("/");
    const line = `${ids.get(key)}["<b>${escaped(box.path.at(-1) ?? "")}</b><br/>${contents(box.types)}"]`;
    inFrames.set(frame, [...(inFrames.get(frame) ?? []), line]);
  }
  return [
    "flowchart LR",
    ...[...inFrames].flatMap(([frame, lines], index) =>
      frame === ""
        ? lines.map((line) => `  ${line}`)
        : [`  subgraph f${index}["${escaped(frame)}"]`, ...lines.map((line) => `    ${line}`), "  end"],
    ),
    ...[...arrows].flatMap(([from, targets]) => targets.map((to) => `  ${ids.get(from)} --> ${ids.get(to)}`)),
    "",
  ].join("\n");
}

/** Text in Mermaid's quotes: https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters */
function escaped(text: string): string {
  return text.replace(/[#"<>]/g, (character) => `#${character.charCodeAt(0)};`);
}

function boxesOf(resource: Bodies): Map<string, Box> {
  const resources = Object.entries(resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, body]) => ({
      type,
      address: `${type}.${name}`,
      body,
      path: pathOf(name, body),
    })),
  );
  // What holds a resource of its own is a box, with all below it; what only holds others is a frame.
  const holders = new Set(resources.map(({ path }) => path.slice(0, -1).join("/")));
  const boxPath = (path: readonly string[]) => {
    const depth = path.findIndex((_, index) => index > 0 && holders.has(path.slice(0, index).join("/")));
    return depth === -1 ? path : path.slice(0, depth);
  };
  const boxes = new Map<string, Box>();
  const boxOf = new Map<string, string>();
  for (const { type, address, path } of resources) {
    const at = boxPath(path);
    const key = at.join("/");
    const box = boxes.get(key) ?? { path: at, types: new Map(), uses: new Set() };
    boxes.set(key, box);
    boxOf.set(address, key);
    box.types.set(type, (box.types.get(type) ?? 0) + 1);
  }
  for (const { address, body } of resources) {
    const key = boxOf.get(address) ?? "";
    const { "//": _, ...values } = body;
    for (const [reference] of JSON.stringify(values).matchAll(/(?<![\w.-])[a-z][a-z0-9]*_\w+\.[\w-]+/g)) {
      const other = boxOf.get(reference);
      if (other !== undefined && other !== key) boxes.get(key)?.uses.add(other);
    }
  }
  return boxes;
}

/** The ids of a resource's constructs below its stack. `Default` is its parent's other name. */
function pathOf(name: string, body: Readonly<Record<string, unknown>>): string[] {
  const comment = body["//"] as { readonly metadata?: { readonly path?: string } } | undefined;
  const [, ...ids] = (comment?.metadata?.path ?? `/${name}`).split("/");
  const own = ids.slice(0, -1).filter((id) => id !== "Default");
  return [...own, ids.at(-1) ?? name];
}

/** `"subnet × 6, vpc"`: without what only belongs to another type of the same box, as `lb_listener` does to `lb`. */
function contents(types: ReadonlyMap<string, number>): string {
  const all = [...types.keys()];
  return all
    .filter((type) => !all.some((other) => type.startsWith(`${other}_`)))
    .sort()
    .map((type) => {
      const number = types.get(type) ?? 1;
      return `${type.slice(type.indexOf("_") + 1)}${number === 1 ? "" : ` × ${number}`}`;
    })
    .join("<br/>");
}

/** The arrows that no way over others replaces. Where boxes refer to each other in a ring, all stay. */
function reduced(uses: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string[]> {
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const next of uses.get(from) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      reach(next, seen);
    }
    return seen;
  };
  const reachable = new Map([...uses.keys()].map((key) => [key, reach(key)]));
  const isReplaced = (from: string, to: string) =>
    [...(uses.get(from) ?? [])].some(
      (by) => by !== to && reachable.get(by)?.has(to) && !reachable.get(to)?.has(by) && !reachable.get(by)?.has(from),
    );
  return new Map([...uses].map(([from, targets]) => [from, [...targets].filter((to) => !isReplaced(from, to))]));
}
