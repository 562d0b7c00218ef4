import { CaravanError } from "../core/errors";
import type { TerraformPlan } from "./plan/terraform-plan";
import type { StateSnapshot } from "./terraform";

/** A Nomad job as a stack applied it, or would. */
export interface KnownJob {
  /** Address of the resource, `nomad_job.web`. */
  readonly address: string;
  readonly id: string;
  readonly namespace: string;
  /** The job in the JSON of Nomad's API. */
  readonly job: Readonly<Record<string, unknown>>;
}

/** What Nomad would do if a job were registered. */
export interface JobPlan {
  readonly address: string;
  readonly id: string;
  readonly namespace: string;
  /** What changes, in the words of Nomad's diff; no values, as they may be secrets. */
  readonly changes: readonly string[];
  /** What becomes of the allocations of each group: `web: 1 to place, 2 to replace`. */
  readonly allocations?: readonly string[];
  /** Groups that no node can take as things are, and why. */
  readonly unplaced?: readonly string[];
  readonly warnings?: string;
}

export interface NomadApi {
  /** Calls Nomad: `POST /v1/job/web/plan`. */
  call(
    method: "GET" | "POST",
    path: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: string }>;
}

/** The jobs in a state that are written as JSON; jobs in HCL would have to be parsed by Nomad first. */
export function jobsOf(state: StateSnapshot): KnownJob[] {
  return state.resources
    .filter(({ mode, type }) => mode === "managed" && type === "nomad_job")
    .flatMap(({ module, name, instances }) =>
      instances.flatMap(({ attributes = {} }) =>
        jobOf(`${module === undefined ? "" : `${module}.`}nomad_job.${name}`, attributes),
      ),
    );
}

/** The jobs that a plan registers, and those that it leaves as they are; one that is known only after apply is not among them. */
export function plannedJobs(plan: TerraformPlan): KnownJob[] {
  return (plan.resource_changes ?? [])
    .filter(({ mode, type, change }) => mode !== "data" && type === "nomad_job" && change.after != null)
    .flatMap(({ address, change }) => jobOf(address, change.after as Readonly<Record<string, unknown>>));
}

function jobOf(address: string, attributes: Readonly<Record<string, unknown>>): KnownJob[] {
  const { jobspec } = attributes;
  if (typeof jobspec !== "string" || !jobspec.trimStart().startsWith("{")) return [];
  const given = JSON.parse(jobspec) as { readonly Job?: Readonly<Record<string, unknown>> };
  const job = given.Job ?? (given as Readonly<Record<string, unknown>>);
  const id = String(job["ID"] ?? attributes["id"]);
  const namespace = String(job["Namespace"] ?? attributes["namespace"] ?? "default");
  return [{ address, id, namespace, job }];
}

/**
 * Asks Nomad what it would do if each job were registered. That changes nothing, and takes a token with the capability
 * `plan-job`. Jobs with which it would do nothing are left away.
 *
 * @throws CaravanError if Nomad does not answer as asked
 */
export async function lookAtJobs(nomad: NomadApi, jobs: readonly KnownJob[]): Promise<JobPlan[]> {
  const found: JobPlan[] = [];
  for (const { address, id, namespace, job } of jobs) {
    const path = `/v1/job/${encodeURIComponent(id)}/plan?namespace=${encodeURIComponent(namespace)}`;
    const { status, body } = await nomad.call("POST", path, {
      Job: { ...job, ID: id, Namespace: namespace },
      Diff: true,
    });
    if (status !== 200) {
      throw new CaravanError(
        `Nomad does not plan the job "${id}": HTTP ${status}: ${body.trim().slice(0, 300)}. ` +
          "Its plan needs a token with the capability plan-job in the namespace.",
      );
    }
    const answer = JSON.parse(body) as JobPlanAnswer;
    const { Diff: diff, Warnings: warnings } = answer;
    if (diff === undefined || diff.Type === "None") continue;
    const allocations = allocationsOf(answer);
    const unplaced = unplacedOf(answer);
    found.push({
      ...{ address, id, namespace, changes: changesOf(diff) },
      ...(allocations.length === 0 ? {} : { allocations }),
      ...(unplaced.length === 0 ? {} : { unplaced }),
      ...(warnings ? { warnings } : {}),
    });
  }
  return found;
}

/** https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan */
interface JobPlanAnswer {
  readonly Diff?: JobDiff;
  readonly Warnings?: string;
  readonly Annotations?: {
    readonly DesiredTGUpdates?: Readonly<Record<string, Readonly<Record<string, number>>>> | null;
  } | null;
  readonly FailedTGAllocs?: Readonly<
    Record<
      string,
      {
        readonly NodesEvaluated?: number;
        readonly ConstraintFiltered?: Readonly<Record<string, number>> | null;
        readonly DimensionExhausted?: Readonly<Record<string, number>> | null;
      } | null
    >
  > | null;
}

const UPDATES: Readonly<Record<string, string>> = {
  Place: "to place",
  DestructiveUpdate: "to replace",
  InPlaceUpdate: "to update in place",
  Canary: "canaries",
  Migrate: "to migrate",
  Stop: "to stop",
};

function allocationsOf({ Annotations: annotations }: JobPlanAnswer): string[] {
  return Object.entries(annotations?.DesiredTGUpdates ?? {}).flatMap(([group, counts]) => {
    const parts = Object.entries(UPDATES).flatMap(([name, words]) =>
      (counts[name] ?? 0) > 0 ? [`${counts[name]} ${words}`] : [],
    );
    return parts.length === 0 ? [] : [`${group}: ${parts.join(", ")}`];
  });
}

function unplacedOf({ FailedTGAllocs: failed }: JobPlanAnswer): string[] {
  return Object.entries(failed ?? {}).map(([group, metric]) => {
    const reasons = [
      ...Object.keys(metric?.ConstraintFiltered ?? {}).map((each) => `constraint ${each}`),
      ...Object.keys(metric?.DimensionExhausted ?? {}).map((each) => `${each} exhausted`),
    ];
    const why = reasons.length > 0 ? reasons.join(", ") : `${metric?.NodesEvaluated ?? 0} nodes looked at`;
    return `${group}: ${why}`;
  });
}

interface JobDiff {
  readonly Type: string;
  readonly Name?: string;
  readonly Fields?: readonly { readonly Type: string; readonly Name: string }[] | null;
  readonly Objects?: readonly JobDiff[] | null;
  readonly TaskGroups?: readonly JobDiff[] | null;
  readonly Tasks?: readonly JobDiff[] | null;
}

function changesOf(diff: JobDiff): string[] {
  const found: string[] = [];
  const visit = (part: JobDiff, path: readonly string[]): void => {
    if (part.Type === "None") return;
    const inner = [...(part.Objects ?? []), ...(part.TaskGroups ?? []), ...(part.Tasks ?? [])];
    const fields = (part.Fields ?? []).filter(({ Type }) => Type !== "None");
    if (fields.length === 0 && inner.length === 0) found.push(`${part.Type} ${path.join(".") || "job"}`);
    for (const field of fields) found.push(`${field.Type} ${[...path, field.Name].join(".")}`);
    for (const each of inner) visit(each, [...path, each.Name ?? ""]);
  };
  visit(diff, []);
  return found;
}
