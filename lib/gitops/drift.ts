import { type JobPlan, jobsOf, lookAtJobs, type NomadApi } from "./nomad-jobs";
import { meaningDigest, meaningOf } from "./plan/meaning";
import { type StackPlan, stateOf } from "./plan/stack-plan";
import type { SynthesizedStack } from "./stacks";
import { newKey } from "./store/plan-store";
import type { Workspace } from "./workspace";

/**
 * What a look for drift says of a stack:
 *
 * - `none`: what is there is what was applied.
 * - `drift`: somebody changed what is there, or it is gone.
 * - `pending`: this is not what was applied last; look at the commit that was.
 * - `busy`: an apply is under way.
 * - `never applied`, `error`.
 */
export type DriftState = "none" | "drift" | "pending" | "busy" | "never applied" | "error";

export interface Drift {
  readonly stack: string;
  readonly state: DriftState;
  /** What an apply would put right. */
  readonly plan?: StackPlan;
  /** Nomad jobs that are not as they were applied: Terraform does not see those. */
  readonly jobs?: readonly JobPlan[];
  /** The commit that was applied last. */
  readonly applied?: string;
  readonly message?: string;
  /** By this an apply is told to put it right: the digest of the plan, once that is kept. */
  readonly digest?: string;
}

export interface DriftOptions {
  /** Ids of the stacks to look at; all of them if none is given. */
  readonly only: readonly string[];
  /** @default - Nomad's jobs are not looked at */
  readonly nomad?: NomadApi;
  /** Whether the plan that would put it right is kept, so that somebody can approve it. @default false */
  readonly keep?: boolean;
}

/** Looks whether what is there is still what was applied, stack after stack. Changes nothing. */
export async function findDrift(workspace: Workspace, options: DriftOptions): Promise<Drift[]> {
  const found: Drift[] = [];
  for (const stack of workspace.stacks.select(options.only)) {
    const drift = await driftOf(workspace, stack, options).catch((error: unknown): Drift => {
      return { stack: stack.id, state: "error", message: error instanceof Error ? error.message : String(error) };
    });
    workspace.props.progress.step(stack.id, drift.state);
    found.push(drift);
  }
  return found;
}

async function driftOf(
  workspace: Workspace,
  stack: SynthesizedStack,
  { nomad, keep = false }: DriftOptions,
): Promise<Drift> {
  const store = workspace.store(stack);
  const last = await store.last();
  if (last !== undefined && last.endedAt === undefined && Date.now() - Date.parse(last.startedAt) < LONGEST_APPLY_MS) {
    return { stack: stack.id, state: "busy", message: `${last.by.person} applies it since ${last.startedAt}` };
  }
  const record = await store.applied();
  const state = await workspace.state(stack);
  if (record === undefined || state === undefined) return { stack: stack.id, state: "never applied" };
  const applied = record.commit;
  if (record.inputs !== undefined && record.inputs !== (await workspace.inputs(stack))) {
    return { stack: stack.id, state: "pending", applied };
  }
  const terraform = workspace.terraform(stack);
  const { plan } = await terraform.plan({ lock: false });
  const key = newKey();
  const meaning = meaningOf(plan, key);
  const shown: StackPlan = { stack: stack.id, state: stateOf(meaning, []), meaning };
  const digest = keep && meaning.changes.length > 0 ? meaningDigest(meaning) : undefined;
  if (digest !== undefined) {
    const { actor: by, commit } = workspace.props;
    await store.keepAsked(digest, { version: 1, commit, plan: shown, key, shownAt: new Date().toISOString(), by });
  }
  const registered = jobsOf(state);
  const jobs = nomad === undefined ? [] : await lookAtJobs(nomad, registered);
  const unseen = nomad === undefined && registered.length > 0;
  return {
    stack: stack.id,
    state: meaning.changes.length > 0 || jobs.length > 0 ? "drift" : "none",
    plan: shown,
    jobs,
    applied,
    ...(digest === undefined ? {} : { digest }),
    ...(unseen ? { message: `${registered.length} Nomad jobs were not looked at: there is no NOMAD_ADDR` } : {}),
  };
}

/** A record without an end that is older is of an apply that was killed. */
const LONGEST_APPLY_MS = 6 * 3_600_000;

/**
 * The commit to look for drift at: the one whose apply was the last to succeed.
 */
export async function lastAppliedCommit(workspace: Workspace, only: readonly string[]): Promise<string | undefined> {
  const records = await Promise.all(workspace.stacks.select(only).map((stack) => workspace.store(stack).applied()));
  const newest = records
    .filter((record) => record !== undefined)
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
  return newest?.commit;
}
