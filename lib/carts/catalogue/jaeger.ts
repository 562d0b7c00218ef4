import { httpCheck } from "../../nomad";
import { Cart } from "../cart";
import type { ExternalService } from "../declarations";
import { type CatalogueProps, catalogueImages, type ExposedProps, exposed, passed, placed } from "./common";

/** Elasticsearch as the place of traces. */
export interface JaegerStorage {
  /** Its service in the mesh. */
  readonly elasticsearch: string | ExternalService;
  /** The user, whose password is the secret `elasticsearch` of the job, key `password`. @default "jaeger" */
  readonly username?: string;
}

export interface JaegerProps extends CatalogueProps, ExposedProps {
  /**
   * Where traces are kept.
   *
   * @default - in memory, the last 100,000: they go with the allocation
   */
  readonly storage?: JaegerStorage;
}

const PORTS = {
  otlpGrpc: 4317,
  otlpHttp: 4318,
  query: 16_686,
  health: 13_133,
  metrics: 8888,
  elasticsearch: 9200,
} as const;

/**
 * Jaeger 2: one program that takes traces by OpenTelemetry's protocol, keeps them, and shows them. There is no agent any
 * more: applications send to the service `<name>-otlp` (HTTP) or `<name>-otlp-grpc`.
 *
 * https://www.jaegertracing.io/docs/2.9/architecture/
 */
export class Jaeger extends Cart {
  /** Where applications send traces, by OTLP over HTTP. */
  readonly otlp: string;
  readonly otlpGrpc: string;
  /** Where people look. */
  readonly query: string;

  constructor(name = "jaeger", props: JaegerProps = {}) {
    const { storage } = props;
    const otlp = `${name}-otlp`;
    const otlpGrpc = `${name}-otlp-grpc`;
    const health = httpCheck("/status", { port: `${PORTS.health}` });
    const allows = props.allows === undefined ? {} : { allows: props.allows };
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          jaeger: {
            task: {
              jaeger: {
                driver: "docker",
                config: {
                  image: props.image ?? catalogueImages.jaeger,
                  args: ["--config", "${NOMAD_TASK_DIR}/jaeger.json"],
                },
                template: { destination: "local/jaeger.json", data: JSON.stringify(configuration(storage), null, 2) },
                resources: props.resources ?? { cpu: 300, memory: "512MiB" },
              },
            },
          },
        },
      },
      provides: [
        { name, port: PORTS.query, health, metrics: { port: PORTS.metrics } },
        { name: otlp, port: PORTS.otlpHttp, health, ...allows },
        { name: otlpGrpc, port: PORTS.otlpGrpc, protocol: "grpc", health, ...allows },
      ],
      ...(storage === undefined
        ? {}
        : {
            consumes: { service: storage.elasticsearch, localPort: PORTS.elasticsearch },
            secrets: { path: "elasticsearch", env: { ES_PASSWORD: "password" } },
          }),
      ...exposed(props, name),
      ...passed(props),
    });
    this.query = name;
    this.otlp = otlp;
    this.otlpGrpc = otlpGrpc;
  }
}

/** https://www.jaegertracing.io/docs/2.9/deployment/configuration/ */
function configuration(storage: JaegerStorage | undefined): object {
  const backend =
    storage === undefined
      ? { memory: { max_traces: 100_000 } }
      : {
          elasticsearch: {
            server_urls: [`http://127.0.0.1:${PORTS.elasticsearch}`],
            auth: { basic: { username: storage.username ?? "jaeger", password: "${env:ES_PASSWORD}" } },
          },
        };
  const local = (port: number) => `127.0.0.1:${port}`;
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] } },
      telemetry: {
        resource: { "service.name": "jaeger" },
        metrics: {
          level: "normal",
          readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: PORTS.metrics } } } }],
        },
      },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: local(PORTS.health) } },
      jaeger_query: { storage: { traces: "traces" }, http: { endpoint: local(PORTS.query) } },
      jaeger_storage: { backends: { traces: backend } },
    },
    receivers: {
      otlp: { protocols: { grpc: { endpoint: local(PORTS.otlpGrpc) }, http: { endpoint: local(PORTS.otlpHttp) } } },
    },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: "traces" } },
  };
}
