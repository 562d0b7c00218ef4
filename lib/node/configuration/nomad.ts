import { ports } from "../../core/traffic";
import { byCloud } from "../cloud/clouds";
import { workloadAudiences, workloadClaims } from "../names";
import { clusterRuns, groupOf, machineHost, type NodeProps, runsOf, type ServerNodeProps } from "../node-props";
import { directories, files } from "../paths";
import { type ConfigurationBlock, merged } from "./block";
import { ownAddress, retryJoin } from "./discovery";
import { nomadClient } from "./nomad-client";

/**
 * Configuration of a Nomad agent: a server, or a worker's client. No node is both. Gossip key and Consul's token stand in a file
 * of their own, which is written on the node; so does `bootstrap_expect`, but only where the cluster was never born.
 *
 * https://developer.hashicorp.com/nomad/docs/security, https://developer.hashicorp.com/nomad/docs/configuration
 */
export function nomadConfiguration(props: NodeProps): ConfigurationBlock {
  const { server, client, plugin, ...common } = props.extend?.nomad ?? {};
  const base = merged(agent(props), common);
  return props.role === "server"
    ? merged(base, nomadServer(props), { server })
    : merged(base, nomadClient(props), { client, plugin });
}

function agent(props: NodeProps): ConfigurationBlock {
  return {
    region: props.region,
    datacenter: props.datacenter,
    data_dir: directories.nomadData.path,
    bind_addr: "0.0.0.0",
    advertise: { http: ownAddress, rpc: ownAddress, serf: ownAddress },
    ports: { http: ports.nomad, rpc: ports.nomadRpc, serf: ports.nomadGossip },
    acl: { enabled: true },
    tls: {
      http: true,
      rpc: true,
      ca_file: files.clusterCa.path,
      cert_file: files.nomadCertificate.path,
      key_file: files.nomadCertificate.path,
      tls_min_version: "tls12",
      verify_server_hostname: true,
      // People and Terraform have no certificate of the cluster; their token says who they are.
      verify_https_client: false,
    },
    limits: {
      https_handshake_timeout: "5s",
      http_max_conns_per_client: props.role === "server" ? 1000 : 100,
      rpc_handshake_timeout: "5s",
      rpc_max_conns_per_client: 100,
    },
    telemetry: {
      collection_interval: "10s",
      disable_hostname: true,
      prometheus_metrics: true,
      publish_allocation_metrics: true,
      publish_node_metrics: true,
      in_memory_retention_period: props.telemetry?.prometheusRetention,
      statsd_address: props.telemetry?.statsd,
    },
    ui: { enabled: true },
    disable_update_check: true,
    // A plain stop (SIGINT, as the unit sends) keeps the membership; SIGTERM leaves for good: a client drains before.
    leave_on_interrupt: false,
    leave_on_terminate: true,
    log_level: "INFO",
    log_json: true,
  };
}

function nomadServer(props: ServerNodeProps): ConfigurationBlock {
  const count = groupOf(props, "nomad")?.count ?? 1;
  const identity = (audience: string) => ({ aud: [audience], ttl: "1h" });
  return {
    server: {
      enabled: true,
      raft_multiplier: 1,
      server_join: { retry_join: retryJoin(props, "nomad"), retry_interval: "5s" },
      client_introduction: { enforcement: "strict", default_identity_ttl: "5m", max_identity_ttl: "30m" },
    },
    autopilot: { cleanup_dead_servers: true, min_quorum: count === 1 ? undefined : count },
    keyring: byCloud<ConfigurationBlock>(props.cloud, {
      aws: ({ region }) => ({ awskms: { active: true, region } }),
      azure: ({ tenantId }) => ({ azurekeyvault: { active: true, tenant_id: tenantId } }),
      gcp: ({ project, region }) => ({ gcpckms: { active: true, project, region } }),
    }),
    vault: clusterRuns(props, "vault")
      ? {
          enabled: true,
          default_identity: {
            ...identity(workloadAudiences.vault),
            // Two namespaces may have a job of the same id; this tells them apart.
            extra_claims: workloadClaims,
          },
        }
      : undefined,
    consul: clusterRuns(props, "consul")
      ? {
          address: runsOf(props).includes("consul")
            ? `127.0.0.1:${ports.consul}`
            : `${machineHost(props, "consul")}:${ports.consul}`,
          ssl: true,
          ca_file: files.clusterCa.path,
          auto_advertise: false,
          server_auto_join: false,
          client_auto_join: false,
          service_identity: identity(workloadAudiences.consul),
          task_identity: identity(workloadAudiences.consul),
        }
      : undefined,
  };
}
