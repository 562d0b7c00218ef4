import { expect, test } from "vitest";
import { run, Scope, suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Cluster } from "./cluster";
import { attached, disk } from "./data-volume";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { timed } from "./timed";

const everything = ["vault", "consul", "nomad"] as const;

describeWith("a disk of the harness", hostNeeds, () => {
  test("is given back with the test, though it is still mounted when that ends", async () => {
    const scope = new Scope();
    const device = `/dev/loop${(await disk(scope)).split(" ")[1]}`;
    const file = async () => (await run("losetup", ["--noheadings", "--output", "BACK-FILE", device])).stdout.trim();
    expect(await file()).toMatch(/caravan-disk-.*\/disk$/);
    const place = scope.directory("mounted");
    const script = `mkfs.ext4 -q ${device}; mount ${device} ${place}; echo mounted; exec sleep infinity`;
    const user = scope.process("unshare", ["--mount", "sh", "-ec", script]);
    await user.until(async () => user.output.includes("mounted"), "a mount of the disk");
    await scope.close();
    await expect.poll(file, { timeout: 10_000 }).toBe("");
  });
});

describeWith(
  "a single server whose data is on a volume",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();

    test("is succeeded by another machine, which goes on with all that it had", async () => {
      const device = await disk(scope);
      const servers = { main: { count: 1, runs: everything } } as const;
      const programs = { vault, consul, nomad };
      const cluster = await Cluster.launch(scope, { servers, programs, dataVolume: true });
      const server = cluster.servers[0] as Host;
      await timed("born on a new volume", Promise.all([attached(cluster, server, device), cluster.born(240_000)]));
      expect(await server.journal("caravan-first-boot")).toContain("made a filesystem on the new volume");
      for (const product of everything) await server.exec("mountpoint", `/var/lib/${product}`);

      const tokens = JSON.parse(await cluster.secret("bootstrapTokensSecret")) as { consul: string; nomad: string };
      const as = (script: string) =>
        server.exec(
          "sh",
          "-ec",
          `export CONSUL_HTTP_ADDR=https://127.0.0.1:8501 CONSUL_CACERT=/etc/caravan/ca.pem CONSUL_HTTP_TOKEN=${tokens.consul} \
            NOMAD_ADDR=https://127.0.0.1:4646 NOMAD_CACERT=/etc/caravan/ca.pem NOMAD_TOKEN=${tokens.nomad} \
            VAULT_ADDR=https://127.0.0.1:8200 VAULT_CACERT=/etc/caravan/ca.pem
          ${script}`,
        );
      const clusterId = "vault status -format=json | jq -r '.cluster_id, .initialized, .sealed'";
      await as("consul kv put kept yes; nomad var put -force kept it=yes >/dev/null");
      const born = await as(clusterId);
      const before = server.instance.instanceId;

      await server.replace();
      await timed(
        "succeeded by another machine",
        Promise.all([attached(cluster, server, device), cluster.born(240_000)]),
      );
      const journal = await server.journal("caravan-first-boot");
      expect(journal).toContain(`this server goes on with the data of ${before}`);
      expect(journal).not.toContain("made a filesystem");
      expect(await as("consul kv get kept; nomad var get -out=json kept | jq -r .Items.it")).toBe("yes\nyes\n");
      expect(await as(clusterId)).toBe(born);
      expect(await cluster.objects("vault-init/")).toEqual(["vault-init/1"]);
      await server.until(
        "it is well",
        90_000,
        "sh",
        "-c",
        `test "$(caravan-node status | tee /run/status | grep -c ': 1 of 1 servers vote')" = 3 || { cat /run/status; false; }`,
      );

      await server.powerCut();
      await server.start();
      await timed("back after a power cut", Promise.all([attached(cluster, server, device), cluster.born(240_000)]));
      expect(await as("consul kv get kept")).toBe("yes\n");
    });
  },
);
