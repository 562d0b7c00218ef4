// Prints, from whole processes that take turns: cold synth of an environment beside the same resources written by hand,
// and how time and memory grow with the number of resources.
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
environments();
growth();

function environments(): void {
  const ground = join(__dirname, "ground.js");
  const outdir = mkdtempSync(join(tmpdir(), "caravan-bench-"));
  execFileSync(process.execPath, [ground, outdir]);
  const stacks = new Map(
    readdirSync(join(outdir, "stacks")).map((id) => {
      return [id, JSON.parse(readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8"))];
    }),
  );
  rmSync(outdir, { recursive: true, force: true });
  const byHand = join(generated, "ground.js");
  writeFileSync(byHand, handwritten(stacks));
  const figures = measure(
    [
      { name: "constructs", file: ground },
      { name: "by hand", file: byHand },
    ],
    runs,
  );
  const resources = [...stacks.values()].reduce((sum, json) => sum + countResources(json), 0);
  table(
    ["an AWS environment's ground", ...besideHead("constructs", "by hand")],
    [[`${stacks.size} stacks, ${resources} resources`, ...beside(...figures)]],
  );
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
