import { setTimeout as pause } from "node:timers/promises";
import { parseDuration } from "../core/values";
import { OperateError } from "./errors";

/** What every operation that takes time is given. */
export interface Bounds {
  /**
   * After how long to give up, as people write it: `"10m"`.
   *
   * @default - each operation's own
   */
  readonly timeout?: string;
  /**
   * Ends the operation from outside; what was begun on servers goes on there.
   *
   * @default - nobody ends it
   */
  readonly signal?: AbortSignal;
  /**
   * Takes a line of progress: what is done or waited for. It never holds a secret.
   *
   * @default - silent
   */
  readonly report?: (line: string) => void;
}

/** What is asked in the last moment is let come to its answer. */
const LAST_LOOK_MS = 15_000;

/** A bound that runs: how long is left, and a signal for what is asked meanwhile. */
export class Deadline {
  readonly signal: AbortSignal;
  private readonly end: number;

  constructor(
    private readonly bounds: Bounds,
    defaultTimeout: string,
  ) {
    const timeout = bounds.timeout ?? defaultTimeout;
    const ms = parseDuration(timeout, "ms");
    this.end = Date.now() + ms;
    const own = new AbortController();
    const late = () =>
      own.abort(
        new OperateError(
          "timeout",
          `not done within ${timeout}`,
          "give it longer, or look at what does not answer: caravan status",
        ),
      );
    setTimeout(late, ms + LAST_LOOK_MS).unref();
    this.signal = bounds.signal === undefined ? own.signal : AbortSignal.any([own.signal, bounds.signal]);
  }

  get passed(): boolean {
    return Date.now() >= this.end;
  }

  report(line: string): void {
    this.bounds.report?.(line);
  }

  /** Rests for a while, or until the deadline. @throws the caller's reason if the caller ended it. */
  async rest(ms: number): Promise<void> {
    this.bounds.signal?.throwIfAborted();
    await pause(Math.max(0, Math.min(ms, this.end - Date.now())), undefined, { signal: this.bounds.signal }).catch(() =>
      this.bounds.signal?.throwIfAborted(),
    );
  }
}

/** What a look found: the end, or what is still waited for. */
export type Look<T> = { readonly done: T } | { readonly waitingFor: string };

/**
 * Looks again and again until the end is there. Each new thing that is waited for is reported once.
 *
 * @throws OperateError of kind `timeout` that says what was waited for
 */
export async function waitUntil<T>(
  deadline: Deadline,
  look: (signal: AbortSignal) => Promise<Look<T>>,
  { every = 2_000, fix }: { readonly every?: number; readonly fix: string },
): Promise<T> {
  const since = Date.now();
  let told: string | undefined;
  for (;;) {
    const found = await look(deadline.signal);
    if ("done" in found) return found.done;
    if (found.waitingFor !== told) deadline.report(`waiting: ${found.waitingFor}`);
    told = found.waitingFor;
    if (deadline.passed) {
      const seconds = Math.round((Date.now() - since) / 1_000);
      throw new OperateError("timeout", `waited ${seconds} s in vain: ${told}`, fix);
    }
    await deadline.rest(every);
  }
}
