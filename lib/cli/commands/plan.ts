import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgeOf } from "../../gitops/forge";
import { nomadOf } from "../../gitops/nomad-api";
import { planComment } from "../../gitops/plan/comment";
import { planLines, stateNote } from "../../gitops/plan/plan-text";
import { countText, type StackPlan } from "../../gitops/plan/stack-plan";
import { statefulDestroys } from "../../gitops/plan/stateful";
import { planStacks } from "../../gitops/plan-stacks";
import { currentActor } from "../../gitops/store/plan-store";
import { runChecks } from "../checks";
import { Exit, exitCodes } from "../exit";
import { table } from "../output";
import type { Settings } from "../settings";

export interface PlanOptions {
  readonly store?: string | boolean;
  readonly comment?: boolean;
  readonly all?: boolean;
  readonly plansDirectory?: string;
}

/** `caravan plan` */
export async function plan(settings: Settings, only: readonly string[], options: PlanOptions): Promise<void> {
  const { config, output } = settings;
  const workspace = settings.workspace();
  const { commit } = workspace.props;
  const shownFor = typeof options.store === "string" ? options.store : options.store ? commit : undefined;
  const scratch = options.plansDirectory ?? mkdtempSync(join(tmpdir(), "caravan-plans-"));
  mkdirSync(scratch, { recursive: true });
  try {
    const plans = await planStacks(workspace, {
      ...{ only, evenUnaffected: options.all, shownFor, jsonDirectory: scratch },
      nomad: nomadOf(process.env),
    });
    const today = new Date().toISOString().slice(0, 10);
    const findings = [
      ...statefulDestroys(plans, config?.allowDestroy ?? [], today),
      ...(await runChecks(config?.checks ?? [], scratch, settings)),
    ];
    const costs = config?.cost === undefined ? [] : await runChecks([config.cost], scratch, settings, { told: true });
    const about = {
      environment: settings.options.environment ?? "all environments",
      commit: shownFor ?? commit,
      plans,
      findings: [...findings, ...costs],
      runUrl: currentActor().run,
    };
    tellSummary(planComment(about));
    if (options.comment) await forgeOf(process.env).comment(about.environment, planComment(about));
    output.result([...plans.flatMap(planText), ...findings.map((finding) => `finding: ${finding}`), ...costs], {
      commit: about.commit,
      plans,
      findings,
    });
    if (findings.length > 0 || plans.some(({ state }) => state === "error")) throw new Exit(exitCodes.failed);
  } finally {
    if (options.plansDirectory === undefined) rmSync(scratch, { recursive: true, force: true });
  }
}

/** A plan for a terminal. */
export function planText(plan: StackPlan): string[] {
  const head = table([[plan.stack, plan.state, plan.meaning === undefined ? "" : countText(plan.meaning)]]);
  const note = stateNote(plan);
  return [
    ...head,
    ...(note === undefined ? [] : [`  ${note}`]),
    ...planLines(plan).map((line) => `  ${line}`),
    ...(plan.message ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => `  ${line}`),
  ];
}

/** Adds to the page of a pipeline's run, where there is one. */
export function tellSummary(markdown: string): void {
  const file = process.env["GITHUB_STEP_SUMMARY"];
  if (file) appendFileSync(file, `${markdown}\n`);
}
