import type { Dashboard } from "./builder";
import { graph, lines } from "./panels";

const NODE = 'job="node",node=~"$node"';
/** Nomad's client tells of disks. */
const CLIENT = 'job="nomad-client",node=~"$node"';

export const nodeDashboard: Dashboard = {
  uid: "caravan-node",
  title: "Nodes",
  description: "Processor, memory, disks, network and clock of the workers.",
  tags: ["node"],
  variables: [{ name: "node", label: "Node", values: { series: "node_uname_info", label: "node" } }],
  rows: [
    {
      title: "Processor and memory",
      panels: [
        graph(
          "Processor",
          "percentunit",
          {
            expr: `1 - avg by (node) (rate(node_cpu_seconds_total{${NODE},mode="idle"}[5m]))`,
            legend: "{{node}}",
          },
          { max: 1 },
        ),
        graph("Load a core", "short", {
          expr: `node_load5{${NODE}} / on (node) count by (node) (node_cpu_seconds_total{${NODE},mode="idle"})`,
          legend: "{{node}}",
        }),
        graph(
          "Memory in use",
          "percentunit",
          {
            expr: `1 - node_memory_MemAvailable_bytes{${NODE}} / node_memory_MemTotal_bytes{${NODE}}`,
            legend: "{{node}}",
          },
          { max: 1 },
        ),
        graph(
          "Waiting",
          "percentunit",
          [
            { expr: `rate(node_pressure_cpu_waiting_seconds_total{${NODE}}[5m])`, legend: "{{node}} processor" },
            { expr: `rate(node_pressure_memory_waiting_seconds_total{${NODE}}[5m])`, legend: "{{node}} memory" },
            { expr: `rate(node_pressure_io_waiting_seconds_total{${NODE}}[5m])`, legend: "{{node}} disk" },
          ],
          { description: "Share of the time in which something waited (pressure stall information)." },
        ),
      ],
    },
    {
      title: "Disks",
      panels: [
        graph(
          "Full",
          "percent",
          { expr: `nomad_client_host_disk_used_percent{${CLIENT}}`, legend: "{{node}} {{disk}}" },
          { max: 100 },
        ),
        graph(
          "Inodes",
          "percent",
          { expr: `nomad_client_host_disk_inodes_percent{${CLIENT}}`, legend: "{{node}} {{disk}}" },
          { max: 100 },
        ),
        graph("Read and written", "Bps", [
          { expr: `sum by (node) (rate(node_disk_read_bytes_total{${NODE}}[5m]))`, legend: "{{node}} read" },
          { expr: `sum by (node) (rate(node_disk_written_bytes_total{${NODE}}[5m]))`, legend: "{{node}} written" },
        ]),
        graph(
          "Busy",
          "percentunit",
          {
            expr: `max by (node, device) (rate(node_disk_io_time_seconds_total{${NODE}}[5m]))`,
            legend: "{{node}} {{device}}",
          },
          { max: 1 },
        ),
      ],
    },
    {
      title: "Network and clock",
      panels: [
        graph("Received and sent", "Bps", [
          {
            expr: `sum by (node) (rate(node_network_receive_bytes_total{${NODE},device!~"lo|veth.*|docker.*|nomad"}[5m]))`,
            legend: "{{node}} received",
          },
          {
            expr: `sum by (node) (rate(node_network_transmit_bytes_total{${NODE},device!~"lo|veth.*|docker.*|nomad"}[5m]))`,
            legend: "{{node}} sent",
          },
        ]),
        graph("Lost", "short", {
          expr: `sum by (node) (rate(node_network_receive_drop_total{${NODE}}[5m]) + rate(node_network_receive_errs_total{${NODE}}[5m]))`,
          legend: "{{node}}",
        }),
        graph("Clock", "s", { expr: `abs(node_timex_offset_seconds{${NODE}})`, legend: "{{node}}" }),
        graph("Open files", "percentunit", {
          expr: `node_filefd_allocated{${NODE}} / node_filefd_maximum{${NODE}}`,
          legend: "{{node}}",
        }),
      ],
    },
    { title: "Lines", panels: [lines("Lines of units", '{host_name=~"$node.*", systemd_unit=~".+", nomad_job=""}')] },
  ],
};
