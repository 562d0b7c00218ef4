import { type Bounds, Deadline } from "./bounds";
import { type Finding, judge, type Observation, verdict } from "./judge";
import type { Living } from "./living";
import { observe, observeKeeping } from "./observe";

/** How an environment is: plain data, ready for JSON. It holds no secret. */
export interface Status extends Observation {
  readonly verdict: "healthy" | "degraded" | "down";
  /** Why, and what else there is to do; the worst first. */
  readonly findings: readonly Finding[];
}

/**
 * How an environment is: each product's reachability, seal, leader, raft and versions, the machines of its groups, snapshots,
 * and bootstrap tokens that are still good. It changes nothing. What this identity may not see is listed in `unseen`, not
 * judged.
 */
export async function status(living: Living, bounds: Bounds = {}): Promise<Status> {
  const deadline = new Deadline(bounds, "1m");
  const [now, keeping] = await Promise.all([observe(living, deadline.signal), observeKeeping(living, deadline.signal)]);
  const seen: Observation = { ...now, ...keeping, unseen: [...now.unseen, ...(keeping.unseen ?? [])] };
  const findings = judge(seen);
  return { ...seen, verdict: verdict(findings), findings };
}
