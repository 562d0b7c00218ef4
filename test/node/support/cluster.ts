import type { Scope } from "../../support/temporary";
import { AutoScaling } from "./auto-scaling";
import { type Host, Lan } from "./lan";
import type { Network } from "./network";
import { startSampling } from "./secrets";
import { FIRST_BOOT, install, type Keys, oneOfThree, ROLES, serverTags } from "./server";

const SERVERS = "caravan-prod-server-main";
const WORKERS = "caravan-prod-worker-general";

/** Three servers of everything and two workers that may run jobs of raw_exec, each in its auto scaling group. */
export class ThreeServers {
  /** What all of them said at birth. */
  said: readonly string[] = [];

  private constructor(
    readonly lan: Lan,
    readonly groups: AutoScaling,
    private readonly keys: Keys,
    readonly servers: Host[],
    readonly workers: Host[],
  ) {}

  static async prepare(scope: Scope): Promise<ThreeServers> {
    const lan = await Lan.start(scope);
    for (const role of ROLES) lan.role(role);
    const keys = { seal: lan.key(), keyring: lan.key() };
    const cluster = new ThreeServers(lan, await AutoScaling.start(lan), keys, [], []);
    for (let i = 0; i < 3; i++) await cluster.addServer();
    for (let i = 0; i < 2; i++) {
      const worker = await lan.host("worker-general", { Name: "worker" });
      await install(lan, worker, { ...oneOfThree, role: "worker", group: "general", rawExec: true }, keys);
      cluster.groups.add(worker, WORKERS);
      cluster.workers.push(worker);
    }
    for (const host of cluster.all) startSampling(host);
    return cluster;
  }

  get all(): readonly Host[] {
    return [...this.servers, ...this.workers];
  }

  get first(): Host {
    return this.servers[0] as Host;
  }

  async addServer(): Promise<Host> {
    const host = await this.lan.host("server-main", serverTags);
    await install(this.lan, host, oneOfThree, this.keys);
    this.groups.add(host, SERVERS);
    this.servers.push(host);
    return host;
  }

  /** Boots all of them at once; the exit codes. */
  async boot(): Promise<number[]> {
    const boots = await Promise.all(this.all.map((host) => host.run(`timeout 290 ${FIRST_BOOT}`, 300_000)));
    this.said = boots.map(({ stdout, stderr }) => `${stdout}${stderr}`);
    return boots.map(({ code }) => code ?? -1);
  }

  /** One call to Consul's or Nomad's API as an administrator, from a server; the answer's JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  ask(product: "consul" | "nomad", path: string, body?: object): Promise<any> {
    return ask(this.lan, this.first, product, path, body);
  }
}

/** One call to Consul's or Nomad's API as an administrator, from one of the cluster's servers; the answer's JSON. */
export async function ask(
  network: Network,
  server: Host,
  product: "consul" | "nomad",
  path: string,
  body?: object,
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
): Promise<any> {
  const token = JSON.parse(network.object("document") ?? "").tokens[`${product}-bootstrap`];
  const [port, header] = product === "consul" ? [8501, "X-Consul-Token"] : [4646, "X-Nomad-Token"];
  const data = body === undefined ? "" : `-X POST -d '${JSON.stringify(body)}'`;
  const address = `https://127.0.0.1:${port}/v1/${path}`;
  const curl = `curl -sS --fail-with-body --retry 5 --retry-all-errors --cacert /etc/caravan/ca.pem -H '${header}: ${token}'`;
  return JSON.parse(await server.do(`${curl} ${data} '${address}'`));
}

/** Runs what `caravan-leave.service` runs. Each line of what it says begins with when it was said, in seconds. */
export function watched(host: Host, seconds: number) {
  const stamp = 'while IFS= read -r line; do echo "$(date +%s.%N) $line"; done';
  return host.run(`set -o pipefail; timeout ${seconds} caravan-node watch 2>&1 | ${stamp}`, (seconds + 10) * 1000);
}

/** When a line was said that ends so. */
export function saidAt(lines: string, end: string): number {
  const line = lines.split("\n").find((one) => one.endsWith(end));
  return Number(line?.split(" ")[0]);
}
