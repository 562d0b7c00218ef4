import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StackGraph } from "../../lib/gitops/stack-graph";
import { graphs } from "./arbitraries";

const diamond = new StackGraph([
  { id: "carts", dependencies: ["support", "platform"] },
  { id: "support", dependencies: ["platform"] },
  { id: "platform", dependencies: ["infrastructure"] },
  { id: "infrastructure", dependencies: [] },
  { id: "edge", dependencies: ["infrastructure"] },
]);

describe("a graph of stacks", () => {
  test("puts each stack after what it depends on, and those side by side that do not need each other", () => {
    expect(diamond.levels.map((level) => level.map(({ id }) => id))).toEqual([
      ["infrastructure"],
      ["edge", "platform"],
      ["support"],
      ["carts"],
    ]);
    expect(diamond.ids).toEqual(["infrastructure", "edge", "platform", "support", "carts"]);
  });

  test("tells what comes before a stack, however far", () => {
    expect(diamond.before("carts").map(({ id }) => id)).toEqual(["infrastructure", "platform", "support"]);
  });

  test("keeps the order of what is left when stacks are left out", () => {
    const without = diamond.subgraph(({ id }) => id !== "platform" && id !== "support");
    expect(without.get("carts").dependencies).toEqual(["infrastructure"]);
  });

  test("selects in order, whatever order is asked for", () => {
    expect(diamond.select(["carts", "edge"]).map(({ id }) => id)).toEqual(["edge", "carts"]);
  });

  test("names what is there when asked for what is not", () => {
    expect(() => diamond.get("cart")).toThrow(
      'There is no stack "cart". There are: carts, edge, infrastructure, platform, support.',
    );
  });

  test("refuses circles, gaps and doubles", () => {
    const circle = [
      { id: "a", dependencies: ["b"] },
      { id: "b", dependencies: ["a"] },
      { id: "c", dependencies: [] },
    ];
    expect(() => new StackGraph(circle)).toThrow("circle: a, b.");
    expect(() => new StackGraph([{ id: "a", dependencies: ["x"] }])).toThrow('"a" depends on "x"');
    expect(() => new StackGraph([circle[2], circle[2]].flatMap((each) => each ?? []))).toThrow("Two stacks");
  });

  test("gives every random graph a valid order, the same whatever order the stacks come in", () => {
    fc.assert(
      fc.property(graphs(), fc.integer(), (stacks, seed) => {
        const graph = new StackGraph(stacks);
        const place = new Map(graph.ids.map((id, index) => [id, index]));
        const at = (id: string) => place.get(id) ?? Number.NaN;
        expect(place.size).toBe(stacks.length);
        for (const { id, dependencies } of stacks) {
          for (const dependency of dependencies) expect(at(dependency)).toBeLessThan(at(id));
        }
        graph.levels.forEach((level, index) => {
          const earlier = new Set(graph.levels.slice(0, index).flatMap((each) => each.map(({ id }) => id)));
          for (const { dependencies } of level) expect(dependencies.every((id) => earlier.has(id))).toBe(true);
        });
        const shuffled = [...stacks].sort((a, b) => ((a.id.length * seed) % 7) - ((b.id.length * seed) % 7));
        expect(new StackGraph(shuffled.reverse()).ids).toEqual(graph.ids);
      }),
    );
  });

  test("a part of a random graph needs exactly what the whole says that it needs", () => {
    fc.assert(
      fc.property(graphs(), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (stacks, kept) => {
        const graph = new StackGraph(stacks);
        const keep = new Set(stacks.filter((_, index) => kept[index % kept.length]).map(({ id }) => id));
        const part = graph.subgraph(({ id }) => keep.has(id));
        for (const id of keep) {
          const whole = graph.before(id).filter((stack) => keep.has(stack.id));
          expect(
            part
              .before(id)
              .map((stack) => stack.id)
              .sort(),
          ).toEqual(whole.map((stack) => stack.id).sort());
        }
      }),
    );
  });
});
