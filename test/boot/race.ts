import { expect } from "vitest";
import type { Scope } from "../support/scope";
import { Cluster, type ClusterOptions } from "./cluster";

/** What a first boot leaves on a server, but for what cloud-init wrote. */
const FORGET = `
  systemctl stop caravan-first-boot caravan-leave vault-agent vault
  rm -rf /var/lib/caravan /etc/caravan/ca.pem /run/caravan
  find /var/lib/vault /etc/vault.d/tls -mindepth 1 -delete`;

const INITIALISED = `curl -sf --cacert /etc/caravan/ca.pem 'https://127.0.0.1:8200/v1/sys/health?standbyok=true'`;
const RACE_MS = 240_000;

export interface Races {
  /** Races in which more than one server asked to be the one that initialises Vault. */
  readonly contended: number;
  /** Times that the bucket refused a server that was too late, for the claim and for the cluster document. */
  readonly refused: number;
  readonly seconds: number;
}

/**
 * Three servers of Vault run first boot's own unit at once, on empty disks and an empty bucket, so many times; the hosts stay.
 * In every other race they start a little apart. Each time there is one claim, one initialisation, one cluster document, and all
 * three servers are unsealed in the same Vault.
 */
export async function race(scope: Scope, programs: ClusterOptions["programs"], times: number): Promise<Races> {
  const servers = { main: { count: 3, runs: ["vault"] } } as const;
  const cluster = await Cluster.launch(scope, { servers, programs });
  await cluster.born(RACE_MS);
  const from = Date.now();
  let [contended, refused] = [0, 0];
  for (let turn = 1; turn <= times; turn++) {
    await Promise.all(cluster.servers.map((host) => host.exec("sh", "-c", FORGET)));
    const left = (await cluster.objects()).filter((key) => !key.startsWith("library/"));
    await Promise.all(left.map((key) => cluster.deleteObject(key)));
    cluster.cloud.answered.splice(0);
    await Promise.all(
      cluster.servers.map(async (host, index) => {
        if (turn % 2 === 0) await new Promise((resolve) => setTimeout(resolve, (((turn * 37) % 10) * 100 * index) / 2));
        await host.exec("systemctl", "start", "--no-block", "caravan-first-boot.service");
      }),
    );
    await Promise.all(cluster.servers.map((host) => host.until("Vault is unsealed", RACE_MS, "sh", "-c", INITIALISED)));

    expect(await cluster.objects("vault-init/"), `race ${turn}`).toEqual(["vault-init/1"]);
    expect(JSON.parse(await cluster.object("vault-init/1")), `race ${turn}`).toMatchObject({ state: "stored" });
    const clusters = cluster.servers.map((host) => host.exec("sh", "-c", `${INITIALISED} | jq -r .cluster_id`));
    expect(new Set(await Promise.all(clusters)).size, `race ${turn}`).toBe(1);
    const writes = cluster.cloud.answered.filter(({ service, method }) => service === "s3" && method === "PUT");
    const claims = writes.filter(({ path }) => path.endsWith("vault-init/1"));
    const late = (what: string) => writes.filter(({ path, status }) => path.endsWith(what) && status === 412).length;
    if (claims.some(({ status }) => status === 412)) contended++;
    refused += late("vault-init/1") + late("/document");
  }
  const seconds = (Date.now() - from) / 1000;
  const said = await Promise.all(cluster.servers.map((host) => host.journal("caravan-first-boot.service")));
  const count = (line: string) => said.join("\n").split(line).length - 1;
  // One more: the birth of the hosts themselves.
  expect(count("initialised Vault")).toBe(times + 1);
  expect(count("made the cluster document")).toBe(times + 1);
  return { contended, refused, seconds };
}
