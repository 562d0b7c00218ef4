import type { Group } from "./group";
import type { Placement, Spread } from "./placement";
import type { Migrate, Reschedule, Update } from "./policies";
import type { Flag, Labelled, OneOrMore, TextMap } from "./values";

/** What all jobs have. */
export interface JobBase extends Placement {
  /** The job's id in its namespace: what `nomad job status` names. */
  readonly id: string;
  /**
   * A name for people; several jobs may share it.
   * @default - the id
   */
  readonly name?: string;
  /** The groups, by name. */
  readonly group: Labelled<Group>;
  /**
   * The namespace that it is in.
   * @default "default"
   */
  readonly namespace?: string;
  /**
   * Datacenters whose nodes may run it; `*` stands for any characters.
   * @default ["*"]
   */
  readonly datacenters?: readonly string[];
  /**
   * The nodes that may run it.
   * @default - the namespace's
   */
  readonly nodePool?: string;
  /**
   * The region that it is in.
   * @default - the server's own
   */
  readonly region?: string;
  /**
   * 1 to 100 (or the servers' `job_max_priority`); a higher one is placed first.
   * @default 50
   */
  readonly priority?: number;
  /**
   * Place nothing unless all fits.
   * @default false
   */
  readonly allAtOnce?: Flag;
  /**
   * Facts for all its tasks: `NOMAD_META_<key>`.
   * @default - none
   */
  readonly meta?: TextMap;
  /**
   * Moves to another node, for all groups.
   * @default - without end, with growing waits; once a day for batch work
   */
  readonly reschedule?: Reschedule;
  /**
   * What Nomad's web interface shows of it.
   * @default - nothing
   */
  readonly ui?: Ui;
  /**
   * Several regions at once. Nomad Enterprise.
   * @default - one region
   */
  readonly multiregion?: Multiregion;
}

/** Work that is to run for ever. */
export interface ServiceJob extends JobBase {
  /**
   * It runs for ever.
   * @default "service"
   */
  readonly type?: "service";
  /**
   * Even or given shares over an attribute, for all groups.
   * @default - by the scheduler alone
   */
  readonly spread?: OneOrMore<Spread>;
  /**
   * How a new version takes over, for all groups.
   * @default - one at a time
   */
  readonly update?: Update;
  /**
   * How it leaves a drained node, for all groups.
   * @default - one at a time
   */
  readonly migrate?: Migrate;
  readonly periodic?: never;
  readonly parameterized?: never;
}

/** Work that is to run on every node that fits. */
export interface SystemJob extends JobBase {
  /** It runs on every node that fits. */
  readonly type: "system";
  /**
   * How a new version takes over, for all groups.
   * @default - one at a time
   */
  readonly update?: Update;
  readonly affinity?: never;
  readonly spread?: never;
  readonly migrate?: never;
  readonly reschedule?: never;
  readonly periodic?: never;
  readonly parameterized?: never;
}

/** When a batch job runs: at once, by the clock, or when somebody dispatches it. */
type Start =
  | { readonly periodic?: never; readonly parameterized?: never }
  | { readonly periodic: Periodic; readonly parameterized?: never }
  | { readonly parameterized: Parameterized; readonly periodic?: never };

/** Work that ends. */
export type BatchJob = JobBase & {
  /** It ends. */
  readonly type: "batch";
  /**
   * Even or given shares over an attribute, for all groups.
   * @default - by the scheduler alone
   */
  readonly spread?: OneOrMore<Spread>;
  readonly update?: never;
  readonly migrate?: never;
} & Start;

/** Work that ends, on every node that fits. */
export type SysbatchJob = JobBase & {
  /** It ends, and runs on every node that fits. */
  readonly type: "sysbatch";
  /**
   * Even or given shares over an attribute.
   * @default - by the scheduler alone
   */
  readonly spread?: OneOrMore<Spread>;
  readonly update?: never;
  readonly migrate?: never;
  readonly reschedule?: never;
} & Start;

/** A Nomad job, in the words of the job specification, written as TypeScript writes them. */
export type Job = ServiceJob | SystemJob | BatchJob | SysbatchJob;

/** Starts of a batch job by the clock. */
export interface Periodic {
  /**
   * Cron expressions of five fields (six with a year, seven with seconds), or `"@daily"` and the like.
   * @default - `cron`
   */
  readonly crons?: readonly string[];
  /** @deprecated `crons`; Nomad warns */
  readonly cron?: string;
  /**
   * Skip a start while the one before still runs.
   * @default false
   */
  readonly prohibitOverlap?: Flag;
  /**
   * Zone of the tz database: `"Europe/Berlin"`.
   * @default "UTC"
   */
  readonly timeZone?: string;
  /**
   * Start it at all.
   * @default true
   */
  readonly enabled?: Flag;
}

/** A job that only runs when dispatched, with a payload and facts. */
export interface Parameterized {
  /**
   * Whether a dispatch brings a payload, of at most 16 KiB.
   * @default "optional"
   */
  readonly payload?: "optional" | "required" | "forbidden";
  /**
   * Keys that a dispatch must give.
   * @default - none
   */
  readonly metaRequired?: readonly string[];
  /**
   * Keys that a dispatch may give.
   * @default - none
   */
  readonly metaOptional?: readonly string[];
}

/** What Nomad's web interface shows of a job. */
export interface Ui {
  /**
   * In Markdown.
   * @default - none
   */
  readonly description?: string;
  /**
   * Links to elsewhere.
   * @default - none
   */
  readonly link?: OneOrMore<UiLink>;
}

/** A link to elsewhere. */
export interface UiLink {
  /** What it is called. */
  readonly label: string;
  /** Where it leads. */
  readonly url: string;
}

/** A job in several regions at once. Nomad Enterprise. */
export interface Multiregion {
  /**
   * How a new version goes from region to region.
   * @default - all at once
   */
  readonly strategy?: MultiregionStrategy;
  /** The regions, by name. */
  readonly region: Labelled<MultiregionRegion>;
}

/** How a new version goes from region to region. Nomad Enterprise. */
export interface MultiregionStrategy {
  /**
   * How many regions at a time.
   * @default - all
   */
  readonly maxParallel?: number;
  /**
   * Which regions fail with one that does.
   * @default - the rest
   */
  readonly onFailure?: "fail_all" | "fail_local" | "";
}

/** What differs in one region. Nomad Enterprise. */
export interface MultiregionRegion {
  /**
   * Count of groups that give none.
   * @default - the group's
   */
  readonly count?: number;
  /**
   * Datacenters of the region.
   * @default - the job's
   */
  readonly datacenters?: readonly string[];
  /**
   * Node pool of the region.
   * @default - the job's
   */
  readonly nodePool?: string;
  /**
   * Facts of the region.
   * @default - the job's
   */
  readonly meta?: TextMap;
}
