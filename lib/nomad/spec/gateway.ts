import type { Duration, Flag, Free, Labelled, OneOrMore, TextMap } from "./values";

/** A gateway of the mesh: exactly one of `ingress`, `terminating` and `mesh`. */
export interface Gateway {
  /**
   * The proxy's settings.
   * @default - Nomad's own
   */
  readonly proxy?: GatewayProxy;
  /**
   * From outside the mesh to services inside.
   * @default - not one
   */
  readonly ingress?: IngressGateway;
  /**
   * From the mesh to services outside.
   * @default - not one
   */
  readonly terminating?: TerminatingGateway;
  /**
   * Between datacenters.
   * @default - not one
   */
  readonly mesh?: Readonly<Record<string, never>>;
}

/** Envoy's part of a gateway. */
export interface GatewayProxy {
  /**
   * How long connecting to a service may take.
   * @default "5s"
   */
  readonly connectTimeout?: Duration;
  /**
   * Listen on the addresses of the service.
   * @default false
   */
  readonly envoyGatewayBindTaggedAddresses?: Flag;
  /**
   * Addresses to listen on, by name.
   * @default - Nomad's own
   */
  readonly envoyGatewayBindAddresses?: Labelled<GatewayBindAddress>;
  /**
   * Do not listen on the default address.
   * @default - Nomad's own
   */
  readonly envoyGatewayNoDefaultBind?: Flag;
  /**
   * How Envoy finds names.
   * @default "LOGICAL_DNS"
   */
  readonly envoyDnsDiscoveryType?: "STRICT_DNS" | "LOGICAL_DNS";
  /**
   * Envoy's settings, in Consul's words.
   * @default - none
   */
  readonly config?: Free;
}

/** An address that a gateway listens on. */
export interface GatewayBindAddress {
  /** The address. */
  readonly address: string;
  /** The port. */
  readonly port: number;
}

/** Opens services of the mesh to the outside. Consul's API gateway has taken its place. */
export interface IngressGateway {
  /** The ports that it opens. */
  readonly listener: OneOrMore<IngressListener>;
  /**
   * TLS towards the outside.
   * @default - none
   */
  readonly tls?: GatewayTls;
}

/** TLS of an ingress gateway. */
export interface GatewayTls {
  /**
   * Serve TLS.
   * @default false
   */
  readonly enabled?: Flag;
  /**
   * `"TLSv1_2"`, `"TLSv1_3"`
   * @default - Envoy's
   */
  readonly tlsMinVersion?: string;
  /**
   * `"TLSv1_2"`, `"TLSv1_3"`
   * @default - Envoy's
   */
  readonly tlsMaxVersion?: string;
  /**
   * Suites of TLS 1.2.
   * @default - Envoy's
   */
  readonly cipherSuites?: readonly string[];
  /**
   * A certificate from Envoy's secret discovery service.
   * @default - Consul's own certificate
   */
  readonly sds?: GatewaySds;
}

/** Where Envoy gets a certificate. */
export interface GatewaySds {
  /**
   * Envoy's cluster that hands it out.
   * @default - none
   */
  readonly clusterName?: string;
  /**
   * The certificate's name there.
   * @default - none
   */
  readonly certResource?: string;
}

/** A port of an ingress gateway. */
export interface IngressListener {
  /** The port. */
  readonly port: number;
  /**
   * What is spoken; the services must speak it too.
   * @default "tcp"
   */
  readonly protocol?: "tcp" | "http" | "http2" | "grpc";
  /** The services behind it; one with `tcp`. */
  readonly service: OneOrMore<IngressService>;
}

/** A service behind a listener. */
export interface IngressService {
  /** The service's name; `"*"` is all of them. */
  readonly name: string;
  /**
   * Host names that lead to it; not with `tcp`.
   * @default - `<service>.ingress.*`
   */
  readonly hosts?: readonly string[];
  /**
   * TLS for its host names.
   * @default - the gateway's
   */
  readonly tls?: GatewayTls;
  /**
   * Changes to requests.
   * @default - none
   */
  readonly requestHeaders?: HeaderModifiers;
  /**
   * Changes to answers.
   * @default - none
   */
  readonly responseHeaders?: HeaderModifiers;
  /**
   * Most connections to it.
   * @default - no limit
   */
  readonly maxConnections?: number;
  /**
   * Most requests that wait for a connection.
   * @default - no limit
   */
  readonly maxPendingRequests?: number;
  /**
   * Most requests at a time.
   * @default - no limit
   */
  readonly maxConcurrentRequests?: number;
}

/** Changes to HTTP headers. */
export interface HeaderModifiers {
  /**
   * Headers that are added.
   * @default - none
   */
  readonly add?: TextMap;
  /**
   * Headers that are set, whatever they were.
   * @default - none
   */
  readonly set?: TextMap;
  /**
   * Headers that are removed.
   * @default - none
   */
  readonly remove?: readonly string[];
}

/** Leads from the mesh to services outside. */
export interface TerminatingGateway {
  /** The services outside. */
  readonly service: OneOrMore<LinkedService>;
}

/** A service outside the mesh, and the TLS towards it. */
export interface LinkedService {
  /** Its name in Consul. */
  readonly name: string;
  /**
   * File with its CA.
   * @default - no TLS
   */
  readonly caFile?: string;
  /**
   * File with the gateway's certificate for it.
   * @default - none
   */
  readonly certFile?: string;
  /**
   * File with the certificate's key.
   * @default - none
   */
  readonly keyFile?: string;
  /**
   * The name that is asked of it.
   * @default - none
   */
  readonly sni?: string;
}
