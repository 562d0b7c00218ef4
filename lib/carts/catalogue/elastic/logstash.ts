import { httpCheck } from "../../../nomad";
import { Cart } from "../../cart";
import type { ExternalService } from "../../declarations";
import { type CatalogueProps, catalogueImages, passed, placed } from "../common";

export interface LogstashProps extends CatalogueProps {
  /** Elasticsearch's service in the mesh. @default "elasticsearch" */
  readonly elasticsearch?: string | ExternalService;
  /** Filters between input and output, in Logstash's own language. @default - none */
  readonly filter?: string;
  /** Data stream that events go to: `logs-<dataset>-<namespace>`. @default "generic" */
  readonly dataset?: string;
}

const PORTS = { http: 8080, beats: 5044, api: 9600 } as const;

/**
 * Logstash: takes events by HTTP (service `<name>-http`) and from Beats (`<name>-beats`), and writes them to data streams of
 * Elasticsearch. Its API key is the secret `elasticsearch` of the job, key `api_key` (`id:key`).
 */
export class Logstash extends Cart {
  readonly http: string;
  readonly beats: string;

  constructor(name = "logstash", props: LogstashProps = {}) {
    const { elasticsearch = "elasticsearch" } = props;
    const http = `${name}-http`;
    const beats = `${name}-beats`;
    const health = httpCheck("/?pretty", { port: `${PORTS.api}` });
    const allows = props.allows === undefined ? {} : { allows: props.allows };
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          logstash: {
            task: {
              logstash: {
                driver: "docker",
                config: {
                  image: props.image ?? catalogueImages.logstash,
                  args: ["-f", "${NOMAD_TASK_DIR}/pipeline.conf"],
                },
                env: { API_HTTP_HOST: "127.0.0.1", XPACK_MONITORING_ENABLED: "false" },
                template: { destination: "local/pipeline.conf", data: pipeline(props) },
                resources: props.resources ?? { cpu: 500, memory: "1GiB" },
              },
            },
          },
        },
      },
      provides: [
        { name: http, port: PORTS.http, health, ...allows },
        { name: beats, port: PORTS.beats, protocol: "tcp", health, ...allows },
      ],
      consumes: { service: elasticsearch, localPort: 9200 },
      secrets: { path: "elasticsearch", env: { ES_API_KEY: "api_key" } },
      ...passed(props),
    });
    this.http = http;
    this.beats = beats;
  }
}

/** Logstash itself fills in `${ES_API_KEY}`. */
function pipeline({ filter = "", dataset = "generic" }: LogstashProps): string {
  return `input {
  http { host => "127.0.0.1" port => ${PORTS.http} codec => json }
  beats { host => "127.0.0.1" port => ${PORTS.beats} }
}
filter {
${filter}
}
output {
  elasticsearch {
    hosts => ["http://127.0.0.1:9200"]
    api_key => "\${ES_API_KEY}"
    data_stream => true
    data_stream_type => "logs"
    data_stream_dataset => "${dataset}"
  }
}
`;
}
