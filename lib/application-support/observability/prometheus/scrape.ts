import type { Product } from "../../../node/products";
import { blackboxPort, nodeExporterService, observabilityServices, scrapeMeta } from "../services";
import type { MonitoredCluster, ServerDiscovery } from "./cluster";

/** Where things stand inside Prometheus's task. */
export const prometheusFiles = {
  config: "/local/prometheus.yml",
  rules: "/local/rules.yml",
  ownRules: "/local/own-rules.yml",
  authority: "/local/authority.pem",
  vaultServers: "/local/vault-servers.json",
  probes: "/local/blackbox.yml",
  vaultToken: "/secrets/vault_token",
  consulToken: "/secrets/consul_token",
} as const;

type Block = Readonly<Record<string, unknown>>;

/** Everything that is scraped, in Prometheus's words. */
export function scrapeConfigs(cluster: MonitoredCluster): Block[] {
  return [
    { job_name: "prometheus", static_configs: [{ targets: [`127.0.0.1:${observabilityServices.prometheus.port}`] }] },
    ...productScrapes(cluster),
    ...probeScrapes(cluster),
    ...(cluster.machine.consul === undefined ? [] : [...workerScrapes(cluster), ...serviceScrapes(cluster)]),
  ];
}

function productScrapes(cluster: MonitoredCluster): Block[] {
  const { scheme, machine, servers } = cluster;
  const prometheusFormat = { params: { format: ["prometheus"] } };
  const tls = tlsOf(cluster);
  return [
    ...(machine.vault === undefined
      ? []
      : [
          {
            // A standby sends whoever signs in to the active server, whichever it was that the balancer chose.
            job_name: "vault",
            scheme,
            metrics_path: "/v1/sys/metrics",
            ...prometheusFormat,
            ...bearer(prometheusFiles.vaultToken),
            ...tls,
            static_configs: [{ targets: [machine.vault] }],
          },
        ]),
    ...(servers.consul === undefined
      ? []
      : [
          {
            job_name: "consul",
            scheme,
            metrics_path: "/v1/agent/metrics",
            ...prometheusFormat,
            ...bearer(prometheusFiles.consulToken),
            ...tls,
            ...targetsOf(cluster, servers.consul),
          },
        ]),
    ...(servers.nomad === undefined
      ? []
      : [
          {
            // Nomad asks nobody who reads its figures for a token.
            job_name: "nomad",
            scheme,
            metrics_path: "/v1/metrics",
            ...prometheusFormat,
            ...tls,
            ...targetsOf(cluster, servers.nomad),
          },
        ]),
  ];
}

/** What each server says of its health to anybody, and when its certificate ends. */
function probeScrapes(cluster: MonitoredCluster): Block[] {
  const paths: Readonly<Record<Product, string>> = {
    vault: "/v1/sys/health",
    consul: "/v1/status/leader",
    nomad: "/v1/status/leader",
  };
  const probes = (Object.keys(paths) as Product[]).flatMap((product): Block[] => {
    const discovery = cluster.servers[product];
    if (discovery === undefined) return [];
    const url = `${cluster.scheme}://$1${paths[product]}`;
    return [
      probe(`probe-${product}`, product === "vault" ? "vault" : "leader", targetsOf(cluster, discovery), [
        { source_labels: ["__address__"], target_label: "instance" },
        { source_labels: ["__address__"], target_label: "__param_target", replacement: url },
      ]),
    ];
  });
  if (cluster.people.length === 0) return probes;
  const people = { static_configs: [{ targets: [...cluster.people] }] };
  const byUrl = [
    { source_labels: ["__address__"], target_label: "instance" },
    { source_labels: ["__address__"], target_label: "__param_target" },
  ];
  return [...probes, probe("probe-people", "people", people, byUrl)];
}

function probe(name: string, module: string, targets: Block, relabel: readonly Block[]): Block {
  const own = Array.isArray(targets["relabel_configs"]) ? (targets["relabel_configs"] as Block[]) : [];
  return {
    job_name: name,
    metrics_path: "/probe",
    params: { module: [module] },
    ...targets,
    relabel_configs: [...own, ...relabel, { target_label: "__address__", replacement: `127.0.0.1:${blackboxPort}` }],
  };
}

