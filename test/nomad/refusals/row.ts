import type { Job } from "../../../lib/nomad";
import { jobWith, serviceWith } from "../sample-jobs";

/** A job that we refuse, and what Nomad says of it. */
export interface Refusal {
  readonly title: string;
  readonly job: Job;
  /** Where our mistake stands, from the task, the group or the job. */
  readonly field: string;
  /** What Nomad's own message says; undefined where Nomad takes the job. */
  readonly nomad: RegExp | undefined;
  /** Why we refuse what Nomad takes. */
  readonly why?: string;
}

export const row = (title: string, job: Job, field: string, nomad: RegExp): Refusal => ({ title, job, field, nomad });
export const ours = (title: string, job: Job, field: string, why: string): Refusal => ({
  title,
  job,
  field,
  nomad: undefined,
  why,
});

export const job = (parts: Readonly<Record<string, unknown>>) => jobWith({ job: parts });
export const group = (parts: Readonly<Record<string, unknown>>) => jobWith({ group: parts });
export const task = (parts: Readonly<Record<string, unknown>>) => jobWith({ task: parts });
export const template = (parts: Readonly<Record<string, unknown>>) =>
  task({ template: { data: "x", destination: "local/x", ...parts } });
export const batch = (parts: Readonly<Record<string, unknown>>) => job({ type: "batch", ...parts });
export const sidecar = (proxy: Readonly<Record<string, unknown>>) =>
  serviceWith({ connect: { sidecarService: { proxy } } });
export const gateway = (parts: Readonly<Record<string, unknown>>) => serviceWith({ connect: { gateway: parts } });
export const constraint = (parts: Readonly<Record<string, unknown>>) =>
  job({ constraint: { attribute: "${meta.rack}", value: "1", ...parts } });

export const CSI = { type: "csi", source: "db", accessMode: "single-node-writer", attachmentMode: "file-system" };
