import fc from "fast-check";
import { expect, test } from "vitest";
import type { Product } from "../../lib/node/products";
import type { Machine, MachineGroup } from "../../lib/operate/cloud";
import type { ProductHealth, RaftServer } from "../../lib/operate/health";
import { quorum } from "../../lib/operate/quorum";
import { nextStep, type RollState } from "../../lib/operate/roll/next-step";
import { ClusterModel, type Dice } from "./cluster-model";

const all = ["vault", "consul", "nomad"] as const satisfies readonly Product[];

const machine = (n: number, over: Partial<Machine> = {}): Machine => ({
  id: `i-${n}`,
  address: `10.0.0.${n}`,
  state: "running",
  current: false,
  zone: ["c", "a", "b"][n % 3] ?? "a",
  launched: n,
  ...over,
});
const server = (n: number, over: Partial<RaftServer> = {}): RaftServer => ({
  id: String(n),
  address: `10.0.0.${n}`,
  voter: true,
  leader: n === 1,
  healthy: true,
  version: "1",
  ...over,
});
const health = (
  product: Product,
  servers: readonly RaftServer[],
  over: Partial<ProductHealth> = {},
): ProductHealth => ({
  product,
  leader: servers.find(({ leader }) => leader)?.address,
  servers,
  ...over,
});
const group = (machines: readonly Machine[], over: Partial<MachineGroup> = {}): MachineGroup => ({
  wanted: 3,
  size: 3,
  settled: true,
  machines,
  ...over,
});
const three = [server(1), server(2), server(3)];
const state = (over: Partial<RollState> = {}): RollState => ({
  runs: all,
  group: group([machine(1), machine(2), machine(3)]),
  products: all.map((product) => health(product, three)),
  replace: [],
  ...over,
});
const grown = (machines: readonly Machine[]) => group(machines, { size: 4, settled: false });
const four = [...three, server(4)];
const withFour = (servers: readonly RaftServer[] = four) => ({
  group: grown([machine(1), machine(2), machine(3), machine(4, { current: true })]),
  products: all.map((product) => health(product, servers)),
});

test("a group of the present recipe needs nothing, whoever asks", () => {
  const machines = [1, 2, 3].map((n) => machine(n, { current: true }));
  expect(nextStep(state({ group: group(machines), products: [] }))).toEqual({ do: "done" });
});

test("a new server comes before an old one goes", () => {
  expect(nextStep(state())).toEqual({ do: "grow", why: "3 of 3 servers are to be replaced" });
});

test("a machine can be replaced by its id", () => {
  const machines = [1, 2, 3].map((n) => machine(n, { current: true }));
  expect(nextStep(state({ group: group(machines), replace: ["i-2"] }))).toMatchObject({ do: "grow" });
});

test("the new one is waited for: until it runs, joins, votes, and is healthy", () => {
  const starting = grown([machine(1), machine(2), machine(3), machine(4, { current: true, state: "starting" })]);
  expect(nextStep(state({ group: starting }))).toEqual({ do: "wait", for: "i-4 to start" });
  expect(nextStep(state(withFour(three)))).toEqual({ do: "wait", for: "i-4 to join vault" });
  const asked = (over: Partial<RaftServer>) => nextStep(state(withFour([...three, server(4, over)])));
  expect(asked({ voter: false })).toEqual({ do: "wait", for: "i-4 to vote in vault" });
  expect(asked({ healthy: false })).toEqual({ do: "wait", for: "i-4 to be healthy in vault" });
});

test("leaders go last, from the fullest zone first, and the oldest", () => {
  expect(nextStep(state(withFour()))).toMatchObject({ do: "retire", machine: { id: "i-2" } });
  const crowded = grown([machine(1), machine(2), machine(3, { zone: "x" }), machine(4, { current: true, zone: "x" })]);
  expect(nextStep(state({ ...withFour(), group: crowded }))).toMatchObject({ do: "retire", machine: { id: "i-3" } });
  const last = { ...withFour(), group: grown([machine(1), ...[2, 3, 4].map((n) => machine(n, { current: true }))]) };
  expect(nextStep(state(last))).toMatchObject({
    do: "retire",
    machine: { id: "i-1" },
    why: "the last to go: it leads vault and consul and nomad",
  });
});

