import { matching } from "../../core/rules";

/** Container images of the observability, each pinned to a version. */
export interface ObservabilityImages {
  readonly prometheus: string;
  readonly blackboxExporter: string;
  readonly nodeExporter: string;
  readonly alertmanager: string;
  readonly grafana: string;
  readonly loki: string;
  readonly tempo: string;
  /** The OpenTelemetry collector with the receivers of its contrib distribution. */
  readonly collector: string;
  /** Any image with a `journalctl`, which the collector's own has not, and a `chown` for new volumes. */
  readonly journal: string;
}

/** What this release stands on. */
export const defaultObservabilityImages: ObservabilityImages = {
  prometheus: "docker.io/prom/prometheus:v3.5.0",
  blackboxExporter: "docker.io/prom/blackbox-exporter:v0.27.0",
  nodeExporter: "docker.io/prom/node-exporter:v1.9.1",
  alertmanager: "docker.io/prom/alertmanager:v0.28.1",
  grafana: "docker.io/grafana/grafana:12.1.1",
  loki: "docker.io/grafana/loki:3.5.3",
  tempo: "docker.io/grafana/tempo:2.8.2",
  collector: "docker.io/otel/opentelemetry-collector-contrib:0.160.0",
  journal: "registry.access.redhat.com/ubi9/ubi:9.6",
};

/** An image with a tag that is not `latest`, or a digest. */
export const pinnedImage = matching(
  /[\w.:/-]+(?::(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})/,
  "an image with a version or a digest, not latest",
  'name a version, such as "prom/prometheus:v3.5.0"',
);
