import fc from "fast-check";
import type { ConsulPolicyRules, NomadPolicyRules, VaultPathRule } from "../../../lib/platform";

const segment = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const some = <T>(of: readonly T[]) => fc.subarray([...of], { minLength: 1 });

const vaultPath = fc
  .tuple(fc.array(fc.oneof(segment, fc.constant("+")), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([segments, glob]) => `${["secret", ...segments].join("/")}${glob ? "/*" : ""}`);

const parameters = fc.dictionary(segment, fc.array(segment, { maxLength: 2 }), {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
});

export const vaultRules: fc.Arbitrary<VaultPathRule[]> = fc.uniqueArray(
  fc.record(
    {
      path: vaultPath,
      capabilities: fc.oneof(
        fc.constant(["deny" as const]),
        some(["create", "read", "update", "patch", "delete", "list"] as const),
      ),
      allowedParameters: parameters,
      deniedParameters: parameters,
      requiredParameters: some(["ttl", "name"]),
      minWrappingTtl: fc.constantFrom("10s", "1m"),
      maxWrappingTtl: fc.constantFrom("2m", "1h"),
    },
    { requiredKeys: ["path", "capabilities"], noNullPrototype: true },
  ),
  { selector: ({ path }) => path, minLength: 1, maxLength: 5 },
);

const level = fc.constantFrom("deny", "read", "write");
const name = fc.oneof(fc.constant("web"), segment);
const prefix = fc.oneof(fc.constant(""), segment);
const levels = (of: fc.Arbitrary<string>) =>
  fc.dictionary(of, level, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const services = (of: fc.Arbitrary<string>) =>
  fc.dictionary(of, fc.oneof(level, fc.record({ policy: level, intentions: level }, { noNullPrototype: true })), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  });

export const consulRules = fc
  .record(
    {
      acl: level,
      keyring: level,
      mesh: level,
      operator: level,
      peering: level,
      agent: levels(name),
      agent_prefix: levels(prefix),
      event_prefix: levels(prefix),
      key: levels(name),
      key_prefix: levels(prefix),
      node: levels(name),
      node_prefix: levels(prefix),
      query_prefix: levels(prefix),
      service: services(name),
      service_prefix: services(prefix),
      session_prefix: levels(prefix),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((rules) => Object.keys(rules).length > 0) as fc.Arbitrary<ConsulPolicyRules>;

const hyphens = (text: string) => text.replaceAll("_", "-");

const namespaceRights = fc
  .record(
    {
      policy: fc.constantFrom("deny", "read", "write", "scale"),
      capabilities: some(["submit-job", "read-logs", "alloc-exec", "plan-job", "host-volume-create"]),
      variables: fc.dictionary(fc.constantFrom("nomad/jobs/*", "shared/~x", "*"), some(["list", "read", "write"]), {
        minKeys: 1,
        noNullPrototype: true,
      }),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter(({ policy, capabilities }) => policy !== undefined || capabilities !== undefined);

export const nomadRules = fc
  .record(
    {
      namespace: fc.dictionary(fc.oneof(segment.map(hyphens), fc.constant("*")), namespaceRights, {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
      }),
      node_pool: fc.dictionary(segment, fc.record({ policy: level }, { noNullPrototype: true }), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      }),
      host_volume: fc.dictionary(segment.map(hyphens), fc.record({ policy: level }, { noNullPrototype: true }), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      }),
      agent: fc.record({ policy: level }, { noNullPrototype: true }),
      node: fc.record({ policy: level }, { noNullPrototype: true }),
      operator: fc.record({ capabilities: some(["snapshot-save", "keyring-rotate"]) }, { noNullPrototype: true }),
      plugin: fc.record({ policy: fc.constantFrom("deny", "read", "list") }, { noNullPrototype: true }),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((rules) => Object.keys(rules).length > 0) as fc.Arbitrary<NomadPolicyRules>;
