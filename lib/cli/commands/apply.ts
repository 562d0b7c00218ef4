import { createInterface } from "node:readline/promises";
import { CaravanError } from "../../core/errors";
import { type ApplyOutcome, applyStack } from "../../gitops/apply-stack";
import { destroyStack } from "../../gitops/destroy-stack";
import { forgeOf } from "../../gitops/forge";
import type { StackPlan } from "../../gitops/plan/stack-plan";
import { Exit, exitCodes } from "../exit";
import type { Settings } from "../settings";
import { planText, tellSummary } from "./plan";

export interface ApplyCommandOptions {
  readonly plan?: string;
  readonly merged?: string;
  readonly approve?: readonly string[];
  readonly applyDeferred?: boolean;
}

/** `caravan apply`: stacks in their order; where one does not get through, later ones do not start. */
export async function apply(settings: Settings, only: readonly string[], options: ApplyCommandOptions): Promise<void> {
  const { output } = settings;
  const workspace = settings.workspace();
  const shownFor =
    options.plan ?? (options.merged === undefined ? undefined : await forgeOf(process.env).shownCommit(options.merged));
  // A pipeline's input is one text, and empty where nobody gave it.
  const approvals = new Map(
    (options.approve ?? [])
      .flatMap((text) => text.split(/[\s,]+/))
      .filter((text) => text !== "")
      .map((text) => [text.split("=")[0] ?? "", text.split("=")[1] ?? ""]),
  );
  const outcomes: { stack: string; outcome: ApplyOutcome }[] = [];
  let code: number = exitCodes.good;
  for (const stack of workspace.stacks.select(only)) {
    const approved = approvals.get(stack.id);
    const outcome = await applyStack(workspace, stack, {
      shownFor,
      approved,
      applyDeferred: options.applyDeferred,
      ask:
        process.stdin.isTTY && !process.env["CI"] ? (plan, reasons) => askPerson(settings, plan, reasons) : undefined,
    });
    outcomes.push({ stack: stack.id, outcome });
    output.step(stack.id, outcome.kind === "applied" ? `applied: ${outcome.changes}` : outcome.kind);
    if (outcome.kind === "failed" || outcome.kind === "stopped") {
      code = outcome.kind === "failed" ? exitCodes.failed : exitCodes.stopped;
      break;
    }
  }
  const lines = outcomes.flatMap(({ stack, outcome }) => outcomeLines(stack, outcome));
  const left = workspace.stacks
    .select(only)
    .slice(outcomes.length)
    .map(({ id }) => id);
  if (left.length > 0) lines.push(`Not started: ${left.join(", ")}.`);
  tellSummary(["```", ...lines, "```"].join("\n"));
  output.result(lines, { commit: workspace.props.commit, stacks: outcomes, notStarted: left });
  if (code !== exitCodes.good) throw new Exit(code);
}

function outcomeLines(stack: string, outcome: ApplyOutcome): string[] {
  switch (outcome.kind) {
    case "no change":
      return [`${stack}: no change`];
    case "applied":
      return [`${stack}: applied, ${outcome.changes}`];
    case "stopped":
      return [
        `${stack}: stopped, nothing was applied`,
        ...outcome.reasons.map((reason) => `  ${reason}`),
        "It would do:",
        ...planText(outcome.plan).map((line) => `  ${line}`),
        `To apply exactly this: caravan apply ${stack} --approve ${stack}=${outcome.digest}`,
        "In the pipeline: run the workflow caravan-apply by hand, with that as its input approve.",
      ];
    case "failed":
      return [
        `${stack}: failed`,
        ...outcome.message.split("\n").map((line) => `  ${line}`),
        ...(outcome.left === undefined
          ? []
          : ["What is left to do:", ...planText(outcome.left).map((line) => `  ${line}`)]),
        "Mend the cause, then run this again: it plans anew, and does what is left of what was shown.",
      ];
  }
}

/** `caravan destroy`: the whole environment, or some of its stacks, in reverse order. */
export async function destroy(
  settings: Settings,
  only: readonly string[],
  options: { readonly confirm?: string },
): Promise<void> {
  const { output } = settings;
  const environment = settings.environmentName();
  const workspace = settings.workspace();
  const selected = workspace.stacks.select(only);
  const above = workspace.stacks.order.filter(
    (stack) => !selected.includes(stack) && workspace.stacks.before(stack.id).some((each) => selected.includes(each)),
  );
  for (const stack of above) {
    if (!(await workspace.isThere(stack))) continue;
    throw new CaravanError(`${stack.id} stands on what would be destroyed. Destroy it first, or together with it.`);
  }
  const typed = options.confirm ?? (process.stdin.isTTY ? await question(`Type "${environment}" to destroy it: `) : "");
  if (typed !== environment) {
    throw new CaravanError(`Nothing was destroyed: that needs --confirm ${environment}, the environment's name.`);
  }
  const outcomes: { stack: string; outcome: string }[] = [];
  for (const stack of [...selected].reverse()) {
    const outcome = await destroyStack(workspace, stack, async (plan) => {
      for (const line of planText(plan)) output.note(line);
      return true;
    });
    output.step(stack.id, outcome.kind);
    outcomes.push({ stack: stack.id, outcome: outcome.kind });
    if (outcome.kind !== "failed") continue;
    throw new CaravanError(
      `${stack.id} was not destroyed: ${outcome.message}\nWhat is protected goes in two steps: docs/teardown.md. Then run this again.`,
    );
  }
  output.result(
    outcomes.map(({ stack, outcome }) => `${stack}: ${outcome}`),
    { stacks: outcomes },
  );
}

async function askPerson(settings: Settings, plan: StackPlan, reasons: readonly string[]): Promise<boolean> {
  for (const line of [...planText(plan), ...reasons]) settings.output.note(line);
  return (await question(`Apply this to ${plan.stack}? Only "yes" does: `)) === "yes";
}

async function question(text: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(text)).trim();
  } finally {
    terminal.close();
  }
}
