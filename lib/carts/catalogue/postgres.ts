import { scriptCheck } from "../../nomad";
import { Cart } from "../cart";
import { allowed, type CatalogueProps, catalogueImages, type KeptProps, kept, passed, placed } from "./common";

export interface PostgresProps extends CatalogueProps, KeptProps {
  /** The database that is made at first. @default - the Cart's name, hyphens written as underscores */
  readonly database?: string;
  /** The port on which it listens inside its network. @default 5432 */
  readonly port?: number;
  /** More of its settings: `{ shared_buffers: "256MB" }`. @default - none */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * One PostgreSQL server in the mesh, its data on a volume. Its superuser's password is the secret `superuser` of its job,
 * key `password`; applications get logins of their own from Vault's database engine, never that one.
 *
 * A new version is not tried beside the old, as both would write to one volume.
 */
export class Postgres extends Cart {
  /** Its service in the mesh, for `consumes`. */
  readonly service: string;
  readonly database: string;

  constructor(name = "postgres", props: PostgresProps = {}) {
    const { port = 5432, database = name.replace(/-/g, "_"), settings = {} } = props;
    const own = { listen_addresses: "127.0.0.1", port: `${port}`, password_encryption: "scram-sha-256", ...settings };
    const args = Object.entries(own).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          postgres: {
            task: {
              postgres: {
                driver: "docker",
                config: { image: props.image ?? catalogueImages.postgres, args },
                env: {
                  POSTGRES_DB: database,
                  // A version's own directory, so that the next one finds the old data beside it.
                  PGDATA: "/var/lib/postgresql/data/pgdata",
                  POSTGRES_INITDB_ARGS: "--auth-host=scram-sha-256 --auth-local=scram-sha-256 --data-checksums",
                },
                resources: props.resources ?? { cpu: 500, memory: "512MiB" },
                // Ends sessions and writes what is open: https://www.postgresql.org/docs/current/server-shutdown.html
                killSignal: "SIGINT",
                killTimeout: "30s",
              },
            },
          },
        },
      },
      provides: {
        name,
        port,
        protocol: "tcp",
        health: scriptCheck("pg_isready", ["-h", "127.0.0.1", "-p", `${port}`]),
        ...allowed(props),
      },
      secrets: { path: "superuser", env: { POSTGRES_PASSWORD: "password" } },
      volumes: kept(name, props, "/var/lib/postgresql/data"),
      ...passed(props),
    });
    this.service = name;
    this.database = database;
  }
}
