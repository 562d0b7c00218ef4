import type { Dashboard } from "./builder";
import { figure, graph, none, well } from "./panels";

export const nomadClusterDashboard: Dashboard = {
  uid: "caravan-nomad-cluster",
  title: "Nomad cluster",
  description: "Servers and their scheduling, and what is left on the workers.",
  tags: ["nomad"],
  variables: [
    { name: "pool", label: "Node pool", values: { series: "nomad_client_allocated_cpu", label: "node_pool" } },
  ],
  rows: [
    {
      title: "Health",
      panels: [
        figure("Leads", 'max(probe_success{job="probe-nomad"})', { thresholds: well }),
        figure("Healthy", "min(nomad_nomad_autopilot_healthy)", { thresholds: well }),
        figure("Raft peers", "max(nomad_raft_peers)"),
        figure("Workers", "max(nomad_nomad_heartbeat_active)"),
        figure("Blocked evaluations", "max(nomad_nomad_blocked_evals_total_blocked)", { thresholds: none }),
        figure("Running jobs", "max(nomad_nomad_job_status_running)"),
      ],
    },
    {
      title: "Scheduling",
      panels: [
        graph("Evaluations", "short", [
          { expr: "max(nomad_nomad_broker_total_ready)", legend: "ready" },
          { expr: "max(nomad_nomad_broker_total_unacked)", legend: "being worked on" },
          { expr: "max(nomad_nomad_broker_total_waiting)", legend: "waiting" },
          { expr: "max(nomad_nomad_blocked_evals_total_blocked)", legend: "blocked" },
        ]),
        graph("Plans", "short", { expr: "max(nomad_nomad_plan_queue_depth)", legend: "in the queue" }),
        graph("Time to place", "ms", {
          expr: "rate(nomad_nomad_plan_submit_sum[5m]) / rate(nomad_nomad_plan_submit_count[5m])",
          legend: "{{node}}",
        }),
        graph("Time to commit", "ms", {
          expr: "rate(nomad_raft_commitTime_sum[5m]) / rate(nomad_raft_commitTime_count[5m])",
          legend: "{{node}}",
        }),
        graph("Jobs", "short", [
          { expr: "max(nomad_nomad_job_status_running)", legend: "running" },
          { expr: "max(nomad_nomad_job_status_pending)", legend: "pending" },
          { expr: "max(nomad_nomad_job_status_dead)", legend: "dead" },
        ]),
        graph("RPC", "ops", { expr: "sum(rate(nomad_nomad_rpc_request[5m]))", legend: "requests" }),
      ],
    },
    {
      title: "Room on the workers",
      panels: [
        graph(
          "Processor promised",
          "percentunit",
          {
            expr: 'sum by (node_pool) (nomad_client_allocated_cpu{node_pool=~"$pool"}) / (sum by (node_pool) (nomad_client_allocated_cpu{node_pool=~"$pool"}) + sum by (node_pool) (nomad_client_unallocated_cpu{node_pool=~"$pool"}))',
            legend: "{{node_pool}}",
          },
          { max: 1 },
        ),
        graph(
          "Memory promised",
          "percentunit",
          {
            expr: 'sum by (node_pool) (nomad_client_allocated_memory{node_pool=~"$pool"}) / (sum by (node_pool) (nomad_client_allocated_memory{node_pool=~"$pool"}) + sum by (node_pool) (nomad_client_unallocated_memory{node_pool=~"$pool"}))',
            legend: "{{node_pool}}",
          },
          { max: 1 },
        ),
        graph(
          "Allocations",
          "short",
          { expr: 'nomad_client_allocations_running{node_pool=~"$pool"}', legend: "{{node}}" },
          { stacked: true },
        ),
        graph(
          "Disks",
          "percent",
          { expr: 'nomad_client_host_disk_used_percent{node_pool=~"$pool"}', legend: "{{node}} {{disk}}" },
          { max: 100 },
        ),
      ],
    },
  ],
};
