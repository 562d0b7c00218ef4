import { spawn } from "node:child_process";
import type { CheckConfig } from "../gitops/config";
import type { Settings } from "./settings";

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
    const { code, text } = await shell(check.run, plansDirectory, settings);
    settings.output.note(`check ${check.name}: ${code === 0 ? "passed" : `exit code ${code}`}`);
    if (told || code !== 0) found.push(`${check.name}: ${text.trim().slice(-KEPT) || `exit code ${code}`}`);
  }
  return found;
}

function shell(command: string, plansDirectory: string, settings: Settings): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      cwd: settings.directory,
      shell: true,
      env: { ...process.env, CARAVAN_PLANS: plansDirectory },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: settings.timeoutMs,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, text }));
  });
}
