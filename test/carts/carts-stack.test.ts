import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { external } from "../../lib/carts";
import { canary, extendJob, httpCheck, scriptCheck } from "../../lib/nomad";
import type { Template } from "../../lib/testing";
import { testApp } from "../support/synth";
import { cart, health, stackOf, template, web } from "./fixture";

// biome-ignore lint/suspicious/noExplicitAny: the JSON of any job
const jobOf = (stack: Template, address: string): any => JSON.parse(String(stack.resource(address)["jobspec"]));
const entry = (stack: Template, address: string) => JSON.parse(String(stack.resource(address)["config_json"]));

test("a Cart of a job and a service is a job, and what its service speaks", () => {
  const stack = template([cart("shop-web")], { team: "shop" });
  expect(stack.addresses).toEqual([
    expect.stringMatching(/^consul_config_entry\.shop-web_defaults-shop-web_[0-9A-F]{8}$/),
    expect.stringMatching(/^nomad_job\.shop-web_job-shop-web_[0-9A-F]{8}$/),
  ]);
  const [defaults = "", job = ""] = stack.addresses;
  expect(entry(stack, defaults)).toEqual({ Protocol: "http" });
  const { Namespace, Update, TaskGroups } = jobOf(stack, job);
  expect({ Namespace, Update }).toEqual({ Namespace: "shop", Update: { AutoRevert: true } });
  expect(TaskGroups[0].Networks).toEqual([{ Mode: "bridge", DynamicPorts: [{ Label: "envoy_shop_web", To: 9102 }] }]);
  expect(TaskGroups[0].Services).toEqual([
    {
      Name: "shop-web",
      PortLabel: "8080",
      Checks: [{ Type: "http", Path: "/health", Interval: 1e10, Timeout: 2e9, Expose: true }],
      Meta: { envoy_metrics_port: "$${NOMAD_HOST_PORT_envoy_shop_web}" },
      Connect: { SidecarService: { Proxy: { Config: { envoy_prometheus_bind_addr: "0.0.0.0:9102" } } } },
    },
  ]);
});

test("who consumes gets an upstream and an intention, and starts after", () => {
  const stack = template([
    cart("api"),
    cart("web", { consumes: { service: "api", localPort: 9001, http: [{ pathPrefix: "/v1", methods: ["GET"] }] } }),
  ]);
  const consumer = stack.resources("nomad_job").find(({ name }) => name.startsWith("web"));
  const job = JSON.parse(String(consumer?.arguments["jobspec"]));
  expect(job.TaskGroups[0].Services[0].Connect.SidecarService.Proxy.Upstreams).toEqual([
    { DestinationName: "api", LocalBindPort: 9001 },
  ]);
  const [intentions] = stack.resources("consul_config_entry_service_intentions");
  expect(intentions?.arguments).toMatchObject({
    name: "api",
    sources: [
      {
        name: "web",
        type: "consul",
        permissions: [{ action: "allow", http: [{ path_prefix: "/v1", methods: ["GET"] }] }],
      },
    ],
  });
  expect(stack.resources("consul_config_entry_service_intentions")).toHaveLength(1);
  expect(consumer?.arguments["depends_on"]).toEqual(
    expect.arrayContaining([expect.stringMatching(/^nomad_job\.api_/), expect.stringMatching(/defaults-web/)]),
  );
});

test("what another stack provides gives an upstream only; who may call from elsewhere, its provider says", () => {
  const stack = template([
    cart("web", {
      provides: {
        name: "web",
        port: 8080,
        health,
        allows: ["pay-web", { service: "audit", http: [{ pathExact: "/log" }] }],
      },
      consumes: { service: external("pay-api"), localPort: 9001 },
    }),
  ]);
  const [intentions, ...more] = stack.resources("consul_config_entry_service_intentions");
  expect(more).toEqual([]);
  expect(intentions?.arguments["name"]).toBe("web");
  expect(intentions?.arguments["sources"]).toEqual([
    { name: "audit", type: "consul", permissions: [{ action: "allow", http: [{ path_exact: "/log" }] }] },
    { name: "pay-web", type: "consul", action: "allow" },
  ]);
});

