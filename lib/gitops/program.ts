import { spawn } from "node:child_process";
import { CaravanError } from "../core/errors";

export interface ProgramOptions {
  readonly cwd: string;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** After how long it is asked to end, in milliseconds. */
  readonly timeoutMs: number;
  /** Gets each line as it comes, of standard output and error. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramResult {
  /** 128 and the signal's number for a program that a signal ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Terraform ends what it is at, and lets go of the state's lock, within this time. */
const GRACE_MS = 120_000;

/**
 * Runs a program to its end. A signal that ends this process, and the timeout, are passed on as an interrupt, so that
 * Terraform can finish a resource and write the state.
 *
 * @throws CaravanError if it cannot be started, or the time was up
 */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { cwd, env = process.env, timeoutMs, onLine } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      let rest = "";
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        output[name] += chunk;
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        if (onLine !== undefined) for (const line of lines) onLine(line);
      });
      child[name].once("end", () => {
        if (rest !== "") onLine?.(rest);
      });
    }
    let late = false;
    let insist: NodeJS.Timeout | undefined;
    const interrupt = (signal?: NodeJS.Signals) => {
      // A terminal's Ctrl-C has reached Terraform already, and of two interrupts it ends at once, its state unwritten.
      if (signal !== "SIGINT" || !onTerminal()) child.kill("SIGINT");
      insist ??= setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    };
    const timer = setTimeout(() => {
      late = true;
      interrupt();
    }, timeoutMs);
    for (const signal of SIGNALS) process.on(signal, interrupt);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      clearTimeout(insist);
      for (const signal of SIGNALS) process.off(signal, interrupt);
      finish();
    };
    child.once("error", (error: NodeJS.ErrnoException) =>
      settle(() =>
        reject(
          error.code === "ENOENT"
            ? new CaravanError(`There is no program "${program}" on the PATH. Install it, or give --program.`)
            : error,
        ),
      ),
    );
    child.once("close", (code, signal) =>
      settle(() => {
        if (!late) return resolve({ code: code ?? 128 + (signal === "SIGKILL" ? 9 : 2), ...output });
        const minutes = Math.round(timeoutMs / 60_000);
        reject(
          new CaravanError(
            `${program} ${args[0] ?? ""} was not done within ${minutes} min and was interrupted. Give --timeout more.\n` +
              output.stderr.slice(-2000),
          ),
        );
      }),
    );
  });
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

function onTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}
