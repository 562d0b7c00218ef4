import { App, Fn, TerraformStack, TerraformVariable, Token } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Job, jobProblems, otherDriver, policyProblems, renderJob } from "../../lib/nomad";
import { jobs } from "./arbitrary/job";
import { jobWith } from "./sample-jobs";
import { placesIn, withSlip } from "./slips";

const task = (parts: Readonly<Record<string, unknown>>) =>
  renderJob(jobWith({ task: parts })).TaskGroups?.[0]?.Tasks?.[0];
const group = (parts: Readonly<Record<string, unknown>>) => renderJob(jobWith({ group: parts })).TaskGroups?.[0];

test("a job becomes what Nomad's API takes", () => {
  const job: Job = {
    id: "web",
    datacenters: ["dc1"],
    constraint: { attribute: "${attr.kernel.name}", value: "linux" },
    group: {
      api: {
        count: 2,
        network: { mode: "bridge", port: { http: { to: 8080 }, admin: { static: 9901 } } },
        service: { port: "http", check: { type: "http", path: "/health", interval: "10s", timeout: "2s" } },
        task: { server: { driver: "docker", config: { image: "web:1.2" }, resources: { memory: "1GiB" } } },
      },
    },
  };
  expect(renderJob(job)).toEqual({
    ID: "web",
    Name: "web",
    Datacenters: ["dc1"],
    Constraints: [{ LTarget: "${attr.kernel.name}", Operand: "=", RTarget: "linux" }],
    TaskGroups: [
      {
        Name: "api",
        Count: 2,
        Networks: [
          {
            Mode: "bridge",
            DynamicPorts: [{ Label: "http", To: 8080 }],
            ReservedPorts: [{ Label: "admin", Value: 9901 }],
          },
        ],
        Services: [{ PortLabel: "http", Checks: [{ Type: "http", Path: "/health", Interval: 10e9, Timeout: 2e9 }] }],
        Tasks: [{ Name: "server", Driver: "docker", Config: { image: "web:1.2" }, Resources: { MemoryMB: 1024 } }],
      },
    ],
  });
});

test.each([
  ["30s", 30e9],
  ["1h30m", 5400e9],
  ["500ms", 5e8],
  ["2d", 172_800e9],
  ["0s", 0],
])("%s is %d nanoseconds", (text, nanoseconds) => {
  expect(task({ shutdownDelay: text })?.ShutdownDelay).toBe(nanoseconds);
});

test.each([
  [256, 256],
  ["512MiB", 512],
  ["2GiB", 2048],
])("%s is %d MiB", (size, mebibytes) => {
  expect(group({ ephemeralDisk: { size } })?.EphemeralDisk?.SizeMB).toBe(mebibytes);
});

test("the default identity stands apart, as the API wants it", () => {
  const rendered = task({ identity: [{ env: true }, { name: "aws", aud: ["sts.amazonaws.com"], ttl: "1h" }] });
  expect(rendered?.Identity).toEqual({ Env: true });
  expect(rendered?.Identities).toEqual([{ Name: "aws", Audience: ["sts.amazonaws.com"], TTL: 3600e9 }]);
});

describe("options of drivers", () => {
  test("are written as the driver writes them, blocks as lists, the user's own keys untouched", () => {
    const config = {
      image: "web:1",
      readonlyRootfs: true,
      mount: { type: "tmpfs", target: "/tmp", tmpfsOptions: { size: 1_000_000 } },
      labels: { "com.example.ownedBy": "team" },
      logging: { type: "journald", config: { tagFormat: "x" } },
      ulimit: { nofile: "65536" },
      advertiseIpv6Address: false,
    };
    expect(task({ driver: "docker", config })?.Config).toEqual({
      image: "web:1",
      readonly_rootfs: true,
      mount: [{ type: "tmpfs", target: "/tmp", tmpfs_options: [{ size: 1_000_000 }] }],
      labels: [{ "com.example.ownedBy": "team" }],
      logging: [{ type: "journald", config: [{ tagFormat: "x" }] }],
      ulimit: [{ nofile: "65536" }],
      advertise_ipv6_address: false,
    });
  });

  test("of a driver without types pass as they are", () => {
    const config = { run_for: "10s", camelCase: { stays: true } };
    expect(task({ driver: otherDriver("mock_driver"), config })?.Config).toEqual(config);
  });
});

describe("values that only Terraform knows", () => {
  const stack = new TerraformStack(new App(), "stack");
  const variable = (name: string, type: string) => new TerraformVariable(stack, name, { type });
  const image = variable("image", "string");
  const count = variable("count", "number");
  const wait = variable("wait", "string");

  test("are let through by every check", () => {
    const job = jobWith({
      job: { priority: count.numberValue, datacenters: variable("dcs", "list(string)").listValue },
      group: { count: count.numberValue, scaling: { min: 1, max: Token.asNumber(count.value) } },
      task: {
        driver: "docker",
        config: { image: image.stringValue, privileged: variable("privileged", "bool").value },
        killTimeout: wait.stringValue,
        leader: variable("leader", "bool").value,
        resources: { memory: count.stringValue },
        env: { LIST: Fn.join(",", ["a", image.stringValue]) },
        user: image.stringValue,
      },
    });
    expect(jobProblems(job)).toEqual([]);
  });
});

test("all mistakes are told at once, each with its job, group, task and field", () => {
  const job = jobWith({
    job: { priority: 200, datacentres: ["dc1"] },
    group: { restart: { mode: "always" } },
  });
  const tasks = { t: { driver: "exec", config: { command: "x" }, killTimeout: 5, resources: { memory: "1GB" } } };
  const broken = { ...job, group: { g: { ...job.group["g"], task: tasks } } } as unknown as Job;
  expect(jobProblems(broken).map(({ property }) => property)).toEqual([
    'job "sample", group "g", task "t": killTimeout',
    'job "sample", group "g", task "t": resources.memory',
    'job "sample": datacentres',
    'job "sample": priority',
    'job "sample", group "g": restart.mode',
  ]);
  expect(jobProblems(broken)[0]).toMatchObject({
    job: "sample",
    group: "g",
    task: "t",
    field: "killTimeout",
    given: 5,
  });
  expect(() => renderJob(broken)).toThrow(/5 mistakes/);
});

test("a mistyped word is told the right one", () => {
  const fixes = (parts: object) => jobProblems(jobWith({ group: { ...parts } })).map(({ fix }) => fix);
  expect(fixes({ ephemeral_disk: {} })).toEqual(["write ephemeralDisk"]);
  expect(fixes({ restrat: {} })).toEqual(["write restart"]);
  expect(fixes({ somethingElse: {} })).toEqual(["remove it"]);
});

test("whatever stands anywhere in a job, it is told as a mistake or rendered", () => {
  const anything = fc.anything({ withNullPrototype: true, maxDepth: 2 });
  const broken = fc.tuple(jobs, fc.nat(), anything).map(([job, where, value]) => {
    const places = placesIn(job);
    return withSlip(job, places[where % places.length] ?? ["id"], () => value);
  });
  const never = fc.property(broken, ({ copy }) => {
    for (const problem of [...jobProblems(copy), ...policyProblems(copy)]) {
      expect(problem.property).toContain("job ");
      expect([typeof problem.allowed, typeof problem.fix]).toEqual(["string", "string"]);
    }
  });
  fc.assert(never, { numRuns: 50, endOnFailure: true });
});