test("one that does no work goes first, though it be the last in order", () => {
  const servers = [server(1), server(2), server(3, { healthy: false }), server(4)];
  expect(nextStep(state(withFour(servers)))).toMatchObject({
    do: "retire",
    machine: { id: "i-3" },
    why: "it is yet to be healthy in vault",
  });
});

test("nobody goes who is needed: a quorum is counted over dead voters too", () => {
  const servers = [...four, server(8, { healthy: false }), server(9, { healthy: false })];
  expect(nextStep(state(withFour(servers)))).toEqual({ do: "wait", for: "vault to bear the loss of i-2" });
});

test("who has no machine any more is not counted on, whatever autopilot says", () => {
  const servers = [...four, server(8), server(9)];
  expect(nextStep(state(withFour(servers)))).toEqual({ do: "wait", for: "vault to bear the loss of i-2" });
});

test("who is leaving is waited for, and nothing begins while a product does no work", () => {
  const leaving = grown([machine(1, { state: "leaving" }), ...[2, 3, 4].map((n) => machine(n))]);
  expect(nextStep(state({ group: leaving }))).toEqual({ do: "wait", for: "i-1 to leave" });
  const products = [health("vault", three, { leader: undefined }), health("consul", three), health("nomad", three)];
  expect(nextStep(state({ products }))).toMatchObject({ do: "wait", for: expect.stringContaining("vault to work") });
});

test("health of the group's own products must be seen; that of others need not", () => {
  const blind = health("consul", three, { servers: undefined, unseen: "HTTP 403", denied: true });
  expect(nextStep(state({ products: [health("vault", three), blind] }))).toMatchObject({
    do: "refuse",
    why: "the health of consul's servers is not seen: HTTP 403",
  });
  expect(nextStep(state({ runs: ["vault"], products: [health("vault", three), blind] }))).toMatchObject({ do: "grow" });
  const passing = { ...blind, denied: false, unseen: "HTTP 500" };
  expect(nextStep(state({ products: [passing] }))).toMatchObject({ do: "wait" });
});

test("a single server is not rolled", () => {
  const alone = group([machine(1)], { wanted: 1, size: 1 });
  expect(nextStep(state({ group: alone }))).toMatchObject({ do: "refuse", fix: expect.stringContaining("outage") });
});

test("unless the outage is accepted: then it ends when it is well, and the next one is waited for until it works", () => {
  const products = all.map((product) => health(product, [server(1)]));
  const lone = (machines: readonly Machine[], over: Partial<RollState> = {}) =>
    nextStep(state({ group: group(machines, { wanted: 1, size: 1 }), products, outage: true, ...over }));
  expect(lone([machine(1)])).toMatchObject({ do: "retire", machine: { id: "i-1" } });
  const ill = all.map((product) => health(product, [server(1, { healthy: product !== "nomad" })]));
  expect(lone([machine(1)], { products: ill })).toEqual({ do: "wait", for: "i-1 to work: nomad does not" });
  expect(lone([machine(1, { state: "leaving" }), machine(2, { current: true })])).toEqual({
    do: "wait",
    for: "i-1 to end",
  });
  expect(lone([])).toEqual({ do: "wait", for: "the cloud to start a server" });
  const next = machine(2, { current: true });
  expect(lone([next], { products: ill })).toEqual({ do: "wait", for: "i-2 to work: nomad does not" });
  expect(lone([machine(1), next])).toMatchObject({ do: "wait" });
  expect(lone([next])).toEqual({ do: "done" });
});

test("after a smaller count the group shrinks, one at a time", () => {
  const machines = [1, 2, 3, 4, 5].map((n) => machine(n, { current: true }));
  const servers = [...four, server(5)];
  const products = all.map((product) => health(product, servers));
  expect(nextStep(state({ group: group(machines), products }))).toMatchObject({ do: "retire", machine: { id: "i-2" } });
});

test("at the end the group gets its bounds back", () => {
  const machines = [2, 3, 4].map((n) => machine(n, { current: true }));
  const products = all
    .map((product) => health(product, four.slice(1)).servers)
    .map((servers, i) => health(all[i] ?? "vault", servers ?? [], { leader: "10.0.0.2" }));
  expect(nextStep(state({ group: group(machines, { settled: false }), products }))).toEqual({ do: "settle" });
});

