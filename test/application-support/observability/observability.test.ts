import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ObservabilitySettings, StorageVolume } from "../../../lib/application-support/observability";
import { dashboardModel, dashboards, dataSources } from "../../../lib/application-support/observability/dashboards";
import { withEnvoyMetrics } from "../../../lib/application-support/observability/mesh-service";
import { InvalidPropsError } from "../../../lib/core/errors";
import { jobProblems } from "../../../lib/nomad";
import { everything, fileOf, jobsOf, observed } from "./fixture";

const intentionsOf = (settings: ObservabilitySettings) =>
  Object.fromEntries(
    observed(settings)
      .resources("consul_config_entry_service_intentions")
      .map(({ arguments: { name, sources } }) => [
        name,
        (sources as { name: string; action: string }[]).map((source) => `${source.action} ${source.name}`),
      ]),
  );

describe("parts", () => {
  test("nothing is there that is not named", () => {
    expect(jobsOf(observed({}))).toEqual({});
    expect(Object.keys(jobsOf(observed({ prometheus: {} }))).sort()).toEqual(["node-exporter", "prometheus"]);
    expect(Object.keys(jobsOf(observed({ tempo: {} }))).sort()).toEqual(["collector", "tempo"]);
  });

  test("who calls whom is said, and no more", () => {
    expect(intentionsOf(everything)).toEqual({
      prometheus: ["allow grafana"],
      alertmanager: ["allow grafana", "allow prometheus"],
      grafana: ["allow api-gateway"],
      loki: ["allow grafana", "allow otlp"],
      tempo: ["allow grafana"],
      "tempo-otlp": ["allow otlp"],
    });
    expect(intentionsOf({ loki: {} })).toEqual({ loki: ["allow otlp"] });
  });

  test("in the mesh everything listens on loopback, behind its sidecar", () => {
    for (const [id, job] of Object.entries(jobsOf(observed()))) {
      if (id === "node-exporter") continue;
      for (const group of job.TaskGroups) {
        expect(group.Networks[0].Mode, id).toBe("bridge");
        for (const service of group.Services) expect(service.Connect.SidecarService, service.Name).toBeDefined();
      }
    }
    const { loki, tempo, collector } = jobsOf(observed());
    expect(parse(fileOf(loki, "loki", "local/loki.yml")).server.http_listen_address).toBe("127.0.0.1");
    const traces = parse(fileOf(tempo, "tempo", "local/tempo.yml"));
    expect(traces.server.http_listen_address).toBe("127.0.0.1");
    expect(traces.distributor.receivers.otlp.protocols.http.endpoint).toBe("127.0.0.1:4318");
    const shipped = parse(fileOf(collector, "collector", "local/collector.yml"));
    expect(shipped.receivers.otlp.protocols.http.endpoint).toBe("127.0.0.1:4318");
  });

  test("containers may nothing, and images name a version", () => {
    for (const job of Object.values(jobsOf(observed()))) {
      for (const { Tasks } of job.TaskGroups) {
        for (const { Name, Config } of Tasks) {
          expect(Config, Name).toMatchObject({
            cap_drop: ["all"],
            readonly_rootfs: true,
            security_opt: ["no-new-privileges"],
          });
          expect(Config.image, Name).toMatch(/:v?\d+\.\d+/);
          expect(Config.privileged, Name).toBeUndefined();
        }
      }
    }
  });

  test("Vault lets each job read what it needs", () => {
    const policies = Object.fromEntries(
      observed()
        .resources("vault_policy")
        .map(({ arguments: { name, policy } }) => [name, String(policy)]),
    );
    const prometheus = policies["caravan-observability-prometheus"] ?? "";
    expect([...prometheus.matchAll(/path "([^"]+)"/g)].map(([, path]) => path)).toEqual([
      "sys/metrics",
      "sys/storage/raft/configuration",
    ]);
    expect(
      [...(policies["caravan-observability-grafana"] ?? "").matchAll(/path "([^"]+)"/g)].map(([, p]) => p),
    ).toEqual(["sys/tools/random/*"]);
    observed().hasResource("vault_jwt_auth_backend_role", {
      role_name: "caravan-observability-prometheus",
      bound_claims: { nomad_namespace: "caravan-observability", nomad_job_id: "prometheus" },
    });
  });

  test("what receivers keep secret is in files that Nomad fills from Vault", () => {
    const { alertmanager } = jobsOf(observed());
    const configuration = parse(fileOf(alertmanager, "alertmanager", "local/alertmanager.yml"));
    expect(configuration.receivers[0].pagerduty_configs[0].routing_key_file).toBe("/secrets/pagerduty-value");
    expect(configuration.receivers[1].email_configs[0].auth_password_file).toBe("/secrets/mail-password");
    expect(fileOf(alertmanager, "alertmanager", "secrets/mail-password")).toBe(
      '{{ with secret "secret/data/caravan-observability/alertmanager/mail" }}{{ index .Data.data "password" }}{{ end }}',
    );
  });

  test("Grafana signs people in by Vault and has no password; or has one of Vault's", () => {
    const task = (settings: ObservabilitySettings) => jobsOf(observed(settings))["grafana"].TaskGroups[0].Tasks[0];
    const byVault = task(everything);
    expect(byVault.Env).toMatchObject({
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
      GF_AUTH_DISABLE_LOGIN_FORM: "true",
      GF_SERVER_ROOT_URL: "https://grafana.apps.example.com",
      GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_PATH:
        "contains(groups[*], 'platform-team') && 'Admin' || contains(groups[*], 'sre') && 'Editor' || 'Viewer'",
    });
    observed().hasResource("vault_identity_oidc_client", { client_type: "public" });
    const byPassword = task({ prometheus: {}, grafana: { signIn: { adminPassword: { secret: "admin" } } } });
    expect(JSON.stringify(byPassword.Templates)).toContain("secret/data/caravan-observability/grafana/admin");
    expect(byPassword.Env.GF_AUTH_GENERIC_OAUTH_ENABLED).toBeUndefined();
  });

  test("the gateway leads to Grafana", () => {
    observed().hasResource("consul_config_entry", { kind: "http-route", name: "grafana" });
  });
});

