import type { AwsEnvironmentValues, AzureCloud, GcpCloud, ServerNodeProps, WorkerNodeProps } from "../../lib/node";

/** The smallest props of a server that runs everything. */
export const server: ServerNodeProps = {
  role: "server",
  group: "main",
  environment: "prod",
  cloud: { name: "aws", region: "eu-central-1" },
  datacenter: "eu-central-1",
  region: "global",
  servers: { main: { count: 3, runs: ["vault", "consul", "nomad"] } },
  insideDomain: "caravan.internal",
};

/** The smallest props of a worker of the same cluster. */
export const worker: WorkerNodeProps = { ...server, role: "worker", group: "general" };

export const environmentValues: AwsEnvironmentValues = {
  account: "123456789012",
  bucket: "caravan-prod-cluster-b4e710b114",
  bucketKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  sealKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  keyringKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  publicCaSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/public-ca-AbCdEf",
  bootstrapTokensSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/bootstrap-AbCdEf",
  recoveryKeysSecret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:caravan/prod/recovery-AbCdEf",
  deployerRoles: ["arn:aws:iam::123456789012:role/deployer"],
  plannerRoles: ["arn:aws:iam::123456789012:role/planner"],
  nodeRoles: {
    "worker-general": "arn:aws:iam::123456789012:role/caravan-prod-worker-general",
    "server-main": "arn:aws:iam::123456789012:role/caravan-prod-server-main",
  },
  logGroup: "/caravan/prod/nodes",
};

export const azure: AzureCloud = {
  name: "azure",
  region: "westeurope",
  tenantId: "72f988bf-86f1-41af-91ab-2d7cd011db47",
  subscriptionId: "0b1f6471-1bf0-4dda-aec3-cb9272f09590",
  resourceGroup: "caravan-prod",
};

export const gcp: GcpCloud = { name: "gcp", region: "europe-west1", project: "acme-caravan-prod" };

/** Groups apart, as in production: Vault alone. */
export const apart = {
  vault: { count: 3, runs: ["vault"] },
  main: { count: 5, runs: ["consul", "nomad"] },
} as const;

const caBundle = `-----BEGIN CERTIFICATE-----\n${"MIIBszCCAVmgAwIBAgIUQnYwX3Zl0000\n".repeat(12)}-----END CERTIFICATE-----\n`;

const cluster: Omit<ServerNodeProps, "role" | "group"> = {
  ...server,
  discovery: "addresses",
  versions: { envoy: "1.34.12" },
  software: {
    from: "install",
    registry: "registry.example.com/mirror",
    hashicorp: { url: "https://mirror.example.com/hashicorp", fingerprint: "798AEC654E5C15428C8E42EEAA16FCBCA621E701" },
    docker: { url: "https://mirror.example.com/docker" },
  },
  proxy: { url: "http://proxy.example.com:3128", except: [".example.com", "10.0.0.0/8"] },
  caBundle,
  telemetry: { prometheusRetention: "2h", statsd: "127.0.0.1:8125" },
  extend: {
    vault: {
      log_level: "debug",
      user_lockout: { all: { lockout_threshold: "10" } },
      telemetry: { usage_gauge_period: "10m" },
    },
    consul: {
      dns_config: { service_ttl: { "*": "5s" } },
      limits: { request_limits: { mode: "enforcing", read_rate: 800 } },
    },
    nomad: {
      ui: { label: { text: "prod", background_color: "red" } },
      server: { job_gc_threshold: "8h", default_scheduler_config: { scheduler_algorithm: "spread" } },
      client: { gc_max_allocs: 100, reserved: { memory: 1024 }, drain_on_shutdown: { deadline: "10m" } },
      plugin: { docker: { config: { gc: { image_delay: "12h" } } } },
    },
    vaultAgent: { template_config: { static_secret_render_interval: "1m" } },
  },
};

/** Nodes with every prop given, and of every kind. */
export const everything = {
  "a server with everything": { ...cluster, role: "server", group: "main", workers: { general: {} } },
  "a worker with everything": {
    ...cluster,
    role: "worker",
    group: "general",
    nodePool: "general_purpose",
    labels: { "acme.tier": "gold", zone: "a b" },
    hostVolumes: { data: { path: "/srv/data", readOnly: false }, certificates: { path: "/etc/ssl/certs" } },
  },
  "a worker of the system pool": { ...worker, group: "system", system: true },
  "a worker of raw_exec": { ...worker, group: "raw", rawExec: true },
  "a worker without Consul": { ...worker, servers: { main: { count: 3, runs: ["vault", "nomad"] } } },
  "a worker of Consul only": { ...worker, runs: ["consul"] },
  "a server of Vault alone": { ...server, servers: apart, group: "vault" },
  "a server beside Vault": { ...server, servers: apart, group: "main" },
  "a server on Azure": { ...server, cloud: azure, datacenter: "westeurope", dataDevice: "10" },
  "a worker on Azure": { ...worker, cloud: azure, datacenter: "westeurope" },
  "a server on Google Cloud": { ...server, cloud: gcp, datacenter: "europe-west1", dataDevice: "caravan-data" },
  "a worker on Google Cloud": { ...worker, cloud: gcp, datacenter: "europe-west1" },
  "a single server": { ...server, servers: { main: { count: 1, runs: ["vault", "consul", "nomad"] } } },
} as const satisfies Record<string, ServerNodeProps | WorkerNodeProps>;
