import { createConnection } from "node:net";
import { expect, test } from "vitest";
import { testScope } from "../support/temporary";
import { describeWith } from "../support/tools";
import { hostNeeds } from "./needs";
import { Network } from "./network";

/** Milliseconds until somebody at the address accepts. */
function connected(host: string, port: number): Promise<number> {
  const from = Date.now();
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, timeout: 10_000 }, () => {
      socket.destroy();
      resolve(Date.now() - from);
    });
    socket.once("timeout", () => socket.destroy(new Error(`${host}:${port} does not answer`)));
    socket.once("error", reject);
  });
}

describeWith("a room for machines", hostNeeds, () => {
  test("keeps its way to the cloud, whatever is plugged in meanwhile", async () => {
    const scope = testScope();
    const network = await Network.open(scope);
    const server = await network.listen(80, network.address(1));
    scope.defer(() => server.close());
    const bridge = async () => (await network.run("ip", ["-brief", "link", "show", "bridge"])).stdout;
    const before = await bridge();
    await connected(network.address(1), 80);
    for (let machine = 0; machine < 12; machine++) {
      await network.plug();
      expect(await connected(network.address(1), 80)).toBeLessThan(1_000);
      expect(await bridge()).toBe(before);
    }
  });
});
