import { expect } from "vitest";
import { products } from "../../lib/node";
import type { Scope } from "../support/scope";
import { Client } from "./client";
import { Cluster } from "./cluster";
import { Group } from "./group";
import type { Host } from "./host";
import type { Seen } from "./load";
import { voters } from "./raft";
import { timed } from "./timed";

/** Three servers of everything in their auto scaling group, all of them voters, and who applies. */
export async function threeServers(scope: Scope, programs: Record<"vault" | "consul" | "nomad", string>) {
  const servers = { main: { count: 3, runs: products } } as const;
  const cluster = await Cluster.launch(scope, { servers, programs });
  await timed("born", cluster.born(240_000));
  await voters(cluster.servers[0] as Host, 3);
  const group = await Group.around(scope, cluster, "main", cluster.servers);
  return { cluster, group, deployer: await Client.deployer(cluster, programs.vault) };
}

/** A service that stays; no container engine is here, the driver is Nomad's own for tests. */
export const service = (name: string) => ({
  Job: {
    ID: name,
    NodePool: "general",
    Type: "service",
    TaskGroups: [{ Name: name, Tasks: [{ Name: name, Driver: "mock_driver", Config: { run_for: "24h" } }] }],
  },
});

/** Names of the nodes on which a job runs. */
export async function runsOn(client: Client, job: string): Promise<string[]> {
  const path = `job/${job}/allocations`;
  const allocs = await client.demand<{ ClientStatus: string; NodeName: string }[]>("nomad", "GET", path);
  return allocs.filter(({ ClientStatus }) => ClientStatus === "running").map(({ NodeName }) => NodeName);
}

/** A worker's name in Consul and Nomad. */
export function nodeName(host: Host): string {
  return `general-${host.instance.instanceId.slice(2)}`;
}

export function addresses(cluster: Cluster): string[] {
  return cluster.servers.map(({ address }) => address).sort();
}

/** Nothing that was acknowledged is lost, nothing failed for 30 s, and a leader was missing for less than ten. */
export function expectNoLoss(seen: Readonly<Record<string, Seen>>): void {
  for (const [product, one] of Object.entries(seen)) {
    expect(one, product).toMatchObject({ lost: [], failed: [] });
    expect(one.longestGap, product).toBeLessThan(10);
  }
}
