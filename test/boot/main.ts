import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ServerNodeProps } from "../../lib/node";
import { vaultMounts } from "../../lib/node/names";
import { Scope } from "../support/scope";
import { Cluster } from "./cluster";
import type { Host } from "./host";
import { hostNeeds, productNeeds } from "./needs";

const USAGE = `npm run cluster -- [--servers 1|3|5] [--workers NUMBER] [--vault-apart]
  A living cluster on this machine, until Ctrl-C. By default three servers and one worker.`;

/** Vault, Consul and Nomad as a person's shell needs them; sourced, it signs in to Vault as deployer. */
async function environment(cluster: Cluster, directory: string): Promise<string> {
  const { consul, nomad } = JSON.parse(await cluster.secret("bootstrapTokensSecret")) as Record<string, string>;
  const deployer = await cluster.cloud.assume("deployer", "cluster");
  const ca = join(directory, "ca.pem");
  writeFileSync(ca, await cluster.secret("publicCaSecret"));
  const lines = [
    ...(["vault", "consul", "nomad"] as const).flatMap((product) => [
      `export ${product.toUpperCase()}_CACERT=${ca}`,
      `export ${product.toUpperCase()}_TLS_SERVER_NAME=${cluster.nameOf(product)}`,
    ]),
    `export VAULT_ADDR=https://${cluster.balancer}:8200`,
    `export CONSUL_HTTP_ADDR=https://${cluster.balancer}:8501 CONSUL_HTTP_TOKEN=${consul}`,
    `export NOMAD_ADDR=https://${cluster.balancer}:4646 NOMAD_TOKEN=${nomad}`,
    `VAULT_TOKEN=$(AWS_ACCESS_KEY_ID=${deployer.accessKeyId} AWS_SECRET_ACCESS_KEY=${deployer.secretAccessKey} \\`,
    `  AWS_SESSION_TOKEN=${deployer.token} vault login -token-only -method=aws -path=${vaultMounts.deployerAuth} \\`,
    `  role=deployer region=${cluster.cloud.region} header_value=${cluster.nameOf("vault")})`,
    "export VAULT_TOKEN",
  ];
  return `${lines.join("\n")}\n`;
}

/** A script that runs a program on a host, by its name. */
function on(hosts: readonly Host[]): string {
  const cases = hosts.map((host) => `  ${host.name}) set -- ${host.enter.join(" ")} "$@" ;;`);
  return [
    "#!/bin/sh",
    "host=$1; shift",
    '[ "$#" -gt 0 ] || set -- bash',
    "case $host in",
    ...cases,
    '  *) echo "no such host: $host" >&2; exit 1 ;;',
    "esac",
    'exec nsenter "$@"',
    "",
  ].join("\n");
}

async function main(scope: Scope, interrupted: Promise<void>): Promise<void> {
  const options = {
    servers: { type: "string", default: "3" },
    workers: { type: "string", default: "1" },
    "vault-apart": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  const { values } = parseArgs({ options });
  const [count, workers] = [Number(values.servers), Number(values.workers)];
  if (values.help || ![1, 3, 5].includes(count) || !Number.isInteger(workers) || workers < 0) {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const missing = Object.entries({ ...hostNeeds, ...productNeeds }).filter(([, found]) => found === undefined);
  if (missing.length > 0) throw new Error(`missing here: ${missing.map(([name]) => name).join(", ")}`);
  const { vault = "", consul = "", nomad = "" } = productNeeds;

  const size = count as 1 | 3 | 5;
  const servers: ServerNodeProps["servers"] = values["vault-apart"]
    ? { vault: { count: size, runs: ["vault"] }, main: { count: size, runs: ["consul", "nomad"] } }
    : { main: { count: size, runs: ["vault", "consul", "nomad"] } };
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  console.log("Launching hosts. The first time, this builds their Debian tree: one to three minutes.");
  const cluster = await Cluster.launch(scope, {
    servers,
    workers: workers > 0 ? { general: workers } : {},
    programs: { vault, consul, nomad },
  });
  const hosts = [...cluster.servers, ...cluster.workers];
  console.log(`${hosts.length} hosts after ${seconds()}; first boot makes a cluster of them.`);
  await Promise.race([cluster.born(600_000), interrupted]);

  const directory = scope.directory("cluster");
  const [env, script] = [join(directory, "environment"), join(directory, "on")];
  writeFileSync(env, await environment(cluster, directory), { mode: 0o600 });
  writeFileSync(script, on(hosts), { mode: 0o700 });
  const first = hosts[0]?.name ?? "";
  console.log(
    [
      `A living cluster after ${seconds()}:`,
      "",
      ...hosts.map((host) => `  ${host.name.padEnd(12)}${host.address.padEnd(16)}${host.instance.instanceId}`),
      "",
      "Addresses, CA and tokens, for another shell (to Vault as deployer, to Consul and Nomad by their first tokens):",
      `  . ${env}`,
      "  vault status; consul members; nomad server members; nomad node status",
      "A host's own view, its journal, a shell on it:",
      `  ${script} ${first} caravan-node status`,
      `  ${script} ${first} journalctl -u caravan-first-boot`,
      `  ${script} ${first}`,
      "",
      "Ctrl-C ends it, and nothing of it stays.",
    ].join("\n"),
  );
  await interrupted;
}

const scope = new Scope();
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
});
// What is interrupted while it is made ends with its room, and that is no error.
let ended = false;
interrupted.then(() => {
  ended = true;
});
Promise.race([main(scope, interrupted), interrupted])
  .catch((error: unknown) => {
    if (ended) return;
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  })
  .finally(() => scope.close())
  .catch((error: unknown) => console.error(error))
  .finally(() => process.exit());
