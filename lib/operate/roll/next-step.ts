import type { Product } from "../../node/products";
import type { Machine, MachineGroup } from "../cloud";
import type { ProductHealth } from "../health";
import { quorum, votersOf, works } from "../quorum";

/** Everything that decides what comes next, as it is seen at one moment. Nothing is remembered from step to step. */
export interface RollState {
  /** The products that the group's servers run. */
  readonly runs: readonly Product[];
  readonly group: MachineGroup;
  /** All products of the environment, those of other groups too. */
  readonly products: readonly ProductHealth[];
  /** Ids of machines to replace although they are of the present recipe. */
  readonly replace: readonly string[];
  /**
   * Whether a lone server may be replaced, with an outage while its data goes over to the next machine.
   *
   * @default false
   */
  readonly outage?: boolean;
}

export type RollStep =
  /** Start one server more. */
  | { readonly do: "grow"; readonly why: string }
  /** End a server. */
  | { readonly do: "retire"; readonly machine: Machine; readonly why: string }
  /** Look again: something is under way, or not well. */
  | { readonly do: "wait"; readonly for: string }
  /** Give the group the bounds back that the infrastructure made. */
  | { readonly do: "settle" }
  /** Nothing would be safe, however long one waited. */
  | { readonly do: "refuse"; readonly why: string; readonly fix: string }
  | { readonly do: "done" };

/**
 * The next step in replacing the servers of a group, one at a time, a new one before an old one goes, leaders last.
 *
 * A server is retired only where every product in which it votes keeps a quorum of healthy voters without it, counted as if it
 * died on the spot instead of leaving. Two who roll at the same time come to the same step.
 */
export function nextStep(state: RollState): RollStep {
  const { group, runs, products } = state;
  const leaving = group.machines.filter(({ state: now }) => now === "leaving");
  const present = group.machines.filter(({ state: now }) => now !== "leaving");
  const due = present.filter((machine) => isDue(state, machine));
  const surplus = present.length - group.wanted;
  const atRest = due.length === 0 && surplus === 0 && leaving.length === 0 && group.settled;
  if (atRest && !(group.wanted === 1 && state.outage)) return { do: "done" };
  if (group.wanted === 1 && state.outage === true) return replaceAlone(state, due, present, leaving);
  if (group.wanted < 3 && (due.length > 0 || surplus > 0)) return few(group);

  if (leaving.length > 0) return wait(`${leaving.map(({ id }) => id).join(", ")} to leave`);
  const idle = products.find((health) => !works(health));
  if (idle !== undefined)
    return wait(`${idle.product} to work: ${idle.unreachable ?? "it is sealed or has no leader"}`);
  const blind = products.find(({ product, servers }) => runs.includes(product) && servers === undefined);
  if (blind?.denied) return unseen(blind);
  if (blind !== undefined) return wait(`the health of ${blind.product}'s servers to be told: ${blind.unseen}`);
  const unready = present.find((machine) => !isDue(state, machine) && lacks(state, machine) !== undefined);
  if (unready !== undefined) return wait(`${unready.id} ${lacks(state, unready)}`);

  if (surplus > 0) return shrink(state, due.length > 0 ? due : present, present);
  if (surplus < 0 || group.size > group.wanted) {
    return due.length > 0 || surplus < 0 ? wait("the cloud to start a server") : { do: "settle" };
  }
  if (due.length > 0) return { do: "grow", why: `${due.length} of ${group.wanted} servers are to be replaced` };
  return { do: "settle" };
}

function isDue({ replace }: RollState, { id, current }: Machine): boolean {
  return !current || replace.includes(id);
}

function wait(what: string): RollStep {
  return { do: "wait", for: what };
}

function few({ wanted }: MachineGroup): RollStep {
  return {
    do: "refuse",
    why: `a group of ${wanted} cannot lose a server without an outage, and none joins it before`,
    fix: "run three; or accept the outage of some minutes: the option outage (caravan roll --outage), for a group of one",
  };
}

