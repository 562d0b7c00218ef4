import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, type RunningProcess, type Scope } from "../temporary";
import { Api } from "./api";

/** Three servers as somebody runs them on a laptop, each with a token that may do everything. */
export interface Servers {
  readonly vault: Api;
  readonly consul: Api;
  readonly nomad: Api;
}

export interface NomadClient {
  /** Where its volumes of the node are made. @default - a directory that it makes */
  readonly hostVolumesDir?: string;
}

const ROOT = "root";
export const MANAGEMENT = "11111111-2222-3333-4444-555555555555";

/**
 * Vault in development mode (in memory, unsealed, without `secret/`), Consul and Nomad in development mode with ACL, Nomad
 * with workload identities for both. They are ready in some 4 s.
 */
export async function startServers(
  scope: Scope,
  programs: { readonly vault: string; readonly consul: string; readonly nomad: string },
  client: NomadClient = {},
): Promise<Servers> {
  const [vault, consul] = await Promise.all([startVault(scope, programs.vault), startConsul(scope, programs.consul)]);
  const nomad = await startNomad(scope, programs.nomad, { vault, consul }, client);
  return { vault, consul, nomad };
}

export async function startVault(scope: Scope, program: string): Promise<Api> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const args = ["server", "-dev", "-dev-no-kv", `-dev-root-token-id=${ROOT}`, `-dev-listen-address=127.0.0.1:${port}`];
  const vault = new Api("vault", address, ROOT);
  const server = start(scope, "vault", program, args);
  await server.until(async () => (await vault.ask("GET", "sys/health")).status === 200, "vault");
  return vault;
}

/** A Vault with integrated storage, as a cluster has it: initialized and unsealed, alone. */
export async function startRaftVault(scope: Scope, program: string): Promise<Api> {
  const [port, cluster] = [await freePort(), await freePort()];
  const address = `http://127.0.0.1:${port}`;
  const file = configuration(scope, "vault", {
    storage: { raft: { path: scope.directory("raft"), node_id: "one" } },
    listener: { tcp: { address: `127.0.0.1:${port}`, cluster_address: `127.0.0.1:${cluster}`, tls_disable: true } },
    api_addr: address,
    cluster_addr: `http://127.0.0.1:${cluster}`,
    disable_mlock: true,
  });
  const nobody = new Api("vault", address, "");
  const server = start(scope, "vault", program, ["server", `-config=${file}`, "-log-level=warn"]);
  await server.until(async () => (await nobody.ask("GET", "sys/seal-status")).status === 200, "vault");
  const { keys, root_token } = await nobody.must("PUT", "sys/init", { secret_shares: 1, secret_threshold: 1 });
  await nobody.must("PUT", "sys/unseal", { key: keys[0] });
  await server.until(async () => (await nobody.ask("GET", "sys/health")).status === 200, "vault's leader");
  return nobody.as(root_token);
}

export async function startConsul(scope: Scope, program: string): Promise<Api> {
  const names = ["http", "dns", "grpc", "grpc_tls", "server", "serf_lan", "serf_wan"];
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()] as const)));
  const acl = { enabled: true, default_policy: "deny", tokens: { initial_management: MANAGEMENT, agent: MANAGEMENT } };
  const file = configuration(scope, "consul", { ports, acl, disable_update_check: true });
  const consul = new Api("consul", `http://127.0.0.1:${ports["http"]}`, MANAGEMENT);
  const args = ["agent", "-dev", "-bind=127.0.0.1", "-log-level=warn", `-config-file=${file}`];
  const server = start(scope, "consul", program, args);
  await server.until(async () => (await consul.ask("GET", "acl/token/self")).status === 200, "consul");
  return consul;
}

export async function startNomad(
  scope: Scope,
  program: string,
  { vault, consul }: { readonly vault?: Api; readonly consul?: Api } = {},
  { hostVolumesDir }: NomadClient = {},
): Promise<Api> {
  const [http, rpc, serf] = [await freePort(), await freePort(), await freePort()];
  const identity = (audience: string) => ({ aud: [audience], ttl: "1h" });
  const file = configuration(scope, "nomad", {
    disable_update_check: true,
    log_level: "warn",
    ports: { http, rpc, serf },
    acl: { enabled: true },
    client: {
      gc_disk_usage_threshold: 99,
      gc_inode_usage_threshold: 99,
      ...(hostVolumesDir === undefined ? {} : { host_volumes_dir: hostVolumesDir }),
    },
    plugin: { raw_exec: { config: { enabled: true } } },
    ...(vault === undefined
      ? {}
      : {
          vault: {
            enabled: true,
            address: vault.address,
            jwt_auth_backend_path: "jwt-nomad",
            create_from_role: "nomad-workloads",
            default_identity: {
              ...identity("vault.io"),
              extra_claims: { unique_id: "${job.region}:${job.namespace}:${job.id}" },
            },
          },
        }),
    ...(consul === undefined
      ? {}
      : {
          consul: {
            address: new URL(consul.address).host,
            token: consul.token,
            service_auth_method: "nomad-workloads",
            task_auth_method: "nomad-workloads",
            service_identity: identity("consul.io"),
            task_identity: identity("consul.io"),
          },
        }),
  });
  const address = `http://127.0.0.1:${http}`;
  const nomad = new Api("nomad", address, MANAGEMENT);
  const server = start(scope, "nomad", program, ["agent", "-dev", "-bind=127.0.0.1", `-config=${file}`]);
  const bootstrap = async () => {
    const { status } = await nomad.as("").ask("POST", "acl/bootstrap", { BootstrapSecret: MANAGEMENT });
    return status === 200;
  };
  await server.until(bootstrap, "nomad's ACL");
  const isReady = async () => {
    const nodes = await nomad.must("GET", "nodes");
    return nodes.length === 1 && nodes[0].Status === "ready";
  };
  await server.until(isReady, "nomad's client");
  return nomad;
}

function configuration(scope: Scope, name: string, content: object): string {
  const file = join(scope.directory(name), "agent.json");
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function start(scope: Scope, name: string, program: string, args: readonly string[]): RunningProcess {
  const home = scope.directory(name);
  return scope.process(program, args, { cwd: home, env: { PATH: process.env["PATH"], HOME: home } });
}