test("sidecars of any job tell their figures, each at a port of its own", () => {
  const job = withEnvoyMetrics({
    id: "shop",
    group: {
      shop: {
        network: { mode: "bridge" },
        service: [
          { name: "shop-web", port: "8080", connect: { sidecarService: { proxy: { config: { protocol: "http" } } } } },
          { name: "shop-api", port: "8081", connect: { sidecarService: {} } },
          { name: "plain", port: "8082" },
        ],
        task: { shop: { driver: "docker", config: { image: "registry.example.com/shop:1" } } },
      },
    },
  });
  expect(job.group["shop"]?.network?.port).toEqual({ envoy_shop_web: { to: 9102 }, envoy_shop_api: { to: 9103 } });
  expect(job.group["shop"]?.service).toMatchObject([
    {
      meta: { envoy_metrics_port: "${NOMAD_HOST_PORT_envoy_shop_web}" },
      connect: {
        sidecarService: { proxy: { config: { protocol: "http", envoy_prometheus_bind_addr: "0.0.0.0:9102" } } },
      },
    },
    { connect: { sidecarService: { proxy: { config: { envoy_prometheus_bind_addr: "0.0.0.0:9103" } } } } },
    { name: "plain" },
  ]);
  expect(jobProblems(job)).toEqual([]);
});

