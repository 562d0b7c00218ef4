import { dashboardProvider, dataSourceFile } from "../../application-support/observability/grafana/configuration";
import { defaultObservabilityImages } from "../../application-support/observability/images";
import { lokiConfiguration } from "../../application-support/observability/logs/loki";
import { hardened } from "../../application-support/observability/part";
import { observabilityServices } from "../../application-support/observability/services";
import { tempoConfiguration } from "../../application-support/observability/traces/tempo";
import { httpCheck, type Job, type Resources, type Task, type Template } from "../../nomad";
import { Cart } from "../cart";
import { metricsMeta } from "../service-part";
import { type CatalogueProps, type ExposedProps, exposed, passed, placed } from "./common";

export interface GrafanaStackProps extends Omit<CatalogueProps, "image" | "resources">, ExposedProps {
  /**
   * Consul, whose catalogue says where figures are: `"https://consul.example.com:8501"`, and the certificates that it is
   * trusted by, in PEM, where the image's own will not do.
   */
  readonly consul: { readonly address: string; readonly ca?: string };
  /** Dashboards beside none, by name: `dashboardsOf(carts)`. @default - none */
  readonly dashboards?: Readonly<Record<string, object>>;
  /** How long figures and lines are kept, in whole days: `"15d"`. @default "15d" */
  readonly retention?: `${number}d`;
  /** The allocation's own disk of each store: it moves along to a new version, and is lost with its node. @default "10GiB" */
  readonly disk?: string;
  /** @default - those that this release was written for */
  readonly images?: Partial<Readonly<Record<"prometheus" | "loki" | "tempo" | "grafana", string>>>;
}

const PORTS = {
  prometheus: observabilityServices.prometheus.port,
  loki: observabilityServices.loki.port,
  tempo: observabilityServices.tempo.port,
  otlp: observabilityServices.tempoOtlp.port,
  grafana: observabilityServices.grafana.port,
} as const;
const DATA = "${NOMAD_ALLOC_DIR}/data";
/** The same for who does not know variables. */
const STORE = "/alloc/data";

/**
 * Prometheus, Loki, Tempo and Grafana, for who has no application support: figures of every service that says where they
 * are, and a place for lines and traces, each configured as that of the application support. The administrator's password is
 * the secret `admin` of Grafana's job, key `password`.
 */
export class GrafanaStack extends Cart {
  readonly grafana: string;
  readonly prometheus: string;
  /** Where lines are sent, by Loki's API or by OTLP. */
  readonly loki: string;
  /** Where traces are sent, by OTLP over HTTP. */
  readonly otlp: string;

