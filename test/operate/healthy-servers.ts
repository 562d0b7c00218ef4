import { type Living, living } from "../../lib/operate/living";
import { answering } from "./aws-answers";
import type { FakeCloud } from "./fake-cloud";

/** An environment whose products answer over HTTP that all machines of its cloud vote and are well; and what they are told. */
export async function healthy(
  cloud: FakeCloud,
  answers: (path: string) => { readonly status?: number; readonly body: string } | undefined = () => undefined,
): Promise<{ readonly living: Living; readonly asked: readonly { readonly url: string }[] }> {
  const { url, asked } = await answering(({ url: path }) => {
    const told = answers(path);
    if (told !== undefined) return told;
    const servers = cloud.machines.map(({ address = "" }, index) => ({ address, leader: index === 0 }));
    const leader = servers[0]?.address ?? "";
    const said: Record<string, unknown> = {
      "/v1/sys/health": { initialized: true, sealed: false },
      "/v1/sys/leader": { leader_address: `https://${leader}:8200` },
      "/v1/sys/storage/raft/autopilot/state": {
        data: {
          servers: Object.fromEntries(
            servers.map((server) => [
              server.address,
              {
                ...server,
                id: server.address,
                status: server.leader ? "leader" : "voter",
                healthy: true,
                version: "1",
              },
            ]),
          ),
        },
      },
      "/v1/status/leader": `${leader}:8300`,
      "/v1/operator/autopilot/health": {
        Servers: servers.map((server) => ({
          ...{ ID: server.address, Address: `${server.address}:8300`, Voter: true, Leader: server.leader },
          ...{ Healthy: true, Version: "1" },
        })),
      },
    };
    // Who leads refuses whoever has no token.
    if (path === "/v1/auth/token/lookup-self") return { status: 403, body: "{}" };
    return { body: JSON.stringify(said[path.split("?")[0] ?? ""] ?? {}) };
  });
  const endpoint = { url };
  const environment = living({
    environment: "prod",
    groups: { main: ["vault", "consul", "nomad"] },
    endpoints: { vault: endpoint, consul: endpoint, nomad: endpoint },
    vaultServerId: "vault.prod.caravan.internal",
    cloud,
    env: { VAULT_TOKEN: "t", CONSUL_HTTP_TOKEN: "t", NOMAD_TOKEN: "t" },
  });
  return { living: environment, asked };
}
