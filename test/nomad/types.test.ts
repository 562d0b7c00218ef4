import { expect, test } from "vitest";
import {
  type Check,
  type Job,
  jobProblems,
  type Lifecycle,
  type Service,
  type Task,
  type Volume,
} from "../../lib/nomad";

// What Nomad excludes, the compiler does: each directive below is an error if the compiler lets the line through.
const group = { g: { task: { t: { driver: "exec", config: { command: "x" } } } } } satisfies Job["group"];

const wrong: readonly object[] = [
  // @ts-expect-error a service job has no clock
  { id: "a", group, periodic: { crons: ["@daily"] } } satisfies Job,
  // @ts-expect-error a clock or dispatch, not both
  { id: "a", type: "batch", group, periodic: {}, parameterized: {} } satisfies Job,
  // @ts-expect-error a system job is on every node
  { id: "a", type: "system", group, spread: { attribute: "${node.class}" } } satisfies Job,
  // @ts-expect-error batch work is not updated in place
  { id: "a", type: "batch", group, update: {} } satisfies Job,
  // @ts-expect-error no such word
  { id: "a", group, datacentres: ["dc1"] } satisfies Job,
  // @ts-expect-error an image is needed
  { driver: "docker", config: {} } satisfies Task,
  // @ts-expect-error the options of Docker, not of exec
  { driver: "docker", config: { image: "a:1", jarPath: "x" } } satisfies Task,
  // @ts-expect-error an unknown driver goes through otherDriver
  { driver: "containerd", config: {} } satisfies Task,
  // @ts-expect-error a template has data or a source
  { driver: "exec", config: { command: "x" }, template: { destination: "local/x" } } satisfies Task,
  // @ts-expect-error the mesh is Consul's
  { provider: "nomad", connect: { native: true } } satisfies Service,
  // @ts-expect-error an HTTP check has a path
  { type: "http", interval: "10s", timeout: "2s" } satisfies Check,
  // @ts-expect-error a script check has a command
  { type: "script", interval: "10s", timeout: "2s" } satisfies Check,
  // @ts-expect-error nothing runs beside poststop
  { hook: "poststop", sidecar: true } satisfies Lifecycle,
  // @ts-expect-error a CSI volume says how it is used
  { type: "csi", source: "a" } satisfies Volume,
];

test("what the compiler refuses is refused at run time as well, where it is a job", () => {
  const jobs = wrong.filter((value): value is Job => "id" in value);
  expect(jobs.map((job) => jobProblems(job).length > 0)).toEqual(jobs.map(() => true));
});
