import { readFileSync } from "node:fs";
import { ports } from "../core/traffic";
import { type CloudInfrastructureStatic, infrastructureSchema } from "../infrastructure/contract";
import { type ExistingInfrastructureContract, existingInfrastructure } from "../infrastructure/existing";
import { type Product, products } from "../node/products";
import type { Cloud } from "./cloud";
import { type CloudOverrides, cloudOf, type ToldInfrastructure } from "./cloud-of";
import { OperateError } from "./errors";
import { type Endpoint, ProductClient } from "./product-client";
import { Sessions } from "./sessions";

type Env = Readonly<Record<string, string | undefined>>;

/** A living environment: what operations are done to. */
export interface Living {
  readonly environment: string;
  /** The products of each server group. */
  readonly groups: Readonly<Record<string, readonly Product[]>>;
  readonly clients: Readonly<Record<Product, ProductClient>>;
  readonly sessions: Sessions;
  /** The cloud it stands on; not there for servers that somebody else runs. */
  readonly cloud?: Cloud;
}

/** What `terraform output -json` prints of an infrastructure stack. */
export type TerraformOutputs = Readonly<Record<string, { readonly value: unknown }>>;

export interface ConnectOptions extends CloudOverrides {
  /**
   * Variables of the products' own commands: an address (`VAULT_ADDR`, `CONSUL_HTTP_ADDR`, `NOMAD_ADDR`), the name in its
   * certificate (`..._TLS_SERVER_NAME`), a file of CA certificates (`..._CACERT`) and a token go before the contract's.
   *
   * @default process.env
   */
  readonly env?: Env;
  readonly signal?: AbortSignal;
}

/**
 * Connects to the environment of an infrastructure stack, by the contract in its outputs. The cluster's CA is read from the
 * cloud's secret store.
 *
 * ```ts
 * const outputs = JSON.parse(execFileSync("terraform", ["output", "-json"], { encoding: "utf8" }));
 * const living = await connect(outputs);
 * console.log(await status(living));
 * ```
 *
 * @throws OperateError if the outputs hold no contract, or the CA cannot be read
 */
export async function connect(outputs: TerraformOutputs, options: ConnectOptions = {}): Promise<Living> {
  const { env = process.env, signal = AbortSignal.timeout(60_000) } = options;
  const contract = readContract(outputs);
  const cloud = cloudOf(contract, options);
  const ca = everyCaGiven(env) ? undefined : await readCa(cloud, signal);
  const endpoints = endpointsOf(contract.static.machine, ca, env);
  return living({
    environment: contract.static.environment,
    groups: contract.static.serverGroups,
    endpoints,
    vaultServerId: contract.static.machine.vault,
    cloud,
    env,
  });
}

/**
 * Connects to servers that somebody else runs. Their machines are not known: `status`, `wait` and sessions work, what replaces or
 * fills machines does not. Tokens come from the environment.
 */
export function connectExisting(
  contract: ExistingInfrastructureContract,
  { env = process.env }: { readonly env?: Env } = {},
): Living {
  const { environment, ca, ...known } = contract.static;
  const there = products.filter((product) => known[product] !== undefined);
  const endpoint = (product: Product): Endpoint => {
    const file = env[`${VARIABLES[product].prefix}_CACERT`];
    return {
      url: withScheme(env[VARIABLES[product].address] || (known[product]?.address ?? "")),
      ca: file ? readFileSync(file, "utf8") : ca,
      serverName: env[`${VARIABLES[product].prefix}_TLS_SERVER_NAME`] || undefined,
    };
  };
  const endpoints = { vault: endpoint("vault"), consul: endpoint("consul"), nomad: endpoint("nomad") };
  return living({ environment, groups: { servers: there }, endpoints, vaultServerId: "", env });
}

/** What a platform's contract says of the servers below it. */
export interface PlatformServersStatic {
  readonly environment: string;
  readonly addresses: Partial<Readonly<Record<Product, { readonly machine: string; readonly people: string }>>>;
}

/**
 * Connects to servers that somebody else runs, by the contract of the platform on them. Their CA is told by the variables alone:
 * `VAULT_CACERT` and those of Consul and Nomad.
 */
export function connectPlatform(
  { environment, addresses }: PlatformServersStatic,
  options: { readonly env?: Env } = {},
): Living {
  const servers = (product: Product) => {
    const address = addresses[product];
    return address === undefined ? undefined : { address: address.machine, people: address.people };
  };
  const vault = servers("vault") ?? { address: "" };
  const known = { environment, vault, consul: servers("consul"), nomad: servers("nomad") };
  return connectExisting(existingInfrastructure(known), options);
}

