import { connect } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Scope } from "../support/scope";
import type { Cluster } from "./cluster";
import type { Host } from "./host";

/** First byte of a connection to a server's RPC port: TLS follows. Nomad's `RpcTLS`, Consul's `RPCTLS`. */
const TLS_FOLLOWS = { consul: 3, nomad: 4 } as const;
/** Then the kind of connection: the plain RPC of the product. */
const RPC_FOLLOWS = { consul: 0, nomad: 1 } as const;
const RPC_PORT = { consul: 8300, nomad: 4647 } as const;

/** Whoever is not refused within this time is let in. */
const PATIENCE_MS = 3_000;

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Connects to a server's RPC port from the cluster's network.
 *
 * @param pair What it shows. Without one it shows none; `"plain"` does not speak TLS at all.
 * @returns `"let in"`, or why not.
 */
export function rpc(host: Host, product: "consul" | "nomad", ca: string, pair?: Pair | "plain"): Promise<string> {
  return new Promise((resolve) => {
    const plain = connect(RPC_PORT[product], host.address);
    let secure: TLSSocket | undefined;
    const end = (result: string) => {
      // First of all: what follows closes, and says so.
      resolve(result);
      clearTimeout(timer);
      plain.destroy();
      secure?.destroy();
    };
    const timer = setTimeout(() => end("let in"), PATIENCE_MS);
    plain.once("error", (error) => end(error.message)).once("close", () => end("closed"));
    plain.once("connect", () => {
      if (pair === "plain") return plain.write(Buffer.from([RPC_FOLLOWS[product]]));
      plain.write(Buffer.from([TLS_FOLLOWS[product]]));
      const names = { consul: "server.eu-central-1.consul", nomad: "server.global.nomad" };
      secure = connectTls({ socket: plain, ca, servername: names[product], ...pair });
      secure.once("secureConnect", () => secure?.write(Buffer.from([RPC_FOLLOWS[product]])));
      secure.once("error", (error) => end(error.message)).once("close", () => end("closed"));
      return undefined;
    });
  });
}

/**
 * An agent of Consul or Nomad on a machine of its own in the cluster's network, which tries to join a server with a gossip key that
 * is not the cluster's, or with none. Returns a function that says what it has printed.
 */
export async function foreignAgent(
  scope: Scope,
  cluster: Cluster,
  program: string,
  product: "consul" | "nomad",
  key: string | undefined,
): Promise<() => string> {
  const { network } = cluster.cloud;
  const port = await network.plug();
  const target = cluster.servers[0]?.address ?? "";
  const directory = scope.directory(product);
  const common = ["agent", `-data-dir=${directory}`, `-bind=${port.address}`, `-retry-join=${target}`];
  const encrypted = key === undefined ? [] : [`-encrypt=${key}`];
  const own =
    product === "consul"
      ? ["-server", "-bootstrap-expect=2", "-datacenter=eu-central-1", "-client=127.0.0.1"]
      : ["-server", "-bootstrap-expect=2", "-dc=eu-central-1", "-region=global"];
  const inside = [`--net=${port.namespace}`, program, ...common, ...own, ...encrypted];
  const { PATH } = process.env;
  const agent = network.start("nsenter", inside, { PATH, HOME: directory }, directory);
  return () => agent.output;
}
