import type { JobPlan } from "../nomad-jobs";
import type { PlanMeaning, PlannedChange, Verb } from "./meaning";

/**
 * What a plan says of a stack:
 *
 * - `no change`, `changes`, `destroys` (something is deleted or replaced);
 * - `provisional`: a stack below it changes as well, so that its own plan may still change;
 * - `deferred`: a stack below it was never applied, so that it cannot be planned yet;
 * - `error`: Terraform could not plan it.
 */
export type PlanState = "no change" | "changes" | "destroys" | "provisional" | "deferred" | "error";

/** The plan of one stack, as it is shown and stored. */
export interface StackPlan {
  readonly stack: string;
  readonly state: PlanState;
  /** The plan itself; absent where there is none. */
  readonly meaning?: PlanMeaning;
  /** The stacks below it that make it provisional or deferred. */
  readonly upstream?: readonly string[];
  /** Whether it was not planned since nothing that it is made of has changed since its last apply. */
  readonly unaffected?: boolean;
  /** What Nomad itself would do with the stack's jobs; it sees what Terraform does not. No part of the plan's meaning. */
  readonly jobs?: readonly JobPlan[];
  /** Why Nomad was not asked about the stack's jobs. */
  readonly jobsUnseen?: string;
  /** What went wrong. */
  readonly message?: string;
}

/** The state of a stack that was planned. */
export function stateOf(meaning: PlanMeaning, changingUpstream: readonly string[]): PlanState {
  if (meaning.changes.some(destroys)) return "destroys";
  if (changingUpstream.length > 0) return "provisional";
  return meaning.changes.length > 0 ? "changes" : "no change";
}

/** Whether a stack in this state may be different once everything is applied. */
export function isChanging({ state }: StackPlan): boolean {
  return state !== "no change";
}

/** Whether a change takes something away. An output is only a word of what is there. */
export function destroys(change: PlannedChange): boolean {
  return !isOutput(change) && (change.verb === "delete" || change.verb === "replace");
}

/** How many resources a plan changes, by what it does to them. */
export function countVerbs(meaning: PlanMeaning | undefined): Readonly<Record<Verb, number>> {
  const counts = { create: 0, update: 0, replace: 0, delete: 0, forget: 0, import: 0, move: 0 };
  for (const { verb } of meaning?.changes.filter((change) => !isOutput(change)) ?? []) counts[verb]++;
  return counts;
}

/** The counts in words: `2 to create, 1 to delete, 1 output`. */
export function countText(meaning: PlanMeaning | undefined): string {
  const outputs = meaning?.changes.filter(isOutput).length ?? 0;
  const parts = [
    ...Object.entries(countVerbs(meaning))
      .filter(([, count]) => count > 0)
      .map(([verb, count]) => `${count} to ${verb}`),
    ...(outputs === 0 ? [] : [`${outputs} output${outputs === 1 ? "" : "s"}`]),
  ];
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

function isOutput({ address }: PlannedChange): boolean {
  return address.startsWith("output.");
}
