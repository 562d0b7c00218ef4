import { beforeAll, beforeEach, expect, test } from "vitest";
import { products } from "../../lib/node";
import { type Living, restore, rotateCa, rotateGossip, rotateToken, wait } from "../../lib/operate";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { playCommands } from "./commands";
import { addresses, nodeName, runsOn, service } from "./days";
import { Group } from "./group";
import type { Host } from "./host";
import { writer } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { operator } from "./operator";
import { peers, voters } from "./raft";
import { timed } from "./timed";

describeWith(
  "who has no session on any machine, and may send commands",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();
    let cluster: Cluster;
    let group: Group;
    let workers: Group;
    let deployer: Client;
    let living: Living;
    const one = () => cluster.servers[0] as Host;
    const report = (line: string) => console.log(line);
    /** Nothing is amiss: what is done from outside begins only then. */
    const well = async () => {
      await voters(one(), 3, 180_000);
      await wait(living, { timeout: "3m" });
    };

    beforeAll(async () => {
      cluster = await Cluster.launch(scope, {
        servers: { main: { count: 3, runs: products } },
        workers: { general: 1 },
        programs: { vault, consul, nomad },
      });
      await timed("born", cluster.born(300_000));
      await voters(one(), 3);
      group = await Group.around(scope, cluster, "main", cluster.servers);
      workers = await Group.around(scope, cluster, "general", cluster.workers);
      playCommands(cluster);
      deployer = await Client.deployer(cluster, vault);
      living = await operator(cluster, group, workers);
      await Promise.all(cluster.servers.map((host) => host.exec("caravan-node", "snapshot")));
    }, 900_000);

    beforeEach(well, 300_000);

    test.each(["consul", "nomad"] as const)("gives %s another gossip key", async (product) => {
      const gossip = async () => JSON.parse(await cluster.object("document")).gossip[product] as string;
      const before = await gossip();
      const result = await timed(`gossip of ${product}`, rotateGossip(living, product, { report }));
      expect(result.machines).toHaveLength(3);
      expect(await gossip()).not.toBe(before);
      const secret = `/etc/${product}.d/secret/secret.json`;
      for (const host of cluster.servers) expect(await host.exec("cat", secret)).toContain(await gossip());
    });

    test("replaces a token that servers use", async () => {
      const { tokens } = JSON.parse(await cluster.object("document"));
      const result = await timed("a token of Consul", rotateToken(living, "consul-agent", { report }));
      expect(result.deleted).toHaveLength(1);
      const old = deployer.as({ consul: tokens["consul-agent"] });
      expect((await old.ask("consul", "GET", "acl/token/self")).status).toBe(403);
    });

    test("rotates the CA, with a person's one command in between", async () => {
      const [first] = JSON.parse(await cluster.object("document")).ca as [{ cert: string }];
      const began = await timed("all nodes trust a second CA", rotateCa(living, { report }));
      expect(began).toMatchObject({ stands: "switch", command: "sudo caravan-node rotate ca switch" });
      await one().exec("sh", "-c", `echo '${deployer.tokens.vault}' | caravan-node rotate ca switch`);
      // A run of its own, which reads the CAs that all nodes trust by now.
      living = await operator(cluster, group, workers);
      const ended = await timed("all nodes have left the first CA", rotateCa(living, { report, continueOnly: true }));
      expect(ended.stands).toBe("done");
      const { ca } = JSON.parse(await cluster.object("document")) as { ca: { cert: string }[] };
      expect(ca).toHaveLength(1);
      expect(ca[0]?.cert).not.toBe(first.cert);
      deployer = await Client.deployer(cluster, vault);
      living = await operator(cluster, group, workers);
    });

    test("puts a snapshot back into a living product", async () => {
      await deployer.demand("consul", "PUT", "kv/colour", "blue");
      await Promise.all(cluster.servers.map((host) => host.exec("caravan-node", "snapshot")));
      const snapshot = (await cluster.objects("snapshots/consul/")).at(-1) ?? "";
      await deployer.demand("consul", "PUT", "kv/colour", "red");
      await expect(restore(living, { product: "consul", snapshot, confirm: "dev" })).rejects.toThrow("prod");
      expect(await deployer.demand("consul", "GET", "kv/colour?raw")).toBe("red");
      const back = restore(living, { product: "consul", snapshot, confirm: "prod", report });
      expect(await timed("a living Consul restored", back)).toMatchObject({ cluster: "living", snapshot });
      expect(await deployer.demand("consul", "GET", "kv/colour?raw")).toBe("blue");
      expect((await cluster.objects("snapshots/consul/")).length).toBeGreaterThan(2);
    });

    test("brings everything back when no disk is left", async () => {
      const tenant = await writer(deployer);
      await tenant.demand("vault", "PUT", "load/colour", { value: "blue" });
      const token = await deployer.demand<{ AccessorID: string }>("consul", "PUT", "acl/token", { Description: "app" });
      await deployer.demand("nomad", "PUT", "jobs", service("greeter"));
      while ((await runsOn(deployer, "greeter")).length === 0) await new Promise((resolve) => setTimeout(resolve, 500));
      await Promise.all(cluster.servers.map((host) => host.exec("caravan-node", "snapshot")));

      const lost = [...cluster.servers];
      await Promise.all(lost.map((host) => group.lose(host)));
      await expect.poll(() => group.settled, { timeout: 120_000 }).toBe(true);
      const advice = "so this server only joins. If no server of it is left: caravan-node restore vault";
      const waits = ["sh", "-c", `journalctl -u caravan-first-boot | grep -F '${advice}'`] as const;
      await Promise.all(cluster.servers.map((host) => host.until("advice", 180_000, ...waits)));
      const all = async () => {
        for (const product of products) {
          const result = await timed(`${product} restored`, restore(living, { product, confirm: "prod", report }));
          expect(result.cluster).toBe("empty");
        }
        await cluster.born(300_000);
        await voters(one(), 3, 180_000);
      };
      await timed("all restored from outside", all());
      expect(await tenant.demand("vault", "GET", "load/colour")).toMatchObject({ data: { value: "blue" } });
      expect(await deployer.demand("consul", "GET", "kv/colour?raw")).toBe("blue");
      const app = await deployer.demand("consul", "GET", `acl/token/${token.AccessorID}`);
      expect(app).toMatchObject({ Description: "app" });
      expect(await runsOn(deployer, "greeter")).toEqual(cluster.workers.map(nodeName));
      for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
    });
  },
);
