import { readFileSync } from "node:fs";
import { type Drift, findDrift, lastAppliedCommit } from "../../gitops/drift";
import { forgeOf } from "../../gitops/forge";
import type { NomadApi } from "../../gitops/nomad-jobs";
import { ask } from "../../operate/http";
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
    ...jobs.flatMap(({ address, id, changes }) => [
      `  job ${id} (${address}) was changed in Nomad; registering it again would do:`,
      ...changes.map((change) => `      ${change}`),
    ]),
    ...(message === undefined ? [] : [`  ${message.split("\n").join("\n  ")}`]),
  ];
}

/** Nomad by the variables that everybody knows. */
function nomadOf(env: Readonly<Record<string, string | undefined>>): NomadApi | undefined {
  const { NOMAD_ADDR: address, NOMAD_TOKEN: token, NOMAD_CACERT: file, NOMAD_TLS_SERVER_NAME: serverName } = env;
  if (!address) return undefined;
  const ca = file ? readFileSync(file, "utf8") : undefined;
  return {
    call: async (method, path, body) => {
      const answer = await ask({
        url: new URL(path, address).href,
        method,
        ca,
        serverName: serverName || undefined,
        headers: token ? { "x-nomad-token": token } : {},
        body: body === undefined ? undefined : JSON.stringify(body),
        timeoutMs: 30_000,
      });
      return { status: answer.status, body: answer.body.toString("utf8") };
    },
  };
}
