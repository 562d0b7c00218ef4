import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { LocalState } from "../../lib";
import { access, products } from "../../lib/node";
import { type Living, retireBootstrap } from "../../lib/operate";
import { terraformFor } from "../platform/platform";
import { Issuer } from "../platform/support/issuer";
import { resynthesize } from "../support/synth";
import { suiteScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { applications } from "./applications";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { nodeName } from "./days";
import { Group } from "./group";
import type { Host } from "./host";
import { found, secretsOf } from "./leaks";
import { hostNeeds, productNeeds } from "./needs";
import { operator } from "./operator";
import { productApis } from "./product-api";
import { voters } from "./raft";
import { type Commit, synthesized } from "./stacks";
import { timed } from "./timed";

describeWith(
  "the platform of a cluster that was born from user data alone",
  { ...hostNeeds, ...productNeeds, terraform: findTool("terraform") },
  ({ vault, consul, nomad, terraform: program }) => {
    const scope = suiteScope();
    const state = new LocalState({ directory: scope.directory("state") });
    let cluster: Cluster;
    let bootstrap: Client;
    let ci: Client;
    let issuer: Issuer;
    const members = new Map<string, Promise<Client>>();
    let directory: string;

    beforeAll(async () => {
      cluster = await Cluster.launch(scope, {
        servers: { main: { count: 3, runs: products } },
        workers: { general: 1 },
        // Applications run as processes here.
        workerProps: { rawExec: true },
        programs: { vault, consul, nomad },
      });
      await timed("three servers and a worker, born", cluster.born(300_000));
      await voters(cluster.servers[0] as Host, 3);
      bootstrap = await Client.deployer(cluster, vault);
      const address = cluster.cloud.network.address(254);
      const files = await cluster.cloud.authority.issue("issuer", [`IP:${address}`]);
      issuer = await Issuer.start(scope, { address, ...files });
      const stacks = write();
      const below = new Terraform({ program, cwd: join(stacks, "prod-infrastructure") });
      await below.init();
      await below.apply();
      directory = join(stacks, "prod-platform");
    }, 600_000);

    const write = (commit: Commit = {}) => synthesized(scope, cluster, { state, issuer: issuer.url }, commit);

    /** Terraform as somebody with these tokens. */
    async function terraformOf(client: Client): Promise<Terraform> {
      const terraform = terraformFor(scope, program, directory, productApis(cluster, client));
      await terraform.init();
      return terraform;
    }

    test("takes over what first boot handed over, and changes none of it", async () => {
      const terraform = await terraformOf(bootstrap);
      const { plan, file, actions } = await timed("the first plan", terraform.plan());
      const adopted = plan.resource_changes.filter(({ change }) => change.importing !== undefined);
      const changed = adopted.filter(({ change }) => change.actions.join() !== "no-op");
      expect(changed.map(({ address, change }) => [address, change.before, change.after])).toEqual([]);
      expect(actions.filter((action) => !action.startsWith("create"))).toEqual([]);
      const handedOver = access(cluster.access);
      const objects = (handedOver.vault?.objects ?? []).filter((one) => one.kind !== "configuration" || !one.secret);
      const policies = [...(handedOver.consul?.policies ?? []), ...(handedOver.nomad?.policies ?? [])];
      expect(adopted).toHaveLength(objects.length + policies.length);
      await timed(`the first apply: ${adopted.length} imported, ${actions.length} made`, terraform.apply(file));
      expect((await timed("the second plan", terraform.plan())).actions).toEqual([]);
      const secrets = await secretsOf(cluster);
      const shown = JSON.stringify([plan, await terraform.succeed("show", "-json")]);
      expect(found(shown, secrets)).toEqual([]);
    });

    test("lets CI sign in by itself, and goes on without the bootstrap tokens", async () => {
      const group = await Group.around(scope, cluster, "main", cluster.servers);
      const living = await operator(cluster, group);
      const signal = AbortSignal.timeout(60_000);
      const sources = products.map((product) => living.sessions.source(product, signal));
      expect(await Promise.all(sources)).toEqual(["sign-in", "sign-in", "sign-in"]);
      expect(await retireBootstrap(living)).toEqual({ environment: "prod", retired: ["consul", "nomad"], gone: [] });
      for (const product of ["consul", "nomad"] as const) {
        for (const _ of cluster.servers) {
          const status = async () => (await bootstrap.ask(product, "GET", "acl/token/self")).status;
          await expect.poll(status, { timeout: 30_000 }).toBe(403);
        }
      }
      expect((await retireBootstrap(living)).gone).toEqual(["consul", "nomad"]);
      ci = await clientOf(living);
      const applies = await terraformOf(ci);
      expect((await timed("a plan of the deployer", applies.plan())).actions).toEqual([]);
      const planner = await clientOf(await operator(cluster, group, undefined, {}, "planner"));
      const plans = await terraformOf(planner);
      expect((await plans.plan("-refresh=false")).actions).toEqual([]);
      const policy = { policy: 'path "*" { capabilities = ["read"] }' };
      expect((await planner.ask("vault", "PUT", "sys/policies/acl/mine", policy)).status).toBe(403);
    });

    /** Who has the tokens of these sessions. */
    async function clientOf({ sessions }: Living): Promise<Client> {
      const tokens = products.map(async (product) => [product, await sessions.token(product)] as const);
      return bootstrap.as(Object.fromEntries(await Promise.all(tokens)));
    }

    test("a job on a worker reads its team's secret and no other's, and registers its service, by its identity", async () => {
      for (const team of ["shop", "pay"]) {
        const member = await memberOf(team);
        const path = `secret/data/${team}/api/db`;
        await member.demand("vault", "POST", path, { data: { password: `of-${team}` } });
      }
      const seen = await seenBy("shop", "web");
      const [password, token = ""] = seen.split(" ");
      expect(password).toBe("of-shop");
      const asJob = bootstrap.as({ vault: token });
      const status = async (path: string) => (await asJob.ask("vault", "GET", path)).status;
      expect(await status("secret/data/shop/api/db")).toBe(200);
      expect(await status("secret/data/pay/api/db")).toBe(403);
      expect(await status("secret/data/shop/other/db")).toBe(403);
      const services = () =>
        ci
          .demand<{ Node: string }[]>("consul", "GET", "catalog/service/web")
          .then((all) => all.map(({ Node }) => Node));
      await expect.poll(services, { timeout: 60_000 }).toEqual(cluster.workers.map(nodeName));
    });

    test("the mesh's authority moves to Vault, to which Consul's servers sign in by their AWS role", async () => {
      resynthesize(join(write({ consul: { mesh: { authority: {} } } }), "prod-platform"), directory);
      const terraform = await terraformOf(ci);
      await timed("the mesh's authority moves to Vault", terraform.apply());
      expect((await terraform.plan()).actions).toEqual([]);
      const roots = () =>
        ci.demand<{ Roots: { Active: boolean; RootCert: string }[] }>("consul", "GET", "connect/ca/roots");
      const root = (await roots()).Roots.find(({ Active }) => Active)?.RootCert ?? "";
      expect(new X509Certificate(root).subject).toBe("CN=Mesh root 1 of prod");
    });

    applications(() => {
      const consul = { mesh: { authority: {} } };
      const servers = productApis(cluster, ci);
      return {
        ...{ scope, cluster, servers, issuer, program },
        memberOf: async (team) => servers.vault.as((await memberOf(team)).tokens.vault),
        synthesized: (commit) => write({ consul, ...commit }),
      };
    });

    /** Somebody whom Vault knows by a role of the cloud as one of a team. */
    function memberOf(team: string): Promise<Client> {
      const known = members.get(team) ?? enrolled(team);
      members.set(team, known);
      return known;
    }

    async function enrolled(team: string): Promise<Client> {
      await ci.demand("vault", "POST", `auth/deployer/role/${team}`, {
        auth_type: "iam",
        bound_iam_principal_arn: await cluster.cloud.role(team),
        token_policies: [`team-${team}`],
      });
      return ci.as({ vault: await Client.login(cluster, vault, team) });
    }

    /** What a job `api` of a team finds that registers this service: its password, and its token of Vault. */
    async function seenBy(team: string, service: string): Promise<string> {
      const password = `{{ with secret "secret/data/${team}/api/db" }}{{ .Data.data.password }}{{ end }}`;
      const Tasks = [
        {
          Name: "api",
          Driver: "mock_driver",
          Config: { run_for: "24h" },
          Vault: {},
          Consul: {},
          Templates: [{ EmbeddedTmpl: `${password} {{ env "VAULT_TOKEN" }}`, DestPath: "local/seen" }],
        },
      ];
      const TaskGroups = [{ Name: "api", Services: [{ Name: service, Provider: "consul" }], Tasks }];
      const Job = { ID: "api", Namespace: team, NodePool: "general", Type: "service", TaskGroups };
      await ci.demand("nomad", "PUT", "jobs", { Job });
      const running = async () => {
        const path = `job/api/allocations?namespace=${team}`;
        const [one] = await ci.demand<{ ID: string; ClientStatus: string; TaskStates: unknown }[]>(
          "nomad",
          "GET",
          path,
        );
        return one?.ClientStatus === "running" ? one.ID : JSON.stringify(one?.TaskStates ?? null);
      };
      await expect.poll(running, { timeout: 120_000, interval: 500 }).toMatch(/^[0-9a-f-]{36}$/);
      const path = `client/fs/cat/${await running()}?path=api/local/seen&namespace=${team}`;
      return ci.demand("nomad", "GET", path);
    }
  },
);
