import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, type Scope } from "../support/temporary";

export interface NomadAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  readonly body: any;
}

/** Speaks to a Nomad agent's HTTP API. */
export class NomadClient {
  constructor(
    readonly address: string,
    readonly token = "",
  ) {}

  /** Sends a request; a refusal is an answer too. */
  async ask(method: string, path: string, body?: unknown): Promise<NomadAnswer> {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { "X-Nomad-Token": this.token };
    const response = await fetch(`${this.address}${path}`, { method, headers, ...init });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      return { status: response.status, body: text };
    }
  }

  /** Sends a request that must succeed. */
  async get(path: string): Promise<NomadAnswer["body"]> {
    return this.must("GET", path);
  }

  async must(method: string, path: string, body?: unknown): Promise<NomadAnswer["body"]> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** Registers a job; what Nomad warns of is an error where `quiet` is set. */
  async register(job: { readonly ID?: string }, options: { readonly quiet?: boolean } = {}): Promise<void> {
    const { Warnings: warnings } = await this.must("POST", "/v1/jobs", { Job: job });
    if (options.quiet && warnings !== "") throw new Error(`job ${job.ID}: ${warnings}`);
  }

  /** Everything Nomad has against a job; empty where it takes it. */
  async objections(job: unknown): Promise<string> {
    const { status, body } = await this.ask("PUT", "/v1/validate/job", { Job: job });
    return status === 200 ? (body.Error ?? "") : String(body);
  }

  /** Waits until a condition holds, and returns what it gave. */
  async until<T>(what: string, ask: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      if (Date.now() > end) throw new Error(`${what}: not so after ${timeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A Consul agent of its own, whose services speak HTTP; returns its address. */
export async function startConsul(program: string, scope: Scope): Promise<string> {
  const directory = scope.directory("consul");
  const ports = ["http", "dns", "grpc", "grpc_tls", "server", "serf_lan", "serf_wan"];
  const numbers = await Promise.all(ports.map(() => freePort()));
  const file = join(directory, "agent.json");
  const configuration = {
    ports: Object.fromEntries(ports.map((port, index) => [port, numbers[index]])),
    disable_update_check: true,
    config_entries: { bootstrap: [{ kind: "proxy-defaults", name: "global", config: { protocol: "http" } }] },
  };
  writeFileSync(file, JSON.stringify(configuration));
  const args = ["agent", "-dev", "-bind=127.0.0.1", "-log-level=warn", `-config-file=${file}`];
  const agent = scope.process(program, args, { cwd: directory, env: { PATH: process.env["PATH"], HOME: directory } });
  const address = `127.0.0.1:${numbers[0]}`;
  const isReady = async () => (await (await fetch(`http://${address}/v1/status/leader`)).json()) !== "";
  await agent.until(isReady, "consul agent");
  return address;
}

export interface AgentOptions {
  /** Address of a Consul agent. @default - none is there */
  readonly consul?: string;
  /** Turn ACL on; the client that is returned may do everything. @default false */
  readonly acl?: boolean;
}

/**
 * A Nomad agent of its own, server and client in one, with raw_exec, mock_driver, a host volume "data", and the settings
 * that jobs with Vault and Consul need to be accepted. Vault is not there, and Consul only where its address is given.
 * Started once for a suite: 4 s.
 */
export async function startNomad(
  program: string,
  scope: Scope,
  { consul: consulAddress, acl = false }: AgentOptions = {},
): Promise<NomadClient> {
  const directory = scope.directory("nomad");
  scope.defer(() => unmountBelow(directory));
  const volume = join(directory, "volume");
  mkdirSync(volume);
  const [http, rpc, serf] = [await freePort(), await freePort(), await freePort()];
  const configuration = {
    disable_update_check: true,
    log_level: "warn",
    ports: { http, rpc, serf },
    acl: { enabled: acl },
    client: {
      alloc_dir: join(directory, "alloc"),
      state_dir: join(directory, "state"),
      alloc_mounts_dir: join(directory, "mounts"),
      host_volumes_dir: join(directory, "dynamic"),
      host_volume: { data: { path: volume, read_only: false } },
      gc_disk_usage_threshold: 99,
      gc_inode_usage_threshold: 99,
    },
    plugin: { raw_exec: { config: { enabled: true } } },
    vault: { enabled: true, default_identity: { aud: ["vault.io"], ttl: "1h" } },
    consul: {
      ...(consulAddress === undefined ? {} : { address: consulAddress }),
      service_identity: { aud: ["consul.io"], ttl: "1h" },
      task_identity: { aud: ["consul.io"], ttl: "1h" },
    },
  };
  const file = join(directory, "agent.json");
  writeFileSync(file, JSON.stringify(configuration));
  const args = ["agent", "-dev", "-bind=127.0.0.1", `-config=${file}`];
  const agent = scope.process(program, args, { cwd: directory, env: { PATH: process.env["PATH"], HOME: directory } });
  const address = `http://127.0.0.1:${http}`;
  let client = new NomadClient(address);
  if (acl) {
    const bootstrap = async () => {
      const { status, body } = await client.ask("POST", "/v1/acl/bootstrap", {});
      if (status === 200) client = new NomadClient(address, body.SecretID);
      return status === 200;
    };
    await agent.until(bootstrap, "nomad's ACL");
  }
  const isReady = async () => {
    const { body } = await client.ask("GET", "/v1/nodes");
    return Array.isArray(body) && body.some((node) => node.Status === "ready" && node.Drivers.mock_driver?.Healthy);
  };
  await agent.until(isReady, "nomad agent");
  return client;
}

/** Secrets directories of tasks are file systems of their own, which an agent leaves when it is stopped. */
function unmountBelow(directory: string): void {
  const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
  const below = mounts.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(`${directory}/`));
  for (const path of below.reverse()) execFileSync("umount", [path]);
}
