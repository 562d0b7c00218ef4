import type { Job } from "../../lib/nomad";

/** What a test changes in a job; its fields are as wrong as the test wants them. */
type Parts = Readonly<Record<string, unknown>>;

/** A job that is right, with one group "g" of one task "t", and what a test changes in it. */
export function jobWith(parts: { job?: Parts; group?: Parts; task?: Parts } = {}): Job {
  const task = { driver: "raw_exec", config: { command: "/bin/sleep", args: ["600"] }, ...parts.task };
  const group = { task: { t: task }, ...parts.group };
  return { id: "sample", group: { g: group }, ...parts.job } as unknown as Job;
}

/** One service of the group, on a port of a bridge network. */
export function serviceWith(service: Parts, group: Parts = {}): Job {
  const network = { mode: "bridge", port: { http: { to: 8080 } } };
  return jobWith({ group: { network, service: { name: "web", port: "http", ...service }, ...group } });
}

/** One check of that service, sound but for what a test changes. */
export function checkWith(check: Parts, service: Parts = {}): Job {
  return serviceWith({ check: { type: "tcp", interval: "10s", timeout: "2s", ...check }, ...service });
}

/** A volume of the group, mounted by the task. */
export function volumeWith(volume: Parts, mount: Parts = {}, group: Parts = {}, job: Parts = {}): Job {
  const volumeMount = { volume: "data", destination: "/data", ...mount };
  return jobWith({ job, group: { volume: { data: volume }, ...group }, task: { volumeMount } });
}
