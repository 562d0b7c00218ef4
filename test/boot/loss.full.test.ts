import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import type { Host } from "./host";
import { Load } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { leader, peers, voters } from "./raft";
import { timed } from "./timed";

const everything = ["vault", "consul", "nomad"] as const;

describeWith("three servers", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();
  let cluster: Cluster;
  let deployer: Client;
  const addresses = () => cluster.servers.map((host) => host.address).sort();
  const signIn = () => Client.deployer(cluster, vault);

  beforeAll(async () => {
    const servers = { main: { count: 3, runs: everything } } as const;
    cluster = await Cluster.launch(scope, { servers, programs: { vault, consul, nomad } });
    await timed("born", cluster.born(240_000));
    await voters(cluster.servers[0] as Host, 3);
    deployer = await signIn();
  }, 900_000);

  test("replace one that is lost for ever, and lose nothing that was acknowledged", async () => {
    // The least that Vault takes; the cluster's own is ten minutes, so that a server that only boots again stays.
    await deployer.demand("vault", "POST", "sys/storage/raft/autopilot/configuration", {
      ...{ cleanup_dead_servers: true, min_quorum: 3, dead_server_last_contact_threshold: "1m" },
    });
    const load = await Load.start(deployer);
    const lost = await leader(cluster.servers, "vault");
    const gone = lost.address;
    const from = Date.now();
    await lost.powerCut();
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    await lost.replace();
    const since = () => `${((Date.now() - from) / 1000).toFixed(0)} s after the loss`;
    await cluster.born(240_000);
    console.log(`the replacement is born ${since()}`);
    for (const product of products) {
      await expect.poll(() => peers(deployer, product), { timeout: 180_000, interval: 500 }).toEqual(addresses());
      console.log(`${product} has forgotten the lost server ${since()}`);
    }
    expect(addresses()).not.toContain(gone);
    await voters(lost, 3);
    console.log(`three voters ${since()}`);
    for (const [product, seen] of Object.entries(await load.stop())) {
      expect(seen, product).toMatchObject({ lost: [], failed: [] });
      expect(seen.longestGap, product).toBeLessThan(10);
    }
  });

  test("are back, unsealed and with their data, after all were stopped and started", async () => {
    await deployer.demand("consul", "PUT", "kv/before", "kept");
    const before = await cluster.objects();
    await timed("stop all", Promise.all(cluster.servers.map((host) => host.stop())));
    const back = async () => {
      await Promise.all(cluster.servers.map((host) => host.start()));
      await cluster.born(240_000);
      await voters(cluster.servers[0] as Host, 3);
    };
    await timed("all back", back());
    expect(await cluster.objects()).toEqual(before);
    expect(await deployer.demand("consul", "GET", "kv/before?raw")).toBe("kept");
  });

  test("go on from one, by the documented recovery, when two are lost", async () => {
    const [kept, ...lost] = cluster.servers as [Host, ...Host[]];
    await deployer.demand("consul", "PUT", "kv/after", "kept");
    await Promise.all(lost.map((host) => host.powerCut()));
    for (const product of products) {
      await kept.until(
        `${product} has no leader`,
        120_000,
        ...[
          "sh",
          "-c",
          `caravan-node status | tee /run/status | grep -qE 'BAD +${product}: (no leader|has no active|unsealed, but)' || { cat /run/status; false; }`,
        ],
      );
    }
    console.log(await kept.exec("cat", "/run/status"));
    const refused = await kept.try("sh", "-c", "echo prod | caravan-node restore consul");
    console.log(refused.stderr);
    const recover = async () => {
      for (const product of everything) {
        console.log(await kept.exec("sh", "-c", `echo prod | caravan-node recover ${product} 2>&1`));
      }
    };
    await timed("recovery", recover());
    await Promise.all(lost.map((host) => host.replace()));
    await timed("two new servers", cluster.born(240_000));
    await voters(kept, 3);
    expect(await deployer.demand("consul", "GET", "kv/after?raw")).toBe("kept");
    deployer = await signIn();
    for (const product of products) expect(await peers(deployer, product)).toEqual(addresses());
  });
});