describe("dashboards", () => {
  const models = dashboards.map((dashboard) => dashboardModel(dashboard) as Record<string, unknown>);

  test("there are those that Caravan had, and the servers of Vault and Consul, each under an id of its own", () => {
    expect(models.map(({ title }) => title)).toEqual([
      "Vault servers",
      "Consul servers",
      "Nomad cluster",
      "Nomad jobs",
      "Nodes",
      "Service mesh",
      "JVM",
    ]);
    const uids = models.map(({ uid }) => String(uid));
    expect(new Set(uids).size).toBe(uids.length);
    for (const uid of uids) expect(uid).toMatch(/^[\w-]{1,40}$/);
  });

  test("panels have ids of their own, cover no other, and ask a data source that is provisioned", () => {
    for (const { uid: name, panels, templating } of models) {
      const uid = String(name);
      type Panel = {
        readonly id: number;
        readonly type: string;
        readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
        readonly targets?: readonly { readonly refId: string; readonly datasource: { readonly uid: string } }[];
      };
      const all = panels as readonly Panel[];
      expect(new Set(all.map(({ id }) => id)).size, uid).toBe(all.length);
      const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
      );
      expect(new Set(cells).size, uid).toBe(cells.length);
      expect(all.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
      for (const { type, targets } of all) {
        if (type === "row") continue;
        expect(targets?.length, uid).toBeGreaterThan(0);
        const refs = targets?.map(({ refId }) => refId) ?? [];
        expect(new Set(refs).size).toBe(refs.length);
        for (const { datasource } of targets ?? []) {
          expect(Object.values(dataSources).map((source) => source.uid)).toContain(datasource.uid);
        }
      }
      const names = (templating as { list: { name: string }[] }).list.map(({ name }) => `$${name}`);
      const used = [...JSON.stringify(panels).matchAll(/\$([a-z]+)/g)].map(([whole]) => whole);
      expect(
        used.every((name) => names.includes(name)),
        uid,
      ).toBe(true);
    }
  });
});

describe("volumes", () => {
  const volumeOf = (volume: StorageVolume) => {
    const template = observed({ prometheus: { nodePool: "general", storage: { volume } } });
    const [group] = jobsOf(template)["prometheus"].TaskGroups;
    const [job] = template.hasResource("nomad_job", { jobspec: expect.stringContaining('"prometheus"') });
    return { template, group, after: job?.arguments["depends_on"] as readonly string[] };
  };

  test("one of a node is made in the pool of the job, for the program alone, is protected, and comes before the job", () => {
    const { template, group, after } = volumeOf({ name: "figures" });
    const [made] = template.hasResource("nomad_dynamic_host_volume", {
      name: "figures",
      namespace: "caravan-observability",
      node_pool: "general",
      parameters: { uid: "65534", gid: "65534", mode: "700" },
      lifecycle: { prevent_destroy: true },
    });
    expect(after).toContain(made?.address);
    expect(group.Volumes.data).toMatchObject({ Type: "host", Source: "figures" });
    expect(group.Tasks.map(({ Name }: { Name: string }) => Name)).toEqual(["prometheus", "blackbox"]);
  });

  test("a disk behind a plugin is made, and given to the program before it starts", () => {
    const { template, group, after } = volumeOf({ name: "figures", type: "csi", plugin: "aws-ebs", size: "50GiB" });
    const [made] = template.hasResource("nomad_csi_volume", {
      volume_id: "figures",
      namespace: "caravan-observability",
      plugin_id: "aws-ebs",
      capacity_min: "50GiB",
      lifecycle: { prevent_destroy: true },
    });
    expect(after).toContain(made?.address);
    const [, , owner] = group.Tasks;
    expect(owner).toMatchObject({
      User: "0",
      Lifecycle: { Hook: "prestart" },
      VolumeMounts: [{ Volume: "data", Destination: "/data" }],
      Config: { entrypoint: ["chown"], args: ["65534:65534", "/data"], cap_drop: ["all"], cap_add: ["chown"] },
    });
  });

  test("files whose plugin sets the owner need no such task, and a volume that is there is not made", () => {
    const efs = volumeOf({ name: "f", type: "csi", plugin: "aws-efs", parameters: { uid: "65534", gid: "65534" } });
    expect(efs.group.Tasks).toHaveLength(2);
    const there = volumeOf({ name: "f", existing: true });
    there.template.resourceCount("nomad_dynamic_host_volume", 0);
    expect(there.group.Volumes.data).toMatchObject({ Source: "f" });
  });
});

