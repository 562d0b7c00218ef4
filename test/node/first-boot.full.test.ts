import { beforeAll, expect, test } from "vitest";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { ThreeServers, watched } from "./support/cluster";
import { findLan, type Host } from "./support/lan";
import { FIRST_BOOT } from "./support/server";

describeWith(
  "the days of a cluster of three servers",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let cluster: ThreeServers;

    /** What only the leader does, wherever it is. */
    const timers = (command: string) => Promise.all(cluster.servers.map((host) => host.do(`caravan-node ${command}`)));
    const wellAgain = () =>
      expect
        .poll(async () => (await cluster.first.run("caravan-node status")).stdout, {
          timeout: 180_000,
          interval: 3_000,
        })
        .not.toContain("BAD");

    beforeAll(async () => {
      cluster = await ThreeServers.prepare(scope);
      expect(await cluster.boot(), cluster.said.join("\n")).toEqual([0, 0, 0, 0, 0]);
    });

    test("is the same after every further boot", async () => {
      const before = cluster.lan.objects();
      const again = await cluster.first.do(`${FIRST_BOOT} 2>&1`);
      expect(again.replace(/ready: \S+/, "ready: me")).toBe(
        [
          "caravan document: cluster document at hand",
          "caravan vault: Vault is unsealed",
          "caravan consul: consul has a leader",
          "caravan nomad: nomad has a leader",
          "caravan ready: me is up: vault consul nomad\n",
        ].join("\n"),
      );
      expect(cluster.lan.objects()).toEqual(before);
    });

    test("is well only with snapshots, which leaders alone take", async () => {
      expect((await cluster.first.run("caravan-node status")).code).toBe(1);
      await timers("snapshot");
      const saved = cluster.lan.keys("snapshots/").map((key) => key.split("/")[1]);
      expect(saved).toEqual(["consul", "nomad", "vault"]);
      await wellAgain();
      expect(await cluster.first.do("caravan-node status")).toMatch(
        /vault: 3 of 3 servers vote; the loss of 1 can be borne\n(?:[\s\S]*)consul: 3 of 3(?:[\s\S]*)nomad: 3 of 3/,
      );
    });

    test.each([
      ["by hand", (host: Host) => host.run("caravan-node leave 2>&1", 300_000)],
      [
        "by a spot notice",
        (host: Host) => {
          host.tell({ "meta-data/spot/instance-action": { action: "terminate", time: "2026-01-01T00:02:00Z" } });
          setTimeout(() => host.tell({ "meta-data/autoscaling/target-lifecycle-state": "Terminated" }), 5_000);
          return watched(host, 290);
        },
      ],
    ])("lets a server go %s, and says so until another has come", async (_, leave) => {
      const leaving = cluster.servers.pop() as Host;
      const left = await leave(leaving);
      expect(left.code, left.stdout).toBe(0);
      expect(left.stdout).toMatch(/nomad has left[\s\S]*consul has left[\s\S]*vault has left/);
      const { code, stdout } = await cluster.first.run("caravan-node status");
      expect(code).toBe(1);
      for (const product of ["vault", "consul", "nomad"]) expect(stdout).toMatch(new RegExp(`BAD +${product}: `));
      leaving.kill();
      cluster.lan.terminate(leaving.instance);
      const next = await cluster.addServer();
      const boot = await next.do(`${FIRST_BOOT} 2>&1`, 300_000);
      expect(boot).toMatch(/nomad has a leader/);
      expect(boot).not.toMatch(/initialised|handed over/);
      await wellAgain();
    });

    test("lets a worker go", async () => {
      const [worker] = cluster.workers as [Host];
      await worker.do("caravan-node leave", 300_000);
      const names = async () =>
        (await cluster.ask("consul", "catalog/nodes")).map(({ Node }: { Node: string }) => Node);
      await expect.poll(names, { timeout: 60_000 }).not.toContain(`general-${worker.instance.slice(2)}`);
    });
  },
);
