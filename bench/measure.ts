import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one whole process took. */
export interface Figure {
  readonly seconds: number;
  /** Processor time, which a busy machine stretches less. */
  readonly cpuSeconds: number;
  /** Peak resident memory. */
  readonly mebibytes: number;
}

/** A program to measure: a file for node with its arguments. Its output directory is its first argument. */
export interface Program {
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
}

/**
 * Runs programs in turn, A B A B …, each as a process of its own with an output directory of its own, and returns every
 * program's median. Taking turns makes the ratio hold when the machine's speed drifts.
 */
export function measure(programs: readonly Program[], runs: number): Figure[] {
  const figures = programs.map((): Figure[] => []);
  for (let run = 0; run <= runs; run++) {
    programs.forEach((program, index) => {
      const figure = once(program);
      // The first round warms the file cache.
      if (run > 0) figures[index]?.push(figure);
    });
  }
  return figures.map((of) => ({
    seconds: median(of.map(({ seconds }) => seconds)),
    cpuSeconds: median(of.map(({ cpuSeconds }) => cpuSeconds)),
    mebibytes: median(of.map(({ mebibytes }) => mebibytes)),
  }));
}

/** The process says at its end what it took, behind everything that the program itself prints. */
const REPORT = `process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write("\\nused " + (userCPUTime + systemCPUTime) + " " + maxRSS + "\\n");
});`;

function once({ name, file, args = [] }: Program): Figure {
  const outdir = mkdtempSync(join(tmpdir(), "caravan-bench-"));
  const script = `${REPORT} process.argv.splice(1, 0, ${JSON.stringify(file)}); require(${JSON.stringify(file)})`;
  const begin = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, ["-e", script, outdir, ...args], { encoding: "utf8" });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  rmSync(outdir, { recursive: true, force: true });
  const used = /used (\d+) (\d+)\n$/.exec(stderr);
  if (status !== 0 || used === null) throw new Error(`${name} ended with ${status}\n${stderr}`);
  return { seconds, cpuSeconds: Number(used[1]) / 1e6, mebibytes: Number(used[2]) / 1024 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
