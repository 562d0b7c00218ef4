import { describe, expect, test } from "vitest";
import {
  certificateNames,
  files,
  type NodeProps,
  nodeFiles,
  ports,
  type ServerNodeProps,
  units,
  type WorkerNodeProps,
} from "../../lib/node";
import { apart, everything, server, worker } from "./examples";

const text = (props: NodeProps, path: string) => nodeFiles(props).find((file) => file.path === path)?.content ?? "";
// biome-ignore lint/suspicious/noExplicitAny: JSON of a program's own making
const json = (props: NodeProps, path: string): any => JSON.parse(text(props, path));
const vault = (props: ServerNodeProps) => json(props, files.vaultConfig.path);
const consul = (props: NodeProps) => json(props, files.consulConfig.path);
const nomad = (props: NodeProps) => json(props, files.nomadConfig.path);
const agent = (props: NodeProps) => json(props, files.vaultAgentConfig.path);
const join = (product: string) =>
  `provider=aws region=eu-central-1 tag_key=caravan-${product} tag_value=prod addr_type=private_v4`;

describe("Vault", () => {
  test("listens with TLS only, where the traffic table says", () => {
    const [{ tcp }] = vault(server).listener;
    expect(tcp).toMatchObject({
      address: `0.0.0.0:${ports.vault}`,
      cluster_address: `0.0.0.0:${ports.vaultCluster}`,
      tls_cert_file: "/etc/vault.d/tls/vault.pem",
      tls_min_version: "tls12",
      telemetry: { unauthenticated_metrics_access: false },
    });
    expect(tcp.tls_disable).toBeUndefined();
    expect(vault(server).listener).toHaveLength(1);
  });

  test("finds its peers by the cloud's tag, and trusts them by name and CA; a single one has none", () => {
    expect(vault(server).storage.raft.retry_join).toEqual([
      {
        auto_join: join("vault"),
        auto_join_scheme: "https",
        auto_join_port: 8200,
        leader_tls_servername: "vault.prod.caravan.internal",
        leader_ca_cert_file: "/etc/caravan/ca.pem",
      },
    ]);
    expect(vault(everything["a single server"]).storage.raft.retry_join).toBeUndefined();
  });

  test("is unsealed by the cloud; which key, the environment file says", () => {
    expect(vault(server).seal).toEqual([{ awskms: { region: "eu-central-1" } }]);
    expect(text(server, "/etc/systemd/system/vault.service")).toContain("\nUnsetEnvironment=AWSKMS_WRAPPER_KEY_ID\n");
  });
});

describe("Consul", () => {
  test.each([
    ["a server", server],
    ["a client", worker],
  ] as const)("%s denies by default, checks certificates, and has no plain port", (_, props) => {
    expect(consul(props)).toMatchObject({
      acl: { enabled: true, default_policy: "deny", down_policy: "extend-cache", enable_token_persistence: true },
      ports: { http: -1, https: 8501, grpc: -1, grpc_tls: 8503, serf_wan: -1, dns: 8600 },
      tls: {
        defaults: { verify_incoming: true, verify_outgoing: true },
        internal_rpc: { verify_server_hostname: true },
      },
      encrypt_verify_incoming: true,
      encrypt_verify_outgoing: true,
      enable_script_checks: false,
      disable_remote_exec: true,
      retry_join: [join("consul")],
    });
  });

  test("only a server is reached from outside", () => {
    expect(consul(server)).toMatchObject({ client_addr: "127.0.0.1", addresses: { https: "0.0.0.0" } });
    expect(consul(worker)).toMatchObject({
      client_addr: "127.0.0.1",
      addresses: { dns: "{{ GetPrivateIP }} 127.0.0.1" },
    });
    expect(consul(worker).addresses.https).toBeUndefined();
  });

  test("expects no number of servers in what an empty server of a living cluster reads", () => {
    expect(text(server, files.consulConfig.path)).not.toContain("bootstrap_expect");
    expect(text(server, files.nomadConfig.path)).not.toContain("bootstrap_expect");
    expect(consul(server).autopilot).toEqual({ cleanup_dead_servers: true, min_quorum: 3 });
    expect(consul(everything["a single server"]).autopilot).toEqual({ cleanup_dead_servers: true });
  });

  test("where the cloud cannot be asked, first boot writes the addresses", () => {
    const alone = { ...server, discovery: "addresses" } as const;
    expect(consul(alone).retry_join).toBeUndefined();
    expect(nomad(alone).server.server_join.retry_join).toBeUndefined();
    expect(vault(alone).storage.raft.retry_join).toHaveLength(1);
  });
});

