import { httpCheck, type Update } from "../../nomad";
import { Cart } from "../cart";
import type { CartSecret, ExternalService } from "../declarations";
import { portLabel } from "../service-part";
import { type CatalogueProps, catalogueImages, passed, placed } from "./common";

/** A service behind the proxy. */
export interface TraefikRoute {
  /** The whole host name: `"shop.example.com"`. */
  readonly host: string;
  /** Beginning of the paths. @default "/" */
  readonly path?: string;
  /** The service in the mesh. */
  readonly service: string | ExternalService;
}

export interface TraefikProps extends Omit<CatalogueProps, "allows"> {
  readonly routes: readonly TraefikRoute[];
  /** Port of the node for HTTP. @default 8080 */
  readonly httpPort?: number;
  /**
   * Port of the node for HTTPS. The certificate is the secret `certificate` of the job: keys `certificate` (with its chain)
   * and `key`, in PEM.
   *
   * @default - TLS ends before it
   */
  readonly httpsPort?: number;
  /** Whether it runs on every node of its pool, or on one. @default true */
  readonly everywhere?: boolean;
}

/** Inside its network; the node's ports are mapped to them. */
const PORTS = { http: 8000, https: 8443, admin: 8082, firstUpstream: 9100 } as const;

/**
 * Traefik at the edge, for who has no application support: from ports of the nodes to services of the mesh, as a service of
 * the mesh itself. It asks no catalogue and so needs no token: its routes are its upstreams, and the intentions hold for it.
 */
export class Traefik extends Cart {
  readonly service: string;

  constructor(name: string, props: TraefikProps) {
    const { routes, httpPort = 8080, httpsPort, everywhere = true } = props;
    const upstreams = new Map<string, { readonly service: TraefikRoute["service"]; readonly localPort: number }>();
    for (const { service } of routes) {
      const key = serviceName(service);
      if (!upstreams.has(key)) upstreams.set(key, { service, localPort: PORTS.firstUpstream + upstreams.size });
    }
    const port = (service: TraefikRoute["service"]) => upstreams.get(serviceName(service))?.localPort ?? 0;
    const task = {
      driver: "docker" as const,
      config: {
        image: props.image ?? catalogueImages.traefik,
        args: ["--configFile=${NOMAD_TASK_DIR}/traefik.json"],
      },
      template: [
        { destination: "local/traefik.json", data: JSON.stringify(installation(httpsPort !== undefined), null, 2) },
        {
          destination: "local/routes.json",
          data: JSON.stringify(routing(routes, port, httpsPort !== undefined), null, 2),
          // Traefik looks at the file itself.
          changeMode: "noop" as const,
        },
      ],
      resources: props.resources ?? { cpu: 300, memory: "128MiB" },
    };
    const group = { traefik: { task: { traefik: task } } };
    const update: Update = { maxParallel: 1, autoRevert: !everywhere };
    const health = httpCheck("/ping", { port: portLabel(`${name}-admin`) });
    const certificate: CartSecret = {
      path: "certificate",
      files: [
        { key: "certificate", destination: "secrets/certificate.pem" },
        { key: "key", destination: "secrets/key.pem" },
      ],
    };
    super(name, {
      jobs: everywhere
        ? { id: name, type: "system", ...placed(props), update: { maxParallel: 1 }, group }
        : { id: name, ...placed(props), update, group },
      provides: [
        { name },
        { name: `${name}-admin`, mesh: false, port: PORTS.admin, health: httpCheck("/ping"), metrics: {} },
        {
          name: `${name}-http`,
          mesh: false,
          port: PORTS.http,
          staticPort: httpPort,
          health,
        },
        ...(httpsPort === undefined
          ? []
          : [
              {
                name: `${name}-https`,
                mesh: false,
                port: PORTS.https,
                staticPort: httpsPort,
                health,
              },
            ]),
      ],
      consumes: [...upstreams.values()],
      ...(httpsPort === undefined ? {} : { secrets: certificate }),
      ...passed(props),
    });
    this.service = name;
  }
}

const serviceName = (service: TraefikRoute["service"]) => (typeof service === "string" ? service : service.external);

/** https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/ */
function installation(secure: boolean): object {
  return {
    entryPoints: {
      http: {
        address: `:${PORTS.http}`,
        ...(secure ? { http: { redirections: { entryPoint: { to: "https", scheme: "https" } } } } : {}),
      },
      ...(secure ? { https: { address: `:${PORTS.https}` } } : {}),
      admin: { address: `:${PORTS.admin}` },
    },
    ping: { entryPoint: "admin" },
    metrics: { prometheus: { entryPoint: "admin" } },
    providers: { file: { filename: "/local/routes.json", watch: true } },
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    accessLog: { format: "json" },
  };
}

function routing(
  routes: readonly TraefikRoute[],
  port: (service: TraefikRoute["service"]) => number,
  secure: boolean,
): object {
  return {
    http: {
      routers: Object.fromEntries(
        routes.map(({ host, path = "/", service }, index) => [
          `route-${index}`,
          {
            rule: `Host(\`${host}\`)${path === "/" ? "" : ` && PathPrefix(\`${path}\`)`}`,
            service: serviceName(service),
            entryPoints: [secure ? "https" : "http"],
            ...(secure ? { tls: {} } : {}),
          },
        ]),
      ),
      services: Object.fromEntries(
        routes.map(({ service }) => [
          serviceName(service),
          { loadBalancer: { servers: [{ url: `http://127.0.0.1:${port(service)}` }] } },
        ]),
      ),
    },
    ...(secure
      ? { tls: { certificates: [{ certFile: "/secrets/certificate.pem", keyFile: "/secrets/key.pem" }] } }
      : {}),
  };
}
