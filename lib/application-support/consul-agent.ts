import { ports } from "../core/traffic";
import type { InfrastructureContract } from "../infrastructure/contract";
import type { Template } from "../nomad/spec";

/** Where a job on the node's own network finds the node's Consul agent. */
export interface ConsulAgent {
  /** With scheme and port: `"http://127.0.0.1:8500"`. */
  readonly address: string;
  /** For Envoy (xDS), with scheme and port: `"http://127.0.0.1:8502"`. */
  readonly grpcAddress: string;
}

/** The agent of a node: of this library with TLS, of others as Consul comes. Both listen on loopback only. */
export function consulAgentOf(infrastructure: InfrastructureContract): ConsulAgent {
  if (infrastructure.static.cloud === "existing") {
    return { address: "http://127.0.0.1:8500", grpcAddress: "http://127.0.0.1:8502" };
  }
  return { address: `https://127.0.0.1:${ports.consul}`, grpcAddress: `https://127.0.0.1:${ports.consulGrpc}` };
}

const CA_FILE = "${NOMAD_SECRETS_DIR}/consul-ca.pem";

/** What a task needs to speak with its node's agent as what Nomad says that it is: `CONSUL_HTTP_TOKEN` comes by identity. */
export function consulClient(
  { address, grpcAddress }: ConsulAgent,
  ca: string | undefined,
): { readonly env: Record<string, string>; readonly template: readonly Template[] } {
  const env = { CONSUL_HTTP_ADDR: address, CONSUL_GRPC_ADDR: grpcAddress };
  if (ca === undefined) return { env, template: [] };
  return {
    env: { ...env, CONSUL_CACERT: CA_FILE, CONSUL_GRPC_CACERT: CA_FILE },
    template: [{ destination: "secrets/consul-ca.pem", data: ca, changeMode: "restart" }],
  };
}
