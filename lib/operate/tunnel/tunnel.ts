import { type AddressInfo, createServer } from "node:net";
import { type Product, products } from "../../node/products";
import { type Bounds, Deadline } from "../bounds";
import type { Cloud, Machine } from "../cloud";
import { OperateError } from "../errors";
import { ask } from "../http";
import { demandCloud, type Living, productsOf } from "../living";
import { Carrier } from "./carrier";

export interface TunnelOptions extends Bounds {
  /** @default - all that the environment has */
  readonly products?: readonly Product[];
  /**
   * Ports on this machine.
   *
   * @default - each product's own where it is free, any other where it is not
   */
  readonly localPorts?: Partial<Readonly<Record<Product, number>>>;
  /**
   * Id of the machine that carries it.
   *
   * @default - a worker, or a server where there is none; another one where the cloud does not reach it
   */
  readonly machine?: string;
}

/** Where a product is reached on this machine. */
export interface TunnelEnd {
  readonly product: Product;
  readonly localPort: number;
  /** Host name and port of the machine address at the far end; the name stands in the servers' certificates. */
  readonly host: string;
  readonly port: number;
}

/** An open tunnel to an environment's machine addresses. */
export interface Tunnel {
  readonly ends: readonly TunnelEnd[];
  /** Resolves when it was closed, rejects once it cannot be kept open. */
  readonly done: Promise<void>;
  /** Ends sessions and programs. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Carries ports of this machine to the machine addresses of Vault, Consul and Nomad, by way of a machine of the environment and
 * the cloud's own sessions: no open port, no key, and TLS from here to the servers.
 *
 * @param options `timeout` bounds the opening, `"1m"` if it is not given.
 * @throws OperateError where the cloud is not known, nobody may open sessions, or no machine carries one
 */
export async function openTunnel(living: Living, options: TunnelOptions = {}): Promise<Tunnel> {
  const cloud = demandCloud(living);
  const deadline = new Deadline(options, "1m");
  const ends = await endsOf(living, options);
  const machines = machinesOf(living, cloud, options.machine);
  const carriers = ends.map(
    (to) => new Carrier({ cloud, to, machines, report: (line: string) => options.report?.(line) }),
  );
  let closed: Promise<unknown> | undefined;
  const close = async (): Promise<void> => {
    closed ??= Promise.all(carriers.map((carrier) => carrier.close()));
    await closed;
  };
  try {
    await Promise.all(carriers.map((carrier) => carrier.open(deadline.signal)));
  } catch (error) {
    await close();
    throw error;
  }
  const done = Promise.all(carriers.map((carrier) => carrier.keep())).then(
    () => undefined,
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  // Who never looks is not to be ended by it.
  done.catch(() => undefined);
  await look(living, ends, deadline);
  return { ends, done, close };
}

/** Says of each end whether the product answers behind it. */
async function look(living: Living, ends: readonly TunnelEnd[], deadline: Deadline): Promise<void> {
  await Promise.all(
    ends.map(async ({ product, localPort, host }) => {
      const url = `https://127.0.0.1:${localPort}/`;
      await ask({ url, ca: living.clients[product].endpoint.ca, serverName: host, signal: deadline.signal }).catch(
        (error: unknown) => {
          if (!OperateError.is(error)) throw error;
          deadline.report(`the tunnel is open, and ${product} does not answer at its end: ${error.reason}`);
        },
      );
    }),
  );
}

async function endsOf(living: Living, { products: only, localPorts = {} }: TunnelOptions): Promise<TunnelEnd[]> {
  const wanted = productsOf(living).filter((product) => only?.includes(product) ?? true);
  const taken = new Set<number>();
  const ends: TunnelEnd[] = [];
  for (const product of products) {
    if (!wanted.includes(product)) continue;
    const { hostname, port } = new URL(living.clients[product].endpoint.url);
    const given = localPorts[product];
    const localPort = given ?? (await freePort(Number(port), taken));
    if (given !== undefined && !(await isFree(given))) {
      throw new OperateError("failed", `port ${given} of this machine is taken`, `give another one for ${product}`);
    }
    taken.add(localPort);
    ends.push({ product, localPort, host: hostname, port: Number(port) });
  }
  return ends;
}

/** Workers first: servers have enough to do. Those that are about to go last. */
function machinesOf(living: Living, cloud: Cloud, named: string | undefined) {
  return async (signal: AbortSignal): Promise<readonly string[]> => {
    if (named !== undefined) return [named];
    const groups = Object.keys(living.groups).map((name) => cloud.group(name, signal));
    const servers = (await Promise.all(groups)).flatMap(({ machines }) => machines);
    return [...bestFirst(await cloud.workers(signal)), ...bestFirst(servers)].map(({ id }) => id);
  };
}

function bestFirst(machines: readonly Machine[]): Machine[] {
  return machines
    .filter(({ state }) => state === "running")
    .sort((a, b) => Number(b.current) - Number(a.current) || a.launched - b.launched);
}

async function freePort(wanted: number, taken: ReadonlySet<number>): Promise<number> {
  if (!taken.has(wanted) && (await isFree(wanted))) return wanted;
  return (await listen(0)) ?? wanted;
}

async function isFree(port: number): Promise<boolean> {
  return (await listen(port)) !== undefined;
}

/** Listens for a moment. Returns the port, or nothing where it is taken. */
function listen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}
