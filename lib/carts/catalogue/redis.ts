import { scriptCheck } from "../../nomad";
import { Cart } from "../cart";
import { allowed, type CatalogueProps, catalogueImages, type KeptProps, kept, passed, placed } from "./common";

export interface RedisProps extends CatalogueProps, KeptProps {
  /** The port on which it listens inside its network. @default 6379 */
  readonly port?: number;
  /**
   * Whether it writes what it holds to a volume.
   *
   * @default false: it is a cache, and begins empty on another node
   */
  readonly persistent?: boolean;
  /** Most memory for what it holds; then the least used goes (persistent: writes are refused). @default "192mb" */
  readonly maxMemory?: string;
}

/**
 * Redis in the mesh. It listens on loopback only: who may speak to it the intentions say, so it has no password.
 *
 * https://redis.io/docs/latest/operate/oss_and_stack/management/security/
 */
export class Redis extends Cart {
  /** Its service in the mesh, for `consumes`. */
  readonly service: string;

  constructor(name = "redis", props: RedisProps = {}) {
    const { port = 6379, persistent = false, maxMemory = "192mb" } = props;
    const args = [
      "--bind",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--maxmemory",
      maxMemory,
      "--maxmemory-policy",
      persistent ? "noeviction" : "allkeys-lru",
      "--appendonly",
      persistent ? "yes" : "no",
      ...(persistent ? [] : ["--save", ""]),
    ];
    super(name, {
      jobs: {
        id: name,
        ...placed(props),
        group: {
          redis: {
            task: {
              redis: {
                driver: "docker",
                config: { image: props.image ?? catalogueImages.redis, command: "redis-server", args },
                resources: props.resources ?? { cpu: 200, memory: "256MiB" },
                killSignal: "SIGTERM",
              },
            },
          },
        },
      },
      provides: {
        name,
        port,
        protocol: "tcp",
        health: scriptCheck("redis-cli", ["-h", "127.0.0.1", "-p", `${port}`, "-e", "ping"]),
        ...allowed(props),
      },
      ...(persistent ? { volumes: kept(name, props, "/data") } : {}),
      ...passed(props),
    });
    this.service = name;
  }
}
