import type { Check, Duration, OneOrMore, Port, Service, Upstream } from "../spec";
import type { GroupPart } from "./extend";

/** A port that a group opens and a service by which it is found. */
export interface ExposeProps {
  /** The service's name. */
  readonly service: string;
  /** The port on which the program listens. */
  readonly to: number;
  /**
   * Label of the port.
   * @default "http"
   */
  readonly port?: string;
  /**
   * The port on the node.
   * @default - a free one
   */
  readonly static?: number;
  /** How it is seen to work: `httpCheck("/health")`. */
  readonly check: OneOrMore<Check>;
  /** @default - none */
  readonly tags?: readonly string[];
  /**
   * Where it is registered.
   * @default "consul"
   */
  readonly provider?: "consul" | "nomad";
  /**
   * `"bridge"` maps the port into a network of the group; with `"host"` the program must listen on the port of the node
   * that `NOMAD_PORT_<label>` says, and `to` is not used.
   * @default "bridge"
   */
  readonly mode?: "bridge" | "host";
}

/** Opens a port of a group and registers it as a service with a check. */
export function expose(props: ExposeProps): GroupPart {
  const { service: name, to, port: label = "http", check, tags, provider = "consul", mode = "bridge" } = props;
  const port: Port = {
    ...(mode === "bridge" ? { to } : {}),
    ...(props.static === undefined ? {} : { static: props.static }),
  };
  const service: Service = { name, port: label, provider, check, ...(tags === undefined ? {} : { tags }) };
  return { network: { mode, port: { [label]: port } }, service };
}

/** A group's place in Consul's service mesh. */
export interface MeshProps {
  /** The service's name in the mesh. */
  readonly service: string;
  /** The port on which the program listens, inside the group's network. */
  readonly port: number;
  /**
   * How it is seen to work. An HTTP or gRPC check is let through the proxy by a path of its own.
   * @default - only the proxy is checked
   */
  readonly check?: Check;
  /** @default - none */
  readonly tags?: readonly string[];
}

/** Puts a group into Consul's service mesh, behind a sidecar. `upstreams` are services that it uses at local ports. */
export function sidecar(props: MeshProps & { readonly upstreams?: readonly Upstream[] }): GroupPart {
  const { upstreams = [] } = props;
  return inMesh(props, { upstreams });
}

/**
 * Puts a group into Consul's service mesh with all its traffic through the proxy: others are found at
 * `<service>.virtual.consul`. The nodes need Consul's CNI plugin.
 */
export function transparentProxy(props: MeshProps & { readonly excludeInboundPorts?: readonly string[] }): GroupPart {
  const { excludeInboundPorts } = props;
  return inMesh(props, { transparentProxy: excludeInboundPorts === undefined ? {} : { excludeInboundPorts } });
}

function inMesh(props: MeshProps, proxy: object): GroupPart {
  const check = props.check === undefined ? {} : { check: exposed(props.check) };
  const service: Service = {
    name: props.service,
    port: String(props.port),
    ...(props.tags === undefined ? {} : { tags: props.tags }),
    ...check,
    connect: { sidecarService: { proxy } },
  };
  return { network: { mode: "bridge" }, service };
}

const exposed = (check: Check): Check =>
  check.type === "http" || check.type === "grpc" ? { expose: true, ...check } : check;

/** A service of the mesh that tasks reach at a port of their own machine. */
export function upstream(service: string, localPort: number, rest: Partial<Upstream> = {}): Upstream {
  return { destinationName: service, localBindPort: localPort, ...rest };
}

/** Restarts a task that fails its check so many times in a row, once it had the time to start. */
export function restartWhenUnhealthy(check: Check, limit = 3, grace: Duration = "30s"): Check {
  return { ...check, checkRestart: { limit, grace } };
}
