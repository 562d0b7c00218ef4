/**
 * The services of the observability: their names in the mesh, and where each listens inside its own network. Nothing but
 * its sidecar reaches those ports; figures of nodes and of sidecars are the exception, which Prometheus asks directly.
 */
export const observabilityServices = {
  prometheus: { service: "prometheus", port: 9090 },
  alertmanager: { service: "alertmanager", port: 9093 },
  grafana: { service: "grafana", port: 3000 },
  loki: { service: "loki", port: 3100 },
  tempo: { service: "tempo", port: 3200 },
  /** Where Tempo takes traces from the collector, by OTLP over HTTP. */
  tempoOtlp: { service: "tempo-otlp", port: 4318 },
  /** Where applications send traces, by OTLP over HTTP. */
  otlp: { service: "otlp", port: 4318 },
} as const;

export type ObservabilityServiceName = keyof typeof observabilityServices;

/** Service of node exporter, one a worker: by it Prometheus knows which nodes are workers. */
export const nodeExporterService = "node-exporter";

/** Port of Blackbox exporter on Prometheus's own loopback. */
export const blackboxPort = 9115;

/** Port of Envoy's own figures inside a group's network. */
export const envoyMetricsPort = 9102;

/**
 * Facts of a service in Consul by which Prometheus finds its figures: ports on the node, and the path of the
 * application's own.
 */
export const scrapeMeta = {
  port: "metrics_port",
  path: "metrics_path",
  envoyPort: "envoy_metrics_port",
} as const;

/** Who calls whom. Each line is an intention; all else is refused. */
export const observabilityCalls: readonly (readonly [from: ObservabilityServiceName, to: ObservabilityServiceName])[] =
  [
    ["prometheus", "alertmanager"],
    ["grafana", "prometheus"],
    ["grafana", "alertmanager"],
    ["grafana", "loki"],
    ["grafana", "tempo"],
    ["otlp", "loki"],
    ["otlp", "tempoOtlp"],
  ];
