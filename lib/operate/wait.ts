import { type Bounds, Deadline, waitUntil } from "./bounds";
import { judge, type Observation } from "./judge";
import type { Living } from "./living";
import { observe } from "./observe";

/**
 * Waits until an environment does its work and can bear its losses: every product is reached and led, all servers vote and are
 * healthy, every group has its machines. Warnings and old snapshots are not waited for.
 *
 * @param bounds `timeout` is `"15m"` if it is not given: a birth takes some minutes.
 * @throws OperateError of kind `timeout` that says what is still amiss
 */
export function wait(living: Living, bounds: Bounds = {}): Promise<Observation> {
  return waitUntil<Observation>(
    new Deadline(bounds, "15m"),
    async (signal) => {
      const seen = await observe(living, signal);
      const amiss = judge(seen).filter(({ severity }) => severity !== "warning");
      if (amiss.length === 0) return { done: seen };
      return { waitingFor: amiss.map(({ about, what }) => `${about}: ${what}`).join("; ") };
    },
    { every: 3_000, fix: "caravan status says what to do about each" },
  );
}
