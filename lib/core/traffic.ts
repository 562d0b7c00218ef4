/**
 * Every port of the platform, by its name. What listens, what a firewall lets pass and what a client calls come from
 * here; nothing else names a port.
 */
export const ports = {
  /** Vault's API. */
  vault: 8200,
  /** Between Vault's servers: raft and forwarded requests, TLS by certificates that Vault makes for itself. */
  vaultCluster: 8201,
  /** Consul's API over TLS. Its plain port (8500) is off. */
  consul: 8501,
  /** Envoy's configuration (xDS) over TLS. Its plain port (8502) is off. */
  consulGrpc: 8503,
  consulDns: 8600,
  consulRpc: 8300,
  /** Gossip of one datacenter. Gossip between datacenters (8302) is off. */
  consulGossip: 8301,
  /** Nomad's API. */
  nomad: 4646,
  nomadRpc: 4647,
  nomadGossip: 4648,
  /** Where the people's balancer listens. */
  people: 443,
  /** Where it only sends people on to TLS. */
  peoplePlain: 80,
  /** Where the ingress of the workers listens for the people's balancer, with TLS. */
  ingress: 8443,
  https: 443,
  http: 80,
  dns: 53,
  ntp: 123,
} as const;

export type PortName = keyof typeof ports;

/** Ports that Nomad hands out to jobs, Envoy sidecars among them: Nomad's own default. */
export const dynamicPorts = { from: 20_000, to: 32_000 } as const;

/** Who talks. A server group that runs two products plays two roles. */
export type TrafficRole =
  | "vaultServer"
  | "consulServer"
  | "nomadServer"
  | "worker"
  /** The internal pass-through balancer: for agents, layers, JWKS. */
  | "machineBalancer"
  /** The edge: for browsers. */
  | "peopleBalancer"
  /** Whoever the edge is open to. */
  | "people"
  /** CI's own runners inside the network. */
  | "privateRunner"
  /** Where the tunnel of a person at work ends. */
  | "tunnel"
  /** The cloud's APIs, package repositories and registries. */
  | "outside";

export type Protocol = "tcp" | "udp";

/** One row of the table: `from` opens connections to `to`. Answers are not listed; every firewall here is stateful. */
export interface Traffic {
  readonly from: TrafficRole;
  readonly to: TrafficRole;
  readonly protocol: Protocol;
  readonly fromPort: number;
  /** The last port, included; the first again where it is one port. */
  readonly toPort: number;
  /** What for, as it stands in a firewall rule's description: at most 60 characters that every cloud takes. */
  readonly purpose: string;
}

const servers = ["vaultServer", "consulServer", "nomadServer"] as const;
const nodes = [...servers, "worker"] as const;

interface Row {
  readonly from: readonly TrafficRole[];
  readonly to: readonly TrafficRole[];
  readonly protocols?: readonly Protocol[];
  readonly port: PortName | typeof dynamicPorts;
  readonly purpose: string;
}

const rows: readonly Row[] = [
  { from: ["vaultServer"], to: ["vaultServer"], port: "vault", purpose: "Vault servers join one another" },
  { from: ["vaultServer"], to: ["vaultServer"], port: "vaultCluster", purpose: "Vault raft and forwarded requests" },
  { from: ["consulServer", "worker"], to: ["consulServer"], port: "consulRpc", purpose: "Consul RPC and raft" },
  {
    from: ["consulServer", "worker"],
    to: ["consulServer", "worker"],
    protocols: ["tcp", "udp"],
    port: "consulGossip",
    purpose: "Consul gossip",
  },
  { from: ["nomadServer", "worker"], to: ["nomadServer"], port: "nomadRpc", purpose: "Nomad RPC and raft" },
  {
    from: ["nomadServer"],
    to: ["nomadServer"],
    protocols: ["tcp", "udp"],
    port: "nomadGossip",
    purpose: "Nomad gossip",
  },
  { from: ["worker"], to: ["worker"], port: "nomad", purpose: "Nomad clients move sticky disks" },
  {
    from: ["worker"],
    to: ["worker"],
    protocols: ["tcp", "udp"],
    port: dynamicPorts,
    purpose: "Jobs and their Envoy sidecars",
  },
  // A balancer would answer for one server; metrics are asked of each.
  { from: ["worker"], to: ["vaultServer"], port: "vault", purpose: "Metrics of each Vault server" },
  { from: ["worker"], to: ["consulServer"], port: "consul", purpose: "Metrics of each Consul server" },
  { from: ["worker"], to: ["nomadServer"], port: "nomad", purpose: "Metrics of each Nomad server" },
  ...(["vault", "consul", "nomad"] as const).map(
    (product): Row => ({
      from: [...nodes, "privateRunner", "tunnel"],
      to: ["machineBalancer"],
      port: product,
      purpose: `${title(product)} API, machine address`,
    }),
  ),
  ...(["vault", "consul", "nomad"] as const).map(
    (product): Row => ({
      from: ["machineBalancer", "peopleBalancer"],
      to: [`${product}Server`],
      port: product,
      purpose: `${title(product)} API behind a balancer`,
    }),
  ),
  { from: ["peopleBalancer"], to: ["worker"], port: "ingress", purpose: "Ingress of the workers" },
  { from: ["people"], to: ["peopleBalancer"], port: "people", purpose: "People over TLS" },
  { from: ["people"], to: ["peopleBalancer"], port: "peoplePlain", purpose: "Redirect of people to TLS" },
  { from: nodes, to: ["outside"], port: "https", purpose: "Cloud APIs, packages, images" },
  { from: ["privateRunner"], to: ["outside"], port: "https", purpose: "The forge, cloud APIs, registries" },
  { from: nodes, to: ["outside"], port: "http", purpose: "Signed packages of the distribution" },
  { from: nodes, to: ["outside"], protocols: ["tcp", "udp"], port: "dns", purpose: "Names" },
  { from: nodes, to: ["outside"], protocols: ["udp"], port: "ntp", purpose: "Time" },
];

/** The one traffic table, role to role. */
export const traffic: readonly Traffic[] = rows.flatMap(({ from, to, protocols = ["tcp"], port, purpose }) =>
  from.flatMap((source) =>
    to.flatMap((target) =>
      protocols.map((protocol): Traffic => {
        const range = typeof port === "string" ? { from: ports[port], to: ports[port] } : port;
        return { from: source, to: target, protocol, fromPort: range.from, toPort: range.to, purpose };
      }),
    ),
  ),
);

/** What one role, or several that one machine plays, may open to another or to several, without repetition. */
export function trafficBetween(from: readonly TrafficRole[], to: readonly TrafficRole[]): Traffic[] {
  const seen = new Set<string>();
  return traffic.filter((row) => {
    if (!from.includes(row.from) || !to.includes(row.to)) return false;
    const key = `${row.protocol} ${row.fromPort}-${row.toPort}`;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

function title(product: string): string {
  return product.charAt(0).toUpperCase() + product.slice(1);
}
