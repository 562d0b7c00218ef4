import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  autoscaling,
  canary,
  csiVolume,
  expose,
  extendGroup,
  extendJob,
  extendTask,
  type Group,
  grpcCheck,
  hostVolume,
  httpCheck,
  type Job,
  jobProblems,
  renderJob,
  restartWhenUnhealthy,
  runInPool,
  schedule,
  scriptCheck,
  sidecar,
  spreadOverZones,
  type TaskBase,
  tcpCheck,
  transparentProxy,
  upstream,
  variableEnv,
  vaultEnv,
  vaultFile,
} from "../../lib/nomad";

const group: Group = { task: { server: { driver: "docker", config: { image: "web:1.2", ports: ["http"] } } } };
const jobOf = (web: Group): Job => ({ id: "web", group: { web } });
const rendered = (web: Group) => renderJob(jobOf(web)).TaskGroups?.[0];

describe("parts", () => {
  test("lists grow, labels and keys merge, the later of two values holds, nothing changes in place", () => {
    const before: Group = {
      ...group,
      count: 1,
      meta: { a: "1", b: "1" },
      constraint: { operator: "distinct_hosts" },
      network: { mode: "bridge", port: { http: { to: 80 } } },
      update: { canary: 1 },
    };
    const copy = structuredClone(before);
    const after = extendGroup(
      before,
      { count: 3, meta: { b: "2" }, update: { autoPromote: true } },
      { constraint: { attribute: "${meta.disk}", value: "ssd" }, network: { port: { http: { static: 80 }, x: {} } } },
      { task: { server: { env: { A: "b" } } } },
    );
    expect(before).toEqual(copy);
    expect(after).toEqual({
      task: { server: { ...group.task["server"], env: { A: "b" } } },
      count: 3,
      meta: { a: "1", b: "2" },
      constraint: [{ operator: "distinct_hosts" }, { attribute: "${meta.disk}", value: "ssd" }],
      network: { mode: "bridge", port: { http: { to: 80, static: 80 }, x: {} } },
      update: { canary: 1, autoPromote: true },
    });
  });

  test("nothing added is nothing changed, and adding in two steps is adding at once", () => {
    const part = fc.record(
      {
        count: fc.nat(),
        meta: fc.dictionary(fc.string(), fc.string()),
        constraint: fc.constantFrom({ operator: "distinct_hosts" as const }, { attribute: "${meta.a}", value: "b" }),
        network: fc.record({ port: fc.dictionary(fc.constantFrom("a", "b"), fc.record({ to: fc.nat() })) }),
      },
      { requiredKeys: [] },
    );
    const isSame = fc.property(part, part, (a, b) => {
      expect(extendGroup(group)).toEqual(group);
      expect(extendGroup(group, a, b)).toEqual(extendGroup(extendGroup(group, a), b));
    });
    fc.assert(isSame);
  });
});

test("expose opens a port and registers a checked service", () => {
  const web = extendGroup(group, expose({ service: "web", to: 8080, check: httpCheck("/health"), tags: ["public"] }));
  expect(rendered(web)).toMatchObject({
    Networks: [{ Mode: "bridge", DynamicPorts: [{ Label: "http", To: 8080 }] }],
    Services: [
      {
        Name: "web",
        PortLabel: "http",
        Provider: "consul",
        Tags: ["public"],
        Checks: [{ Type: "http", Path: "/health", Interval: 10e9, Timeout: 2e9 }],
      },
    ],
  });
  const onNode = extendGroup(group, expose({ service: "web", to: 80, static: 80, mode: "host", check: tcpCheck() }));
  expect(rendered(onNode)?.Networks).toEqual([{ Mode: "host", ReservedPorts: [{ Label: "http", Value: 80 }] }]);
});

test("a sidecar takes the service into the mesh, with its upstreams at local ports", () => {
  const part = sidecar({
    service: "web",
    port: 8080,
    check: httpCheck("/health"),
    upstreams: [upstream("db", 5432), upstream("cache", 6379, { datacenter: "dc2" })],
  });
  const [service] = rendered(extendGroup(group, part))?.Services ?? [];
  expect(service).toMatchObject({ PortLabel: "8080", Checks: [{ Expose: true }] });
  expect(service?.Connect?.SidecarService?.Proxy?.Upstreams).toEqual([
    { DestinationName: "db", LocalBindPort: 5432 },
    { DestinationName: "cache", LocalBindPort: 6379, Datacenter: "dc2" },
  ]);
});

