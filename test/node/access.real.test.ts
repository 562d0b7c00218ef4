import { beforeAll, describe, expect, test } from "vitest";
import { access } from "../../lib/node/access";
import { handOver } from "../../lib/node/hand-over";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { findLan, type Host, Lan } from "./support/lan";
import { install, ROLES, serverTags, single, steps, unpackLibrary } from "./support/server";

type Product = "vault" | "consul" | "nomad";
const headers = { vault: "X-Vault-Token", consul: "X-Consul-Token", nomad: "X-Nomad-Token" };
const ports = { vault: 8200, consul: 8501, nomad: 4646 };

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of three products, each in its own shape
  readonly body: any;
}

describeWith(
  "access on real servers",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let lan: Lan;
    let server: Host;
    const root: Record<Product, string> = { vault: "", consul: "", nomad: "" };

    const ask = async (
      product: Product,
      token: string,
      method: string,
      path: string,
      body?: object,
    ): Promise<Answer> => {
      const data = body === undefined ? "" : `-d '${JSON.stringify(body)}'`;
      const url = `https://127.0.0.1:${ports[product]}/v1/${path}`;
      const text = await server.do(
        `curl -s -m 30 --cacert /etc/caravan/ca.pem -H '${headers[product]}: ${token}' -X ${method} ${data} -w '\\n%{http_code}' '${url}' | tr -d '\\0'`,
      );
      const at = text.lastIndexOf("\n");
      let answer: unknown = text.slice(0, at);
      try {
        answer = JSON.parse(String(answer));
      } catch {}
      return { status: Number(text.slice(at + 1)), body: answer };
    };
    const asRoot = (product: Product, method: string, path: string, body?: object) =>
      ask(product, root[product], method, path, body);

    /** Everything that a hand-over makes, as the product tells it, without what counts writes. */
    const told = async (product: Product): Promise<unknown> => {
      const lists = {
        vault: ["sys/mounts", "sys/auth", "sys/audit", "pki-nodes/issuers?list=true", "pki-nodes/config/issuers"],
        consul: ["acl/policies", "acl/tokens"],
        nomad: ["acl/policies", "acl/tokens"],
      };
      const reads = (handOver(access(single), product) ?? [])
        .map(({ path }) => path)
        .filter((path) => !/^sys\/(mounts|auth|audit)|bundle$|config\/access$/.test(path));
      const paths = [...lists[product], ...(product === "vault" ? reads : [])];
      const answers = await Promise.all(paths.map((path) => asRoot(product, "GET", path)));
      for (const [index, { status }] of answers.entries()) expect(status, paths[index]).toBe(200);
      const counts = ["request_id", "ModifyIndex", "Hash"];
      return JSON.parse(
        JSON.stringify(
          answers.map(({ body }) => body),
          (key, value) => (counts.includes(key) ? null : value),
        ),
      );
    };

    beforeAll(async () => {
      lan = await Lan.start(scope);
      for (const role of ROLES) lan.role(role);
      server = await lan.host("server-main", serverTags);
      await install(lan, server, single, { seal: lan.key(), keyring: lan.key() });
      unpackLibrary(server, single);
      await server.do(
        [
          steps("document", "certificates"),
          "up vault.service",
          "wait_for 60 answers vault_answers",
          "initialise /root/init.json",
          "wait_for 60 leads vault_leads",
          "jq -j .root_token /root/init.json >/root/root",
          "token=/root/root; hand_over vault; token=",
          "step_consul; step_nomad",
        ].join("\n"),
      );
      root.vault = server.read("/root/root");
      const { tokens } = JSON.parse(lan.object("document") ?? "");
      root.consul = tokens["consul-bootstrap"];
      root.nomad = tokens["nomad-bootstrap"];
    });

    test.each(["vault", "consul", "nomad"] as const)("a second hand-over to %s changes nothing", async (product) => {
      const before = await told(product);
      server.write("/root/token", root[product], 0o600);
      const said = await server.do(`${steps("document")}\ntoken=/root/token; hand_over ${product} 2>&1`);
      expect(said).toMatch(/handed over \d+ settings/);
      expect(await told(product)).toEqual(before);
    });

    const vaultTable: [who: string, method: string, path: string, body: object | undefined, status: number][] = [
      [
        "worker-general",
        "POST",
        "pki-nodes/issue/nomad-client",
        { common_name: "client.global.nomad", ip_sans: "10.99.0.9" },
        200,
      ],
      ["worker-general", "POST", "pki-nodes/issue/nomad-client", { common_name: "server.global.nomad" }, 400],
      [
        "worker-general",
        "POST",
        "pki-nodes/issue/nomad-client",
        { common_name: "client.global.nomad", ttl: "8760h" },
        200,
      ],
      ["worker-general", "POST", "pki-nodes/issue/nomad-server", { common_name: "server.global.nomad" }, 403],
      ["worker-general", "GET", "node-secrets/data/gossip/consul", undefined, 200],
      ["worker-general", "GET", "node-secrets/data/gossip/nomad", undefined, 403],
      ["worker-general", "GET", "node-secrets/data/introduction/general", undefined, 200],
      ["worker-general", "GET", "node-secrets/data/introduction/batch", undefined, 403],
      ["worker-general", "GET", "consul/creds/agent-general", undefined, 200],
      ["worker-general", "GET", "consul/creds/nomad-client-general", undefined, 200],
      ["worker-general", "GET", "consul/creds/dns", undefined, 200],
      ["worker-general", "POST", "consul/config/access", { address: "x", token: "x" }, 403],
      ["worker-general", "GET", "sys/storage/raft/snapshot", undefined, 403],
      ["worker-general", "GET", "sys/policies/acl/deployer", undefined, 403],
      ["server-main", "POST", "pki-nodes/issue/vault-server", { common_name: "vault.prod.caravan.internal" }, 200],
      ["server-main", "POST", "pki-nodes/issue/consul-client", { common_name: "client.dc1.consul" }, 403],
      ["server-main", "GET", "sys/storage/raft/snapshot", undefined, 200],
      ["server-main", "POST", "sys/storage/raft/snapshot", {}, 403],
      ["server-main", "GET", "sys/storage/raft/autopilot/state", undefined, 200],
      ["server-main", "GET", "node-secrets/metadata/introduction/?list=true", undefined, 200],
      ["server-main", "GET", "node-secrets/data/gossip/consul", undefined, 403],
      ["server-main", "GET", "consul/creds/agent-general", undefined, 403],
      ["server-main", "GET", "consul/config/access", undefined, 403],
      ["server-main", "PUT", "sys/policies/acl/mine", { policy: "" }, 403],
      ["planner", "GET", "sys/mounts", undefined, 200],
      ["planner", "GET", "sys/auth", undefined, 200],
      ["planner", "GET", "sys/policies/acl/deployer", undefined, 200],
      ["planner", "GET", "auth/node/role/server-main", undefined, 200],
      ["planner", "GET", "pki-nodes/roles/nomad-client", undefined, 200],
      ["planner", "GET", "consul/roles/agent-general", undefined, 200],
      ["planner", "GET", "node-secrets/data/gossip/consul", undefined, 403],
      ["planner", "GET", "consul/creds/agent-general", undefined, 403],
      ["planner", "GET", "consul/config/access", undefined, 403],
      ["planner", "PUT", "sys/policies/acl/mine", { policy: "" }, 403],
      ["planner", "POST", "sys/mounts/kv", { type: "kv" }, 403],
      ["planner", "POST", "pki-nodes/issue/vault-server", { common_name: "vault.prod.caravan.internal" }, 403],
      ["deployer", "PUT", "sys/policies/acl/team", { policy: 'path "a" { capabilities = ["read"] }' }, 204],
      ["deployer", "POST", "sys/mounts/kv", { type: "kv" }, 204],
      ["deployer", "POST", "sys/auth/jwt", { type: "jwt" }, 204],
      ["deployer", "GET", "sys/audit", undefined, 200],
      [
        "deployer",
        "POST",
        "auth/node/role/worker-batch",
        {
          auth_type: "iam",
          bound_iam_principal_arn: "arn:aws:iam::123456789012:role/worker-general",
          resolve_aws_unique_ids: false,
        },
        204,
      ],
      ["deployer", "POST", "node-secrets/data/introduction/batch", { data: { pool: "batch" } }, 200],
      ["deployer", "POST", "node-secrets/data/introduction/general", { data: { pool: "other" } }, 403],
      ["deployer", "GET", "node-secrets/data/introduction/general", undefined, 403],
      ["deployer", "GET", "node-secrets/data/gossip/consul", undefined, 403],
      ["deployer", "GET", "consul/creds/agent-general", undefined, 403],
      ["deployer", "POST", "pki-nodes/issue/vault-server", { common_name: "vault.prod.caravan.internal" }, 403],
      ["deployer", "GET", "sys/storage/raft/snapshot", undefined, 403],
    ];

    test.each(vaultTable)("Vault: %s, %s %s %j: %i", async (who, method, path, body, status) => {
      const token = await asRoot("vault", "POST", "auth/token/create", { policies: [who] });
      const answer = await ask("vault", token.body.auth.client_token, method, path, body);
      expect(answer.status, JSON.stringify(answer.body).slice(0, 300)).toBe(status);
    });

    test("Vault: a node's certificate ends after 30 days whatever is asked for", async () => {
      const asked = { common_name: "client.global.nomad", ttl: "8760h" };
      const { body } = await asRoot("vault", "POST", "pki-nodes/issue/nomad-client", asked);
      expect(body.data.expiration - Date.now() / 1000).toBeLessThanOrEqual(720 * 3600);
    });

    const node = (Node: string) => ({ Node, Address: "10.99.0.9", SkipNodeUpdate: false });
    const consulTable: [who: string, method: string, path: string, body: object | undefined, status: number][] = [
      ["agent-general", "PUT", "catalog/register", node("general-1"), 200],
      ["agent-general", "PUT", "catalog/register", node("main-2"), 403],
      ["server-agent", "PUT", "catalog/register", node("main-1"), 200],
      ["server-agent", "PUT", "catalog/register", node("general-2"), 403],
      ["nomad-client-general", "PUT", "agent/service/register", { Name: "web" }, 200],
      ["nomad-client-general", "PUT", "kv/a", {}, 403],
      ["nomad-server", "PUT", "agent/service/register", { Name: "nomad" }, 200],
      ["nomad-server", "PUT", "agent/service/register", { Name: "web" }, 403],
      ["dns", "PUT", "catalog/register", node("general-3"), 403],
      ["snapshot", "GET", "snapshot", undefined, 200],
      ["operate", "GET", "operator/keyring", undefined, 200],
      ["operate", "GET", "operator/autopilot/health", undefined, 200],
      ["operate", "GET", "snapshot", undefined, 403],
      ["operate", "GET", "acl/tokens", undefined, 403],
      ["planner", "GET", "acl/policies", undefined, 200],
      ["planner", "PUT", "acl/policy", { Name: "mine" }, 403],
      ["planner", "PUT", "kv/a", {}, 403],
      ["planner", "PUT", "config", { Kind: "mesh" }, 403],
      ["deployer", "PUT", "acl/policy", { Name: "team" }, 200],
      ["deployer", "PUT", "config", { Kind: "mesh" }, 200],
    ];

    test.each(consulTable)("Consul: %s, %s %s %j: %i", async (who, method, path, body, status) => {
      const { body: made } = await asRoot("consul", "PUT", "acl/token", { Policies: [{ Name: who }] });
      const answer = await ask("consul", made.SecretID, method, path, body);
      expect(answer.status, String(answer.body).slice(0, 300)).toBe(status);
    });

    test("Consul: planner sees tokens without their secrets", async () => {
      const { body: made } = await asRoot("consul", "PUT", "acl/token", { Policies: [{ Name: "planner" }] });
      const { body } = await ask("consul", made.SecretID, "GET", "acl/tokens");
      const secrets = Object.values(JSON.parse(lan.object("document") ?? "").tokens);
      expect(body.length).toBeGreaterThan(5);
      expect(body.filter(({ SecretID }: { SecretID: string }) => secrets.includes(SecretID))).toEqual([]);
    });

    const job = {
      Job: {
        ID: "a",
        Name: "a",
        Type: "batch",
        Datacenters: ["*"],
        TaskGroups: [{ Name: "a", Tasks: [{ Name: "a", Driver: "mock_driver" }] }],
      },
    };
    const item = { Path: "nomad/jobs/a", Items: { a: "b" } };
    const nomadTable: [who: string, method: string, path: string, body: object | undefined, status: number][] = [
      ["operate", "POST", "acl/identity/client-introduction-token", { NodePool: "general", TTL: "5m" }, 200],
      ["operate", "GET", "operator/autopilot/health", undefined, 200],
      ["operate", "GET", "operator/snapshot", undefined, 403],
      ["operate", "GET", "jobs", undefined, 403],
      ["snapshot", "GET", "operator/snapshot", undefined, 200],
      ["snapshot", "GET", "nodes", undefined, 403],
      ["deployer", "POST", "jobs", job, 200],
      ["deployer", "PUT", "var/nomad/jobs/a", item, 200],
      ["deployer", "POST", "acl/policy/mine", { Name: "mine", Rules: "" }, 403],
      ["planner", "GET", "jobs", undefined, 200],
      ["planner", "POST", "job/a/plan", job, 200],
      ["planner", "POST", "jobs", job, 403],
      ["planner", "GET", "vars", undefined, 200],
      ["planner", "GET", "var/nomad/jobs/a", undefined, 403],
      ["planner", "GET", "nodes", undefined, 200],
    ];

    test.each(nomadTable)("Nomad: %s, %s %s %j: %i", async (who, method, path, body, status) => {
      const { body: made } = await asRoot("nomad", "POST", "acl/token", { Type: "client", Policies: [who] });
      const answer = await ask("nomad", made.SecretID, method, path, body);
      expect(answer.status, String(answer.body).slice(0, 300)).toBe(status);
    });

    describe("who signs in with which cloud identity", () => {
      const hosts = new Map<string, Host>();
      beforeAll(async () => {
        for (const identity of ["worker-general", "deployer", "planner"]) {
          const host = await lan.host(identity, { Name: identity });
          host.write("/etc/ca.pem", server.read("/etc/caravan/ca.pem"));
          hosts.set(identity, host);
        }
      });
      const login = async (identity: string, path: string, role: string) => {
        const address = "VAULT_ADDR=https://vault.prod.caravan.internal:8200 VAULT_CACERT=/etc/ca.pem HOME=/root";
        const header = "header_value=vault.prod.caravan.internal region=eu-central-1";
        const command = `vault login -token-only -method=aws -path=${path} role=${role} ${header}`;
        return (await hosts.get(identity)?.run(`${address} ${command}`))?.code === 0;
      };
      test.each([
        ["worker-general", "node", "worker-general", true],
        ["worker-general", "node", "server-main", false],
        ["deployer", "deployer", "deployer", true],
        ["planner", "deployer", "planner", true],
        ["planner", "deployer", "deployer", false],
        ["planner", "node", "worker-general", false],
      ])("%s at %s as %s: %s", async (identity, path, role, may) => {
        expect(await login(identity, path, role)).toBe(may);
      });
    });
  },
);
