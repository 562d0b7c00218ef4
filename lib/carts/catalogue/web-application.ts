import { type Check, canary, httpCheck, type OneOrMore } from "../../nomad";
import { Cart } from "../cart";
import type { CartSecret, ConsumedService, ExternalService } from "../declarations";
import { allowed, type CatalogueProps, type ExposedProps, exposed, passed, placed } from "./common";

/** A database, and how the application signs in to it. */
export interface ApplicationDatabase {
  /** Its service in the mesh. */
  readonly service: string | ExternalService;
  /** Name of the database. */
  readonly database: string;
  /** Where Vault makes a login: `"creds/shop"` below the mount. */
  readonly login: string;
  /** Mount of Vault's database engine. @default "database" */
  readonly mount?: string;
  /** The role by which the task signs in to Vault; the Platform grants it the login (`vault.workloadRoles`). */
  readonly role: string;
  /** @default 5432 */
  readonly localPort?: number;
}

export interface WebApplicationProps extends Omit<CatalogueProps, "image">, ExposedProps {
  readonly image: string;
  /** The port on which it listens. @default 8080 */
  readonly port?: number;
  /** @default 2 */
  readonly count?: number;
  /** @default - by HTTP, `/health` */
  readonly health?: OneOrMore<Check>;
  /** @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A PostgreSQL database. The task gets `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER` and `PGPASSWORD`, which every client of
   * PostgreSQL reads; the login is its own, and restarts it when it is a new one.
   *
   * @default - none
   */
  readonly database?: ApplicationDatabase;
  /** Other services that it calls. @default - none */
  readonly consumes?: readonly ConsumedService[];
  /** Its own secrets. @default - none */
  readonly secrets?: readonly CartSecret[];
}

/** A web application in the mesh: tried as a canary, taken back if it does not become healthy, its database login by Vault. */
export class WebApplication extends Cart {
  readonly service: string;

  constructor(name: string, props: WebApplicationProps) {
    const { port = 8080, count = 2, health = httpCheck("/health"), env = {}, database } = props;
    const localPort = database?.localPort ?? 5432;
    const connection: Readonly<Record<string, string>> =
      database === undefined ? {} : { PGHOST: "127.0.0.1", PGPORT: `${localPort}`, PGDATABASE: database.database };
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        ...canary(),
        spread: { attribute: "${node.unique.id}", weight: 100 },
        group: {
          web: {
            count,
            task: {
              web: {
                driver: "docker",
                config: { image: props.image },
                env: { PORT: `${port}`, ...connection, ...env },
                resources: props.resources ?? { cpu: 200, memory: "256MiB" },
              },
            },
          },
        },
      },
      provides: { name, port, health, ...allowed(props) },
      consumes: [
        ...(props.consumes ?? []),
        ...(database === undefined ? [] : [{ service: database.service, localPort }]),
      ],
      secrets: [...(props.secrets ?? []), ...(database === undefined ? [] : [loginOf(database)])],
      ...exposed(props, name),
      ...passed(props),
    });
    this.service = name;
  }
}

function loginOf({ mount = "database", login, role }: ApplicationDatabase): CartSecret {
  return { mount, path: login, engine: "dynamic", role, env: { PGUSER: "username", PGPASSWORD: "password" } };
}
