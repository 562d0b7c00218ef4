import { chmodSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Cart, type CartProps, GrafanaStack, Postgres, Redis, WebApplication } from "../../lib/carts";
import { deriveCart } from "../../lib/carts/derive";
import { PropsCheck } from "../../lib/core/errors";
import { type Job, renderJob } from "../../lib/nomad";
import { productPrograms } from "../support/hashicorp/programs";
import { freePort, run, suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { catalogue } from "./catalogue-carts";
import { AppliedCarts, type Ground, governed } from "./ground";
import { onThisMachine } from "./on-this-machine";

/** Debian keeps the programs of each version in a directory of its own. */
function postgresPrograms(): string | undefined {
  const versions = "/usr/lib/postgresql";
  try {
    const [newest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    return newest === undefined ? undefined : join(versions, newest, "bin");
  } catch {
    return undefined;
  }
}

const needs = {
  ...productPrograms,
  terraform: findTool("terraform"),
  python3: findTool("python3"),
  "redis-server": findTool("redis-server"),
  "redis-cli": findTool("redis-cli"),
  postgresql: postgresPrograms(),
  prometheus: findTool("prometheus"),
};

describeWith("the catalogue on real servers", needs, (programs) => {
  const scope = suiteScope();
  let ground: Ground;
  const password = `superuser-${crypto.randomUUID()}`;
  const ports = { redis: 0, postgres: 0, web: 0 };
  beforeAll(async () => {
    for (const name of ["redis", "postgres", "web"] as const) ports[name] = await freePort();
    const workloadRoles = { "web-db": { namespace: "default", jobs: ["web"], policies: ["web-db"] } };
    const here = { drivers: ["raw_exec", "docker"], networks: ["host", "bridge"] };
    const nomad = { namespaces: { default: here } };
    ground = await governed(scope, programs, { nomad, vault: { ...auditless, workloadRoles } });
    const { vault } = ground.servers;
    await vault.must("PUT", "sys/policies/acl/web-db", {
      policy: 'path "database/creds/web" { capabilities = ["read"] }',
    });
    await vault.must("POST", "secret/data/default/db/superuser", { data: { password } });
    await vault.must("POST", "sys/mounts/database", { type: "database" });
    await vault.must("POST", "database/config/db", {
      plugin_name: "postgresql-database-plugin",
      allowed_roles: ["web"],
      connection_url: `postgresql://{{username}}:{{password}}@127.0.0.1:${ports.postgres}/db?sslmode=disable`,
      username: "postgres",
      password,
      // It is not there yet.
      verify_connection: false,
    });
    await vault.must("POST", "database/roles/web", {
      db_name: "db",
      default_ttl: "10m",
      creation_statements: [
        "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';",
      ],
    });
  });

  describe.each(Object.entries(catalogue))("%s", (_, carts) => {
    test("passes Nomad's plan, without a warning", async () => {
      const known = { namespace: "default", kvMount: "secret", protocol: "http" } as const;
      for (const cart of carts) {
        const check = new PropsCheck("test", { node: { path: "" } }, cart.name);
        for (const job of deriveCart(cart, known, check).jobs) {
          const api = renderJob(job);
          const { nomad } = ground.servers;
          const planned = await nomad.ask("POST", `job/${job.id}/plan`, { Job: api, Diff: true });
          expect(planned.status, `${job.id}: ${JSON.stringify(planned.body)}`).toBe(200);
          expect(planned.body.Warnings, job.id).toBe("");
          expect(planned.body.Diff.Type).toBe("Added");
        }
      }
    });
  });

  test("Redis, PostgreSQL and an application with a login of its own run, and what one writes the other reads", async () => {
    const data = scope.directory("postgres");
    for (let at = data; at !== "/" && at !== "/tmp"; at = dirname(at)) chmodSync(at, 0o755);
    await run("chown", ["postgres", data], { cwd: data, env: process.env, timeoutMs: 10_000 });
    // What the image's own entrypoint does: once an empty database, then the server with the Cart's arguments.
    const postgres = `
set -eu
export PATH=${programs.postgresql}:$PATH PGDATA=${data}/db
if [ ! -d "$PGDATA" ]; then
  printf %s "$POSTGRES_PASSWORD" > ${data}/password
  initdb -U postgres --pwfile=${data}/password $POSTGRES_INITDB_ARGS
  rm ${data}/password
  printf 'CREATE DATABASE "%s";\\n' "$POSTGRES_DB" | postgres --single postgres
fi
exec postgres "$@"`;
    const db = new Postgres("db", { port: ports.postgres, settings: { unix_socket_directories: "" } });
    const args = (
      db.props.jobs as unknown as { group: Record<string, { task: Record<string, { config: { args: string[] } }> }> }
    ).group["postgres"]?.task["postgres"]?.config.args;
    const image = "registry.example.com/web:1.0.0";
    const database = {
      service: "db",
      database: db.database,
      login: "creds/web",
      role: "web-db",
      localPort: ports.postgres,
    };
    const web = new WebApplication("web", {
      image,
      count: 1,
      port: ports.web,
      database,
      consumes: [{ service: "cache", localPort: ports.redis }],
    });
    const said = `
set -eu
export PATH=${programs.postgresql}:$PATH
mkdir -p served
env > served/environment
psql -Atc 'select current_user' > served/user
${programs["redis-cli"]} -p ${ports.redis} set from-web "$(cat served/user)" > served/set
touch served/health
cd served
exec ${programs.python3} -m http.server "$PORT"`;
    const carts = [
      onThisMachine(new Redis("cache", { port: ports.redis }), { redis: { command: programs["redis-server"] } }),
      onThisMachine(db, {
        postgres: {
          command: "/sbin/runuser",
          args: ["-u", "postgres", "--", "/bin/sh", "-c", postgres, "postgres", ...(args ?? [])],
        },
      }),
      onThisMachine(web, { web: { command: "/bin/sh", args: ["-c", said] } }),
    ];
    const stack = new AppliedCarts(scope, programs.terraform, ground, ground.servers);
    await stack.commit(carts);
    await stack.terraform.apply();
    expect(await stack.actions()).toEqual([]);
    const served = async (name: string) => (await fetch(`http://127.0.0.1:${ports.web}/${name}`)).text();
    const user = (await served("user")).trim();
    // Vault's own form of a login: whoever is there by it is nobody else's.
    expect(user).toMatch(/^v-jwt-nom.*-web-/);
    const { stdout } = await run(programs["redis-cli"], ["-p", `${ports.redis}`, "get", "from-web"], {
      cwd: data,
      env: process.env,
      timeoutMs: 10_000,
    });
    expect(stdout.trim()).toBe(user);
    const environment = await served("environment");
    expect(environment).toContain(`PGUSER=${user}\n`);
    expect(environment).not.toContain(password);
    const healthy = async (service: string) => {
      const found = await ground.servers.consul.must("GET", `health/service/${service}?passing=true`);
      return found.length as number;
    };
    for (const service of ["cache", "db", "web"]) {
      await expect.poll(() => healthy(service), { timeout: 30_000, message: service }).toBe(1);
    }
    await stack.destroy();
  });
  // Debian's build of Prometheus has no discovery by Consul: what Consul says of the service stands in its place.
  test("Prometheus takes its configuration, and asks services where their facts in Consul say", async () => {
    const port = await freePort();
    const facts = { metrics_port: `${port}`, metrics_path: "/metrics" };
    const labels = Object.fromEntries([
      ["__meta_consul_service", "watch-prometheus"],
      ["__meta_consul_node", "here"],
      ["__meta_consul_address", "127.0.0.1"],
      ...Object.entries(facts).map(([name, value]) => [`__meta_consul_service_metadata_${name}`, value]),
    ]);
    const { props } = new GrafanaStack("watch", { consul: { address: ground.servers.consul.address } });
    const all = JSON.parse(JSON.stringify(props).replaceAll("9090", `${port}`)) as CartProps;
    const only = <T extends { readonly job?: string; readonly id?: string }>(list: unknown) =>
      (list as readonly T[]).filter(({ id, job }) => (id ?? job) === "watch-prometheus");
    const prometheus = new Cart("watch", {
      jobs: only(all.jobs),
      provides: only(all.provides),
    } as unknown as CartProps);
    const discovered = (job: Job): Job => {
      const found = /"consul_sd_configs": \[.*?\n {6}\]/gs;
      const known = `"static_configs": [{ "targets": ["discovered"], "labels": ${JSON.stringify(labels)} }]`;
      const text = JSON.stringify(job, (key, value) => (key === "data" ? String(value).replace(found, known) : value));
      return JSON.parse(text) as Job;
    };
    const stack = new AppliedCarts(scope, programs.terraform, ground, ground.servers);
    await stack.commit([onThisMachine(prometheus, { main: { command: programs.prometheus } }, discovered)]);
    await stack.terraform.apply();
    const ask = async (query: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data } = (await answer.json()) as {
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      return data.result.map(({ metric, value: [, value] }) => [metric["service"], metric["instance"], value]);
    };
    const self = ["watch-prometheus", `127.0.0.1:${port}`, "1"];
    await expect.poll(() => ask('up{job="services"}'), { timeout: 90_000 }).toEqual([self]);
    const [service] = await ground.servers.consul.must("GET", "catalog/service/watch-prometheus");
    expect(service.ServiceMeta).toMatchObject(facts);
    await stack.destroy();
  });
});

/** The audit devices of the platform's tests. */
const auditless = {
  audit: { stdout: { type: "file", path: "stdout" }, null: { type: "file", path: "/dev/null" } },
} as const;
