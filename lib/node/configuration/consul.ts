import { ports } from "../../core/traffic";
import { groupOf, type NodeProps } from "../node-props";
import { directories, files } from "../paths";
import { type ConfigurationBlock, merged } from "./block";
import { ownAddress, retryJoin } from "./discovery";
import { telemetry } from "./telemetry";

/**
 * Configuration of a Consul agent, a server or a worker's client. Gossip key and tokens stand in a file of their own, which is
 * written on the node; so does `bootstrap_expect`, but only where the cluster was never born: an empty server of a living one
 * must join, whatever it finds.
 *
 * https://developer.hashicorp.com/consul/docs/secure/security-model/core
 */
export function consulConfiguration(props: NodeProps): ConfigurationBlock {
  const base: ConfigurationBlock = {
    datacenter: props.datacenter,
    data_dir: directories.consulData.path,
    bind_addr: ownAddress,
    client_addr: "127.0.0.1",
    ports: {
      http: -1,
      https: ports.consul,
      grpc: -1,
      grpc_tls: ports.consulGrpc,
      dns: ports.consulDns,
      server: ports.consulRpc,
      serf_lan: ports.consulGossip,
      serf_wan: -1,
    },
    acl: {
      enabled: true,
      default_policy: "deny",
      down_policy: "extend-cache",
      enable_token_persistence: true,
    },
    tls: {
      defaults: {
        ca_file: files.clusterCa.path,
        cert_file: files.consulCertificate.path,
        key_file: files.consulCertificate.path,
        verify_incoming: true,
        verify_outgoing: true,
        tls_min_version: "TLSv1_2",
      },
      // Browsers, Terraform and Envoy have no certificate of the cluster; their token says who they are.
      https: { verify_incoming: false },
      grpc: { verify_incoming: false },
      internal_rpc: { verify_server_hostname: true },
    },
    encrypt_verify_incoming: true,
    encrypt_verify_outgoing: true,
    retry_join: retryJoin(props, "consul"),
    enable_script_checks: false,
    enable_local_script_checks: false,
    disable_remote_exec: true,
    disable_update_check: true,
    // A plain stop (SIGINT, as the unit sends) keeps the membership; SIGTERM leaves for good.
    leave_on_terminate: true,
    skip_leave_on_interrupt: true,
    log_level: "INFO",
    log_json: true,
    telemetry: telemetry(props),
  };
  return merged(base, props.role === "server" ? server(props) : client, props.extend?.consul);
}

function server(props: NodeProps): ConfigurationBlock {
  const count = groupOf(props, "consul")?.count ?? 1;
  return {
    server: true,
    addresses: { https: "0.0.0.0" },
    connect: { enabled: true },
    ui_config: { enabled: true },
    performance: { raft_multiplier: 1 },
    autopilot: { cleanup_dead_servers: true, min_quorum: count === 1 ? undefined : count },
    limits: {
      // Behind the balancer many agents share few addresses.
      http_max_conns_per_client: 1000,
      https_handshake_timeout: "5s",
      rpc_handshake_timeout: "5s",
      rpc_max_conns_per_client: 100,
      request_limits: { mode: "permissive", read_rate: 1000, write_rate: 500 },
    },
  };
}

const client: ConfigurationBlock = {
  server: false,
  // Jobs in their own network namespace ask the node's address, not loopback; no firewall opens it to other nodes.
  addresses: { dns: `${ownAddress} 127.0.0.1` },
  limits: { http_max_conns_per_client: 200, https_handshake_timeout: "5s" },
};
