import { formatDuration } from "../../../core/values";
import { extendGroup, type Job, type Resources, type Template } from "../../../nomad";
import type { ObservabilityImages } from "../images";
import { meshService, withEnvoyMetrics } from "../mesh-service";
import { filledFile, hardened, plainFile, sized } from "../part";
import { type AlertGroup, ruleFile } from "../rules";
import { blackboxPort, observabilityServices } from "../services";
import { type Storage, storagePart } from "../storage";
import { toYaml } from "../yaml";
import type { MonitoredCluster } from "./cluster";
import { authorityTemplate, probeConfiguration, prometheusConfiguration, vaultServersTemplate } from "./configuration";
import { prometheusFiles } from "./scrape";

export const PROMETHEUS_JOB = "prometheus";
/** Who its image runs as. */
export const PROMETHEUS_USER = 65534;

export interface PrometheusJobProps {
  readonly cluster: MonitoredCluster;
  readonly namespace: string;
  readonly nodePool: string;
  readonly vaultRole: string;
  readonly images: Pick<ObservabilityImages, "prometheus" | "blackboxExporter" | "journal">;
  readonly retention: string;
  readonly scrapeInterval: string;
  readonly storage: Storage;
  readonly rules: readonly AlertGroup[];
  readonly ownRules?: object;
  readonly scrape?: readonly object[];
  readonly hasAlertmanager: boolean;
  readonly resources?: Resources;
}

/** The job of Prometheus, with Blackbox exporter beside it, which only it reaches. */
export function prometheusJob(props: PrometheusJobProps): Job {
  const { cluster, images, retention, storage, hasAlertmanager } = props;
  const { service, port } = observabilityServices.prometheus;
  const { part, tasks, path } = storagePart("prometheus", storage, { user: PROMETHEUS_USER, image: images.journal });
  const alertmanager = observabilityServices.alertmanager;
  const vault = { role: props.vaultRole, env: false, changeMode: "noop" } as const;
  const group = extendGroup(
    {
      task: {
        prometheus: {
          driver: "docker",
          config: {
            ...hardened,
            image: images.prometheus,
            args: [
              `--config.file=${prometheusFiles.config}`,
              `--storage.tsdb.path=${path}/prometheus`,
              `--storage.tsdb.retention.time=${formatDuration(retention)}`,
              `--web.listen-address=127.0.0.1:${port}`,
            ],
          },
          vault,
          // Its token is in a file, for Consul's figures and its catalog.
          consul: {},
          template: prometheusTemplates(props),
          resources: sized(props.resources, 500, "1GiB"),
          killTimeout: "30s",
        },
        blackbox: {
          driver: "docker",
          config: {
            ...hardened,
            image: images.blackboxExporter,
            args: [`--config.file=${prometheusFiles.probes}`, `--web.listen-address=127.0.0.1:${blackboxPort}`],
          },
          vault,
          template: [
            plainFile(prometheusFiles.probes.slice(1), toYaml(probeConfiguration(cluster)), "reload"),
            ...authority(cluster),
          ],
          resources: { cpu: 50, memory: "64MiB" },
        },
        ...tasks,
      },
    },
    meshService({
      service,
      port,
      health: "/-/ready",
      calls: hasAlertmanager ? [[alertmanager.service, alertmanager.port]] : [],
    }),
    part,
  );
  return withEnvoyMetrics({
    id: PROMETHEUS_JOB,
    namespace: props.namespace,
    nodePool: props.nodePool,
    group: { prometheus: group },
  });
}

function prometheusTemplates(props: PrometheusJobProps): Template[] {
  const { cluster, scrapeInterval, rules, ownRules, scrape, hasAlertmanager } = props;
  const configuration = prometheusConfiguration({
    cluster,
    scrapeInterval,
    ownRules: ownRules !== undefined,
    ...(scrape === undefined ? {} : { scrape }),
    ...(hasAlertmanager ? { alertmanager: `127.0.0.1:${observabilityServices.alertmanager.port}` } : {}),
  });
  const servers = vaultServersTemplate(cluster);
  return [
    plainFile(prometheusFiles.config.slice(1), toYaml(configuration), "reload"),
    plainFile(prometheusFiles.rules.slice(1), toYaml(ruleFile(rules)), "reload"),
    ...(ownRules === undefined ? [] : [plainFile(prometheusFiles.ownRules.slice(1), toYaml(ownRules), "reload")]),
    // Prometheus watches the file itself.
    ...(servers === undefined ? [] : [filledFile(prometheusFiles.vaultServers.slice(1), servers, "noop")]),
    ...authority(cluster),
  ];
}

/** Prometheus and Blackbox exporter read it anew at each request. */
function authority(cluster: MonitoredCluster): Template[] {
  const text = authorityTemplate(cluster);
  return text === undefined ? [] : [filledFile(prometheusFiles.authority.slice(1), text, "noop")];
}