  constructor(name: string, props: GrafanaStackProps) {
    const { disk = "10GiB", retention = "15d", dashboards = {} } = props;
    const images = { ...defaultObservabilityImages, ...props.images };
    const named = {
      prometheus: `${name}-prometheus`,
      loki: `${name}-loki`,
      tempo: `${name}-tempo`,
      otlp: `${name}-otlp`,
    };
    const job = (id: string, task: Task): Job => ({
      id,
      ...placed(props),
      group: { main: { ephemeralDisk: { size: disk, sticky: true, migrate: true }, task: { main: task } } },
    });
    const program = (
      image: string,
      args: readonly string[],
      template: readonly Template[],
      resources: Resources,
      more: object = {},
    ): Task => ({
      driver: "docker",
      config: { ...hardened, image, args, ...more },
      template,
      resources,
      killTimeout: "30s",
    });
    const file = (destination: string, content: object): Template => ({
      destination: `local/${destination}`,
      data: JSON.stringify(content, null, 2),
      // Legends of Grafana hold {{ ... }}.
      leftDelimiter: "<<<%",
      rightDelimiter: "%>>>",
    });
    const local = (path: string) => `\${NOMAD_TASK_DIR}/${path}`;

    const prometheus: Task = {
      ...program(
        images.prometheus,
        [
          `--config.file=${local("prometheus.json")}`,
          `--storage.tsdb.path=${DATA}/prometheus`,
          `--storage.tsdb.retention.time=${retention}`,
          `--web.listen-address=127.0.0.1:${PORTS.prometheus}`,
        ],
        [
          file("prometheus.json", scraping(props.consul)),
          ...(props.consul.ca === undefined ? [] : [{ destination: "local/consul-ca.pem", data: props.consul.ca }]),
        ],
        { cpu: 500, memory: "1GiB" },
      ),
      // Its own identity in Consul: it reads the catalogue, as every task does.
      consul: {},
    };
    const grafana: Task = {
      ...program(
        images.grafana,
        [],
        [
          file(
            "provisioning/datasources/stores.yaml",
            dataSourceFile({ prometheus: true, alertmanager: false, loki: true, tempo: true }),
          ),
          file("provisioning/dashboards/files.yaml", dashboardProvider),
          ...Object.entries(dashboards).map(([dashboard, model]) => file(`dashboards/${dashboard}.json`, model)),
        ],
        { cpu: 200, memory: "256MiB" },
        { mount: { type: "tmpfs", target: "/tmp" } },
      ),
      env: {
        GF_SERVER_HTTP_ADDR: "127.0.0.1",
        GF_PATHS_DATA: `${DATA}/grafana`,
        GF_PATHS_PROVISIONING: local("provisioning"),
        GF_ANALYTICS_REPORTING_ENABLED: "false",
        GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
        GF_USERS_ALLOW_SIGN_UP: "false",
      },
    };
    const allows = props.allows === undefined ? {} : { allows: props.allows };
    const calls = (service: string, localPort: number) => ({ job: name, service, localPort });
    super(name, {
      jobs: [
        job(named.prometheus, prometheus),
        job(
          named.loki,
          program(
            images.loki,
            [`-config.file=${local("loki.json")}`],
            [file("loki.json", lokiConfiguration({ path: `${STORE}/loki`, retention }))],
            {
              cpu: 300,
              memory: "512MiB",
            },
          ),
        ),
        job(
          named.tempo,
          program(
            images.tempo,
            [`-config.file=${local("tempo.json")}`],
            [file("tempo.json", tempoConfiguration({ path: `${STORE}/tempo`, retention }))],
            {
              cpu: 300,
              memory: "512MiB",
            },
          ),
        ),
        job(name, grafana),
      ],
      provides: [
        {
          name: named.prometheus,
          job: named.prometheus,
          port: PORTS.prometheus,
          health: httpCheck("/-/ready"),
          metrics: {},
        },
        { name: named.loki, job: named.loki, port: PORTS.loki, health: httpCheck("/ready"), metrics: {}, ...allows },
        { name: named.tempo, job: named.tempo, port: PORTS.tempo, health: httpCheck("/ready"), metrics: {} },
        {
          name: named.otlp,
          job: named.tempo,
          port: PORTS.otlp,
          health: httpCheck("/ready", { port: `${PORTS.tempo}` }),
          ...allows,
        },
        { name, job: name, port: PORTS.grafana, health: httpCheck("/api/health"), metrics: {} },
      ],
      consumes: [
        calls(named.prometheus, PORTS.prometheus),
        calls(named.loki, PORTS.loki),
        calls(named.tempo, PORTS.tempo),
      ],
      secrets: { job: name, path: "admin", env: { GF_SECURITY_ADMIN_PASSWORD: "password" } },
      ...exposed(props, name),
      ...passed(props),
    });
    this.grafana = name;
    this.prometheus = named.prometheus;
    this.loki = named.loki;
    this.otlp = named.otlp;
  }
}

/** https://prometheus.io/docs/prometheus/latest/configuration/configuration/#consul_sd_config */
function scraping({ address, ca }: GrafanaStackProps["consul"]): object {
  const { host, protocol } = new URL(address);
  const meta = (name: string) => `__meta_consul_service_metadata_${name}`;
  const catalogue = {
    server: host,
    scheme: protocol.replace(":", ""),
    // Beside the configuration's own directory; Nomad renews the token in its file.
    authorization: { credentials_file: "../secrets/consul_token" },
    ...(ca === undefined ? {} : { tls_config: { ca_file: "consul-ca.pem" } }),
  };
  const labels = [
    { source_labels: ["__meta_consul_service"], target_label: "service" },
    { source_labels: ["__meta_consul_node"], target_label: "node" },
  ];
  const from = (port: string, more: readonly object[]) => ({
    consul_sd_configs: [catalogue],
    relabel_configs: [
      { source_labels: [meta(port)], regex: "[0-9]+", action: "keep" },
      {
        source_labels: ["__meta_consul_address", meta(port)],
        separator: ":",
        target_label: "__address__",
      },
      ...more,
      ...labels,
    ],
  });
  const path = { source_labels: [meta(metricsMeta.path)], regex: "(/.+)", target_label: "__metrics_path__" };
  return {
    global: { scrape_interval: "30s" },
    scrape_configs: [
      { job_name: "services", ...from(metricsMeta.port, [path]) },
      { job_name: "sidecars", ...from(metricsMeta.envoyPort, []) },
    ],
  };
}
