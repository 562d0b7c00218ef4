import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { lokiConfiguration } from "../../lib/application-support/observability/logs/loki";
import { tempoConfiguration } from "../../lib/application-support/observability/traces/tempo";
import {
  Cart,
  catalogueImages,
  dashboardsOf,
  GrafanaStack,
  Jaeger,
  Keycloak,
  Redis,
  Traefik,
  WebApplication,
} from "../../lib/carts";
import { decodeHcl } from "../../lib/core";
import type { Template } from "../../lib/testing";
import { catalogue } from "./catalogue-carts";
import { stackOf, template } from "./fixture";

const pages = resolve(__dirname, "../../docs/carts");

// biome-ignore lint/suspicious/noExplicitAny: the JSON of any job
function jobsOf(stack: Template): any[] {
  return stack.resources("nomad_job").map(({ arguments: { jobspec } }) => decodeHcl(String(jobspec)));
}

function callersOf(stack: Template): Record<string, string[]> {
  return Object.fromEntries(
    stack
      .resources("consul_config_entry_service_intentions")
      .map(({ arguments: { name, sources } }) => [
        String(name),
        (sources as { name: string }[]).map((source) => source.name),
      ]),
  );
}

test("every Cart has a page that shows it, and every page a Cart", () => {
  const names = readdirSync(pages).map((file) => file.replace(/\.md$/, ""));
  expect([...Object.keys(catalogue)].sort()).toEqual(names.sort());
  for (const name of names) {
    const page = readFileSync(join(pages, `${name}.md`), "utf8");
    for (const part of ["## Inputs", "## Outputs", "```ts", "## How it is kept healthy"]) {
      expect(page, `${name}: ${part}`).toContain(part);
    }
  }
  expect(existsSync(join(pages, "redis.md"))).toBe(true);
});

describe.each(Object.entries(catalogue))("%s", (_, carts: readonly Cart[]) => {
  test("goes through all rules, its images pinned, no secret in it", () => {
    const stack = stackOf(carts);
    const images = [...JSON.stringify(stack.graph.carts.map(({ jobs }) => jobs)).matchAll(/"image":"([^"]+)"/g)];
    expect(images.length).toBeGreaterThan(0);
    for (const [, image = ""] of images) expect(image).toMatch(/^[a-z0-9.-]+\.[a-z]+\/.*:[\w.]*\d[\w.-]*$/);
  });

  test("every listening service says how it is seen to work", () => {
    for (const job of jobsOf(template(carts))) {
      for (const { Services = [] } of job.TaskGroups) {
        for (const { Name, PortLabel, Checks = [] } of Services) {
          if (PortLabel !== undefined) expect(Checks.length, Name).toBeGreaterThan(0);
        }
      }
    }
  });
});

test("a login of the web application comes from Vault, and only it may call the database", () => {
  const stack = template(catalogue["web-application"] ?? []);
  expect(callersOf(stack)).toEqual({ db: ["web"] });
  const web = jobsOf(stack).find(({ ID }) => ID === "web");
  const [task] = web.TaskGroups[0].Tasks;
  expect(task.Env).toEqual({ PORT: "8080", PGHOST: "127.0.0.1", PGPORT: "5432", PGDATABASE: "db" });
  expect(task.Vault).toEqual({ Role: "web-db", Env: false, DisableFile: true });
  expect(task.Templates[0].EmbeddedTmpl).toContain('with secret "database/creds/web"');
  expect(web.Update).toEqual({ Canary: 1, AutoPromote: true, AutoRevert: true });
});

test("Jaeger writes to Elasticsearch by a password that only its environment holds", () => {
  const [, jaeger] = catalogue["jaeger"] ?? [];
  const stack = template(catalogue["jaeger"] ?? []);
  expect(callersOf(stack)).toEqual({
    elasticsearch: ["jaeger"],
    "jaeger-otlp": ["shop-web"],
    "jaeger-otlp-grpc": ["shop-web"],
  });
  const job = jobsOf(stack).find(({ ID }) => ID === jaeger?.name);
  const configuration = JSON.parse(job.TaskGroups[0].Tasks[0].Templates[0].EmbeddedTmpl);
  expect(configuration.extensions.jaeger_storage.backends.traces.elasticsearch).toEqual({
    server_urls: ["http://127.0.0.1:9200"],
    auth: { basic: { username: "jaeger", password: "${env:ES_PASSWORD}" } },
  });
  expect(configuration.service.pipelines.traces.exporters).toEqual(["jaeger_storage_exporter"]);
});

