import type { CheckConfig } from "../gitops/config";
import type { Settings } from "./settings";
import { runShell } from "./shell";

const KEPT = 4_000;

/**
 * Runs the repository's own checks over the plans.
 *
 * @param options.told Whether what a command prints is told whether or not it fails.
 * @returns what failed, or what is told
 */
export async function runChecks(
  checks: readonly CheckConfig[],
  plansDirectory: string,
  settings: Settings,
  { told = false } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (const check of checks) {
    const { code, how, text } = await runShell(check.run, {
      cwd: settings.directory,
      env: { ...process.env, CARAVAN_PLANS: plansDirectory },
      timeoutMs: settings.timeoutMs,
    });
    settings.output.note(`check ${check.name}: ${code === 0 ? "passed" : how}`);
    if (told || code !== 0) found.push(`${check.name}: ${text.trim().slice(-KEPT) || how}`);
  }
  return found;
}
