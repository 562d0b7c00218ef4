import type { Progress } from "../gitops/workspace";

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
    this.streams.out.write(
      this.options.json ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${line}\n`).join(""),
    );
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
    if (this.streams.err.isTTY !== true) return;
    const width = Math.max(20, (this.streams.err.columns ?? 80) - 1);
    this.streams.err.write(`\r\u001b[2K${`${stack}: ${line.trim()}`.slice(0, width)}`);
    this.transient = true;
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