const anyServer = fc.record({
  id: fc.string(),
  address: fc.integer({ min: 1, max: 8 }).map((n) => `10.0.0.${n}`),
  voter: fc.boolean(),
  leader: fc.boolean(),
  healthy: fc.boolean(),
  version: fc.constant("1"),
});
const anyState: fc.Arbitrary<RollState> = fc
  .record({
    runs: fc.subarray([...all], { minLength: 1 }),
    replace: fc.subarray(["i-1", "i-2", "i-3"]),
    group: fc.record({
      wanted: fc.constantFrom(1, 3, 5),
      size: fc.integer({ min: 1, max: 6 }),
      settled: fc.boolean(),
      machines: fc.uniqueArray(
        fc.record({
          id: fc.integer({ min: 1, max: 8 }).map((n) => `i-${n}`),
          state: fc.constantFrom("starting", "running", "leaving"),
          current: fc.boolean(),
          zone: fc.constantFrom("a", "b", "c"),
          launched: fc.nat(),
        }),
        { selector: ({ id }) => id, maxLength: 7 },
      ),
    }),
    products: fc.tuple(
      ...all.map((product) =>
        fc.record({
          product: fc.constant(product),
          leader: fc.constantFrom("10.0.0.1", undefined),
          servers: fc.option(fc.uniqueArray(anyServer, { selector: ({ address }) => address, maxLength: 7 }), {
            nil: undefined,
          }),
        }),
      ),
    ),
  })
  .map(({ group: { machines, ...rest }, ...others }) => ({
    ...others,
    group: { ...rest, machines: machines.map((one) => ({ ...one, address: one.id.replace("i-", "10.0.0.") })) },
  }));

test("whatever the state, no step leaves fewer healthy voters than a quorum", () => {
  fc.assert(
    fc.property(anyState, (seen) => {
      const step = nextStep(seen);
      if (step.do !== "retire") return;
      for (const { servers = [] } of seen.products) {
        const voters = servers.filter(({ voter }) => voter);
        if (!voters.some(({ address }) => address === step.machine.address)) continue;
        const left = voters.filter(({ healthy, address }) => healthy && address !== step.machine.address);
        expect(left.length).toBeGreaterThanOrEqual(quorum(voters.length));
      }
      expect(seen.group.machines.every(({ state: at }) => at !== "leaving")).toBe(true);
      expect(seen.group.machines.length).toBeGreaterThan(seen.group.wanted);
    }),
    { numRuns: 3_000 },
  );
});

const diceOf = (numbers: readonly number[]): Dice => {
  let at = 0;
  return () => {
    at += 1;
    return numbers[at % numbers.length] ?? 0;
  };
};
const dice = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 50, maxLength: 50 });

test("every roll comes to its end, never below a quorum, whatever the pace, also when it is interrupted", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(3, 5),
      fc.subarray([...all], { minLength: 1 }),
      dice,
      fc.record({ failed: fc.option(fc.nat(4), { nil: undefined }), again: fc.option(fc.nat(60), { nil: undefined }) }),
      (wanted, runs, numbers, { failed, again }) => {
        const roll = diceOf(numbers);
        const cluster = new ClusterModel(wanted, runs, roll);
        const before = cluster.machines.map(({ id }) => id);
        if (failed !== undefined) cluster.fail(failed % wanted);
        let ticks = 0;
        for (; ticks < 1_000; ticks++) {
          // Another recipe arrives in the middle.
          if (ticks === again) cluster.recipe += 1;
          const step = nextStep(cluster.state());
          if (step.do === "done" && (again === undefined || ticks > again)) break;
          expect(step.do).not.toBe("refuse");
          // An interruption is a step that is not taken.
          if (roll() < 0.8) cluster.take(step);
          cluster.tick();
          for (const product of runs) expect(cluster.margin(product), `tick ${ticks}`).toBeGreaterThanOrEqual(0);
        }
        expect(ticks).toBeLessThan(1_000);
        const { group: end } = cluster.state();
        expect(end.machines).toHaveLength(wanted);
        expect(end.machines.every(({ current }) => current)).toBe(true);
        expect(end.machines.filter(({ id }) => before.includes(id))).toEqual([]);
        expect(end.settled).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});
