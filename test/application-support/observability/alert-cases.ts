/** Series of one minute a value, in promtool's notation, and when they are looked at. */
export interface Situation {
  readonly series: Readonly<Record<string, string>>;
  /** @default "30m" */
  readonly at?: string;
  /** How many alerts fire. */
  readonly fires: number;
}

const job = 'exported_job="shop",namespace="shop",task_group="web",job="nomad-client"';
const task = 'exported_job="shop",namespace="shop",task_group="web",task="web",job="nomad-client"';
const disk = 'disk="/dev/vda",node="general-1",job="nomad-client"';
const health = (instance: string) => `probe_http_status_code{job="probe-vault",instance="${instance}"}`;

function snapshots(product: string, metric: string): Situation[] {
  const up = { 'up{job="prometheus",instance="p"}': "1x400", [`up{job="${product}",instance="a"}`]: "1x400" };
  return [
    { series: up, at: "4h", fires: 1 },
    // Prometheus has just begun to look.
    { series: { 'up{job="prometheus",instance="p"}': "1x60" }, at: "1h", fires: 0 },
    // Seen for an hour after each snapshot, and then forgotten.
    { series: { ...up, [metric]: "_x60 1x50 _x20 1x50 _x20 1x50 _x20 1x50" }, at: "5h", fires: 0 },
    // Kept for ever, and growing.
    { series: { ...up, [metric]: "1x60 2x60 3x60 4x60 5x60 6x60" }, at: "5h", fires: 0 },
    // Kept for ever, and not growing any more.
    { series: { ...up, [metric]: "1x60 2x340" }, at: "6h", fires: 1 },
  ];
}

