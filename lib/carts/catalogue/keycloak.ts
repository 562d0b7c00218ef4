import { httpCheck } from "../../nomad";
import { Cart } from "../cart";
import type { ExternalService } from "../declarations";
import { allowed, type CatalogueProps, catalogueImages, type ExposedProps, exposed, passed, placed } from "./common";

export interface KeycloakProps extends CatalogueProps, ExposedProps {
  /** Where browsers reach it: `"https://login.apps.example.com"`. Tokens name it as their issuer. */
  readonly url: string;
  /** PostgreSQL's service in the mesh. @default "postgres" */
  readonly database?: string | ExternalService;
  /** Name of its database. @default "keycloak" */
  readonly databaseName?: string;
}

/**
 * Keycloak, its data in PostgreSQL. The secrets of its job: `database` (keys `username`, `password`), and `admin` (the same
 * keys) for its first administrator, who makes others and is then deleted.
 *
 * https://www.keycloak.org/server/configuration-production
 */
export class Keycloak extends Cart {
  readonly service: string;

  constructor(name: string, props: KeycloakProps) {
    const { url, database = "postgres", databaseName = "keycloak" } = props;
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          keycloak: {
            task: {
              keycloak: {
                driver: "docker",
                config: { image: props.image ?? catalogueImages.keycloak, args: ["start"] },
                env: {
                  KC_HOSTNAME: url,
                  // TLS is the gateway's and the mesh's, which say who asks.
                  KC_HTTP_ENABLED: "true",
                  KC_HTTP_HOST: "127.0.0.1",
                  KC_PROXY_HEADERS: "xforwarded",
                  KC_HEALTH_ENABLED: "true",
                  KC_METRICS_ENABLED: "true",
                  // Alone it needs no cluster.
                  KC_CACHE: "local",
                  KC_DB: "postgres",
                  KC_DB_URL: `jdbc:postgresql://127.0.0.1:5432/${databaseName}`,
                },
                resources: props.resources ?? { cpu: 1000, memory: "1GiB" },
                killTimeout: "30s",
              },
            },
          },
        },
      },
      provides: {
        name,
        port: 8080,
        health: httpCheck("/health/ready", { port: "9000" }),
        metrics: { port: 9000 },
        ...allowed(props),
      },
      consumes: { service: database, localPort: 5432 },
      secrets: [
        { path: "database", env: { KC_DB_USERNAME: "username", KC_DB_PASSWORD: "password" } },
        {
          path: "admin",
          env: { KC_BOOTSTRAP_ADMIN_USERNAME: "username", KC_BOOTSTRAP_ADMIN_PASSWORD: "password" },
        },
      ],
      ...exposed(props, name),
      timeout: "15m",
      ...passed(props),
    });
    this.service = name;
  }
}
