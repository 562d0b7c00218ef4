import { expect, test } from "vitest";
import type { Machine, MachineGroup } from "../../lib/operate/cloud";
import type { ProductHealth, RaftServer } from "../../lib/operate/health";
import { judge, type Observation, verdict } from "../../lib/operate/judge";
import { aMachine } from "./fake-cloud";

const server = (n: number, over: Partial<RaftServer> = {}): RaftServer => ({
  ...{ id: String(n), address: `10.0.0.${n}`, voter: true, leader: n === 1, healthy: true, version: "1.19.5" },
  ...over,
});
const vault = (over: Partial<ProductHealth> = {}): ProductHealth => ({
  product: "vault",
  initialized: true,
  sealed: false,
  leader: "10.0.0.1",
  servers: [server(1), server(2), server(3)],
  certificateEnds: "2026-01-30T00:00:00Z",
  ...over,
});
const machines = [1, 2, 3].map((n) => aMachine(`i-${n}`, `10.0.0.${n}`));
const main = (over: Partial<MachineGroup> = {}): MachineGroup => ({
  wanted: 3,
  size: 3,
  settled: true,
  machines,
  ...over,
});
const seen = (over: Partial<Observation> = {}): Observation => ({
  environment: "prod",
  groups: { main: ["vault"] },
  products: [vault()],
  machines: { main: main() },
  unseen: [],
  at: "2026-01-10T12:00:00Z",
  ...over,
});
const said = (over: Partial<Observation>) => {
  const findings = judge(seen(over));
  return [verdict(findings), ...findings.map(({ severity, about, what }) => `${severity} ${about}: ${what}`)];
};
const withVault = (over: Partial<ProductHealth>) => said({ products: [vault(over)] });
const withMachines = (over: Partial<MachineGroup>) => said({ machines: { main: main(over) } });
const changed = (index: number, over: Partial<Machine>) =>
  machines.map((one, at) => (at === index ? { ...one, ...over } : one));

test("nothing is said of what is well", () => {
  expect(said({})).toEqual(["healthy"]);
});

test.each([
  ["nobody answers", { unreachable: "ECONNREFUSED" }, "down", "down vault: no answer: ECONNREFUSED"],
  ["not born yet", { initialized: false, sealed: true }, "down", "down vault: not initialised yet"],
  ["sealed", { sealed: true }, "down", "down vault: sealed"],
  ["no leader", { leader: undefined, servers: undefined }, "down", "down vault: nobody leads"],
  [
    "one of three ill",
    { servers: [server(1), server(2), server(3, { healthy: false })] },
    "degraded",
    "degraded vault: not healthy: 10.0.0.3; 2 of 3 voters are, 2 are needed",
  ],
  [
    "two of three ill",
    { servers: [server(1), server(2, { healthy: false }), server(3, { healthy: false })] },
    "down",
    "down vault: not healthy: 10.0.0.2, 10.0.0.3; 1 of 3 voters are, 2 are needed",
  ],
  [
    "one that does not vote",
    { servers: [server(1), server(2), server(3, { voter: false })] },
    "degraded",
    "degraded vault: 2 of 3 servers vote",
  ],
  [
    "an upgrade under way",
    { servers: [server(1), server(2), server(3, { version: "1.20.0" })] },
    "healthy",
    "warning vault: its servers have different versions: 1.19.5, 1.20.0",
  ],
  [
    "a certificate that ends",
    { certificateEnds: "2026-01-12T00:00:00Z" },
    "degraded",
    "degraded vault: the certificate of a server ends in 1 days and was not renewed",
  ],
  [
    "not to be seen",
    { servers: undefined, unseen: "HTTP 403" },
    "healthy",
    "warning vault: its servers are not seen: HTTP 403",
  ],
] as const)("%s", (_, over, expected, finding) => {
  expect(withVault(over)).toEqual([expected, finding]);
});

test("machines: too few, one too many, an older recipe, a roll that stopped", () => {
  expect(withMachines({ machines: machines.slice(1) })).toEqual([
    "degraded",
    "degraded group main: 2 of 3 servers run",
  ]);
  expect(withMachines({ machines: changed(0, { state: "starting" }) })[0]).toBe("degraded");
  expect(withMachines({ machines: changed(0, { current: false }) })).toEqual([
    "healthy",
    "warning group main: 1 of 3 servers are of an older recipe",
  ]);
  const unfinished = "warning group main: replacing its servers was not finished";
  expect(withMachines({ settled: false })).toEqual(["healthy", unfinished]);
  expect(withMachines({ size: 4, settled: false, machines: [...machines, aMachine("i-4", "10.0.0.4")] })).toEqual([
    "healthy",
    unfinished,
  ]);
});

test("snapshots: a day without one, or none at all", () => {
  expect(said({ snapshots: { vault: "2026-01-10T11:00:00Z" } })).toEqual(["healthy"]);
  expect(said({ snapshots: { vault: "2026-01-09T10:00:00Z" } })).toEqual([
    "degraded",
    "degraded vault: the last snapshot is 26 hours old",
  ]);
  expect(said({ snapshots: { vault: null } })).toEqual(["healthy", "warning vault: no snapshot yet"]);
});

test("bootstrap tokens are warned of until they are gone, after what is worse", () => {
  const products = [vault({ sealed: true })];
  expect(said({ products, bootstrapTokens: ["consul"] })).toEqual([
    "down",
    "down vault: sealed",
    "warning consul: its bootstrap token is still good",
  ]);
  expect(judge(seen({ bootstrapTokens: ["consul"] }))[0]?.fix).toContain("caravan retire-bootstrap");
});
