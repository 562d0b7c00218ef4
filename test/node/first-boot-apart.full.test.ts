import { expect, test } from "vitest";
import { describeApart } from "./support/apart";
import type { Host } from "./support/lan";

describeApart("Vault and Consul together, Nomad apart", { main: ["vault", "consul"], jobs: ["nomad"] }, "addresses");
describeApart("Vault and Nomad together, Consul apart", { main: ["vault", "nomad"], names: ["consul"] }, "cloud");
describeApart("no Consul", { main: ["vault"], jobs: ["nomad"] }, "addresses");
describeApart("no Nomad", { main: ["vault"], names: ["consul"] }, "cloud");
describeApart("Vault alone", { main: ["vault"] }, "cloud");

// As in production without NAT: Vault by itself, and servers that cannot ask the cloud for their peers.
describeApart(
  "Vault in a group of its own, and a network without NAT",
  { vault: ["vault"], main: ["consul", "nomad"] },
  "addresses",
  (cluster) => {
    test("agents have the addresses of their servers from first boot", () => {
      const worker = cluster.worker as Host;
      const main = cluster.servers["main"] as Host;
      expect(JSON.parse(worker.read("/etc/consul.d/peers.json"))).toEqual({ retry_join: [main.address] });
      expect(JSON.parse(worker.read("/etc/nomad.d/peers.json"))).toEqual({
        client: { server_join: { retry_join: [main.address] } },
      });
      expect(JSON.parse(main.read("/etc/nomad.d/peers.json"))).toEqual({
        server: { server_join: { retry_join: [main.address] } },
      });
    });

    test("a server of one product does what is its own", async () => {
      const vault = cluster.servers["vault"] as Host;
      expect((await vault.run("caravan-node restore nomad")).stderr).toContain(
        "this server does not run nomad: it runs vault",
      );
      await cluster.servers["main"]?.do("caravan-node rotate gossip consul");
      const { gossip } = JSON.parse(cluster.lan.object("document") ?? "");
      await expect
        .poll(
          () =>
            cluster.worker?.do("systemctl restart vault-agent.service; sleep 2; cat /etc/consul.d/secret/secret.json"),
          { timeout: 60_000 },
        )
        .toContain(gossip.consul);
    });
  },
);
