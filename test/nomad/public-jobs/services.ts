import {
  canary,
  expose,
  extendGroup,
  extendJob,
  grpcCheck,
  hostVolume,
  httpCheck,
  type Job,
  restartWhenUnhealthy,
  scriptCheck,
  sidecar,
  spreadOverZones,
  tcpCheck,
  transparentProxy,
  upstream,
  vaultEnv,
} from "../../../lib/nomad";

/** A cache: what `nomad job init` starts people with. */
export const cache: Job = {
  id: "cache",
  group: {
    cache: {
      network: { port: { db: { to: 6379 } } },
      service: { name: "cache", port: "db", provider: "nomad", check: tcpCheck() },
      task: {
        redis: {
          driver: "docker",
          config: { image: "redis:7.4", ports: ["db"], authSoftFail: true },
          identity: { env: true, file: true },
          resources: { cpu: 500, memory: "256MiB" },
        },
      },
    },
  },
};

/** A web service behind a load balancer, rolled out with canaries over zones. */
export const web: Job = {
  id: "web",
  group: {
    web: extendGroup(
      {
        count: 3,
        task: {
          server: {
            driver: "docker",
            config: { image: "traefik/whoami:v1.10", ports: ["http"], args: ["--port", "8080"] },
            resources: { cpu: 100, memory: "64MiB", memoryMax: "128MiB" },
          },
        },
      },
      expose({
        service: "web",
        to: 8080,
        check: restartWhenUnhealthy(httpCheck("/health")),
        tags: ["traefik.enable=true", "traefik.http.routers.web.rule=Host(`web.example.com`)"],
      }),
      canary(),
      spreadOverZones(),
    ),
  },
};

/** A load balancer on every node, with its configuration written on the node. */
export const loadBalancer: Job = {
  id: "load-balancer",
  type: "system",
  priority: 80,
  group: {
    proxy: {
      network: { mode: "host", port: { http: { static: 80 }, api: { static: 8081 } } },
      service: { name: "load-balancer", port: "http", check: httpCheck("/ping", { port: "api" }) },
      task: {
        traefik: {
          driver: "docker",
          config: {
            image: "traefik:v3.3",
            networkMode: "host",
            volumes: ["local/traefik.yaml:/etc/traefik/traefik.yaml:ro"],
          },
          template: {
            destination: "local/traefik.yaml",
            data: [
              "entryPoints:",
              '  http: { address: ":80" }',
              '  api: { address: ":8081" }',
              "ping: { entryPoint: api }",
              "providers:",
              "  consulCatalog:",
              "    prefix: traefik",
              "    exposedByDefault: false",
            ].join("\n"),
          },
          resources: { cpu: 200, memory: "128MiB" },
        },
      },
    },
  },
};

/** Two services of the mesh, one of which uses the other. */
export const mesh: Job = {
  id: "countdash",
  group: {
    api: extendGroup(
      { task: { web: { driver: "docker", config: { image: "hashicorpdev/counter-api:v3", authSoftFail: true } } } },
      sidecar({ service: "count-api", port: 9001, check: httpCheck("/health") }),
    ),
    dashboard: extendGroup(
      {
        network: { port: { http: { static: 9002, to: 9002 } } },
        task: {
          dashboard: {
            driver: "docker",
            config: { image: "hashicorpdev/counter-dashboard:v3", authSoftFail: true },
            env: { COUNTING_SERVICE_URL: "http://${NOMAD_UPSTREAM_ADDR_count_api}" },
          },
        },
      },
      sidecar({ service: "count-dashboard", port: 9002, upstreams: [upstream("count-api", 8080)] }),
    ),
  },
};

/** A gRPC service that finds the others by their virtual names. */
export const transparent: Job = {
  id: "orders",
  group: {
    orders: extendGroup(
      {
        count: 2,
        task: {
          orders: {
            driver: "docker",
            config: { image: "registry.example.com/orders:2.3.0" },
            env: { PAYMENTS: "payments.virtual.consul:50051" },
          },
        },
      },
      transparentProxy({ service: "orders", port: 50051, check: grpcCheck() }),
    ),
  },
};

/** A database on one node's disk, with its password from Vault and a check by its own client. */
export const database: Job = {
  id: "postgres",
  group: {
    postgres: extendGroup(
      {
        network: { port: { db: { to: 5432 } } },
        service: {
          name: "postgres",
          port: "db",
          task: "postgres",
          check: scriptCheck("/usr/bin/pg_isready", ["-U", "postgres"]),
        },
        update: { maxParallel: 1, healthyDeadline: "3m", autoRevert: false },
        restart: { attempts: 10, interval: "10m", delay: "25s", mode: "delay" },
        task: {
          postgres: {
            driver: "docker",
            config: { image: "postgres:17.2", ports: ["db"], shmSize: 268_435_456 },
            env: { PGDATA: "/var/lib/postgresql/data/pgdata" },
            resources: { cpu: 1000, memory: "1GiB" },
            killTimeout: "30s",
            ...vaultEnv({ path: "default/postgres", mount: "kv", role: "postgres" }, { POSTGRES_PASSWORD: "password" }),
          },
        },
      },
      hostVolume("postgres", { task: "postgres", destination: "/var/lib/postgresql/data", sticky: true }),
    ),
  },
};

/** Metrics of everything, found through Consul, with rules that are reloaded by a signal. */
export const monitoring: Job = extendJob(
  {
    id: "prometheus",
    group: {
      prometheus: {
        network: { port: { ui: { to: 9090 } } },
        ephemeralDisk: { size: "2GiB", sticky: true, migrate: true },
        service: { name: "prometheus", port: "ui", tags: ["metrics"], check: httpCheck("/-/healthy") },
        task: {
          prometheus: {
            driver: "docker",
            config: {
              image: "prom/prometheus:v3.1.0",
              ports: ["ui"],
              args: ["--config.file=/local/prometheus.yml", "--storage.tsdb.path=/alloc/data"],
              volumes: ["local/prometheus.yml:/local/prometheus.yml:ro"],
            },
            template: {
              destination: "local/prometheus.yml",
              changeMode: "signal",
              changeSignal: "SIGHUP",
              data: [
                "scrape_configs:",
                "  - job_name: nomad",
                "    consul_sd_configs:",
                '      - { server: "{{ env "attr.unique.network.ip-address" }}:8500", tags: [metrics] }',
              ].join("\n"),
            },
            resources: { cpu: 500, memory: "1GiB" },
          },
        },
      },
    },
  },
  { update: { maxParallel: 1 }, meta: { owner: "platform" } },
);
