import type { Dashboard } from "./builder";
import { graph } from "./panels";

const APP = 'service=~"$service"';

/** Applications on a JVM, as Micrometer names their figures (Spring Boot's `/actuator/prometheus`). */
export const jvmDashboard: Dashboard = {
  uid: "caravan-jvm",
  title: "JVM",
  description: "Memory, collection, threads and requests of applications on a JVM, as Micrometer tells them.",
  tags: ["jvm"],
  variables: [{ name: "service", label: "Service", values: { series: "jvm_info", label: "service" } }],
  rows: [
    {
      title: "Memory",
      panels: [
        graph("Heap", "bytes", [
          { expr: `sum by (service) (jvm_memory_used_bytes{${APP},area="heap"})`, legend: "{{service}} used" },
          { expr: `sum by (service) (jvm_memory_max_bytes{${APP},area="heap"})`, legend: "{{service}} at most" },
        ]),
        graph(
          "Beside the heap",
          "bytes",
          {
            expr: `sum by (service, id) (jvm_memory_used_bytes{${APP},area="nonheap"})`,
            legend: "{{service}} {{id}}",
          },
          { stacked: true },
        ),
        graph("Time in collection", "percentunit", {
          expr: `sum by (service, action) (rate(jvm_gc_pause_seconds_sum{${APP}}[5m]))`,
          legend: "{{service}} {{action}}",
        }),
        graph(
          "Left after collection",
          "percentunit",
          {
            expr: `max by (service) (jvm_gc_live_data_size_bytes{${APP}} / jvm_gc_max_data_size_bytes{${APP}})`,
            legend: "{{service}}",
          },
          { max: 1, description: "Nearly 1 means that there is too little heap, or a leak." },
        ),
      ],
    },
    {
      title: "Threads and processor",
      panels: [
        graph("Threads", "short", [
          { expr: `sum by (service) (jvm_threads_live_threads{${APP}})`, legend: "{{service}} live" },
          {
            expr: `sum by (service) (jvm_threads_states_threads{${APP},state="blocked"})`,
            legend: "{{service}} blocked",
          },
        ]),
        graph(
          "Processor",
          "percentunit",
          { expr: `avg by (service) (process_cpu_usage{${APP}})`, legend: "{{service}}" },
          { max: 1 },
        ),
        graph("Classes", "short", {
          expr: `sum by (service) (jvm_classes_loaded_classes{${APP}})`,
          legend: "{{service}}",
        }),
        graph("Open files", "percentunit", {
          expr: `max by (service) (process_files_open_files{${APP}} / process_files_max_files{${APP}})`,
          legend: "{{service}}",
        }),
      ],
    },
    {
      title: "Requests and connections",
      panels: [
        graph(
          "Requests",
          "reqps",
          {
            expr: `sum by (service, status) (rate(http_server_requests_seconds_count{${APP}}[5m]))`,
            legend: "{{service}} {{status}}",
          },
          { stacked: true },
        ),
        graph("Mean time", "s", {
          expr: `sum by (service, uri) (rate(http_server_requests_seconds_sum{${APP}}[5m])) / sum by (service, uri) (rate(http_server_requests_seconds_count{${APP}}[5m]))`,
          legend: "{{service}} {{uri}}",
        }),
        graph("Connections to databases", "short", [
          {
            expr: `sum by (service, pool) (hikaricp_connections_active{${APP}})`,
            legend: "{{service}} {{pool}} in use",
          },
          {
            expr: `sum by (service, pool) (hikaricp_connections_pending{${APP}})`,
            legend: "{{service}} {{pool}} waited for",
          },
        ]),
        graph("Errors written", "short", {
          expr: `sum by (service) (rate(logback_events_total{${APP},level="error"}[5m]))`,
          legend: "{{service}}",
        }),
      ],
    },
  ],
};