test("Traefik's routes are its upstreams, and each may be called by it", () => {
  const stack = template(catalogue["traefik"] ?? []);
  expect(callersOf(stack)).toEqual({
    "minimal-back": ["edge", "minimal-front"],
    "minimal-front": ["edge", "inner"],
  });
  const edge = jobsOf(stack).find(({ ID }) => ID === "edge");
  const [, routes] = edge.TaskGroups[0].Tasks[0].Templates;
  const { http, tls } = JSON.parse(routes.EmbeddedTmpl);
  expect(http.routers["route-1"]).toEqual({
    rule: "Host(`shop.example.com`) && PathPrefix(`/back`)",
    service: "minimal-back",
    entryPoints: ["https"],
    tls: {},
  });
  expect(http.services["minimal-back"].loadBalancer.servers).toEqual([{ url: "http://127.0.0.1:9101" }]);
  expect(tls.certificates).toEqual([{ certFile: "/secrets/certificate.pem", keyFile: "/secrets/key.pem" }]);
  expect(edge.TaskGroups[0].Networks[0].ReservedPorts).toEqual([
    { Label: "edge_http", Value: 8080, To: 8000 },
    { Label: "edge_https", Value: 8443, To: 8443 },
  ]);
});

test("Redis is a cache unless it is told to keep what it holds", () => {
  const [cache, store] = jobsOf(template([new Redis(), new Redis("store", { persistent: true })]));
  const args = (job: typeof cache) => job.TaskGroups[0].Tasks[0].Config.args.join(" ");
  expect(args(cache)).toMatch(/--bind 127\.0\.0\.1 .*--maxmemory-policy allkeys-lru --appendonly no --save $/);
  expect(args(store)).toMatch(/--maxmemory-policy noeviction --appendonly yes$/);
  expect(store.TaskGroups[0].Volumes["store-data"]).toMatchObject({ Type: "host", Source: "store-data" });
});

test("the Grafana stack scrapes what says where its figures are, and shows the dashboards of Carts", () => {
  const model = { title: "Requests", panels: [{ legend: "{{service}}" }] };
  const web = new Cart("web", { jobs: [], dashboards: { requests: model } });
  const stack = template([
    new GrafanaStack("watch", {
      consul: { address: "https://consul.example.com:8501" },
      dashboards: dashboardsOf([web]),
    }),
  ]);
  expect(callersOf(stack)).toEqual({
    "watch-loki": ["watch"],
    "watch-prometheus": ["watch"],
    "watch-tempo": ["watch"],
  });
  const files = (id: string): Record<string, object> => {
    const [task] = jobsOf(stack).find(({ ID }) => ID === id).TaskGroups[0].Tasks;
    return Object.fromEntries(
      task.Templates.filter(({ Envvars }: { Envvars?: boolean }) => Envvars !== true).map(
        ({ DestPath, EmbeddedTmpl }: Record<string, string>) => [DestPath, JSON.parse(String(EmbeddedTmpl))],
      ),
    );
  };
  expect(files("watch")["local/dashboards/web-requests.json"]).toEqual(model);
  // As those of the application support.
  expect(files("watch-loki")["local/loki.json"]).toEqual(
    lokiConfiguration({ path: "/alloc/data/loki", retention: "15d" }),
  );
  expect(files("watch-tempo")["local/tempo.json"]).toEqual(
    tempoConfiguration({ path: "/alloc/data/tempo", retention: "15d" }),
  );
  expect(files("watch")["local/provisioning/datasources/stores.yaml"]).toMatchObject({
    datasources: [
      { uid: "prometheus", url: "http://127.0.0.1:9090" },
      { uid: "loki", url: "http://127.0.0.1:3100" },
      { uid: "tempo", url: "http://127.0.0.1:3200" },
    ],
  });
  expect(files("watch-prometheus")["local/prometheus.json"]).toMatchObject({
    scrape_configs: [
      {
        job_name: "services",
        consul_sd_configs: [{ server: "consul.example.com:8501", scheme: "https" }],
        relabel_configs: [
          { source_labels: ["__meta_consul_service_metadata_metrics_port"], action: "keep" },
          {},
          {},
          {},
          {},
        ],
      },
      { job_name: "sidecars" },
    ],
  });
});

test("versions are props", () => {
  const image = "registry.example.com/keycloak:27.0.0";
  const [job] = jobsOf(
    template([new Keycloak("login", { url: "https://login.example.com", image, database: { external: "db" } })]),
  );
  expect(job.TaskGroups[0].Tasks[0].Config.image).toBe(image);
  expect(Object.values(catalogueImages).every((one) => /:\D*\d/.test(one))).toBe(true);
});

test("what a Cart offers has a name to consume it by", () => {
  expect(new Jaeger("j").otlp).toBe("j-otlp");
  expect(new Redis("cache").service).toBe("cache");
  expect(new Traefik("edge", { routes: [] }).service).toBe("edge");
  expect(new WebApplication("web", { image: "r.example.com/web:1" }).service).toBe("web");
});
