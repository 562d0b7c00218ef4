import fc from "fast-check";
import type { NodeCloud, NodeProps, Product, ServerGroup } from "../../lib/node";
import { azure, gcp, server, worker } from "./examples";

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?$/);
const count = fc.constantFrom<1 | 3 | 5>(1, 3, 5);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Every way to put products into groups; Vault is always among them. */
const layouts: readonly (readonly (readonly Product[])[])[] = [
  [["vault", "consul", "nomad"]],
  [["vault"], ["consul", "nomad"]],
  [["vault"], ["consul"], ["nomad"]],
  [["vault", "consul"], ["nomad"]],
  [["nomad", "vault"], ["consul"]],
  [["vault", "nomad"]],
  [["consul", "vault"]],
  [["vault"]],
];

const servers = fc
  .tuple(
    fc.constantFrom(...layouts),
    fc.uniqueArray(label, { minLength: 3, maxLength: 3 }),
    fc.array(count, { minLength: 3, maxLength: 3 }),
  )
  .map(([layout, names, counts]) =>
    Object.fromEntries(
      layout.map((runs, index): [string, ServerGroup] => [`s${names[index]}`, { runs, count: counts[index] ?? 3 }]),
    ),
  );

const cluster = fc.record({
  environment: label,
  cloud: fc.constantFrom<NodeCloud>(server.cloud, azure, gcp),
  datacenter: label,
  region: label,
  servers,
  insideDomain: fc.constantFrom("caravan.internal", "a.b.c.example.com", "x1.y2"),
  discovery: optional(fc.constantFrom("cloud" as const, "addresses" as const)),
  telemetry: optional(fc.record({ statsd: optional(fc.constant("127.0.0.1:8125")) })),
  software: optional(fc.constant({ from: "baked" as const, registry: "registry.example.com" })),
  proxy: optional(fc.constant({ url: "http://proxy.example.com:3128" })),
  extend: optional(
    fc.record({
      vault: optional(fc.record({ ui: fc.boolean(), max_lease_ttl: fc.constantFrom("24h", "768h") })),
      consul: optional(fc.record({ log_level: fc.constantFrom("TRACE" as const, "WARN" as const) })),
      nomad: optional(
        fc.record({
          limits: fc.record({ http_max_conns_per_client: fc.integer({ min: 50, max: 5000 }) }),
          client: fc.record({ max_kill_timeout: fc.constantFrom("30s", "5m"), node_class: label }),
        }),
      ),
    }),
  ),
});

/** Any props that the checks let pass. */
export const anyNode: fc.Arbitrary<NodeProps> = cluster.chain((props) => {
  const groups = Object.keys(props.servers);
  const clients = (["consul", "nomad"] as const).filter((product) =>
    Object.values(props.servers).some(({ runs }) => runs.includes(product)),
  );
  const server = fc.constantFrom(...groups).map((group): NodeProps => ({ ...props, role: "server", group }));
  if (clients.length === 0) return server;
  const aWorker = fc
    .record({
      group: label.map((name) => `w${name}`),
      runs: optional(fc.subarray(clients, { minLength: 1 })),
      nodePool: optional(fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,20}$/)),
      labels: optional(
        fc.dictionary(
          fc.stringMatching(/^[a-z][a-z0-9_-]{0,5}(\.[a-z0-9_-]{1,5}){0,2}$/),
          fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
        ),
      ),
      hostVolumes: optional(
        fc.dictionary(label, fc.record({ path: label.map((name) => `/srv/${name}`), readOnly: fc.boolean() })),
      ),
      system: optional(fc.boolean()),
    })
    .chain((own) => {
      const nomad = (own.runs ?? clients).includes("nomad");
      return optional(nomad ? fc.boolean() : fc.constant(false)).map((rawExec) => ({ ...own, rawExec }));
    })
    .map((own): NodeProps => ({ ...worker, ...props, role: "worker", ...own }));
  return fc.oneof(server, aWorker);
});
