import { CaravanError } from "../core/errors";

/** What stands in a graph: an id, and the ids of what comes before it. */
export interface GraphNode {
  readonly id: string;
  readonly dependencies: readonly string[];
}

/** Stacks and their order. Every answer is sorted, so that the same stacks give the same pipeline on every machine. */
export class StackGraph<T extends GraphNode> {
  private readonly byId: ReadonlyMap<string, T>;
  private readonly ordered: readonly (readonly T[])[];

  /** @throws CaravanError for a dependency that is not there, a cycle, or two stacks of one id */
  constructor(stacks: readonly T[]) {
    this.byId = new Map(stacks.map((stack) => [stack.id, stack]));
    if (this.byId.size < stacks.length) throw new CaravanError("Two stacks have one id. Rename one of them.");
    for (const { id, dependencies } of stacks) {
      const missing = dependencies.find((dependency) => !this.byId.has(dependency));
      if (missing !== undefined) throw new CaravanError(`Stack "${id}" depends on "${missing}", which is not there.`);
    }
    this.ordered = levelsOf(stacks);
  }

  /** All stacks, each after those that it depends on. */
  get order(): readonly T[] {
    return this.ordered.flat();
  }

  /** Stacks that can be applied at the same time, level after level. */
  get levels(): readonly (readonly T[])[] {
    return this.ordered;
  }

  get ids(): readonly string[] {
    return this.order.map(({ id }) => id);
  }

  /** @throws CaravanError naming the stacks that there are */
  get(id: string): T {
    const stack = this.byId.get(id);
    if (stack !== undefined) return stack;
    throw new CaravanError(`There is no stack "${id}". There are: ${[...this.byId.keys()].sort().join(", ")}.`);
  }

  /** The stacks of the given ids in their order; all of them if none is given. */
  select(ids: readonly string[]): readonly T[] {
    for (const id of ids) this.get(id);
    return ids.length === 0 ? this.order : this.order.filter(({ id }) => ids.includes(id));
  }

  /** Everything that comes before a stack, in order. */
  before(id: string): readonly T[] {
    const found = new Set<string>();
    const visit = (each: string) => {
      for (const dependency of this.get(each).dependencies) {
        if (found.has(dependency)) continue;
        found.add(dependency);
        visit(dependency);
      }
    };
    visit(id);
    return this.order.filter((stack) => found.has(stack.id));
  }

  /** The graph of some of its stacks: what one needs only through a stack that is left out, it needs directly. */
  subgraph(keep: (stack: T) => boolean): StackGraph<T> {
    const kept = new Set(this.order.filter(keep).map(({ id }) => id));
    const nearest = (id: string): string[] =>
      this.get(id).dependencies.flatMap((dependency) => (kept.has(dependency) ? [dependency] : nearest(dependency)));
    return new StackGraph(
      this.order
        .filter(({ id }) => kept.has(id))
        .map((stack) => ({ ...stack, dependencies: [...new Set(nearest(stack.id))].sort() })),
    );
  }
}

function levelsOf<T extends GraphNode>(stacks: readonly T[]): T[][] {
  const levels: T[][] = [];
  const done = new Set<string>();
  while (done.size < stacks.length) {
    const level = stacks
      .filter(({ id, dependencies }) => !done.has(id) && dependencies.every((dependency) => done.has(dependency)))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (level.length === 0) {
      const left = stacks.filter(({ id }) => !done.has(id)).map(({ id }) => id);
      throw new CaravanError(`Stacks depend on each other in a circle: ${left.sort().join(", ")}.`);
    }
    for (const { id } of level) done.add(id);
    levels.push(level);
  }
  return levels;
}
