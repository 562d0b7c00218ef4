/** Telemetry that all three products name alike. */
export interface TelemetryExtension {
  readonly prometheus_retention_time?: string;
  readonly statsd_address?: string;
  readonly statsite_address?: string;
  readonly dogstatsd_addr?: string;
  readonly dogstatsd_tags?: readonly string[];
  readonly metrics_prefix?: string;
  readonly prefix_filter?: readonly string[];
}

/**
 * What a user adds to Vault's configuration, by the names of
 * https://developer.hashicorp.com/vault/docs/configuration. What the cluster stands on (storage, seal, listener's TLS, addresses)
 * is not among it.
 */
export interface VaultExtension {
  /** @default true */
  readonly ui?: boolean;
  /** @default "info" */
  readonly log_level?: "trace" | "debug" | "info" | "warn" | "error";
  /** @default "json" */
  readonly log_format?: "standard" | "json";
  readonly log_requests_level?: string;
  /** @default "1h" */
  readonly default_lease_ttl?: string;
  /** @default "768h" */
  readonly max_lease_ttl?: string;
  readonly default_max_request_duration?: string;
  readonly cache_size?: string;
  readonly plugin_directory?: string;
  /** For versions of Vault that know it (1.19 does not): recommended there. */
  readonly deny_slash_in_templated_paths?: boolean;
  readonly enable_response_header_hostname?: boolean;
  readonly enable_response_header_raft_node_id?: boolean;
  readonly telemetry?: TelemetryExtension & {
    readonly usage_gauge_period?: string;
    readonly maximum_gauge_cardinality?: number;
    readonly lease_metrics_epsilon?: string;
    readonly num_lease_metrics_buckets?: number;
    readonly add_lease_metrics_namespace_labels?: boolean;
    readonly filter_default?: boolean;
  };
  readonly user_lockout?: Partial<Readonly<Record<"all" | "userpass" | "ldap" | "approle", UserLockout>>>;
}

export interface UserLockout {
  readonly lockout_threshold?: string;
  readonly lockout_duration?: string;
  readonly lockout_counter_reset?: string;
  readonly disable_lockout?: string;
}

/** What a user adds to Vault Agent's configuration. Its templates and sign-in are the node's own. */
export interface VaultAgentExtension {
  /** @default "info" */
  readonly log_level?: "trace" | "debug" | "info" | "warn" | "error";
  /** @default "json" */
  readonly log_format?: "standard" | "json";
  readonly telemetry?: TelemetryExtension;
  readonly template_config?: {
    /** How often secrets without a lease are read again. @default "5m" */
    readonly static_secret_render_interval?: string;
    readonly max_connections_per_host?: string;
  };
}
