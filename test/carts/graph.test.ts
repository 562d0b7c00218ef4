import fc from "fast-check";
import { expect, test } from "vitest";
import { hostClashes, staticPortClashes } from "../../lib/carts/clashes";
import type { CartCall, CartExposure, DerivedCart } from "../../lib/carts/derived";
import { cycles, jobKey, readGraph } from "../../lib/carts/graph";
import { graphPicture } from "../../lib/carts/graph-picture";

const NAMES = Array.from({ length: 12 }, (_, index) => `c${index}`);
const name = fc.constantFrom(...NAMES);

const order = fc
  .dictionary(name, fc.uniqueArray(name, { maxLength: 3 }), { maxKeys: 12 })
  .map((edges) => new Map(NAMES.map((node) => [node, new Set((edges[node] ?? []).filter((other) => other !== node))])));

/** Whether all can be taken, each after what it needs (Kahn). */
function canBeFollowed(edges: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const left = new Map([...edges].map(([node, before]) => [node, new Set(before)]));
  for (;;) {
    const free = [...left].filter(([, before]) => before.size === 0).map(([node]) => node);
    if (free.length === 0) return left.size === 0;
    for (const node of free) left.delete(node);
    for (const before of left.values()) for (const node of free) before.delete(node);
  }
}

test("a ring is found exactly where the order cannot be followed, and is one", () => {
  fc.assert(
    fc.property(order, (edges) => {
      const rings = cycles(edges);
      expect(rings.length === 0).toBe(canBeFollowed(edges));
      for (const ring of rings) {
        ring.forEach((node, index) => {
          expect(edges.get(node)?.has(ring[(index + 1) % ring.length] ?? "")).toBe(true);
        });
      }
    }),
  );
});

test("a long line is no ring, and costs no stack", () => {
  const line = new Map(
    Array.from({ length: 20_000 }, (_, index) => [`n${index}`, new Set(index < 19_999 ? [`n${index + 1}`] : [])]),
  );
  expect(cycles(line)).toEqual([]);
});

const call = (from: string, to: string, rest: Partial<CartCall> = {}): CartCall => ({
  cart: from,
  job: from,
  from,
  to,
  external: false,
  startsWithout: false,
  at: `carts.${from}.consumes`,
  ...rest,
});

const derived = (cart: string, calls: readonly CartCall[] = [], part: Partial<DerivedCart> = {}): DerivedCart => ({
  name: cart,
  jobs: [{ id: cart, group: {} }],
  services: [
    {
      name: cart,
      cart,
      job: cart,
      group: "g",
      mesh: true,
      listens: true,
      protocol: "http",
      allows: [],
      declared: true,
      at: `carts.${cart}.provides`,
    },
  ],
  calls,
  exposures: [],
  volumes: [],
  after: [],
  at: `carts.${cart}`,
  ...part,
});

interface Line {
  readonly from: string;
  readonly to: string;
  readonly external: boolean;
  readonly startsWithout: boolean;
}

const stacks = fc.record({
  carts: fc.uniqueArray(name, { minLength: 1 }),
  lines: fc.array(fc.record({ from: name, to: name, external: fc.boolean(), startsWithout: fc.boolean() })),
});

function cartsOf({ carts, lines }: { readonly carts: readonly string[]; readonly lines: readonly Line[] }) {
  return carts.map((cart) =>
    derived(
      cart,
      lines.filter(({ from, to }) => from === cart && to !== cart).map(({ to, ...rest }) => call(cart, to, rest)),
    ),
  );
}

test("a provider is missing exactly where no Cart has it and nobody says it is elsewhere", () => {
  fc.assert(
    fc.property(stacks, (given) => {
      const carts = cartsOf(given);
      const { problems } = readGraph(carts);
      const wrong = carts
        .flatMap(({ calls }) => calls)
        .filter(({ to, external }) => external === given.carts.includes(to));
      expect(problems.filter(({ property }) => property.endsWith(".service"))).toHaveLength(wrong.length);
    }),
  );
});