/** Workers are where node exporter runs; Nomad's client answers on the same machine. */
function workerScrapes(cluster: MonitoredCluster): Block[] {
  const { scheme, nomadClientPort } = cluster;
  const node = { source_labels: ["__meta_consul_node"], target_label: "node" };
  const nodes = { job_name: "node", ...consulDiscovery(cluster, [nodeExporterService]), relabel_configs: [node] };
  if (nomadClientPort === undefined) return [nodes];
  return [
    nodes,
    {
      job_name: "nomad-client",
      scheme,
      metrics_path: "/v1/metrics",
      params: { format: ["prometheus"] },
      ...tlsOf(cluster),
      ...consulDiscovery(cluster, [nodeExporterService]),
      relabel_configs: [...atPort(nomadClientPort), node],
    },
  ];
}

/** Services that say in their facts where their figures and their sidecar's are. */
function serviceScrapes(cluster: MonitoredCluster): Block[] {
  const meta = (name: string) => `__meta_consul_service_metadata_${name}`;
  const scrape = (name: string, port: string, more: readonly Block[]): Block => ({
    job_name: name,
    ...consulDiscovery(cluster),
    relabel_configs: [
      // A sidecar has the facts of its service, and would count it twice.
      { source_labels: ["__meta_consul_service"], regex: ".*-sidecar-proxy", action: "drop" },
      { source_labels: [meta(port)], regex: "\\d+", action: "keep" },
      {
        source_labels: ["__meta_consul_service_address", "__meta_consul_address", meta(port)],
        regex: "([^;]+);[^;]*;(\\d+)",
        target_label: "__address__",
        replacement: "$1:$2",
      },
      {
        source_labels: ["__meta_consul_service_address", "__meta_consul_address", meta(port)],
        regex: ";([^;]+);(\\d+)",
        target_label: "__address__",
        replacement: "$1:$2",
      },
      { source_labels: ["__meta_consul_service"], target_label: "service" },
      { source_labels: ["__meta_consul_node"], target_label: "node" },
      ...more,
    ],
  });
  return [
    scrape("services", scrapeMeta.port, [
      { source_labels: [meta(scrapeMeta.path)], regex: "(/.*)", target_label: "__metrics_path__" },
    ]),
    scrape("envoy", scrapeMeta.envoyPort, []),
  ];
}

function targetsOf(cluster: MonitoredCluster, discovery: ServerDiscovery): Block {
  if (discovery.by === "addresses") return { static_configs: [{ targets: [...discovery.addresses] }] };
  if (discovery.by === "vault-raft") return { file_sd_configs: [{ files: [prometheusFiles.vaultServers] }] };
  return {
    ...consulDiscovery(cluster, [discovery.service]),
    relabel_configs: [...atPort(discovery.port), { source_labels: ["__meta_consul_node"], target_label: "node" }],
  };
}

function consulDiscovery(cluster: MonitoredCluster, services?: readonly string[]): Block {
  return {
    consul_sd_configs: [
      {
        server: cluster.machine.consul,
        scheme: cluster.scheme,
        datacenter: cluster.datacenter,
        ...bearer(prometheusFiles.consulToken),
        ...tlsOf(cluster),
        ...(services === undefined ? {} : { services: [...services] }),
      },
    ],
  };
}

function atPort(port: number): Block[] {
  return [{ source_labels: ["__meta_consul_address"], target_label: "__address__", replacement: `$1:${port}` }];
}

/** Read from the file at each request, so that a renewed token needs no reload. */
const bearer = (file: string): Block => ({ authorization: { type: "Bearer", credentials_file: file } });

export function tlsOf({ authority, scheme }: MonitoredCluster): Block {
  if (scheme === "http" || authority === undefined) return {};
  return { tls_config: { ca_file: prometheusFiles.authority } };
}
