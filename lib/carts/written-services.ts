import type { Group, Job, Service } from "../nomad";
import { listOf } from "./cart";
import type { Protocol } from "./declarations";
import type { CartService } from "./derived";

interface WrittenService {
  readonly service: Service;
  readonly job: string;
  readonly group: string;
  /** From the job: `group.web.service[0]`. */
  readonly path: string;
}

/** The services that jobs name themselves, beside what a Cart provides. */
export function writtenServices(job: Job): WrittenService[] {
  return Object.entries<Group>(job.group ?? {}).flatMap(([group, { service, task }]) => [
    ...listOf(service).map((one, index) => ({
      service: one,
      job: job.id,
      group,
      path: `group.${group}.service[${index}]`,
    })),
    ...Object.entries(task ?? {}).flatMap(([name, { service: own }]) =>
      listOf(own).map((one, index) => ({
        service: one,
        job: job.id,
        group,
        path: `group.${group}.task.${name}.service[${index}]`,
      })),
    ),
  ]);
}

/** Those of them whose names are known, as the Cart's. */
export function servicesIn(jobs: readonly Job[], cart: string, at: string, protocol: Protocol): CartService[] {
  return jobs.flatMap(writtenServices).flatMap(({ service, job, group, path }) => {
    const { name, provider, connect, port } = service;
    if (name === undefined || name.includes("${") || provider === "nomad") return [];
    const mesh = connect?.sidecarService !== undefined || connect?.native === true;
    const known = { name, cart, job, group, mesh, listens: port !== undefined, protocol, allows: [], declared: false };
    return [{ ...known, at: `${at}.${job}.${path}` }];
  });
}
