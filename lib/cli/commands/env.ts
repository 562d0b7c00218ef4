import { spawn } from "node:child_process";
import { appendFileSync, chmodSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaravanError } from "../../core/errors";
import { connect, type Living } from "../../operate";
import { infrastructureOutputs, withLiving } from "../living";
import type { Settings } from "../settings";

const VARIABLES = {
  vault: { address: "VAULT_ADDR", prefix: "VAULT" },
  consul: { address: "CONSUL_HTTP_ADDR", prefix: "CONSUL" },
  nomad: { address: "NOMAD_ADDR", prefix: "NOMAD" },
} as const;
const PRODUCTS = ["vault", "consul", "nomad"] as const;
const SECRETS = /TOKEN$/;

/** `caravan env`: the variables by which Terraform and the products' own commands act as whoever runs this. */
export async function env(settings: Settings, { pipeline = false }: { readonly pipeline?: boolean }): Promise<void> {
  // What is lent here is used after this process ended, so it is not given back.
  const living = await connect(await infrastructureOutputs(settings));
  const tokens = await living.sessions.variables(AbortSignal.timeout(settings.timeoutMs));
  const variables = { ...addresses(living), ...tokens };
  if (!pipeline) {
    settings.output.result(
      Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
      variables,
    );
    return;
  }
  const file = process.env["GITHUB_ENV"];
  if (!file)
    throw new CaravanError(
      '--pipeline is for a step of GitHub Actions, which has GITHUB_ENV. On a laptop: eval "$(caravan env)"',
    );
  const names = Object.keys(variables);
  settings.output.result(
    Object.entries(variables)
      .filter(([name]) => SECRETS.test(name))
      .map(([, value]) => `::add-mask::${value}`),
    { variables: names },
  );
  for (const [name, value] of Object.entries(variables)) appendFileSync(file, `${name}=${value}\n`);
  settings.output.note(`set ${names.join(", ")} for the steps after this one`);
}

function addresses(living: Living): Record<string, string> {
  const found: Record<string, string> = {};
  for (const product of PRODUCTS) {
    const { url, ca, serverName } = living.clients[product].endpoint;
    const { address, prefix } = VARIABLES[product];
    found[address] = url;
    if (serverName !== undefined) found[`${prefix}_TLS_SERVER_NAME`] = serverName;
    if (ca === undefined) continue;
    // It is no secret, but nobody else may put another in its place.
    const file = join(
      process.env["RUNNER_TEMP"] || tmpdir(),
      `caravan-${living.environment}-${process.getuid?.() ?? 0}-ca.pem`,
    );
    writeFileSync(file, ca, { mode: 0o600 });
    chmodSync(file, 0o600);
    found[`${prefix}_CACERT`] = file;
  }
  return found;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * `caravan tunnel`: Session Manager carries a port of this machine to the internal address, by way of a server. It stays until it
 * is interrupted.
 */
export async function tunnel(settings: Settings): Promise<void> {
  const parts = await withLiving(settings, async (living) => {
    const { cloud, clients, groups } = living;
    if (cloud === undefined)
      throw new CaravanError("This environment has no cloud whose sessions could carry a tunnel.");
    const signal = AbortSignal.timeout(settings.timeoutMs);
    const all = await Promise.all(Object.keys(groups).map((name) => cloud.group(name, signal)));
    const machine = all.flatMap(({ machines }) => machines).find(({ state }) => state === "running");
    if (machine === undefined) throw new CaravanError("No server runs that could carry a tunnel. Look: caravan status");
    return PRODUCTS.map((product) => {
      const { hostname, port } = new URL(clients[product].endpoint.url);
      return { product, machine: machine.id, host: clients[product].endpoint.serverName ?? hostname, port };
    });
  });
  const exports = parts.flatMap(({ product, host, port }) => [
    `export ${VARIABLES[product].address}=https://127.0.0.1:${port}`,
    `export ${VARIABLES[product].prefix}_TLS_SERVER_NAME=${host}`,
  ]);
  settings.output.result([...exports, '# then, in that shell: eval "$(caravan env)"'], parts);
  await Promise.all(parts.map((part) => forward(part, settings)));
}

interface Part {
  readonly machine: string;
  readonly host: string;
  readonly port: string;
}

function forward({ machine, host, port }: Part, settings: Settings): Promise<void> {
  const parameters = JSON.stringify({ host: [host], portNumber: [port], localPortNumber: [port] });
  const document = "AWS-StartPortForwardingSessionToRemoteHost";
  const args = ["ssm", "start-session", "--target", machine, "--document-name", document, "--parameters", parameters];
  return new Promise((resolve, reject) => {
    const child = spawn("aws", args, { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const end = () => child.kill("SIGTERM");
    process.once("SIGINT", end);
    process.once("SIGTERM", end);
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new CaravanError("A tunnel needs the AWS CLI and its Session Manager plugin. Install both.")
          : error,
      ),
    );
    child.once("close", (code, signal) => {
      if (code === 0 || signal !== null) return resolve();
      settings.output.note(text.trim());
      reject(
        new CaravanError(
          `The tunnel to ${host} ended (exit code ${code}). Sign in to AWS as somebody who may start sessions.`,
        ),
      );
    });
  });
}
