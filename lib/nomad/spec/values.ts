import type { IResolvable } from "cdktf";

/**
 * A time as people write it: `"30s"`, `"10m"`, `"36h"`, `"1h30m"`, `"30d"`, down to `ms`. A Terraform value of the same
 * form is converted when Terraform runs.
 */
export type Duration = string;

/**
 * An amount of memory or disk: `"512MiB"`, `"2GiB"`. A number counts mebibytes, as in the job specification (which
 * calls them MB).
 */
export type Size = number | string;

/** A yes or no, known at synth or by Terraform only. */
export type Flag = boolean | IResolvable;

/** A block that may be repeated: one, or a list. */
export type OneOrMore<T> = T | readonly T[];

/** Blocks with a label: the label is the key. */
export type Labelled<T> = Readonly<Record<string, T>>;

/** Pairs of text. */
export type TextMap = Readonly<Record<string, string>>;

/** A structure of another program's own words, passed on as it stands: numbers, texts, lists and objects. */
export type Free = Readonly<Record<string, unknown>>;
