import { meaningDigest, meaningOf } from "./plan/meaning";
import { countText, type StackPlan, stateOf } from "./plan/stack-plan";
import type { SynthesizedStack } from "./stacks";
import { newKey } from "./store/plan-store";
import type { Workspace } from "./workspace";

/** What became of a destroy. */
export type DestroyOutcome =
  | { readonly kind: "nothing to destroy" }
  | { readonly kind: "destroyed"; readonly changes: string }
  | { readonly kind: "declined" }
  | { readonly kind: "failed"; readonly message: string };

/**
 * Destroys what a stack made, after `confirm` has seen the plan. What is protected refuses: the first step of a teardown
 * is an apply with `deletionProtection: false`.
 */
export async function destroyStack(
  workspace: Workspace,
  stack: SynthesizedStack,
  confirm: (plan: StackPlan) => Promise<boolean>,
): Promise<DestroyOutcome> {
  const { actor, commit, progress } = workspace.props;
  if (!(await workspace.isThere(stack))) return { kind: "nothing to destroy" };
  const store = workspace.store(stack);
  const startedAt = new Date().toISOString();
  const record = { version: 1, stack: stack.id, commit, by: actor, startedAt } as const;
  const failed = async (error: unknown): Promise<DestroyOutcome> => {
    const message = error instanceof Error ? error.message : String(error);
    await store.keepRecord({ ...record, result: "failed", message, endedAt: new Date().toISOString() });
    return { kind: "failed", message };
  };
  try {
    const terraform = workspace.terraform(stack);
    const saved = await terraform.plan({ lock: true, destroy: true });
    const meaning = meaningOf(saved.plan, newKey());
    if (meaning.changes.length === 0) return { kind: "nothing to destroy" };
    if (!(await confirm({ stack: stack.id, state: stateOf(meaning, []), meaning }))) return { kind: "declined" };
    const changes = countText(meaning);
    const plan = meaningDigest(meaning);
    progress.step(stack.id, `destroys: ${changes}`);
    await store.keepRecord({ ...record, result: "applying", changes, plan });
    await terraform.apply(saved);
    workspace.forget(stack);
    // Without inputs: the next apply plans it, whatever it is made of.
    await store.keepRecord({ ...record, result: "applied", changes, plan, endedAt: new Date().toISOString() });
    return { kind: "destroyed", changes };
  } catch (error) {
    return failed(error);
  }
}
