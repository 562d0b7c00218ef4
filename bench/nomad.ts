// Prints what Nomad jobs cost in the model and beside it as raw JSON for `nomad_job`, by their number: whole processes
// that take turns. `node dist/bench/nomad.js`
import { join } from "node:path";
import { measure } from "./measure";

const runs = Number(process.env["BENCH_RUNS"] ?? 5);
const file = join(__dirname, "nomad-jobs.js");

console.log(`node ${process.version}, median of ${runs} whole processes\n`);
console.log("  jobs  typed s   raw s  ratio  typed MiB  raw MiB  typed CPU ms a job");
let base: number | undefined;
for (const count of [1, 250, 500, 1_000, 2_000]) {
  const program = (kind: string) => ({ name: kind, file, args: [kind, String(count)] });
  const [typed, raw] = measure([program("typed"), program("raw")], runs);
  if (typed === undefined || raw === undefined) throw new Error("nothing was measured");
  // What one job costs once the process stands.
  base ??= typed.cpuSeconds;
  const each = count === 1 ? "" : (((typed.cpuSeconds - base) * 1000) / (count - 1)).toFixed(2);
  const cells = [
    String(count).padStart(6),
    typed.seconds.toFixed(2).padStart(7),
    raw.seconds.toFixed(2).padStart(6),
    (typed.seconds / raw.seconds).toFixed(2).padStart(5),
    typed.mebibytes.toFixed(0).padStart(9),
    raw.mebibytes.toFixed(0).padStart(7),
    each.padStart(18),
  ];
  console.log(cells.join("  "));
}