test("a job starts after those that it calls, and none else", () => {
  fc.assert(
    fc.property(stacks, (given) => {
      const carts = cartsOf(given);
      const { graph } = readGraph(carts);
      for (const { name: cart, calls } of carts) {
        const needed = calls
          .filter(({ external, startsWithout, to }) => !external && !startsWithout && given.carts.includes(to))
          .map(({ to }) => jobKey(to, to));
        expect([...(graph.order.get(jobKey(cart, cart)) ?? [])].sort()).toEqual([...new Set(needed)].sort());
      }
    }),
  );
});

test("each call within the stack is known to who is called", () => {
  fc.assert(
    fc.property(stacks, (given) => {
      const carts = cartsOf(given);
      const { calls } = readGraph(carts).graph;
      const inside = carts.flatMap((cart) => cart.calls).filter(({ external }) => !external);
      expect([...calls.values()].flat()).toHaveLength(inside.length);
      for (const [to, callers] of calls) expect(callers.every((one) => one.to === to)).toBe(true);
    }),
  );
});

test("the picture has each Cart once, and an arrow for each call", () => {
  fc.assert(
    fc.property(stacks, (given) => {
      const { graph } = readGraph(cartsOf(given));
      const [head, ...lines] = graphPicture(graph).trimEnd().split("\n");
      expect(head).toBe("flowchart LR");
      expect(lines.filter((line) => /^ {2}c\d+\["<b>/.test(line))).toHaveLength(given.carts.length);
      const drawn = given.lines.filter(
        ({ from, to, external }) => given.carts.includes(from) && from !== to && (external || given.carts.includes(to)),
      );
      const distinct = new Set(
        drawn.map(({ from, to, external, startsWithout }) => [from, to, external, startsWithout].join()),
      );
      expect(lines.filter((line) => line.includes("|"))).toHaveLength(distinct.size);
    }),
  );
});

const port = fc.record({
  cart: name,
  group: fc.constantFrom("a", "b"),
  port: fc.integer({ min: 80, max: 84 }),
  pool: fc.option(fc.constantFrom("gpu", "cpu", "all"), { nil: undefined }),
  hostNetwork: fc.constantFrom("default", "private"),
});

test("static ports clash exactly where one node may have both", () => {
  fc.assert(
    fc.property(fc.uniqueArray(port, { selector: ({ cart, group }) => `${cart}/${group}`, maxLength: 8 }), (ports) => {
      const carts = ports.map((one, index) =>
        derived(one.cart, [], {
          jobs: [
            {
              id: `${one.cart}-${index}`,
              ...(one.pool === undefined ? {} : { nodePool: one.pool }),
              group: {
                [one.group]: {
                  task: {},
                  network: { port: { p: { static: one.port, hostNetwork: one.hostNetwork } } },
                },
              },
            },
          ],
        }),
      );
      const meet = (a: string | undefined, b: string | undefined) =>
        [a, b].some((pool) => pool === undefined || pool === "all") || a === b;
      const clashing = ports.filter((one, index) =>
        ports
          .slice(0, index)
          .some(
            (other) => other.port === one.port && other.hostNetwork === one.hostNetwork && meet(one.pool, other.pool),
          ),
      );
      expect(staticPortClashes(carts)).toHaveLength(clashing.length);
    }),
  );
});

test("hosts clash exactly where one host has one path twice", () => {
  const exposure = fc.record({ host: name, path: fc.constantFrom("/", "/a", "/b") });
  fc.assert(
    fc.property(fc.array(exposure), (exposures) => {
      const all = exposures.map((one, index): CartExposure => ({ ...one, service: "s", cart: "c", at: `e${index}` }));
      const distinct = new Set(exposures.map(({ host, path }) => `${host}${path}`));
      expect(hostClashes(all)).toHaveLength(exposures.length - distinct.size);
    }),
  );
});
