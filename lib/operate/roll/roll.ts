import { parseDuration } from "../../core/values";
import { products } from "../../node/products";
import { type Bounds, Deadline } from "../bounds";
import type { Cloud, MachineGroup } from "../cloud";
import { OperateError } from "../errors";
import { productHealth } from "../health";
import { demandCloud, type Living, productsOf } from "../living";
import { nextStep, type RollState, type RollStep } from "./next-step";

export interface RollOptions extends Bounds {
  /**
   * Names of the server groups to roll, one after the other.
   *
   * @default - all, that of Vault first
   */
  readonly groups?: readonly string[];
  /**
   * Ids of machines to replace although they are of the present recipe, such as one that is ill.
   *
   * @default - only those of an older recipe
   */
  readonly replace?: readonly string[];
  /**
   * Whether a group of one may be rolled too. It does no work from the moment its machine leaves until the next one has its data:
   * some minutes.
   *
   * @default false
   */
  readonly outage?: boolean;
  /**
   * How long one thing is waited for: a server that is to join, or to leave.
   *
   * @default "20m"
   */
  readonly patience?: string;
  /**
   * How often to look.
   *
   * @default "3s"
   */
  readonly every?: string;
}

/** What a roll did. */
export interface RollResult {
  readonly environment: string;
  readonly groups: readonly {
    readonly name: string;
    /** Ids of the servers that went, in order. */
    readonly retired: readonly string[];
    /** Ids of the servers that it ended with. */
    readonly machines: readonly string[];
  }[];
}

/** What a roll would do. */
export interface RollPreview {
  readonly environment: string;
  readonly groups: readonly {
    readonly name: string;
    /** Ids of the servers that are to be replaced. */
    readonly due: readonly string[];
    readonly next: RollStep;
  }[];
}

const TIMEOUT = "3h";
const PATIENCE = "20m";
const EVERY = "3s";

/**
 * Replaces the servers that were started from an older recipe, one at a time: a new one is started and is a healthy voter of
 * everything before an old one leaves, leaders last. Each step is decided from what machines and raft say at that moment, so that
 * a roll that was interrupted is taken up where it stopped, by whoever runs it again. It never retires a server that a quorum needs.
 *
 * @param options `timeout` is `"3h"` if it is not given.
 * @throws OperateError of kind `refused` where no step is safe, of kind `timeout` where a server does not join or leave
 */
export async function roll(living: Living, options: RollOptions = {}): Promise<RollResult> {
  const deadline = new Deadline(options, TIMEOUT);
  const groups: RollResult["groups"][number][] = [];
  for (const name of groupsToRoll(living, options)) {
    groups.push(await rollGroup(living, name, options, deadline));
  }
  return { environment: living.environment, groups };
}

/** What `roll` would replace, and its first step. It changes nothing. */
export async function previewRoll(living: Living, options: RollOptions = {}): Promise<RollPreview> {
  const deadline = new Deadline(options, "2m");
  const groups = groupsToRoll(living, options).map(async (name) => {
    const state = await look(living, name, options, deadline.signal);
    const due = state.group.machines.filter(({ id, current }) => !current || state.replace.includes(id));
    return { name, due: due.map(({ id }) => id), next: nextStep(state) };
  });
  return { environment: living.environment, groups: await Promise.all(groups) };
}

/** In the order in which products start: Consul and Nomad of a newer version may want a newer Vault, never the other way. */
function groupsToRoll({ groups }: Living, options: RollOptions): readonly string[] {
  const first = (name: string) => products.findIndex((product) => groups[name]?.includes(product));
  const names = options.groups ?? Object.keys(groups).sort((a, b) => first(a) - first(b));
  const unknown = names.find((name) => !(name in groups));
  if (unknown === undefined) return names;
  throw new OperateError(
    "failed",
    `there is no server group "${unknown}"`,
    `name one of these: ${Object.keys(groups).join(", ")}`,
  );
}

async function rollGroup(living: Living, name: string, options: RollOptions, deadline: Deadline) {
  const cloud = demandCloud(living);
  const patience = parseDuration(options.patience ?? PATIENCE, "ms");
  const every = parseDuration(options.every ?? EVERY, "ms");
  const retired: string[] = [];
  const report = (line: string) => deadline.report(`${name}: ${line}`);
  let agreed: string | undefined;
  let waiting = { for: "", since: Date.now() };
  for (;;) {
    const state = await look(living, name, options, deadline.signal, retired);
    const step = nextStep(state);
    // Whoever takes a server away looks twice: health that flickers is no health.
    const sure = step.do !== "retire" || agreed === step.machine.id;
    agreed = step.do === "retire" ? step.machine.id : undefined;
    if (step.do !== "wait") waiting = { for: "", since: Date.now() };
    if (step.do === "done") return { name, retired, machines: state.group.machines.map(({ id }) => id) };
    if (step.do === "refuse") throw new OperateError("refused", `${name}: ${step.why}`, step.fix);
    if (step.do === "wait") {
      if (step.for !== waiting.for) {
        report(`waiting for ${step.for}`);
        waiting = { for: step.for, since: Date.now() };
      }
      if (Date.now() - waiting.since > patience) throw late(name, step.for, options.patience ?? PATIENCE);
    } else if (sure) {
      await take(cloud, name, step, state.group, report, deadline.signal);
      if (step.do === "retire") retired.push(step.machine.id);
    }
    if (deadline.passed) throw late(name, step.do === "wait" ? step.for : step.do, options.timeout ?? TIMEOUT);
    await deadline.rest(every);
  }
}

async function take(
  cloud: Cloud,
  name: string,
  step: RollStep,
  group: MachineGroup,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  switch (step.do) {
    case "grow":
      report(`starting a server: ${step.why}`);
      return cloud.grow(name, signal);
    case "retire":
      report(`retiring ${step.machine.id} (${step.machine.address ?? "no address"}): ${step.why}`);
      return cloud.retire(name, step.machine.id, signal);
    case "settle":
      report(`all ${group.wanted} servers are of the present recipe`);
      return cloud.settle(name, signal);
    default:
  }
}

async function look(
  living: Living,
  name: string,
  { replace = [], outage }: RollOptions,
  signal: AbortSignal,
  retired: readonly string[] = [],
): Promise<RollState> {
  const [group, ...health] = await Promise.all([
    demandCloud(living).group(name, signal),
    ...productsOf(living).map((product) => productHealth(living.clients[product], signal)),
  ]);
  // The cloud may take a moment to say of a machine that it is leaving.
  const machines = group.machines.map((machine) =>
    retired.includes(machine.id) ? ({ ...machine, state: "leaving" } as const) : machine,
  );
  return { runs: living.groups[name] ?? [], group: { ...group, machines }, products: health, replace, outage };
}

function late(name: string, what: string, within: string): OperateError {
  return new OperateError(
    "timeout",
    `${name}: waited ${within} in vain for ${what}`,
    "look at that server: its serial console, caravan-node status. What was done stays done; run caravan roll again to go on",
  );
}