describe("Nomad", () => {
  test("a server admits introduced clients only, keeps its keyring by the cloud's key, and gives jobs identities", () => {
    expect(nomad(server)).toMatchObject({
      acl: { enabled: true },
      tls: { http: true, rpc: true, verify_server_hostname: true, verify_https_client: false },
      server: { client_introduction: { enforcement: "strict" }, server_join: { retry_join: [join("nomad")] } },
      keyring: { awskms: { active: true, region: "eu-central-1" } },
      vault: { default_identity: { aud: ["vault.io"], ttl: "1h" } },
      consul: {
        service_identity: { aud: ["consul.io"] },
        task_identity: { aud: ["consul.io"] },
        address: "127.0.0.1:8501",
      },
    });
    expect(nomad(server).client).toBeUndefined();
  });

  test("a server apart from Consul asks its machine address", () => {
    const props: ServerNodeProps = {
      ...server,
      servers: { ...apart, main: { count: 3, runs: ["consul"] }, jobs: { count: 3, runs: ["nomad"] } },
      group: "jobs",
    };
    expect(nomad(props).consul.address).toBe("consul.prod.caravan.internal:8501");
    expect(text(props, "/etc/systemd/system/nomad.service")).not.toContain("consul.service");
  });

  test("a client runs nothing raw and nothing privileged, and takes part in Vault's and Consul's identities", () => {
    expect(nomad(worker)).toMatchObject({
      client: { enabled: true, node_pool: "general", min_dynamic_port: 20000, max_dynamic_port: 32000 },
      plugin: {
        raw_exec: { config: { enabled: false } },
        docker: { config: { allow_privileged: false, volumes: { enabled: false } } },
      },
      vault: {
        address: "https://vault.prod.caravan.internal:8200",
        jwt_auth_backend_path: "jwt-nomad",
        create_from_role: "nomad-workloads",
      },
      consul: {
        grpc_address: "127.0.0.1:8503",
        service_auth_method: "nomad-workloads",
        task_auth_method: "nomad-workloads",
      },
    });
    expect(nomad(worker).server).toBeUndefined();
  });

  test("only a system pool runs privileged, and only there jobs reach the metadata address", () => {
    const system = everything["a worker of the system pool"];
    expect(nomad(system).plugin.docker.config).toMatchObject({ allow_privileged: true, volumes: { enabled: true } });
    expect(text(system, files.metadata.path)).toBe("");
    expect(text(system, `/etc/systemd/system/${units.metadata}`)).toBe("");
    expect(text(worker, files.metadata.path)).toContain("ip daddr 169.254.169.254 drop");
  });

  test("a client signs in to the registries that it is told, and to no other, with its own identity", () => {
    const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    const props = { ...worker, registries: [registry] };
    const { config } = nomad(props).plugin.docker.config.auth;
    expect(JSON.parse(text(props, config))).toEqual({ credHelpers: { [registry]: "ecr-login" } });
    expect(text(props, "/etc/systemd/system/nomad.service")).toContain("\nEnvironment=AWS_ECR_DISABLE_CACHE=true\n");
    expect(nomad(worker).plugin.docker.config.auth).toBeUndefined();
    expect(text(worker, config)).toBe("");
  });

  test("images that no task uses go after an hour", () => {
    expect(nomad(worker).plugin.docker.config.gc).toEqual({ image: true, image_delay: "1h" });
  });

  test("labels, volumes and the pool are the group's", () => {
    expect(nomad(everything["a worker with everything"]).client).toMatchObject({
      node_pool: "general_purpose",
      meta: {
        "acme.tier": "gold",
        "caravan.group": "general",
        "connect.sidecar_image": "registry.example.com/mirror/envoyproxy/envoy:v1.34.12",
      },
      host_volume: {
        data: { path: "/srv/data", read_only: false },
        certificates: { path: "/etc/ssl/certs", read_only: true },
      },
    });
  });
});

