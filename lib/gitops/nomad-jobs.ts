import { CaravanError } from "../core/errors";
import type { StateSnapshot } from "./terraform";

/** A Nomad job as a stack applied it. */
export interface AppliedJob {
  /** Address of the resource, `nomad_job.web`. */
  readonly address: string;
  readonly id: string;
  readonly namespace: string;
  /** The job in the JSON of Nomad's API. */
  readonly job: Readonly<Record<string, unknown>>;
}

/** A job that is not as it was applied. */
export interface JobDrift {
  readonly address: string;
  readonly id: string;
  readonly namespace: string;
  /** What a registration would change, in the words of Nomad's diff; no values, as they may be secrets. */
  readonly changes: readonly string[];
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
export function jobsOf(state: StateSnapshot): AppliedJob[] {
  return state.resources
    .filter(({ mode, type }) => mode === "managed" && type === "nomad_job")
    .flatMap(({ module, name, instances }) =>
      instances.flatMap(({ attributes = {} }) => {
        const { jobspec } = attributes;
        if (typeof jobspec !== "string" || !jobspec.trimStart().startsWith("{")) return [];
        const given = JSON.parse(jobspec) as { readonly Job?: Readonly<Record<string, unknown>> };
        const job = given.Job ?? (given as Readonly<Record<string, unknown>>);
        const id = String(job["ID"] ?? attributes["id"]);
        const namespace = String(job["Namespace"] ?? attributes["namespace"] ?? "default");
        return [{ address: `${module === undefined ? "" : `${module}.`}nomad_job.${name}`, id, namespace, job }];
      }),
    );
}

/**
 * Asks Nomad what it would do if each job were registered again. Anything but nothing is drift.
 *
 * @throws CaravanError if Nomad does not answer as asked
 */
export async function lookAtJobs(nomad: NomadApi, jobs: readonly AppliedJob[]): Promise<JobDrift[]> {
  const found: JobDrift[] = [];
  for (const { address, id, namespace, job } of jobs) {
    const path = `/v1/job/${encodeURIComponent(id)}/plan?namespace=${encodeURIComponent(namespace)}`;
    const { status, body } = await nomad.call("POST", path, {
      Job: { ...job, ID: id, Namespace: namespace },
      Diff: true,
    });
    if (status !== 200) {
      throw new CaravanError(
        `Nomad does not plan the job "${id}": HTTP ${status}: ${body.trim().slice(0, 300)}. ` +
          "Its plan needs a token that may submit jobs in the namespace.",
      );
    }
    const { Diff: diff } = JSON.parse(body) as { readonly Diff?: JobDiff };
    if (diff === undefined || diff.Type === "None") continue;
    found.push({ address, id, namespace, changes: changesOf(diff) });
  }
  return found;
}

/** https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan */
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
