import type { Dashboard } from "./builder";
import { figure, graph, well } from "./panels";

export const consulDashboard: Dashboard = {
  uid: "caravan-consul",
  title: "Consul servers",
  description: "Who leads, what is registered, and how fast the servers answer.",
  tags: ["consul"],
  rows: [
    {
      title: "Health",
      panels: [
        figure("Leaders", "sum(consul_server_isLeader)", { thresholds: well }),
        figure("Healthy", "min(consul_autopilot_healthy)", { thresholds: well }),
        figure("Servers that may fail", "max(consul_autopilot_failure_tolerance)", { thresholds: well }),
        figure("Servers", "max(consul_members_servers)"),
        figure("Clients", "max(consul_members_clients)"),
        figure("Mesh's authority ends in", "min(consul_mesh_active_root_ca_expiry)", { unit: "s" }),
        graph("Leader", "none", { expr: "consul_server_isLeader", legend: "{{node}}" }, { max: 1 }),
        graph("Last contact with the leader", "ms", {
          expr: "rate(consul_raft_leader_lastContact_sum[5m]) / rate(consul_raft_leader_lastContact_count[5m])",
          legend: "{{node}}",
        }),
      ],
    },
    {
      title: "Catalog",
      panels: [
        graph("Nodes, services, instances", "short", [
          { expr: "max(consul_state_nodes)", legend: "nodes" },
          { expr: "max(consul_state_services)", legend: "services" },
          { expr: "max(consul_state_service_instances)", legend: "instances" },
        ]),
        graph("In the mesh", "short", { expr: "max by (kind) (consul_state_connect_instances)", legend: "{{kind}}" }),
        graph("Streams to sidecars", "short", { expr: "consul_xds_server_streams", legend: "{{node}} {{version}}" }),
        graph("Entries of the key-value store", "short", { expr: "max(consul_state_kv_entries)", legend: "entries" }),
      ],
    },
    {
      title: "Requests",
      panels: [
        graph("RPC", "ops", [
          { expr: "sum by (node) (rate(consul_rpc_request[5m]))", legend: "{{node}}" },
          { expr: "sum(rate(consul_client_rpc_failed[5m]))", legend: "failed" },
          { expr: "sum(rate(consul_client_rpc_exceeded[5m]))", legend: "over the limit" },
        ]),
        graph("HTTP", "reqps", { expr: "sum by (method) (rate(consul_api_http_count[5m]))", legend: "{{method}}" }),
        graph("Time to commit", "ms", {
          expr: "rate(consul_raft_commitTime_sum[5m]) / rate(consul_raft_commitTime_count[5m])",
          legend: "{{node}}",
        }),
        graph("Changes", "ops", { expr: "sum(rate(consul_raft_apply[5m]))", legend: "entries of raft" }),
        graph("Memory", "bytes", { expr: "consul_runtime_sys_bytes", legend: "{{node}}" }),
        graph("Goroutines", "short", { expr: "consul_runtime_num_goroutines", legend: "{{node}}" }),
      ],
    },
  ],
};
