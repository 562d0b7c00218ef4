import type { AlertGroup } from "./rule";

/** What kills a worker. Disks are those that Nomad's client sees; it tells them itself. */
export const nodeRules: AlertGroup = {
  name: "node",
  rules: [
    {
      alert: "NodeDown",
      expr: 'up{job="node"} == 0',
      for: "5m",
      severity: "warning",
      summary: "Worker {{ $labels.node }} gives no figures.",
      action: "`nomad node status`; see whether the machine leaves or is lost.",
    },
    {
      alert: "NodeDiskFilling",
      expr: "nomad_client_host_disk_used_percent > 85",
      for: "15m",
      severity: "warning",
      summary: 'Disk {{ $labels.disk }} of {{ $labels.node }} is {{ $value | printf "%.0f" }} % full.',
      action: "Find what fills it: images (`docker system df`), allocations, the journal.",
    },
    {
      alert: "NodeDiskFull",
      expr: "nomad_client_host_disk_used_percent > 95 or nomad_client_host_disk_inodes_percent > 95",
      for: "5m",
      severity: "critical",
      summary: 'Disk {{ $labels.disk }} of {{ $labels.node }} is {{ $value | printf "%.0f" }} % full.',
      action: "Drain the node (`nomad node drain -enable`) and make room; tasks fail to start now.",
    },
    {
      alert: "NodeClockSkewed",
      expr: "abs(node_timex_offset_seconds) > 0.5 or node_timex_sync_status == 0",
      for: "15m",
      severity: "warning",
      summary: "The clock of {{ $labels.node }} is off, or nothing sets it: certificates and tokens will be refused.",
      action: "`chronyc tracking` or `timedatectl` on the node; see whether it reaches its time server.",
    },
    {
      alert: "NodeMemoryShort",
      expr: "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.05",
      for: "10m",
      severity: "warning",
      summary: "Worker {{ $labels.node }} has less than 5 % of its memory left.",
      action: "See which job uses more than it reserved (memory oversubscription), or add workers.",
    },
    {
      alert: "NodeFilesExhausted",
      expr: "node_filefd_allocated / node_filefd_maximum > 0.8",
      for: "10m",
      severity: "warning",
      summary: "Worker {{ $labels.node }} has 80 % of its file handles in use.",
      action: "Find the task that opens files or connections without closing them.",
    },
  ],
};
