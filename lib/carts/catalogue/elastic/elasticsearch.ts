import { scriptCheck } from "../../../nomad";
import { Cart } from "../../cart";
import { allowed, type CatalogueProps, catalogueImages, type KeptProps, kept, passed, placed } from "../common";

export interface ElasticsearchProps extends CatalogueProps, KeptProps {
  /** Memory of its Java heap; half of the task's. @default "1g" */
  readonly heap?: string;
}

/** The user that the image runs as. */
const USER = 1000;

/**
 * One node of Elasticsearch in the mesh, its data on a volume. Encryption between nodes is the mesh's; who somebody is, is
 * Elasticsearch's own: the password of its user `elastic` is the secret `elastic` of the job, key `password`.
 */
export class Elasticsearch extends Cart {
  readonly service: string;

  constructor(name = "elasticsearch", props: ElasticsearchProps = {}) {
    const { heap = "1g" } = props;
    // The question itself needs no rights: whoever is there answers, with 200 or 401.
    const ask = 'curl -s -o /dev/null -w "%{http_code}" http://127.0.0.1:9200/ | grep -qE "^(200|401)$"';
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          elasticsearch: {
            task: {
              elasticsearch: {
                driver: "docker",
                config: {
                  image: props.image ?? catalogueImages.elasticsearch,
                  ulimit: { memlock: "-1", nofile: "65535" },
                },
                env: {
                  "discovery.type": "single-node",
                  "network.host": "127.0.0.1",
                  "cluster.name": name,
                  "xpack.security.enabled": "true",
                  // Both are the mesh's.
                  "xpack.security.http.ssl.enabled": "false",
                  "xpack.security.transport.ssl.enabled": "false",
                  ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
                },
                resources: props.resources ?? { cpu: 1000, memory: "2GiB" },
                killTimeout: "30s",
              },
            },
          },
        },
      },
      provides: {
        name,
        port: 9200,
        health: scriptCheck("/bin/sh", ["-c", ask], { timeout: "5s" }),
        ...allowed(props),
      },
      secrets: { path: "elastic", env: { ELASTIC_PASSWORD: "password" } },
      volumes: kept(name, props, "/usr/share/elasticsearch/data", USER),
      ...passed(props),
    });
    this.service = name;
  }
}
