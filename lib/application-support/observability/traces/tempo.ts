import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { duration, formatDuration } from "../../../core/values";
import { extendGroup, extendTask, type Job, NomadJob, type Task } from "../../../nomad";
import { defaultObservabilityImages } from "../images";
import { meshService, withEnvoyMetrics } from "../mesh-service";
import { checkObjectStore, checkPart, checkStorage, hardened, type PartProps, plainFile, sized } from "../part";
import { observabilityServices } from "../services";
import { type ObjectStore, objectStorePart, type Storage, storagePart, storageVolume } from "../storage";
import { toYaml } from "../yaml";

const JOB = "tempo";
/** Who its image runs as. */
const USER = 10001;

/** Tempo, as the observability is told of it. */
export interface TempoSettings extends Pick<PartProps, "nodePool" | "resources"> {
  /** How long traces are kept. @default "14d" */
  readonly retention?: string;
  /** @default - the allocation's own disk of 10 GiB */
  readonly storage?: Storage;
  /** Where traces go. @default - they stay in `storage` */
  readonly objectStore?: ObjectStore;
}

export interface TempoProps extends PartProps, TempoSettings {
  /** @default - that of this release */
  readonly image?: string;
  /** An image with a `chown`. @default - that of this release */
  readonly toolsImage?: string;
}

/**
 * Tempo as one program: traces, which the collector brings by OTLP. Asking and bringing are two services, so that who may
 * bring may not ask.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Tempo extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: TempoProps) {
    super(scope, id);
    checkTempo(new PropsCheck("Tempo", scope, id), props).done();
    this.job = new NomadJob(this, "job", { job: tempoJob(props), policy: {} });
    this.job.node.addDependency(...storageVolume(this, props.storage, { ...props, user: USER }));
  }
}

function tempoJob(props: TempoProps): Job {
  const { platform, namespace, nodePool = "default", storage = {}, objectStore } = props;
  const { tempo, tempoOtlp } = observabilityServices;
  const { part, tasks, path } = storagePart("tempo", storage, {
    user: USER,
    image: props.toolsImage ?? defaultObservabilityImages.journal,
  });
  const task: Task = {
    driver: "docker",
    config: {
      ...hardened,
      image: props.image ?? defaultObservabilityImages.tempo,
      args: ["-config.file=/local/tempo.yml"],
    },
    template: plainFile("local/tempo.yml", toYaml(tempoConfiguration({ ...props, path: `${path}/tempo` })), "restart"),
    resources: sized(props.resources, 300, "1GiB"),
    killTimeout: "30s",
  };
  const place = { kvMount: platform.static.kvMount, namespace, job: JOB };
  const group = extendGroup(
    {
      task: {
        tempo: objectStore === undefined ? task : extendTask(task, objectStorePart(objectStore, place)),
        ...tasks,
      },
    },
    meshService({ ...tempo, health: "/ready", metrics: "/metrics" }),
    // The receiver has no page of health; its sidecar's own check tells that it listens.
    { service: { name: tempoOtlp.service, port: String(tempoOtlp.port), connect: { sidecarService: {} } } },
    part,
  );
  return withEnvoyMetrics({ id: JOB, namespace, nodePool, group: { tempo: group } });
}

/** Tempo's configuration. https://grafana.com/docs/tempo/latest/configuration/ */
export function tempoConfiguration(props: TempoSettings & { readonly path: string }): object {
  const { path, retention = "14d", objectStore } = props;
  const { tempo, tempoOtlp } = observabilityServices;
  return {
    server: {
      http_listen_address: "127.0.0.1",
      http_listen_port: tempo.port,
      grpc_listen_address: "127.0.0.1",
      grpc_listen_port: 9095,
      log_format: "json",
    },
    distributor: {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${tempoOtlp.port}` } } } },
    },
    compactor: { compaction: { block_retention: formatDuration(retention) } },
    storage: {
      trace: {
        wal: { path: `${path}/wal` },
        ...(objectStore === undefined
          ? { backend: "local", local: { path: `${path}/blocks` } }
          : {
              backend: "s3",
              s3: {
                bucket: objectStore.bucket,
                region: objectStore.region,
                endpoint: objectStore.endpoint ?? `s3.${objectStore.region}.amazonaws.com`,
              },
            }),
      },
    },
    usage_report: { reporting_enabled: false },
  };
}

export function checkTempo(check: PropsCheck, props: TempoSettings): PropsCheck {
  checkPart(check, props);
  checkStorage(check, props.storage);
  checkObjectStore(check, props.objectStore);
  check.optional("retention", props.retention, duration({ min: "1h", unit: "s" }));
  return check;
}
