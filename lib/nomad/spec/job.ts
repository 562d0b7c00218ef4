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
  /** @default "default" */
  readonly namespace?: string;
  /**
   * Datacenters whose nodes may run it; `*` stands for any characters.
   * @default ["*"]
   */
  readonly datacenters?: readonly string[];
  /** @default - the namespace's */
  readonly nodePool?: string;
  /** @default - the server's own */
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
  /** Facts for all its tasks: `NOMAD_META_<key>`. */
  readonly meta?: TextMap;
  /** Moves to another node, for all groups. */
  readonly reschedule?: Reschedule;
  /** What Nomad's web interface shows of it. */
  readonly ui?: Ui;
  /** Several regions at once. Nomad Enterprise. */
  readonly multiregion?: Multiregion;
}

/** Work that is to run for ever. */
export interface ServiceJob extends JobBase {
  /** @default "service" */
  readonly type?: "service";
  /** Even or given shares over an attribute, for all groups. */
  readonly spread?: OneOrMore<Spread>;
  /** How a new version takes over, for all groups. */
  readonly update?: Update;
  /** How it leaves a drained node, for all groups. */
  readonly migrate?: Migrate;
  readonly periodic?: never;
  readonly parameterized?: never;
}

/** Work that is to run on every node that fits. */
export interface SystemJob extends JobBase {
  readonly type: "system";
  /** How a new version takes over, for all groups. */
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
  readonly type: "batch";
  /** Even or given shares over an attribute, for all groups. */
  readonly spread?: OneOrMore<Spread>;
  readonly update?: never;
  readonly migrate?: never;
} & Start;

/** Work that ends, on every node that fits. */
export type SysbatchJob = JobBase & {
  readonly type: "sysbatch";
  readonly spread?: OneOrMore<Spread>;
  readonly update?: never;
  readonly migrate?: never;
  readonly reschedule?: never;
} & Start;

/** A Nomad job, in the words of the job specification, written as TypeScript writes them. */
export type Job = ServiceJob | SystemJob | BatchJob | SysbatchJob;

/** Starts of a batch job by the clock. */
export interface Periodic {
  /** Cron expressions of five fields (six with a year, seven with seconds), or `"@daily"` and the like. */
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
  /** @default true */
  readonly enabled?: Flag;
}

/** A job that only runs when dispatched, with a payload and facts. */
export interface Parameterized {
  /** @default "optional" */
  readonly payload?: "optional" | "required" | "forbidden";
  /** Keys that a dispatch must give. */
  readonly metaRequired?: readonly string[];
  /** Keys that a dispatch may give. */
  readonly metaOptional?: readonly string[];
}

/** What Nomad's web interface shows of a job. */
export interface Ui {
  /** In Markdown. */
  readonly description?: string;
  readonly link?: OneOrMore<UiLink>;
}

/** A link to elsewhere. */
export interface UiLink {
  readonly label: string;
  readonly url: string;
}

/** A job in several regions at once. Nomad Enterprise. */
export interface Multiregion {
  readonly strategy?: MultiregionStrategy;
  /** The regions, by name. */
  readonly region: Labelled<MultiregionRegion>;
}

/** How a new version goes from region to region. Nomad Enterprise. */
export interface MultiregionStrategy {
  readonly maxParallel?: number;
  readonly onFailure?: "fail_all" | "fail_local" | "";
}

/** What differs in one region. Nomad Enterprise. */
export interface MultiregionRegion {
  readonly count?: number;
  readonly datacenters?: readonly string[];
  readonly nodePool?: string;
  readonly meta?: TextMap;
}
