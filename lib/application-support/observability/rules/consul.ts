import type { AlertGroup } from "./rule";
import { snapshotRule } from "./snapshot";

/** What kills a Consul, or the mesh that stands on it. */
export function consulRules(servers: number | undefined): AlertGroup {
  return {
    name: "consul",
    rules: [
      {
        alert: "ConsulNoLeader",
        expr: "(sum(consul_server_isLeader) or vector(0)) < 1",
        for: "2m",
        severity: "critical",
        summary: "No server of Consul leads: nothing registers, nothing that changes is seen.",
        action:
          "Look whether a majority of the servers runs and reaches one another (`consul operator raft list-peers`).",
      },
      {
        alert: "ConsulServerDown",
        expr: 'up{job="consul"} == 0',
        for: "3m",
        severity: "critical",
        summary: "Consul at {{ $labels.instance }} gives no figures.",
        action: "See whether its machine and its unit run; one more and the quorum is lost.",
      },
      ...(servers === undefined || servers < 2
        ? []
        : [
            {
              alert: "ConsulPeersMissing",
              expr: `max(consul_raft_peers) < ${servers}`,
              for: "10m",
              severity: "warning" as const,
              summary: `Consul's raft has {{ $value }} peers instead of ${servers}.`,
              action: "See that the new server joined; a group that stays short does not survive the next loss.",
            },
          ]),
      {
        alert: "ConsulUnhealthy",
        expr: "min(consul_autopilot_healthy) == 0",
        for: "5m",
        severity: "critical",
        summary: "Autopilot holds a server of Consul to be unhealthy.",
        action: "`consul operator autopilot state` names it.",
      },
      {
        alert: "ConsulCertificateEnds",
        expr: "consul_agent_tls_cert_expiry > 0 and consul_agent_tls_cert_expiry < 86400",
        for: "10m",
        severity: "critical",
        summary: "The certificate of Consul at {{ $labels.instance }} ends in less than a day.",
        action: "Vault Agent renews it well before: `systemctl status vault-agent` on that machine.",
      },
      {
        alert: "MeshAuthorityEnds",
        expr: "consul_mesh_active_root_ca_expiry < 30 * 86400 or consul_mesh_active_signing_ca_expiry < 86400",
        for: "1h",
        severity: "critical",
        summary: "The authority of the mesh ends in {{ $value | humanizeDuration }}.",
        action: "Rotate the mesh's authority; when it ends no sidecar talks to another.",
      },
      {
        alert: "ConsulRpcFailing",
        expr: "rate(consul_client_rpc_failed[5m]) > 0.1",
        for: "10m",
        severity: "warning",
        summary: "Consul at {{ $labels.instance }} fails to reach its servers.",
        action:
          "See whether the servers are overloaded, or a limit of requests is hit (`consul_rpc_rate_limit_exceeded`).",
      },
      snapshotRule("Consul", 'consul_api_http_count{method="GET",path="v1_snapshot"}'),
    ],
  };
}
