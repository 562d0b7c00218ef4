import { beforeAll, expect, test } from "vitest";
import { existingInfrastructure } from "../../lib/infrastructure/existing";
import { connectExisting, type Living, living } from "../../lib/operate/living";
import { roll } from "../../lib/operate/roll/roll";
import { status } from "../../lib/operate/status";
import { wait } from "../../lib/operate/wait";
import { suiteScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { Servers } from "./servers";

const programs = { vault: findTool("vault"), consul: findTool("consul"), nomad: findTool("nomad") };

describeWith("how real servers are", { ...programs, openssl: findTool("openssl") }, (found) => {
  const scope = suiteScope();
  let servers: Servers;
  const connected = (env: Record<string, string>): Living =>
    living({
      environment: "prod",
      groups: { main: ["vault", "consul", "nomad"] },
      endpoints: servers.endpoints,
      vaultServerId: "vault.prod.caravan.internal",
      env,
    });
  const withTokens = () =>
    connected({
      VAULT_TOKEN: servers.tokens.vault,
      CONSUL_HTTP_TOKEN: servers.tokens.consul,
      NOMAD_TOKEN: servers.tokens.nomad,
    });

  beforeAll(async () => {
    servers = await Servers.start(scope, found);
  });

  test("healthy, with leader, versions and the end of certificates", async () => {
    const lines: string[] = [];
    await wait(withTokens(), { timeout: "1m", report: (line) => lines.push(line) });
    const seen = await status(withTokens());
    expect(seen.verdict).toBe("healthy");
    expect(seen.findings).toEqual([]);
    expect(seen.products.map(({ product }) => product)).toEqual(["vault", "consul", "nomad"]);
    for (const health of seen.products) {
      expect(health.leader).toBe("127.0.0.1");
      expect(health.servers).toMatchObject([
        {
          address: "127.0.0.1",
          voter: true,
          leader: true,
          healthy: true,
          version: expect.stringMatching(/^1\.\d+\.\d+$/),
        },
      ]);
      const days = (Date.parse(health.certificateEnds ?? "") - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(9);
      expect(days).toBeLessThan(11);
    }
    expect(JSON.stringify(seen)).not.toContain(servers.tokens.vault);
  });

  test("who has no token sees that there are leaders, and is told what is not seen", async () => {
    const seen = await status(connected({}));
    expect(seen.verdict).toBe("healthy");
    expect(seen.findings.map(({ severity, about }) => `${severity} ${about}`)).toEqual([
      "warning vault",
      "warning consul",
      "warning nomad",
    ]);
    for (const health of seen.products) expect(health).toMatchObject({ leader: "127.0.0.1", denied: true });
  });

  test("servers that somebody else runs are seen by their addresses alone", async () => {
    const { vault, consul } = servers.urls;
    const contract = existingInfrastructure({
      environment: "dev",
      vault: { address: vault },
      consul: { address: consul },
      ca: servers.ca,
    });
    const existing = connectExisting(contract, {
      env: { VAULT_TOKEN: servers.tokens.vault, CONSUL_HTTP_TOKEN: servers.tokens.consul },
    });
    const seen = await status(existing);
    expect(seen.products.map(({ product, servers: members }) => [product, members?.length])).toEqual([
      ["vault", 1],
      ["consul", 1],
    ]);
    expect(seen.verdict).toBe("healthy");
    await expect(roll(existing)).rejects.toThrow(/nobody here knows the machines of dev/);
  });

  test("a certificate of somebody else is no answer", async () => {
    const { endpoints } = servers;
    const stranger = living({
      environment: "prod",
      groups: { main: ["vault"] },
      endpoints: { ...endpoints, vault: { url: servers.urls.vault } },
      vaultServerId: "",
      env: {},
    });
    const seen = await status(stranger);
    expect(seen.verdict).toBe("down");
    expect(seen.products[0]?.unreachable).toMatch(/self-signed certificate|unable to (get|verify)/);
  });

  test("a sealed Vault is down, and waited for until it is not", async () => {
    await servers.client("vault").demand("sys/seal", { method: "PUT" });
    const seen = await status(withTokens());
    expect(seen.verdict).toBe("down");
    expect(seen.findings).toMatchObject([{ severity: "down", about: "vault", what: "sealed" }]);
    await expect(wait(withTokens(), { timeout: "2s" })).rejects.toThrow(
      /waited \d+ s in vain: vault: sealed\n {2}fix:/,
    );
    const lines: string[] = [];
    const waiting = wait(withTokens(), { timeout: "1m", report: (line) => lines.push(line) });
    await servers.unseal();
    await waiting;
    expect(lines[0]).toBe("waiting: vault: sealed");
  });

  test("somebody else can end the waiting", async () => {
    const controller = new AbortController();
    const waiting = wait(connected({}), { signal: controller.signal });
    controller.abort(new Error("no more"));
    await waiting.catch((error) => expect(error.message).toBe("no more"));
  });

  test("who does not answer is down", async () => {
    await servers.stop("consul");
    const seen = await status(withTokens());
    expect(seen.verdict).toBe("down");
    expect(seen.findings[0]).toMatchObject({ about: "consul", what: expect.stringContaining("ECONNREFUSED") });
  });
});
