import { beforeAll, expect, test } from "vitest";
import type { ServerNodeProps } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { findLan, type Host, Lan } from "./support/lan";
import { FIRST_BOOT, install, type Keys, single } from "./support/server";

/** As in production without NAT: Vault by itself, and servers that cannot ask the cloud for their peers. */
const cluster = {
  ...single,
  discovery: "addresses",
  servers: { vault: { count: 1, runs: ["vault"] }, main: { count: 1, runs: ["consul", "nomad"] } },
} as const satisfies ServerNodeProps;

describeWith(
  "Vault in a group of its own, and a network without NAT",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let lan: Lan;
    let vault: Host;
    let main: Host;
    let worker: Host;

    beforeAll(async () => {
      lan = await Lan.start(scope);
      for (const role of ["server-vault", "server-main", "worker-general", "deployer", "planner"]) lan.role(role);
      const keys: Keys = { seal: lan.key(), keyring: lan.key() };
      vault = await lan.host("server-vault", { "caravan-vault": "prod" });
      main = await lan.host("server-main", { "caravan-consul": "prod", "caravan-nomad": "prod" });
      worker = await lan.host("worker-general", { Name: "worker" });
      await install(lan, vault, { ...cluster, group: "vault" }, keys);
      await install(lan, main, cluster, keys);
      const { workers: _, ...rest } = cluster;
      await install(lan, worker, { ...rest, role: "worker", group: "general" }, keys);
      for (const host of [vault, main, worker]) lan.leadTo(main, host, ["consul", "nomad"]);
    });

    test("all come up, and are well with a snapshot", async () => {
      const boot = (host: Host) => host.run(`timeout 230 ${FIRST_BOOT}`, 240_000);
      const joining = boot(worker);
      const boots = await Promise.all([boot(vault), boot(main)]);
      // Nomad may have been up before Vault was handed over: then the timer brings the introductions.
      await main.do("caravan-node introduce");
      boots.push(await joining);
      expect(
        boots.map(({ code }) => code),
        boots.map(({ stderr }) => stderr).join("\n"),
      ).toEqual([0, 0, 0]);
      for (const host of [vault, main]) {
        await host.do("caravan-node snapshot");
        expect(await host.do("caravan-node status")).not.toContain("BAD");
      }
      expect(await worker.do("caravan-node status")).toContain("nomad: has joined");
    });

    test("agents have the addresses of their servers from first boot", () => {
      expect(JSON.parse(worker.read("/etc/consul.d/peers.json"))).toEqual({ retry_join: [main.address] });
      expect(JSON.parse(worker.read("/etc/nomad.d/peers.json"))).toEqual({
        client: { server_join: { retry_join: [main.address] } },
      });
      expect(JSON.parse(main.read("/etc/nomad.d/peers.json"))).toEqual({
        server: { server_join: { retry_join: [main.address] } },
      });
    });

    test("a server of one product does what is its own", async () => {
      expect((await vault.run("caravan-node restore nomad")).stderr).toContain(
        "this server does not run nomad: it runs vault",
      );
      await main.do("caravan-node rotate gossip consul");
      const { gossip } = JSON.parse(lan.object("document") ?? "");
      await expect
        .poll(() => worker.do("systemctl restart vault-agent.service; sleep 2; cat /etc/consul.d/secret/secret.json"), {
          timeout: 20_000,
        })
        .toContain(gossip.consul);
    });
  },
);
