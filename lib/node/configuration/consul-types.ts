import type { TelemetryExtension } from "./vault-types";

/**
 * What a user adds to Consul's configuration, by the names of https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file.
 * What the cluster stands on (ACL, TLS, gossip, ports, joining) is not among it.
 */
export interface ConsulExtension {
  /** @default "INFO" */
  readonly log_level?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";
  /** @default true */
  readonly log_json?: boolean;
  readonly node_meta?: Readonly<Record<string, string>>;
  readonly recursors?: readonly string[];
  readonly dns_config?: {
    readonly allow_stale?: boolean;
    readonly max_stale?: string;
    readonly node_ttl?: string;
    readonly service_ttl?: Readonly<Record<string, string>>;
    readonly enable_truncate?: boolean;
    readonly only_passing?: boolean;
    readonly recursor_strategy?: "sequential" | "random";
    readonly recursor_timeout?: string;
    readonly udp_answer_limit?: number;
    readonly a_record_limit?: number;
    readonly use_cache?: boolean;
    readonly cache_max_age?: string;
  };
  readonly ui_config?: {
    /** @default true on servers */
    readonly enabled?: boolean;
    readonly metrics_provider?: string;
    readonly metrics_proxy?: { readonly base_url?: string; readonly path_allowlist?: readonly string[] };
    readonly dashboard_url_templates?: Readonly<Record<string, string>>;
  };
  readonly limits?: {
    readonly http_max_conns_per_client?: number;
    readonly https_handshake_timeout?: string;
    readonly rpc_handshake_timeout?: string;
    readonly rpc_client_timeout?: string;
    readonly rpc_max_conns_per_client?: number;
    readonly rpc_rate?: number;
    readonly rpc_max_burst?: number;
    readonly kv_max_value_size?: number;
    readonly txn_max_req_len?: number;
    readonly request_limits?: {
      /** @default "permissive": over the limit is logged and counted, not refused */
      readonly mode?: "disabled" | "permissive" | "enforcing";
      readonly read_rate?: number;
      readonly write_rate?: number;
    };
  };
  readonly telemetry?: TelemetryExtension & {
    readonly enable_host_metrics?: boolean;
    readonly filter_default?: boolean;
  };
  readonly connect?: {
    readonly ca_provider?: "consul" | "vault" | "aws-pca";
    /** Holds no secret: with Vault, an `auth_method` and no token. */
    readonly ca_config?: Readonly<Record<string, string | number | boolean | Readonly<Record<string, unknown>>>>;
  };
  readonly autopilot?: {
    readonly last_contact_threshold?: string;
    readonly max_trailing_logs?: number;
    readonly server_stabilization_time?: string;
    readonly redundancy_zone_tag?: string;
  };
  readonly performance?: { readonly raft_multiplier?: number; readonly leave_drain_time?: string };
  readonly raft_snapshot_threshold?: number;
  readonly raft_snapshot_interval?: string;
  readonly reconnect_timeout?: string;
  readonly session_ttl_min?: string;
}
