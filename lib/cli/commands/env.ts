import { appendFileSync, chmodSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaravanError } from "../../core/errors";
import { type Living, productsOf } from "../../operate/living";
import { connectTo } from "../living";
import type { Settings } from "../settings";

/** What the products' own commands and Terraform's providers call each matter. */
export const VARIABLES = {
  vault: { address: "VAULT_ADDR", serverName: "VAULT_TLS_SERVER_NAME", ca: "VAULT_CACERT" },
  consul: { address: "CONSUL_HTTP_ADDR", serverName: "CONSUL_TLS_SERVER_NAME", ca: "CONSUL_CACERT" },
  nomad: { address: "NOMAD_ADDR", serverName: "NOMAD_TLS_SERVER_NAME", ca: "NOMAD_CACERT" },
} as const;
const SECRETS = /TOKEN$/;

/** `caravan env`: the variables by which Terraform and the products' own commands act as whoever runs this. */
export async function env(settings: Settings, { pipeline = false }: { readonly pipeline?: boolean }): Promise<void> {
  const file = process.env["GITHUB_ENV"];
  if (pipeline && !file)
    throw new CaravanError(
      '--pipeline is for a step of GitHub Actions, which has GITHUB_ENV. On a laptop: eval "$(caravan env)"',
    );
  // What is lent here is used after this process ended, so it is not given back.
  const variables = await variablesOf(await connectTo(settings), settings);
  if (!pipeline || !file) {
    settings.output.result(exportLines(variables), variables);
    return;
  }
  const names = Object.keys(variables);
  const masks = Object.entries(variables)
    .filter(([name]) => SECRETS.test(name))
    .map(([, value]) => `::add-mask::${value}`);
  // A runner reads both streams; of JSON nothing may stand beside it.
  if (settings.output.json) for (const mask of masks) settings.output.note(mask);
  settings.output.result(masks, { variables: names });
  for (const [name, value] of Object.entries(variables)) appendFileSync(file, `${name}=${value}\n`);
  settings.output.note(`set ${names.join(", ")} for the steps after this one`);
}

/** Addresses, certificates and tokens of a living environment. They hold secrets. */
export async function variablesOf(living: Living, settings: Settings): Promise<Record<string, string>> {
  const tokens = await living.sessions.variables(AbortSignal.timeout(settings.timeoutMs));
  return { ...addresses(living), ...tokens };
}

/** What a shell evaluates to have the variables. */
export function exportLines(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
}

function addresses(living: Living): Record<string, string> {
  const found: Record<string, string> = {};
  for (const product of productsOf(living)) {
    const { url, ca, serverName } = living.clients[product].endpoint;
    const names = VARIABLES[product];
    found[names.address] = url;
    if (serverName !== undefined) found[names.serverName] = serverName;
    if (ca === undefined) continue;
    found[names.ca] = process.env[names.ca] || caFile(living.environment, ca);
  }
  return found;
}

/** It is no secret, but nobody else may put another in its place. */
function caFile(environment: string, ca: string): string {
  const file = join(process.env["RUNNER_TEMP"] || tmpdir(), `caravan-${environment}-${process.getuid?.() ?? 0}-ca.pem`);
  writeFileSync(file, ca, { mode: 0o600 });
  chmodSync(file, 0o600);
  return file;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
