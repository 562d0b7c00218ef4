import { beforeAll, expect, test } from "vitest";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { findLan, type Host, Lan, SECRETS } from "./support/lan";
import { secretsOf, startSampling, whereSeen } from "./support/secrets";
import { FIRST_BOOT, install, type Keys, oneOfThree, ROLES, serverTags } from "./support/server";

describeWith(
  "a cluster of three servers and a worker",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let lan: Lan;
    let keys: Keys;
    let servers: Host[];
    let worker: Host;
    let said: string[];

    const newServer = async () => {
      const host = await lan.host("server-main", serverTags);
      await install(lan, host, oneOfThree, keys);
      return host;
    };
    const first = () => servers[0] as Host;
    /** What only the leader does, wherever it is. */
    const timers = (command: string, hosts = servers) =>
      Promise.all(hosts.map((host) => host.do(`caravan-node ${command}`)));

    beforeAll(async () => {
      lan = await Lan.start(scope);
      for (const role of ROLES) lan.role(role);
      keys = { seal: lan.key(), keyring: lan.key() };
      servers = [await newServer(), await newServer(), await newServer()];
      worker = await lan.host("worker-general", { Name: "worker" });
      await install(lan, worker, { ...oneOfThree, role: "worker", group: "general" }, keys);
      for (const host of [...servers, worker]) startSampling(host);
    });

    test("is born when all of it starts at once", async () => {
      const joining = worker.run(`timeout 200 ${FIRST_BOOT}`, 240_000);
      const boots = await Promise.all(servers.map((host) => host.run(FIRST_BOOT, 240_000)));
      said = [...boots, await joining].map(({ stdout, stderr }) => `${stdout}${stderr}`);
      expect(
        [...boots, await joining].map(({ code }) => code),
        said.join("\n"),
      ).toEqual([0, 0, 0, 0]);
      const times = (line: string) => said.join("").split(line).length - 1;
      expect(times("made the cluster document")).toBe(1);
      expect(times("initialised Vault")).toBe(1);
      expect(lan.keys("vault-init/")).toEqual(["vault-init/1"]);
      expect(JSON.parse(lan.object("vault-init/1") ?? "").state).toBe("stored");
      expect(lan.keys("born/")).toEqual(["born/consul", "born/nomad", "born/vault"]);
    });

    test("shows no secret in arguments, environments, logs or files that others may read", async () => {
      const secrets = secretsOf(lan);
      expect(Object.keys(secrets).length).toBeGreaterThan(20);
      for (const host of [...servers, worker]) expect(await whereSeen(host, secrets)).toEqual([]);
      for (const [name, secret] of Object.entries(secrets)) expect(said.join("").includes(secret), name).toBe(false);
      expect(
        await first().do(
          "find /var/lib/caravan -type f ! -name vault-handed-over ! -name library -printf '%m %p\\n' | sort",
        ),
      ).toBe([...["consul", "nomad", "vault"].map((name) => `600 /var/lib/caravan/joined-${name}`), ""].join("\n"));
    });

    test("leaves to deployer its tokens and to nobody's reading the recovery keys", () => {
      const document = JSON.parse(lan.object("document") ?? "");
      expect(JSON.parse(lan.secret(SECRETS.bootstrapTokens) ?? "")).toEqual({
        consul: document.tokens["consul-bootstrap"],
        nomad: document.tokens["nomad-bootstrap"],
      });
      expect(lan.secret(SECRETS.ca)).toBe(document.ca[0].cert);
      expect(JSON.parse(lan.secret(SECRETS.recoveryKeys) ?? "").recovery_keys_base64).toHaveLength(5);
    });

    test("takes the worker into its pool, by its name", async () => {
      const token = JSON.parse(lan.object("token/nomad-operate") ?? "").SecretID;
      const ask = `curl -s --cacert /etc/caravan/ca.pem -H 'X-Nomad-Token: ${token}' https://127.0.0.1:4646/v1/nodes`;
      const [node] = JSON.parse(await first().do(ask));
      expect(node).toMatchObject({
        Name: `general-${worker.instance.slice(2)}`,
        NodePool: "general",
        Status: "ready",
      });
      expect(await worker.do("caravan-node status")).toMatch(/consul: has joined\n[\s\S]*nomad: has joined\n/);
    });

    test("is the same after every further boot", async () => {
      const before = lan.objects();
      const again = await first().do(`${FIRST_BOOT} 2>&1`);
      expect(again.replace(/ready: \S+/, "ready: me")).toBe(
        [
          "caravan document: cluster document at hand",
          "caravan vault: Vault is unsealed",
          "caravan consul: consul has a leader",
          "caravan nomad: nomad has a leader",
          "caravan ready: me is up: vault consul nomad\n",
        ].join("\n"),
      );
      expect(lan.objects()).toEqual(before);
    });

    test("is well only with snapshots, which leaders alone take", async () => {
      expect((await first().run("caravan-node status")).code).toBe(1);
      await timers("snapshot");
      const saved = lan.keys("snapshots/").map((key) => key.split("/")[1]);
      expect(saved).toEqual(["consul", "nomad", "vault"]);
      expect(await first().do("caravan-node status")).toMatch(
        /vault: 3 of 3 servers vote; the loss of 1 can be borne\n(?:[\s\S]*)consul: 3 of 3(?:[\s\S]*)nomad: 3 of 3/,
      );
    });

    test("lets a server go, and says so until another has come", async () => {
      const leaving = servers.pop() as Host;
      expect(await leaving.do("caravan-node leave 2>&1", 180_000)).toMatch(
        /nomad has left[\s\S]*consul has left[\s\S]*vault has left/,
      );
      const { code, stdout } = await first().run("caravan-node status");
      expect(code).toBe(1);
      for (const product of ["vault", "consul", "nomad"]) expect(stdout).toMatch(new RegExp(`BAD +${product}: `));
      leaving.kill();
      lan.terminate(leaving.instance);
      const next = await newServer();
      servers.push(next);
      const boot = await next.do(`${FIRST_BOOT} 2>&1`, 240_000);
      expect(boot).toMatch(/nomad has a leader/);
      expect(boot).not.toMatch(/initialised|handed over/);
      await expect
        .poll(async () => (await first().run("caravan-node status")).code, { timeout: 90_000, interval: 3_000 })
        .toBe(0);
    });

    test("lets a worker go", async () => {
      await worker.do("caravan-node leave", 120_000);
      const token = JSON.parse(lan.object("document") ?? "").tokens["consul-bootstrap"];
      const ask = `curl -s --cacert /etc/caravan/ca.pem -H 'X-Consul-Token: ${token}' https://127.0.0.1:8501/v1/catalog/nodes`;
      const names = () =>
        first()
          .do(ask)
          .then((text) => JSON.parse(text).map(({ Node }: { Node: string }) => Node));
      await expect.poll(names, { timeout: 30_000 }).not.toContain(`general-${worker.instance.slice(2)}`);
    });
  },
);
