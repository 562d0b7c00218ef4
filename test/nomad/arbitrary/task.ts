import fc from "fast-check";
import { otherDriver } from "../../../lib/nomad";
import { affinity, restart, taskConstraint } from "./policies";
import { block, count, flag, free, labelled, map, name, oneOrMore, seconds, text, texts } from "./values";

const change = fc.oneof(
  fc.record({ changeMode: fc.constantFrom("noop" as const, "restart" as const) }),
  fc.record({ changeMode: fc.constant("signal" as const), changeSignal: fc.constant("SIGHUP") }),
);

const script = fc.record({
  changeMode: fc.constant("script" as const),
  changeScript: block({ command: text, args: texts, timeout: seconds(1, 20), failOnError: flag }, ["command"]),
});

const template = (index: number) =>
  fc
    .tuple(
      block({
        splay: seconds(1, 20),
        perms: fc.constantFrom("600", "0644"),
        uid: fc.integer({ min: 1, max: 1000 }),
        gid: fc.integer({ min: 1, max: 1000 }),
        leftDelimiter: fc.constant("[["),
        rightDelimiter: fc.constant("]]"),
        errorOnMissingKey: flag,
        once: flag,
        wait: fc.record({ min: seconds(1, 5), max: seconds(5, 20) }),
        vaultGrace: seconds(1, 20),
      }),
      fc.oneof(fc.record({ data: text }), fc.record({ source: fc.constant("local/x.tpl") })),
      fc.oneof(change, script, fc.record({ env: flag, changeMode: fc.constant("restart" as const) })),
    )
    .map(([parts, from, changing]) => ({ ...parts, ...from, ...changing, destination: `local/${index}` }));

const identity = fc.oneof(
  fc
    .tuple(
      block(
        {
          aud: texts,
          env: flag,
          file: fc.constant(true),
          filepath: fc.constant("local/jwt"),
          ttl: seconds(60, 3600),
          serviceName: name,
        },
        ["aud", "ttl", "file"],
      ),
      change,
    )
    .map(([parts, changing]) => [{ name: "other", ...parts, ...changing }]),
  block({ env: flag, file: flag }).map((parts) => [{ name: "default", ...parts }]),
);

const artifact = block(
  {
    source: fc.constant("https://example.com/a.tgz"),
    destination: fc.constant("local/"),
    mode: fc.constantFrom("any" as const, "file" as const, "dir" as const),
    options: fc.constant({ checksum: "md5:d41d8cd98f00b204e9800998ecf8427e" }),
    headers: map,
    insecure: flag,
    chown: flag,
  },
  ["source"],
);

const resources = block({
  cpu: fc.integer({ min: 1, max: 500 }),
  memory: fc.integer({ min: 10, max: 200 }),
  memoryMax: fc.integer({ min: 300, max: 500 }),
  secrets: count,
  iops: count,
  device: oneOrMore(
    block(
      {
        name: fc.constantFrom("gpu", "nvidia/gpu", "nvidia/gpu/a100"),
        count,
        constraint: fc.constant({ attribute: "${device.attr.memory}", operator: ">" as const, value: "2 GiB" }),
        affinity: fc.constant({ attribute: "${device.model}", value: "a100", weight: 50 }),
      },
      ["name"],
    ),
  ),
});

const coreResources = fc.record({ cores: count, memory: fc.integer({ min: 10, max: 200 }) });

const vault = fc
  .tuple(
    block({
      role: name,
      env: flag,
      disableFile: flag,
      allowTokenExpiration: flag,
      cluster: fc.constant("default"),
    }),
    change,
  )
  .map(([parts, changing]) => ({ ...parts, ...changing }));

const common = {
  resources: fc.oneof(resources, coreResources),
  env: map,
  template: fc.tuple(template(1), template(2)).map((list) => [...list]),
  artifact: oneOrMore(artifact),
  vault,
  consul: fc.record({ cluster: fc.constant("default") }),
  identity,
  restart,
  logs: block({ maxFiles: count, maxFileSize: count, disabled: flag }),
  meta: map,
  user: name,
  action: labelled(block({ command: text, args: texts }, ["command"])),
  constraint: taskConstraint,
  shutdownDelay: seconds(1, 20),
  killTimeout: seconds(1, 20),
  killSignal: fc.constant("SIGTERM"),
  secret: fc.dictionary(
    fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
    fc.oneof(
      fc.record({ provider: fc.constant("nomad"), path: name, config: free }),
      fc.record({ provider: fc.constant("custom"), path: name, env: map }),
    ),
    { minKeys: 1, maxKeys: 2 },
  ),
  scaling: fc.record({
    type: fc.constantFrom("vertical_cpu" as const, "vertical_mem" as const),
    enabled: flag,
    min: fc.constant(10),
    max: fc.constant(100),
    policy: free,
  }),
  csiPlugin: block(
    {
      id: name,
      type: fc.constantFrom("node" as const, "controller" as const, "monolith" as const),
      mountDir: fc.constant("/csi"),
      stagePublishBaseDir: fc.constant("/local/csi"),
      healthTimeout: seconds(1, 60),
    },
    ["id", "type"],
  ),
};

const driver = fc.record({ driver: fc.constant(otherDriver("mock_driver")), config: free });

const volumeMount = oneOrMore(
  block(
    {
      volume: fc.constantFrom("host", "csi"),
      destination: text,
      readOnly: flag,
      propagationMode: fc.constantFrom("private" as const, "host-to-task" as const, "bidirectional" as const),
      selinuxLabel: fc.constantFrom("Z" as const, "z" as const),
    },
    ["volume", "destination"],
  ),
);

/** Tasks of a group that has the volumes "host" and "csi": "main", and one beside it. */
export const tasks = (system: boolean) =>
  fc
    .tuple(
      block({ ...common, volumeMount, leader: flag, ...(system ? {} : { affinity }) }),
      driver,
      block(
        {
          ...common,
          volumeMount,
          kind: name,
          resources: fc.oneof(resources, coreResources, fc.constant({ network: { mbits: 1 } })),
          lifecycle: block({ hook: fc.constantFrom("prestart" as const, "poststart" as const), sidecar: flag }, [
            "hook",
          ]),
        },
        ["lifecycle"],
      ),
      driver,
    )
    .map(([main, mainDriver, beside, besideDriver]) => ({
      main: { ...main, ...mainDriver },
      beside: { ...beside, ...besideDriver },
    }));
