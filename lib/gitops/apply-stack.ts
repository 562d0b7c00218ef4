import { CaravanError } from "../core/errors";
import { differenceLines, differences } from "./plan/compare";
import { meaningDigest, meaningOf, type PlanMeaning } from "./plan/meaning";
import { countText, type StackPlan, stateOf } from "./plan/stack-plan";
import { isUnaffected } from "./plan-stacks";
import type { SynthesizedStack } from "./stacks";
import { type ApplyRecord, newKey, type PlanStore, type ShownPlan } from "./store/plan-store";
import { type SavedPlan, TerraformError, type TerraformRunner } from "./terraform";
import type { Workspace } from "./workspace";

export interface ApplyOptions {
  /** The commit for which the pull request showed its plan. */
  readonly shownFor?: string;
  /** Digest of a plan that an earlier apply showed, and that somebody approved. */
  readonly approved?: string;
  /**
   * Whether a stack is applied whose plan could not be shown by the pull request, since a stack below it was not there yet.
   *
   * @default false - it is shown, and waits for somebody's word
   */
  readonly applyDeferred?: boolean;
  /**
   * Asks a person at a terminal whether a plan may be applied that nobody was shown.
   *
   * @default - there is nobody to ask
   */
  readonly ask?: (plan: StackPlan, reasons: readonly string[]) => Promise<boolean>;
}

/** What became of an apply. */
export type ApplyOutcome =
  /** Nothing had changed since the last apply, or the plan was empty. */
  | { readonly kind: "no change" }
  | { readonly kind: "applied"; readonly changes: string }
  /** It did not do what was shown, or nothing was shown: somebody must look. */
  | {
      readonly kind: "stopped";
      readonly reasons: readonly string[];
      readonly plan: StackPlan;
      /** Approves exactly this plan. */
      readonly digest: string;
    }
  /** Terraform failed on the way. What is left to do was planned anew. */
  | { readonly kind: "failed"; readonly message: string; readonly left?: StackPlan };

/**
 * Applies a stack: plans it anew, compares with the plan that was shown, and applies its own plan if both mean the same.
 * Never applies a plan that somebody else made, and keeps a record whatever happens.
 */
export async function applyStack(
  workspace: Workspace,
  stack: SynthesizedStack,
  options: ApplyOptions = {},
  tries = 3,
): Promise<ApplyOutcome> {
  const { actor, commit, progress } = workspace.props;
  const store = workspace.store(stack);
  const shown = await findShown(store, options);
  const last = await store.last();
  const mayBeUnaffected = options.approved === undefined && (shown?.plan.unaffected ?? true);
  if (mayBeUnaffected && (await isUnaffected(workspace, stack))) return { kind: "no change" };
  const missing = await workspace.missingBelow(stack);
  if (missing.length > 0) {
    return {
      kind: "failed",
      message: `${stack.id} needs ${missing.join(", ")}, which was never applied. Apply that first.`,
    };
  }

  const startedAt = new Date().toISOString();
  const inputs = await workspace.inputs(stack);
  const partial = last?.commit === commit && last.partial === true;
  let record: ApplyRecord = { version: 1, stack: stack.id, commit, result: "planning", by: actor, startedAt, partial };
  const keep = async (change: Partial<ApplyRecord>) => {
    record = { ...record, ...change };
    await store.keepRecord(record);
  };
  const end = (change: Partial<ApplyRecord>) => keep({ ...change, endedAt: new Date().toISOString() });

  const terraform = workspace.terraform(stack);
  let saved: SavedPlan;
  // An apply that is under way, or was killed: its record stays until its lock is gone.
  const underWay = last !== undefined && last.endedAt === undefined;
  try {
    if (!underWay) await keep({});
    await terraform.init();
    saved = await planLocked(workspace, terraform, stack, last);
  } catch (error) {
    const message = messageOf(error);
    if (underWay && error instanceof TerraformError && error.lock !== undefined) return { kind: "failed", message };
    await end({ result: "failed", message });
    return { kind: "failed", message };
  }

  const key = shown?.key ?? newKey();
  const meaning = meaningOf(saved.plan, key);
  const changes = countText(meaning);
  const plan: StackPlan = { stack: stack.id, state: stateOf(meaning, []), meaning };
  if (meaning.changes.length === 0) {
    await end({ result: "applied", plan: meaningDigest(meaning), changes, inputs, partial: false });
    return { kind: "no change" };
  }
  const reasons = reasonsToStop(shown, meaning, partial, options);
  const digest = meaningDigest(meaning);
  if (reasons.length > 0 && !(await (options.ask?.(plan, reasons) ?? false))) {
    await store.keepAsked(digest, { version: 1, commit, plan, key, shownAt: startedAt, by: actor });
    await end({ result: "stopped", plan: digest, changes, message: reasons.join("\n") });
    return { kind: "stopped", reasons, plan, digest };
  }

  progress.step(stack.id, `applies: ${changes}`);
  await keep({ result: "applying", plan: digest, changes, partial: true });
  try {
    await terraform.apply(saved);
  } catch (error) {
    workspace.forget(stack);
    const message = messageOf(error);
    if (tries > 1 && /saved plan is stale/i.test(message)) {
      // Somebody else's apply came in between; this one has changed nothing.
      await end({ result: "failed", message, partial });
      return applyStack(workspace, stack, options, tries - 1);
    }
    await end({ result: "failed", message });
    return { kind: "failed", message, left: await planLeft(terraform, stack) };
  }
  workspace.forget(stack);
  await end({ result: "applied", inputs, partial: false });
  return { kind: "applied", changes };
}

