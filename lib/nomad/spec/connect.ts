import type { Gateway } from "./gateway";
import type { Identity } from "./secrets";
import type { Logs, Resources } from "./task-parts";
import type { Duration, Flag, Free, OneOrMore, TextMap } from "./values";
import type { VolumeMount } from "./volume";

/** How a service takes part in Consul's mesh: exactly one of `sidecarService`, `native` and `gateway`. */
export interface Connect {
  /**
   * A proxy beside the tasks.
   * @default - none
   */
  readonly sidecarService?: SidecarService;
  /**
   * What the proxy's task is made of, where Nomad's own choice does not do.
   * @default - Nomad runs Envoy by Docker, with 250 MHz and 128 MiB
   */
  readonly sidecarTask?: SidecarTask;
  /**
   * The program itself speaks to the mesh.
   * @default false
   */
  readonly native?: Flag;
  /**
   * The service is a gateway of the mesh.
   * @default - not
   */
  readonly gateway?: Gateway;
}

/** The proxy that stands for a service in the mesh. */
export interface SidecarService {
  /**
   * Label of the port that others' proxies connect to.
   * @default - one is made
   */
  readonly port?: string;
  /** @default - the service's */
  readonly tags?: readonly string[];
  /** @default - the service's */
  readonly meta?: TextMap;
  /**
   * Leave out the TCP check of the proxy.
   * @default false
   */
  readonly disableDefaultTcpCheck?: Flag;
  /** @default - no upstreams */
  readonly proxy?: Proxy;
}

/** What the sidecar does. */
export interface Proxy {
  /**
   * Services that tasks reach at a local port.
   * @default - none
   */
  readonly upstreams?: OneOrMore<Upstream>;
  /**
   * Send all traffic through the proxy, and find services by their name in DNS.
   * @default - only upstreams
   */
  readonly transparentProxy?: TransparentProxy;
  /**
   * Paths that anybody may ask, without the mesh.
   * @default - none
   */
  readonly expose?: Expose;
  /**
   * The address on which the service listens.
   * @default "127.0.0.1"
   */
  readonly localServiceAddress?: string;
  /**
   * The port on which the service listens.
   * @default - the service's
   */
  readonly localServicePort?: number;
  /**
   * Envoy's settings in Consul's words (`protocol`, `local_connect_timeout_ms`).
   * @default - none
   */
  readonly config?: Free;
}

/** A service of the mesh, at a local port. */
export interface Upstream {
  /** The service's name in Consul. */
  readonly destinationName: string;
  /**
   * The local port; one of this and `localBindSocketPath`.
   * @default - a socket
   */
  readonly localBindPort?: number;
  /** @default "127.0.0.1" */
  readonly localBindAddress?: string;
  /**
   * A Unix socket instead of a port.
   * @default - a port
   */
  readonly localBindSocketPath?: string;
  /** Mode of the socket, in octal digits. */
  readonly localBindSocketMode?: string;
  /** @default "service" */
  readonly destinationType?: "service" | "prepared_query";
  /** Consul Enterprise. */
  readonly destinationNamespace?: string;
  /** Consul Enterprise. */
  readonly destinationPartition?: string;
  /** Name of the cluster peering. */
  readonly destinationPeer?: string;
  /** @default - the node's own */
  readonly datacenter?: string;
  /** @default - by Consul's own defaults */
  readonly meshGateway?: MeshGateway;
  /** Envoy's settings for this upstream, in Consul's words. */
  readonly config?: Free;
}

/** How traffic leaves the datacenter. */
export interface MeshGateway {
  readonly mode?: "local" | "remote" | "none" | "";
}

/** Redirects all traffic of a bridge network to the proxy. */
export interface TransparentProxy {
  /**
   * User id of the proxy, whose traffic is let through.
   * @default "101"
   */
  readonly uid?: string;
  /** @default 15001 */
  readonly outboundPort?: number;
  /** Labels or numbers of ports that take traffic directly. */
  readonly excludeInboundPorts?: readonly string[];
  /** Ports to which traffic goes directly. */
  readonly excludeOutboundPorts?: readonly number[];
  /** Networks to which traffic goes directly. */
  readonly excludeOutboundCidrs?: readonly string[];
  /** Users whose traffic goes directly. */
  readonly excludeUids?: readonly string[];
  /**
   * Do not send DNS to Consul.
   * @default false
   */
  readonly noDns?: Flag;
}

/** Paths open to the outside of the mesh. */
export interface Expose {
  readonly path: OneOrMore<ExposePath>;
}

/** One open path. */
export interface ExposePath {
  readonly path: string;
  /** The port of the service behind it. */
  readonly localPathPort: number;
  /** Label of the port it is opened on. */
  readonly listenerPort: string;
  /** @default "http" */
  readonly protocol?: "http" | "http2";
}

/** The task that runs a sidecar or gateway. */
export interface SidecarTask {
  /** @default "connect-[proxy|gateway]-<service>" */
  readonly name?: string;
  /** @default "docker" */
  readonly driver?: string;
  /** @default - by the driver */
  readonly user?: string;
  /** The driver's options, in its own words. */
  readonly config?: Free;
  readonly env?: TextMap;
  readonly meta?: TextMap;
  /** @default - 250 MHz and 128 MiB */
  readonly resources?: Resources;
  /** @default - 2 files of 2 MiB */
  readonly logs?: Logs;
  /** @default "5s" */
  readonly killTimeout?: Duration;
  /** @default "SIGTERM" */
  readonly killSignal?: string;
  /** @default "5s" */
  readonly shutdownDelay?: Duration;
  readonly volumeMount?: OneOrMore<VolumeMount>;
  readonly identity?: OneOrMore<Identity>;
}
