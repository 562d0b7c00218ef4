import { beforeAll, expect, test } from "vitest";
import { type Product, products, type ServerNodeProps } from "../../../lib/node";
import { suiteScope } from "../../support/temporary";
import { describeWith, findTool } from "../../support/tools";
import { findLan, type Host, Lan } from "./lan";
import { FIRST_BOOT, install, type Keys, single } from "./server";

/** Products by the server group that runs them; each group has one server. */
export type Layout = Readonly<Record<string, readonly Product[]>>;

export interface Apart {
  lan: Lan;
  /** The server of each group. */
  readonly servers: Record<string, Host>;
  worker: Host | undefined;
}

/** A cluster whose products are apart comes up, with a worker, and every part finds the others. `more` adds tests. */
export function describeApart(
  title: string,
  layout: Layout,
  discovery: "cloud" | "addresses",
  more: (cluster: Apart) => void = () => {},
): void {
  const needs = { "namespaces and moto": findLan(), ...Object.fromEntries(products.map((p) => [p, findTool(p)])) };
  const groups = Object.entries(layout);
  const homes = groups.flatMap(([group, runs]) => runs.map((product) => ({ product, group })));
  const home = (product: Product) => homes.find((one) => one.product === product)?.group;

  describeWith(title, needs, () => {
    const scope = suiteScope();
    const cluster = { servers: {}, worker: undefined } as unknown as Apart;
    const at = (product: Product) => cluster.servers[home(product) ?? ""];
    const hosts = () => [...Object.values(cluster.servers), ...(cluster.worker ? [cluster.worker] : [])];
    /** A worker is a client of what there is beside Vault. */
    const clients = homes.some(({ product }) => product !== "vault");

    beforeAll(async () => {
      const lan = await Lan.start(scope);
      cluster.lan = lan;
      const props: ServerNodeProps = {
        ...single,
        discovery,
        servers: Object.fromEntries(groups.map(([group, runs]) => [group, { count: 1, runs }])),
        workers: clients ? single.workers : {},
      };
      const roles = groups.map(([group]) => `server-${group}`);
      for (const role of [...roles, "worker-general", "deployer", "planner"]) lan.role(role);
      const keys: Keys = { seal: lan.key(), keyring: lan.key() };
      for (const [group, runs] of groups) {
        const host = await lan.host(
          `server-${group}`,
          Object.fromEntries(runs.map((one) => [`caravan-${one}`, "prod"])),
        );
        await install(lan, host, { ...props, group }, keys);
        cluster.servers[group] = host;
      }
      if (clients) {
        cluster.worker = await lan.host("worker-general", { Name: "worker" });
        const { workers: _, ...rest } = props;
        await install(lan, cluster.worker, { ...rest, role: "worker", group: "general" }, keys);
      }
      for (const { product } of homes) for (const host of hosts()) lan.leadTo(at(product) as Host, host, [product]);
    });

    test("all come up, and are well with a snapshot", async () => {
      const boot = (host: Host) => host.run(`timeout 290 ${FIRST_BOOT}`, 300_000);
      const joining = cluster.worker && boot(cluster.worker);
      const boots = await Promise.all(Object.values(cluster.servers).map(boot));
      // Nomad may have been up before Vault was handed over: then the timer brings the introductions.
      await at("nomad")?.do("caravan-node introduce");
      if (joining) boots.push(await joining);
      expect(
        boots.map(({ code }) => code),
        boots.map(({ stderr }) => stderr).join("\n"),
      ).toEqual(boots.map(() => 0));
      for (const host of Object.values(cluster.servers)) {
        await host.do("caravan-node snapshot");
        expect(await host.do("caravan-node status")).not.toContain("BAD");
      }
      for (const client of clients ? (["consul", "nomad"] as const).filter(home) : []) {
        expect(await cluster.worker?.do("caravan-node status")).toContain(`${client}: has joined`);
      }
    });

    test("a server has a token of Consul's exactly where it needs one, and it is good at Consul's address", async () => {
      for (const [group, runs] of groups.filter(([, all]) => all.includes("nomad"))) {
        const server = cluster.servers[group] as Host;
        const { consul } = JSON.parse(server.read("/etc/nomad.d/secret/secret.json"));
        expect(consul !== undefined).toBe(home("consul") !== undefined);
        if (consul === undefined) continue;
        const { address } = JSON.parse(server.read("/etc/nomad.d/nomad.json")).consul;
        expect(address).toBe(runs.includes("consul") ? "127.0.0.1:8501" : "consul.prod.caravan.internal:8501");
        const ask = `curl -sf --cacert /etc/caravan/ca.pem -H 'X-Consul-Token: ${consul.token}' https://${address}/v1/agent/self`;
        expect(JSON.parse(await server.do(ask)).Config.Server).toBe(true);
        expect(server.read("/var/log/units/nomad.service")).not.toMatch(/"@level":"error".*consul/);
      }
      const beside = groups.find(([, runs]) => !runs.includes("consul"))?.[0];
      if (beside !== undefined) {
        await cluster.servers[beside]?.do("! ls /etc/consul.d/consul.json 2>/dev/null");
      }
    });

    more(cluster);
  });
}
