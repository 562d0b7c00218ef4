import type { PropsCheck } from "../core/errors";
import type { Group, Job, Task } from "../nomad";
import type { GroupOfCart, TaskOfCart } from "./declarations";

export interface GroupPlace {
  readonly job: string;
  readonly group: string;
}

export interface TaskPlace extends GroupPlace {
  readonly task: string;
}

/** Finds the group that a declaration means; where it is not found, says why and returns nothing. */
export function groupOf(jobs: readonly Job[], { job, group }: GroupOfCart, at: string, check: PropsCheck) {
  const inJob = choose(`${at}.job`, "job", job, Object.fromEntries(jobs.map((one) => [one.id, one])), check);
  if (inJob === undefined) return undefined;
  const found = choose<Group>(`${at}.group`, "group", group, entries(inJob.value.group), check);
  if (found === undefined) return undefined;
  return { job: inJob.name, group: found.name, value: found.value };
}

/** Finds the task that a declaration means. */
export function taskOf(jobs: readonly Job[], where: TaskOfCart, at: string, check: PropsCheck): TaskPlace | undefined {
  const found = groupOf(jobs, where, at, check);
  if (found === undefined) return undefined;
  const task = choose<Task>(`${at}.task`, "task", where.task, entries(found.value.task), check);
  return task === undefined ? undefined : { job: found.job, group: found.group, task: task.name };
}

function choose<T>(
  property: string,
  kind: string,
  name: string | undefined,
  all: Readonly<Record<string, T>>,
  check: PropsCheck,
): { readonly name: string; readonly value: T } | undefined {
  const names = Object.keys(all);
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  const value = wanted !== undefined && Object.hasOwn(all, wanted) ? all[wanted] : undefined;
  if (wanted !== undefined && value !== undefined) return { name: wanted, value };
  check.add({
    property,
    given: name,
    allowed: names.length === 0 ? `a ${kind} that there is` : names.join(", "),
    fix: name === undefined ? `name the ${kind}: there is more than one` : `name a ${kind} of the Cart`,
  });
  return undefined;
}

/** A job that JavaScript, not TypeScript, wrote may have anything there; the job's own check says so. */
function entries<T>(labelled: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> {
  return labelled !== null && typeof labelled === "object" ? labelled : {};
}
