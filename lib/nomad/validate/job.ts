import type { ApiJob, ApiParameterizedJobConfig, ApiPeriodicConfig } from "../generated/api";
import type { Place } from "../problems";
import { cronMistake, isTimeZone } from "./cron";
import { expectOneOf, expectRange, known, knownText } from "./expect";
import { checkAllowedTypes, checkGroup } from "./group";
import { checkAffinities, checkConstraints, checkSpreads } from "./placement";

/** Reports what Nomad would refuse in a job, as far as it can be known without Nomad. */
export function checkJob(job: ApiJob, place: Place): void {
  checkId(job, place);
  const type = job.Type ?? "service";
  expectOneOf(place.at("type"), job.Type, ["service", "batch", "system", "sysbatch"]);
  expectRange(place.at("priority"), job.Priority, 1, 100);
  for (const [word, given] of Object.entries({ region: job.Region, namespace: job.Namespace })) {
    if (given === "") place.at(word).report({ given, allowed: "a name", fix: "name it, or leave it out" });
  }
  if (known(job.Datacenters)) {
    job.Datacenters.forEach((name, index) => {
      if (name === "") {
        place
          .at("datacenters", index)
          .report({ given: name, allowed: "a name, or * for any characters", fix: "name it" });
      }
    });
  }
  checkConstraints(job.Constraints, place);
  checkAffinities(job.Affinities, place);
  checkSpreads(job.Spreads, place);
  checkAllowedTypes(job, type, place);
  checkStart(job, type, place);
  const description = knownText(job.UI?.Description);
  if (description !== undefined && description.length > 1000) {
    const given = `${description.length} characters`;
    place.at("ui", "description").report({ given, allowed: "at most 1,000 characters", fix: "shorten it" });
  }
  const groups = job.TaskGroups ?? [];
  if (groups.length === 0) place.at("group").report({ given: "none", allowed: "1 or more groups", fix: "add a group" });
  for (const group of groups) checkGroup(group, job, type, place.group(group.Name ?? ""));
}

function checkId({ ID: id = "", Name: name }: ApiJob, place: Place): void {
  if (id === "" || (known(id) && /[\s\0]/.test(id))) {
    place.at("id").report({ given: id, allowed: "a text without spaces", fix: "give the job an id" });
  }
  if (name !== id && (name === "" || (known(name) && name.includes("\0")))) {
    place.at("name").report({ given: name, allowed: "a text", fix: "name the job, or leave it out" });
  }
}

function checkStart(job: ApiJob, type: string, place: Place): void {
  const starts = { periodic: job.Periodic, parameterized: job.ParameterizedJob };
  for (const [word, given] of Object.entries(starts)) {
    if (given === undefined || type === "batch" || type === "sysbatch" || !known(type)) continue;
    place
      .at(word)
      .report({ given: `it in a ${type} job`, allowed: "it in batch and sysbatch jobs", fix: "change the type" });
  }
  if (job.Periodic !== undefined && job.ParameterizedJob !== undefined) {
    const fix = "make two jobs: a parameterized one ignores the clock until it is dispatched";
    place.at("parameterized").report({ given: "both", allowed: "it without periodic", fix });
  }
  if (job.Periodic !== undefined) checkPeriodic(job.Periodic, place.at("periodic"));
  if (job.ParameterizedJob !== undefined) checkParameterized(job.ParameterizedJob, place.at("parameterized"));
  const payloads = (job.TaskGroups ?? []).flatMap((group) =>
    (group.Tasks ?? []).filter((task) => task.DispatchPayload !== undefined).map((task) => ({ group, task })),
  );
  for (const { group, task } of job.ParameterizedJob === undefined ? payloads : []) {
    const at = place
      .group(group.Name ?? "")
      .task(task.Name ?? "")
      .at("dispatchPayload");
    at.report({ given: "it", allowed: "it in a parameterized job", fix: "remove it, or add parameterized to the job" });
  }
}

function checkPeriodic({ Spec, Specs, TimeZone, Enabled }: ApiPeriodicConfig, place: Place): void {
  const specs = Specs === undefined || !known(Specs) ? [] : Specs;
  if (Spec === undefined && Specs === undefined) {
    place.at("crons").report({ given: undefined, allowed: "1 or more cron expressions", fix: "say when it starts" });
  }
  if (Spec !== undefined && Specs !== undefined) {
    place.at("cron").report({ given: Spec, allowed: "crons alone", fix: "move it to crons" });
  }
  const zone = knownText(TimeZone);
  if (zone !== undefined && !isTimeZone(zone)) {
    place
      .at("timeZone")
      .report({ given: zone, allowed: 'a name of the tz database: "Europe/Berlin"', fix: "correct it" });
  }
  if (Enabled === false) return;
  const expressions: readonly (readonly [Place, string | undefined])[] = [
    [place.at("cron"), Spec],
    ...specs.map((text, index) => [place.at("crons", index), text] as const),
  ];
  for (const [at, expression] of expressions) {
    const text = knownText(expression);
    const mistake = text === undefined ? undefined : cronMistake(text);
    if (mistake === undefined) continue;
    at.report({ given: text, allowed: 'a cron expression of five fields: "0 3 * * *"', fix: `correct it: ${mistake}` });
  }
}

function checkParameterized(config: ApiParameterizedJobConfig, place: Place): void {
  const { Payload, MetaOptional = [], MetaRequired = [] } = config;
  expectOneOf(place.at("payload"), Payload, ["optional", "required", "forbidden", ""]);
  if (!known(MetaOptional) || !known(MetaRequired)) return;
  const both = MetaOptional.filter((key) => MetaRequired.includes(key));
  if (both.length > 0) {
    const fix = `remove ${both.join(", ")} from one of the two`;
    place.at("metaOptional").report({ given: both, allowed: "keys that are not in metaRequired", fix });
  }
}
