import type { PropsCheck } from "../core/errors";
import { JOB_RULES, type Job, type JobException } from "../nomad";
import { policyProblemsOf } from "../nomad/policy";
import type { JobProblem } from "../nomad/problems";
import { readJob } from "../nomad/render";
import { type Cart, listOf } from "./cart";
import type { CartException } from "./declarations";
import { property } from "./derive";
import type { CartGround } from "./derived";
import { writtenServices } from "./written-services";

/** What Nomad would refuse in a Cart's jobs, and what no job of a Cart may do without a reason. */
export function checkJobs(cart: Cart, jobs: readonly Job[], ground: CartGround, check: PropsCheck): void {
  const found = new Map<string, readonly JobProblem[]>();
  for (const job of jobs) {
    const { api, findings } = readJob(job);
    const broken = policyProblemsOf(api, job.id, {});
    found.set(job.id, broken);
    const excused = (problem: JobProblem) => exceptionsOf(cart, job.id).some((one) => excuses(one, problem));
    for (const { property, given, allowed, fix } of [...findings.problems, ...broken.filter((one) => !excused(one))]) {
      check.add({ property: `jobs: ${property}`, given, allowed, fix });
    }
  }
  for (const job of listOf(cart.props.jobs)) checkWritten(job, ground, check);
  listOf(cart.props.exceptions).forEach((exception, index) => {
    checkException(exception, property("exceptions", cart.props.exceptions, index), found, check);
  });
}

/** The exceptions that a job of the Cart needs, for its own construct. */
export function exceptionsFor(cart: Cart, job: Job): JobException[] {
  const broken = policyProblemsOf(readJob(job).api, job.id, {});
  return exceptionsOf(cart, job.id).filter((exception) => broken.some((problem) => excuses(exception, problem)));
}

function exceptionsOf(cart: Cart, id: string): JobException[] {
  return listOf(cart.props.exceptions)
    .filter(({ job }) => job === undefined || job === id)
    .map(({ job: _, ...exception }) => exception);
}

function excuses({ rule, group, task }: JobException, problem: JobProblem): boolean {
  if (rule !== problem.rule) return false;
  return (group === undefined || group === problem.group) && (task === undefined || task === problem.task);
}

function checkException(
  exception: CartException,
  at: string,
  found: ReadonlyMap<string, readonly JobProblem[]>,
  check: PropsCheck,
): void {
  const { rule, job, reason } = exception;
  if (!JOB_RULES.includes(rule)) {
    check.add({ property: `${at}.rule`, given: rule, allowed: JOB_RULES.join(", "), fix: "name the rule" });
    return;
  }
  if (typeof reason !== "string" || reason.trim() === "") {
    check.add({
      property: `${at}.reason`,
      given: reason,
      allowed: "a sentence",
      fix: "say why the rule may be broken",
    });
  }
  const broken = [...found].filter(([id]) => job === undefined || job === id).flatMap(([, problems]) => problems);
  if (broken.some((problem) => excuses(exception, problem))) return;
  check.add({ property: at, given: exception, allowed: "an exception that something needs", fix: "remove it" });
}

/** What a job must leave to the Cart that it is in. */
function checkWritten(job: Job, { namespace }: CartGround, check: PropsCheck): void {
  const at = `jobs: job "${job.id}"`;
  if (job.namespace !== undefined && job.namespace !== namespace) {
    const fix = "leave it out: the stack says it";
    check.add({ property: `${at}: namespace`, given: job.namespace, allowed: `"${namespace}"`, fix });
  }
  for (const { service, path } of writtenServices(job)) {
    const proxy = service.connect?.sidecarService?.proxy;
    listOf(proxy?.upstreams).forEach(({ destinationName }, index) => {
      const fix = `say it in consumes, which gives the intention as well: { service: "${destinationName}", localPort: ... }`;
      const property = `${at}: ${path}.connect.sidecarService.proxy.upstreams[${index}]`;
      check.add({ property, given: destinationName, allowed: "no upstream", fix });
    });
    const isSilent = service.connect?.sidecarService !== undefined && service.port !== undefined;
    if (isSilent && listOf(service.check).length === 0) {
      const fix = "say how it is seen to work: that the sidecar is there does not say it";
      check.add({ property: `${at}: ${path}.check`, given: undefined, allowed: "1 or more checks", fix });
    }
  }
}
