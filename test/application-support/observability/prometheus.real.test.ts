import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { existingInfrastructure } from "../../../lib";
import { monitoredCluster } from "../../../lib/application-support/observability/prometheus/cluster";
import {
  probeConfiguration,
  prometheusConfiguration,
} from "../../../lib/application-support/observability/prometheus/configuration";
import { alertGroups, ruleFile } from "../../../lib/application-support/observability/rules";
import { blackboxPort, observabilityServices } from "../../../lib/application-support/observability/services";
import { toYaml } from "../../../lib/application-support/observability/yaml";
import { freePort, type Scope, suiteScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";
import { conditional, everyQuery, seriesOf } from "./metric-names";

const needs = {
  prometheus: findTool("prometheus"),
  promtool: findTool("promtool"),
  blackbox: findTool("prometheus-blackbox-exporter"),
  "node exporter": findTool("prometheus-node-exporter"),
  vault: findTool("vault"),
  consul: findTool("consul"),
  nomad: findTool("nomad"),
};

const TOKEN = "5f2b1b6e-0f6c-4a53-9b43-0d6f5e3a7c11";

describeWith("Prometheus beside real servers", needs, (found) => {
  const scope = suiteScope();
  let ports: Awaited<ReturnType<typeof freePorts>>;
  let prometheus: string;
  const exposed: Record<string, string> = {};

  beforeAll(async () => {
    ports = await freePorts();
    await Promise.all([startVault(found.vault, scope, ports), startConsul(found.consul, scope, ports)]);
    await startNomad(found.nomad, scope, ports);
    prometheus = await startPrometheus(found, scope, ports);
  }, 180_000);

  test("Prometheus takes the configuration and finds the servers", async () => {
    const up = await until("all targets are up", async () => {
      const result = await ask(prometheus, "up");
      const seen = Object.fromEntries(result.map(({ metric, value }) => [metric["job"], value[1]]));
      return Object.values(seen).every((value) => value === "1") && Object.keys(seen).length >= 10 ? seen : undefined;
    });
    expect(Object.keys(up).sort()).toEqual([
      "consul",
      "envoy",
      "node",
      "nomad",
      "probe-consul",
      "probe-nomad",
      "probe-vault",
      "prometheus",
      "services",
      "vault",
    ]);
    // A sidecar has the facts of its service, and is not counted as another.
    const services = await ask(prometheus, 'up{job="services"}');
    expect(services.map(({ metric }) => metric["service"])).toEqual(["shop"]);
    const health = await ask(prometheus, 'probe_http_status_code{job="probe-vault"}');
    expect(health.map(({ value }) => value[1])).toEqual(["200"]);
    const probes = await ask(prometheus, "probe_success");
    expect(probes.map(({ value }) => value[1])).toEqual(["1", "1", "1"]);
  });

  test("no alert fires about servers that are well, but those that take three hours or three servers", async () => {
    const firing = await ask(prometheus, 'ALERTS{alertstate="firing",severity="critical"}');
    expect(firing.map(({ metric }) => metric["alertname"])).toEqual([]);
  });

  test("each series of Vault, Consul and Nomad that rules and dashboards ask for is there", async () => {
    for (const [product, url, token] of [
      ["vault", `http://127.0.0.1:${ports.vault}/v1/sys/metrics?format=prometheus`, ports.vaultToken()],
      ["consul", `http://127.0.0.1:${ports.consul}/v1/agent/metrics?format=prometheus`, TOKEN],
      ["nomad", `http://127.0.0.1:${ports.nomad}/v1/metrics?format=prometheus`, ""],
    ] as const) {
      exposed[product] = await (await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).text();
    }
    // What was there in between, too: Nomad forgets a figure of a failed task after a minute.
    const { data: names } = await answerOf(await fetch(`${prometheus}/api/v1/label/__name__/values`));
    const there = new Set([
      ...names,
      ...Object.values(exposed).flatMap((text) => [...text.matchAll(/^([a-zA-Z_:][\w:]*)/gm)].map(([, name]) => name)),
    ]);
    const asked = everyQuery().flatMap(({ where, query }) => seriesOf(query).map((name) => ({ where, name })));
    const missing = asked.filter(
      ({ name }) => /^(vault|consul|nomad|node|prometheus|probe)_/.test(name) && !there.has(name),
    );
    const unexplained = missing.filter(({ name }) => !Object.hasOwn(conditional, name));
    // Node exporter of the test says what this kernel has.
    expect(unexplained.filter(({ name }) => !name.startsWith("node_pressure_"))).toEqual([]);
    expect(asked.length).toBeGreaterThan(150);
    const needed = Object.keys(conditional).filter((name) => !missing.some((one) => one.name === name));
    expect(needed).toEqual([]);
  });

  test("Prometheus understands each query", async () => {
    for (const { where, query } of everyQuery()) {
      const answer = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`);
      expect([where, (await answerOf(answer)).error]).toEqual([where, undefined]);
    }
  });
});

interface Ports {
  readonly vault: number;
  readonly vaultCluster: number;
  readonly consul: number;
  readonly consulRest: readonly number[];
  readonly nomad: number;
  readonly nomadRest: readonly number[];
  readonly exporter: number;
  readonly blackbox: number;
  readonly prometheus: number;
  vaultToken(): string;
  setVaultToken(token: string): void;
}

async function freePorts(): Promise<Ports> {
  const numbers: number[] = [];
  for (let index = 0; index < 13; index++) numbers.push(await freePort());
  const at = (index: number) => numbers[index] ?? 0;
  let token = "";
  return {
    ...{ vault: at(0), vaultCluster: at(1), consul: at(2), consulRest: numbers.slice(3, 6), nomad: at(6) },
    ...{ nomadRest: numbers.slice(7, 9), exporter: at(9), blackbox: at(10), prometheus: at(11) },
    vaultToken: () => token,
    setVaultToken: (given) => {
      token = given;
    },
  };
}

const plain = (directory: string) => ({ cwd: directory, env: { PATH: process.env["PATH"], HOME: directory } });

async function send(method: string, url: string, body?: unknown, token = "") {
  const headers = { "X-Vault-Token": token, "X-Nomad-Token": token, Authorization: `Bearer ${token}` };
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

/** With raft, as autopilot and peers have figures there only. */
async function startVault(program: string, scope: Scope, ports: Ports): Promise<void> {
  const directory = scope.directory("vault");
  mkdirSync(join(directory, "data"));
  const address = `http://127.0.0.1:${ports.vault}`;
  const file = join(directory, "vault.json");
  const listener = {
    address: `127.0.0.1:${ports.vault}`,
    cluster_address: `127.0.0.1:${ports.vaultCluster}`,
    tls_disable: true,
  };
  const configuration = {
    storage: { raft: { path: join(directory, "data"), node_id: "a", performance_multiplier: 1 } },
    listener: [{ tcp: listener }],
    api_addr: address,
    cluster_addr: `https://127.0.0.1:${ports.vaultCluster}`,
    disable_mlock: true,
    telemetry: { disable_hostname: true, prometheus_retention_time: "1h", usage_gauge_period: "2s" },
  };
  writeFileSync(file, JSON.stringify(configuration));
  const server = scope.process(program, ["server", `-config=${file}`], plain(directory));
  await server.until(async () => (await fetch(`${address}/v1/sys/init`)).ok, "vault");
  const shares = { secret_shares: 1, secret_threshold: 1 };
  const { keys, root_token } = await answerOf(await send("PUT", `${address}/v1/sys/init`, shares));
  await send("PUT", `${address}/v1/sys/unseal`, { key: keys[0] });
  ports.setVaultToken(root_token);
  await server.until(async () => (await fetch(`${address}/v1/sys/health`)).status === 200, "vault leads");
  const log = { type: "file", options: { file_path: join(directory, "audit.log") } };
  await send("PUT", `${address}/v1/sys/audit/file`, log, root_token);
  await (await send("GET", `${address}/v1/sys/storage/raft/snapshot`, undefined, root_token)).arrayBuffer();
}

async function startConsul(program: string, scope: Scope, ports: Ports): Promise<void> {
  const directory = scope.directory("consul");
  const [server, gossip, grpc] = ports.consulRest;
  const file = join(directory, "consul.json");
  const configuration = {
    server: true,
    bootstrap_expect: 1,
    data_dir: directory,
    bind_addr: "127.0.0.1",
    ports: { http: ports.consul, dns: -1, grpc: -1, grpc_tls: grpc, server, serf_lan: gossip, serf_wan: -1 },
    connect: { enabled: true },
    disable_update_check: true,
    performance: { raft_multiplier: 1 },
    acl: { enabled: true, default_policy: "deny", tokens: { initial_management: TOKEN, agent: TOKEN } },
    telemetry: { disable_hostname: true, prometheus_retention_time: "1h" },
  };
  writeFileSync(file, JSON.stringify(configuration));
  const agent = scope.process(program, ["agent", `-config-file=${file}`], plain(directory));
  const address = `http://127.0.0.1:${ports.consul}`;
  const ready = async () => (await send("GET", `${address}/v1/agent/self`, undefined, TOKEN)).ok;
  await agent.until(ready, "consul");
  const figures = { metrics_port: String(ports.exporter), metrics_path: "/metrics" };
  const services = [
    { Name: "node-exporter", Address: "127.0.0.1", Port: ports.exporter },
    { Name: "shop", Port: 1, Meta: { ...figures, envoy_metrics_port: String(ports.exporter) } },
    { Name: "shop-sidecar-proxy", Port: 2, Meta: figures },
    { Name: "quiet", Port: 3 },
  ];
  for (const service of services) {
    const registered = async () => (await send("PUT", `${address}/v1/agent/service/register`, service, TOKEN)).ok;
    await agent.until(registered, "consul takes a service");
  }
  await agent.until(
    async () => (await send("GET", `${address}/v1/snapshot`, undefined, TOKEN)).arrayBuffer().then(() => true),
    "a snapshot",
  );
}

async function startNomad(program: string, scope: Scope, ports: Ports): Promise<void> {
  const directory = scope.directory("nomad");
  const [rpc, serf] = ports.nomadRest;
  const file = join(directory, "nomad.json");
  const configuration = {
    data_dir: directory,
    bind_addr: "127.0.0.1",
    ports: { http: ports.nomad, rpc, serf },
    advertise: { http: "127.0.0.1", rpc: "127.0.0.1", serf: "127.0.0.1" },
    server: { enabled: true, bootstrap_expect: 1, raft_multiplier: 1 },
    client: { enabled: true, gc_disk_usage_threshold: 99, gc_inode_usage_threshold: 99 },
    consul: { address: "127.0.0.1:1" },
    disable_update_check: true,
    plugin: { raw_exec: { config: { enabled: true } } },
    telemetry: {
      collection_interval: "1s",
      disable_hostname: true,
      prometheus_metrics: true,
      publish_allocation_metrics: true,
      publish_node_metrics: true,
    },
  };
  writeFileSync(file, JSON.stringify(configuration));
  scope.defer(() => {
    const below = execFileSync("awk", ["{print $2}", "/proc/mounts"], { encoding: "utf8" });
    for (const path of below.split("\n").filter((one) => one.startsWith(`${directory}/`))) spawnSync("umount", [path]);
  });
  const agent = scope.process(program, ["agent", `-config=${file}`], plain(directory));
  const address = `http://127.0.0.1:${ports.nomad}`;
  const isReady = async () => {
    const nodes = await answerOf(await send("GET", `${address}/v1/nodes`));
    return nodes.length === 1 && nodes[0].Status === "ready";
  };
  await agent.until(isReady, "nomad", 60_000);
  await (await send("GET", `${address}/v1/operator/snapshot`)).arrayBuffer();
  const task = (command: string, args: readonly string[]) => ({
    Name: "t",
    Driver: "raw_exec",
    Config: { command, args },
    Resources: { CPU: 20, MemoryMB: 20 },
    RestartPolicy: { Attempts: 1, Delay: 1e9, Interval: 6e11, Mode: "fail" },
  });
  const job = (ID: string, one: object) => ({
    Job: { ID, Name: ID, TaskGroups: [{ Name: "g", Count: 1, Tasks: [one] }] },
  });
  await send("PUT", `${address}/v1/jobs`, job("works", task("/bin/sleep", ["600"])));
  await send("PUT", `${address}/v1/jobs`, job("fails", task("/bin/false", [])));
}

/**
 * Debian's Prometheus is built without discovery by Consul. What it would find is asked of Consul here, with the labels that
 * it would set, so that all relabelling is as in the job.
 */
async function withCatalog(configuration: object, ports: Ports): Promise<object> {
  const catalog = `http://127.0.0.1:${ports.consul}/v1/catalog`;
  const all = Object.keys(await answerOf(await send("GET", `${catalog}/services`, undefined, TOKEN)));
  const found = configuration as { readonly scrape_configs: readonly Record<string, unknown>[] };
  const scrape_configs = await Promise.all(
    found.scrape_configs.map(async ({ consul_sd_configs: discovery, ...rest }) => {
      if (discovery === undefined) return rest;
      const [{ services = all, authorization }] = discovery as [{ services?: string[]; authorization: object }];
      expect(authorization).toEqual({ type: "Bearer", credentials_file: "/secrets/consul_token" });
      const instances = await Promise.all(
        services.map(async (service) => answerOf(await send("GET", `${catalog}/service/${service}`, undefined, TOKEN))),
      );
      // biome-ignore lint/suspicious/noExplicitAny: Consul's catalog
      const static_configs = instances.flat().map((one: any) => ({
        targets: [`${one.ServiceAddress || one.Address}:${one.ServicePort}`],
        labels: {
          __meta_consul_address: one.Address,
          __meta_consul_node: one.Node,
          __meta_consul_service: one.ServiceName,
          __meta_consul_service_address: one.ServiceAddress,
          ...Object.fromEntries(
            Object.entries(one.ServiceMeta).map(([name, value]) => [`__meta_consul_service_metadata_${name}`, value]),
          ),
        },
      }));
      return { ...rest, static_configs };
    }),
  );
  return { ...configuration, scrape_configs };
}

/** Our own configuration, as the job has it, with the ports of this test. */
async function startPrometheus(
  found: Readonly<Record<keyof typeof needs, string>>,
  scope: Scope,
  ports: Ports,
): Promise<string> {
  const directory = scope.directory("prometheus");
  const at = (name: string) => join(directory, name);
  const cluster = monitoredCluster(
    existingInfrastructure({
      environment: "dev",
      vault: { address: `http://127.0.0.1:${ports.vault}` },
      consul: { address: `http://127.0.0.1:${ports.consul}` },
      nomad: { address: `http://127.0.0.1:${ports.nomad}` },
    }),
  );
  const here = (document: object) =>
    toYaml(document)
      .replace(/\/(?:local|secrets)\//g, `${directory}/`)
      .replaceAll(`127.0.0.1:${blackboxPort}`, `127.0.0.1:${ports.blackbox}`)
      .replaceAll(`127.0.0.1:${observabilityServices.prometheus.port}`, `127.0.0.1:${ports.prometheus}`);
  // Nomad forgets some figures after a minute; the job asks each 15 s, and this test has no time.
  const asked = await withCatalog(prometheusConfiguration({ cluster, scrapeInterval: "2s" }), ports);
  const configuration = here(asked).replace("scrape_timeout: 10s", "scrape_timeout: 2s");
  writeFileSync(at("prometheus.yml"), configuration);
  writeFileSync(at("rules.yml"), toYaml(ruleFile(alertGroups())));
  writeFileSync(at("blackbox.yml"), here(probeConfiguration(cluster)));
  writeFileSync(at("vault_token"), ports.vaultToken());
  writeFileSync(at("consul_token"), TOKEN);
  execFileSync(found.promtool, ["check", "config", at("prometheus.yml")]);
  execFileSync(found.blackbox, ["--config.check", `--config.file=${at("blackbox.yml")}`], { stdio: "pipe" });

  scope.process(found["node exporter"], [`--web.listen-address=127.0.0.1:${ports.exporter}`], plain(directory));
  const listen = (port: number) => `--web.listen-address=127.0.0.1:${port}`;
  scope.process(found.blackbox, [`--config.file=${at("blackbox.yml")}`, listen(ports.blackbox)], plain(directory));
  const args = [`--config.file=${at("prometheus.yml")}`, `--storage.tsdb.path=${at("data")}`, listen(ports.prometheus)];
  const server = scope.process(found.prometheus, args, plain(directory));
  const address = `http://127.0.0.1:${ports.prometheus}`;
  await server.until(async () => (await fetch(`${address}/-/ready`)).ok, "prometheus");
  return address;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever an API answers
const answerOf = (response: Response): Promise<any> => response.json();

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function ask(prometheus: string, query: string): Promise<readonly Sample[]> {
  const answer = await fetch(`${prometheus}/api/v1/query?${new URLSearchParams({ query })}`);
  return (await answerOf(answer)).data.result;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 90_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not so after 90 s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
