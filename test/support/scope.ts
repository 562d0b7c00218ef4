import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a test made outside itself: undone when the test or the suite ends, passed or failed, newest first. */
export class Scope {
  private readonly undo: (() => unknown)[] = [];

  /** Adds something to undo. */
  defer(undo: () => unknown): void {
    this.undo.push(undo);
  }

  /** A new empty directory, removed with the scope. */
  directory(name = "test"): string {
    const path = mkdtempSync(join(tmpdir(), `caravan-${name}-`));
    leftovers.directories.add(path);
    this.defer(() => {
      rmSync(path, { recursive: true, force: true });
      leftovers.directories.delete(path);
    });
    return path;
  }

  /** A long-running child in a process group of its own; the group is ended with the scope. */
  process(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const running = new RunningProcess(child);
    this.defer(() => running.stop());
    return running;
  }

  /** Undoes everything. A step that fails does not keep the others from running. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const undo of this.undo.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `clean-up failed: ${errors.map(String).join("; ")}`);
  }
}

const GRACE_MS = 5_000;
const KEPT_OUTPUT = 200_000;

/** A child process with what it printed so far. */
export class RunningProcess {
  private text = "";
  private ended = false;
  private readonly exit: Promise<void>;

  constructor(private readonly child: ChildProcess) {
    if (child.pid !== undefined) leftovers.groups.add(child.pid);
    const keep = (chunk: Buffer) => {
      this.text = (this.text + chunk.toString("utf8")).slice(-KEPT_OUTPUT);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    this.exit = new Promise((resolve) => {
      const end = () => {
        this.ended = true;
        if (child.pid !== undefined) leftovers.groups.delete(child.pid);
        resolve();
      };
      child.once("exit", end);
      child.once("error", (error) => {
        this.text += String(error);
        end();
      });
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return !this.ended;
  }

  /** Standard output and error as they came, the last 200,000 characters. */
  get output(): string {
    return this.text;
  }

  /** Ends the process and its children: asks first, insists after five seconds. */
  async stop(): Promise<void> {
    if (this.ended || this.child.pid === undefined) return;
    signalGroup(this.child.pid, "SIGTERM");
    const insist = setTimeout(() => this.child.pid && signalGroup(this.child.pid, "SIGKILL"), GRACE_MS);
    await this.exit;
    clearTimeout(insist);
  }

  /** Waits until `ready` resolves to true. Fails early when the process ends, with what it printed. */
  async until(ready: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!(await ready().catch(() => false))) {
      if (this.ended) throw new Error(`${what}: the process ended\n${this.text}`);
      if (Date.now() > end) throw new Error(`${what}: not ready after ${timeoutMs / 1000} s\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A TCP port that was free on 127.0.0.1 a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Past `timeoutMs` it and its children are killed, and an error tells what was printed. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<RunResult> {
  const { timeoutMs = 120_000, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const pid = child.pid;
    if (pid !== undefined) leftovers.groups.add(pid);
    let [stdout, stderr, late] = ["", "", false];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const timer = setTimeout(() => {
      late = true;
      if (pid !== undefined) signalGroup(pid, "SIGKILL");
    }, timeoutMs);
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      if (pid !== undefined) leftovers.groups.delete(pid);
      finish();
    };
    child.once("error", (error) => settle(() => reject(error)));
    child.once("close", (code) =>
      settle(() => {
        if (!late) return resolve({ code, stdout, stderr });
        reject(new Error(`${command} ${args.join(" ")}: killed after ${timeoutMs / 1000} s\n${stdout}${stderr}`));
      }),
    );
  });
}

/** What is still there when the test process ends abruptly, so that hooks never ran. */
const leftovers = { directories: new Set<string>(), groups: new Set<number>() };

process.once("exit", () => {
  for (const pid of leftovers.groups) signalGroup(pid, "SIGKILL");
  for (const path of leftovers.directories) rmSync(path, { recursive: true, force: true });
});

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
