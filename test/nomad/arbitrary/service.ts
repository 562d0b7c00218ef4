import fc from "fast-check";
import { block, count, flag, free, labelled, map, name, oneOrMore, seconds, text, texts } from "./values";

const checkRestart = block({ limit: count, grace: seconds(1, 60), ignoreWarnings: fc.constant(true) }, [
  "ignoreWarnings",
]);
const onUpdate = fc.constantFrom("require_healthy" as const, "ignore_warnings" as const);
const port = fc.constantFrom("http", "admin");

const common = {
  name: text,
  interval: seconds(1, 60),
  timeout: seconds(1, 10),
  port,
  addressMode: fc.constantFrom("alloc" as const, "host" as const),
  initialStatus: fc.constantFrom("passing" as const, "warning" as const, "critical" as const),
  checkRestart,
  onUpdate,
  notes: text,
};
const counts = { successBeforePassing: count, failuresBeforeCritical: count, failuresBeforeWarning: count };
const tls = { tlsSkipVerify: flag, tlsServerName: name };
const http = {
  type: fc.constant("http" as const),
  path: fc.constantFrom("/health", "/a?b=c"),
  protocol: fc.constantFrom("http" as const, "https" as const),
  method: fc.constantFrom("GET", "POST"),
  body: text,
  header: fc.dictionary(name, texts, { minKeys: 1, maxKeys: 2 }),
};

const ofNomad = {
  ...common,
  checkRestart: block({ limit: count, grace: seconds(1, 60) }),
  onUpdate: fc.constant("require_healthy" as const),
};
const nomadCheck = fc.oneof(
  block({ ...ofNomad, type: fc.constant("tcp" as const) }, ["type", "interval", "timeout"]),
  block({ ...ofNomad, ...http, tlsSkipVerify: flag }, ["type", "interval", "timeout", "path"]),
);

/** Checks that any service in Consul may have, one behind a sidecar too. */
const meshCheck = fc.oneof(
  block({ ...common, ...counts, ...http, ...tls }, ["type", "interval", "timeout", "path"]),
  block(
    {
      ...common,
      ...counts,
      ...tls,
      type: fc.constant("grpc" as const),
      grpcService: name,
      grpcUseTls: flag,
      task: fc.constant("main"),
    },
    ["type", "interval", "timeout"],
  ),
  block({ ...common, type: fc.constant("script" as const), command: text, args: texts, task: fc.constant("main") }, [
    "type",
    "interval",
    "timeout",
    "command",
    "task",
  ]),
);

const check = fc.oneof(
  meshCheck,
  block({ ...common, ...counts, type: fc.constant("tcp" as const) }, ["type", "interval", "timeout"]),
);

const ofService = {
  port,
  tags: texts,
  canaryTags: texts,
  onUpdate,
  taggedAddresses: map,
  weights: block({ passing: count, warning: count }, ["passing", "warning"]),
  cluster: fc.constant("default"),
};

const addresses = fc.oneof(
  fc.record({ addressMode: fc.constantFrom("alloc" as const, "host" as const) }),
  fc.record({ address: text }),
);

const upstream = (index: number) =>
  block(
    {
      destinationName: name,
      localBindPort: fc.constant(9000 + index),
      localBindAddress: fc.constant("127.0.0.1"),
      destinationType: fc.constantFrom("service" as const, "prepared_query" as const),
      destinationNamespace: name,
      destinationPartition: name,
      destinationPeer: name,
      localBindSocketMode: fc.constant("0600"),
      datacenter: name,
      meshGateway: fc.record({ mode: fc.constantFrom("local" as const, "remote" as const, "none" as const) }),
      config: free,
    },
    ["destinationName", "localBindPort"],
  );
const socketUpstream = fc.record({ destinationName: name, localBindSocketPath: text });

const proxy = block({
  upstreams: fc.tuple(upstream(1), upstream(2), socketUpstream).map((list) => [...list]),
  transparentProxy: block(
    {
      uid: fc.constant("101"),
      outboundPort: fc.integer({ min: 1, max: 65535 }),
      excludeInboundPorts: fc.constant(["admin", "22"]),
      excludeOutboundPorts: fc.constant([22, 443]),
      excludeOutboundCidrs: fc.constant(["10.0.0.0/8"]),
      excludeUids: fc.constant(["1001"]),
      noDns: fc.constant(true),
    },
    ["noDns"],
  ),
  expose: fc.record({
    path: oneOrMore(
      fc.record({
        path: fc.constant("/metrics"),
        localPathPort: fc.constant(9100),
        listenerPort: fc.constant("admin"),
        protocol: fc.constantFrom("http" as const, "http2" as const),
      }),
    ),
  }),
  localServiceAddress: fc.constant("127.0.0.2"),
  localServicePort: fc.constant(8080),
  config: free,
});

