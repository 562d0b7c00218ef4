import { execFile } from "node:child_process";

export interface ProgramOutput {
  /** Not there if it ended well; `code` is `"ENOENT"` where there is no such program, or its exit code. */
  readonly error?: NodeJS.ErrnoException;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of a cloud's vendor that answers at once. */
export function programOutput(program: string, args: readonly string[], timeoutMs = 60_000): Promise<ProgramOutput> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
      // A number is the exit code, a text the system's.
      resolve({ error: (error as NodeJS.ErrnoException | null) ?? undefined, stdout, stderr });
    });
  });
}
