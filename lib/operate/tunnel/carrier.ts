import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Cloud, Forward, Forwarding } from "../cloud";
import { OperateError, reasonOf } from "../errors";

export interface CarrierProps {
  readonly cloud: Cloud;
  readonly to: Forward;
  /** Machines that may carry it, the best first; asked anew for each session. */
  readonly machines: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Takes a line: which machine carries the port, and what became of it. */
  readonly report: (line: string) => void;
}

const OPENING_MS = 60_000;
const ENDING_MS = 10_000;
const GRACE_MS = 5_000;
/** A session that ends sooner is no session that came to its end. */
const SOUND_MS = 30_000;
const TRIES = 3;
const KEPT_OUTPUT = 2_000;

/** The near end of one session while it is open. */
interface Open {
  readonly child: ChildProcess;
  readonly forwarding: Forwarding;
  readonly ended: Promise<void>;
  readonly since: number;
  output(): string;
}

/** Keeps one port carried: where a session ends, by its time or with its machine, the next one begins. */
export class Carrier {
  private current: Open | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly props: CarrierProps) {}

  /** Opens the port. @throws OperateError where no machine carries it */
  async open(signal: AbortSignal): Promise<void> {
    const ending = AbortSignal.any([signal, this.closing.signal]);
    let last: unknown;
    for (const machine of await this.props.machines(ending)) {
      try {
        this.current = await this.begin(machine, ending);
        this.props.report(`${this.props.to.host}:${this.props.to.port} is carried by ${machine}`);
        return;
      } catch (error) {
        // Another machine may do where the cloud does not reach this one.
        if (!OperateError.is(error) || error.kind !== "unreachable" || ending.aborted) throw error;
        last = error;
      }
    }
    throw (
      last ?? new OperateError("failed", "no machine runs that could carry a tunnel", "look at them: caravan status")
    );
  }

  /** Keeps it open until it is closed. @throws OperateError where session after session ends at once */
  async keep(): Promise<void> {
    const { host, port } = this.props.to;
    for (let failures = 0; !this.closing.signal.aborted; ) {
      const open = this.current;
      if (open !== undefined) {
        await open.ended;
        if (this.closing.signal.aborted) return;
        failures = Date.now() - open.since < SOUND_MS ? failures + 1 : 0;
        this.props.report(`the session to ${host}:${port} has ended; a new one begins`);
        await open.forwarding.end(AbortSignal.timeout(ENDING_MS));
        this.current = undefined;
        if (failures >= TRIES) throw this.given(open.output());
      }
      try {
        await this.open(AbortSignal.timeout(OPENING_MS));
      } catch (error) {
        if (this.closing.signal.aborted) return;
        failures += 1;
        if (failures >= TRIES) throw error;
        this.props.report(`${host}:${port} is not carried: ${reasonOf(error)}; it is tried again`);
        await pause(2 ** failures * 1_000, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  /** Ends the program and the session. */
  async close(): Promise<void> {
    this.closing.abort(new OperateError("failed", "the tunnel was closed", "open it again: caravan tunnel"));
    const open = this.current;
    this.current = undefined;
    if (open !== undefined) await this.finish(open);
  }

  private async begin(machine: string, signal: AbortSignal): Promise<Open> {
    const forwarding = await this.props.cloud.forward(machine, this.props.to, signal);
    const env = { ...process.env, ...forwarding.env };
    // In a process group of its own: Ctrl-C may be meant for what runs in the tunnel.
    const child = spawn(forwarding.program, forwarding.args, {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    const ended = new Promise<void>((resolve) => {
      child.once("error", (error) => {
        text += error.message;
        resolve();
      });
      child.once("exit", () => resolve());
    });
    const open: Open = { child, forwarding, ended, since: Date.now(), output: () => text.trim() };
    const opened = new Promise<boolean>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk: string) => {
          text = (text + chunk).slice(-KEPT_OUTPUT);
          if (text.includes(forwarding.openedText)) resolve(true);
        });
      }
      ended.then(() => resolve(false));
      signal.addEventListener("abort", () => resolve(false), { once: true });
    });
    if (await opened) return open;
    await this.finish(open);
    signal.throwIfAborted();
    throw this.given(open.output());
  }

  private async finish({ child, forwarding, ended }: Open): Promise<void> {
    const insist = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
    await Promise.all([ended, forwarding.end(AbortSignal.timeout(ENDING_MS))]);
    clearTimeout(insist);
  }

  private given(output: string): OperateError {
    const { host, port, localPort } = this.props.to;
    return new OperateError(
      "failed",
      `the tunnel to ${host}:${port} does not stay open: ${output.replace(/\s+/g, " ") || "its program said nothing"}`,
      `see that nothing else listens on port ${localPort}, and that your network lets the cloud's sessions pass (WebSockets over TLS)`,
    );
  }
}
