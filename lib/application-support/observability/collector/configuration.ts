import { observabilityServices } from "../services";

/** Ports of the collector's own loopback. */
export const collectorPorts = { health: 13133, metrics: 8888, loki: 3100, tempo: 14318 } as const;

/** What the collector ships. */
export interface CollectorRoutes {
  readonly logs: boolean;
  readonly traces: boolean;
  /** Where the lines of the journal are read, one JSON object a line. @default "/alloc/logs/journal.stdout.*" */
  readonly journalFiles?: string;
  /** Where it remembers what it has read. @default "/alloc/data" */
  readonly stateDirectory?: string;
}

/** Fields of the journal, and what they are called in Loki. Those of tasks are labels of containers that Nomad sets. */
const RESOURCE = {
  _HOSTNAME: "host.name",
  _SYSTEMD_UNIT: "systemd.unit",
  COM_HASHICORP_NOMAD_NAMESPACE: "nomad.namespace",
  COM_HASHICORP_NOMAD_JOB_NAME: "nomad.job",
  COM_HASHICORP_NOMAD_TASK_GROUP_NAME: "nomad.group",
  COM_HASHICORP_NOMAD_TASK_NAME: "nomad.task",
} as const;

const ATTRIBUTES = {
  COM_HASHICORP_NOMAD_ALLOC_ID: "nomad.allocation",
  SYSLOG_IDENTIFIER: "syslog.identifier",
} as const;

/**
 * Configuration of the OpenTelemetry collector on each node: traces and lines that applications send by OTLP, and the node's
 * journal, in which the lines of containers stand as well.
 *
 * https://opentelemetry.io/docs/collector/configuration/
 */
export function collectorConfiguration(routes: CollectorRoutes): object {
  const { logs, traces, stateDirectory = "/alloc/data" } = routes;
  const http = {
    compression: "gzip",
    sending_queue: { queue_size: 1000 },
    retry_on_failure: { max_elapsed_time: "5m" },
  };
  const exporter = (port: number, path = "") => ({ endpoint: `http://127.0.0.1:${port}${path}`, ...http });
  const pipeline = (receivers: readonly string[], to: string) => ({
    receivers: [...receivers],
    processors: ["memory_limiter", "batch"],
    exporters: [to],
  });
  return {
    extensions: {
      health_check: { endpoint: `127.0.0.1:${collectorPorts.health}` },
      ...(logs ? { file_storage: { directory: stateDirectory } } : {}),
    },
    receivers: {
      otlp: { protocols: { http: { endpoint: `127.0.0.1:${observabilityServices.otlp.port}` } } },
      ...(logs ? { "filelog/journal": journal(routes) } : {}),
    },
    processors: {
      memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
      batch: { timeout: "1s" },
    },
    exporters: {
      ...(logs ? { "otlphttp/loki": exporter(collectorPorts.loki, "/otlp") } : {}),
      ...(traces ? { "otlphttp/tempo": exporter(collectorPorts.tempo) } : {}),
    },
    service: {
      extensions: ["health_check", ...(logs ? ["file_storage"] : [])],
      pipelines: {
        ...(logs ? { logs: pipeline(["otlp", "filelog/journal"], "otlphttp/loki") } : {}),
        ...(traces ? { traces: pipeline(["otlp"], "otlphttp/tempo") } : {}),
      },
      telemetry: {
        logs: { level: "warn", encoding: "json" },
        metrics: {
          readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: collectorPorts.metrics } } } }],
        },
      },
    },
  };
}

function journal({ journalFiles = "/alloc/logs/journal.stdout.*" }: CollectorRoutes): object {
  const move = (from: string, to: string) => ({
    type: "move",
    from: `attributes.${from}`,
    to,
    if: `attributes["${from}"] != nil`,
  });
  return {
    include: [journalFiles],
    start_at: "beginning",
    storage: "file_storage",
    operators: [
      { type: "json_parser", on_error: "drop_quiet" },
      {
        type: "time_parser",
        parse_from: "attributes.__REALTIME_TIMESTAMP",
        layout_type: "epoch",
        layout: "us",
        on_error: "send_quiet",
      },
      {
        type: "severity_parser",
        parse_from: "attributes.PRIORITY",
        mapping: { fatal: ["0", "1", "2"], error: "3", warn: "4", info: ["5", "6"], debug: "7" },
        on_error: "send_quiet",
      },
      { ...move("MESSAGE", "body"), id: "message" },
      ...Object.entries(RESOURCE).map(([field, name]) => move(field, `resource["${name}"]`)),
      ...Object.entries(ATTRIBUTES).map(([field, name]) => move(field, `attributes["${name}"]`)),
      {
        type: "retain",
        fields: [
          "body",
          ...Object.values(RESOURCE).map((name) => `resource["${name}"]`),
          ...Object.values(ATTRIBUTES).map((name) => `attributes["${name}"]`),
        ],
      },
    ],
  };
}
