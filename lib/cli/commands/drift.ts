import { type Drift, findDrift, lastAppliedCommit } from "../../gitops/drift";
import { forgeOf } from "../../gitops/forge";
import { nomadOf } from "../../gitops/nomad-api";
import { jobLines } from "../../gitops/plan/plan-text";
import { Exit, exitCodes } from "../exit";
import type { Settings } from "../settings";
import { planText, tellSummary } from "./plan";

export interface DriftOptions {
  readonly issues?: boolean;
  readonly lastApplied?: boolean;
}

/** `caravan drift` */
export async function drift(settings: Settings, only: readonly string[], options: DriftOptions): Promise<void> {
  const workspace = settings.workspace();
  if (options.lastApplied) {
    const commit = await lastAppliedCommit(workspace, only);
    settings.output.result([commit ?? ""], { commit });
    return;
  }
  const found = await findDrift(workspace, { only, nomad: nomadOf(process.env), keep: options.issues });
  if (options.issues) await tellIssues(found);
  const lines = found.flatMap(driftLines);
  tellSummary(["```", ...lines, "```"].join("\n"));
  settings.output.result(lines, { commit: workspace.props.commit, stacks: found });
  if (found.some(({ state }) => state === "error")) throw new Exit(exitCodes.failed);
  if (found.some(({ state }) => state === "drift")) throw new Exit(exitCodes.drift);
}

/** One issue a stack: opened when there is drift, closed when there is none. Where nothing can be said it stays as it is. */
async function tellIssues(found: readonly Drift[]): Promise<void> {
  const forge = forgeOf(process.env);
  for (const each of found) {
    const key = `drift:${each.stack}`;
    if (each.state === "none") await forge.closeIssue(key, "What is there is what was applied again.");
    if (each.state !== "drift") continue;
    const fence = "~~~~~~~~";
    const text = [
      `What is there is not what was applied at ${each.applied}. An apply would do this:`,
      "",
      fence,
      ...driftLines(each).map((line) => line.replaceAll(fence, "~")),
      fence,
      "",
      each.digest === undefined
        ? "Register the jobs again by a change of theirs, or write what was changed into the repository."
        : `To put it right, run the workflow caravan-apply by hand with approve: \`${each.stack}=${each.digest}\`. To keep it, write it into the repository.`,
    ].join("\n");
    await forge.openIssue(key, `Drift in ${each.stack}`, text.slice(0, 60_000));
  }
}

function driftLines({ stack, state, plan, jobs = [], applied, message }: Drift): string[] {
  const head = state === "pending" ? `${stack}: pending, ${applied} is applied` : `${stack}: ${state}`;
  return [
    head,
    ...(plan === undefined || state !== "drift" ? [] : planText(plan).slice(1)),
    ...jobs.flatMap((job) => [
      `  job ${job.id} (${job.address}) was changed in Nomad; registering it again would do:`,
      ...jobLines(job).map((line) => `      ${line}`),
    ]),
    ...(message === undefined ? [] : [`  ${message.split("\n").join("\n  ")}`]),
  ];
}
