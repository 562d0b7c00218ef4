import { beforeAll, expect, test } from "vitest";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { isSigned } from "./support/auto-scaling";
import { saidAt, ThreeServers, watched } from "./support/cluster";
import { findLan, type Host, SECRETS } from "./support/lan";
import { secretsOf, whereSeen } from "./support/secrets";

const JOB = {
  ID: "sleeper",
  Type: "service",
  Datacenters: ["*"],
  NodePool: "general",
  TaskGroups: [
    {
      Name: "sleeper",
      Tasks: [{ Name: "sleeper", Driver: "raw_exec", Config: { command: "/bin/sleep", args: ["1000"] } }],
    },
  ],
};

describeWith(
  "a cluster of three servers and two workers",
  { "namespaces and moto": findLan(), vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") },
  () => {
    const scope = suiteScope();
    let cluster: ThreeServers;

    const nameOf = (worker: Host) => `general-${worker.instance.slice(2)}`;
    const allocations = () => cluster.ask("nomad", "job/sleeper/allocations");

    beforeAll(async () => {
      cluster = await ThreeServers.prepare(scope);
    });

    test("is born when all of it starts at once", async () => {
      expect(await cluster.boot(), cluster.said.join("\n")).toEqual([0, 0, 0, 0, 0]);
      const { lan, said } = cluster;
      const times = (line: string) => said.join("").split(line).length - 1;
      expect(times("made the cluster document")).toBe(1);
      expect(times("initialised Vault")).toBe(1);
      expect(lan.keys("vault-init/")).toEqual(["vault-init/1"]);
      expect(JSON.parse(lan.object("vault-init/1") ?? "").state).toBe("stored");
      expect(lan.keys("born/")).toEqual(["born/consul", "born/nomad", "born/vault"]);
    });

    test("shows no secret in arguments, environments, logs or files that others may read", async () => {
      const secrets = secretsOf(cluster.lan);
      expect(Object.keys(secrets).length).toBeGreaterThan(20);
      for (const host of cluster.all) expect(await whereSeen(host, secrets)).toEqual([]);
      for (const [name, secret] of Object.entries(secrets)) {
        expect(cluster.said.join("").includes(secret), name).toBe(false);
      }
      expect(
        await cluster.first.do(
          "find /var/lib/caravan -type f ! -name vault-handed-over ! -name vault-number ! -name library -printf '%m %p\\n' | sort",
        ),
      ).toBe([...["consul", "nomad", "vault"].map((name) => `600 /var/lib/caravan/joined-${name}`), ""].join("\n"));
    });

    test("leaves to deployer its tokens and to nobody's reading the recovery keys", () => {
      const { lan } = cluster;
      const document = JSON.parse(lan.object("document") ?? "");
      expect(JSON.parse(lan.secret(SECRETS.bootstrapTokens) ?? "")).toEqual({
        consul: document.tokens["consul-bootstrap"],
        nomad: document.tokens["nomad-bootstrap"],
      });
      expect(lan.secret(SECRETS.ca)).toBe(document.ca[0].cert);
      expect(JSON.parse(lan.secret(SECRETS.recoveryKeys) ?? "").recovery_keys_base64).toHaveLength(5);
    });

    test("takes the workers into their pool, by their names", async () => {
      const nodes: { Name: string; NodePool: string; Status: string }[] = await cluster.ask("nomad", "nodes");
      expect(nodes.map(({ Name, NodePool, Status }) => `${Name} ${NodePool} ${Status}`).sort()).toEqual(
        cluster.workers.map((worker) => `${nameOf(worker)} general ready`).sort(),
      );
      for (const worker of cluster.workers) {
        expect(await worker.do("caravan-node status")).toMatch(/consul: has joined\n[\s\S]*nomad: has joined\n/);
      }
    });

    test("a spot worker's jobs run elsewhere before it ends, and its group is told when it asks", async () => {
      await cluster.ask("nomad", "jobs", { Job: JOB });
      await expect
        .poll(async () => (await allocations())[0]?.ClientStatus, { timeout: 60_000, interval: 1_000 })
        .toBe("running");
      const [before] = await allocations();
      const leaving = cluster.workers.find((worker) => nameOf(worker) === before.NodeName) as Host;
      leaving.tell({ "meta-data/spot/instance-action": { action: "terminate", time: "2026-01-01T00:02:00Z" } });
      const watching = watched(leaving, 150);
      await expect
        .poll(
          () => leaving.run("[ -e /run/units/nomad.service.stopped ] && [ -e /run/units/vault-agent.service.stopped ]"),
          {
            timeout: 120_000,
            interval: 1_000,
          },
        )
        .toMatchObject({ code: 0 });
      // Auto Scaling, which has started another for it, asks only now.
      leaving.tell({ "meta-data/autoscaling/target-lifecycle-state": "Terminated" });
      const { code, stdout } = await watching;
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(/the cloud ends this instance: spot\n[\s\S]*nomad has left\n[\s\S]*consul has left\n/);

      const [now] = (await allocations()).filter(
        ({ ClientStatus }: { ClientStatus: string }) => ClientStatus === "running",
      );
      expect(cluster.workers.filter((worker) => worker !== leaving).map(nameOf)).toEqual([now.NodeName]);
      const started = Date.parse(now.TaskStates.sleeper.StartedAt) / 1000;
      expect(started).toBeLessThan(saidAt(stdout, "nomad has left"));
      const names = async () =>
        (await cluster.ask("consul", "catalog/nodes")).map(({ Node }: { Node: string }) => Node);
      await expect.poll(names, { timeout: 30_000 }).not.toContain(nameOf(leaving));
      const calls = cluster.groups.calls();
      expect(calls.map(({ parameters, refused }) => ({ ...parameters, refused }))).toEqual([
        {
          Action: "CompleteLifecycleAction",
          Version: "2011-01-01",
          AutoScalingGroupName: "caravan-prod-worker-general",
          LifecycleHookName: "caravan-leave",
          LifecycleActionResult: "CONTINUE",
          InstanceId: leaving.instance,
          refused: undefined,
        },
      ]);
      expect(calls.map((call) => isSigned(call, leaving))).toEqual([true]);
    });

    test("a server that its group ends leaves every raft group, and the others know it at once", async () => {
      const leaving = cluster.servers.pop() as Host;
      leaving.tell({ "meta-data/autoscaling/target-lifecycle-state": "Terminated" });
      const { code, stdout } = await watched(leaving, 240);
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(
        /the cloud ends this instance: lifecycle\n[\s\S]*nomad has left\n[\s\S]*consul has left\n[\s\S]*vault has left\n/,
      );
      const [, call] = cluster.groups.calls();
      expect(call?.parameters).toMatchObject({
        AutoScalingGroupName: "caravan-prod-server-main",
        InstanceId: leaving.instance,
      });
      expect(call && isSigned(call, leaving)).toBe(true);
      const status = await cluster.first.run("caravan-node status");
      expect(status.code).toBe(1);
      for (const product of ["vault", "consul", "nomad"]) {
        expect(status.stdout).toMatch(new RegExp(`BAD +${product}: 2 of 3 servers vote`));
      }
      // One more would be one too many.
      const { stderr } = await cluster.first.run("caravan-node leave");
      expect(stderr).toContain("nomad would lose its quorum without this server");
    });
  },
);
