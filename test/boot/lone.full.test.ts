import { expect, test } from "vitest";
import { products } from "../../lib/node";
import { roll } from "../../lib/operate";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { attached, disk } from "./data-volume";
import { addresses } from "./days";
import { Group } from "./group";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { operator } from "./operator";
import { peers, voters } from "./raft";
import { timed } from "./timed";

describeWith(
  "a single server whose data is on a volume, in a group of one",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();

    test("is rolled when its outage is allowed, and then goes on with all that it had", async () => {
      const device = await disk(scope);
      const cluster = await Cluster.launch(scope, {
        servers: { main: { count: 1, runs: products } },
        programs: { vault, consul, nomad },
        dataVolume: true,
      });
      const [old] = cluster.servers as [Host];
      await timed("born", Promise.all([attached(cluster, old, device), cluster.born(240_000)]));
      await voters(old, 1);
      const group = await Group.around(scope, cluster, "main", cluster.servers);
      const deployer = await Client.deployer(cluster, vault);
      await deployer.demand("consul", "PUT", "kv/kept", "yes");
      await deployer.demand("nomad", "PUT", "var/kept", { Path: "kept", Items: { it: "yes" } });
      const { cluster_id: id } = await deployer.demand<{ cluster_id: string }>("vault", "GET", "sys/health");
      const living = await operator(cluster, group);
      const replace = [old.instance.instanceId];
      await expect(roll(living, { replace })).rejects.toThrow("accept the outage of some minutes");
      expect(group.departures).toEqual([]);

      const successor = async () => {
        await expect.poll(() => cluster.servers.filter((host) => host !== old), { timeout: 240_000 }).toHaveLength(1);
        await attached(cluster, cluster.servers.find((host) => host !== old) as Host, device);
      };
      const options = { replace, outage: true, timeout: "14m", report: (line: string) => console.log(line) };
      const [result] = await timed("a lone server rolled", Promise.all([roll(living, options), successor()]));
      expect(result.groups[0]?.retired).toEqual(replace);
      expect(group.departures).toMatchObject([{ id: replace[0], inOrder: true }]);
      const [server] = cluster.servers as [Host];
      expect(result.groups[0]?.machines).toEqual([server.instance.instanceId]);
      await voters(server, 1);
      expect(await deployer.demand("consul", "GET", "kv/kept?raw")).toBe("yes");
      expect(await deployer.demand("nomad", "GET", "var/kept")).toMatchObject({ Items: { it: "yes" } });
      expect(await deployer.demand("vault", "GET", "sys/health")).toMatchObject({ cluster_id: id });
      for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
    });
  },
);
