import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { ApiJob, ApiService } from "../../lib/nomad";

interface Field {
  readonly name: string;
  readonly kind: string;
}

/** Every structure and field of Nomad's own schema. */
export const schema: Readonly<Record<string, readonly Field[] | null>> = JSON.parse(
  readFileSync("scripts/nomad/job-schema.json", "utf8"),
);

/**
 * Compares what was sent with what Nomad stored: every field that was set is there with the same value. What Nomad adds
 * is no difference. Each field that was set and kept is noted in `seen` as `Structure.Field`.
 */
export function lostFields(sent: ApiJob, stored: unknown, seen: Set<string>): readonly string[] {
  const lost = compareStruct("Job", asSpread(JSON.parse(JSON.stringify(sent))), stored, "job", seen);
  if (lost.length === 0) {
    for (const name of ["Migrate", "Reschedule"] as const) if (sent[name] !== undefined) seen.add(`Job.${name}`);
    const services = (sent.TaskGroups ?? []).flatMap((group) => group.Services ?? []);
    if (services.some((service) => service.CheckRestart && service.Checks)) seen.add("Service.CheckRestart");
  }
  return lost;
}

/** Nomad moves policies of the job into its groups, and a service's restart into its checks. */
function asSpread({ Update, Migrate, Reschedule, TaskGroups = [], ...job }: ApiJob): ApiJob {
  const groups = TaskGroups.map((group) => ({
    ...group,
    ...(Update && { Update: { ...Update, ...group.Update } }),
    ...(Migrate && { Migrate: { ...Migrate, ...group.Migrate } }),
    ...(Reschedule && { ReschedulePolicy: { ...Reschedule, ...group.ReschedulePolicy } }),
    ...(group.Services && { Services: group.Services.map(restartInChecks) }),
  }));
  const { Stagger, MaxParallel } = Update ?? {};
  const kept = { ...(Stagger !== undefined && { Stagger }), ...(MaxParallel !== undefined && { MaxParallel }) };
  return { ...job, ...(Update && { Update: kept }), TaskGroups: groups };
}

function restartInChecks({ CheckRestart, ...service }: ApiService): ApiService {
  if (CheckRestart === undefined || service.Checks === undefined) return service;
  return { ...service, Checks: service.Checks.map((check) => ({ CheckRestart, ...check })) };
}

type Entry = Readonly<Record<string, unknown>>;

/** The server says `Url` where the client says `URL`. */
function storedAs(stored: Entry, name: string): unknown {
  const key = Object.keys(stored).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : stored[key];
}

function compareStruct(struct: string, sent: unknown, stored: unknown, path: string, seen: Set<string>): string[] {
  if (typeof stored !== "object" || stored === null) return [`${path}: not stored`];
  return Object.entries(sent as Entry).flatMap(([name, value]) => {
    const field = schema[struct]?.find((candidate) => candidate.name === name);
    if (field === undefined) return [`${path}.${name}: not in the schema`];
    const lost = compareKind(field.kind, value, storedAs(stored as Entry, name), `${path}.${name}`, seen);
    if (lost.length === 0) seen.add(`${struct}.${name}`);
    return lost;
  });
}

function compareKind(kind: string, sent: unknown, stored: unknown, path: string, seen: Set<string>): string[] {
  const [, container, struct] = /^(list|map)<struct:(\w+)>$/.exec(kind) ?? [];
  if (kind.startsWith("struct:")) return compareStruct(kind.slice("struct:".length), sent, stored, path, seen);
  if (container === "list" && struct !== undefined) {
    return (sent as readonly unknown[]).flatMap((element, index) => {
      const other = (stored as readonly unknown[] | null)?.[index];
      return compareStruct(struct, element, other, `${path}[${index}]`, seen);
    });
  }
  if (container === "map" && struct !== undefined) {
    return Object.entries(sent as Entry).flatMap(([key, element]) =>
      compareStruct(struct, element, (stored as Entry | null)?.[key], `${path}.${key}`, seen),
    );
  }
  if (isDeepStrictEqual(sent, stored)) return [];
  return [`${path}: sent ${JSON.stringify(sent)}, stored ${JSON.stringify(stored)}`];
}