const gatewayTls = block({
  enabled: flag,
  tlsMinVersion: fc.constant("TLSv1_2"),
  tlsMaxVersion: fc.constant("TLSv1_3"),
  cipherSuites: fc.constant(["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]),
  sds: fc.record({ clusterName: name, certResource: name }),
});
const headers = block({ add: map, set: map, remove: texts });

const gatewayProxy = block({
  connectTimeout: seconds(1, 10),
  envoyGatewayBindTaggedAddresses: flag,
  envoyGatewayBindAddresses: labelled(fc.record({ address: fc.constant("0.0.0.0"), port: fc.constant(8443) })),
  envoyGatewayNoDefaultBind: fc.constant(true),
  envoyDnsDiscoveryType: fc.constantFrom("STRICT_DNS" as const, "LOGICAL_DNS" as const),
  config: free,
});

const gateway = fc.oneof(
  fc.record({
    proxy: gatewayProxy,
    ingress: block(
      {
        tls: gatewayTls,
        listener: oneOrMore(
          fc.record({
            port: fc.integer({ min: 1, max: 65535 }),
            protocol: fc.constant("http" as const),
            service: block(
              {
                name,
                hosts: name.map((host) => [`${host}.example.com`]),
                tls: gatewayTls,
                requestHeaders: headers,
                responseHeaders: headers,
                maxConnections: count,
                maxPendingRequests: count,
                maxConcurrentRequests: count,
              },
              ["name", "hosts"],
            ),
          }),
        ),
      },
      ["listener"],
    ),
  }),
  fc.record({
    proxy: gatewayProxy,
    terminating: fc.record({
      service: oneOrMore(fc.record({ name, caFile: text, certFile: text, keyFile: text, sni: text })),
    }),
  }),
  fc.record({ proxy: gatewayProxy, mesh: fc.constant({}) }),
);

const sidecarTask = block({
  name,
  driver: fc.constant("docker"),
  user: name,
  config: free,
  env: map,
  meta: map,
  resources: fc.record({ cpu: fc.integer({ min: 1, max: 500 }), memory: fc.integer({ min: 10, max: 500 }) }),
  logs: fc.record({ maxFiles: count, maxFileSize: count }),
  killTimeout: seconds(1, 20),
  killSignal: fc.constant("SIGTERM"),
  shutdownDelay: seconds(1, 20),
  volumeMount: fc.record({ volume: fc.constant("host"), destination: fc.constant("/data") }),
  identity: fc.record({ name: fc.constant("other"), aud: texts, ttl: seconds(60, 3600) }),
});

const sidecarService = block({
  port: fc.constant("proxy"),
  tags: texts,
  meta: map,
  disableDefaultTcpCheck: flag,
  proxy,
});

/** Consul keeps a gateway's configuration by the name of its service. */
const nameOf = (inMesh: object) =>
  `meshed-${Object.keys("gateway" in inMesh ? (inMesh.gateway as object) : inMesh)
    .join("-")
    .toLowerCase()}`;

const connect = fc.oneof(
  block({ sidecarService, sidecarTask }, ["sidecarService"]),
  fc.record({ gateway }),
  fc.constant({ native: true }),
);

const consulService = {
  ...ofService,
  provider: fc.constant("consul" as const),
  meta: map,
  canaryMeta: map,
  enableTagOverride: flag,
  identity: block(
    {
      aud: fc.constant(["consul.io"]),
      ttl: seconds(60, 3600),
      file: flag,
      env: flag,
    },
    ["aud", "ttl"],
  ),
};

const sidecarCheck = fc.oneof(
  meshCheck,
  block({ ...common, ...http, expose: fc.constant(true) }, ["type", "interval", "timeout", "path"]),
);

/** Services of a group "in Consul" whose network is a bridge with the ports "http" and "admin". */
export const meshServices = fc
  .record({
    connect,
    rest: block(consulService),
    checks: oneOrMore(meshCheck),
    exposed: oneOrMore(sidecarCheck),
    own: addresses,
    task: fc.constant("main"),
  })
  .map(({ connect: inMesh, rest, checks, exposed, own, task }) => ({
    name: nameOf(inMesh),
    check: "sidecarService" in inMesh ? exposed : checks,
    ...rest,
    ...own,
    port: "sidecarService" in inMesh ? "8080" : "http",
    task,
    connect: inMesh,
  }));

export const consulServices = fc
  .tuple(block({ ...consulService, check: oneOrMore(check) }), addresses, checkRestart)
  .map(([rest, own, restarting]) => ({
    name: "plain",
    checkRestart: restarting,
    ...rest,
    ...own,
    port: "http",
    onUpdate: "require_healthy" as const,
  }));

/** Services of a task "main", on the same ports. */
export const taskServices = fc
  .tuple(block({ ...consulService, kind: fc.constant("api-gateway") }), check)
  .map(([rest, one]) => ({
    name: "of-task",
    ...rest,
    port: "admin",
    check: { ...one, task: undefined, addressMode: "host" },
  }));

export const nomadServices = fc
  .tuple(
    block(
      {
        ...ofService,
        provider: fc.constant("nomad" as const),
        meta: map,
        canaryMeta: map,
        check: oneOrMore(nomadCheck),
        onUpdate: fc.constant("require_healthy" as const),
      },
      ["provider"],
    ),
    addresses,
  )
  .map(([rest, own]) => ({ name: "native", ...rest, ...own, port: "http" }));
