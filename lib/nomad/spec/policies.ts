import type { Duration, Flag, Free } from "./values";

/** Restarts of a task on the same node, after it failed. */
export interface Restart {
  /**
   * How many within `interval`.
   * @default 2 for service and system, 3 for batch and sysbatch
   */
  readonly attempts?: number;
  /**
   * The window in which `attempts` count; it must hold all of them with their delays.
   * @default "30m", "24h" for batch and sysbatch
   */
  readonly interval?: Duration;
  /**
   * The wait before a restart; up to a quarter is added at random.
   * @default "15s"
   */
  readonly delay?: Duration;
  /**
   * When the attempts are used up: `"fail"` gives the allocation up (it may then be rescheduled), `"delay"` waits for
   * the next window.
   * @default "fail"
   */
  readonly mode?: "fail" | "delay";
  /**
   * Render the task's templates anew at each restart.
   * @default false
   */
  readonly renderTemplates?: Flag;
}

/** Moves of a failed allocation to another node. Not for system and sysbatch jobs. */
export interface Reschedule {
  /**
   * How many within `interval`; only without `unlimited`.
   * @default 1 for batch; service is unlimited
   */
  readonly attempts?: number;
  /**
   * The window in which `attempts` count; only without `unlimited`.
   * @default "24h" for batch
   */
  readonly interval?: Duration;
  /**
   * The wait before the first move, at least 5 seconds.
   * @default "30s", "5s" for batch
   */
  readonly delay?: Duration;
  /**
   * How the wait grows: the same each time, doubled, or as the Fibonacci numbers.
   * @default "exponential", "constant" for batch
   */
  readonly delayFunction?: "constant" | "exponential" | "fibonacci";
  /**
   * The longest wait of a growing one; longer than `delay`.
   * @default "1h"
   */
  readonly maxDelay?: Duration;
  /**
   * Never give up.
   * @default true for service, false for batch
   */
  readonly unlimited?: Flag;
}

/** How a new version of the job replaces the old one. Service and system jobs. */
export interface Update {
  /**
   * How many allocations are replaced at a time; 0 replaces all at once, with no deployment.
   * @default 1
   */
  readonly maxParallel?: number;
  /**
   * What makes an allocation healthy: its checks and running tasks, running tasks alone, or a call of the API.
   * @default "checks"
   */
  readonly healthCheck?: "checks" | "task_states" | "manual";
  /**
   * How long it must stay healthy before the next is replaced.
   * @default "10s"
   */
  readonly minHealthyTime?: Duration;
  /**
   * How long it may take to become healthy; longer than `minHealthyTime`.
   * @default "5m"
   */
  readonly healthyDeadline?: Duration;
  /**
   * How long a deployment may go without one more healthy allocation; longer than `healthyDeadline`, or `"0s"`: the
   * first unhealthy one fails it.
   * @default "10m"
   */
  readonly progressDeadline?: Duration;
  /**
   * Return to the last stable version when a deployment fails.
   * @default false
   */
  readonly autoRevert?: Flag;
  /**
   * Replace the rest as soon as all canaries are healthy; needs `canary`.
   * @default false
   */
  readonly autoPromote?: Flag;
  /**
   * How many of the new version run beside the old one before anything is replaced.
   * @default 0
   */
  readonly canary?: number;
  /**
   * The wait between two nodes where a node is drained or lost.
   * @default "30s"
   */
  readonly stagger?: Duration;
}

/** How allocations leave a node that is drained. Service jobs. */
export interface Migrate {
  /**
   * How many of a group leave at a time.
   * @default 1
   */
  readonly maxParallel?: number;
  /**
   * What makes the new allocation healthy.
   * @default "checks"
   */
  readonly healthCheck?: "checks" | "task_states";
  /**
   * How long it must stay healthy before the next leaves.
   * @default "10s"
   */
  readonly minHealthyTime?: Duration;
  /**
   * How long it may take to become healthy; longer than `minHealthyTime`.
   * @default "5m"
   */
  readonly healthyDeadline?: Duration;
}

/** What happens when a node loses touch with the servers. */
export interface Disconnect {
  /**
   * How long its allocations count as `unknown`, not `lost`.
   * @default - lost at once
   */
  readonly lostAfter?: Duration;
  /**
   * Start replacements while they are unknown.
   * @default true
   */
  readonly replace?: Flag;
  /**
   * Which is kept when the node is back: the original, the replacement, or what scores best or has run longest.
   * @default "best_score"
   */
  readonly reconcile?: "best_score" | "longest_running" | "keep_original" | "keep_replacement";
  /**
   * The node itself stops the tasks after this time. Not together with `lostAfter`.
   * @default - never
   */
  readonly stopOnClientAfter?: Duration;
}

/** Bounds of a group's count for the API, `nomad job scale` and the Nomad Autoscaler. */
export interface Scaling {
  /**
   * The least count.
   * @default - the group's count
   */
  readonly min?: number;
  /** The greatest count. */
  readonly max: number;
  /**
   * Whether the Autoscaler evaluates the policy.
   * @default true
   */
  readonly enabled?: Flag;
  /**
   * Kind of scaling. `vertical_cpu` and `vertical_mem` are for tasks, in Nomad Enterprise.
   * @default "horizontal"
   */
  readonly type?: "horizontal" | "vertical_cpu" | "vertical_mem";
  /**
   * What the Autoscaler reads, in its own words (`cooldown`, `evaluation_interval`, `check`). `autoscaling` writes it.
   * @default - bounds only
   */
  readonly policy?: Free;
}