async function findShown(store: PlanStore, { shownFor, approved }: ApplyOptions): Promise<ShownPlan | undefined> {
  const asked = approved === undefined ? undefined : await store.asked(approved);
  // Whoever plans may write below plans/ as well: only the plan of this digest was approved.
  if (asked?.plan.meaning !== undefined && meaningDigest(asked.plan.meaning) === approved) return asked;
  if (approved !== undefined)
    throw new CaravanError(`There is no plan ${approved} of this stack that waits for approval.`);
  return shownFor === undefined ? undefined : store.shown(shownFor);
}

/** Why a plan may not be applied without somebody's word. */
function reasonsToStop(
  shown: ShownPlan | undefined,
  meaning: PlanMeaning,
  resumed: boolean,
  { shownFor, applyDeferred = false }: ApplyOptions,
): string[] {
  if (shown === undefined) {
    return [shownFor === undefined ? "no plan was shown" : `no plan was shown for commit ${shownFor}`];
  }
  const { state, meaning: shownMeaning } = shown.plan;
  if (state === "deferred" && applyDeferred) return [];
  if (shownMeaning === undefined) return [`the pull request could not show a plan: it was ${state} there`];
  return differences(shownMeaning, meaning, { resumed }).flatMap(differenceLines);
}

/**
 * Plans under the state's lock. A lock that an apply left behind which was killed is taken away, if it is that one's beyond
 * doubt: its record has no end, its pipeline promises to run one at a time, and so it is dead.
 */
async function planLocked(
  workspace: Workspace,
  terraform: TerraformRunner,
  stack: SynthesizedStack,
  last: ApplyRecord | undefined,
): Promise<SavedPlan> {
  const { actor, progress } = workspace.props;
  const dead =
    last?.endedAt === undefined && last?.by.exclusive !== undefined && last.by.exclusive === actor.exclusive
      ? last
      : undefined;
  try {
    return await terraform.plan({ lock: true });
  } catch (error) {
    const lock = error instanceof TerraformError ? error.lock : undefined;
    const itsLock = lock?.who === dead?.by.machine && Number(lock?.created) >= Date.parse(dead?.startedAt ?? "");
    if (lock === undefined || dead === undefined || !itsLock) throw error;
    progress.step(stack.id, `takes away the lock of the apply of ${dead.startedAt}, which was killed`);
    await terraform.unlock(lock);
    return terraform.plan({ lock: true });
  }
}

async function planLeft(terraform: TerraformRunner, stack: SynthesizedStack): Promise<StackPlan | undefined> {
  try {
    const meaning = meaningOf((await terraform.plan({ lock: false })).plan, newKey());
    return { stack: stack.id, state: stateOf(meaning, []), meaning };
  } catch {
    // The failure itself is what is told.
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
