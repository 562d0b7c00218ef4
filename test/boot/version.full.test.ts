import { expect, test } from "vitest";
import { defaultVersions, type Product, products } from "../../lib/node";
import { roll, status } from "../../lib/operate";
import { run, testScope } from "../support/temporary";
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

/** Another build of Vault, Consul or Nomad. */
const OTHER = process.env["CARAVAN_OTHER_PROGRAM"] ?? "";

/** What a program says it is: `Consul v1.22.6`. */
async function known(program: string): Promise<{ product: Product; version: string }> {
  const { stdout } = await run(program, ["version"]);
  const [, name = "", version = ""] = /^(\w+) v([\d.]+)/.exec(stdout) ?? [];
  const product = products.find((one) => one === name.toLowerCase());
  if (product === undefined) throw new Error(`CARAVAN_OTHER_PROGRAM is none of ${products.join(", ")}: ${stdout}`);
  return { product, version };
}

describeWith("three servers of one version", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  test.skipIf(OTHER === "")(
    "are rolled to the one that CARAVAN_OTHER_PROGRAM is, and lose nothing",
    async () => {
      const scope = testScope();
      const { product, version } = await known(OTHER);
      expect(version, "another than that of the tests").not.toBe(defaultVersions[product]);
      const programs = { vault, consul, nomad };
      const cluster = await Cluster.launch(scope, { servers: { main: { count: 3, runs: products } }, programs });
      await timed("born", cluster.born(300_000));
      const one = () => cluster.servers[0] as Host;
      await voters(one(), 3);
      const group = await Group.around(scope, cluster, "main", cluster.servers);
      const deployer = await Client.deployer(cluster, vault);
      const old = group.hosts.map(({ instance }) => instance.instanceId);

      await cluster.change("main", { versions: { [product]: version } }, { [product]: OTHER });
      group.newRecipe();
      const living = await operator(cluster, group);
      const load = await Load.start(deployer);
      const rolled = roll(living, { timeout: "25m", report: (line) => console.log(line) });
      const result = await timed(`${product} from ${defaultVersions[product]} to ${version}`, rolled);
      expect(new Set(result.groups[0]?.retired)).toEqual(new Set(old));
      expectNoLoss(await load.stop());
      await cluster.born(240_000);
      await voters(one(), 3);
      for (const host of cluster.servers) expect(await host.exec(product, "version")).toContain(`v${version}`);
      for (const each of products) expect(await peers(deployer, each)).toEqual(addresses(cluster));
      const { findings } = await status(living);
      expect(findings.filter(({ what }) => /different versions|older recipe/.test(what))).toEqual([]);
    },
    2_400_000,
  );
});
