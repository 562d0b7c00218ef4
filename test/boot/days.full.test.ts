import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import type { Client } from "./client";
import type { Cluster } from "./cluster";
import { addresses, expectNoLoss, threeServers } from "./days";
import type { Group } from "./group";
import type { Host } from "./host";
import { Load } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { leader, peers, voters } from "./raft";
import { timed } from "./timed";

describeWith("three servers", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();
  let cluster: Cluster;
  let group: Group;
  let deployer: Client;
  const one = () => cluster.servers[0] as Host;

  beforeAll(async () => {
    ({ cluster, group, deployer } = await threeServers(scope, { vault, consul, nomad }));
  }, 900_000);

  test("replace one that is lost for ever, and lose nothing that was acknowledged", async () => {
    // The least that Vault takes; the cluster's own is ten minutes, so that a server that only boots again stays.
    await deployer.demand("vault", "POST", "sys/storage/raft/autopilot/configuration", {
      ...{ cleanup_dead_servers: true, min_quorum: 3, dead_server_last_contact_threshold: "1m" },
    });
    const load = await Load.start(deployer);
    const lost = await leader(cluster.servers, "vault");
    const from = Date.now();
    const since = () => `${((Date.now() - from) / 1000).toFixed(0)} s after the loss`;
    await group.lose(lost);
    await expect.poll(() => group.settled, { timeout: 120_000 }).toBe(true);
    await cluster.born(240_000);
    console.log(`the replacement is born ${since()}`);
    for (const product of products) {
      await expect
        .poll(() => peers(deployer, product), { timeout: 180_000, interval: 500 })
        .toEqual(addresses(cluster));
      console.log(`${product} has forgotten the lost server ${since()}`);
    }
    expect(addresses(cluster)).not.toContain(lost.address);
    await voters(one(), 3);
    expectNoLoss(await load.stop());
  });

  test("are back, unsealed and with their data, after all were stopped and started", async () => {
    await deployer.demand("consul", "PUT", "kv/before", "kept");
    const before = await cluster.objects();
    await timed("all stopped", Promise.all(cluster.servers.map((host) => host.stop())));
    const back = async () => {
      await Promise.all(cluster.servers.map((host) => host.start()));
      await cluster.born(240_000);
      await voters(one(), 3);
    };
    await timed("all back", back());
    expect(await cluster.objects()).toEqual(before);
    expect(await deployer.demand("consul", "GET", "kv/before?raw")).toBe("kept");
  });
});
