import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { roll } from "../../lib/operate";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import type { Client } from "./client";
import type { Cluster } from "./cluster";
import { addresses, expectNoLoss, threeServers } from "./days";
import type { Group } from "./group";
import { Load } from "./load";
import { hostNeeds, productNeeds } from "./needs";
import { operator } from "./operator";
import { peers } from "./raft";
import { timed } from "./timed";

describeWith("three servers", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();
  let cluster: Cluster;
  let group: Group;
  let deployer: Client;

  beforeAll(async () => {
    ({ cluster, group, deployer } = await threeServers(scope, { vault, consul, nomad }));
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
