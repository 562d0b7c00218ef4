import type { Duration, Periodic, Scaling, Spread, Update } from "../spec";

/** How a new version is tried and taken over. */
export interface CanaryProps {
  /**
   * How many of the new version run beside the old.
   * @default 1
   */
  readonly count?: number;
  /**
   * `"auto"` takes over as soon as the canaries are healthy; `"manual"` waits for `nomad deployment promote`.
   * @default "auto"
   */
  readonly promotion?: "auto" | "manual";
  /**
   * How long a canary must be healthy.
   * @default "10s"
   */
  readonly minHealthyTime?: Duration;
}

/** New versions start as canaries; one that does not become healthy is taken back. */
export function canary(props: CanaryProps = {}): { readonly update: Update } {
  const { count = 1, promotion = "auto", minHealthyTime } = props;
  return {
    update: {
      canary: count,
      autoPromote: promotion === "auto",
      autoRevert: true,
      ...(minHealthyTime === undefined ? {} : { minHealthyTime }),
    },
  };
}

/**
 * Starts a batch job by the clock; a start is skipped while the one before still runs.
 *
 * ```ts
 * extendJob(backup, schedule("0 3 * * *", { timeZone: "Europe/Berlin" }));
 * ```
 */
export function schedule(
  crons: string | readonly string[],
  rest: Partial<Periodic> = {},
): { readonly periodic: Periodic } {
  return { periodic: { crons: [crons].flat(), prohibitOverlap: true, ...rest } };
}

/** Runs a job on the nodes of a pool only. */
export function runInPool(nodePool: string): { readonly nodePool: string } {
  return { nodePool };
}

/**
 * Spreads a group's allocations over zones, so that the loss of one leaves the others.
 *
 * @param attribute What tells zones apart: `"${attr.platform.aws.placement.availability-zone}"` on AWS,
 * `"${attr.platform.gce.zone}"` on Google Cloud, a fact of your own (`"${meta.zone}"`) anywhere. By default datacenters.
 */
export function spreadOverZones(attribute = "${node.datacenter}"): { readonly spread: Spread } {
  return { spread: { attribute, weight: 100 } };
}

/** One thing that the Autoscaler looks at. */
export interface ScalingCheck {
  /**
   * The Autoscaler's source of figures.
   * @default "nomad-apm"
   */
  readonly source?: string;
  /** In the source's language: `"avg_cpu"`, `"avg_memory"` of `nomad-apm`. */
  readonly query: string;
  /**
   * The time over which it is taken.
   * @default - the source's
   */
  readonly queryWindow?: Duration;
  /** The value to be held, by the `target-value` strategy. */
  readonly target: number;
}

/** Bounds and reasons for the Nomad Autoscaler. */
export interface AutoscalingProps {
  /** The least count. */
  readonly min: number;
  /** The greatest count. */
  readonly max: number;
  /** What it looks at, by name. The one that asks for the most counts. */
  readonly checks: Readonly<Record<string, ScalingCheck>>;
  /**
   * The rest after a change.
   * @default "5m"
   */
  readonly cooldown?: Duration;
  /**
   * How often it looks.
   * @default "10s"
   */
  readonly evaluationInterval?: Duration;
}

/** Lets the Nomad Autoscaler hold a value by changing a group's count. */
export function autoscaling(props: AutoscalingProps): { readonly scaling: Scaling } {
  const { min, max, checks, cooldown = "5m", evaluationInterval = "10s" } = props;
  const check = Object.entries(checks).map(([name, { source = "nomad-apm", query, queryWindow, target }]) => ({
    [name]: [
      {
        source,
        query,
        ...(queryWindow === undefined ? {} : { query_window: queryWindow }),
        strategy: [{ "target-value": [{ target }] }],
      },
    ],
  }));
  return {
    scaling: { enabled: true, min, max, policy: { cooldown, evaluation_interval: evaluationInterval, check } },
  };
}
