import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { suiteScope } from "../support/temporary";
import type { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { platformDirectory, platformProps, terraformFor } from "./platform";
import { type Claims, Issuer } from "./support/issuer";
import { asPerson, asPipeline, nomadAsPerson, withGrant } from "./support/sign-in";

const people = {
  ada: { sub: "ada", groups: ["platform"] },
  olga: { sub: "olga", groups: ["sre"] },
  aude: { sub: "aude", groups: ["audit"] },
  shona: { sub: "shona", groups: ["shop-developers"] },
  paul: { sub: "paul", groups: ["pay-developers"] },
  nemo: { sub: "nemo", groups: ["somebody-else"] },
} satisfies Record<string, Claims>;

const pipeline = (repository: string, ref = "refs/heads/main", environment = "prod") => ({
  sub: `repo:${repository}:environment:${environment}`,
  repository,
  ref,
  environment,
});
const gitlab = (project_path: string, rest: object = {}) => ({
  sub: `project_path:${project_path}:ref_type:branch:ref:main`,
  project_path,
  ref: "main",
  ref_type: "branch",
  ref_protected: "true",
  environment: "prod",
  ...rest,
});

describeWith("who may do what on a platform", { ...productPrograms, terraform: findTool("terraform") }, (programs) => {
  const scope = suiteScope();
  let servers: Servers;
  let issuer: Issuer;
  let terraform: Terraform;
  let cwd: string;
  const actors = new Map<string, Servers>();

  beforeAll(async () => {
    servers = await startServers(scope, programs);
    issuer = await Issuer.start(scope);
    cwd = platformDirectory(scope, servers, {
      vault: {
        ...platformProps(servers).vault,
        workloadRoles: { reports: { namespace: "shop", jobs: ["report-*"], policies: ["auditor"] } },
      },
      teams: [
        {
          name: "shop",
          group: "shop-developers",
          services: ["web", "api"],
          ci: { github: { repository: "acme/shop", branch: "main", environment: "prod" } },
        },
        {
          name: "pay",
          group: "pay-developers",
          ci: { gitlab: { project: "acme/pay", branch: "main", environment: "prod" } },
        },
      ],
      people: {
        issuer: issuer.url,
        clientId: issuer.clientId,
        groups: { platform: ["admin"], sre: ["operator"], audit: ["auditor"] },
      },
      ci: {
        issuers: { github: issuer.url, gitlab: issuer.url },
        apply: { github: { repository: "acme/platform", branch: "main" } },
        plan: { github: { repository: "acme/platform" } },
      },
      consul: {
        mesh: {
          intentions: [
            { from: "web", to: "api" },
            { from: "*", to: "metrics" },
            { from: "batch", to: "metrics", action: "deny" },
          ],
        },
      },
    });
    const env = { TF_VAR_people_client_secret: issuer.clientSecret };
    terraform = terraformFor(scope, programs.terraform, cwd, servers, env);
    await terraform.init();
    await terraform.apply();
    expect((await terraform.plan()).actions).toEqual([]);

    const jwt = (claims: Claims) => issuer.sign({ aud: servers.vault.address, ...claims });
    const given: Record<string, () => Promise<Servers>> = {
      admin: async () => withGrant(servers, await asPerson(servers, issuer, people.ada), "admin"),
      operator: async () => withGrant(servers, await asPerson(servers, issuer, people.olga), "operator"),
      auditor: async () => withGrant(servers, await asPerson(servers, issuer, people.aude), "auditor"),
      shop: async () => withGrant(servers, await asPerson(servers, issuer, people.shona), "team-shop"),
      pay: async () => withGrant(servers, await asPerson(servers, issuer, people.paul), "team-pay"),
      "ci-shop": async () =>
        withGrant(servers, await asPipeline(servers, jwt(pipeline("acme/shop")), "ci-shop"), "ci-shop"),
      planner: async () =>
        withGrant(
          servers,
          await asPipeline(servers, jwt(pipeline("acme/platform", "refs/pull/1/merge")), "planner"),
          "planner",
        ),
      deployer: async () =>
        withGrant(servers, await asPipeline(servers, jwt(pipeline("acme/platform")), "deployer"), "deployer"),
      nobody: async () => ({ vault: servers.vault.as(""), consul: servers.consul.as(""), nomad: servers.nomad.as("") }),
    };
    for (const [name, take] of Object.entries(given)) actors.set(name, await take());
    await servers.vault.must("POST", "secret/data/shop/api/db", { data: { password: "of-shop" } });
    await servers.vault.must("POST", "secret/data/pay/api/db", { data: { password: "of-pay" } });
    await servers.nomad.must("PUT", "var/nomad/jobs/api?namespace=shop", { Items: { a: "b" } });
  });

  test("the secret of people's provider is in no file of Terraform", () => {
    const files = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const state = files.map((entry) => readFileSync(join(entry.parentPath, entry.name))).map(String);
    const encoded = Buffer.from(issuer.clientSecret).toString("base64").slice(0, -4);
    expect(state.filter((text) => text.includes(issuer.clientSecret) || text.includes(encoded))).toEqual([]);
  });

  const job = (namespace: string, id = "a") => ({
    Job: {
      ID: id,
      Name: id,
      Namespace: namespace,
      Type: "batch",
      Datacenters: ["*"],
      TaskGroups: [{ Name: "a", Tasks: [{ Name: "a", Driver: "mock_driver", Config: { run_for: "1ms" } }] }],
    },
  });
  const rawExec = { ...job("shop", "root").Job };
  rawExec.TaskGroups = [{ Name: "a", Tasks: [{ Name: "a", Driver: "raw_exec", Config: { run_for: "1ms" } }] }];
  const policy = { policy: 'path "a" { capabilities = ["read"] }' };
  const secret = { data: { a: "b" } };
  const intention = (Name: string) => ({
    Kind: "service-intentions",
    Name,
    Sources: [{ Name: "web", Action: "allow" }],
  });

  const toWeb = { Redirect: { Service: "web" } };
  const aRoute = { Parents: [{ Kind: "api-gateway", Name: "ingress" }], Rules: [{ Services: [{ Name: "web" }] }] };

  const split = { Splits: [{ Weight: 100, Service: "web" }] };
  const rows: readonly [
    who: string,
    product: "vault" | "consul" | "nomad",
    method: string,
    path: string,
    body: unknown,
    status: number,
  ][] = [
    // Secrets: a team's own, and nobody else's.
    ["shop", "vault", "GET", "secret/data/shop/api/db", undefined, 200],
    ["shop", "vault", "POST", "secret/data/shop/api/new", secret, 200],
    ["shop", "vault", "LIST", "secret/metadata/shop", undefined, 200],
    ["shop", "vault", "GET", "secret/data/pay/api/db", undefined, 403],
    ["shop", "vault", "POST", "secret/data/pay/api/db", secret, 403],
    ["shop", "vault", "LIST", "secret/metadata", undefined, 403],
    ["pay", "vault", "GET", "secret/data/pay/api/db", undefined, 200],
    ["pay", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    ["ci-shop", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    ["admin", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    ["operator", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    ["auditor", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    ["planner", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    ["nobody", "vault", "GET", "secret/data/shop/api/db", undefined, 403],
    // Grants: each its own.
    ["shop", "vault", "GET", "identity/oidc/token/team-pay", undefined, 403],
    ["shop", "vault", "GET", "identity/oidc/token/admin", undefined, 403],
    ["ci-shop", "vault", "GET", "identity/oidc/token/deployer", undefined, 403],
    ["operator", "vault", "GET", "identity/oidc/token/admin", undefined, 403],
    ["planner", "vault", "GET", "identity/oidc/token/deployer", undefined, 403],
    // Governing Vault.
    ["admin", "vault", "PUT", "sys/policies/acl/mine", policy, 204],
    ["admin", "vault", "GET", "sys/audit", undefined, 200],
    ["admin", "vault", "POST", "auth/token/create", { policies: ["root"] }, 403],
    ["operator", "vault", "PUT", "sys/policies/acl/mine", policy, 403],
    ["operator", "vault", "GET", "sys/health", undefined, 200],
    ["auditor", "vault", "GET", "sys/policies/acl/admin", undefined, 200],
    ["auditor", "vault", "GET", "sys/audit", undefined, 200],
    ["auditor", "vault", "PUT", "sys/policies/acl/auditor", policy, 403],
    ["auditor", "vault", "POST", "sys/mounts/other", { type: "kv" }, 403],
    ["shop", "vault", "PUT", "sys/policies/acl/team-shop", policy, 403],
    ["deployer", "vault", "PUT", "sys/policies/acl/mine", policy, 204],
    ["planner", "vault", "GET", "sys/policies/acl/admin", undefined, 200],
    ["planner", "vault", "PUT", "sys/policies/acl/mine", policy, 403],
    ["planner", "vault", "POST", "sys/mounts/other", { type: "kv" }, 403],
    ["nobody", "vault", "GET", "sys/mounts", undefined, 403],
    // Jobs: in one's own namespace.
    ["shop", "nomad", "POST", "jobs", job("shop"), 200],
    ["shop", "nomad", "POST", "jobs", job("pay"), 403],
    ["shop", "nomad", "POST", "jobs", job("default"), 403],
    ["shop", "nomad", "GET", "var/nomad/jobs/api?namespace=shop", undefined, 200],
    ["pay", "nomad", "GET", "var/nomad/jobs/api?namespace=shop", undefined, 403],
    ["pay", "nomad", "GET", "jobs?namespace=shop", undefined, 403],
    ["ci-shop", "nomad", "POST", "jobs", job("shop"), 200],
    ["ci-shop", "nomad", "POST", "jobs", job("pay"), 403],
    ["ci-shop", "nomad", "POST", "jobs", { Job: rawExec }, 500],
    ["ci-shop", "nomad", "PUT", "var/nomad/jobs/web?namespace=shop", { Items: { a: "b" } }, 200],
    ["ci-shop", "nomad", "POST", "acl/policy/mine", { Name: "mine", Rules: "" }, 403],
    ["operator", "nomad", "GET", "jobs?namespace=shop", undefined, 200],
    ["operator", "nomad", "POST", "jobs", job("shop"), 403],
    ["operator", "nomad", "GET", "var/nomad/jobs/api?namespace=shop", undefined, 403],
    ["operator", "nomad", "GET", "nodes", undefined, 200],
    ["auditor", "nomad", "GET", "jobs?namespace=shop", undefined, 200],
    ["auditor", "nomad", "GET", "var/nomad/jobs/api?namespace=shop", undefined, 403],
    ["auditor", "nomad", "POST", "jobs", job("shop"), 403],
    ["admin", "nomad", "POST", "acl/policy/mine", { Name: "mine", Rules: "" }, 200],
    ["deployer", "nomad", "GET", "acl/policy/operator", undefined, 200],
    ["planner", "nomad", "POST", "jobs", job("shop"), 403],
    ["planner", "nomad", "GET", "acl/policy/operator", undefined, 403],
    ["nobody", "nomad", "GET", "jobs", undefined, 403],
    ["nobody", "nomad", "GET", "nodes", undefined, 403],
    // Consul: what is in the mesh, who may call whom.
    ["shop", "consul", "GET", "health/service/api", undefined, 200],
    ["shop", "consul", "PUT", "kv/shop/a", "b", 200],
    ["shop", "consul", "PUT", "kv/pay/a", "b", 403],
    ["shop", "consul", "PUT", "config", intention("api"), 403],
    ["ci-shop", "consul", "PUT", "config", intention("api"), 200],
    ["ci-shop", "consul", "PUT", "config", intention("pay"), 403],
    ["ci-shop", "consul", "PUT", "config", { Kind: "service-defaults", Name: "web", Protocol: "http" }, 200],
    ["ci-shop", "consul", "PUT", "config", { Kind: "proxy-defaults", Name: "global" }, 403],
    ["ci-shop", "consul", "PUT", "config", { Kind: "service-resolver", Name: "host-shop", ...toWeb }, 200],
    ["ci-shop", "consul", "PUT", "config", { Kind: "service-resolver", Name: "host-pay", ...toWeb }, 403],
    ["ci-shop", "consul", "PUT", "config", { Kind: "http-route", Name: "web", ...aRoute }, 403],
    ["ci-shop", "consul", "PUT", "acl/policy", { Name: "mine" }, 403],
    ["operator", "consul", "GET", "operator/raft/configuration", undefined, 200],
    ["operator", "consul", "PUT", "kv/shop/a", "b", 403],
    ["operator", "consul", "GET", "acl/tokens", undefined, 403],
    ["auditor", "consul", "GET", "acl/policies", undefined, 200],
    ["auditor", "consul", "PUT", "acl/policy", { Name: "mine" }, 403],
    ["admin", "consul", "PUT", "acl/policy", { Name: "mine" }, 200],
    ["deployer", "consul", "PUT", "config", { Kind: "mesh" }, 200],
    ["planner", "consul", "GET", "acl/policies", undefined, 200],
    ["planner", "consul", "PUT", "config", { Kind: "mesh" }, 403],
    ["nobody", "consul", "PUT", "kv/a", "b", 403],
    ["nobody", "consul", "GET", "acl/policies", undefined, 403],
    // What was missing of a persona in a product.
    ["pay", "consul", "GET", "health/service/api", undefined, 200],
    ["pay", "consul", "PUT", "kv/shop/a", "b", 403],
    ["pay", "nomad", "POST", "jobs", job("pay"), 200],
    ["ci-shop", "vault", "GET", "auth/token/lookup-self", undefined, 200],
    ["operator", "vault", "GET", "sys/mounts", undefined, 403],
    ["deployer", "vault", "GET", "node-secrets/data/gossip/consul", undefined, 403],
    ["deployer", "consul", "PUT", "agent/join/127.0.0.1", undefined, 403],
    ["deployer", "nomad", "POST", "acl/policy/mine", { Name: "mine", Rules: "" }, 200],
    ["admin", "nomad", "GET", "nodes", undefined, 200],
    ["admin", "consul", "PUT", "agent/join/127.0.0.1", undefined, 403],
    ["planner", "nomad", "GET", "jobs?namespace=shop", undefined, 200],
    // A team's pipeline: its own jobs and entries, and nothing else.
    ["ci-shop", "vault", "POST", "secret/data/shop/api/db", secret, 403],
    ["ci-shop", "vault", "PUT", "sys/policies/acl/mine", policy, 403],
    ["ci-shop", "vault", "POST", "sys/mounts/mine", { type: "kv" }, 403],
    ["ci-shop", "consul", "PUT", "config", { Kind: "service-splitter", Name: "host-shop", ...split }, 200],
    ["ci-shop", "consul", "DELETE", "config/service-splitter/host-shop", undefined, 200],
    ["ci-shop", "consul", "PUT", "config", { Kind: "service-router", Name: "api", Routes: [] }, 200],
    ["ci-shop", "consul", "PUT", "config", { Kind: "service-defaults", Name: "pay", Protocol: "http" }, 403],
    ["ci-shop", "consul", "PUT", "config", { Kind: "mesh" }, 403],
    ["ci-shop", "consul", "DELETE", "config/service-intentions/metrics", undefined, 403],
    ["ci-shop", "consul", "PUT", "kv/pay/a", "b", 403],
    ["ci-shop", "nomad", "GET", "jobs?namespace=pay", undefined, 403],
    ["ci-shop", "nomad", "POST", "namespace/mine", { Name: "mine" }, 403],
    ["ci-shop", "nomad", "PUT", "operator/scheduler/configuration", {}, 403],
    ["ci-shop", "nomad", "PUT", "var/nomad/jobs/web?namespace=pay", { Items: { a: "b" } }, 403],
  ];

  test.each(rows)("%s, %s: %s %s %j: %i", async (who, product, method, path, body, status) => {
    const answer = await actors.get(who)?.[product].ask(method, path, body);
    expect(answer?.status, JSON.stringify(answer?.body).slice(0, 300)).toBe(status);
  });

  test("each persona has what it may and what it may not, in each product", () => {
    const kinds = (who: string, product: string) => {
      const own = rows.filter((row) => row[0] === who && row[1] === product);
      return [own.some(([, , , , , status]) => status < 300), own.some(([, , , , , status]) => status >= 400)];
    };
    const products = ["vault", "consul", "nomad"] as const;
    for (const who of actors.keys()) {
      for (const product of products) {
        // Everything is allowed to a management token of Nomad, and nothing to who has none.
        const isAll = product === "nomad" && ["admin", "deployer"].includes(who);
        const expected = who === "nobody" ? [false, true] : isAll ? [true, false] : [true, true];
        expect([who, product, ...kinds(who, product)]).toEqual([who, product, ...expected]);
      }
    }
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });

  /** By its verb, what would change something. */
  const writes: Readonly<Record<"vault" | "consul" | "nomad", readonly string[]>> = {
    vault: [
      ...["sys/policies/acl/a", "sys/quotas/rate-limit/a", "sys/mounts/a", "sys/auth/a", "sys/audit/a"],
      ...["secret/data/shop/api/db", "secret/metadata/shop/api/db", "secret/delete/shop/a", "secret/config"],
      ...["auth/jwt-github/role/a", "auth/jwt-github/config", "auth/jwt-nomad/role/a", "auth/oidc/config"],
      ...["identity/group", "identity/group/name/a", "identity/entity", "identity/oidc/key/a", "identity/oidc/role/a"],
      ...["identity/oidc/config", "identity/oidc/client/a", "sys/storage/raft/autopilot/configuration"],
      ...["sys/config/ui/headers/a", "sys/config/cors", "sys/seal", "sys/rotate", "sys/remount"],
      ...["sys/leases/revoke-prefix/a", "sys/plugins/catalog/auth/a", "auth/token/create-orphan", "auth/token/roles/a"],
    ],
    consul: [
      ...["kv/a", "acl/policy", "acl/role", "acl/token", "acl/auth-method", "acl/binding-rule"],
      ...[
        "catalog/register",
        "catalog/deregister",
        "agent/service/register",
        "agent/service/deregister/a",
        "agent/leave",
      ],
      ...["operator/raft/transfer-leader", "operator/keyring", "operator/autopilot/configuration", "session/create"],
      ...["connect/ca/configuration", "connect/intentions/exact?source=a&destination=b", "event/fire/a", "query"],
    ],
    nomad: [
      ...["jobs?namespace=shop", "job/a?namespace=shop", "job/a/dispatch?namespace=shop", "job/a/scale?namespace=shop"],
      ...["namespace/a", "namespaces", "node/pool/a", "node/pools", "var/a?namespace=shop", "quota/a"],
      ...["acl/policy/a", "acl/token", "acl/role", "acl/auth-method", "acl/binding-rule"],
      ...["operator/scheduler/configuration", "operator/raft/peer?id=a", "operator/keyring/rotate", "system/gc"],
      ...["volume/csi/a?namespace=shop", "volume/host/create?namespace=shop", "agent/force-leave?node=a", "client/gc"],
    ],
  };

  test.each(["vault", "consul", "nomad"] as const)(
    "planner changes nothing in %s, whatever the verb",
    async (product) => {
      const planner = actors.get("planner")?.[product];
      const answers: string[] = [];
      for (const path of writes[product]) {
        for (const method of ["PUT", "POST", "DELETE", ...(product === "vault" ? ["PATCH"] : [])]) {
          const answer = await planner?.ask(method, path, method === "DELETE" ? undefined : {});
          // 404 and 405: there is no such call. Consul and Nomad say 400 and 500 to what is none before they look who asks.
          answers.push(`${method} ${path}: ${answer?.status} ${JSON.stringify(answer?.body).slice(0, 90)}`);
        }
      }
      expect(answers.filter((line) => / 2\d\d /.test(line))).toEqual([]);
      expect(answers.filter((line) => / 403 /.test(line)).length).toBeGreaterThan(writes[product].length / 2);
    },
  );

  test("planner plans without a look at what is there, as Nomad shows ACL to management tokens only", async () => {
    const planner = actors.get("planner");
    if (planner === undefined) throw new Error("planner has not signed in");
    const asPlanner = terraformFor(scope, programs.terraform, cwd, planner);
    expect((await asPlanner.plan("-refresh=false", "-lock=false")).actions).toEqual([]);
    await expect(asPlanner.plan("-lock=false")).rejects.toThrow("403");
    // Of Nomad it lacks exactly what is ACL.
    const looks = ["acl/policy/operator", "acl/role/name/a", "acl/binding-rules", "acl/auth-method/vault"];
    const statuses = looks.map(async (path) => (await planner.nomad.ask("GET", path)).status);
    expect(await Promise.all(statuses)).toEqual([403, 403, 403, 403]);
    for (const path of ["namespace/shop", "node/pool/default", "operator/scheduler/configuration"]) {
      expect((await planner.nomad.ask("GET", path)).status, path).toBe(200);
    }
  });

  test.each([
    ["ci-shop", pipeline("acme/shop"), true],
    ["ci-shop", pipeline("acme/shop", "refs/heads/feature"), false],
    ["ci-shop", pipeline("acme/shop", "refs/pull/7/merge"), false],
    ["ci-shop", pipeline("acme/shop", "refs/tags/main"), false],
    ["ci-shop", pipeline("acme/shop", "refs/heads/main", "test"), false],
    ["ci-shop", { ...pipeline("acme/shop"), environment: undefined }, false],
    ["ci-shop", pipeline("acme/shop-eu"), false],
    ["ci-shop", pipeline("stranger/shop"), false],
    ["ci-shop", { ...pipeline("acme/shop"), iss: "https://elsewhere.example.com" }, false],
    ["ci-shop", { ...pipeline("acme/shop"), exp: 1 }, false],
    ["ci-shop", pipeline("acme/pay"), false],
    ["ci-shop", { ...pipeline("acme/shop"), aud: "https://elsewhere.example.com" }, false],
    ["deployer", pipeline("acme/platform", "refs/pull/1/merge"), false],
    ["planner", pipeline("acme/platform", "refs/pull/1/merge"), true],
  ])("a pipeline signs in as %s with %j: %s", async (role, claims, may) => {
    const jwt = issuer.sign({ aud: servers.vault.address, ...claims });
    const { status } = await servers.vault.as("").ask("POST", "auth/jwt-github/login", { role, jwt });
    expect(status === 200).toBe(may);
  });

  test.each([
    [gitlab("acme/pay"), true],
    [gitlab("acme/shop"), false],
    [gitlab("stranger/pay"), false],
    [gitlab("acme/pay", { ref: "feature" }), false],
    // Whoever may push can call a branch main where it is not protected, or a tag.
    [gitlab("acme/pay", { ref_protected: "false" }), false],
    [gitlab("acme/pay", { ref_type: "tag" }), false],
    [gitlab("acme/pay", { environment: "test" }), false],
    [gitlab("acme/pay", { environment: undefined }), false],
    [gitlab("acme/pay", { aud: "https://elsewhere.example.com" }), false],
  ])("a pipeline of GitLab signs in as ci-pay with %j: %s", async (claims, may) => {
    const jwt = issuer.sign({ aud: servers.vault.address, ...claims });
    const login = await servers.vault.as("").ask("POST", "auth/jwt-gitlab/login", { role: "ci-pay", jwt });
    expect(login.status === 200).toBe(may);
    if (!may) return;
    const as = await withGrant(servers, servers.vault.as(login.body.auth.client_token), "ci-pay");
    expect((await as.nomad.ask("POST", "jobs", job("pay"))).status).toBe(200);
    expect((await as.nomad.ask("POST", "jobs", job("shop"))).status).toBe(403);
  });

  test("a person signs in to Consul by way of Vault, with a token that ends within the hour", async () => {
    const olga = await withGrant(servers, await asPerson(servers, issuer, people.olga), "operator");
    const self = await olga.consul.must("GET", "acl/token/self");
    expect(self.Policies.map(({ Name }: { Name: string }) => Name)).toEqual(["operator"]);
    const lives = Date.parse(self.ExpirationTime) - Date.parse(self.CreateTime);
    expect(lives).toBe(3_600_000);
    const inNomad = await olga.nomad.must("GET", "acl/token/self");
    expect(Date.parse(inNomad.ExpirationTime) - Date.parse(inNomad.CreateTime)).toBe(3_600_000);
  });

  test("people are in Nomad what their groups are in Vault", async () => {
    const olga = await nomadAsPerson(servers, await asPerson(servers, issuer, people.olga));
    const { Policies } = await olga.must("GET", "acl/token/self");
    expect(Policies).toEqual(["operator"]);
    const ada = await nomadAsPerson(servers, await asPerson(servers, issuer, people.ada));
    expect((await ada.must("GET", "acl/token/self")).Type).toBe("management");
    const shona = await nomadAsPerson(servers, await asPerson(servers, issuer, people.shona));
    expect((await shona.ask("POST", "jobs", job("shop"))).status).toBe(200);
    expect((await shona.ask("POST", "jobs", job("pay"))).status).toBe(403);
  });

  test("who is in no group of the platform signs in and may do nothing", async () => {
    const nemo = await asPerson(servers, issuer, people.nemo);
    expect((await nemo.must("GET", "auth/token/lookup-self")).data.identity_policies ?? []).toEqual([]);
    await expect(nomadAsPerson(servers, nemo)).rejects.toThrow();
  });

  test("who was taken out of a group has lost what it gave with the next sign-in", async () => {
    const before = await asPerson(servers, issuer, { sub: "leo", groups: ["sre"] });
    expect((await before.ask("GET", "identity/oidc/token/operator")).status).toBe(200);
    const after = await asPerson(servers, issuer, { sub: "leo", groups: [] });
    expect((await after.ask("GET", "identity/oidc/token/operator")).status).toBe(403);
    // Groups belong to the person, not to the token: the old one has lost it too.
    expect((await before.ask("GET", "identity/oidc/token/operator")).status).toBe(403);
  });

  test("who is removed at once loses Vault at once, and Consul and Nomad where their tokens are deleted", async () => {
    const inVault = await asPerson(servers, issuer, { sub: "eve", groups: ["sre"] });
    const eve = await withGrant(servers, inVault, "operator");
    const { entity_id } = (await inVault.must("GET", "auth/token/lookup-self")).data;
    await servers.vault.must("POST", `identity/entity/id/${entity_id}`, { disabled: true });
    expect((await inVault.ask("GET", "identity/oidc/token/operator")).status).toBe(403);
    await expect(asPerson(servers, issuer, { sub: "eve", groups: ["sre"] })).rejects.toThrow();
    // What was exchanged before lives on for its hour, unless it is ended.
    expect((await eve.nomad.ask("GET", "nodes")).status).toBe(200);
    const { AccessorID } = await eve.nomad.must("GET", "acl/token/self");
    await servers.nomad.must("DELETE", `acl/token/${AccessorID}`);
    expect((await eve.nomad.ask("GET", "nodes")).status).toBe(403);
    const inConsul = await eve.consul.must("GET", "acl/token/self");
    await servers.consul.must("DELETE", `acl/token/${inConsul.AccessorID}`);
    expect((await eve.consul.ask("GET", "operator/raft/configuration")).status).toBe(403);
  });

  test.each([
    ["web", "api", true],
    ["api", "web", false],
    ["pay", "api", false],
    ["web", "metrics", true],
    ["batch", "metrics", false],
    ["web", "unheard-of", false],
  ])("%s may call %s: %s", async (source, destination, may) => {
    const check = `connect/intentions/check?source=${source}&destination=${destination}`;
    expect((await servers.consul.must("GET", check)).Allowed).toBe(may);
  });
});
