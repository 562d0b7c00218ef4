import { beforeAll, expect, test } from "vitest";
import { products } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { addresses } from "./days";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { peers, voters } from "./raft";
import { timed } from "./timed";

describeWith("three servers of which two are lost", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();
  let cluster: Cluster;
  let kept: Host;
  let lost: Host[];

  beforeAll(async () => {
    const servers = { main: { count: 3, runs: products } } as const;
    cluster = await Cluster.launch(scope, { servers, programs: { vault, consul, nomad } });
    await timed("born", cluster.born(240_000));
    [kept, ...lost] = cluster.servers as [Host, ...Host[]];
    await voters(kept, 3);
    const deployer = await Client.deployer(cluster, vault);
    await deployer.demand("consul", "PUT", "kv/colour", "blue");
    await Promise.all(lost.map((host) => host.powerCut()));
  }, 900_000);

  test("say that they have no leader, and what to do", async () => {
    const says = (pattern: string) =>
      kept.until(
        pattern,
        120_000,
        "sh",
        "-c",
        `caravan-node status | tee /run/status | grep '${pattern}' || { cat /run/status; false; }`,
      );
    for (const product of products) await says(`BAD  ${product}: no leader`);
    const { code, stderr } = await kept.try("caravan-node", "leave");
    expect(code).toBe(1);
    expect(stderr).toContain("nomad does not say which servers it has");
  });

  test("go on from the one that is left, by the documented commands", async () => {
    const recover = async () => {
      for (const product of products) await kept.exec("sh", "-c", `echo prod | caravan-node recover ${product}`);
    };
    await timed("recovered", recover());
    const { code, stderr } = await kept.try("sh", "-c", "echo prod | caravan-node recover consul");
    expect(code).toBe(1);
    expect(stderr).toContain("consul has a leader: its quorum is not lost");
    await timed(
      "two empty servers joined",
      Promise.all(lost.map((host) => host.replace())).then(() => cluster.born(240_000)),
    );
    await voters(kept, 3);
    const deployer = await Client.deployer(cluster, vault);
    expect(await deployer.demand("consul", "GET", "kv/colour?raw")).toBe("blue");
    for (const product of products) expect(await peers(deployer, product)).toEqual(addresses(cluster));
  });
});
