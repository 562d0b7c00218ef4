import { beforeAll, expect, test } from "vitest";
import { type Product, products } from "../../../lib/node";
import { type Scope, suiteScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";
import { ask } from "./cluster";
import type { ImitatedNetwork } from "./imitated";
import { findNamespaces, type Host, MACHINES } from "./network";
import { secretsOf, startSampling, whereSeen } from "./secrets";
import { FIRST_BOOT, installWith, single } from "./server";

/** Servers of everything and a worker, on a cloud. */
interface Born<N extends ImitatedNetwork> {
  network: N;
  readonly servers: Host[];
  worker: Host;
}

/** A cluster comes up on a cloud, by its verbs and with the cloud's own sign-in, join and seal. `more` adds tests. */
export function describeBirth<N extends ImitatedNetwork>(
  title: string,
  count: 1 | 3,
  programs: Readonly<Record<string, string | undefined>>,
  start: (scope: Scope) => Promise<N>,
  more: (network: () => N) => void,
): void {
  const needs = { namespaces: findNamespaces(), ...programs, ...tools(products) };
  describeWith(title, needs, () => {
    const scope = suiteScope();
    const born = { servers: [] } as unknown as Born<N>;
    const all = () => [...born.servers, born.worker];
    const first = () => born.servers[0] as Host;
    let said = "";

    beforeAll(async () => {
      const network = await start(scope);
      born.network = network;
      const props = { ...single, cloud: network.cloud, servers: { main: { ...single.servers.main, count } } };
      for (let i = 0; i < count; i++) {
        const server = await network.host("server", "main");
        await installWith(network, server, props, network.values);
        born.servers.push(server);
      }
      born.worker = await network.host("worker", "general");
      const { workers: _, ...rest } = props;
      await installWith(network, born.worker, { ...rest, role: "worker", group: "general" }, network.values);
      for (const host of all()) startSampling(host);
    });

    test("is born when all of it starts at once", async () => {
      const boots = await Promise.all(all().map((host) => host.run(`timeout 290 ${FIRST_BOOT}`, 300_000)));
      said = boots.map(({ stdout, stderr }) => `${stdout}${stderr}`).join("\n");
      expect(
        boots.map(({ code }) => code),
        said,
      ).toEqual(all().map(() => 0));
      const { network } = born;
      const times = (line: string) => said.split(line).length - 1;
      expect(times("made the cluster document")).toBe(1);
      expect(times("initialised Vault")).toBe(1);
      expect(network.keys("vault-init/")).toEqual(["vault-init/1"]);
      expect(JSON.parse(network.object("vault-init/1") ?? "").state).toBe("stored");
      expect(network.keys("born/")).toEqual(["born/consul", "born/nomad", "born/vault"]);
    });

    test("leaves each secret in the store of those it is for", () => {
      const { network } = born;
      const { secrets } = network;
      const document = JSON.parse(network.object("document") ?? "");
      expect(network.secret(secrets.ca)).toBe(document.ca[0].cert);
      expect(JSON.parse(network.secret(secrets.bootstrapTokens) ?? "")).toEqual({
        consul: document.tokens["consul-bootstrap"],
        nomad: document.tokens["nomad-bootstrap"],
      });
      expect(JSON.parse(network.secret(secrets.recoveryKeys) ?? "").recovery_keys_base64).toHaveLength(5);
    });

    test("shows no secret in arguments, environments, logs or files that others may read", async () => {
      const secrets = secretsOf(born.network);
      for (const host of all()) expect(await whereSeen(host, secrets)).toEqual([]);
      for (const [name, secret] of Object.entries(secrets)) expect(said.includes(secret), name).toBe(false);
    });

    test("has found all its servers by the cloud, and its worker, which signed in with its identity", async () => {
      const name = (host: Host, group: string) => `${group}-${host.instance}`;
      const servers = born.servers.map((host) => name(host, "main"));
      const members: { Node: string }[] = await ask(born.network, first(), "consul", "catalog/nodes");
      expect(members.map(({ Node }) => Node).sort()).toEqual([...servers, name(born.worker, "general")].sort());
      const nodes: { Name: string; NodePool: string; Status: string }[] = await ask(
        born.network,
        first(),
        "nomad",
        "nodes",
      );
      expect(nodes.map(({ Name, NodePool, Status }) => `${Name} ${NodePool} ${Status}`)).toEqual([
        `${name(born.worker, "general")} general ready`,
      ]);
      const status = await first().run("caravan-node status");
      for (const product of products) expect(status.stdout).toContain(`${product}: ${count} of ${count} servers vote`);
      expect(await born.worker.do("caravan-node status")).toMatch(/consul: has joined\n[\s\S]*nomad: has joined\n/);
    });

    test("Vault takes a node for one of its own group, and only by what the cloud signed", async () => {
      const { network, worker } = born;
      const [own, other] = ["worker-general", "server-main"];
      const login = async (role: string, jwt: string) => {
        worker.write("/root/login", JSON.stringify({ role, jwt }), 0o600);
        const address = `https://vault.${MACHINES}:8200/v1/auth/node/login`;
        return JSON.parse(await worker.do(`curl -sS --cacert /etc/caravan/ca.pem -d @/root/login ${address}`));
      };
      const refused = { errors: [expect.any(String)] };
      const { auth } = await login(own, await worker.do(network.proofOf(own)));
      expect(auth.token_policies).toEqual(["default", own]);
      const proof = await worker.do(network.proofOf(other));
      expect(await login(other, proof)).toMatchObject(refused);
      const [head, claims = "", signature] = proof.split(".");
      const said = Buffer.from(claims, "base64url").toString();
      const forged = said.replaceAll(network.subjectOf(own), network.subjectOf(other));
      expect(forged).not.toBe(said);
      expect(await login(other, [head, Buffer.from(forged).toString("base64url"), signature].join("."))).toMatchObject(
        refused,
      );
    });

    test("saves snapshots, which the cloud is asked to keep", async () => {
      for (const host of born.servers) await host.do("caravan-node snapshot");
      expect(born.network.keys("snapshots/").map((key) => key.split("/")[1])).toEqual(["consul", "nomad", "vault"]);
    });

    test("is unsealed by the cloud's key when it starts again", async () => {
      const server = born.servers.at(-1) as Host;
      await server.do("systemctl restart vault.service nomad.service");
      expect(await server.do(`timeout 120 ${FIRST_BOOT} 2>&1`)).toMatch(
        /Vault is unsealed\n[\s\S]*nomad has a leader\n/,
      );
    });

    more(() => born.network);
  });
}

function tools(names: readonly Product[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, findTool(name)]));
}
