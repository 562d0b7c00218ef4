import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Cart } from "../../lib/carts";
import type { Job } from "../../lib/nomad";
import { AppliedCarts } from "../carts/ground";
import { onThisMachine } from "../carts/on-this-machine";
import { type ApiJob, editStack } from "../support/edit-stack";
import { productPrograms } from "../support/hashicorp/programs";
import { type Servers, startServers } from "../support/hashicorp/servers";
import { difference, type Written, written } from "../support/hashicorp/written";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { until } from "./gateway-here";
import { Ground } from "./ground";

const needs = {
  ...productPrograms,
  terraform: findTool("terraform"),
  root: process.getuid?.() === 0 ? true : undefined,
};

/**
 * The jobs of the plugins are those of EBS, with a small plugin in place of the driver's image, whose volumes are directories.
 * Tasks are processes, for which Nomad mounts nothing: a volume of a node is found at its place there, and none of the cloud's is
 * published.
 */
describeWith("storage on real servers", needs, (programs) => {
  const scope = suiteScope();
  const store = scope.directory("store");
  const hostVolumesDir = scope.directory("host-volumes");
  let servers: Servers;
  let ground: Ground;
  let carts: AppliedCarts;
  let before: Written;
  beforeAll(async () => {
    servers = await startServers(scope, programs, { hostVolumesDir });
    ground = await Ground.start(scope, programs.terraform, servers, {
      nomad: { namespaces: { default: { drivers: ["docker", "raw_exec"], networks: ["bridge", "host"] } } },
    });
    carts = new AppliedCarts(scope, programs.terraform, ground, servers);
    before = await written(servers);
  });

  /** The support with the plugin of EBS and a volume of each kind. */
  function commit(): void {
    ground.commit({
      storage: {
        cloud: "aws",
        nodePools: ["default"],
        controllers: 1,
        volumes: { archive: { capacityMin: "1GiB" } },
        hostVolumes: { scratch: {} },
      },
    });
    editStack(ground.directory, {
      job: (job) => (job.Namespace === "caravan-storage" ? withPlugin(job) : undefined),
      drivers: ["raw_exec"],
    });
  }

  function withPlugin(job: ApiJob): ApiJob {
    const [group] = job.TaskGroups;
    const [{ Config: _, Resources: __, ...task }] = group.Tasks;
    const args = [join(__dirname, "../support/csi/plugin.cjs"), task.CSIPluginConfig.Type, store];
    const Tasks = [{ ...task, Driver: "raw_exec", Config: { command: process.execPath, args } }];
    return { ...job, TaskGroups: [{ ...group, Tasks }] };
  }

  /** What the plugin did, in order. */
  const calls = () => readFileSync(join(store, "calls"), "utf8").trim().split("\n");
  const at = (call: string) => calls().indexOf(call);

  const job = (id: string, count = 1): Job => ({
    id,
    group: {
      main: { count, task: { main: { driver: "docker", config: { image: `registry.example.com/${id}:1.0.0` } } } },
    },
  });

  /** An application that adds its allocation to a file of its volume. */
  function ledger(version: string): Cart {
    const write = `for at in ${hostVolumesDir}/*/; do echo "${version} $NOMAD_ALLOC_ID" >> "$at/ledger"; done; exec sleep 600`;
    const volumes = { name: "ledger-data", destination: "/data" };
    return onThisMachine(new Cart("ledger", { jobs: job("ledger"), volumes }), {
      main: { command: "/bin/sh", args: ["-c", write] },
    });
  }

  /** One with a volume of the cloud, which is about to be started. */
  const shelf = new Cart("shelf", {
    jobs: job("shelf", 0),
    volumes: { name: "shelf-data", type: "csi", plugin: "aws-ebs", destination: "/data", size: "1GiB" },
  });

  const running = () =>
    until("the new allocation runs", async () => {
      const all = await servers.nomad.must("GET", "job/ledger/allocations");
      const living = all.filter(({ ClientStatus }: Record<string, string>) => ClientStatus === "running");
      return living.length === 1 ? (living[0].ID as string) : undefined;
    });

  test("plugins are healthy before the first volume is made, and a second plan is empty", async () => {
    commit();
    await ground.terraform.apply();
    expect(await ground.actions()).toEqual([]);
    expect(at("controller CreateVolume archive")).toBeGreaterThan(at("controller serves"));
    const plugin = await servers.nomad.must("GET", "plugin/csi/aws-ebs");
    expect(plugin).toMatchObject({ Provider: "directories.test", ControllersHealthy: 1, ControllersExpected: 1 });
    const healthy = async () => (await servers.nomad.must("GET", "plugin/csi/aws-ebs")).NodesHealthy;
    await expect.poll(healthy, { timeout: 30_000 }).toBe(1);
    const volumes = await servers.nomad.must("GET", "volumes?type=csi");
    expect(volumes.map(({ ID, Schedulable }: { ID: string; Schedulable: boolean }) => [ID, Schedulable])).toEqual([
      ["archive", true],
    ]);
    expect(await servers.nomad.must("GET", "volumes?type=host")).toMatchObject([{ Name: "scratch", State: "ready" }]);
  });

  test("what one allocation of a Cart wrote, the next one finds in its node's volume", async () => {
    await carts.commit([ledger("one"), shelf]);
    await carts.terraform.apply();
    expect(await carts.actions()).toEqual([]);
    expect(readdirSync(join(store, "volumes")).sort()).toEqual(["archive", "shelf-data"]);
    const first = await running();
    await carts.commit([ledger("two"), shelf]);
    await carts.terraform.apply();
    const second = await running();
    const volumes = await servers.nomad.must("GET", "volumes?type=host");
    const { ID, NodePool } = volumes.find(({ Name }: { Name: string }) => Name === "ledger-data");
    expect(NodePool).toBe("default");
    const { HostPath } = await servers.nomad.must("GET", `volume/host/${ID}`);
    expect(readFileSync(join(HostPath, "ledger"), "utf8")).toBe(`one ${first}\ntwo ${second}\n`);
  });

  test("Carts that go take their volumes along", async () => {
    await carts.destroy();
    expect(readdirSync(join(store, "volumes"))).toEqual(["archive"]);
    expect(await servers.nomad.must("GET", "volumes?type=host")).toMatchObject([{ Name: "scratch" }]);
  });

  test("destroyed, volumes go before their plugin, and nothing is left", async () => {
    await ground.terraform.destroy();
    expect(readdirSync(join(store, "volumes"))).toEqual([]);
    await until("the plugin has ended", async () => (at("controller ends") > 0 && at("node ends") > 0) || undefined);
    expect(at("controller DeleteVolume archive")).toBeLessThan(Math.min(at("controller ends"), at("node ends")));
    expect(await servers.nomad.must("GET", "volumes?type=host")).toEqual([]);
    expect(difference(before, await written(servers))).toEqual({});
  });
});
