import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { matching } from "../../../core/rules";
import { extendGroup, type Group, type Job, NomadJob, type Resources } from "../../../nomad";
import { defaultObservabilityImages, pinnedImage } from "../images";
import { meshService, withEnvoyMetrics } from "../mesh-service";
import { hardened, plainFile, sized } from "../part";
import { observabilityServices } from "../services";
import { toYaml } from "../yaml";
import { collectorConfiguration, collectorPorts } from "./configuration";

/** The host volume with a worker's journal, as `nodeLogs` names it. */
export const journalVolume = "journal";

/**
 * What a group of workers needs so that its lines reach Loki: its journal as a volume for reading, and containers that write
 * to the journal, with what Nomad says of them. `nomad alloc logs` works as before.
 *
 * ```ts
 * workers: { general: { min: 2, max: 10, ...nodeLogs() } }
 * ```
 */
export function nodeLogs() {
  return {
    hostVolumes: { [journalVolume]: { path: "/var/log/journal", readOnly: true } },
    extend: {
      nomad: {
        plugin: {
          docker: {
            config: { logging: { type: "journald", config: { "labels-regex": "^com\\.hashicorp\\.nomad\\." } } },
          },
        },
      },
    },
  };
}

/** The collector, as the observability is told of it. */
export interface CollectorSettings {
  /**
   * Name of the host volume with the journal. A node that has none runs no collector.
   *
   * @default "journal", as `nodeLogs` makes it
   */
  readonly journal?: string;
  readonly resources?: Resources;
}

export interface CollectorProps extends CollectorSettings {
  readonly namespace: string;
  /** Whether there is a Loki, to which lines go. */
  readonly hasLoki: boolean;
  /** Whether there is a Tempo, to which traces go. */
  readonly hasTempo: boolean;
  /** @default - those of this release */
  readonly images?: { readonly collector?: string; readonly journal?: string };
}

/**
 * The OpenTelemetry collector on every worker: it reads the node's journal, in which the lines of containers stand as well,
 * and takes what applications send to the service `otlp`. It sees nothing else of the node.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Collector extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: CollectorProps) {
    super(scope, id);
    const check = checkCollector(new PropsCheck("Collector", scope, id), props);
    check.optional("images.collector", props.images?.collector, pinnedImage);
    check.optional("images.journal", props.images?.journal, pinnedImage);
    check.done();
    this.job = new NomadJob(this, "job", { job: collectorJob(props), policy: {} });
  }
}

export function checkCollector(check: PropsCheck, { journal }: CollectorSettings): PropsCheck {
  const name = matching(/[\w.-]{1,128}/, "the name of a host volume", 'name it, such as "journal"');
  check.optional("journal", journal, name);
  return check;
}

export function collectorJob(props: CollectorProps): Job {
  const { namespace, hasLoki, hasTempo, images = {}, journal = journalVolume } = props;
  const { otlp, loki, tempoOtlp } = observabilityServices;
  const configuration = collectorConfiguration({ logs: hasLoki, traces: hasTempo });
  const group: Group = {
    ephemeralDisk: { size: "600MiB", sticky: true },
    task: {
      collector: {
        driver: "docker",
        config: {
          ...hardened,
          image: images.collector ?? defaultObservabilityImages.collector,
          args: ["--config=/local/collector.yml"],
        },
        template: plainFile("local/collector.yml", toYaml(configuration), "restart"),
        resources: sized(props.resources, 200, "256MiB"),
      },
      ...(hasLoki ? { journal: journalTask(images.journal ?? defaultObservabilityImages.journal) } : {}),
    },
    ...(hasLoki ? { volume: { journal: { type: "host", source: journal, readOnly: true } } } : {}),
  };
  const whole = extendGroup(
    group,
    meshService({
      ...otlp,
      health: "/",
      healthPort: collectorPorts.health,
      metrics: "/metrics",
      metricsPort: collectorPorts.metrics,
      calls: [
        ...(hasLoki ? [[loki.service, collectorPorts.loki] as const] : []),
        ...(hasTempo ? [[tempoOtlp.service, collectorPorts.tempo] as const] : []),
      ],
    }),
  );
  return withEnvoyMetrics({
    id: "collector",
    namespace,
    type: "system",
    nodePool: "all",
    group: { collector: whole },
  });
}

/** Its output is what the collector reads; it must not come into the journal itself. */
function journalTask(image: string): Group["task"][string] {
  return {
    driver: "docker",
    config: {
      ...hardened,
      image,
      command: "journalctl",
      // After a restart some lines come twice; Loki keeps one of two that are alike.
      args: ["--directory=/var/log/journal", "--follow", "--since=-2m", "--output=json", "--no-pager", "--quiet"],
      logging: { type: "json-file", config: { "max-size": "2m", "max-file": "2" } },
    },
    volumeMount: { volume: "journal", destination: "/var/log/journal", readOnly: true },
    logs: { maxFiles: 3, maxFileSize: "10MiB" },
    resources: { cpu: 50, memory: "128MiB" },
  };
}
