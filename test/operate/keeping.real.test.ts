import { beforeAll, expect, test } from "vitest";
import type { Product } from "../../lib/node/products";
import { ask } from "../../lib/operate/http";
import { type Living, living } from "../../lib/operate/living";
import { unsound } from "../../lib/operate/restore/archive";
import { restore } from "../../lib/operate/restore/restore";
import { retireBootstrap } from "../../lib/operate/retire-bootstrap";
import { rotateToken } from "../../lib/operate/rotate/token";
import { status } from "../../lib/operate/status";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { aMachine, FakeCloud } from "./fake-cloud";
import { Servers } from "./servers";

const programs = { vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") };
const tokenHeader = { vault: "X-Vault-Token", consul: "X-Consul-Token", nomad: "X-Nomad-Token" };
const snapshotPath = { vault: "sys/storage/raft/snapshot", consul: "snapshot", nomad: "operator/snapshot" };

describeWith("what is done to real servers", { ...programs, openssl: findTool("openssl") }, (found) => {
  const scope = suiteScope();
  let servers: Servers;
  let cloud: FakeCloud;

  const connected = (env: Record<string, string | undefined>): Living =>
    living({
      environment: "prod",
      groups: { main: ["vault", "consul", "nomad"] },
      endpoints: servers.endpoints,
      vaultServerId: "vault.prod.caravan.internal",
      cloud,
      env,
    });
  const asRoot = (over: Record<string, string | undefined> = {}) =>
    connected({
      ...{ VAULT_TOKEN: servers.tokens.vault, CONSUL_HTTP_TOKEN: servers.tokens.consul },
      ...{ NOMAD_TOKEN: servers.tokens.nomad, ...over },
    });
  const save = async (product: Product): Promise<string> => {
    // The API's bytes are no text.
    const { body } = await ask({
      url: `${servers.urls[product]}/v1/${snapshotPath[product]}`,
      ca: servers.ca,
      headers: { [tokenHeader[product]]: servers.tokens[product] },
    });
    const key = `snapshots/${product}/${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}.snap`;
    cloud.objects.set(key, body);
    return key;
  };
  const consulToken = async (policy: string, description: string) =>
    servers.client("consul").demand<{ SecretID: string; AccessorID: string }>("acl/token", {
      method: "PUT",
      body: { Description: description, Policies: [{ Name: policy }] },
    });

  beforeAll(async () => {
    servers = await Servers.start(scope, found);
    cloud = new FakeCloud([aMachine("i-1", "127.0.0.1")], async (script) => {
      if (script.endsWith("systemctl restart vault")) await servers.restart("vault");
      if (script.startsWith("caravan-node rotate token")) await consulToken("server-agent", "Agents of servers");
      return "";
    });
    cloud.secrets.bootstrap = JSON.stringify({ consul: servers.tokens.consul, nomad: servers.tokens.nomad });
  });

  const written = {
    vault: ["secrets/data/a", { data: { value: "before" } }, { data: { value: "after" } }],
    consul: ["kv/a", "before", "after"],
    nomad: ["var/a", { Path: "a", Items: { value: "before" } }, { Path: "a", Items: { value: "after" } }],
  } as const;
  const put = (product: Product, at: 1 | 2) => {
    const [path, ...bodies] = written[product];
    const body = bodies[at - 1];
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    return servers.client(product).demand(path, { method: product === "vault" ? "POST" : "PUT", body: bytes });
  };
  const got = async (product: Product) => {
    const path = product === "consul" ? "kv/a?raw" : written[product][0];
    return (await servers.client(product).ask(path)).text;
  };

  test.each(["vault", "consul", "nomad"] as const)(
    "a living %s is as it was in a snapshot, after one of now",
    async (product) => {
      if (product === "vault") {
        await servers.client("vault").demand("sys/mounts/secrets", { method: "POST", body: { type: "kv-v2" } });
        await expect
          .poll(
            () =>
              put("vault", 1).then(
                () => true,
                () => false,
              ),
            { timeout: 20_000 },
          )
          .toBe(true);
      } else await put(product, 1);
      const key = await save(product);
      await put(product, 2);
      expect(await got(product)).toContain("after");
      cloud.ran.length = 0;
      const result = await restore(asRoot(), { product, confirm: "prod" });
      expect(result).toEqual({ environment: "prod", product, snapshot: key, cluster: "living" });
      expect(await got(product)).toContain("before");
      expect(cloud.ran).toEqual([
        "i-1: caravan-node snapshot",
        ...(product === "vault" ? [expect.stringMatching(/^i-1: [\s\S]*systemctl restart vault$/)] : []),
      ]);
    },
  );

  test("a snapshot that is damaged or cut short is found out before anything is done", async () => {
    for (const product of ["vault", "consul", "nomad"] as const) {
      const key = await save(product);
      const whole = cloud.objects.get(key) ?? Buffer.alloc(0);
      expect(unsound(whole)).toBeUndefined();
      expect(unsound(whole.subarray(0, whole.length / 2))).toMatch(/^it is no whole archive/);
      const flipped = Buffer.from(whole);
      const middle = Math.floor(whole.length / 2);
      flipped[middle] = (flipped[middle] ?? 0) ^ 0xff;
      expect(unsound(flipped)).toBeDefined();
      cloud.objects.set(key, flipped);
      cloud.ran.length = 0;
      await expect(restore(asRoot(), { product, confirm: "prod" })).rejects.toMatchObject({
        kind: "refused",
        reason: expect.stringContaining("Nothing was done"),
      });
      expect(cloud.ran).toEqual([]);
    }
  });

  test("nothing is restored without the environment's name, nor from what is not there", async () => {
    await expect(restore(asRoot(), { product: "consul", confirm: "production" })).rejects.toMatchObject({
      kind: "refused",
    });
    const snapshot = "snapshots/consul/none.snap";
    await expect(restore(asRoot(), { product: "consul", confirm: "prod", snapshot })).rejects.toThrow(
      /the latest is snapshots/,
    );
  });

  test("a token of servers is replaced, the old one deleted when all have the new", async () => {
    await servers.client("consul").demand("acl/policy", {
      method: "PUT",
      body: { Name: "server-agent", Rules: 'node_prefix "" { policy = "write" }' },
    });
    const old = await consulToken("server-agent", "Agents of servers");
    const others = await consulToken("server-agent", "somebody's own");
    cloud.ran.length = 0;
    const { deleted } = await rotateToken(asRoot(), "consul-agent");
    expect(deleted).toEqual([old.AccessorID]);
    expect(cloud.ran).toEqual([
      "i-1: caravan-node rotate token consul-agent",
      "i-1: systemctl restart caravan-first-boot && systemctl reload consul.service",
    ]);
    const left = await servers.client("consul").demand<{ AccessorID: string }[]>("acl/tokens");
    const ids = left.map(({ AccessorID }) => AccessorID);
    expect(ids).toContain(others.AccessorID);
    expect(ids).not.toContain(old.AccessorID);
    // Interrupted after the second token was made: it is not made again.
    await consulToken("server-agent", "Agents of servers");
    cloud.ran.length = 0;
    expect((await rotateToken(asRoot(), "consul-agent")).deleted).toHaveLength(1);
    expect(cloud.ran).toHaveLength(1);
  });

  test("bootstrap tokens are destroyed only by somebody who can do without them", async () => {
    expect((await status(asRoot())).findings.map(({ about, what }) => `${about}: ${what}`)).toEqual([
      "consul: its bootstrap token is still good",
      "nomad: its bootstrap token is still good",
    ]);
    const refused = { kind: "refused", reason: expect.stringContaining("Nothing was destroyed") };
    await expect(retireBootstrap(asRoot())).rejects.toMatchObject(refused);
    await expect(retireBootstrap(asRoot({ CONSUL_HTTP_TOKEN: undefined }))).rejects.toMatchObject(refused);
    const weak = await consulToken("server-agent", "weak");
    await expect(retireBootstrap(asRoot({ CONSUL_HTTP_TOKEN: weak.SecretID }))).rejects.toMatchObject({
      ...refused,
      fix: expect.stringContaining("CONSUL_HTTP_TOKEN"),
    });
    await servers
      .client("consul")
      .demand("acl/policy", { method: "PUT", body: { Name: "reader", Rules: 'acl = "read"' } });
    const reader = await consulToken("reader", "reader");
    await expect(retireBootstrap(asRoot({ CONSUL_HTTP_TOKEN: reader.SecretID }))).rejects.toMatchObject(refused);

    const manager = await consulToken("global-management", "CI's own");
    const nomad = (type: string) =>
      servers.client("nomad").demand<{ SecretID: string }>("acl/token", {
        method: "POST",
        body: { Name: type, Type: type, ...(type === "client" ? { Policies: ["none"] } : {}) },
      });
    const client = await nomad("client");
    const half = { CONSUL_HTTP_TOKEN: manager.SecretID, NOMAD_TOKEN: client.SecretID };
    await expect(retireBootstrap(asRoot(half))).rejects.toMatchObject(refused);
    expect((await servers.client("consul").ask("acl/token/self")).status).toBe(200);

    const own = { CONSUL_HTTP_TOKEN: manager.SecretID, NOMAD_TOKEN: (await nomad("management")).SecretID };
    expect(await retireBootstrap(asRoot(own))).toEqual({ environment: "prod", retired: ["consul", "nomad"], gone: [] });
    expect((await servers.client("consul").ask("acl/token/self")).status).toBe(403);
    expect((await servers.client("nomad").ask("acl/token/self")).status).toBe(403);
    expect(await retireBootstrap(asRoot(own))).toEqual({ environment: "prod", retired: [], gone: ["consul", "nomad"] });
    const after = await status(asRoot(own));
    expect(after.verdict).toBe("healthy");
    expect(after.findings).toEqual([]);
  });

  test("who may not read the bootstrap secret cannot retire what is in it", async () => {
    cloud.secrets.bootstrap = "denied";
    await expect(retireBootstrap(asRoot())).rejects.toMatchObject({ kind: "denied" });
  });
});
