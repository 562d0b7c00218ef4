import type { Dashboard } from "./builder";
import { figure, graph, none, well } from "./panels";

export const vaultDashboard: Dashboard = {
  uid: "caravan-vault",
  title: "Vault servers",
  description: "Health of each server, and what the active one does.",
  tags: ["vault"],
  rows: [
    {
      title: "Health",
      panels: [
        figure("Active servers", 'sum(probe_http_status_code{job="probe-vault"} == bool 200)', { thresholds: well }),
        figure("Sealed", 'sum(probe_http_status_code{job="probe-vault"} == bool 503)', { thresholds: none }),
        figure("Not answering", 'sum(probe_http_status_code{job="probe-vault"} == bool 0)', { thresholds: none }),
        figure("Raft peers", "max(vault_raft_peers)"),
        figure("Servers that may fail", "max(vault_autopilot_failure_tolerance)", { thresholds: well }),
        figure("First certificate ends", 'min(probe_ssl_earliest_cert_expiry{job="probe-vault"}) * 1000', {
          unit: "dateTimeFromNow",
        }),
        graph(
          "Status of each server",
          "none",
          {
            expr: 'probe_http_status_code{job="probe-vault"}',
            legend: "{{instance}}",
          },
          { description: "200 active, 429 standby, 501 not initialised, 503 sealed, 0 no answer." },
        ),
        graph("Time to answer", "s", {
          expr: 'probe_duration_seconds{job="probe-vault"}',
          legend: "{{instance}}",
        }),
      ],
    },
    {
      title: "Requests",
      panels: [
        graph("Requests", "reqps", [
          { expr: "sum(rate(vault_core_handle_request_count[5m]))", legend: "requests" },
          { expr: "sum(vault_core_in_flight_requests)", legend: "in flight" },
        ]),
        graph("Mean time of a request", "ms", {
          expr: "sum(rate(vault_core_handle_request_sum[5m])) / sum(rate(vault_core_handle_request_count[5m]))",
          legend: "mean",
        }),
        graph("Audit", "ops", [
          { expr: "sum(rate(vault_audit_log_request_count[5m]))", legend: "entries" },
          { expr: "sum(rate(vault_audit_log_request_failure[5m]))", legend: "requests not written" },
          { expr: "sum(rate(vault_audit_log_response_failure[5m]))", legend: "responses not written" },
        ]),
      ],
    },
    {
      title: "Leases and tokens",
      panels: [
        graph("Leases", "short", [
          { expr: "vault_expire_num_leases", legend: "leases" },
          { expr: "vault_expire_num_irrevocable_leases", legend: "irrevocable" },
        ]),
        graph("Tokens and entities", "short", [
          { expr: "sum(vault_token_count)", legend: "tokens" },
          { expr: "sum(vault_identity_entity_count)", legend: "entities" },
        ]),
      ],
    },
    {
      title: "Storage",
      panels: [
        graph("Time to commit", "ms", {
          expr: "rate(vault_raft_commitTime_sum[5m]) / rate(vault_raft_commitTime_count[5m])",
          legend: "mean",
        }),
        graph("Writes", "ops", { expr: "rate(vault_raft_apply[5m])", legend: "entries" }),
        graph("Memory", "bytes", { expr: "vault_runtime_sys_bytes", legend: "from the system" }),
        graph("Goroutines", "short", { expr: "vault_runtime_num_goroutines", legend: "goroutines" }),
      ],
    },
  ],
};
