// Prints, from whole processes that take turns: cold synth of environments beside the same resources written by hand, and
// how time and memory grow with the numbers of worker groups and of resources.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { handwritten } from "./handwritten";
import { type Figure, measure } from "./measure";

const runs = Number(process.env["BENCH_RUNS"] ?? 7);
// Beside the compiled programs, so that the written ones find the same packages.
const generated = join(__dirname, "generated");
mkdirSync(generated, { recursive: true });

console.log(`node ${process.version}, median of ${runs} whole processes\n`);
besideByHand("an AWS environment's ground", "ground");
besideByHand("the production example", "production");
besideByHand("that on Azure", "azure");
besideByHand("that on Google Cloud", "gcp");
workerGroups();
growth();
carts();

/** A program of ours beside the one that a person would write for the same resources. */
function besideByHand(title: string, name: string): void {
  const ours = join(__dirname, `${name}.js`);
  const outdir = mkdtempSync(join(tmpdir(), "caravan-bench-"));
  execFileSync(process.execPath, [ours, outdir]);
  const stacks = new Map(
    readdirSync(join(outdir, "stacks")).map((id) => {
      return [id, JSON.parse(readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8"))];
    }),
  );
  rmSync(outdir, { recursive: true, force: true });
  const byHand = join(generated, `${name}.js`);
  writeFileSync(byHand, handwritten(stacks));
  const figures = measure(
    [
      { name: "constructs", file: ours },
      { name: "by hand", file: byHand },
    ],
    runs,
  );
  const resources = [...stacks.values()].reduce((sum, json) => sum + countResources(json), 0);
  table(
    [title, ...besideHead("constructs", "by hand")],
    [[`${stacks.size} stacks, ${resources} resources`, ...beside(...figures)]],
  );
}

/** What a group of workers costs, by their number. */
function workerGroups(): void {
  const file = join(__dirname, "production.js");
  const counts = [0, 20, 40, 80];
  const programs = counts.map((count) => ({ name: `${count} groups`, file, args: [String(count)] }));
  const figures = measure(programs, Math.max(1, Math.ceil(runs / 3)));
  const [least] = figures;
  const rows = figures.map(({ seconds, cpuSeconds, mebibytes }, index) => {
    const count = counts[index] ?? 0;
    const each =
      count === 0 || least === undefined ? "" : (((cpuSeconds - least.cpuSeconds) * 1000) / count).toFixed(1);
    return [String(count), seconds.toFixed(2), cpuSeconds.toFixed(2), each, mebibytes.toFixed(0)];
  });
  table(["further worker groups", "s", "CPU s", "CPU ms each", "MiB"], rows);
}

function growth(): void {
  const many = join(__dirname, "many.js");
  const rows = [1_000, 5_000, 20_000].map((count) => {
    const program = (kind: string) => ({ name: kind, file: many, args: [kind, String(count)] });
    return { count, figures: measure([program("layer"), program("l1")], Math.max(1, Math.ceil(runs / 3))) };
  });
  table(
    ["security groups", ...besideHead("LayerStack", "L1"), "LayerStack CPU ms each"],
    rows.map(({ count, figures }) => [
      String(count),
      ...beside(...figures),
      (((figures[0]?.cpuSeconds ?? Number.NaN) * 1000) / count).toFixed(2),
    ]),
  );
}

/** What a Cart costs, by their number: job, service entry, intention, each calling the one before. */
function carts(): void {
  const file = join(__dirname, "many-carts.js");
  const counts = [1, 125, 250, 500];
  const programs = counts.map((count) => ({ name: `${count} Carts`, file, args: [String(count)] }));
  const figures = measure(programs, Math.max(1, Math.ceil(runs / 3)));
  const [least] = figures;
  const rows = figures.map(({ seconds, cpuSeconds, mebibytes }, index) => {
    const count = counts[index] ?? 0;
    const each =
      index === 0 || least === undefined ? "" : (((cpuSeconds - least.cpuSeconds) * 1000) / (count - 1)).toFixed(1);
    return [String(count), seconds.toFixed(2), cpuSeconds.toFixed(2), each, mebibytes.toFixed(0)];
  });
  table(["Carts", "s", "CPU s", "CPU ms each", "MiB"], rows);
}

function countResources({ resource = {}, data = {} }: Record<"resource" | "data", Record<string, object>>): number {
  return [...Object.values(resource), ...Object.values(data)].reduce(
    (sum, byName) => sum + Object.keys(byName).length,
    0,
  );
}

function besideHead(ours: string, theirs: string): string[] {
  return [`${ours} s`, `${theirs} s`, "ratio", "CPU s", "CPU s", "ratio", `${ours} MiB`, `${theirs} MiB`];
}

function beside(ours?: Figure, theirs?: Figure): string[] {
  if (ours === undefined || theirs === undefined) return [];
  const seconds = [ours.seconds, theirs.seconds, ours.seconds / theirs.seconds];
  const cpu = [ours.cpuSeconds, theirs.cpuSeconds, ours.cpuSeconds / theirs.cpuSeconds];
  return [
    ...[...seconds, ...cpu].map((figure) => figure.toFixed(2)),
    ...[ours.mebibytes, theirs.mebibytes].map((figure) => figure.toFixed(0)),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows])
    console.log(row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  "));
  console.log();
}
