import { httpCheck } from "../../../nomad";
import { Cart } from "../../cart";
import type { ExternalService } from "../../declarations";
import { type CatalogueProps, catalogueImages, type ExposedProps, exposed, passed, placed } from "../common";

export interface KibanaProps extends CatalogueProps, ExposedProps {
  /** Elasticsearch's service in the mesh. @default "elasticsearch" */
  readonly elasticsearch?: string | ExternalService;
  /** Where browsers reach it, for links in what it sends. @default - it does not know */
  readonly publicUrl?: string;
}

/**
 * Kibana. It speaks to Elasticsearch as a service account, whose token is the secret `elasticsearch` of the job, key `token`;
 * the secret `encryption` has the key, 32 characters or more, by which it keeps what it must not show.
 */
export class Kibana extends Cart {
  readonly service: string;

  constructor(name = "kibana", props: KibanaProps = {}) {
    const { elasticsearch = "elasticsearch", publicUrl } = props;
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          kibana: {
            task: {
              kibana: {
                driver: "docker",
                config: { image: props.image ?? catalogueImages.kibana },
                env: {
                  SERVER_HOST: "127.0.0.1",
                  SERVER_NAME: name,
                  ELASTICSEARCH_HOSTS: "http://127.0.0.1:9200",
                  TELEMETRY_OPTIN: "false",
                  ...(publicUrl === undefined ? {} : { SERVER_PUBLICBASEURL: publicUrl }),
                },
                resources: props.resources ?? { cpu: 500, memory: "1GiB" },
              },
            },
          },
        },
      },
      provides: {
        name,
        port: 5601,
        health: httpCheck("/api/status", { timeout: "5s" }),
        ...(props.allows === undefined ? {} : { allows: props.allows }),
      },
      consumes: { service: elasticsearch, localPort: 9200 },
      secrets: [
        { path: "elasticsearch", env: { ELASTICSEARCH_SERVICEACCOUNTTOKEN: "token" } },
        {
          path: "encryption",
          env: { XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY: "key", XPACK_SECURITY_ENCRYPTIONKEY: "key" },
        },
      ],
      ...exposed(props, name),
      ...passed(props),
    });
    this.service = name;
  }
}
