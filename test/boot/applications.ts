import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Cart, type CartProps } from "../../lib/carts";
import { deriveCart } from "../../lib/carts/derive";
import { PropsCheck } from "../../lib/core/errors";
import { httpCheck, type Job, renderJob } from "../../lib/nomad";
import { gatewayHere, until } from "../application-support/gateway-here";
import { onThisMachine, type Programs } from "../carts/on-this-machine";
import type { Issuer } from "../platform/support/issuer";
import { asPipeline, withGrant } from "../platform/support/sign-in";
import type { Api } from "../support/hashicorp/api";
import { consulBehaviours } from "../support/hashicorp/consul";
import { insist } from "../support/hashicorp/insist";
import { nomadBehaviours } from "../support/hashicorp/nomad";
import { nomadJobBehaviours } from "../support/hashicorp/nomad-jobs";
import type { Servers } from "../support/hashicorp/servers";
import { consulCatalogBehaviours, nomadSupportBehaviours } from "../support/hashicorp/support-objects";
import { vaultBehaviours } from "../support/hashicorp/vault";
import { difference, type Written, written } from "../support/hashicorp/written";
import { type Behaviours, StandInProviders } from "../support/providers";
import { resynthesize } from "../support/synth";
import type { Scope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import type { Cluster } from "./cluster";
import { nodeName } from "./days";
import type { Commit } from "./stacks";
import { timed } from "./timed";

/** A cluster whose platform is applied. */
export interface Governed {
  readonly scope: Scope;
  readonly cluster: Cluster;
  /** The products as CI's deployer. */
  readonly servers: Servers;
  /** Who gives the team's pipeline its identity. */
  readonly issuer: Issuer;
  /** Path of Terraform. */
  readonly program: string;
  /** Vault as one of a team's people. */
  memberOf(team: string): Promise<Api>;
  /** The stacks as another commit has them; their directory. */
  synthesized(commit: Commit): string;
}

const PORTS = { api: 8081, web: 8082 } as const;
type Name = keyof typeof PORTS;

/** A task that writes what it was told into the directory that it serves. */
const serves = (name: Name): Programs => ({
  web: { command: "/bin/sh", args: ["-c", `env > served.txt; exec /usr/bin/python3 -m http.server ${PORTS[name]}`] },
});
const fails: Programs = { web: { command: "/bin/sh", args: ["-c", "exit 1"] } };

function cartOf(name: Name, props: Partial<CartProps>, runs: Programs): Cart {
  const id = `shop-${name}`;
  const image = `registry.example.com/${id}:1.0.0`;
  const jobs: Job = {
    id,
    nodePool: "general",
    group: { web: { task: { web: { driver: "docker", config: { image } } } } },
  };
  const provides = { name: id, port: PORTS[name], health: httpCheck("/served.txt") };
  return onThisMachine(new Cart(id, { jobs, provides, ...props }), runs);
}

const api = (runs = serves("api")) =>
  cartOf(
    "api",
    {
      secrets: { path: "database", env: { DB_PASSWORD: "password" } },
      volumes: { name: "shop-api-data", destination: "/data" },
    },
    runs,
  );
const web = (props: Partial<CartProps> = {}) =>
  cartOf("web", { exposes: { host: "shop", service: "shop-web" }, ...props }, serves("web"));
const calls = { service: "shop-api", localPort: 9001 };

const support: Commit["support"] = {
  routes: [{ host: "status", service: "status" }],
  externalServices: { "orders-db": { address: "db.example.com", port: 5432, allow: ["shop-api"] } },
  observability: { prometheus: {}, loki: {}, grafana: { signIn: { adminPassword: { secret: "admin" } } } },
};

const inNamespace = (name: string) => `value.nomad_namespace=="caravan-${name}"`;
const ofTasks = (name: string, job?: string) =>
  `"nomad_service" not in value and ${inNamespace(name)}${job === undefined ? "" : ` and value.nomad_job_id=="${job}"`}`;
const ofServices = (name: string, services = "") =>
  `service \${value.nomad_service}: "nomad_service" in value and ${inNamespace(name)} and value.nomad_service matches "^(${services})$"`;
const consulRoles = [
  "caravan-gateways-terminating-gateway",
  "caravan-observability-prometheus",
  "caravan-operations-consul-esm",
  "nomad-tasks-caravan-gateways",
  "nomad-tasks-caravan-observability",
  "nomad-tasks-caravan-operations",
];
const vaultRoles = [
  "caravan-gateways-api-gateway",
  "caravan-observability-grafana",
  "caravan-observability-prometheus",
];

/** What that support, with the route of the team's Cart, comes to in the three products. */
const declared = {
  "api-gateway": ["api-gateway"],
  "file-system-certificate": ["api-gateway"],
  "http-route": ["grafana", "pay", "shop", "status"],
  "terminating-gateway": ["terminating-gateway"],
  "service-defaults": ["orders-db"],
  "service-intentions": ["grafana", "loki", "orders-db", "prometheus"],
  consulNodes: ["external-orders-db"],
  consulPolicies: consulRoles,
  consulRoles,
  consulRules: [
    `role caravan-gateways-terminating-gateway: ${ofTasks("gateways", "terminating-gateway")}`,
    `role caravan-observability-prometheus: ${ofTasks("observability", "prometheus")}`,
    `role caravan-operations-consul-esm: ${ofTasks("operations", "consul-esm")}`,
    `role nomad-tasks-caravan-gateways: ${ofTasks("gateways")}`,
    `role nomad-tasks-caravan-observability: ${ofTasks("observability")}`,
    `role nomad-tasks-caravan-operations: ${ofTasks("operations")}`,
    ofServices("gateways"),
    ofServices("observability", "prometheus|grafana|loki|otlp|node-exporter"),
    ofServices("operations"),
    `templated-policy builtin/api-gateway: ${ofTasks("gateways", "api-gateway")}`,
  ],
  vaultMounts: ["pki-gateways/"],
  vaultPolicies: vaultRoles,
  vaultRoles,
  nomadNamespaces: ["caravan-gateways", "caravan-observability", "caravan-operations"],
  nomadPolicies: ["nomad-autoscaler"],
  nomadJobs: [
    "caravan-gateways/api-gateway",
    "caravan-gateways/terminating-gateway",
    "caravan-observability/collector",
    "caravan-observability/grafana",
    "caravan-observability/loki",
    "caravan-observability/node-exporter",
    "caravan-observability/prometheus",
    "caravan-operations/consul-esm",
    "caravan-operations/nomad-autoscaler",
  ],
};

const merged = (...all: readonly Behaviours[]): Behaviours => ({
  resources: Object.assign({}, ...all.map(({ resources }) => resources)),
  data: Object.assign({}, ...all.map(({ data }) => data)),
});

/**
 * The application support and a team's Carts on a cluster whose platform is applied. Workers have no container engine and no
 * Envoy: Nomad plans and keeps the support's jobs, and starts none of them but the gateway's, by a program; Carts run as
 * processes, on their nodes' network, and what a sidecar would be told is asked of Consul.
 */
export function applications(governed: () => Governed): void {
  describe("applications", () => {
    let all: Governed;
    let servers: Servers;
    let directory: string;
    let before: Written;
    /** The support as the deployer, the Carts as the team's pipeline. */
    let stacks: Readonly<Record<"prod-support" | "prod-shop", Terraform>>;

    beforeAll(async () => {
      all = governed();
      servers = all.servers;
      before = await written(servers);
      directory = all.synthesized({ support, shop: [api(), web({ consumes: calls })] });
      const aud = `https://${all.cluster.nameOf("vault")}:8200`;
      const jwt = all.issuer.sign({ sub: "repo:acme/shop", aud, repository: "acme/shop" });
      const team = await withGrant(servers, await asPipeline(servers, jwt, "ci-shop"), "ci-shop");
      stacks = {
        "prod-support": terraform("prod-support", {
          vault: vaultBehaviours(servers.vault),
          consul: merged(consulBehaviours(servers.consul), consulCatalogBehaviours(servers.consul)),
          nomad: merged(nomadBehaviours(servers.nomad), nomadSupportBehaviours(servers.nomad)),
        }),
        "prod-shop": terraform("prod-shop", {
          consul: consulBehaviours(team.consul),
          nomad: merged(nomadBehaviours(team.nomad), nomadJobBehaviours(team.nomad)),
        }),
      };
      for (const one of Object.values(stacks)) await one.init();
    });

    function terraform(stack: string, behaviours: Readonly<Record<string, Behaviours>>): Terraform {
      const providers = new StandInProviders(all.scope, behaviours);
      return new Terraform({ program: all.program, cwd: join(directory, stack), providers });
    }

    function commit(change: Commit): void {
      const other = all.synthesized({ support, ...change });
      for (const stack of Object.keys(stacks)) resynthesize(join(other, stack), join(directory, stack));
    }

    const actions = async (stack: keyof typeof stacks) =>
      (await stacks[stack].plan()).actions.map((action) => action.replace(/_[0-9A-F]{8}$/, ""));
    const served = async (name: Name) =>
      (await fetch(`http://${all.cluster.workers[0]?.address}:${PORTS[name]}/served.txt`)).text();
    const allowed = async (source: string, destination: string) => {
      const query = `source=${source}&destination=${destination}`;
      return (await servers.consul.must("GET", `connect/intentions/check?${query}`)).Allowed as boolean;
    };

    test("the support is applied by the deployer; there is what was declared, and nothing more", async () => {
      await timed("the support, applied", stacks["prod-support"].apply());
      expect(await actions("prod-support")).toEqual([]);
      expect(difference(before, await written(servers))).toEqual(declared);
      expect(await allowed("shop-api", "orders-db")).toBe(true);
      expect(await allowed("shop-web", "orders-db")).toBe(false);
    });

    test("the gateway's job signs in by its identity, through its node's agent with TLS, and gets its certificate", async () => {
      const { instance, certificate } = await gatewayHere(servers, { nodePool: "general", consul: "/usr/bin/consul" });
      expect(instance).toMatchObject({
        ServiceKind: "api-gateway",
        Node: nodeName(all.cluster.workers[0] as Cluster["workers"][number]),
      });
      expect(new X509Certificate(certificate).subjectAltName).toBe("DNS:*.apps.example.com");
    });

    test("a team's Carts are applied with the team's tokens alone, run, and plan nothing more", async () => {
      const member = await all.memberOf("shop");
      await member.must("POST", "secret/data/shop/shop-api/database", { data: { password: "of-the-api" } });
      const then = await written(servers);
      await timed("the team's Carts, applied", stacks["prod-shop"].apply());
      expect(await actions("prod-shop")).toEqual([]);
      expect(difference(then, await written(servers))).toEqual({
        "service-defaults": ["shop-api", "shop-web"],
        "service-intentions": ["shop-api", "shop-web"],
        nomadJobs: ["shop/shop-api", "shop/shop-web"],
      });
      expect(await allowed("shop-web", "shop-api")).toBe(true);
      expect(await allowed("api-gateway", "shop-web")).toBe(true);
      expect(await allowed("shop-api", "shop-web")).toBe(false);
      expect(await allowed("api-gateway", "shop-api")).toBe(false);
      for (const service of ["shop-api", "shop-web"]) {
        const healthy = async () => (await servers.consul.must("GET", `health/service/${service}?passing=true`)).length;
        await expect.poll(healthy, { timeout: 30_000 }).toBe(1);
      }
    });

    test("a secret reaches its task, and no other", async () => {
      expect(await served("api")).toContain("DB_PASSWORD=of-the-api\n");
      expect(await served("api")).not.toMatch(/VAULT_TOKEN|hvs\./);
      expect(await served("web")).not.toContain("of-the-api");
      const secrets = {
        mount: "secret",
        engine: "kv",
        path: "shop/shop-api/database",
        role: "nomad-workloads",
        env: { X: "password" },
      } as const;
      const known = { namespace: "shop", kvMount: "secret", protocol: "http" } as const;
      const check = new PropsCheck("test", { node: { path: "" } }, "thief");
      const { props } = cartOf("web", { secrets, provides: [] }, serves("web"));
      const [job] = deriveCart(new Cart("thief", props), known, check).jobs;
      const Job = { ...renderJob(job as Job), ID: "shop-thief", Name: "shop-thief" };
      await servers.nomad.must("POST", "jobs?namespace=shop", { Job });
      const events = async () => {
        const [allocation] = await servers.nomad.must("GET", "job/shop-thief/allocations?namespace=shop");
        return JSON.stringify(allocation?.TaskStates ?? {});
      };
      await expect.poll(events, { timeout: 60_000 }).toMatch(/Missing: vault\.read|403/);
      expect(await events()).not.toContain('"State":"running"');
      await servers.nomad.must("DELETE", "job/shop-thief?namespace=shop&purge=true");
    });

    test("a new version that fails is taken back, and the apply says so", async () => {
      commit({ shop: [api(fails), web({ consumes: calls })] });
      await expect(stacks["prod-shop"].apply()).rejects.toThrow(/deployment .* failed/);
      await until("the version that worked is back", async () => {
        const { Stable } = await servers.nomad.must("GET", "job/shop-api?namespace=shop");
        return Stable && (await served("api").catch(() => "")).includes("DB_PASSWORD=of-the-api\n") ? true : undefined;
      });
    });

    test("a Cart that is removed takes its intentions, its job and its route with it", async () => {
      commit({ shop: [api()] });
      expect(await actions("prod-shop")).toEqual([
        "delete consul_config_entry.shop-web_defaults-shop-web",
        "delete consul_config_entry_service_intentions.shop-api_intentions-shop-api",
        "delete consul_config_entry_service_intentions.shop-web_intentions-shop-web",
        "delete nomad_job.shop-web_job-shop-web",
      ]);
      await stacks["prod-shop"].apply();
      await stacks["prod-support"].apply();
      expect([await actions("prod-shop"), await actions("prod-support")]).toEqual([[], []]);
      expect(await allowed("shop-web", "shop-api")).toBe(false);
      expect(await allowed("api-gateway", "shop-web")).toBe(false);
      const route = await servers.consul.must("GET", "config/http-route/shop");
      expect(route.Rules.map(({ Services }: { Services: { Name: string }[] }) => Services[0]?.Name)).toEqual([
        "host-shop",
      ]);
      expect((await servers.nomad.must("GET", "job/shop-web?namespace=shop")).Stop).toBe(true);
    });

    test("destroyed, Carts and support leave what was there before them, and nothing else", async () => {
      // Nomad keeps a volume of a node while an allocation still has it, and Terraform does not wait for that.
      await insist(() => stacks["prod-shop"].destroy(), /in use by allocations/, 60_000);
      await timed("the support, destroyed", stacks["prod-support"].destroy());
      expect(difference(before, await written(servers))).toEqual({});
    });
  });
}
