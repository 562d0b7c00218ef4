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
  /**
   * Words to search by.
   * @default - the service's
   */
  readonly tags?: readonly string[];
  /**
   * Facts about the proxy.
   * @default - the service's
   */
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
  /**
   * The local address.
   * @default "127.0.0.1"
   */
  readonly localBindAddress?: string;
  /**
   * A Unix socket instead of a port.
   * @default - a port
   */
  readonly localBindSocketPath?: string;
  /**
   * Mode of the socket, in octal digits.
   * @default - the system's
   */
  readonly localBindSocketMode?: string;
  /**
   * A service, or a prepared query.
   * @default "service"
   */
  readonly destinationType?: "service" | "prepared_query";
  /**
   * Consul Enterprise.
   * @default - the service's own
   */
  readonly destinationNamespace?: string;
  /**
   * Consul Enterprise.
   * @default - the service's own
   */
  readonly destinationPartition?: string;
  /**
   * Name of the cluster peering.
   * @default - this cluster
   */
  readonly destinationPeer?: string;
  /**
   * The datacenter of the service.
   * @default - the node's own
   */
  readonly datacenter?: string;
  /**
   * How traffic to other datacenters goes.
   * @default - by Consul's own defaults
   */
  readonly meshGateway?: MeshGateway;
  /**
   * Envoy's settings for this upstream, in Consul's words.
   * @default - none
   */
  readonly config?: Free;
}

/** How traffic leaves the datacenter. */
export interface MeshGateway {
  /**
   * Through a gateway here, one there, or none.
   * @default - Consul's own default
   */
  readonly mode?: "local" | "remote" | "none" | "";
}

/** Redirects all traffic of a bridge network to the proxy. */
export interface TransparentProxy {
  /**
   * User id of the proxy, whose traffic is let through.
   * @default "101"
   */
  readonly uid?: string;
  /**
   * The port of the proxy to which traffic is sent.
   * @default 15001
   */
  readonly outboundPort?: number;
  /**
   * Labels or numbers of ports that take traffic directly.
   * @default - none
   */
  readonly excludeInboundPorts?: readonly string[];
  /**
   * Ports to which traffic goes directly.
   * @default - none
   */
  readonly excludeOutboundPorts?: readonly number[];
  /**
   * Networks to which traffic goes directly.
   * @default - none
   */
  readonly excludeOutboundCidrs?: readonly string[];
  /**
   * Users whose traffic goes directly.
   * @default - none
   */
  readonly excludeUids?: readonly string[];
  /**
   * Do not send DNS to Consul.
   * @default false
   */
  readonly noDns?: Flag;
}

/** Paths open to the outside of the mesh. */
export interface Expose {
  /** The paths; each needs a port of its own. */
  readonly path: OneOrMore<ExposePath>;
}

/** One open path. */
export interface ExposePath {
  /** The path: `"/metrics"`. */
  readonly path: string;
  /** The port of the service behind it. */
  readonly localPathPort: number;
  /** Label of the port it is opened on. */
  readonly listenerPort: string;
  /**
   * What is spoken.
   * @default "http"
   */
  readonly protocol?: "http" | "http2";
}

/** The task that runs a sidecar or gateway. */
export interface SidecarTask {
  /**
   * Its name.
   * @default "connect-[proxy|gateway]-<service>"
   */
  readonly name?: string;
  /**
   * The driver that runs it.
   * @default "docker"
   */
  readonly driver?: string;
  /**
   * The user it runs as.
   * @default - by the driver
   */
  readonly user?: string;
  /**
   * The driver's options, in its own words.
   * @default - Nomad's own
   */
  readonly config?: Free;
  /**
   * Environment of the proxy.
   * @default - none
   */
  readonly env?: TextMap;
  /**
   * Facts of the proxy's task.
   * @default - none
   */
  readonly meta?: TextMap;
  /**
   * What it may use.
   * @default - 250 MHz and 128 MiB
   */
  readonly resources?: Resources;
  /**
   * The files that hold its output.
   * @default - 2 files of 2 MiB
   */
  readonly logs?: Logs;
  /**
   * The time between the signal and the kill.
   * @default "5s"
   */
  readonly killTimeout?: Duration;
  /**
   * The signal.
   * @default "SIGTERM"
   */
  readonly killSignal?: string;
  /**
   * The wait before the signal.
   * @default "5s"
   */
  readonly shutdownDelay?: Duration;
  /**
   * Volumes of the group that it sees.
   * @default - none
   */
  readonly volumeMount?: OneOrMore<VolumeMount>;
  /**
   * JWTs that it gets.
   * @default - none
   */
  readonly identity?: OneOrMore<Identity>;
}
