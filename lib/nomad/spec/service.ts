import type { Connect } from "./connect";
import type { Identity } from "./secrets";
import type { Duration, Flag, OneOrMore, TextMap } from "./values";

interface ServiceBase {
  /**
   * The name to be found by: letters, digits and hyphens, at most 63 (RFC 1123); `${...}` is filled in by the node.
   * @default "<job>-<group>-<task>" ("<job>-<group>" on a group)
   */
  readonly name?: string;
  /**
   * Label of the port, or its number where `addressMode` is `alloc` or `driver`, or the sidecar's proxy maps it.
   * @default - none; then no check can be made without a port of its own
   */
  readonly port?: string;
  /**
   * Words to search by; gateways read their routes here.
   * @default - none
   */
  readonly tags?: readonly string[];
  /**
   * The tags while the allocation is a canary.
   * @default - `tags`
   */
  readonly canaryTags?: readonly string[];
  /**
   * The address to be found under.
   * @default - by `addressMode`
   */
  readonly address?: string;
  /**
   * Which address is registered: the node's, the one inside the group's network (`alloc`) or the container's
   * (`driver`); `auto` takes the container's where there is one.
   * @default "auto"
   */
  readonly addressMode?: "alloc" | "alloc_ipv6" | "auto" | "driver" | "host";
  /**
   * The task that the service belongs to; for script checks and Connect-native services of a group.
   * @default - none
   */
  readonly task?: string;
  /**
   * What its checks mean while an update runs: `ignore_warnings` lets a warning pass, `ignore` lets all pass.
   * @default "require_healthy"
   */
  readonly onUpdate?: "require_healthy" | "ignore_warnings" | "ignore";
  /**
   * Checks whether it works.
   * @default - none
   */
  readonly check?: OneOrMore<Check>;
  /**
   * Restarts the task when checks keep failing.
   * @default - never
   */
  readonly checkRestart?: CheckRestart;
  /**
   * How many requests it gets against the other instances.
   * @default - 1 each
   */
  readonly weights?: Weights;
  /**
   * Which Consul cluster it is registered in; more than one is Enterprise.
   * @default "default"
   */
  readonly cluster?: string;
  /**
   * The identity by which it is registered in Consul.
   * @default - by the servers' configuration
   */
  readonly identity?: Identity;
  /**
   * Kind of gateway, as Nomad writes it itself.
   * @default - an ordinary service
   */
  readonly kind?: string;
  /**
   * More addresses by name, such as `wan`.
   * @default - none
   */
  readonly taggedAddresses?: TextMap;
}

/** A service in Consul's catalog. */
export interface ConsulService extends ServiceBase {
  /**
   * Consul's catalog.
   * @default "consul"
   */
  readonly provider?: "consul";
  /**
   * Facts about it.
   * @default - none
   */
  readonly meta?: TextMap;
  /**
   * The facts while the allocation is a canary.
   * @default - `meta`
   */
  readonly canaryMeta?: TextMap;
  /**
   * Let others change the tags in Consul.
   * @default false
   */
  readonly enableTagOverride?: Flag;
  /**
   * Part of the service mesh: by a sidecar, natively or as a gateway. Only on a group.
   * @default - not
   */
  readonly connect?: Connect;
}

/** A service in Nomad's own catalog: needs no Consul, and has neither mesh nor gRPC and script checks. */
export interface NomadService extends ServiceBase {
  /** Nomad's own catalog. */
  readonly provider: "nomad";
  /**
   * Facts about it. Nomad stores and does not show them.
   * @default - none
   */
  readonly meta?: TextMap;
  /**
   * The facts while the allocation is a canary.
   * @default - `meta`
   */
  readonly canaryMeta?: TextMap;
  readonly connect?: never;
  readonly enableTagOverride?: never;
}

/** Something others find by name. */
export type Service = ConsulService | NomadService;

