import { test } from "vitest";
import { products, type ServerNodeProps } from "../../lib/node";
import { testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Cluster } from "./cluster";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { voters } from "./raft";
import { timed } from "./timed";

// Three servers with a worker: birth.real.test.ts.
const kinds: readonly (readonly [string, ServerNodeProps["servers"]])[] = [
  ["a single server", { main: { count: 1, runs: products } }],
  ["five servers", { main: { count: 5, runs: products } }],
  [
    "three servers, and three of Vault's own",
    { vault: { count: 3, runs: ["vault"] }, main: { count: 3, runs: ["consul", "nomad"] } },
  ],
];

describeWith("born from user data alone", { ...hostNeeds, ...productNeeds }, (programs) => {
  test.each(kinds)("%s, and a worker", async (name, servers) => {
    const healthy = async () => {
      const cluster = await Cluster.launch(testScope(), { servers, workers: { general: 1 }, programs });
      await cluster.born(420_000);
      for (const [group, { count, runs }] of Object.entries(servers)) {
        const first = cluster.servers.find((host) => host.name === `${group}1`) as Host;
        await voters(first, count, 120_000, runs.length);
      }
    };
    await timed(`${name}, and a worker, from launch to healthy`, healthy());
  });
});
