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

const JOB = "loki";
/** Who its image runs as. */
const USER = 10001;

/** What of a line Loki makes labels; all else of it is searched, and costs no series. */
export const LOG_LABELS = ["nomad.namespace", "nomad.job", "nomad.group", "nomad.task", "host.name", "systemd.unit"];

/** Loki, as the observability is told of it. */
export interface LokiSettings extends Pick<PartProps, "nodePool" | "resources"> {
  /** How long lines are kept. @default "30d" */
  readonly retention?: string;
  /** @default - the allocation's own disk of 10 GiB */
  readonly storage?: Storage;
  /** Where lines go after some hours. @default - they stay in `storage` */
  readonly objectStore?: ObjectStore;
}

export interface LokiProps extends PartProps, LokiSettings {
  /** @default - that of this release */
  readonly image?: string;
  /** An image with a `chown`. @default - that of this release */
  readonly toolsImage?: string;
}

/**
 * Loki as one program: lines of tasks and nodes, which the collector brings by OTLP.
 *
 * @throws InvalidPropsError for wrong props, all of them at once
 */
export class Loki extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: LokiProps) {
    super(scope, id);
    checkLoki(new PropsCheck("Loki", scope, id), props).done();
    this.job = new NomadJob(this, "job", { job: lokiJob(props), policy: {} });
    this.job.node.addDependency(...storageVolume(this, props.storage, { ...props, user: USER }));
  }
}

function lokiJob(props: LokiProps): Job {
  const { platform, namespace, nodePool = "default", storage = {}, objectStore } = props;
  const { service, port } = observabilityServices.loki;
  const { part, tasks, path } = storagePart("loki", storage, {
    user: USER,
    image: props.toolsImage ?? defaultObservabilityImages.journal,
  });
  const task: Task = {
    driver: "docker",
    config: {
      ...hardened,
      image: props.image ?? defaultObservabilityImages.loki,
      args: ["-config.file=/local/loki.yml"],
    },
    template: plainFile("local/loki.yml", toYaml(lokiConfiguration({ ...props, path: `${path}/loki` })), "restart"),
    resources: sized(props.resources, 500, "1GiB"),
    killTimeout: "30s",
  };
  const place = { kvMount: platform.static.kvMount, namespace, job: JOB };
  const group = extendGroup(
    {
      task: {
        loki: objectStore === undefined ? task : extendTask(task, objectStorePart(objectStore, place)),
        ...tasks,
      },
    },
    meshService({ service, port, health: "/ready", metrics: "/metrics" }),
    part,
  );
  return withEnvoyMetrics({ id: JOB, namespace, nodePool, group: { loki: group } });
}

/** Loki's configuration. https://grafana.com/docs/loki/latest/configure/ */
export function lokiConfiguration(props: LokiSettings & { readonly path: string }): object {
  const { path, retention = "30d", objectStore } = props;
  const store = objectStore === undefined ? "filesystem" : "s3";
  return {
    auth_enabled: false,
    server: {
      http_listen_address: "127.0.0.1",
      http_listen_port: observabilityServices.loki.port,
      grpc_listen_address: "127.0.0.1",
      grpc_listen_port: 9096,
      log_format: "json",
    },
    common: {
      path_prefix: path,
      replication_factor: 1,
      instance_addr: "127.0.0.1",
      ring: { kvstore: { store: "inmemory" } },
      storage:
        objectStore === undefined
          ? { filesystem: { chunks_directory: `${path}/chunks`, rules_directory: `${path}/rules` } }
          : { s3: s3Of(objectStore) },
    },
    schema_config: {
      configs: [
        {
          from: "2024-01-01",
          store: "tsdb",
          object_store: store,
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    limits_config: {
      retention_period: formatDuration(retention),
      allow_structured_metadata: true,
      otlp_config: {
        resource_attributes: {
          ignore_defaults: true,
          attributes_config: [{ action: "index_label", attributes: [...LOG_LABELS] }],
        },
      },
    },
    compactor: { working_directory: `${path}/compactor`, retention_enabled: true, delete_request_store: store },
    analytics: { reporting_enabled: false },
  };
}

function s3Of({ bucket, region, endpoint }: ObjectStore): object {
  return { bucketnames: bucket, region, ...(endpoint === undefined ? {} : { endpoint, s3forcepathstyle: true }) };
}

export function checkLoki(check: PropsCheck, props: LokiSettings): PropsCheck {
  checkPart(check, props);
  checkStorage(check, props.storage);
  checkObjectStore(check, props.objectStore);
  // Loki keeps whole days.
  check.optional("retention", props.retention, duration({ min: "1d", unit: "d" }));
  return check;
}
