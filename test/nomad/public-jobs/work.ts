import {
  autoscaling,
  expose,
  extendGroup,
  extendJob,
  httpCheck,
  type Job,
  runInPool,
  schedule,
  type Task,
  vaultFile,
} from "../../../lib/nomad";

/** A nightly backup, in the zone of the people who wait for it. */
export const backup: Job = extendJob(
  {
    id: "backup",
    type: "batch",
    group: {
      backup: {
        restart: { attempts: 2, interval: "1h", delay: "1m", mode: "fail" },
        task: {
          dump: {
            driver: "docker",
            config: { image: "postgres:17.2", command: "/bin/sh", args: ["/local/dump.sh"] },
            template: [
              {
                destination: "local/dump.sh",
                perms: "755",
                data: 'pg_dump -h "$DB_HOST" app | gzip > "/alloc/data/app-$(date +%F).sql.gz"\n',
              },
            ],
            env: { DB_HOST: "postgres.service.consul" },
            resources: { cpu: 500, memory: "256MiB" },
          },
        },
      },
    },
  },
  schedule("30 2 * * *", { timeZone: "Europe/Berlin" }),
);

/** Films that people hand in, on nodes that have a GPU. */
export const transcode: Job = extendJob(
  {
    id: "transcode",
    type: "batch",
    parameterized: { payload: "required", metaRequired: ["input", "profile"] },
    group: {
      transcode: {
        ephemeralDisk: { size: "8GiB" },
        task: {
          ffmpeg: {
            driver: "exec",
            config: { command: "local/bin/transcode.sh", args: ["${NOMAD_META_INPUT}", "${NOMAD_META_PROFILE}"] },
            dispatchPayload: { file: "settings.json" },
            artifact: {
              source: "https://releases.example.com/transcode/2.1.0/transcode.tar.gz",
              destination: "local/bin",
              options: { checksum: `sha256:${"0".repeat(64)}` },
            },
            resources: { cores: 2, memory: "2GiB", device: { name: "nvidia/gpu", count: 1 } },
          },
        },
      },
    },
  },
  runInPool("default"),
);

const csiTask = (type: "node" | "controller", args: readonly string[]): Task => ({
  driver: "docker",
  config: {
    image: "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.38.1",
    args: [type, "--endpoint=unix://csi/csi.sock", "--logtostderr", ...args],
    privileged: type === "node",
  },
  csiPlugin: { id: "aws-ebs", type, mountDir: "/csi" },
  resources: { cpu: 100, memory: "256MiB" },
});

/** The storage plugin: a part on every node, and one that speaks to the cloud. */
export const csiNodes: Job = {
  id: "csi-ebs-nodes",
  type: "system",
  group: { nodes: { task: { plugin: csiTask("node", []) } } },
};
export const csiController: Job = {
  id: "csi-ebs-controller",
  group: { controller: { count: 2, task: { plugin: csiTask("controller", ["--v=5"]) } } },
};

/** Metrics of every node. */
export const nodeExporter: Job = {
  id: "node-exporter",
  type: "system",
  constraint: { attribute: "${attr.kernel.name}", value: "linux" },
  group: {
    exporter: {
      network: { port: { metrics: { static: 9100 } } },
      service: { name: "node-exporter", port: "metrics", tags: ["metrics"], check: httpCheck("/") },
      task: {
        exporter: {
          driver: "docker",
          config: {
            image: "prom/node-exporter:v1.8.2",
            networkMode: "host",
            pidMode: "host",
            args: ["--path.rootfs=/host"],
            mount: {
              type: "bind",
              source: "/",
              target: "/host",
              readonly: true,
              bindOptions: { propagation: "rslave" },
            },
          },
          resources: { cpu: 50, memory: "64MiB" },
        },
      },
    },
  },
};

/** An application on the JVM that grows with its load. */
export const application: Job = {
  id: "shop",
  group: {
    shop: extendGroup(
      {
        count: 2,
        task: {
          shop: {
            driver: "java",
            config: {
              jarPath: "local/shop.jar",
              jvmOptions: ["-Xmx512m", "-Xms256m"],
              args: ["--spring.profiles.active=prod"],
            },
            artifact: {
              source: "https://releases.example.com/shop/shop-3.2.1.jar",
              destination: "local/shop.jar",
              mode: "file",
            },
            resources: { cpu: 500, memory: "768MiB" },
            ...vaultFile(
              { path: "default/shop", mount: "kv" },
              { key: "application.yaml", destination: "secrets/application.yaml" },
            ),
          },
        },
      },
      expose({ service: "shop", to: 8080, mode: "host", check: httpCheck("/actuator/health") }),
      autoscaling({ min: 2, max: 10, checks: { cpu: { query: "avg_cpu", target: 70 } } }),
    ),
  },
};
