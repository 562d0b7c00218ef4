import {
  BatchPipeline,
  type Cart,
  Elasticsearch,
  Filebeat,
  GrafanaStack,
  Jaeger,
  Keycloak,
  Kibana,
  Logstash,
  MinimalServices,
  Postgres,
  Redis,
  Traefik,
  WebApplication,
} from "../../lib/carts";

/** Each Cart of the catalogue with what it needs beside it, by the name of its page. */
export const catalogue: Readonly<Record<string, readonly Cart[]>> = {
  "batch-pipeline": [
    new BatchPipeline("report", {
      schedule: "0 3 * * *",
      timeZone: "Europe/Berlin",
      prepare: { fetch: { image: "registry.example.com/fetch:1.0.0" } },
      work: {
        image: "registry.example.com/report:1.0.0",
        command: "/bin/report",
        args: ["--all"],
        env: { LEVEL: "info" },
      },
      finish: { image: "registry.example.com/tidy:1.0.0" },
      secrets: [{ path: "store", env: { STORE_KEY: "key" } }],
    }),
    new BatchPipeline("convert", { facts: ["file"], work: { image: "registry.example.com/convert:1.0.0" } }),
  ],
  elasticsearch: [
    new Elasticsearch("search", { heap: "2g", volume: { type: "csi", plugin: "aws-ebs", size: "50GiB" } }),
  ],
  filebeat: [new Elasticsearch(), new Filebeat("filebeat", { allocations: "allocations" })],
  "grafana-stack": [
    new GrafanaStack("watch", {
      consul: { address: "https://consul.example.com:8501", ca: "-----BEGIN CERTIFICATE-----" },
      dashboards: { "web-requests": { title: "Requests", panels: [{ legend: "{{service}}" }] } },
      allows: ["shop-web"],
    }),
  ],
  jaeger: [
    new Elasticsearch(),
    new Jaeger("jaeger", { storage: { elasticsearch: "elasticsearch" }, allows: ["shop-web"] }),
    new Jaeger("traces", { transform: { job: (job) => ({ ...job, priority: 60 }) } }),
  ],
  keycloak: [
    new Postgres("postgres", { database: "keycloak" }),
    new Keycloak("login", { url: "https://login.apps.example.com" }),
  ],
  kibana: [new Elasticsearch(), new Kibana("kibana", { publicUrl: "https://logs.apps.example.com" })],
  logstash: [new Elasticsearch(), new Logstash("logstash", { filter: '  mutate { add_tag => ["caravan"] }' })],
  "minimal-services": [new MinimalServices()],
  postgres: [new Postgres("db", { settings: { shared_buffers: "256MB" }, allows: ["pay-api"] })],
  redis: [new Redis(), new Redis("store", { persistent: true, port: 6380, maxMemory: "1gb" })],
  traefik: [
    new MinimalServices(),
    new Traefik("edge", {
      httpsPort: 8443,
      routes: [
        { host: "shop.example.com", service: "minimal-front" },
        { host: "shop.example.com", path: "/back", service: "minimal-back" },
      ],
    }),
    new Traefik("inner", {
      everywhere: false,
      httpPort: 8081,
      nodePool: "default",
      routes: [{ host: "minimal.internal", service: "minimal-front" }],
    }),
  ],
  "web-application": [
    new Postgres("db"),
    new WebApplication("web", {
      image: "registry.example.com/web:1.0.0",
      database: { service: "db", database: "db", login: "creds/web", role: "web-db" },
    }),
  ],
};