test("secrets come from below the namespace and the job, by a sign-in whose token the task does not see", () => {
  const stack = template(
    [
      cart("shop-web", {
        secrets: [
          { path: "database", env: { DB_PASSWORD: "password" }, files: { key: "ca", destination: "secrets/ca.pem" } },
        ],
      }),
    ],
    { team: "shop" },
  );
  const [job] = stack.resources("nomad_job");
  const [task] = JSON.parse(String(job?.arguments["jobspec"])).TaskGroups[0].Tasks;
  expect(task.Vault).toEqual({ Env: false, DisableFile: true });
  expect(task.Templates).toEqual([
    {
      DestPath: "secrets/shop-shop-web-database.env",
      Envvars: true,
      EmbeddedTmpl:
        '{{ with secret "secret/data/shop/shop-web/database" }}\nDB_PASSWORD={{ index .Data.data "password" | toJSON }}\n{{ end }}\n',
    },
    {
      DestPath: "secrets/ca.pem",
      Perms: "600",
      EmbeddedTmpl: '{{ with secret "secret/data/shop/shop-web/database" }}{{ index .Data.data "ca" }}{{ end }}',
    },
  ]);
});

test("a login of a database comes from its own mount, by the role that the Platform grants", () => {
  const secrets = { mount: "database", path: "creds/shop", role: "shop-db", env: { PGUSER: "username" } };
  const [job] = template([cart("web", { secrets })]).resources("nomad_job");
  const [task] = JSON.parse(String(job?.arguments["jobspec"])).TaskGroups[0].Tasks;
  expect(task.Vault).toEqual({ Role: "shop-db", Env: false, DisableFile: true });
  expect(task.Templates[0].EmbeddedTmpl).toBe(
    '{{ with secret "database/creds/shop" }}\nPGUSER={{ index .Data "username" | toJSON }}\n{{ end }}\n',
  );
});

test("a volume is made, protected, mounted, and there before its job", () => {
  const stack = template([
    cart("db", {
      jobs: web("db", { count: 2 }),
      volumes: [
        { name: "db-data", destination: "/data", size: "10GiB", perAlloc: true },
        { name: "shared", destination: "/shared", type: "csi", plugin: "efs", accessMode: "multi-node-multi-writer" },
        { name: "old", destination: "/old", existing: true, readOnly: true },
      ],
    }),
  ]);
  const made = stack.resources("nomad_dynamic_host_volume");
  expect(
    made.map(({ arguments: { name, namespace, lifecycle, capacity_min } }) => ({
      name,
      namespace,
      lifecycle,
      capacity_min,
    })),
  ).toEqual(
    [0, 1].map((index) => ({
      name: `db-data[${index}]`,
      namespace: "default",
      lifecycle: { prevent_destroy: true },
      capacity_min: "10GiB",
    })),
  );
  expect(stack.resources("nomad_csi_volume")).toHaveLength(1);
  const [job] = stack.resources("nomad_job");
  const [group] = JSON.parse(String(job?.arguments["jobspec"])).TaskGroups;
  expect(group.Volumes["db-data"]).toMatchObject({ Type: "host", PerAlloc: true });
  expect(group.Volumes["old"]).toMatchObject({ Source: "old", ReadOnly: true });
  expect(group.Tasks[0].VolumeMounts.map(({ Destination }: { Destination: string }) => Destination)).toEqual([
    "/data",
    "/shared",
    "/old",
  ]);
  expect(job?.arguments["depends_on"]).toEqual(expect.arrayContaining([expect.stringMatching(/^nomad_csi_volume/)]));
});

test.each([
  [undefined, "default"],
  ["general", "general"],
  ["all", undefined],
])("a node's volume of a job in the pool %s is made on a node of that pool", (nodePool, made) => {
  const jobs = { ...web("db"), ...(nodePool === undefined ? {} : { nodePool }) };
  const stack = template([cart("db", { jobs, volumes: { name: "db-data", destination: "/data" } })]);
  expect(stack.resources("nomad_dynamic_host_volume")[0]?.arguments["node_pool"]).toBe(made);
});

