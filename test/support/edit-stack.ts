import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeHcl } from "../../lib/core";

// biome-ignore lint/suspicious/noExplicitAny: a job in the words of Nomad's API
export type ApiJob = any;

export interface StackEdit {
  /** What a job that the stack registers becomes; nothing where it stays. Only one without references can change. */
  readonly job?: (job: ApiJob) => ApiJob | undefined;
  /** Drivers that jobs may use in the stack's namespaces besides. @default - none */
  readonly drivers?: readonly string[];
}

/** Changes what a stack was synthesized to, so that the test's machine can run it. */
export function editStack(directory: string, { job = () => undefined, drivers = [] }: StackEdit): void {
  const file = join(directory, "cdk.tf.json");
  const stack = JSON.parse(readFileSync(file, "utf8"));
  const { nomad_job: jobs = {}, nomad_namespace: namespaces = {} } = stack.resource ?? {};
  for (const one of Object.values<{ jobspec: string }>(jobs)) {
    const changed = job(decodeHcl(one.jobspec));
    if (changed !== undefined) one.jobspec = JSON.stringify(changed).replace(/[$%](?=\{)/g, "$&$&");
  }
  for (const { capabilities } of Object.values<{ capabilities: { enabled_task_drivers: string[] } }>(namespaces)) {
    capabilities.enabled_task_drivers.push(...drivers);
  }
  writeFileSync(file, JSON.stringify(stack));
}
