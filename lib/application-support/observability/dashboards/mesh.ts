import type { Dashboard } from "./builder";
import { graph } from "./panels";

const IN = 'service=~"$service",envoy_http_conn_manager_prefix="public_listener"';
const OUT =
  'service=~"$service",envoy_cluster_name!~"local_app|self_admin|prometheus_backend|consul-dataplane|local_agent"';

export const meshDashboard: Dashboard = {
  uid: "caravan-mesh",
  title: "Service mesh",
  description: "Requests that sidecars took and made: how many, how fast, how many failed.",
  tags: ["mesh"],
  variables: [{ name: "service", label: "Service", values: { series: "envoy_server_live", label: "service" } }],
  rows: [
    {
      title: "Requests to the service",
      panels: [
        graph("Requests", "reqps", {
          expr: `sum by (service) (rate(envoy_http_downstream_rq_total{${IN}}[5m]))`,
          legend: "{{service}}",
        }),
        graph(
          "Failed",
          "percentunit",
          {
            expr: `sum by (service) (rate(envoy_http_downstream_rq_xx{${IN},envoy_response_code_class="5"}[5m])) / sum by (service) (rate(envoy_http_downstream_rq_total{${IN}}[5m]))`,
            legend: "{{service}}",
          },
          { max: 1 },
        ),
        graph("Time, 95 of 100", "ms", {
          expr: `histogram_quantile(0.95, sum by (service, le) (rate(envoy_http_downstream_rq_time_bucket{${IN}}[5m])))`,
          legend: "{{service}}",
        }),
        graph(
          "Answers by class",
          "reqps",
          {
            expr: `sum by (service, envoy_response_code_class) (rate(envoy_http_downstream_rq_xx{${IN}}[5m]))`,
            legend: "{{service}} {{envoy_response_code_class}}xx",
          },
          { stacked: true },
        ),
      ],
    },
    {
      title: "Requests of the service to others",
      panels: [
        graph("Requests", "reqps", {
          expr: `sum by (service, envoy_cluster_name) (rate(envoy_cluster_upstream_rq_total{${OUT}}[5m]))`,
          legend: "{{service}} to {{envoy_cluster_name}}",
        }),
        graph("Failed", "reqps", {
          expr: `sum by (service, envoy_cluster_name) (rate(envoy_cluster_upstream_rq_xx{${OUT},envoy_response_code_class="5"}[5m]))`,
          legend: "{{service}} to {{envoy_cluster_name}}",
        }),
        graph("Nobody to ask", "reqps", [
          {
            expr: `sum by (service, envoy_cluster_name) (rate(envoy_cluster_upstream_cx_none_healthy{${OUT}}[5m]))`,
            legend: "{{service}} to {{envoy_cluster_name}}",
          },
          {
            expr: `sum by (service) (rate(envoy_cluster_upstream_cx_connect_fail{${OUT}}[5m]))`,
            legend: "{{service}}: not connected",
          },
        ]),
        graph(
          "Healthy instances",
          "percentunit",
          {
            expr: `min by (envoy_cluster_name) (envoy_cluster_membership_healthy{${OUT}} / envoy_cluster_membership_total{${OUT}})`,
            legend: "{{envoy_cluster_name}}",
          },
          { max: 1 },
        ),
      ],
    },
    {
      title: "Sidecars",
      panels: [
        graph("Connections", "short", {
          expr: `sum by (service) (envoy_http_downstream_cx_active{${IN}})`,
          legend: "{{service}}",
        }),
        graph("Refused by intentions", "reqps", {
          expr: 'sum by (service) (rate(envoy_http_rbac_denied{service=~"$service"}[5m]))',
          legend: "{{service}}",
        }),
        graph(
          "Heard by Consul",
          "none",
          {
            expr: 'min by (service) (envoy_control_plane_connected_state{service=~"$service"})',
            legend: "{{service}}",
          },
          { max: 1 },
        ),
        graph("Certificate ends in", "s", {
          expr: 'min by (service) (envoy_server_days_until_first_cert_expiring{service=~"$service"}) * 86400',
          legend: "{{service}}",
        }),
        graph("Memory of sidecars", "bytes", {
          expr: 'sum by (service) (envoy_server_memory_allocated{service=~"$service"})',
          legend: "{{service}}",
        }),
      ],
    },
  ],
};
