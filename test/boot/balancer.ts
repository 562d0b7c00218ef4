import { connect, createServer, type Socket } from "node:net";
import type { Scope } from "../support/scope";
import type { Network } from "./network";

/**
 * The cluster's internal balancer: passes connections through to a server that takes them, and knows nothing of what they carry.
 *
 * @param targets Addresses of the servers, asked at each connection.
 */
export async function balance(
  scope: Scope,
  network: Network,
  { address, ports, targets }: { address: string; ports: readonly number[]; targets: () => readonly string[] },
): Promise<void> {
  let turn = 0;
  for (const port of ports) {
    const open = new Set<Socket>();
    const server = createServer((from) => {
      open.add(from);
      from.once("close", () => open.delete(from));
      const all = targets();
      const first = turn++;
      const tryAt = (attempt: number) => {
        const host = all[(first + attempt) % all.length];
        if (host === undefined || attempt === all.length) return from.destroy();
        const to = connect({ host, port, timeout: 2_000 });
        const next = () => {
          to.destroy();
          tryAt(attempt + 1);
        };
        to.once("error", next).once("timeout", next);
        to.once("connect", () => {
          to.removeAllListeners("error").removeAllListeners("timeout").setTimeout(0);
          to.once("error", () => from.destroy());
          to.once("close", () => from.destroy());
          from.once("close", () => to.destroy());
          from.pipe(to).pipe(from);
        });
      };
      from.on("error", () => from.destroy());
      tryAt(0);
    });
    server.listen(await network.listen(port, address));
    scope.defer(() => {
      server.close();
      for (const socket of open) socket.destroy();
    });
  }
}
