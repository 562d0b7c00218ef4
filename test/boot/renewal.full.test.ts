import { connect } from "node:tls";
import { beforeAll, expect, test } from "vitest";
import { ports, products } from "../../lib/node";
import { suiteScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { Client } from "./client";
import { Cluster } from "./cluster";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";
import { timed } from "./timed";

const LIFETIME_S = 180;

/** Serial number and end of the certificate that answers at a port. */
function served(host: Host, port: number): Promise<{ serial: string; end: number }> {
  return new Promise((resolve, reject) => {
    // What is asked here is when it ends, not whether it is trusted.
    const socket = connect({ host: host.address, port, rejectUnauthorized: false, timeout: 5_000 }, () => {
      const { serialNumber, valid_to } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ serial: serialNumber, end: Date.parse(valid_to) });
    });
    socket.once("error", reject).once("timeout", () => socket.destroy(new Error(`${host.name}:${port} is silent`)));
  });
}

describeWith(
  "certificates, tokens and sign-ins that live for minutes",
  { ...hostNeeds, ...productNeeds },
  ({ vault, consul, nomad }) => {
    const scope = suiteScope();
    let cluster: Cluster;
    let deployer: Client;
    let server: Host;
    let worker: Host;

    beforeAll(async () => {
      const servers = { main: { count: 1, runs: products } } as const;
      const programs = { vault, consul, nomad };
      cluster = await Cluster.launch(scope, { servers, workers: { general: 1 }, programs });
      [server, worker] = [cluster.servers[0] as Host, cluster.workers[0] as Host];
      await timed("born", cluster.born(240_000));
      deployer = await Client.deployer(cluster, vault);
      await shorten();
    }, 900_000);

    /** What Vault gives from now on ends soon; what was given before goes. */
    async function shorten(): Promise<void> {
      // A write replaces such a role whole, but a role of sign-in in part.
      const change = async (path: string, settings: Readonly<Record<string, unknown>>) => {
        const { data } = await deployer.demand<{ data: object }>("vault", "GET", path);
        await deployer.demand("vault", "POST", path, { ...data, ...settings });
      };
      const lifetime = { ttl: `${LIFETIME_S}s`, max_ttl: `${LIFETIME_S}s` };
      for (const role of ["vault-server", "consul-server", "nomad-server", "consul-client", "nomad-client"]) {
        await change(`pki-nodes/roles/${role}`, lifetime);
      }
      for (const role of ["agent-general", "dns", "nomad-client-general"]) {
        await change(`consul/roles/${role}`, { ttl: "60s", max_ttl: `${LIFETIME_S}s` });
      }
      for (const role of ["server-main", "worker-general"]) {
        const lifetimes = { token_ttl: "60s", token_max_ttl: "120s" };
        await deployer.demand("vault", "POST", `auth/node/role/${role}`, lifetimes);
      }
      for (const host of [server, worker]) {
        // Workers of a group would take up to five minutes to restart Nomad one after the other, longer than a token lives here.
        const script = `
          mkdir -p /run/systemd/system/caravan-secrets-nomad.service.d
          printf '[Service]\\nExecStartPre=\\n' > /run/systemd/system/caravan-secrets-nomad.service.d/now.conf
          systemctl daemon-reload
          systemctl stop vault-agent
          rm -f /etc/*.d/tls/*.pem
          systemctl start vault-agent`;
        await host.exec("sh", "-ec", script);
      }
    }

    test("are renewed before they end, and used", async () => {
      const places = [
        ...[ports.vault, ports.consul, ports.nomad].map((port) => [server, port] as const),
        [worker, ports.nomad] as const,
      ];
      const serials = new Map(places.map((place) => [place, new Set<string>()]));
      const heard = new Map(places.map((place) => [place, Date.now()]));
      const tokens = new Set<string>();
      let least = Number.POSITIVE_INFINITY;
      const begun = Date.now();
      const limit = (LIFETIME_S * 3 + 60) * 1_000;
      while (![...serials.values()].every((seen) => seen.size >= 3)) {
        for (const place of places) {
          const answer = await served(...place).catch(() => undefined);
          // A new token of Nomad's client takes a restart of it.
          const silent = (Date.now() - (heard.get(place) ?? 0)) / 1000;
          expect(silent, `${place[0].name}:${place[1]} has been silent`).toBeLessThan(30);
          if (answer === undefined) continue;
          heard.set(place, Date.now());
          const { serial, end } = answer;
          const left = (end - Date.now()) / 1000;
          // First boot's own, of thirty days, is still used for a moment.
          if (left > LIFETIME_S) continue;
          least = Math.min(least, left);
          expect(left, `${place[0].name}:${place[1]} answers with a certificate that has ended`).toBeGreaterThan(0);
          serials.get(place)?.add(serial);
        }
        tokens.add(await worker.exec("jq", "-r", ".acl.tokens.agent", "/etc/consul.d/secret/secret.json"));
        const seen = [...serials].map(([[host, port], some]) => `${host.name}:${port} ${some.size}`).join(", ");
        if (Date.now() - begun > limit) throw new Error(`certificates seen within ${limit / 1000} s: ${seen}`);
        await new Promise((resolve) => setTimeout(resolve, 2_000));
      }
      console.log(
        `certificates of ${LIFETIME_S} s: all renewed twice in ${((Date.now() - begun) / 1000).toFixed(0)} s, the least left was ${least.toFixed(0)} s; the worker's agent had ${tokens.size} tokens of Consul`,
      );
      expect(tokens.size).toBeGreaterThan(2);
    });

    test("leave all as well as it was", async () => {
      const joined = 'test "$(caravan-node status | grep -c "has joined")" = 2';
      await worker.until("both have joined", 60_000, "sh", "-c", joined);
      const nodes = await deployer.demand<{ Status: string }[]>("nomad", "GET", "nodes");
      expect(nodes.map(({ Status }) => Status)).toEqual(["ready"]);
      const name = `general-${worker.instance.instanceId.slice(2)}`;
      const checks = await deployer.demand<{ Status: string }[]>("consul", "GET", `health/node/${name}`);
      expect(checks.map(({ Status }) => Status)).toEqual(["passing"]);
      for (const host of [server, worker]) {
        expect(
          await host.exec(
            "systemctl",
            "list-units",
            "--failed",
            "--plain",
            "--no-legend",
            "vault*",
            "consul*",
            "nomad*",
            "caravan*",
          ),
        ).toBe("");
      }
    });
  },
);
