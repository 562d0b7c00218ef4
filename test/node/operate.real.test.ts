import { beforeAll, expect, test } from "vitest";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { BUCKET, findLan, type Host, Lan, MACHINES, SECRETS } from "./support/lan";
import { FIRST_BOOT, install, type Keys, ROLES, serverTags, single } from "./support/server";

describeWith(
  "caravan-node on a single server",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let lan: Lan;
    let keys: Keys;
    let server: Host;

    const newServer = async () => {
      const host = await lan.host("server-main", serverTags);
      await install(lan, host, single, keys);
      return host;
    };
    const document = () => JSON.parse(lan.object("document") ?? "");
    const curl = (args: string) => server.do(`curl -sf --cacert /etc/caravan/ca.pem ${args}`);
    const consul = (path: string, args = "") =>
      curl(`-H 'X-Consul-Token: ${document().tokens["consul-bootstrap"]}' ${args} https://127.0.0.1:8501/v1/${path}`);
    const nomad = (path: string, args = "") =>
      curl(`-H 'X-Nomad-Token: ${document().tokens["nomad-bootstrap"]}' ${args} https://127.0.0.1:4646/v1/${path}`);
    const status = async () => (await server.run("caravan-node status")).stdout;
    const wellAgain = () => expect.poll(status, { timeout: 30_000 }).not.toContain("BAD");
    /** What path units do on a real node. */
    const reload = () => server.do("sleep 1; systemctl reload vault.service consul.service nomad.service; sleep 1");
    const latest = (product: string) => lan.keys(`snapshots/${product}/`).at(-1) ?? "";
    /** A token of Vault for a cloud identity. */
    const signIn = async (role: string, mount: string) => {
      const host = await lan.host(role, { Name: role });
      host.write("/etc/ca.pem", server.read("/etc/caravan/ca.pem"));
      const address = `VAULT_ADDR=https://vault.${MACHINES}:8200 VAULT_CACERT=/etc/ca.pem HOME=/root`;
      const who = `-method=aws -path=${mount} role=${role} region=eu-central-1 header_value=vault.${MACHINES}`;
      const token = await host.do(`${address} vault login -token-only ${who}`);
      host.kill();
      return token.trim();
    };
    /** A token of Consul as a new worker gets it, which Consul knows. */
    const workersToken = async () => {
      const ask = `-H 'X-Vault-Token: ${await signIn("worker-general", "node")}' https://127.0.0.1:8200/v1/consul/creds/agent-general`;
      const { token } = JSON.parse(await curl(ask)).data;
      return JSON.parse(await curl(`-H 'X-Consul-Token: ${token}' https://127.0.0.1:8501/v1/acl/token/self`))
        .Policies[0].Name;
    };

    beforeAll(async () => {
      lan = await Lan.start(scope);
      for (const role of ROLES) lan.role(role);
      keys = { seal: lan.key(), keyring: lan.key() };
      server = await newServer();
      await server.do(`${FIRST_BOOT} && caravan-node snapshot`);
    });

    test("says how a node is, and fails when it is not well", async () => {
      expect(await server.do("caravan-node status")).toMatch(
        /^ok {3}vault: certificate for \d+ days\nok {3}vault: 1 of 1 servers vote; the loss of 0 can be borne\nok {3}vault: last snapshot 0 hours ago\n/,
      );
      await server.do("systemctl stop consul.service");
      const { code, stdout } = await server.run("caravan-node status");
      expect(code).toBe(1);
      expect(stdout).toMatch(/^BAD {2}consul: no leader or no answer \(curl: .*\): journalctl -u consul$/m);
      await server.do("systemctl start consul.service");
      await wellAgain();
    });

    test("keeps as many snapshots as it is told to", async () => {
      const facts = server.read("/etc/caravan/node");
      server.write("/etc/caravan/node", `${facts}CARAVAN_SNAPSHOTS_KEPT=2\n`);
      for (let i = 0; i < 2; i++) await server.do("sleep 1; caravan-node snapshot");
      server.write("/etc/caravan/node", facts);
      for (const product of ["vault", "consul", "nomad"]) expect(lan.keys(`snapshots/${product}/`)).toHaveLength(2);
    });

    test("does not let the only server leave, whoever asks", async () => {
      const { code, stderr } = await server.run("caravan-node leave");
      expect(code).toBe(1);
      expect(stderr).toContain("nomad would lose its quorum without this server");
      server.tell({ "meta-data/spot/instance-action": { action: "terminate" } });
      const watched = await server.run("timeout 7 caravan-node watch");
      server.tell({ "meta-data/spot/instance-action": undefined });
      expect(watched.stderr).toMatch(/the cloud ends this instance: spot\n.*nomad would lose its quorum/);
      expect(await status()).not.toContain("BAD");
    });

    test("rotates gossip keys, for nodes born later too", async () => {
      const before = document().gossip;
      await server.do("caravan-node rotate gossip consul && caravan-node rotate gossip nomad");
      const { gossip, tokens } = document();
      expect(gossip.consul).not.toBe(before.consul);
      expect(gossip.nomad).not.toBe(before.nomad);
      const [{ Keys }] = JSON.parse(await consul("operator/keyring"));
      expect(Object.keys(Keys)).toEqual([gossip.consul]);
      expect(Object.keys(JSON.parse(await nomad("agent/keyring/list")).Keys)).toEqual([gossip.nomad]);
      expect(tokens).toEqual(document().tokens);
      await server.do(FIRST_BOOT);
      expect(server.read("/etc/consul.d/secret/secret.json")).toContain(gossip.consul);
    });

    test("rotates a token, and says how the old one goes", async () => {
      const old = document().tokens["consul-agent"];
      const said = await server.do("caravan-node rotate token consul-agent 2>&1");
      const [, accessor = ""] = /consul acl token delete -accessor-id (\S+)/.exec(said) ?? [];
      expect(document().tokens["consul-agent"]).not.toBe(old);
      await server.do(FIRST_BOOT);
      await reload();
      expect(JSON.parse(await consul(`acl/token/${accessor}`)).SecretID).toBe(old);
      await consul(`acl/token/${accessor}`, "-X DELETE");
      await wellAgain();
    });

    test("rotates the token of Vault's Consul engine, and workers get theirs from it", async () => {
      const said = await server.do("caravan-node rotate token consul-vault 2>&1");
      const [, accessor = ""] = /consul acl token delete -accessor-id (\S+)/.exec(said) ?? [];
      await consul(`acl/token/${accessor}`, "-X DELETE");
      expect(await workersToken()).toBe("agent-general");
    });

    test("rotates Nomad's tokens, and nobody has the old ones", async () => {
      for (const name of ["operate", "snapshot"]) {
        const old = JSON.parse(lan.object(`token/nomad-${name}`) ?? "");
        await server.do(`echo '${document().tokens["nomad-bootstrap"]}' | caravan-node rotate token nomad-${name}`);
        const { Policies, SecretID } = JSON.parse(lan.object(`token/nomad-${name}`) ?? "");
        expect({ Policies, same: SecretID === old.SecretID }).toEqual({ Policies: [name], same: false });
        await expect(
          curl(`-H 'X-Nomad-Token: ${old.SecretID}' https://127.0.0.1:4646/v1/acl/token/self`),
        ).rejects.toThrow();
      }
      await server.do("sleep 1; caravan-node snapshot");
      await wellAgain();
      const refused = await server.run("echo x | caravan-node rotate token nomad-bootstrap");
      expect(refused.stderr).toContain("these can be rotated: consul-vault consul-agent");
    });

    test("rotates Vault's recovery keys, whose holders give the old ones", async () => {
      const keys = () => JSON.parse(lan.secret(SECRETS.recoveryKeys) ?? "").recovery_keys_base64 as string[];
      const rotate = (given: readonly string[]) =>
        server.run(`printf '%s\\n' ${given.join(" ")} | caravan-node rotate recovery`);
      const old = keys();
      expect((await rotate(old.slice(0, 2))).stderr).toContain("nothing was changed");
      const { code, stderr } = await rotate(old.slice(2));
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("the old ones are worth nothing"),
      });
      expect(keys()).toHaveLength(5);
      expect(keys().some((key) => old.includes(key) || stderr.includes(key))).toBe(false);
      expect((await rotate(old.slice(0, 3))).stderr).toMatch(
        /does not take this key, and nothing was changed: HTTP 400/,
      );
      expect((await rotate(keys().slice(0, 3))).code).toBe(0);
      await server.do("! ls /var/lib/caravan/recovery.json 2>/dev/null");
    });

    test("rotates the CA: trusts both, switches, forgets the old one", async () => {
      const issuer = () =>
        server.do("openssl verify -CAfile /tmp/new.pem /etc/nomad.d/tls/nomad.pem").then(
          () => true,
          () => false,
        );
      expect((await server.run("caravan-node rotate ca drop")).stderr).toContain("switch first");
      await server.do(`caravan-node rotate ca trust; ${FIRST_BOOT}`);
      await reload();
      const [old, fresh] = document().ca;
      server.write("/tmp/new.pem", fresh.cert);
      expect(server.read("/etc/caravan/ca.pem")).toBe(old.cert + fresh.cert);
      expect((await server.run("caravan-node rotate ca trust")).stderr).toContain("a rotation has begun");
      expect(await issuer()).toBe(false);
      await server.do(`echo ${await signIn("deployer", "deployer")} | caravan-node rotate ca switch && ${FIRST_BOOT}`);
      await reload();
      expect(await issuer()).toBe(true);
      await wellAgain();
      await server.do(`caravan-node rotate ca drop && ${FIRST_BOOT}`);
      await reload();
      expect(server.read("/etc/caravan/ca.pem")).toBe(fresh.cert);
      await wellAgain();
      expect(await workersToken()).toBe("agent-general");
    });

    test("restores a living cluster only when it is sure, and from a sound snapshot", async () => {
      await consul("kv/a", "-X PUT -d before");
      await server.do("sleep 1; caravan-node snapshot");
      const snapshot = latest("consul");
      await consul("kv/a", "-X PUT -d after");
      expect((await server.run("echo no | caravan-node restore consul")).stderr).toContain("nothing was done");
      expect(await consul("kv/a?raw")).toBe("after");
      await server.do("sleep 1; echo prod | caravan-node restore consul");
      expect(await consul("kv/a?raw")).toBe("before");
      expect(latest("consul")).toMatch(/-before-restore\.snap$/);
      lan.putObject("snapshots/consul/broken.snap", "no archive");
      const { code, stderr } = await server.run("echo prod | caravan-node restore consul snapshots/consul/broken.snap");
      expect(code).toBe(1);
      expect(stderr).toMatch(/broken.snap is not whole: .*Nothing was done/);
      lan.deleteObject("snapshots/consul/broken.snap");
      expect(snapshot).toMatch(/^snapshots\/consul\/\d{8}T\d{6}Z\.snap$/);
    });

    test("brings back a cluster of which no server is left", async () => {
      await nomad("var/a", `-X PUT -d '{"Path":"a","Items":{"b":"kept"}}'`);
      await server.do("sleep 1; caravan-node snapshot");
      server.kill();
      lan.terminate(server.instance);
      server = await newServer();
      lan.leadTo(server, server, ["vault", "consul", "nomad"]);
      await server.do("systemctl start --no-block caravan-first-boot.service");
      const said = () => server.read("/var/log/units/caravan-first-boot.service");
      await expect
        .poll(said, { timeout: 60_000 })
        .toContain("this server only joins. If no server of it is left: caravan-node restore vault");
      expect(said()).not.toContain("initialised Vault");
      for (const product of ["vault", "consul", "nomad"]) {
        await server.do("rm /var/log/units/asked");
        await server.do(`echo prod | caravan-node restore ${product}`, 180_000);
        // First boot writes the same configuration, for a server that only joins.
        const asked = server.read("/var/log/units/asked").trim().split("\n");
        expect(asked.slice(0, 2)).toEqual(["stop caravan-first-boot.service", `restart ${product}.service`]);
        expect(asked.at(-1)).toBe("start caravan-first-boot.service");
      }
      await expect.poll(said, { timeout: 120_000 }).toContain("is up: vault consul nomad");
      expect(await consul("kv/a?raw")).toBe("before");
      expect(JSON.parse(await nomad("var/a")).Items).toEqual({ b: "kept" });
      await wellAgain();
      const { stderr } = await server.run("echo prod | caravan-node restore vault snapshots/vault/none.snap");
      expect(stderr).toContain(`there is no snapshots/vault/none.snap in ${BUCKET}`);
    });
  },
);