test("figures are opened beside the mesh, at a port that Consul knows", () => {
  const provides = { name: "web", port: 8080, health, metrics: { path: "/figures" } };
  const [job] = template([cart("web", { provides })]).resources("nomad_job");
  const [group] = JSON.parse(String(job?.arguments["jobspec"])).TaskGroups;
  expect(group.Networks[0].DynamicPorts).toContainEqual({ Label: "metrics_web", To: -1 });
  expect(group.Services[0].Meta).toEqual({
    envoy_metrics_port: "$${NOMAD_HOST_PORT_envoy_web}",
    metrics_port: "$${NOMAD_HOST_PORT_metrics_web}",
    metrics_path: "/figures",
  });
  expect(group.Services[0].Connect.SidecarService.Proxy.Expose.Paths).toEqual([
    { Path: "/figures", LocalPathPort: 8080, ListenerPort: "metrics_web" },
  ]);
});

test("a check at another port than the service's has a way of its own", () => {
  const provides = { name: "web", port: 8080, health: httpCheck("/ready", { port: "9000" }) };
  const [job] = template([cart("web", { provides })]).resources("nomad_job");
  const [group] = JSON.parse(String(job?.arguments["jobspec"])).TaskGroups;
  expect(group.Services[0].Checks).toEqual([
    { Type: "http", Path: "/ready", PortLabel: "check_web_0", Interval: 1e10, Timeout: 2e9 },
  ]);
  expect(group.Services[0].Connect.SidecarService.Proxy.Expose.Paths).toEqual([
    { Path: "/ready", LocalPathPort: 9000, ListenerPort: "check_web_0" },
  ]);
});

test("outside of the mesh a service has a port of its node and no entries", () => {
  const provides = {
    name: "my-db",
    port: 5432,
    mesh: false,
    network: "host",
    staticPort: 5432,
    health: scriptCheck("/bin/true"),
  } as const;
  const stack = template([cart("db", { provides })]);
  expect(stack.resources("consul_config_entry")).toEqual([]);
  const [job] = stack.resources("nomad_job");
  const [group] = JSON.parse(String(job?.arguments["jobspec"])).TaskGroups;
  expect(group.Networks).toEqual([{ Mode: "host", ReservedPorts: [{ Label: "my_db", Value: 5432 }] }]);
  expect(group.Services[0]).toMatchObject({ PortLabel: "my_db", Checks: [{ TaskName: "web" }] });
});

test("what a job says itself of new versions holds; transform comes last", () => {
  const jobs = extendJob(web("web"), canary());
  const stack = template([
    cart("web", { jobs, transform: { job: (job) => ({ ...job, priority: 70 }) }, timeout: "20m" }),
  ]);
  const [job] = stack.resources("nomad_job");
  const spec = JSON.parse(String(job?.arguments["jobspec"]));
  expect([spec.Update, spec.Priority]).toEqual([{ Canary: 1, AutoPromote: true, AutoRevert: true }, 70]);
  expect(job?.arguments["timeouts"]).toEqual({ create: "20m", update: "20m" });
});

test("outputs, and a picture in the stack's folder", () => {
  const app = testApp();
  const stack = stackOf(
    [
      cart("api", { after: "web" }),
      cart("web", {
        consumes: [
          { service: external("mail"), localPort: 25 },
          { service: "api", localPort: 1, startsWithout: true },
        ],
      }),
    ],
    { app },
  );
  expect(stack.outputs["web"]).toMatchObject({ serviceNames: ["web"], urls: [] });
  app.synth();
  expect(readFileSync(join(app.outdir, "stacks/dev-carts/carts.mmd"), "utf8")).toBe(
    [
      "flowchart LR",
      '  c0["<b>api</b><br/>api"]',
      '  c1["<b>web</b><br/>web"]',
      '  x0(["mail"])',
      "  c0 -.->|after| c1",
      "  c1 -->|mail| x0",
      "  c1 -.->|api| c0",
      "",
    ].join("\n"),
  );
});