interface CheckBase {
  /**
   * What it is called in the catalog.
   * @default "service: <name> check"
   */
  readonly name?: string;
  /** The time between two, at least 1 second. */
  readonly interval: Duration;
  /** The time it may take, at least 1 second. */
  readonly timeout: Duration;
  /**
   * Label or number of the port, if it is not the service's.
   * @default - the service's
   */
  readonly port?: string;
  /**
   * Which address is asked: `alloc`, `driver` or `host`.
   * @default "host"
   */
  readonly addressMode?: "alloc" | "alloc_ipv6" | "driver" | "host";
  /**
   * The state before the first result.
   * @default "critical"
   */
  readonly initialStatus?: "passing" | "warning" | "critical" | "";
  /**
   * Passes in a row that make it healthy. Consul.
   * @default 0
   */
  readonly successBeforePassing?: number;
  /**
   * Failures in a row that make it critical. Consul.
   * @default 0
   */
  readonly failuresBeforeCritical?: number;
  /**
   * Failures in a row that make it a warning. Consul.
   * @default - `failuresBeforeCritical`
   */
  readonly failuresBeforeWarning?: number;
  /**
   * Restarts the task when it keeps failing.
   * @default - the service's
   */
  readonly checkRestart?: CheckRestart;
  /**
   * What it means while an update runs.
   * @default - the service's
   */
  readonly onUpdate?: "require_healthy" | "ignore_warnings" | "ignore";
  /**
   * Let the sidecar open this path to the outside of the mesh. HTTP and gRPC, with a Connect sidecar in a bridge network.
   * @default false
   */
  readonly expose?: Flag;
  /**
   * A note for people, shown in Consul.
   * @default - none
   */
  readonly notes?: string;
  /** @deprecated Nomad 1.11 does not store it. */
  readonly advertise?: string;
  /**
   * The task a script or gRPC check of a group's service runs in.
   * @default - the service's
   */
  readonly task?: string;
}

/** No answer to HTTP, nothing to look at but a connection. */
export interface TcpCheck extends CheckBase {
  /** It connects. */
  readonly type: "tcp";
  readonly path?: never;
  readonly command?: never;
}

/** An HTTP request: 2xx passes, 429 warns. */
export interface HttpCheck extends CheckBase {
  /** It asks by HTTP. */
  readonly type: "http";
  /** Path with its query: `"/health"`. */
  readonly path: string;
  /**
   * With TLS or without.
   * @default "http"
   */
  readonly protocol?: "http" | "https";
  /**
   * The method.
   * @default "GET"
   */
  readonly method?: string;
  /**
   * The body of the request.
   * @default - none
   */
  readonly body?: string;
  /**
   * Headers, each with its values.
   * @default - none
   */
  readonly header?: Readonly<Record<string, readonly string[]>>;
  /**
   * Accept any certificate.
   * @default false
   */
  readonly tlsSkipVerify?: Flag;
  /**
   * Server name for SNI and the certificate.
   * @default - the address
   */
  readonly tlsServerName?: string;
  readonly command?: never;
}

/** A standard gRPC health request. Consul. */
export interface GrpcCheck extends CheckBase {
  /** It asks by the gRPC health protocol. */
  readonly type: "grpc";
  /**
   * The service that is asked for.
   * @default - the server as a whole
   */
  readonly grpcService?: string;
  /**
   * With TLS.
   * @default false
   */
  readonly grpcUseTls?: Flag;
  /**
   * Accept any certificate.
   * @default false
   */
  readonly tlsSkipVerify?: Flag;
  /**
   * Server name for SNI and the certificate.
   * @default - the address
   */
  readonly tlsServerName?: string;
  readonly path?: never;
  readonly command?: never;
}

/** A program inside the task: exit code 0 passes, 1 warns. Consul. */
export interface ScriptCheck extends CheckBase {
  /** It runs a program. */
  readonly type: "script";
  /** The program; no shell. */
  readonly command: string;
  /**
   * Arguments; no shell.
   * @default - none
   */
  readonly args?: readonly string[];
  readonly path?: never;
}

/** Asks a service whether it works. */
export type Check = TcpCheck | HttpCheck | GrpcCheck | ScriptCheck;

/** Restarts a task whose checks keep failing. */
export interface CheckRestart {
  /**
   * Failures in a row; 0 is never.
   * @default 0
   */
  readonly limit?: number;
  /**
   * The time after a start in which failures do not count.
   * @default "1s"
   */
  readonly grace?: Duration;
  /**
   * A warning counts as healthy.
   * @default false
   */
  readonly ignoreWarnings?: Flag;
}

/** Weights of a service among its instances, in answers to DNS SRV requests. Consul. */
export interface Weights {
  /**
   * While all checks pass.
   * @default 1
   */
  readonly passing?: number;
  /**
   * While a check warns.
   * @default 1
   */
  readonly warning?: number;
}
