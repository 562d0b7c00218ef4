import type { Progress } from "../gitops/workspace";
import { OperateError } from "../operate/errors";

/** Where a command's words go, and where it works. */
export interface Streams {
  /** @default - the process's */
  readonly directory?: string;
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * What a command says. Its result goes to standard output, for people or as JSON; how it goes, to standard error: one line
 * that changes on a terminal, plain lines elsewhere.
 */
export class Output implements Progress {
  private transient = false;
  private told = false;

  constructor(
    private readonly streams: Streams,
    private readonly options: { readonly json: boolean; readonly verbose: boolean },
  ) {}

  get json(): boolean {
    return this.options.json;
  }

  /** The result, for people, or the same as JSON. */
  result(lines: readonly string[], value: unknown): void {
    this.clear();
    this.told = true;
    this.streams.out.write(
      this.options.json ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${line}\n`).join(""),
    );
  }

  /** What failed before there was a result: as JSON, for who reads that. People read it on standard error. */
  failure(error: unknown): void {
    this.clear();
    if (!this.options.json || this.told) return;
    const message = error instanceof Error ? error.message : String(error);
    const more = OperateError.is(error) ? { kind: error.kind, reason: error.reason, fix: error.fix } : {};
    this.result([], { error: { message, ...more } });
  }

  step(stack: string, text: string): void {
    this.note(`${stack}: ${text}`);
  }

  detail(stack: string, line: string): void {
    if (line.trim() === "") return;
    if (this.options.verbose) {
      this.note(`${stack} | ${line}`);
      return;
    }
    if (!this.onTerminal) return;
    const width = Math.max(20, (this.streams.err.columns ?? 80) - 1);
    this.streams.err.write(`\r\u001b[2K${`${stack}: ${line.trim()}`.slice(0, width)}`);
    this.transient = true;
  }

  /** Whether a line may be written over: what somebody looks at, and not one who wants plain text. */
  private get onTerminal(): boolean {
    const { CI, NO_COLOR, TERM } = process.env;
    return this.streams.err.isTTY === true && !CI && !NO_COLOR && TERM !== "dumb";
  }

  /** A line of how it goes. */
  note(line: string): void {
    this.clear();
    this.streams.err.write(`${line}\n`);
  }

  private clear(): void {
    if (this.transient) this.streams.err.write("\r\u001b[2K");
    this.transient = false;
  }
}

/** Rows in columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
