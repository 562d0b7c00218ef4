import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { addresses, nodeName, runsOn, service } from "./days";
import type { Host } from "./host";
import { writer } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { peers, voters } from "./raft";
import { timed } from "./timed";

describeWith(
  "three servers of which no disk is left",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();
    let cluster: Cluster;
    let deployer: Client;
    let worker: Host;
    let first: Host;
    let others: Host[];
    let tenant: Client;
    let accessor: string;
    let before: string[];

    const everywhere = (hosts: readonly Host[], ...command: [string, ...string[]]) =>
      Promise.all(hosts.map((host) => host.exec(...command)));
    const isOfTheCluster = (key: string) => !key.startsWith("snapshots/");

    beforeAll(async () => {
      const servers = { main: { count: 3, runs: products } } as const;
      const programs = { vault, consul, nomad };
      cluster = await Cluster.launch(scope, { servers, workers: { general: 1 }, programs });
      [worker] = cluster.workers as [Host];
      [first, ...others] = cluster.servers as [Host, ...Host[]];
      await timed("born", cluster.born(240_000));
      await voters(first, 3);
      deployer = await Client.deployer(cluster, vault);
      tenant = await writer(deployer);
      await tenant.demand("vault", "PUT", "load/colour", { value: "blue" });
      await deployer.demand("consul", "PUT", "kv/colour", "blue");
      const token = await deployer.demand<{ AccessorID: string }>("consul", "PUT", "acl/token", { Description: "app" });
      accessor = token.AccessorID;
      await deployer.demand("nomad", "PUT", "jobs", service("greeter"));
      while ((await runsOn(deployer, "greeter")).length === 0) await new Promise((resolve) => setTimeout(resolve, 500));
      await everywhere(cluster.servers, "caravan-node", "snapshot");
      before = await cluster.objects();
      for (const product of products)
        expect(before.filter((key) => key.startsWith(`snapshots/${product}/`))).toHaveLength(1);
    }, 900_000);

    test("do not make a second cluster, and say how to restore the first", async () => {
      await Promise.all(cluster.servers.map((host) => host.replace()));
      const advice = "so this server only joins. If no server of it is left: caravan-node restore vault";
      await Promise.all(
        cluster.servers.map((host) =>
          host.until("advice", 120_000, "sh", "-c", `journalctl -u caravan-first-boot | grep -F '${advice}'`),
        ),
      );
      for (const host of cluster.servers) expect(host.console).toContain(advice);
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      expect(await cluster.objects()).toEqual(before);
      for (const host of cluster.servers) {
        const { initialized } = JSON.parse(
          await host.exec("curl", "-s", "--cacert", "/etc/caravan/ca.pem", "https://127.0.0.1:8200/v1/sys/seal-status"),
        );
        expect(initialized).toBe(false);
      }
    });

    test("have it back by the documented commands", async () => {
      const restore = async () => {
        await first.exec("sh", "-c", "echo prod | caravan-node restore vault");
        await everywhere(others, "systemctl", "restart", "vault");
        await first.exec("systemctl", "restart", "vault");
        for (const product of ["consul", "nomad"]) {
          await first.until(
            `first boot waits for ${product}`,
            120_000,
            ...["sh", "-c", `journalctl -u caravan-first-boot | grep -F 'waiting for ${product}'`],
          );
          await first.exec("sh", "-c", `echo prod | caravan-node restore ${product}`);
        }
        await cluster.born(240_000);
        await voters(first, 3, 180_000);
      };
      await timed("restored", restore());
      expect(await tenant.demand("vault", "GET", "load/colour")).toMatchObject({ data: { value: "blue" } });
      expect(await deployer.demand("consul", "GET", "kv/colour?raw")).toBe("blue");
      expect(await deployer.demand("consul", "GET", `acl/token/${accessor}`)).toMatchObject({ Description: "app" });
      expect(await runsOn(deployer, "greeter")).toEqual([nodeName(worker)]);
      await worker.exec("systemctl", "restart", "consul");
      await worker.until("the worker is well", 120_000, "caravan-node", "status");
      for (const product of products) {
        expect(await peers(deployer, product)).toEqual(addresses(cluster));
      }
      expect((await cluster.objects()).filter(isOfTheCluster)).toEqual(before.filter(isOfTheCluster));
    });
  },
);
