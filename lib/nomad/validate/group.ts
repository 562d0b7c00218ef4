import type { ApiJob, ApiService, ApiTaskGroup } from "../generated/api";
import type { Place } from "../problems";
import { expectAtLeast, known, knownNumber } from "./expect";
import { checkNetworks } from "./network";
import { checkAffinities, checkConstraints, checkSpreads } from "./placement";
import {
  checkDisconnect,
  checkEphemeralDisk,
  checkMigrate,
  checkReschedule,
  checkRestart,
  checkScaling,
  checkUpdate,
} from "./policies";
import { checkService } from "./service";
import { checkTask } from "./task";
import { checkVolumes } from "./volume";

export function checkGroup(own: ApiTaskGroup, job: ApiJob, type: string, place: Place): void {
  const group = inherit(own, job);
  checkNames(group, place);
  checkCount(group, type, place);
  checkConstraints(group.Constraints, place);
  checkAffinities(group.Affinities, place);
  checkSpreads(group.Spreads, place);
  checkPolicies(group, type, place);
  checkNetworks(group, place);
  checkVolumes(group, type, place);
  group.Services?.forEach((service, index) => {
    checkService(service, { job, group }, place.at("service", index));
  });
  checkServicesTogether(group, place);
  for (const task of group.Tasks ?? []) checkTask(task, { job, group }, type, place.task(task.Name ?? ""));
}

/** What stands on the job holds for each group that does not say otherwise. */
function inherit(group: ApiTaskGroup, job: ApiJob): ApiTaskGroup {
  return {
    ...group,
    ...(job.Update === undefined ? {} : { Update: { ...job.Update, ...group.Update } }),
    ...(job.Migrate === undefined ? {} : { Migrate: { ...job.Migrate, ...group.Migrate } }),
    ...(job.Reschedule === undefined ? {} : { ReschedulePolicy: { ...job.Reschedule, ...group.ReschedulePolicy } }),
  };
}

function checkNames({ Name: name = "", Tasks = [] }: ApiTaskGroup, place: Place): void {
  if (name === "" || name.includes("\0")) {
    place.report({ given: name, allowed: "a name", fix: "name the group" });
  }
  if (Tasks.length === 0) place.at("task").report({ given: "none", allowed: "1 or more tasks", fix: "add a task" });
  const leaders = Tasks.filter((task) => task.Leader === true).map((task) => task.Name);
  if (leaders.length > 1) {
    place.at("task").report({ given: `${leaders.join(", ")} as leaders`, allowed: "one leader", fix: "keep one" });
  }
}

function checkCount({ Count }: ApiTaskGroup, type: string, place: Place): void {
  expectAtLeast(place.at("count"), Count, 0);
  if (type === "system" && (knownNumber(Count) ?? 0) > 1) {
    place.at("count").report({ given: Count, allowed: "1 in a system job: it runs on every node", fix: "remove it" });
  }
}

function checkPolicies(group: ApiTaskGroup, type: string, place: Place): void {
  if (group.RestartPolicy !== undefined) checkRestart(group.RestartPolicy, type, place.at("restart"));
  if (group.EphemeralDisk !== undefined) checkEphemeralDisk(group.EphemeralDisk, place.at("ephemeralDisk"));
  if (group.Disconnect !== undefined) checkDisconnect(group.Disconnect, type, place.at("disconnect"));
  if (group.Scaling !== undefined) checkScaling(group.Scaling, group, place);
  checkAllowedTypes(group, type, place);
  if (group.ReschedulePolicy !== undefined && allows("reschedule", type)) {
    checkReschedule(group.ReschedulePolicy, type, place.at("reschedule"));
  }
  if (group.Update !== undefined && allows("update", type)) checkUpdate(group.Update, place.at("update"));
  if (group.Migrate !== undefined && allows("migrate", type)) checkMigrate(group.Migrate, place.at("migrate"));
}

/** Which types of job know a block; the same on the job as on a group. */
const TYPES = {
  affinity: ["service", "batch", "sysbatch"],
  spread: ["service", "batch", "sysbatch"],
  update: ["service", "system"],
  migrate: ["service"],
  reschedule: ["service", "batch"],
} as const;

function allows(word: keyof typeof TYPES, type: string): boolean {
  return (TYPES[word] as readonly string[]).includes(type) || !known(type);
}

export function checkAllowedTypes(owner: ApiTaskGroup | ApiJob, type: string, place: Place): void {
  const given = {
    affinity: owner.Affinities,
    spread: owner.Spreads,
    update: owner.Update,
    migrate: owner.Migrate,
    reschedule:
      "ReschedulePolicy" in owner ? owner.ReschedulePolicy : "Reschedule" in owner ? owner.Reschedule : undefined,
  };
  for (const word of Object.keys(TYPES) as (keyof typeof TYPES)[]) {
    if (given[word] === undefined || allows(word, type)) continue;
    const allowed = `it in ${TYPES[word].join(" and ")} jobs`;
    place.at(word).report({ given: `it in a ${type} job`, allowed, fix: "remove it, or change the job's type" });
  }
}

/** Services of a group and its tasks share one catalog. */
function checkServicesTogether(group: ApiTaskGroup, place: Place): void {
  const providers = new Set<string>();
  const seen = new Set<string>();
  const each = (service: ApiService, at: Place) => {
    providers.add(service.Provider ?? "consul");
    if (service.Name === undefined) return;
    const key = `${service.Name}\0${service.PortLabel ?? ""}`;
    if (seen.has(key)) {
      at.at("name").report({ given: service.Name, allowed: "a name and port once a group", fix: "rename one of them" });
    }
    seen.add(key);
  };
  group.Services?.forEach((service, index) => {
    each(service, place.at("service", index));
  });
  for (const task of group.Tasks ?? []) {
    task.Services?.forEach((service, index) => {
      each(service, place.task(task.Name ?? "").at("service", index));
    });
  }
  if (providers.size > 1 && [...providers].every((provider) => known(provider))) {
    const given = [...providers].join(" and ");
    place
      .at("service")
      .report({ given, allowed: "one provider for all of a group", fix: "register all in one catalog" });
  }
}
