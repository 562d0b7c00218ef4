import { httpCheck } from "../../../nomad";
import { Cart } from "../../cart";
import type { ExternalService } from "../../declarations";
import { type CatalogueProps, catalogueImages, passed, placed } from "../common";

export interface FilebeatProps extends Omit<CatalogueProps, "allows"> {
  /**
   * A host volume of the nodes, made by whoever runs them, in which allocations' directories stand: it sees the logs of every
   * namespace. Read only.
   */
  readonly allocations: string;
  /** Where it sends: Elasticsearch's service in the mesh. @default "elasticsearch" */
  readonly elasticsearch?: string | ExternalService;
}

const PORTS = { api: 5066, elasticsearch: 9200 } as const;

/**
 * Filebeat on every node: what allocations write to their output, to Elasticsearch. Its API key is the secret `elasticsearch`
 * of the job, key `api_key` (`id:key`).
 */
export class Filebeat extends Cart {
  constructor(name: string, props: FilebeatProps) {
    const { allocations, elasticsearch = "elasticsearch" } = props;
    super(name, {
      jobs: {
        id: name,
        type: "system",
        ...placed(props),
        group: {
          filebeat: {
            ephemeralDisk: { size: 500 },
            task: {
              filebeat: {
                driver: "docker",
                config: {
                  image: props.image ?? catalogueImages.filebeat,
                  args: [
                    "-e",
                    "--strict.perms=false",
                    "-c",
                    "${NOMAD_TASK_DIR}/filebeat.json",
                    // What it has sent already: it goes on there after a new version.
                    "--path.data",
                    "${NOMAD_ALLOC_DIR}/data",
                  ],
                },
                // Logs belong to root.
                user: "root",
                template: { destination: "local/filebeat.json", data: JSON.stringify(CONFIGURATION, null, 2) },
                resources: props.resources ?? { cpu: 200, memory: "256MiB" },
              },
            },
          },
        },
      },
      provides: { name, port: PORTS.api, health: httpCheck("/") },
      consumes: { service: elasticsearch, localPort: PORTS.elasticsearch },
      secrets: { path: "elasticsearch", env: { ES_API_KEY: "api_key" } },
      volumes: { name: allocations, destination: "/allocations", existing: true, readOnly: true },
      ...passed(props),
    });
  }
}

/** Filebeat itself fills in `${ES_API_KEY}`; YAML takes JSON. */
const CONFIGURATION = {
  "filebeat.inputs": [
    {
      type: "filestream",
      id: "allocations",
      paths: ["/allocations/*/alloc/logs/*.stdout.*", "/allocations/*/alloc/logs/*.stderr.*"],
      processors: [
        {
          dissect: {
            tokenizer: "/allocations/%{allocation}/alloc/logs/%{task}.%{stream}.%{number}",
            field: "log.file.path",
            target_prefix: "nomad",
          },
        },
      ],
    },
  ],
  "output.elasticsearch": {
    hosts: [`http://127.0.0.1:${PORTS.elasticsearch}`],
    api_key: "${ES_API_KEY}",
  },
  "http.enabled": true,
  "http.host": "127.0.0.1",
  "http.port": PORTS.api,
  "logging.metrics.enabled": false,
};
