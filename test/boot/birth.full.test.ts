import { beforeAll, expect, test } from "vitest";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Cluster } from "./cluster";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { timed } from "./timed";

const everything = ["vault", "consul", "nomad"] as const;

/** A job that ends by itself. No container engine is here; the driver is Nomad's own for tests. */
const JOB = `job "hello" {
  node_pool = "general"
  type      = "batch"
  group "hello" {
    task "hello" {
      driver = "mock_driver"
      config { run_for = "100ms" }
    }
  }
}`;

/** HTTP status that a product on this host answers to somebody without a token. */
const answers = (host: Host, port: number, path: string) =>
  host.exec(
    ...["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", "/etc/caravan/ca.pem"],
    `https://127.0.0.1:${port}/v1/${path}`,
  );

/** Waits until `caravan-node status` says of all three products that so many servers vote. */
const voters = (host: Host, count: number) =>
  host.until(
    `${count} servers vote`,
    90_000,
    "sh",
    "-c",
    `test "$(caravan-node status | tee /run/status | grep -c ': ${count} of ${count} servers vote')" = 3 || { cat /run/status; false; }`,
  );

describeWith(
  "three servers and a worker, with nothing but their user data",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();
    let cluster: Cluster;
    let one: Host;
    let worker: Host;

    beforeAll(async () => {
      const servers = { main: { count: 3, runs: everything } } as const;
      cluster = await timed(
        "AWS, four hosts launched",
        Cluster.launch(scope, { servers, workers: { general: 1 }, programs: { vault, consul, nomad } }),
      );
      await timed("then born, the worker too", cluster.born(240_000));
      [one, worker] = [cluster.servers[0] as Host, cluster.workers[0] as Host];
    }, 900_000);

    test("are a cluster in which all servers vote", async () => {
      await voters(one, 3);
    });

    test("initialised Vault once, stored its recovery keys and kept nothing of them", async () => {
      expect(await cluster.objects("vault-init/")).toEqual(["vault-init/1"]);
      expect(JSON.parse(await cluster.object("vault-init/1"))).toMatchObject({ state: "stored" });
      expect(await cluster.objects("born/")).toEqual(["born/consul", "born/nomad", "born/vault"]);
      expect(JSON.parse(await cluster.secret("recoveryKeysSecret")).recovery_keys_base64).toHaveLength(5);
      for (const host of cluster.servers) {
        expect((await host.try("test", "-e", "/var/lib/caravan/vault-init.json")).code).toBe(1);
      }
    });

    test("answer nobody who has no token", async () => {
      for (const host of cluster.servers) {
        expect(await answers(host, 8200, "sys/policies/acl")).toBe("403");
        expect(await answers(host, 8501, "agent/self")).toBe("403");
        expect(await answers(host, 4646, "nodes")).toBe("403");
      }
    });

    test("have no unit that failed, and run every process as its user", async () => {
      const ours = "caravan-first-boot* caravan-metadata* vault* consul* nomad* cloud-*";
      const script = `for unit in $(systemctl list-units --failed --plain --no-legend ${ours} | cut -d' ' -f1); do
        systemctl --no-pager --lines=40 --full status $unit || :; done`;
      for (const host of [...cluster.servers, worker]) expect(await host.exec("sh", "-c", script), host.name).toBe("");
      const users = async (host: Host) => {
        const lines = (await host.exec("ps", "-C", "vault,consul,nomad", "-o", "comm=,user:20=")).trim().split("\n");
        return [...new Set(lines.map((line) => line.replace(/ +/, " ").trim()))].sort();
      };
      expect(await users(one)).toEqual(["consul consul", "nomad nomad", "vault vault", "vault vault-agent"]);
      expect(await users(worker)).toEqual(["consul consul", "nomad root", "vault vault-agent"]);
    });

    test("run a job on the worker", async () => {
      const { nomad: token } = JSON.parse(await cluster.secret("bootstrapTokensSecret")) as { nomad: string };
      const script = `
        export NOMAD_ADDR=https://127.0.0.1:4646 NOMAD_CACERT=/etc/caravan/ca.pem NOMAD_TOKEN=$(cat /root/token)
        echo '${JOB}' | nomad job run -
        until nomad job allocs -json hello | jq -er '.[] | select(.ClientStatus == "complete").NodeName'; do sleep 1; done`;
      await one.exec("sh", "-c", `umask 077; echo ${token} > /root/token`);
      const ran = await one.exec("timeout", "60", "sh", "-ec", script);
      expect(ran.endsWith(`general-${worker.instance.instanceId.slice(2)}\n`), ran).toBe(true);
    });

    test("are back with what they had after all of them lost power", async () => {
      const before = await cluster.objects();
      await Promise.all(cluster.servers.map((host) => host.powerCut()));
      const back = async () => {
        await Promise.all(cluster.servers.map((host) => host.start()));
        await cluster.born(180_000);
        await voters(one, 3);
      };
      await timed("all servers back after a power cut", back());
      expect(await cluster.objects()).toEqual(before);
    });
  },
);

describeWith("a single server", { ...hostNeeds, ...productNeeds }, ({ vault, consul, nomad }) => {
  const scope = suiteScope();

  test("is a cluster by itself", async () => {
    const servers = { main: { count: 1, runs: everything } } as const;
    const cluster = await Cluster.launch(scope, { servers, programs: { vault, consul, nomad } });
    await timed("a single server born", cluster.born(180_000));
    await voters(cluster.servers[0] as Host, 1);
  });
});
