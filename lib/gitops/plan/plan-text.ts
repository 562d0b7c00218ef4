import type { JobPlan } from "../nomad-jobs";
import { valueText } from "./compare";
import type { PlannedChange, Verb } from "./meaning";
import { destroys, type StackPlan } from "./stack-plan";

const marks: Readonly<Record<Verb, string>> = {
  create: "+",
  update: "!",
  replace: "-",
  delete: "-",
  forget: "!",
  import: "+",
  move: "!",
};

/** A change for people, in the marks of a diff: one line of what, then one a value. No secret is in it. */
export function changeLines(change: PlannedChange): string[] {
  const { address, verb, from, values, before = {} } = change;
  const head = `${marks[verb]} ${verb} ${address}${from === undefined ? "" : ` from ${from}`}`;
  const places = Object.entries(values).filter(([, value]) => verb !== "create" || !("unknown" in value));
  const nameless = (place: string) => (place === "" ? "value" : place);
  return [
    head,
    ...places.map(([place, value]) => {
      const old = before[place];
      return old === undefined
        ? `      ${nameless(place)} = ${valueText(value)}`
        : `      ${nameless(place)}: ${valueText(old)} -> ${valueText(value)}`;
    }),
  ];
}

/** A plan for people: what is destroyed first; then what Nomad says of jobs. */
export function planLines({ meaning, jobs = [], jobsUnseen }: StackPlan): string[] {
  const changes = meaning?.changes ?? [];
  return [
    ...[...changes.filter(destroys), ...changes.filter((change) => !destroys(change))].flatMap(changeLines),
    ...jobs.flatMap((job) => [`  Nomad, job ${job.id}:`, ...jobLines(job).map((line) => `      ${line}`)]),
    ...(jobsUnseen === undefined ? [] : [`  Nomad was not asked about jobs: ${jobsUnseen}`]),
  ];
}

/** What Nomad would do with a job, a line each thing; what cannot be placed first. */
export function jobLines({ changes, allocations = [], unplaced = [], warnings }: JobPlan): string[] {
  return [
    ...unplaced.map((each) => `no node can take ${each}`),
    ...allocations,
    ...changes,
    ...(warnings === undefined ? [] : warnings.trim().split("\n")),
  ];
}

/** What a plan's state means, where it does not say so itself. */
export function stateNote({ state, upstream = [], unaffected = false }: StackPlan): string | undefined {
  if (unaffected) return "nothing that it is made of has changed since its last apply";
  if (state === "deferred") {
    return `needs ${upstream.join(", ")}, which was never applied; it is planned and shown after that`;
  }
  if (upstream.length > 0) return `${upstream.join(", ")} changes as well, so this may change with it`;
  return undefined;
}
