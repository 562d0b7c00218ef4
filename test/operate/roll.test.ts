import { expect, test } from "vitest";
import type { Cloud } from "../../lib/operate/cloud";
import { type Living, living } from "../../lib/operate/living";
import { previewRoll, type RollOptions, roll } from "../../lib/operate/roll/roll";
import { answering } from "./aws-answers";
import { ClusterModel } from "./cluster-model";

/** A cluster of three whose products answer over HTTP, and that moves on by one tick at each look at its machines. */
async function modelled(over: Partial<Cloud> = {}): Promise<{ model: ClusterModel; living: Living; done: string[] }> {
  let turn = 0;
  const model = new ClusterModel(3, ["vault", "consul"], () => ((turn++ * 7) % 10) / 10);
  const done: string[] = [];
  const step = (what: string, take: () => void) => async () => {
    done.push(what);
    take();
  };
  const cloud = {
    group: async () => {
      const { group } = model.state();
      model.tick();
      return group;
    },
    grow: step("grow", () => model.take({ do: "grow", why: "" })),
    settle: step("settle", () => model.take({ do: "settle" })),
    retire: async (_: string, id: string) => {
      done.push(`retire ${id}`);
      const machine = model.machines.find((one) => one.id === id);
      if (machine !== undefined) model.take({ do: "retire", machine, why: "" });
    },
    ...over,
  } as unknown as Cloud;
  const health = (product: string) => model.state().products.find((one) => one.product === product);
  const { url } = await answering(({ url: path }) => {
    const servers = health(/\/(sys|auth)\//.test(path) ? "vault" : "consul")?.servers ?? [];
    const leader = servers.find((server) => server.leader)?.address;
    // Who leads refuses whoever has no token; nobody else answers.
    if (path === "/v1/auth/token/lookup-self") return { status: leader === undefined ? 500 : 403, body: "{}" };
    const answers: Record<string, unknown> = {
      "/v1/sys/health": { initialized: true, sealed: false },
      "/v1/sys/leader": { leader_address: leader === undefined ? "" : `https://${leader}:8200` },
      "/v1/status/leader": leader === undefined ? "" : `${leader}:8300`,
      "/v1/sys/storage/raft/autopilot/state": {
        data: {
          servers: Object.fromEntries(
            servers.map((server) => [
              server.id,
              {
                ...server,
                address: `${server.address}:8201`,
                status: server.leader ? "leader" : server.voter ? "voter" : "non-voter",
              },
            ]),
          ),
        },
      },
      "/v1/operator/autopilot/health": {
        Servers: servers.map(({ id, address, voter, leader: leads, healthy, version }) => ({
          ...{ ID: id, Address: `${address}:8300`, Voter: voter, Leader: leads, Healthy: healthy, Version: version },
        })),
      },
    };
    return { body: JSON.stringify(answers[path.split("?")[0] ?? ""] ?? {}) };
  });
  const endpoint = { url };
  const environment = living({
    environment: "prod",
    groups: { main: ["vault", "consul"] },
    endpoints: { vault: endpoint, consul: endpoint, nomad: endpoint },
    vaultServerId: "vault",
    cloud,
    env: { VAULT_TOKEN: "t", CONSUL_HTTP_TOKEN: "t" },
  });
  return { model, living: environment, done };
}

const quick: RollOptions = { every: "1ms" };

test("replaces all servers, one at a time, and says what it does", async () => {
  const { living: environment, done } = await modelled();
  const lines: string[] = [];
  const { groups } = await roll(environment, { ...quick, report: (line) => lines.push(line) });
  expect([...(groups[0]?.retired ?? [])].sort()).toEqual(["i-1", "i-2", "i-3"]);
  expect(groups[0]?.machines).toHaveLength(3);
  const without = done.filter((what, at) => what !== done[at - 1]);
  expect(without.map((what) => what.split(" ")[0])).toEqual(
    [...Array(3)].flatMap(() => ["grow", "retire"]).concat("settle"),
  );
  expect(lines).toContain("main: starting a server: 3 of 3 servers are to be replaced");
  expect(lines.filter((line) => line.includes("retiring"))).toHaveLength(3);
});

test("a roll that was interrupted is taken up where it stopped, by somebody who knows nothing of it", async () => {
  let left = 3;
  const { living: environment, done } = await modelled();
  const controller = new AbortController();
  const stop = () => {
    left -= 1;
    if (left === 0) controller.abort(new Error("power cut"));
  };
  const first = roll(environment, {
    ...quick,
    signal: controller.signal,
    report: (line) => /starting a|retiring/.test(line) && stop(),
  });
  await expect(first).rejects.toThrow("power cut");
  const before = done.length;
  expect(before).toBeGreaterThan(1);
  const { groups } = await roll(environment, quick);
  expect(done.filter((what) => what.startsWith("retire")).sort()).toEqual(["retire i-1", "retire i-2", "retire i-3"]);
  expect(groups[0]?.retired.length).toBeLessThan(3);
});

test("a preview says who is to go, and changes nothing", async () => {
  const { living: environment, done } = await modelled();
  expect(await previewRoll(environment, { groups: ["main"] })).toEqual({
    environment: "prod",
    groups: [
      { name: "main", due: ["i-1", "i-2", "i-3"], next: { do: "grow", why: "3 of 3 servers are to be replaced" } },
    ],
  });
  expect(done).toEqual([]);
});

test("a server that never comes is waited for no longer than patience lasts", async () => {
  const { living: environment } = await modelled({ grow: async () => undefined });
  const { model } = await modelled();
  expect(model.size).toBe(3);
  const stuck = await modelled();
  stuck.model.size = 4;
  stuck.model.tick = () => undefined;
  await expect(roll(stuck.living, { ...quick, patience: "50ms" })).rejects.toThrow(
    /main: waited 50ms in vain for the cloud to start a server\n {2}fix: look at that server/,
  );
  await expect(roll(environment, { ...quick, timeout: "100ms" })).rejects.toMatchObject({ kind: "timeout" });
});

test("an unknown group is named with those that there are", async () => {
  const { living: environment } = await modelled();
  await expect(roll(environment, { groups: ["mian"] })).rejects.toThrow(
    'no server group "mian"\n  fix: name one of these: main',
  );
});
