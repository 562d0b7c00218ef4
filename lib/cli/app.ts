import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CaravanError } from "../core/errors";
import { runShell } from "./shell";

/** What `cdktf.json` says of the app, in the working directory or given on the command line. */
export interface AppSettings {
  /** Shell command that synthesizes. */
  readonly app?: string;
  /** Directory of the synth. */
  readonly output: string;
}

const DEFAULT_OUTPUT = "cdktf.out";

/** Reads `cdktf.json`. What is given goes first. */
export function appSettings(directory: string, given: Partial<AppSettings>): AppSettings {
  const file = join(directory, "cdktf.json");
  let read: { readonly app?: string; readonly output?: string } = {};
  if (existsSync(file)) {
    try {
      read = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
      throw new CaravanError(
        `${file} is not JSON: ${(error as Error).message}. Mend it: {"app": "<the command that synthesizes>"}`,
      );
    }
  }
  return { app: given.app ?? read.app, output: given.output ?? read.output ?? DEFAULT_OUTPUT };
}

/** Names of variables that say who acts. No app needs one to synthesize, and what it does not see it cannot write down. */
const IDENTITY =
  /^(AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_.*)|VAULT_TOKEN|CONSUL_HTTP_TOKEN|NOMAD_TOKEN|FORGE_TOKEN|GITHUB_TOKEN|GH_TOKEN|ACTIONS_ID_TOKEN_.*|ARM_CLIENT_SECRET|GOOGLE_CREDENTIALS)$/;

/**
 * Runs the app, as cdktf does: with `CDKTF_OUTDIR`, without anybody's identity.
 *
 * @returns what it printed
 * @throws CaravanError if there is no app, or it failed
 */
export async function synthesize(directory: string, settings: AppSettings, timeoutMs: number): Promise<string> {
  const { app, output } = settings;
  if (app === undefined) {
    throw new CaravanError(
      'There is no app to synthesize. Write cdktf.json with "app", give --app, or begin with "caravan init".',
    );
  }
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !IDENTITY.test(name)));
  const env = { ...own, CDKTF_OUTDIR: output };
  const { code, how, stdout, text } = await runShell(app, { cwd: directory, env, timeoutMs });
  if (code === 0) return stdout;
  throw new CaravanError(`The app failed (${how}): ${app}\n${essence(text)}`.trim());
}

/** Of a mistake that the library found the message alone: it says where and what to do, better than Node's stack. */
function essence(text: string): string {
  const found = /^(?:InvalidPropsError|SynthesisError|CaravanError): ([\s\S]+?)\n {4}at /m.exec(text);
  return found?.[1] ?? text.trim();
}
