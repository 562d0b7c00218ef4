import fc from "fast-check";
import type { Job } from "../../../lib/nomad";
import * as policies from "./policies";
import { consulServices, meshServices, nomadServices, taskServices } from "./service";
import { tasks } from "./task";
import { block, flag, map, name, oneOrMore, seconds, text, texts } from "./values";

const network = fc
  .tuple(
    block({
      hostname: name,
      dns: block({ servers: fc.constant(["1.1.1.1"]), searches: texts, options: texts }),
      cni: fc.record({ args: map.filter((args) => !Object.values(args).some((value) => value.includes(";"))) }),
      mbits: fc.constant(1),
      cidr: fc.constant("10.0.0.0/8"),
      ip: fc.constant("10.0.0.1"),
    }),
    fc.integer({ min: 1, max: 65535 }),
  )
  .map(([parts, port]) => ({
    mode: "bridge" as const,
    ...parts,
    port: { http: { to: port }, admin: { static: 9000, to: -1, hostNetwork: "default" }, proxy: { to: -1 } },
  }));

const hostNetwork = fc.constant({
  mode: "host" as const,
  port: { http: {}, admin: { static: 9000, ignoreCollision: true } },
});

const volume = fc.record({
  host: block(
    {
      type: fc.constant("host" as const),
      source: name,
      readOnly: flag,
      sticky: flag,
      accessMode: fc.constantFrom("single-node-writer" as const, "single-node-multi-writer" as const),
      attachmentMode: fc.constant("file-system" as const),
    },
    ["type", "source"],
  ),
  csi: block(
    {
      type: fc.constant("csi" as const),
      source: name,
      readOnly: flag,
      accessMode: fc.constant("multi-node-multi-writer" as const),
      attachmentMode: fc.constant("file-system" as const),
      mountOptions: block({ fsType: fc.constant("ext4"), mountFlags: texts }),
    },
    ["type", "source", "accessMode", "attachmentMode"],
  ),
});

const PER_ALLOC = {
  type: "csi" as const,
  source: "each",
  perAlloc: true,
  accessMode: "single-node-writer" as const,
  attachmentMode: "file-system" as const,
};

type Type = "service" | "batch" | "system" | "sysbatch";

const disconnecting = fc.record({ disconnect: policies.disconnect });

const list = (...services: readonly fc.Arbitrary<object>[]) => fc.tuple(...services).map((all) => [...all]);

function group(type: Type, dispatched: boolean) {
  const words = {
    constraint: policies.constraint,
    restart: policies.restart,
    ephemeralDisk: policies.ephemeralDisk,
    meta: map,
    consul: fc.record({ cluster: fc.constant("default") }),
    shutdownDelay: seconds(1, 20),
    ...(type === "system" ? {} : { affinity: policies.affinity, spread: policies.spread, count: fc.constant(2) }),
    ...(type === "service" || type === "batch" ? { reschedule: policies.reschedule } : {}),
    ...(type === "service" ? { migrate: policies.migrate, scaling: policies.scaling, update: policies.update } : {}),
  };
  // A group registers all its services in one catalog; a service of the mesh wants a bridge.
  const services = fc.oneof(
    fc.tuple(network, list(meshServices, consulServices), fc.option(taskServices, { nil: undefined })),
    fc.tuple(hostNetwork, list(consulServices), fc.option(taskServices, { nil: undefined })),
    fc.tuple(network, list(nomadServices), fc.constant(undefined)),
  );
  const moving = type === "service" || type === "batch" ? disconnecting : fc.constant({});
  const payload = dispatched
    ? fc.record({ dispatchPayload: fc.record({ file: fc.constant("input") }) })
    : fc.constant({});
  return fc
    .tuple(block(words), tasks(type === "system"), volume, services, moving, payload)
    .map(([parts, { main, beside }, volumes, [net, service, ofTask], move, pay]) => ({
      ...parts,
      ...move,
      task: { main: { ...main, ...pay, ...(ofTask && { service: ofTask }) }, beside },
      network: net,
      service,
      volume: { ...volumes, ...(type === "batch" ? { each: PER_ALLOC } : {}) },
    }));
}

const common = {
  name: text,
  priority: fc.integer({ min: 1, max: 100 }),
  datacenters: fc.constant(["dc1", "eu-*"]),
  nodePool: fc.constantFrom("default", "all"),
  region: fc.constant("global"),
  namespace: fc.constant("default"),
  allAtOnce: flag,
  constraint: policies.constraint,
  meta: map,
  ui: block({ description: text, link: oneOrMore(fc.record({ label: text, url: text })) }),
};

const cron = fc.constantFrom("@daily", "*/15 * * * *", "0 3 * * mon-fri", "0 0 1 1 * 2030");
const periodic = fc
  .tuple(
    block({ prohibitOverlap: flag, timeZone: fc.constantFrom("Europe/Berlin", "UTC") }),
    fc.oneof(fc.record({ crons: fc.array(cron, { minLength: 1, maxLength: 2 }) }), fc.record({ cron })),
    flag,
  )
  .map(([parts, when, enabled]) => ({ periodic: { ...parts, ...when, enabled } }));

const parameterized = block({
  payload: fc.constantFrom("optional" as const, "required" as const),
  metaRequired: texts,
  metaOptional: fc.constant(["other-key"]),
}).map((config) => ({ parameterized: config }));

function job(type: Type, more: fc.Arbitrary<object>, dispatched = false): fc.Arbitrary<Job> {
  const groups = fc.record({ g: group(type, dispatched), h: group(type, dispatched) });
  return fc
    .tuple(block(common), groups, more)
    .map(([parts, both, extra]) => ({ id: "arbitrary", type, ...parts, group: both, ...extra }) as unknown as Job);
}

const { affinity, spread, update, migrate, reschedule } = policies;

/** Jobs that Nomad takes, of every type, with every word that its Community edition stores. */
export const jobs: fc.Arbitrary<Job> = fc.oneof(
  job("service", block({ affinity, spread, update, migrate, reschedule })),
  job("batch", fc.oneof(periodic, block({ affinity, spread, reschedule }))),
  job("batch", parameterized, true),
  job("system", block({ update })),
  job("sysbatch", periodic),
  job("sysbatch", parameterized, true),
);
