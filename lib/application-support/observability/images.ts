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
  /** Any image with a `journalctl`: the collector's own has none. */
  readonly journal: string;
}

/** What this release stands on. */
export const defaultImages: ObservabilityImages = {
  prometheus: "prom/prometheus:v3.5.0",
  blackboxExporter: "prom/blackbox-exporter:v0.27.0",
  nodeExporter: "prom/node-exporter:v1.9.1",
  alertmanager: "prom/alertmanager:v0.28.1",
  grafana: "grafana/grafana:12.1.1",
  loki: "grafana/loki:3.5.3",
  tempo: "grafana/tempo:2.8.2",
  collector: "otel/opentelemetry-collector-contrib:0.133.0",
  journal: "registry.access.redhat.com/ubi9/ubi:9.6",
};

/** Where images come from that name no registry. */
export const DOCKER_HUB = "docker.io";

/** An image with a tag that is not `latest`, or a digest. */
export const pinnedImage = matching(
  /[\w.:/-]+(?::(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})/,
  "an image with a version or a digest, not latest",
  'name a version, such as "prom/prometheus:v3.5.0"',
);

/** The images of an environment: those that are given, the others from `registry`. */
export function imagesOf(given: Partial<ObservabilityImages> = {}, registry = DOCKER_HUB): ObservabilityImages {
  const own = Object.fromEntries(
    Object.entries(defaultImages).map(([name, image]) => [
      name,
      /^[^/]+\.[^/]+\//.test(image)
        ? image.replace(/^[^/]+/, (host: string) => (registry === DOCKER_HUB ? host : registry))
        : `${registry}/${image}`,
    ]),
  );
  return { ...(own as unknown as ObservabilityImages), ...given };
}
