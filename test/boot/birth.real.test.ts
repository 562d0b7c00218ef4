import { beforeAll, expect, test } from "vitest";
import { machineHost, type Product, products } from "../../lib/node";
import { run } from "../support/scope";
import { suiteScope, testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster, LOG_GROUP } from "./cluster";
import type { Host } from "./host";
import { found, readableByAll, secretsOf, unpacked, watchProcesses } from "./leaks";
import { hostNeeds, productNeeds } from "./needs";
import { voters } from "./raft";
import { foreignAgent, type Pair, rpc } from "./stranger";
import { timed } from "./timed";

/** A job that ends by itself, of the driver that its pool alone allows. */
const JOB = {
  Job: {
    ID: "hello",
    Type: "batch",
    NodePool: "general",
    TaskGroups: [{ Name: "hello", Tasks: [{ Name: "hello", Driver: "raw_exec", Config: { command: "/bin/true" } }] }],
  },
};

/** HTTP status of what a product on this host answers to somebody without a token. */
const answers = (host: Host, port: number, path: string) =>
  host.exec(
    ...["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", "/etc/caravan/ca.pem"],
    `https://127.0.0.1:${port}/${path}`,
  );

describeWith(
  "three servers and a worker, with nothing but their user data",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();
    let cluster: Cluster;
    let hosts: Host[];
    let one: Host;
    let worker: Host;
    let deployer: Client;
    let processes: () => string;

    beforeAll(async () => {
      cluster = await Cluster.prepare(scope, {
        servers: { main: { count: 3, runs: products } },
        workers: { general: 1 },
        workerProps: { rawExec: true },
        programs: { vault, consul, nomad },
      });
      processes = watchProcesses(scope, cluster);
      const launch = async () => {
        [one, , , worker] = (await Promise.all([
          ...["main1", "main2", "main3"].map((name) => cluster.add("main", name)),
          cluster.add("general", "general1"),
        ])) as [Host, Host, Host, Host];
        await cluster.born(300_000);
        await voters(one, 3);
      };
      await timed("three servers and a worker, from launch to healthy", launch());
      hosts = [...cluster.servers, worker];
      deployer = await Client.deployer(cluster, vault);
    }, 900_000);

    test("are a cluster in which all servers vote and one leads", async () => {
      for (const product of products) {
        const leads = await Promise.all(
          cluster.servers.map(async (host) => {
            const path = product === "vault" ? "sys/leader" : "status/leader";
            const port = { vault: 8200, consul: 8501, nomad: 4646 }[product];
            const url = `https://127.0.0.1:${port}/v1/${path}`;
            const answer = await host.exec("curl", "-s", "--cacert", "/etc/caravan/ca.pem", url);
            return product === "vault" ? answer.includes('"is_self":true') : answer.includes(`"${host.address}:`);
          }),
        );
        expect(leads.filter(Boolean), product).toHaveLength(1);
      }
      expect(await one.exec("caravan-node", "status").catch(String)).toMatch(
        /vault: 3 of 3 servers vote; the loss of 1 [\s\S]*consul: 3 of 3 [\s\S]*nomad: 3 of 3 /,
      );
    });

    test("initialised Vault once, stored its recovery keys and kept nothing of them", async () => {
      expect(await cluster.objects("vault-init/")).toEqual(["vault-init/1"]);
      expect(JSON.parse(await cluster.object("vault-init/1"))).toMatchObject({ state: "stored" });
      expect(await cluster.objects("born/")).toEqual(["born/consul", "born/nomad", "born/vault"]);
      expect(JSON.parse(await cluster.secret("recoveryKeysSecret")).recovery_keys_base64).toHaveLength(5);
      for (const host of cluster.servers) {
        expect((await host.try("test", "-e", "/var/lib/caravan/vault-init.json")).code).toBe(1);
      }
    });

    test("answer nobody who has no token, but for health, status and keys", async () => {
      for (const host of cluster.servers) {
        const told = {
          vault: await answers(host, 8200, "v1/sys/policies/acl"),
          consul: await answers(host, 8501, "v1/agent/self"),
          nomad: await answers(host, 4646, "v1/nodes"),
        };
        expect(told).toEqual({ vault: "403", consul: "403", nomad: "403" });
        const open = [
          await answers(host, 8200, "v1/sys/health?standbyok=true"),
          await answers(host, 8501, "v1/status/leader"),
          await answers(host, 4646, "v1/status/leader"),
          await answers(host, 4646, ".well-known/jwks.json"),
        ];
        expect(open).toEqual(["200", "200", "200", "200"]);
      }
    });

    test("let nobody into their RPC without a certificate of the cluster", async () => {
      const ca = await cluster.secret("publicCaSecret");
      for (const product of ["consul", "nomad"] as const) {
        const file = await one.exec("cat", `/etc/${product}.d/tls/${product}.pem`);
        const own: Pair = { cert: file, key: file.match(PRIVATE_KEY)?.[0] ?? "" };
        const tries = cluster.servers.map((host) => rpc(host, product, ca, own));
        expect(await Promise.all(tries), product).toEqual(["let in", "let in", "let in"]);
        const foreign = await selfSigned(scope.directory("foreign"));
        for (const pair of [undefined, "plain", foreign] as const) {
          for (const host of cluster.servers) expect(await rpc(host, product, ca, pair), product).not.toBe("let in");
        }
      }
    });

    test("gossip with nobody who has no key, or another", async () => {
      const other = (await run(consul, ["keygen"])).stdout.trim();
      const own = testScope();
      const agents = await Promise.all([
        foreignAgent(own, cluster, consul, "consul", undefined),
        foreignAgent(own, cluster, consul, "consul", other),
        foreignAgent(own, cluster, nomad, "nomad", undefined),
        foreignAgent(own, cluster, nomad, "nomad", other),
      ]);
      for (const output of agents) {
        await expect.poll(output, { timeout: 60_000 }).toMatch(/encrypt|decrypt/i);
        await expect.poll(output, { timeout: 60_000 }).toMatch(/[Jj]oin.*fail|failed to join|Couldn't join/i);
      }
      const members = await deployer.demand<{ Name: string }[]>("consul", "GET", "agent/members");
      expect(members).toHaveLength(4);
      const { Members } = await deployer.demand<{ Members: unknown[] }>("nomad", "GET", "agent/members");
      expect(Members).toHaveLength(3);
    });

    test("let deployer and planner in by their AWS identity, for what is theirs, and nobody else", async () => {
      await cluster.cloud.role("somebody");
      const signIn = (role: string, how?: Parameters<typeof Client.login>[3]) =>
        Client.login(cluster, vault, role, how).then(
          () => "in",
          (error: Error) =>
            /permission denied|does not belong|not match|does not satisfy|error validating/.test(error.message)
              ? "refused"
              : error.message,
        );
      const node = "caravan-prod-server-main";
      const outcomes = {
        "planner as deployer": await signIn("deployer", { as: "planner" }),
        "deployer as planner": await signIn("planner", { as: "deployer" }),
        "a server as deployer": await signIn("deployer", { as: node }),
        "a worker as server": await signIn("server-main", { as: "caravan-prod-worker-general", mount: "node" }),
        "deployer as server": await signIn("server-main", { as: "deployer", mount: "node" }),
        "somebody as deployer": await signIn("deployer", { as: "somebody" }),
        "somebody as planner": await signIn("planner", { as: "somebody" }),
        "somebody as worker": await signIn("worker-general", { as: "somebody", mount: "node" }),
        "deployer, signed for another service": await signIn("deployer", { header: "vault.example.com" }),
      };
      expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== "refused")).toEqual([]);

      const planner = deployer.as({ vault: await Client.login(cluster, vault, "planner") });
      const may = async (client: Client) => {
        const asked: [string, string, unknown?][] = [
          ["GET", "sys/policies/acl?list=true"],
          ["GET", "sys/auth"],
          ["POST", "sys/mounts/tried", { type: "kv" }],
          ["DELETE", "sys/mounts/tried"],
          ["GET", "node-secrets/data/gossip/consul"],
          ["POST", "pki-nodes/issue/consul-server", { common_name: "server.eu-central-1.consul" }],
          ["GET", "consul/creds/agent-general"],
        ];
        const statuses: number[] = [];
        for (const [method, path, body] of asked) statuses.push((await client.ask("vault", method, path, body)).status);
        return statuses;
      };
      expect(await may(deployer)).toEqual([200, 200, 204, 204, 403, 403, 403]);
      expect(await may(planner)).toEqual([200, 200, 403, 403, 403, 403, 403]);
    });

    test("have no unit that failed, and run every process as its user", async () => {
      const ours = "caravan-first-boot* caravan-metadata* vault* consul* nomad* cloud-*";
      const script = `for unit in $(systemctl list-units --failed --plain --no-legend ${ours} | cut -d' ' -f1); do
        systemctl --no-pager --lines=40 --full status $unit || :; done`;
      for (const host of hosts) expect(await host.exec("sh", "-c", script), host.name).toBe("");
      const users = async (host: Host) => {
        const lines = (await host.exec("ps", "-C", "vault,consul,nomad", "-o", "comm=,user:20=")).trim().split("\n");
        return [...new Set(lines.map((line) => line.replace(/ +/, " ").trim()))].sort();
      };
      expect(await users(one)).toEqual(["consul consul", "nomad nomad", "vault vault", "vault vault-agent"]);
      expect(await users(worker)).toEqual(["consul consul", "nomad root", "vault vault-agent"]);
    });

    test("run a job on the worker, which joined by itself", async () => {
      await deployer.demand("nomad", "PUT", "jobs", JOB);
      const done = async () => {
        const allocations = await deployer.demand<{ ClientStatus: string; NodeName: string; TaskStates: unknown }[]>(
          "nomad",
          "GET",
          "job/hello/allocations",
        );
        return allocations.map(({ ClientStatus, NodeName }) => `${ClientStatus} on ${NodeName}`);
      };
      const name = `general-${worker.instance.instanceId.slice(2)}`;
      await expect.poll(done, { timeout: 60_000, interval: 500 }).toEqual([`complete on ${name}`]);
    });

    test("say in the cloud's log what they say on their consoles", async () => {
      for (const host of hosts) {
        const { instanceId } = host.instance;
        const said = () => cluster.cloud.logged(LOG_GROUP, `${host === worker ? "general" : "main"}/${instanceId}`);
        const products = host === worker ? "consul nomad" : "vault consul nomad";
        await expect.poll(said, { timeout: 90_000 }).toContain(`caravan ready: ${instanceId} is up: ${products}`);
        const lines = (await said()).filter((line) => line.startsWith("caravan "));
        expect(lines.length, host.name).toBeGreaterThan(host === worker ? 2 : 8);
        for (const line of lines) expect(host.console).toContain(line);
      }
    });

    test("show no secret: user data, processes, logs, consoles, files that anybody may read", async () => {
      const secrets = await secretsOf(cluster);
      expect(secrets.size).toBeGreaterThan(60);
      const seen = processes();
      expect(seen).toContain("/usr/bin/curl");
      console.log(
        `${secrets.size} forms of secrets; ${seen.length} bytes of arguments and variables of processes seen`,
      );
      expect(found(seen, secrets)).toEqual([]);
      for (const host of hosts) {
        expect(found(unpacked(host.instance.userData), secrets), `user data of ${host.name}`).toEqual([]);
        expect(found(await host.journal(), secrets), `journal of ${host.name}`).toEqual([]);
        expect(found(host.console, secrets), `console of ${host.name}`).toEqual([]);
        const stream = `${host === worker ? "general" : "main"}/${host.instance.instanceId}`;
        const log = (await cluster.cloud.logged(LOG_GROUP, stream)).join("\n");
        expect(log).not.toBe("");
        expect(found(log, secrets), `the cloud's log of ${host.name}`).toEqual([]);
        expect(await readableByAll(host, secrets), `files of ${host.name}`).toEqual([]);
      }
    });

    test("keep what they have by mode and owner", async () => {
      const places = "/etc/caravan /etc/vault.d /etc/consul.d /etc/nomad.d /var/lib/caravan /var/log/vault";
      const tops = "/var/lib/vault /var/lib/consul /var/lib/nomad";
      const list = async (host: Host) => {
        // Only the server that initialised Vault has the one, only those that led it have the other.
        const script = `find ${places} ! -name vault-handed-over ! -name audit.log -printf '%M %u:%g %p\\n' 2>/dev/null; find ${tops} -maxdepth 0 -printf '%M %u:%g %p\\n' 2>/dev/null; :`;
        return (await host.exec("sh", "-c", script))
          .trim()
          .split("\n")
          .sort((a, b) => path(a).localeCompare(path(b)));
      };
      const audit = cluster.servers.map((host) => host.try("stat", "-c", "%A %U:%G", "/var/log/vault/audit.log"));
      const audits = (await Promise.all(audit)).filter(({ code }) => code === 0).map(({ stdout }) => stdout);
      expect(new Set(audits)).toEqual(new Set(["-rw------- vault:vault\n"]));
      expect(await list(one)).toMatchInlineSnapshot(`
        [
          "drwxr-xr-x root:root /etc/caravan",
          "-rw-r--r-- root:root /etc/caravan/ca.pem",
          "-rw-r--r-- root:root /etc/caravan/environment",
          "-rw-r--r-- root:root /etc/caravan/node",
          "-rw-r--r-- root:root /etc/caravan/software",
          "drwxr-xr-x root:root /etc/consul.d",
          "-rw-r----- root:consul /etc/consul.d/consul.json",
          "drwxr-s--- vault-agent:consul /etc/consul.d/secret",
          "-rw-r----- vault-agent:consul /etc/consul.d/secret/secret.json",
          "drwxr-s--- vault-agent:consul /etc/consul.d/tls",
          "-rw-r----- vault-agent:consul /etc/consul.d/tls/consul.pem",
          "drwxr-xr-x root:root /etc/nomad.d",
          "-rw-r----- root:nomad /etc/nomad.d/nomad.json",
          "drwxr-s--- vault-agent:nomad /etc/nomad.d/secret",
          "-rw-r----- vault-agent:nomad /etc/nomad.d/secret/secret.json",
          "drwxr-s--- vault-agent:nomad /etc/nomad.d/tls",
          "-rw-r----- vault-agent:nomad /etc/nomad.d/tls/nomad.pem",
          "drwxr-xr-x root:root /etc/vault.d",
          "drwxr-s--- vault-agent:vault /etc/vault.d/tls",
          "-rw-r----- vault-agent:vault /etc/vault.d/tls/vault.pem",
          "-rw-r----- root:vault /etc/vault.d/vault.json",
          "drwx------ root:root /var/lib/caravan",
          "-rw------- root:root /var/lib/caravan/joined-consul",
          "-rw------- root:root /var/lib/caravan/joined-nomad",
          "-rw------- root:root /var/lib/caravan/joined-vault",
          "-rw------- root:root /var/lib/caravan/library",
          "-rw------- root:root /var/lib/caravan/log-cursor",
          "-rw------- root:root /var/lib/caravan/vault-number",
          "drwx------ consul:consul /var/lib/consul",
          "drwx------ nomad:nomad /var/lib/nomad",
          "drwx------ vault:vault /var/lib/vault",
          "drwx------ vault:vault /var/log/vault",
        ]
      `);
      expect(await list(worker)).toMatchInlineSnapshot(`
        [
          "drwxr-xr-x root:root /etc/caravan",
          "-rw-r--r-- root:root /etc/caravan/ca.pem",
          "-rw-r--r-- root:root /etc/caravan/environment",
          "-rw-r--r-- root:root /etc/caravan/metadata.nft",
          "-rw-r--r-- root:root /etc/caravan/node",
          "-rw-r--r-- root:root /etc/caravan/software",
          "drwxr-xr-x root:root /etc/consul.d",
          "-rw-r----- root:consul /etc/consul.d/consul.json",
          "drwxr-s--- vault-agent:consul /etc/consul.d/secret",
          "-rw-r----- vault-agent:consul /etc/consul.d/secret/secret.json",
          "drwxr-s--- vault-agent:consul /etc/consul.d/tls",
          "-rw-r----- vault-agent:consul /etc/consul.d/tls/consul.pem",
          "drwxr-xr-x root:root /etc/nomad.d",
          "-rw-r----- root:nomad /etc/nomad.d/nomad.json",
          "drwxr-s--- vault-agent:nomad /etc/nomad.d/secret",
          "-rw-r----- vault-agent:nomad /etc/nomad.d/secret/introduction.jwt",
          "-rw-r----- vault-agent:nomad /etc/nomad.d/secret/secret.json",
          "drwxr-s--- vault-agent:nomad /etc/nomad.d/tls",
          "-rw-r----- vault-agent:nomad /etc/nomad.d/tls/nomad.pem",
          "drwx------ root:root /var/lib/caravan",
          "-rw------- root:root /var/lib/caravan/log-cursor",
          "drwx------ consul:consul /var/lib/consul",
          "drwx------ root:root /var/lib/nomad",
        ]
      `);
    });

    test("are back with what they had after all of them lost power", async () => {
      const before = await cluster.objects();
      await Promise.all(cluster.servers.map((host) => host.powerCut()));
      const back = async () => {
        await Promise.all(cluster.servers.map((host) => host.start()));
        await cluster.born(180_000);
        await voters(one, 3);
      };
      await timed("all servers back after a power cut", back());
      expect(await cluster.objects()).toEqual(before);
    });
  },
);

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/;

const path = (line: string) => line.slice(line.indexOf("/"));

/** A certificate that anybody can make, for a server's name. */
async function selfSigned(directory: string): Promise<Pair> {
  const name = machineHost({ environment: "prod", insideDomain: "caravan.internal" }, "consul" satisfies Product);
  const made = await run(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"],
      ...["-subj", `/CN=${name}`, "-keyout", "-", "-out", "-"],
    ],
    { cwd: directory },
  );
  const [key = "", cert = ""] = made.stdout.split(/(?=-----BEGIN CERT)/);
  return { key, cert };
}
