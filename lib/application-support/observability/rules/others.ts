import type { AlertGroup } from "./rule";

/** Certificates that servers and the edge show, as whoever connects sees them. */
export const certificateRules: AlertGroup = {
  name: "certificates",
  rules: [
    {
      alert: "ServerCertificateEnds",
      // Vault Agent renews a certificate of 30 days at about nine tenths of its life.
      expr: 'probe_ssl_earliest_cert_expiry{job!="probe-people"} - time() < 86400',
      for: "10m",
      severity: "critical",
      summary: "The certificate at {{ $labels.instance }} ends in {{ $value | humanizeDuration }}.",
      action: "`systemctl status vault-agent` on that machine says why it was not renewed.",
    },
    {
      alert: "EdgeCertificateEnds",
      expr: 'probe_ssl_earliest_cert_expiry{job="probe-people"} - time() < 14 * 86400',
      for: "1h",
      severity: "critical",
      summary: "The certificate at {{ $labels.instance }} ends in {{ $value | humanizeDuration }}.",
      action: "See why the cloud did not renew it: the record that proves the domain is gone, as a rule.",
    },
  ],
};

/** The mesh, as sidecars tell it. */
export const meshRules: AlertGroup = {
  name: "mesh",
  rules: [
    {
      alert: "SidecarDisconnected",
      expr: "envoy_control_plane_connected_state == 0",
      for: "10m",
      severity: "warning",
      summary:
        "A sidecar of {{ $labels.service }} on {{ $labels.node }} hears nothing from Consul: it will refuse new certificates' peers.",
      action:
        "See whether Consul's agent on that node answers on its gRPC port, and whether the sidecar's token lives.",
    },
    {
      alert: "ServiceFailing",
      expr: 'sum by (service) (rate(envoy_http_downstream_rq_xx{envoy_response_code_class="5",envoy_http_conn_manager_prefix="public_listener"}[5m])) / sum by (service) (rate(envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="public_listener"}[5m])) > 0.05',
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.service }} answers {{ $value | humanizePercentage }} of its requests with an error.",
      action: "See its logs and its traces; where a deployment is to blame, `nomad job revert`.",
    },
  ],
};

/** Those who watch. That Prometheus itself is gone only somebody outside can tell: Watchdog always fires. */
export const watcherRules: AlertGroup = {
  name: "watchers",
  rules: [
    {
      alert: "Watchdog",
      expr: "vector(1)",
      severity: "warning",
      summary: "Alerts arrive. Where this one stops, nobody is told anything.",
      action: "Send it to a service that tells you when it no longer comes.",
    },
    {
      alert: "VaultFiguresMissing",
      expr: 'up{job="vault"} == 0',
      for: "5m",
      severity: "warning",
      summary: "Vault gives Prometheus no figures.",
      action: "Where a server is active, see whether the role `prometheus` may still read `sys/metrics`.",
    },
    {
      alert: "ServiceFiguresMissing",
      expr: 'up{job=~"services|envoy"} == 0',
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.service }} at {{ $labels.instance }} gives no figures.",
      action: "See whether it runs, and whether its facts in Consul name the right port and path.",
    },
    {
      alert: "AlertsNotSent",
      expr: "rate(prometheus_notifications_dropped_total[5m]) > 0 or rate(alertmanager_notifications_failed_total[5m]) > 0",
      for: "10m",
      severity: "critical",
      summary: "Alerts do not reach whom they are for.",
      action: "See the logs of Prometheus and Alertmanager: a receiver refuses, or the mesh between them is cut.",
    },
    {
      alert: "PrometheusStorageFailing",
      expr: "rate(prometheus_tsdb_compactions_failed_total[1h]) > 0 or rate(prometheus_tsdb_wal_corruptions_total[1h]) > 0",
      for: "10m",
      severity: "warning",
      summary: "Prometheus fails to write what it collects.",
      action: "See whether its volume is full.",
    },
    {
      alert: "RulesFailing",
      expr: "increase(prometheus_rule_evaluation_failures_total[10m]) > 0",
      severity: "warning",
      summary: "Prometheus can not evaluate {{ $labels.rule_group }}.",
      action: "See its log: a query gives two series where one is expected, or takes too long.",
    },
  ],
};