const wrong: readonly (readonly [settings: object, property: string])[] = [
  [{ prometheus: { retention: "15 days" } }, "prometheus.retention"],
  [{ prometheus: { scrapeInterval: "2m" } }, "prometheus.scrapeInterval"],
  [{ prometheus: { servers: { vault: ["https://vault:8200"] } } }, "prometheus.servers.vault[0]"],
  [{ prometheus: { storage: { diskSize: "10GB" } } }, "prometheus.storage.diskSize"],
  [{ prometheus: { storage: { volume: { name: "a b" } } } }, "prometheus.storage.volume.name"],
  [{ prometheus: { storage: { diskSize: "10GiB", volume: { name: "data" } } } }, "prometheus.storage.diskSize"],
  [{ loki: { storage: { volume: { name: "data", type: "nfs" } } } }, "loki.storage.volume.type"],
  [{ loki: { storage: { volume: { name: "data", type: "csi" } } } }, "loki.storage.volume.plugin"],
  [{ loki: { storage: { volume: { name: "data", plugin: "aws-ebs" } } } }, "loki.storage.volume.plugin"],
  [{ loki: { storage: { volume: { name: "data", size: "20GiB" } } } }, "loki.storage.volume.size"],
  [{ prometheus: { nodePool: "a/b" } }, "prometheus.nodePool"],
  [{ alertmanager: { critical: [{ webhook: { secret: "hook" } }] } }, "alertmanager"],
  [{ prometheus: {}, alertmanager: { critical: [] } }, "alertmanager.critical"],
  [{ prometheus: {}, alertmanager: { critical: [{ sms: {} }] } }, "alertmanager.critical[0]"],
  [
    { prometheus: {}, alertmanager: { critical: [{ slack: { secret: "/s", channel: "#a" } }] } },
    "alertmanager.critical[0].slack.secret",
  ],
  [
    { prometheus: {}, alertmanager: { critical: [{ slack: { secret: "s", channel: "alerts" } }] } },
    "alertmanager.critical[0].slack.channel",
  ],
  [
    { prometheus: {}, alertmanager: { critical: [{ pagerduty: { secret: "p" } }], repeatInterval: "1s" } },
    "alertmanager.repeatInterval",
  ],
  [
    {
      prometheus: {},
      alertmanager: {
        critical: [{ email: { secret: "m", to: "x", from: "a@b", smarthost: "smtp:587", username: "u" } }],
      },
    },
    "alertmanager.critical[0].email.to",
  ],
  [
    {
      prometheus: {},
      alertmanager: {
        critical: [{ email: { secret: "m", to: "a@b", from: "a@b", smarthost: "smtp", username: "u" } }],
      },
    },
    "alertmanager.critical[0].email.smarthost",
  ],
  [{ grafana: { signIn: { vault: {} } } }, "grafana"],
  [{ prometheus: {}, grafana: {} }, "grafana.signIn"],
  [{ prometheus: {}, grafana: { signIn: { vault: { admins: ["o'brien"] } } } }, "grafana.signIn.vault.admins[0]"],
  [{ prometheus: {}, grafana: { signIn: { vault: {} }, host: "a.b" } }, "grafana.host"],
  [{ prometheus: {}, grafana: { signIn: { adminPassword: { secret: "" } } } }, "grafana.signIn.adminPassword.secret"],
  [
    { prometheus: {}, grafana: { signIn: { vault: {} }, dashboards: { "caravan-vault": {} } } },
    "grafana.dashboards.caravan-vault",
  ],
  [{ loki: { retention: "36h" } }, "loki.retention"],
  [
    { loki: { objectStore: { bucket: "A", region: "eu-central-1", credentials: { secret: "s" } } } },
    "loki.objectStore.bucket",
  ],
  [{ loki: { objectStore: { bucket: "logs", region: "eu-central-1" } } }, "loki.objectStore.credentials"],
  [
    { tempo: { objectStore: { bucket: "traces", region: "eu-central-1", credentials: { roleArn: "tempo" } } } },
    "tempo.objectStore.credentials.roleArn",
  ],
  [{ tempo: { retention: "0s" } }, "tempo.retention"],
  [{ collector: {} }, "collector"],
  [{ loki: {}, collector: { journal: "/var/log" } }, "collector.journal"],
  [{ prometheus: {}, images: { prometheus: "prom/prometheus:latest" } }, "images.prometheus"],
  [{ prometheus: {}, images: { grafana: "grafana/grafana" } }, "images.grafana"],
];

test.each(wrong)("%j is refused at %s", (settings, property) => {
  try {
    observed(settings as ObservabilitySettings);
  } catch (error) {
    if (!(error instanceof InvalidPropsError)) throw error;
    expect(error.problems.map((problem) => problem.property)).toContain(`observability.${property}`);
    return;
  }
  throw new Error("it was taken");
});
