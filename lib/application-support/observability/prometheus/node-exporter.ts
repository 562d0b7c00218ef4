import { Construct } from "constructs";
import { httpCheck, type Job, NomadJob } from "../../../nomad";
import { defaultObservabilityImages } from "../images";
import { hardened } from "../part";
import { nodeExporterService } from "../services";

export interface NodeExporterProps {
  readonly namespace: string;
  /** @default - that of this release */
  readonly image?: string;
}

/** Of the node's own collectors, those that work without its file system: Nomad's clients tell of disks themselves. */
const WITHOUT = ["filesystem", "mdadm", "zfs", "xfs", "btrfs", "nfs", "nfsd", "ipvs", "infiniband", "fibrechannel"];

/** The job of node exporter: one a worker, unprivileged, with nothing of the node mounted. */
export function nodeExporterJob({
  namespace,
  image = defaultObservabilityImages.nodeExporter,
}: NodeExporterProps): Job {
  return {
    id: "node-exporter",
    namespace,
    type: "system",
    nodePool: "all",
    group: {
      "node-exporter": {
        network: { mode: "host", port: { metrics: {} } },
        service: { name: nodeExporterService, port: "metrics", check: httpCheck("/") },
        task: {
          "node-exporter": {
            driver: "docker",
            config: {
              ...hardened,
              image,
              // Interfaces and sockets of the node, not of a container.
              networkMode: "host",
              args: ["--web.listen-address=${NOMAD_ADDR_metrics}", ...WITHOUT.map((name) => `--no-collector.${name}`)],
            },
            resources: { cpu: 50, memory: "64MiB" },
          },
        },
      },
    },
  };
}

/**
 * Node exporter on every worker. By its service Prometheus also knows which machines are workers.
 *
 * Figures of the node's interfaces need the node's network; the job policy's exception says so.
 */
export class NodeExporter extends Construct {
  readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: NodeExporterProps) {
    super(scope, id);
    this.job = new NomadJob(this, "job", {
      job: nodeExporterJob(props),
      policy: {
        exceptions: [{ rule: "privilege", task: "node-exporter", reason: "counts what the node's interfaces carry" }],
      },
    });
  }
}
