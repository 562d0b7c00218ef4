import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lookAtJobs, type NomadApi, plannedJobs } from "./nomad-jobs";
import { meaningOf } from "./plan/meaning";
import { isChanging, type StackPlan, stateOf } from "./plan/stack-plan";
import type { TerraformPlan } from "./plan/terraform-plan";
import type { SynthesizedStack } from "./stacks";
import { newKey } from "./store/plan-store";
import type { Workspace } from "./workspace";

export interface PlanStacksOptions {
  /** Ids of the stacks to plan. @default - all */
  readonly only?: readonly string[];
  /**
   * Whether a stack is planned of whose parts nothing has changed since its last apply, and nothing below it changes.
   *
   * @default false
   */
  readonly evenUnaffected?: boolean;
  /**
   * Keeps each plan beside the state, as shown for this commit: what the merge is compared with.
   *
   * @default - nothing is kept
   */
  readonly shownFor?: string;
  /**
   * Directory to write each plan to as Terraform's JSON, for other tools. It holds secrets: keep it on this machine.
   *
   * @default - none is written
   */
  readonly jsonDirectory?: string;
  /** @default - Nomad is not asked about jobs */
  readonly nomad?: NomadApi;
}

/** Plans stacks in their order. What goes wrong with one is told as its state, and the others are planned all the same. */
export async function planStacks(workspace: Workspace, options: PlanStacksOptions = {}): Promise<StackPlan[]> {
  const plans = new Map<string, StackPlan>();
  for (const stack of workspace.stacks.select(options.only ?? [])) {
    const key = newKey();
    const plan = await planStack(workspace, stack, plans, key, options).catch((error: unknown): StackPlan => {
      return { stack: stack.id, state: "error", message: error instanceof Error ? error.message : String(error) };
    });
    plans.set(stack.id, plan);
    workspace.props.progress.step(stack.id, plan.unaffected ? "no change (unaffected)" : plan.state);
    if (options.shownFor === undefined) continue;
    await workspace.store(stack).keepShown({
      version: 1,
      commit: options.shownFor,
      plan,
      key,
      shownAt: new Date().toISOString(),
      by: workspace.props.actor,
    });
  }
  return [...plans.values()];
}

async function planStack(
  workspace: Workspace,
  stack: SynthesizedStack,
  earlier: ReadonlyMap<string, StackPlan>,
  key: string,
  { evenUnaffected = false, jsonDirectory, nomad }: PlanStacksOptions,
): Promise<StackPlan> {
  const deferred = stack.dependencies.filter((id) => earlier.get(id)?.state === "deferred");
  const missing = [...new Set([...deferred, ...(await workspace.missingBelow(stack))])].sort();
  if (missing.length > 0) return { stack: stack.id, state: "deferred", upstream: missing };

  const upstream = stack.dependencies.filter((id) => {
    const plan = earlier.get(id);
    return plan !== undefined && isChanging(plan);
  });
  if (!evenUnaffected && upstream.length === 0 && (await isUnaffected(workspace, stack))) {
    return { stack: stack.id, state: "no change", meaning: { changes: [] }, unaffected: true };
  }
  const terraform = workspace.terraform(stack);
  await terraform.init();
  const { plan } = await terraform.plan({ lock: false });
  if (jsonDirectory !== undefined) {
    writeFileSync(join(jsonDirectory, `${stack.id}.json`), JSON.stringify(plan), { mode: 0o600 });
  }
  const meaning = meaningOf(plan, key);
  return { stack: stack.id, state: stateOf(meaning, upstream), meaning, upstream, ...(await jobsIn(plan, nomad)) };
}

/** What Nomad says of a plan's jobs. That it says nothing is no reason not to show the rest. */
async function jobsIn(plan: TerraformPlan, nomad: NomadApi | undefined): Promise<Partial<StackPlan>> {
  const jobs = plannedJobs(plan);
  if (jobs.length === 0) return {};
  if (nomad === undefined) return { jobsUnseen: "there is no NOMAD_ADDR" };
  try {
    return { jobs: await lookAtJobs(nomad, jobs) };
  } catch (error) {
    return { jobsUnseen: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether a stack is made of exactly what its last apply was made of, and that one succeeded. */
export async function isUnaffected(workspace: Workspace, stack: SynthesizedStack): Promise<boolean> {
  const last = await workspace.store(stack).last();
  if (last?.result !== "applied" || last.inputs === undefined) return false;
  return last.inputs === (await workspace.inputs(stack));
}
