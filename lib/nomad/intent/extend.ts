import { words } from "../generated/words";
import type {
  Group,
  Job,
  JobBase,
  Migrate,
  OneOrMore,
  Parameterized,
  Periodic,
  Spread,
  TaskBase,
  Update,
} from "../spec";

type Struct = keyof typeof words;
type Entry = Readonly<Record<string, unknown>>;

/** A part of a task, without its driver. */
export type TaskPart = Partial<TaskBase>;

/** A part of a group, and of tasks that it has already. */
export type GroupPart = Partial<Omit<Group, "task">> & { readonly task?: Readonly<Record<string, TaskPart>> };

/** A part of a job, and of groups that it has already. Whether its type allows it is checked with the whole job. */
export interface JobPart extends Partial<Omit<JobBase, "group" | "id">> {
  /**
   * Parts of groups, by name.
   * @default - none
   */
  readonly group?: Readonly<Record<string, GroupPart>>;
  /**
   * Even or given shares over an attribute.
   * @default - none
   */
  readonly spread?: OneOrMore<Spread>;
  /**
   * How a new version takes over.
   * @default - none
   */
  readonly update?: Update;
  /**
   * How it leaves a drained node.
   * @default - none
   */
  readonly migrate?: Migrate;
  /**
   * When it starts by the clock.
   * @default - none
   */
  readonly periodic?: Periodic;
  /**
   * That it waits to be dispatched.
   * @default - none
   */
  readonly parameterized?: Parameterized;
}

/**
 * A job with parts added, such as the helpers of this library make: lists grow, labels and keys are merged, and where two
 * say one thing differently the later part holds. Nothing is changed in place.
 */
export function extendJob(job: Job, ...parts: readonly JobPart[]): Job {
  return extend("Job", job, parts);
}

/** A group with parts added, as `extendJob` does. */
export function extendGroup(group: Group, ...parts: readonly GroupPart[]): Group {
  return extend("TaskGroup", group, parts);
}

/** A task with parts added, as `extendJob` does. */
export function extendTask<T extends TaskBase>(task: T, ...parts: readonly TaskPart[]): T {
  return extend("Task", task, parts);
}

function extend<T extends object>(struct: Struct, whole: T, parts: readonly object[]): T {
  return parts.reduce<Entry>((before, part) => merge(struct, before, part as Entry), whole as Entry) as T;
}

function merge(struct: Struct, before: Entry, part: Entry): Entry {
  const known: Readonly<Record<string, readonly [string, string]>> = words[struct];
  const merged = Object.entries(part)
    .filter(([, value]) => value !== undefined)
    .map(([word, value]) => [word, mergeWord(known[word]?.[1] ?? "any", before[word], value)]);
  return { ...before, ...Object.fromEntries(merged) };
}

function mergeWord(kind: string, before: unknown, value: unknown): unknown {
  if (before === undefined) return value;
  const labelled = /^labelled-(?:list|map):(\w+):/.exec(kind)?.[1] as Struct | undefined;
  if (labelled !== undefined) return mergeLabels(labelled, before as Entry, value as Entry);
  if (kind.startsWith("struct:")) return merge(kind.slice("struct:".length) as Struct, before as Entry, value as Entry);
  // A group has one network, whatever the schema says.
  if (kind === "list<struct:NetworkResource>") return merge("NetworkResource", before as Entry, value as Entry);
  if (kind.startsWith("list<")) return [before, value].flat();
  if (kind.startsWith("map<")) return { ...(before as Entry), ...(value as Entry) };
  return value;
}

function mergeLabels(struct: Struct, before: Entry, value: Entry): Entry {
  const merged = Object.entries(value).map(([label, inner]) => {
    const old = before[label] as Entry | undefined;
    return [label, old === undefined ? inner : merge(struct, old, inner as Entry)];
  });
  return { ...before, ...Object.fromEntries(merged) };
}
