import type { Duration, Flag, Free, Labelled, OneOrMore, TextMap } from "./values";

/** A gateway of the mesh: exactly one of `ingress`, `terminating` and `mesh`. */
export interface Gateway {
  /** @default - Nomad's own */
  readonly proxy?: GatewayProxy;
  /** From outside the mesh to services inside. */
  readonly ingress?: IngressGateway;
  /** From the mesh to services outside. */
  readonly terminating?: TerminatingGateway;
  /** Between datacenters. */
  readonly mesh?: Readonly<Record<string, never>>;
}

/** Envoy's part of a gateway. */
export interface GatewayProxy {
  /** @default "5s" */
  readonly connectTimeout?: Duration;
  /** Listen on the addresses of the service. */
  readonly envoyGatewayBindTaggedAddresses?: Flag;
  /** Addresses to listen on, by name. */
  readonly envoyGatewayBindAddresses?: Labelled<GatewayBindAddress>;
  /** Do not listen on the default address. */
  readonly envoyGatewayNoDefaultBind?: Flag;
  /** How Envoy finds names. */
  readonly envoyDnsDiscoveryType?: "STRICT_DNS" | "LOGICAL_DNS";
  /** Envoy's settings, in Consul's words. */
  readonly config?: Free;
}

/** An address that a gateway listens on. */
export interface GatewayBindAddress {
  readonly address?: string;
  readonly port?: number;
}

/** Opens services of the mesh to the outside. Consul's API gateway has taken its place. */
export interface IngressGateway {
  readonly listener: OneOrMore<IngressListener>;
  readonly tls?: GatewayTls;
}

/** TLS of an ingress gateway. */
export interface GatewayTls {
  /** @default false */
  readonly enabled?: Flag;
  /** `"TLSv1_2"`, `"TLSv1_3"` */
  readonly tlsMinVersion?: string;
  readonly tlsMaxVersion?: string;
  readonly cipherSuites?: readonly string[];
  /** A certificate from Envoy's secret discovery service. */
  readonly sds?: GatewaySds;
}

/** Where Envoy gets a certificate. */
export interface GatewaySds {
  readonly clusterName?: string;
  readonly certResource?: string;
}

/** A port of an ingress gateway. */
export interface IngressListener {
  readonly port: number;
  /** @default "tcp" */
  readonly protocol?: "tcp" | "http" | "http2" | "grpc";
  readonly service: OneOrMore<IngressService>;
}

/** A service behind a listener. */
export interface IngressService {
  /** The service's name; `"*"` is all of them. */
  readonly name: string;
  /** Host names that lead to it; not with `tcp`. */
  readonly hosts?: readonly string[];
  readonly tls?: GatewayTls;
  readonly requestHeaders?: HeaderModifiers;
  readonly responseHeaders?: HeaderModifiers;
  readonly maxConnections?: number;
  readonly maxPendingRequests?: number;
  readonly maxConcurrentRequests?: number;
}

/** Changes to HTTP headers. */
export interface HeaderModifiers {
  readonly add?: TextMap;
  readonly set?: TextMap;
  readonly remove?: readonly string[];
}

/** Leads from the mesh to services outside. */
export interface TerminatingGateway {
  readonly service: OneOrMore<LinkedService>;
}

/** A service outside the mesh, and the TLS towards it. */
export interface LinkedService {
  readonly name: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly sni?: string;
}