export interface LivingProps {
  readonly environment: string;
  readonly groups: Living["groups"];
  readonly endpoints: Readonly<Record<Product, Endpoint>>;
  /** Name of Vault's machine address. */
  readonly vaultServerId: string;
  readonly cloud?: Cloud;
  readonly env?: Env;
}

/** An environment from its parts, where no contract tells them: servers that somebody else runs, or a test's. */
export function living(props: LivingProps): Living {
  const { environment, groups, endpoints, cloud } = props;
  const sessions = new Sessions(props);
  const client = (product: Product) =>
    new ProductClient(product, endpoints[product], (signal) => sessions.token(product, signal));
  const clients = { vault: client("vault"), consul: client("consul"), nomad: client("nomad") };
  return { environment, groups, clients, sessions, cloud };
}

/** The products that an environment has. */
export function productsOf({ groups }: Pick<Living, "groups">): readonly Product[] {
  return products.filter((product) => Object.values(groups).some((runs) => runs.includes(product)));
}

/** @throws OperateError where operations cannot reach the machines */
export function demandCloud({ cloud, environment }: Living): Cloud {
  if (cloud !== undefined) return cloud;
  throw new OperateError(
    "failed",
    `nobody here knows the machines of ${environment}`,
    "connect by the outputs of its infrastructure stack; what somebody else runs is replaced by them",
  );
}

function readContract(outputs: TerraformOutputs): ToldInfrastructure {
  const told = (field: string) => {
    const value = outputs[infrastructureSchema.outputName(field)]?.value;
    if (value !== undefined) return value;
    throw new OperateError(
      "failed",
      `the outputs hold no ${infrastructureSchema.outputName(field)}: they are not those of an infrastructure stack that was applied`,
      "apply the infrastructure stack with this version of cdktf-caravan, and give its outputs: terraform output -json",
    );
  };
  const contract = told("contract") as { readonly version: number; readonly static: CloudInfrastructureStatic };
  if (contract.version < infrastructureSchema.version) {
    throw new OperateError(
      "failed",
      `the infrastructure was applied by an older cdktf-caravan: version ${contract.version} of the contract, not ${infrastructureSchema.version}`,
      "apply the infrastructure stack with this version",
    );
  }
  return {
    static: contract.static,
    serverMachineGroups: told("serverMachineGroups") as Record<string, string>,
    workerMachineGroups: told("workerMachineGroups") as Record<string, string>,
    ciIdentities: told("ciIdentities") as Record<string, string>,
    publicCaSecretId: told("publicCaSecretId") as string,
    bootstrapSecretId: told("bootstrapSecretId") as string,
  };
}

async function readCa(cloud: Cloud, signal: AbortSignal): Promise<string> {
  const ca = await cloud.readSecret("public-ca", signal);
  if (ca !== undefined) return ca;
  throw new OperateError(
    "failed",
    "the cluster has not left its CA in the secret store yet: no server has come that far",
    "wait some minutes after the first apply; then look at a server's serial console",
  );
}

/** What the products' own commands call each matter. */
const VARIABLES: Readonly<Record<Product, { readonly address: string; readonly prefix: string }>> = {
  vault: { address: "VAULT_ADDR", prefix: "VAULT" },
  consul: { address: "CONSUL_HTTP_ADDR", prefix: "CONSUL" },
  nomad: { address: "NOMAD_ADDR", prefix: "NOMAD" },
};

function everyCaGiven(env: Env): boolean {
  return products.every((product) => env[`${VARIABLES[product].prefix}_CACERT`]);
}

function endpointsOf(machine: Readonly<Record<Product, string>>, ca: string | undefined, env: Env) {
  const endpoint = (product: Product): Endpoint => {
    const { address, prefix } = VARIABLES[product];
    const file = env[`${prefix}_CACERT`];
    const given = env[address];
    return {
      url: given ? withScheme(given) : `https://${machine[product]}:${ports[product]}`,
      ca: file ? readFileSync(file, "utf8") : ca,
      serverName: env[`${prefix}_TLS_SERVER_NAME`] || (given ? machine[product] : undefined),
    };
  };
  return { vault: endpoint("vault"), consul: endpoint("consul"), nomad: endpoint("nomad") };
}

/** Consul's own variable may be without a scheme. */
function withScheme(address: string): string {
  return (/^https?:\/\//.test(address) ? address : `https://${address}`).replace(/\/+$/, "");
}
