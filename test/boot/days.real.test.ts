import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { roll } from "../../lib/operate";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { addresses, expectNoLoss } from "./days";
import { Group } from "./group";
import type { Host } from "./host";
import { Load } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { operator } from "./operator";
import { peers, voters } from "./raft";
import { timed } from "./timed";

describeWith("three servers", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();
  let cluster: Cluster;
  let group: Group;
  let deployer: Client;
  const one = () => cluster.servers[0] as Host;

  beforeAll(async () => {
    const servers = { main: { count: 3, runs: products } } as const;
    cluster = await Cluster.launch(scope, { servers, programs: { vault, consul, nomad } });
    await timed("born", cluster.born(240_000));
    await voters(one(), 3);
    group = await Group.around(scope, cluster, "main", cluster.servers);
    deployer = await Client.deployer(cluster, vault);
  }, 900_000);

  test("roll one, the new before the old", async () => {
    const [old = ""] = group.hosts.map(({ instance }) => instance.instanceId);
    const load = await Load.start(deployer);
    const living = await operator(cluster, group);
    const options = { replace: [old], timeout: "8m", report: (line: string) => console.log(line) };
    const result = await timed("one server rolled", roll(living, options));
    expect(result.groups[0]?.retired).toEqual([old]);
    expect(group.departures).toMatchObject([{ id: old, inOrder: true }]);
    expectNoLoss(await load.stop());
    for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
  });
});
