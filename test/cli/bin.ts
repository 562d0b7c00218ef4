import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { answers } from "../../lib/cli/answers";
import { type RunResult, run, type Scope } from "../support/temporary";

const project = resolve(__dirname, "../..");

/** The compiled command; nothing before `npm run build`. */
export const BIN = join(project, "dist/lib/cli/bin.js");
export const BUILT = existsSync(BIN) ? BIN : undefined;

type Env = Readonly<Record<string, string>>;

/** A directory in which somebody calls the command, each time as a process of its own. */
export class Shell {
  /** Variables that each call has. */
  readonly env: Env;

  constructor(
    readonly directory: string,
    env: Env = {},
  ) {
    this.env = { PATH: process.env["PATH"] ?? "", HOME: directory, TF_CLI_CONFIG_FILE: "/dev/null", ...env };
  }

  /** Calls `caravan`. Whatever it does, it writes plain text where nobody looks. */
  async caravan(args: readonly string[], env: Env = {}): Promise<RunResult> {
    const ended = await run(process.execPath, [BIN, ...args], {
      cwd: this.directory,
      env: { ...this.env, ...env },
      timeoutMs: 300_000,
    });
    expect(ended.stdout + ended.stderr).not.toContain("\u001b");
    expect(ended.stderr).not.toContain("This should not happen");
    return ended;
  }

  /** Calls it with `--json`, and reads what it answers. */
  async json(args: readonly string[], env: Env = {}) {
    const words = args[0] === "gitops" ? 2 : 1;
    const { code, stdout, stderr } = await this.caravan([...args.slice(0, words), "--json", ...args.slice(words)], env);
    const answer = JSON.parse(stdout);
    const [first = "", second = ""] = args;
    const documented = answers[first === "gitops" ? `gitops ${second}` : first] ?? "";
    const keys = ["env"].includes(first) || "error" in answer ? [] : Object.keys(answer);
    for (const key of keys) expect(documented, `${first} --json`).toMatch(new RegExp(`\\b${key}\\b`));
    return { code, stderr, answer };
  }
}

/** A repository with one commit of these files. */
export async function repository(scope: Scope, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = scope.directory("cli");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
    ["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "begin"],
  ]) {
    const { code, stderr } = await run("git", args, { cwd: directory });
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  }
  return directory;
}
