/**
 * How requests to a service find their way, in the words of Consul's configuration entries.
 * https://developer.hashicorp.com/consul/docs/fundamentals/config-entry
 */
export interface ServiceEntries {
  readonly defaults?: ServiceDefaults;
  readonly resolver?: ServiceResolver;
  readonly splitter?: ServiceSplitter;
  readonly router?: ServiceRouter;
}

/** https://developer.hashicorp.com/consul/docs/reference/config-entry/service-defaults */
export interface ServiceDefaults {
  readonly Protocol?: "tcp" | "http" | "http2" | "grpc";
  readonly MaxInboundConnections?: number;
  readonly LocalConnectTimeoutMs?: number;
  readonly LocalRequestTimeoutMs?: number;
  /** Spreads connections over the sidecar's threads; for few that last long. */
  readonly BalanceInboundConnections?: "exact_balance";
  /** Paths that are answered without a certificate of the mesh, as checks and metrics are. */
  readonly Expose?: {
    readonly Checks?: boolean;
    readonly Paths?: readonly {
      readonly Path: string;
      readonly ListenerPort: number;
      readonly LocalPathPort: number;
      readonly Protocol?: "http" | "http2";
    }[];
  };
  /** What the service calls. */
  readonly UpstreamConfig?: {
    readonly Defaults?: UpstreamLimits;
    readonly Overrides?: readonly (UpstreamLimits & { readonly Name: string })[];
  };
  /** A service outside the mesh, behind a terminating gateway. */
  readonly Destination?: { readonly Addresses: readonly string[]; readonly Port: number };
}

export interface UpstreamLimits {
  readonly Protocol?: string;
  readonly ConnectTimeoutMs?: number;
  readonly Limits?: {
    readonly MaxConnections?: number;
    readonly MaxPendingRequests?: number;
    readonly MaxConcurrentRequests?: number;
  };
  /** Takes an instance out that fails. */
  readonly PassiveHealthCheck?: { readonly Interval?: string; readonly MaxFailures?: number };
}

/** https://developer.hashicorp.com/consul/docs/reference/config-entry/service-resolver */
export interface ServiceResolver {
  readonly DefaultSubset?: string;
  /** Parts of the instances, by a filter over their metadata: `{ v2: { Filter: "Service.Meta.version == v2" } }`. */
  readonly Subsets?: Readonly<Record<string, { readonly Filter?: string; readonly OnlyPassing?: boolean }>>;
  readonly Redirect?: { readonly Service?: string; readonly ServiceSubset?: string; readonly Datacenter?: string };
  /** Where requests go while no instance of a subset (`"*"`: of any) is healthy. */
  readonly Failover?: Readonly<
    Record<
      string,
      { readonly Service?: string; readonly ServiceSubset?: string; readonly Datacenters?: readonly string[] }
    >
  >;
  /** `"5s"` */
  readonly ConnectTimeout?: string;
  readonly RequestTimeout?: string;
  readonly LoadBalancer?: {
    readonly Policy: "random" | "round_robin" | "least_request" | "ring_hash" | "maglev";
    readonly LeastRequestConfig?: { readonly ChoiceCount: number };
    /** What of a request decides where it goes, for `ring_hash` and `maglev`. */
    readonly HashPolicies?: readonly {
      readonly Field?: "header" | "cookie" | "query_parameter";
      readonly FieldValue?: string;
      readonly SourceIP?: boolean;
      readonly Terminal?: boolean;
    }[];
  };
}

/** https://developer.hashicorp.com/consul/docs/reference/config-entry/service-splitter */
export interface ServiceSplitter {
  /** Parts of a hundred; together they are 100. */
  readonly Splits: readonly { readonly Weight: number; readonly Service?: string; readonly ServiceSubset?: string }[];
}

/** https://developer.hashicorp.com/consul/docs/reference/config-entry/service-router */
export interface ServiceRouter {
  /** The first that fits decides. */
  readonly Routes: readonly {
    readonly Match?: {
      readonly HTTP: {
        readonly PathExact?: string;
        readonly PathPrefix?: string;
        readonly PathRegex?: string;
        readonly Methods?: readonly string[];
        readonly Header?: readonly { readonly Name: string; readonly Exact?: string; readonly Present?: boolean }[];
      };
    };
    readonly Destination?: {
      readonly Service?: string;
      readonly ServiceSubset?: string;
      readonly PrefixRewrite?: string;
      readonly RequestTimeout?: string;
      readonly IdleTimeout?: string;
      readonly RetryOnConnectFailure?: boolean;
      readonly RequestHeaders?: HeaderChanges;
      readonly ResponseHeaders?: HeaderChanges;
      readonly NumRetries?: number;
      readonly RetryOnStatusCodes?: readonly number[];
    };
  }[];
}

export interface HeaderChanges {
  readonly Add?: Readonly<Record<string, string>>;
  readonly Set?: Readonly<Record<string, string>>;
  readonly Remove?: readonly string[];
}