test("a transparent proxy takes all traffic", () => {
  const [service] = rendered(extendGroup(group, transparentProxy({ service: "web", port: 8080 })))?.Services ?? [];
  expect(service?.Connect).toEqual({ SidecarService: { Proxy: { TransparentProxy: {} } } });
});

test("checks", () => {
  expect(grpcCheck({ grpcService: "api.v1" })).toMatchObject({ type: "grpc", interval: "10s", grpcService: "api.v1" });
  expect(scriptCheck("/bin/ok", ["-q"], { task: "server" })).toMatchObject({ command: "/bin/ok", args: ["-q"] });
  expect(restartWhenUnhealthy(tcpCheck())).toMatchObject({ checkRestart: { limit: 3, grace: "30s" } });
});

test("secrets of Vault and Nomad variables come by template, and the task signs in", () => {
  const task = group.task["server"] as TaskBase;
  const secret = { path: "web/db", mount: "kv", role: "web" };
  const extended = extendTask(
    task,
    vaultEnv(secret, { DB_PASSWORD: "password", DB_USER: "user name" }),
    vaultFile({ path: "web/tls", version: 1 }, { key: "key", destination: "secrets/tls.key" }),
    variableEnv("nomad/jobs/web", { API_KEY: "key" }),
  );
  expect(extended.vault).toEqual({ role: "web" });
  expect(extended.template).toEqual([
    {
      destination: "secrets/web-db.env",
      env: true,
      data: [
        '{{ with secret "kv/data/web/db" }}',
        'DB_PASSWORD={{ index .Data.data "password" | toJSON }}',
        'DB_USER={{ index .Data.data "user name" | toJSON }}',
        "{{ end }}",
        "",
      ].join("\n"),
    },
    {
      destination: "secrets/tls.key",
      perms: "600",
      data: '{{ with secret "secret/web/tls" }}{{ index .Data "key" }}{{ end }}',
    },
    {
      destination: "secrets/nomad-jobs-web.env",
      env: true,
      data: '{{ with nomadVar "nomad/jobs/web" }}\nAPI_KEY={{ (index . "key").Value | toJSON }}\n{{ end }}\n',
    },
  ]);
});

test("volumes are asked for by the group and mounted by the task", () => {
  const web = extendGroup(
    group,
    hostVolume("uploads", { task: "server", destination: "/uploads", sticky: true }),
    csiVolume("data", { task: "server", destination: "/data", label: "db", perAlloc: true }),
  );
  const { Volumes, Tasks } = rendered(web) ?? {};
  expect(Volumes).toMatchObject({
    uploads: { Type: "host", Source: "uploads", Sticky: true },
    db: { Type: "csi", Source: "data", PerAlloc: true, AccessMode: "single-node-writer" },
  });
  expect(Tasks?.[0]?.VolumeMounts).toEqual([
    { Volume: "uploads", Destination: "/uploads" },
    { Volume: "db", Destination: "/data" },
  ]);
});

test("rollout, placement, clock and scaling", () => {
  const web = extendGroup(group, { count: 2 }, canary({ promotion: "manual" }), spreadOverZones("${meta.zone}"));
  expect(rendered(web)).toMatchObject({
    Update: { Canary: 1, AutoPromote: false, AutoRevert: true },
    Spreads: [{ Attribute: "${meta.zone}", Weight: 100 }],
  });
  const job = extendJob(jobOf(web), runInPool("gpu"), canary());
  expect(renderJob(job)).toMatchObject({ NodePool: "gpu", Update: { AutoPromote: true } });

  const backup: Job = { id: "backup", type: "batch", group: { run: group } };
  expect(renderJob(extendJob(backup, schedule("0 3 * * *", { timeZone: "Europe/Berlin" }))).Periodic).toEqual({
    Specs: ["0 3 * * *"],
    ProhibitOverlap: true,
    TimeZone: "Europe/Berlin",
    SpecType: "cron",
  });

  const scaled = extendGroup(group, autoscaling({ min: 2, max: 9, checks: { cpu: { query: "avg_cpu", target: 70 } } }));
  expect(jobProblems(jobOf(scaled))).toEqual([]);
  expect(rendered(scaled)?.Scaling).toEqual({
    Enabled: true,
    Min: 2,
    Max: 9,
    Policy: {
      cooldown: "5m",
      evaluation_interval: "10s",
      check: [{ cpu: [{ source: "nomad-apm", query: "avg_cpu", strategy: [{ "target-value": [{ target: 70 }] }] }] }],
    },
  });
});