/** Its volume goes over to the machine that the cloud starts in its place. Nothing begins while it is not well. */
function replaceAlone(
  { runs, products }: RollState,
  due: readonly Machine[],
  present: readonly Machine[],
  leaving: readonly Machine[],
): RollStep {
  const [machine, another] = present;
  if (leaving.length > 0) return wait(`${leaving.map(({ id }) => id).join(", ")} to end`);
  if (machine === undefined) return wait("the cloud to start a server");
  if (another !== undefined) return wait(`one of ${machine.id}, ${another.id} to end: two cannot share the data`);
  const idle = products.find(
    (health) =>
      runs.includes(health.product) &&
      !(works(health) && (health.servers ?? []).some(({ voter, healthy }) => voter && healthy)),
  );
  if (machine.state === "starting" || idle !== undefined) {
    return wait(`${machine.id} to work${idle === undefined ? "" : `: ${idle.product} does not`}`);
  }
  if (due.length === 0) return { do: "done" };
  return { do: "retire", machine, why: "its data goes over to the next machine; until then nothing works" };
}

function unseen({ product, unseen: why = "no reason given" }: ProductHealth): RollStep {
  return {
    do: "refuse",
    why: `the health of ${product}'s servers is not seen: ${why}`,
    fix: "act as somebody who may read it: the deployer, or with tokens in the environment",
  };
}

/** What a machine has yet to become in one of the group's products; nothing if it is a healthy voter in all. */
function lacks({ runs, products }: RollState, { address, state }: Machine): string | undefined {
  if (state === "starting") return "to start";
  for (const { product, servers = [] } of products.filter((health) => runs.includes(health.product))) {
    const server = servers.find((one) => one.address === address);
    if (server === undefined) return `to join ${product}`;
    if (!server.voter) return `to vote in ${product}`;
    if (!server.healthy) return `to be healthy in ${product}`;
  }
  return undefined;
}

function shrink(state: RollState, candidates: readonly Machine[], present: readonly Machine[]): RollStep {
  const inZone = (machine: Machine) => present.filter(({ zone }) => zone === machine.zone).length;
  const rank = (machine: Machine): number[] => [
    // What does no work goes first, leaders last; then from the fullest zone, and the oldest.
    lacks(state, machine) === undefined ? 1 : 0,
    leads(state, machine).length,
    -inZone(machine),
    machine.launched,
  ];
  const ranked = [...candidates].sort((a, b) => compare(rank(a), rank(b)) || (a.id < b.id ? -1 : 1));
  const machine = ranked.find((one) => costs(state, one) === undefined);
  if (machine !== undefined) return { do: "retire", machine, why: reasonFor(state, machine) };
  const [first] = ranked;
  return wait(first === undefined ? "a server to retire" : `${costs(state, first)} to bear the loss of ${first.id}`);
}

function reasonFor(state: RollState, machine: Machine): string {
  const lacking = lacks(state, machine);
  if (lacking !== undefined) return `it is ${lacking.replace(/^to (\w+)/, "yet to $1")}`;
  const led = leads(state, machine);
  return led.length === 0 ? "others work in its place" : `the last to go: it leads ${led.join(" and ")}`;
}

function leads({ products }: RollState, { address }: Machine): Product[] {
  return products
    .filter(({ servers = [] }) => servers.some((server) => server.leader && server.address === address))
    .map(({ product }) => product);
}

/**
 * The product that would lose its quorum with this machine, if there is one. Autopilot's word may be seconds old: who has no
 * machine any more counts as a voter, and as none that is healthy.
 */
function costs({ products, group }: RollState, { address }: Machine): Product | undefined {
  const there = group.machines.filter(({ state }) => state === "running").map((machine) => machine.address);
  return products.find(({ servers = [] }) => {
    const voters = votersOf(servers);
    if (!voters.some((server) => server.address === address)) return false;
    const left = voters.filter(
      (server) => server.healthy && server.address !== address && there.includes(server.address),
    ).length;
    return left < quorum(voters.length);
  })?.product;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