describe("Vault Agent", () => {
  const destinations = (props: NodeProps) =>
    agent(props).template.map(({ destination }: { destination: string }) => destination);

  test.each<[string, NodeProps, string[]]>([
    [
      "a server: certificates",
      server,
      ["/etc/vault.d/tls/vault.pem", "/etc/consul.d/tls/consul.pem", "/etc/nomad.d/tls/nomad.pem"],
    ],
    [
      "a worker: secrets and its introduction too",
      worker,
      [
        "/etc/consul.d/tls/consul.pem",
        "/etc/nomad.d/tls/nomad.pem",
        "/etc/consul.d/secret/secret.json",
        "/etc/nomad.d/secret/secret.json",
        "/etc/nomad.d/secret/introduction.jwt",
      ],
    ],
    [
      "a worker of Consul only",
      { ...worker, runs: ["consul"] },
      ["/etc/consul.d/tls/consul.pem", "/etc/consul.d/secret/secret.json"],
    ],
  ])("writes for %s", (_, props, expected) => expect(destinations(props)).toEqual(expected));

  test("signs in as its group, to the one Vault", () => {
    const [method] = agent(worker).auto_auth.method;
    expect(method).toMatchObject({
      type: "aws",
      mount_path: "auth/node",
      config: {
        type: "iam",
        role: "worker-general",
        region: "eu-central-1",
        header_value: "vault.prod.caravan.internal",
      },
    });
  });

  test("every certificate has one file, the certificate first, and is valid for 30 days", () => {
    for (const { destination, contents } of agent(server).template) {
      expect(destination).toMatch(/\.pem$/);
      expect(contents).toMatch(/ttl=720h.*\{\{ \.Cert \}\}\{\{ \.CA \}\}\{\{ \.Key \}\}/);
    }
  });
});

test.each<[string, WorkerNodeProps | ServerNodeProps, "vault" | "consul" | "nomad", string[]]>([
  ["Vault's server", server, "vault", ["vault.prod.caravan.internal", "localhost"]],
  ["Consul's server", server, "consul", ["server.eu-central-1.consul", "consul.prod.caravan.internal", "localhost"]],
  ["Nomad's server", server, "nomad", ["server.global.nomad", "nomad.prod.caravan.internal", "localhost"]],
  ["Consul's client", worker, "consul", ["client.eu-central-1.consul", "localhost"]],
  ["Nomad's client", worker, "nomad", ["client.global.nomad", "localhost"]],
])("names in the certificate of %s", (_, props, product, names) => {
  expect(certificateNames(props, props.role, product)).toEqual({
    commonName: names[0],
    dnsNames: names,
    addresses: ["127.0.0.1"],
  });
});

describe("what a user adds", () => {
  test("is laid over ours: blocks are merged, everything else is replaced", () => {
    const props = everything["a server with everything"];
    expect(vault(props)).toMatchObject({
      log_level: "debug",
      telemetry: { usage_gauge_period: "10m", disable_hostname: true },
    });
    expect(consul(props).limits).toMatchObject({
      http_max_conns_per_client: 1000,
      request_limits: { mode: "enforcing", read_rate: 800, write_rate: 500 },
    });
    expect(nomad(props).server).toMatchObject({ enabled: true, job_gc_threshold: "8h" });
    expect(nomad(props).client).toBeUndefined();
  });

  test("for clients reaches workers only", () => {
    const { client, plugin } = nomad(everything["a worker with everything"]);
    expect(client).toMatchObject({
      gc_max_allocs: 100,
      reserved: { memory: 1024, disk: 2048 },
      drain_on_shutdown: { deadline: "10m", force: false },
    });
    expect(plugin.docker.config.gc).toEqual({ image: true, image_delay: "12h" });
  });
});
