import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { previewRoll, roll, status } from "../../lib/operate";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { addresses, expectNoLoss, nodeName, runsOn, service } from "./days";
import { Group } from "./group";
import type { Host } from "./host";
import { Load } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { operator } from "./operator";
import { peers, voters } from "./raft";
import { timed } from "./timed";

describeWith("a cluster whose machines come and go", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();
  let cluster: Cluster;
  let servers: Group;
  let workers: Group;
  let deployer: Client;

  const one = () => cluster.servers[0] as Host;
  const settled = (group: Group) => expect.poll(() => group.settled, { timeout: 600_000, interval: 500 }).toBe(true);

  beforeAll(async () => {
    cluster = await Cluster.launch(scope, {
      servers: { main: { count: 3, runs: products } },
      workers: { general: 2 },
      programs: { vault, consul, nomad },
    });
    await timed("born", cluster.born(300_000));
    await voters(one(), 3);
    deployer = await Client.deployer(cluster, vault);
    servers = await Group.around(scope, cluster, "main", cluster.servers);
    workers = await Group.around(scope, cluster, "general", cluster.workers);
    await deployer.demand("nomad", "PUT", "jobs", service("greeter"));
    while ((await runsOn(deployer, "greeter")).length === 0) await new Promise((resolve) => setTimeout(resolve, 500));
  }, 900_000);

  test.each(["lifecycle", "spot"] as const)("move a worker's job before its machine ends: %s", async (notice) => {
    const [name = ""] = await runsOn(deployer, "greeter");
    const leaving = cluster.workers.find((host) => nodeName(host) === name) as Host;
    const from = Date.now();
    if (notice === "lifecycle") workers.retire(leaving);
    else
      leaving.instance.notices.set(
        "spot/instance-action",
        JSON.stringify({ action: "terminate", time: "2026-01-01T00:00:00Z" }),
      );
    await expect
      .poll(async () => (await runsOn(deployer, "greeter")).filter((node) => node !== name), { timeout: 60_000 })
      .toHaveLength(1);
    const moved = (Date.now() - from) / 1000;
    expect(moved, "of spot's two minutes").toBeLessThan(120);
    console.log(`${notice}: the job runs elsewhere ${moved.toFixed(1)} s after the notice`);
    if (notice === "spot") {
      await leaving.until("left", 120_000, "sh", "-c", "! systemctl is-active --quiet nomad consul vault-agent");
      console.log(`spot: left ${((Date.now() - from) / 1000).toFixed(1)} s after the notice`);
      expect(leaving.running).toBe(true);
      await workers.lose(leaving);
    }
    await settled(workers);
    if (notice === "lifecycle") {
      const [departure] = workers.departures;
      expect(departure).toMatchObject({ id: leaving.instance.instanceId, inOrder: true });
      console.log(`lifecycle: left, and the group was told, ${departure?.seconds.toFixed(1)} s after the notice`);
    }
    await cluster.born(240_000);
    const members = await deployer.demand<{ Name: string; Status: number }[]>("consul", "GET", "agent/members");
    expect(members.filter((member) => member.Name === name && member.Status === 1)).toEqual([]);
  });

  test("let a server leave all three raft groups before its machine ends", async () => {
    const leaving = one();
    const load = await Load.start(deployer);
    servers.retire(leaving);
    await settled(servers);
    const [departure] = servers.departures;
    expect(departure).toMatchObject({ id: leaving.instance.instanceId, inOrder: true });
    console.log(`a server left, and the group was told, ${departure?.seconds.toFixed(1)} s after the notice`);
    for (const product of products) expect(await peers(deployer, product)).not.toContain(leaving.address);
    await cluster.born(240_000);
    await voters(one(), 3);
    expectNoLoss(await load.stop());
    for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
  });

  test("let two servers that get their notice at once leave one after the other", async () => {
    const leaving = servers.hosts.slice(0, 2);
    const load = await Load.start(deployer);
    const from = Date.now();
    for (const host of leaving) servers.retire(host);
    await settled(servers);
    console.log(`two servers left one after the other within ${((Date.now() - from) / 1000).toFixed(0)} s`);
    const departures = servers.departures.slice(1);
    expect(new Set(departures.map(({ id }) => id))).toEqual(
      new Set(leaving.map(({ instance }) => instance.instanceId)),
    );
    for (const departure of departures) expect(departure.inOrder).toBe(true);
    await cluster.born(240_000);
    await voters(one(), 3);
    expectNoLoss(await load.stop());
    for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
    expect(await cluster.objects("leaving/")).toHaveLength(2 * products.length);
  });

  test("replace nobody because Vault fails everywhere", async () => {
    const before = servers.hosts.map(({ instance }) => instance.instanceId);
    const departed = servers.departures.length;
    const back = cluster.cloud.takeAway("kms");
    await Promise.all(cluster.servers.map((host) => host.try("systemctl", "restart", "--no-block", "vault")));
    const living = await operator(cluster, servers);
    await one().until("Vault fails", 60_000, "sh", "-c", "! systemctl is-active --quiet vault");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    expect((await status(living)).verdict).toBe("down");
    const refused = roll(living, { replace: [before[0] ?? ""], patience: "10s" });
    await expect(refused).rejects.toThrow(/vault/i);
    expect(servers.hosts.map(({ instance }) => instance.instanceId)).toEqual(before);
    expect(servers.departures).toHaveLength(departed);
    for (const host of cluster.servers) expect(await cluster.cloud.state(host.instance.instanceId)).toBe("running");
    back();
    await timed("Vault is back by itself after a minute without the seal key", voters(one(), 3, 240_000));
  });

  test("roll onto a new recipe, one by one, and lose nothing that was acknowledged", async () => {
    await cluster.change("main", { extend: { consul: { node_meta: { recipe: "two" } } } });
    servers.newRecipe();
    const old = servers.hosts.map(({ instance }) => instance.instanceId);
    const living = await operator(cluster, servers);
    const { groups } = await previewRoll(living);
    expect(new Set(groups[0]?.due)).toEqual(new Set(old));
    const load = await Load.start(deployer);
    const result = await timed(
      "three servers rolled",
      roll(living, { timeout: "14m", report: (line) => console.log(line) }),
    );
    expect(new Set(result.groups[0]?.retired)).toEqual(new Set(old));
    await settled(servers);
    expectNoLoss(await load.stop());
    for (const departure of servers.departures) expect(departure.inOrder).toBe(true);
    for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
    const nodes = await deployer.demand<{ Address: string; Meta: Record<string, string> }[]>(
      "consul",
      "GET",
      "catalog/nodes",
    );
    const renewed = nodes.filter(({ Meta }) => Meta["recipe"] === "two").map(({ Address }) => Address);
    expect(renewed.sort()).toEqual(addresses(cluster));
    expect((await previewRoll(living)).groups[0]?.due).toEqual([]);
  });
});
