import type { Product } from "../../lib/node";
import type { Client } from "./client";
import type { Host } from "./host";

/** Addresses of a product's raft peers, in order, as its leader sees them. */
export async function peers(client: Client, product: Product): Promise<string[]> {
  const addresses = await (product === "vault" ? vaultPeers(client) : raftPeers(client, product));
  return addresses.map((address) => address.replace(/:\d+$/, "")).sort();
}

async function vaultPeers(client: Client): Promise<string[]> {
  const answer = await client.demand<{ data: { servers: Record<string, { address: string }> } }>(
    "vault",
    "GET",
    "sys/storage/raft/autopilot/state",
  );
  return Object.values(answer.data.servers).map(({ address }) => address);
}

async function raftPeers(client: Client, product: "consul" | "nomad"): Promise<string[]> {
  const answer = await client.demand<{ Servers: { Address: string }[] }>(product, "GET", "operator/raft/configuration");
  return answer.Servers.map(({ Address }) => Address);
}

/** Waits until `caravan-node status` says of all products that the host runs that so many servers vote. */
export async function voters(host: Host, count: number, timeoutMs = 90_000, runs = 3): Promise<void> {
  const script = `caravan-node status > /run/status; test "$(grep -c ': ${count} of ${count} servers vote' /run/status)" = ${runs} || { sleep 1; cat /run/status; false; }`;
  await host.until(`${count} servers vote`, timeoutMs, "sh", "-c", script);
}

/** The host that leads a product. */
export async function leader(hosts: readonly Host[], product: Product): Promise<Host> {
  const ports = { vault: 8200, consul: 8501, nomad: 4646 };
  const path = product === "vault" ? "sys/leader" : "status/leader";
  for (const host of hosts) {
    const url = `https://127.0.0.1:${ports[product]}/v1/${path}`;
    const answer = await host.exec("curl", "-s", "-m", "5", "--cacert", "/etc/caravan/ca.pem", url);
    const leads = product === "vault" ? answer.includes('"is_self":true') : answer.includes(`"${host.address}:`);
    if (leads) return host;
  }
  throw new Error(`nobody leads ${product}`);
}
