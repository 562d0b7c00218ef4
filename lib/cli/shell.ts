import { spawn } from "node:child_process";

export interface ShellOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** After how long it is ended with everything that it began, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ShellResult {
  /** Nothing where a signal ended it. */
  readonly code: number | undefined;
  /** How it ended, for people: `"exit code 7"`. */
  readonly how: string;
  readonly stdout: string;
  /** Standard output and error as they came. */
  readonly text: string;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
const GRACE_MS = 5_000;

/**
 * Runs a command of the repository's own in a shell, to its end. What it began ends with it: a program left behind would hold
 * its output open, and be waited for without an end.
 */
export function runShell(command: string, { cwd, env, timeoutMs }: ShellOptions): Promise<ShellResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd, env, shell: true, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, text, late] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      text += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    let insist: NodeJS.Timeout | undefined;
    const end = (signal: NodeJS.Signals) => {
      signalGroup(child.pid, signal);
      insist ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), GRACE_MS);
    };
    const timer = setTimeout(() => {
      late = true;
      end("SIGTERM");
    }, timeoutMs);
    for (const signal of SIGNALS) process.on(signal, end);
    const settle = () => {
      clearTimeout(timer);
      clearTimeout(insist);
      for (const signal of SIGNALS) process.off(signal, end);
    };
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code, signal) => {
      settle();
      const how = late
        ? `not done within ${timeoutMs / 1_000} s: --timeout gives it longer`
        : signal === null
          ? `exit code ${code}`
          : `ended by ${signal}`;
      resolve({ code: late ? undefined : (code ?? undefined), how, stdout, text });
    });
  });
}

/** Tells a process and all that it began. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
