import type { Labelled, OneOrMore } from "./values";

/** How a `Constraint` compares. The ones below the first line look at the job itself and need no `attribute`. */
export type ConstraintOperator =
  | "="
  | "!="
  | ">"
  | ">="
  | "<"
  | "<="
  | "is_set"
  | "is_not_set"
  | "regexp"
  | "semver"
  | "set_contains"
  | "set_contains_all"
  | "set_contains_any"
  | "version"
  | "distinct_hosts"
  | "distinct_property";

/** A rule that a node must fulfil to be given the work. */
export interface Constraint {
  /**
   * What is looked at: `"${node.datacenter}"`, `"${attr.kernel.name}"`, `"${meta.rack}"`.
   * @default - none; `distinct_hosts` needs none
   */
  readonly attribute?: string;
  /**
   * How it is compared. `version` and `semver` take a version constraint, `regexp` a Go regular expression,
   * `set_contains` lists separated by commas; `distinct_property` allows as many allocations a value as `value` says.
   * @default "="
   */
  readonly operator?: ConstraintOperator;
  /**
   * What it is compared with.
   * @default - none; `is_set` and `is_not_set` need none
   */
  readonly value?: string;
}

/** How an `Affinity` compares. */
export type AffinityOperator = Exclude<
  ConstraintOperator,
  "distinct_hosts" | "distinct_property" | "is_set" | "is_not_set"
>;

/** A preference among the nodes that fulfil the constraints. */
export interface Affinity {
  /**
   * What is looked at: `"${node.datacenter}"`, `"${attr.cpu.arch}"`.
   * @default - none
   */
  readonly attribute?: string;
  /**
   * How it is compared.
   * @default "="
   */
  readonly operator?: AffinityOperator;
  /**
   * What it is compared with.
   * @default - none
   */
  readonly value?: string;
  /**
   * How much it counts, from -100 (away from such nodes) to 100; not 0.
   * @default 50
   */
  readonly weight?: number;
}

/** Places the allocations of a group evenly, or in given shares, over the values of an attribute. */
export interface Spread {
  /** What is spread over: `"${node.datacenter}"`, `"${meta.rack}"`. */
  readonly attribute: string;
  /**
   * How much it counts against other spreads and affinities, 1 to 100.
   * @default 50
   */
  readonly weight?: number;
  /**
   * The share a value gets, by value. What is left of 100 goes to the values that are not named.
   * @default - evenly
   */
  readonly target?: Labelled<SpreadTarget>;
}

/** The share of one value of a `Spread`. */
export interface SpreadTarget {
  /** Percent, 0 to 100; all targets together at most 100. */
  readonly percent: number;
}

/** Where work may and should run; the same words for a job, a group and a task. */
export interface Placement {
  /**
   * What a node must fulfil.
   * @default - nothing
   */
  readonly constraint?: OneOrMore<Constraint>;
  /**
   * What a node had better fulfil. Not for system jobs.
   * @default - nothing
   */
  readonly affinity?: OneOrMore<Affinity>;
}