/** For each alert, situations in which it fires and in which it must not. */
export const alertCases: Readonly<Record<string, readonly Situation[]>> = {
  VaultSealed: [
    { series: { [health("a")]: "503x60", [health("b")]: "200x60", [health("c")]: "429x60" }, fires: 1 },
    { series: { [health("a")]: "429x60", [health("b")]: "200x60" }, fires: 0 },
  ],
  VaultNoLeader: [
    { series: { [health("a")]: "429x60", [health("b")]: "503x60" }, fires: 1 },
    { series: {}, fires: 1 },
    { series: { [health("a")]: "200x60", [health("b")]: "503x60" }, fires: 0 },
  ],
  VaultServerDown: [
    { series: { [health("a")]: "0x60", [health("b")]: "200x60" }, fires: 1 },
    { series: { [health("a")]: "429x60" }, fires: 0 },
  ],
  VaultPeersMissing: [
    { series: { "vault_raft_peers{}": "2x60" }, fires: 1 },
    { series: { "vault_raft_peers{}": "3x60" }, fires: 0 },
  ],
  VaultUnhealthy: [
    { series: { "vault_autopilot_healthy{}": "0x60" }, fires: 1 },
    { series: { "vault_autopilot_healthy{}": "1x60" }, fires: 0 },
  ],
  VaultAuditFailing: [
    { series: { "vault_audit_log_request_failure{}": "0x25 1x40" }, at: "28m", fires: 1 },
    { series: { "vault_audit_log_response_failure{}": "0x25 1x40" }, at: "28m", fires: 1 },
    { series: { "vault_audit_log_request_failure{}": "0x60", "vault_audit_log_response_failure{}": "0x60" }, fires: 0 },
  ],
  VaultLeasesGrow: [
    { series: { "vault_expire_num_leases{}": "60000+10x600" }, at: "8h", fires: 1 },
    { series: { "vault_expire_num_leases{}": "100+10x600" }, at: "8h", fires: 0 },
    { series: { "vault_expire_num_leases{}": "90000-10x600" }, at: "8h", fires: 0 },
  ],
  VaultTokensGrow: [
    { series: { 'vault_token_count{namespace="root"}': "60000+10x600" }, at: "8h", fires: 1 },
    { series: { 'vault_token_count{namespace="root"}': "60000x600" }, at: "8h", fires: 0 },
  ],
  VaultLeasesIrrevocable: [
    { series: { "vault_expire_num_irrevocable_leases{}": "2x60" }, fires: 1 },
    { series: { "vault_expire_num_irrevocable_leases{}": "0x60" }, fires: 0 },
  ],
  VaultSnapshotMissing: snapshots("vault", 'vault_raft_snapshot_create_count{job="vault",instance="a"}'),
  ConsulNoLeader: [
    {
      series: { 'consul_server_isLeader{instance="a"}': "0x60", 'consul_server_isLeader{instance="b"}': "0x60" },
      fires: 1,
    },
    { series: {}, fires: 1 },
    {
      series: { 'consul_server_isLeader{instance="a"}': "0x60", 'consul_server_isLeader{instance="b"}': "1x60" },
      fires: 0,
    },
  ],
  ConsulServerDown: [
    { series: { 'up{job="consul",instance="a"}': "0x60", 'up{job="consul",instance="b"}': "1x60" }, fires: 1 },
    { series: { 'up{job="consul",instance="a"}': "1x60" }, fires: 0 },
  ],
  ConsulPeersMissing: [
    { series: { 'consul_raft_peers{instance="a"}': "2x60" }, fires: 1 },
    { series: { 'consul_raft_peers{instance="a"}': "3x60" }, fires: 0 },
  ],
  ConsulUnhealthy: [
    { series: { 'consul_autopilot_healthy{instance="a"}': "0x60" }, fires: 1 },
    { series: { 'consul_autopilot_healthy{instance="a"}': "1x60" }, fires: 0 },
  ],
  ConsulCertificateEnds: [
    { series: { 'consul_agent_tls_cert_expiry{instance="a"}': "80000x60" }, fires: 1 },
    { series: { 'consul_agent_tls_cert_expiry{instance="a"}': "2000000x60" }, fires: 0 },
    // An agent without TLS says 0.
    { series: { 'consul_agent_tls_cert_expiry{instance="a"}': "0x60" }, fires: 0 },
  ],
  MeshAuthorityEnds: [
    { series: { 'consul_mesh_active_root_ca_expiry{instance="a"}': "1000000x120" }, at: "90m", fires: 1 },
    { series: { 'consul_mesh_active_root_ca_expiry{instance="a"}': "300000000x120" }, at: "90m", fires: 0 },
  ],
  ConsulRpcFailing: [
    { series: { 'consul_client_rpc_failed{instance="a"}': "0+60x60" }, fires: 1 },
    { series: { 'consul_client_rpc_failed{instance="a"}': "7x60" }, fires: 0 },
  ],
  ConsulSnapshotMissing: snapshots(
    "consul",
    'consul_api_http_count{job="consul",instance="a",method="GET",path="v1_snapshot"}',
  ),
  NomadNoLeader: [
    { series: { 'probe_success{job="probe-nomad",instance="a"}': "0x60" }, fires: 1 },
    { series: {}, fires: 1 },
    {
      series: {
        'probe_success{job="probe-nomad",instance="a"}': "0x60",
        'probe_success{job="probe-nomad",instance="b"}': "1x60",
      },
      fires: 0,
    },
  ],
  NomadServerDown: [
    { series: { 'up{job="nomad",instance="a"}': "0x60" }, fires: 1 },
    { series: { 'up{job="nomad",instance="a"}': "1x60" }, fires: 0 },
  ],
  NomadPeersMissing: [
    { series: { 'nomad_raft_peers{instance="a"}': "2x60" }, fires: 1 },
    { series: { 'nomad_raft_peers{instance="a"}': "3x60" }, fires: 0 },
  ],
  NomadUnhealthy: [
    { series: { 'nomad_nomad_autopilot_healthy{instance="a"}': "0x60" }, fires: 1 },
    { series: { 'nomad_nomad_autopilot_healthy{instance="a"}': "1x60" }, fires: 0 },
  ],
  NomadClientDown: [
    { series: { 'up{job="nomad-client",node="general-1"}': "0x60" }, fires: 1 },
    { series: { 'up{job="nomad-client",node="general-1"}': "1x60" }, fires: 0 },
  ],
  NomadJobsBlocked: [
    {
      series: {
        "nomad_nomad_blocked_evals_total_blocked{}": "2x60",
        "nomad_nomad_blocked_evals_total_escaped{}": "0x60",
      },
      fires: 1,
    },
    {
      series: {
        "nomad_nomad_blocked_evals_total_blocked{}": "0x20 1x5 0x40",
        "nomad_nomad_blocked_evals_total_escaped{}": "0x60",
      },
      fires: 0,
    },
  ],
  NomadJobQueued: [
    { series: { [`nomad_nomad_job_summary_queued{${job}}`]: "1x60" }, fires: 1 },
    { series: { [`nomad_nomad_job_summary_queued{${job}}`]: "0x60" }, fires: 0 },
  ],
  NomadDeploymentFailing: [
    // Three allocations, each of which failed once, seen for a minute.
    {
      series: {
        [`nomad_client_allocs_failed{${task},alloc_id="1"}`]: "_x20 1 _x60",
        [`nomad_client_allocs_failed{${task},alloc_id="2"}`]: "_x23 1 _x60",
        [`nomad_client_allocs_failed{${task},alloc_id="3"}`]: "_x26 1 _x60",
      },
      fires: 1,
    },
    { series: { [`nomad_client_allocs_failed{${task},alloc_id="1"}`]: "_x20 1 _x60" }, fires: 0 },
  ],
  NomadTaskRestarting: [
    { series: { [`nomad_client_allocs_restart{${task},alloc_id="1"}`]: "_x20 1+1x10 _x60" }, fires: 1 },
    { series: { [`nomad_client_allocs_restart{${task},alloc_id="1"}`]: "_x20 1 _x60" }, fires: 0 },
  ],
  NomadTaskOutOfMemory: [
    { series: { [`nomad_client_allocs_oom_killed{${task},alloc_id="1"}`]: "_x20 1 _x60" }, fires: 1 },
    { series: { [`nomad_client_allocs_running{${task},alloc_id="1"}`]: "1x60" }, fires: 0 },
  ],
  NomadAllocationsLost: [
    { series: { [`nomad_nomad_job_summary_lost{${job}}`]: "0x25 2x40" }, fires: 1 },
    { series: { [`nomad_nomad_job_summary_lost{${job}}`]: "2x60" }, fires: 0 },
  ],
  NomadPlansPending: [
    { series: { "nomad_nomad_plan_queue_depth{}": "200x60" }, fires: 1 },
    { series: { "nomad_nomad_plan_queue_depth{}": "2x60" }, fires: 0 },
  ],
  NomadSnapshotMissing: snapshots("nomad", 'nomad_raft_snapshot_create_count{job="nomad",instance="a"}'),
  ServerCertificateEnds: [
    { series: { 'probe_ssl_earliest_cert_expiry{job="probe-vault",instance="a"}': "80000x60" }, fires: 1 },
    { series: { 'probe_ssl_earliest_cert_expiry{job="probe-vault",instance="a"}': "2600000x60" }, fires: 0 },
  ],
  EdgeCertificateEnds: [
    {
      series: { 'probe_ssl_earliest_cert_expiry{job="probe-people",instance="a"}': "1000000x120" },
      at: "90m",
      fires: 1,
    },
    {
      series: { 'probe_ssl_earliest_cert_expiry{job="probe-people",instance="a"}': "2600000x120" },
      at: "90m",
      fires: 0,
    },
  ],
  NodeDown: [
    { series: { 'up{job="node",node="general-1"}': "0x60" }, fires: 1 },
    { series: { 'up{job="node",node="general-1"}': "1x60" }, fires: 0 },
  ],
  NodeDiskFilling: [
    { series: { [`nomad_client_host_disk_used_percent{${disk}}`]: "90x60" }, fires: 1 },
    { series: { [`nomad_client_host_disk_used_percent{${disk}}`]: "60x60" }, fires: 0 },
  ],
  NodeDiskFull: [
    { series: { [`nomad_client_host_disk_used_percent{${disk}}`]: "97x60" }, fires: 1 },
    { series: { [`nomad_client_host_disk_inodes_percent{${disk}}`]: "97x60" }, fires: 1 },
    { series: { [`nomad_client_host_disk_used_percent{${disk}}`]: "90x60" }, fires: 0 },
  ],
  NodeClockSkewed: [
    {
      series: { 'node_timex_offset_seconds{node="n"}': "-2x60", 'node_timex_sync_status{node="n"}': "1x60" },
      fires: 1,
    },
    {
      series: { 'node_timex_offset_seconds{node="n"}': "0.001x60", 'node_timex_sync_status{node="n"}': "0x60" },
      fires: 1,
    },
    {
      series: { 'node_timex_offset_seconds{node="n"}': "0.001x60", 'node_timex_sync_status{node="n"}': "1x60" },
      fires: 0,
    },
  ],
  NodeMemoryShort: [
    {
      series: { 'node_memory_MemAvailable_bytes{node="n"}': "1x60", 'node_memory_MemTotal_bytes{node="n"}': "100x60" },
      fires: 1,
    },
    {
      series: { 'node_memory_MemAvailable_bytes{node="n"}': "50x60", 'node_memory_MemTotal_bytes{node="n"}': "100x60" },
      fires: 0,
    },
  ],
  NodeFilesExhausted: [
    { series: { 'node_filefd_allocated{node="n"}': "90x60", 'node_filefd_maximum{node="n"}': "100x60" }, fires: 1 },
    { series: { 'node_filefd_allocated{node="n"}': "9x60", 'node_filefd_maximum{node="n"}': "100x60" }, fires: 0 },
  ],
  SidecarDisconnected: [
    { series: { 'envoy_control_plane_connected_state{service="shop"}': "0x60" }, fires: 1 },
    { series: { 'envoy_control_plane_connected_state{service="shop"}': "1x60" }, fires: 0 },
  ],
  ServiceFailing: [
    {
      series: {
        'envoy_http_downstream_rq_xx{service="shop",envoy_response_code_class="5",envoy_http_conn_manager_prefix="public_listener"}':
          "0+10x60",
        'envoy_http_downstream_rq_total{service="shop",envoy_http_conn_manager_prefix="public_listener"}': "0+100x60",
      },
      fires: 1,
    },
    {
      series: {
        'envoy_http_downstream_rq_xx{service="shop",envoy_response_code_class="5",envoy_http_conn_manager_prefix="public_listener"}':
          "0+1x60",
        'envoy_http_downstream_rq_total{service="shop",envoy_http_conn_manager_prefix="public_listener"}': "0+100x60",
      },
      fires: 0,
    },
  ],
  Watchdog: [{ series: {}, fires: 1 }],
  VaultFiguresMissing: [
    { series: { 'up{job="vault",instance="a"}': "0x60" }, fires: 1 },
    { series: { 'up{job="vault",instance="a"}': "1x60" }, fires: 0 },
  ],
  ServiceFiguresMissing: [
    { series: { 'up{job="services",service="shop",instance="a"}': "0x60" }, fires: 1 },
    { series: { 'up{job="envoy",service="shop",instance="a"}': "1x60" }, fires: 0 },
  ],
  AlertsNotSent: [
    { series: { "prometheus_notifications_dropped_total{}": "0+5x60" }, fires: 1 },
    { series: { 'alertmanager_notifications_failed_total{integration="slack"}': "0+1x60" }, fires: 1 },
    { series: { "prometheus_notifications_dropped_total{}": "5x60" }, fires: 0 },
  ],
  PrometheusStorageFailing: [
    { series: { "prometheus_tsdb_compactions_failed_total{}": "0+1x60" }, fires: 1 },
    { series: { "prometheus_tsdb_compactions_failed_total{}": "1x60" }, fires: 0 },
  ],
  RulesFailing: [
    { series: { 'prometheus_rule_evaluation_failures_total{rule_group="x"}': "0x25 3x60" }, fires: 1 },
    { series: { 'prometheus_rule_evaluation_failures_total{rule_group="x"}': "3x60" }, fires: 0 },
  ],
};
