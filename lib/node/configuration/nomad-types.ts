/**
 * What a user adds to Nomad's configuration, by the names of https://developer.hashicorp.com/nomad/docs/configuration. What the
 * cluster stands on (ACL, TLS, gossip, joining, keyring, identities, introduction) is not among it.
 */
export interface NomadExtension {
  /** @default "INFO" */
  readonly log_level?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";
  /** @default true */
  readonly log_json?: boolean;
  readonly ui?: {
    /** @default true */
    readonly enabled?: boolean;
    readonly label?: { readonly text: string; readonly background_color?: string; readonly text_color?: string };
    readonly vault?: { readonly ui_url: string };
    readonly consul?: { readonly ui_url: string };
  };
  readonly limits?: {
    readonly https_handshake_timeout?: string;
    readonly http_max_conns_per_client?: number;
    readonly rpc_handshake_timeout?: string;
    readonly rpc_max_conns_per_client?: number;
  };
  readonly telemetry?: {
    readonly collection_interval?: string;
    readonly publish_allocation_metrics?: boolean;
    readonly publish_node_metrics?: boolean;
    readonly in_memory_retention_period?: string;
    readonly statsd_address?: string;
    readonly statsite_address?: string;
    readonly datadog_address?: string;
    readonly datadog_tags?: readonly string[];
    readonly prefix_filter?: readonly string[];
    readonly filter_default?: boolean;
    readonly disable_allocation_hook_metrics?: boolean;
  };
  readonly autopilot?: {
    readonly last_contact_threshold?: string;
    readonly max_trailing_logs?: number;
    readonly server_stabilization_time?: string;
  };
  /** Read by servers. */
  readonly server?: NomadServerExtension;
  /** Read by workers. */
  readonly client?: NomadClientExtension;
  /** Task drivers and their settings, by the drivers' names. */
  readonly plugin?: Readonly<Record<string, { readonly config?: Readonly<Record<string, unknown>> }>>;
}

export interface NomadServerExtension {
  readonly heartbeat_grace?: string;
  readonly min_heartbeat_ttl?: string;
  readonly max_heartbeats_per_second?: number;
  readonly job_gc_interval?: string;
  readonly job_gc_threshold?: string;
  readonly eval_gc_threshold?: string;
  readonly batch_eval_gc_threshold?: string;
  readonly deployment_gc_threshold?: string;
  readonly node_gc_threshold?: string;
  readonly root_key_gc_interval?: string;
  readonly root_key_rotation_threshold?: string;
  readonly num_schedulers?: number;
  readonly enabled_schedulers?: readonly ("service" | "batch" | "system" | "sysbatch")[];
  readonly job_default_priority?: number;
  readonly job_max_priority?: number;
  readonly job_max_source_size?: string;
  readonly job_tracked_versions?: number;
  /** Address at which others read Nomad's OIDC configuration, reachable for a cloud that trusts workloads. */
  readonly oidc_issuer?: string;
  readonly raft_multiplier?: number;
  readonly event_buffer_size?: number;
  readonly default_scheduler_config?: {
    readonly scheduler_algorithm?: "binpack" | "spread";
    readonly memory_oversubscription_enabled?: boolean;
    readonly reject_job_registration?: boolean;
    readonly pause_eval_broker?: boolean;
    readonly preemption_config?: {
      readonly system_scheduler_enabled?: boolean;
      readonly batch_scheduler_enabled?: boolean;
      readonly service_scheduler_enabled?: boolean;
      readonly sysbatch_scheduler_enabled?: boolean;
    };
  };
}

export interface NomadClientExtension {
  readonly node_class?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly reserved?: {
    /** MHz. */
    readonly cpu?: number;
    readonly cores?: string;
    /** MiB. @default 512 */
    readonly memory?: number;
    /** MiB. @default 2048 */
    readonly disk?: number;
    readonly reserved_ports?: string;
  };
  readonly cpu_total_compute?: number;
  readonly memory_total_mb?: number;
  readonly disk_total_mb?: number;
  readonly max_kill_timeout?: string;
  readonly network_interface?: string;
  readonly bridge_network_subnet?: string;
  readonly bridge_network_hairpin_mode?: boolean;
  readonly gc_interval?: string;
  readonly gc_disk_usage_threshold?: number;
  readonly gc_inode_usage_threshold?: number;
  readonly gc_max_allocs?: number;
  readonly gc_parallel_destroys?: number;
  readonly no_host_uuid?: boolean;
  readonly drain_on_shutdown?: {
    /** How long a leaving worker waits for its jobs. @default "5m" */
    readonly deadline?: string;
    readonly force?: boolean;
    readonly ignore_system_jobs?: boolean;
  };
  readonly template?: {
    readonly function_denylist?: readonly string[];
    readonly max_stale?: string;
    readonly block_query_wait?: string;
  };
  readonly artifact?: {
    readonly http_read_timeout?: string;
    readonly http_max_size?: string;
    readonly git_timeout?: string;
    readonly s3_timeout?: string;
    readonly disable_filesystem_isolation?: boolean;
    readonly set_environment_variables?: string;
  };
}
