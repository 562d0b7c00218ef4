import { expect, test } from "vitest";
import { access } from "../../lib/node/access";
import { tokenNames } from "../../lib/node/access-props";
import { consulPolicyText, nomadPolicyText, vaultPolicyText } from "../../lib/node/access-rules";
import { firstBootFiles, serverLibrary } from "../../lib/node/first-boot";
import { handOver, handOverFile } from "../../lib/node/hand-over";
import { directories, files } from "../../lib/node/paths";
import { staticScript } from "../../lib/node/static-script";
import { apart, server, worker } from "./examples";

const props = { ...server, workers: { general: {}, batch: { nodePool: "big" } } };

test("rules are written in each product's language", () => {
  expect(vaultPolicyText([{ path: 'a/"b"/*', capabilities: ["read", "list"] }])).toBe(
    'path "a/\\"b\\"/*" {\n  capabilities = ["read", "list"]\n}',
  );
  expect(
    consulPolicyText({
      acl: "write",
      node_prefix: { "": "read" },
      service_prefix: { "": { policy: "read", intentions: "write" } },
    }),
  ).toBe(
    [
      'acl = "write"',
      'node_prefix "" {\n  policy = "read"\n}',
      'service_prefix "" {\n  policy = "read"\n  intentions = "write"\n}',
    ].join("\n"),
  );
  expect(
    nomadPolicyText({
      node: "write",
      operator: { capabilities: ["snapshot-save"] },
      namespace: { "*": { policy: "read", variables: { "*": ["list"] } } },
    }),
  ).toBe(
    [
      'node {\n  policy = "write"\n}',
      'operator {\n  capabilities = ["snapshot-save"]\n}',
      'namespace "*" {\n  policy = "read"\n  variables {\n    path "*" {\n      capabilities = ["list"]\n    }\n  }\n}',
    ].join("\n"),
  );
});

test("no token of one group is good for the nodes of another", () => {
  expect(() => access({ ...props, workers: { general: {}, "general-gpu": {} } })).toThrow(
    'groups "general" and "general-gpu": Consul\'s token of "general" would be good for nodes of "general-gpu"',
  );
  expect(() => access({ ...props, workers: { main: {} } })).toThrow('groups "main" and "main"');
  expect(() => access({ ...props, workers: { general: {}, generalgpu: {} } })).not.toThrow();
});

test("a cluster without a product hands nothing over to it", () => {
  const who = access({ ...props, servers: { main: { count: 3, runs: ["vault", "nomad"] } } });
  expect(handOver(who, "consul")).toBeUndefined();
  const paths = handOver(who, "vault")?.map(({ path }) => path) ?? [];
  expect(paths).toContain("auth/node/role/worker-general");
  expect(paths.filter((path) => path.includes("consul"))).toEqual([]);
});

test("audit comes first, and what is configured is mounted before", () => {
  const paths = handOver(access(props), "vault")?.map(({ path }) => path) ?? [];
  expect(paths[0]).toBe("sys/audit/file");
  const at = (path: string) => paths.indexOf(path);
  for (const [mount, first] of [
    ["sys/mounts/pki-nodes", "pki-nodes/issuers/import/bundle"],
    ["sys/mounts/node-secrets", "node-secrets/data/gossip/consul"],
    ["sys/mounts/consul", "consul/config/access"],
    ["sys/auth/node", "auth/node/config/client"],
    ["sys/auth/deployer", "auth/deployer/config/client"],
  ] as const) {
    expect(at(mount), mount).toBeGreaterThan(0);
    expect(at(mount)).toBeLessThan(at(first));
  }
});

test("a worker reads what is its group's and nothing else, planner and deployer nothing that is a node's", () => {
  const policies = handOver(access(props), "vault")?.filter(({ path }) => path.startsWith("sys/policies/acl/")) ?? [];
  const text = (name: string) => String(policies.find(({ path }) => path.endsWith(`/${name}`))?.body["policy"]);
  expect(text("worker-general").match(/path "[^"]+"/g)).toEqual([
    'path "pki-nodes/issue/consul-client"',
    'path "pki-nodes/issue/nomad-client"',
    'path "node-secrets/data/gossip/consul"',
    'path "consul/creds/agent-general"',
    'path "consul/creds/dns"',
    'path "node-secrets/data/introduction/general"',
    'path "consul/creds/nomad-client-general"',
  ]);
  for (const name of ["planner", "deployer"]) {
    expect(text(name)).toContain('path "node-secrets/*" {\n  capabilities = ["deny"]');
    expect(text(name)).toContain('path "consul/creds/*" {\n  capabilities = ["deny"]');
  }
  expect(text("planner")).not.toMatch(/"(create|delete)"/);
});

test("every fact that a hand-over wants is one that first boot knows", () => {
  const who = access(props);
  const wanted = (["vault", "consul", "nomad"] as const).flatMap((product) =>
    [...handOverFile(handOver(who, product) ?? []).matchAll(/@\{([^}]*)\}/g)].map(([, name]) => name),
  );
  const known = [
    "ca",
    "ca_bundle",
    "deployers",
    "planners",
    "gossip consul",
    "gossip nomad",
    "role server-main",
    "role worker-general",
    "role worker-batch",
    ...tokenNames.map((name) => `token ${name}`),
  ];
  expect(new Set(wanted)).toEqual(new Set(known.filter((name) => !/token (consul|nomad)-bootstrap/.test(name))));
  expect(staticScript("first-boot/document.sh")).toContain(`tokens='${tokenNames.join(" ")}'`);
});

test("only the group that runs Vault may take its snapshots", () => {
  const who = access({ ...props, servers: apart });
  const policies = who.vault?.objects.filter((object) => object.kind === "policy") ?? [];
  const may = policies.filter(({ rules }) => rules.some(({ path }) => path === "sys/storage/raft/snapshot"));
  expect(may.map(({ name }) => name)).toEqual(["server-vault"]);
});

test("scripts name no path that the table of paths does not", () => {
  const known = [...Object.values(directories), ...Object.values(files)].map(({ path }) => path);
  const all = [...firstBootFiles(worker), ...Object.values(JSON.parse(serverLibrary(server).content) as object)];
  const text = all.map((file) => (typeof file === "string" ? file : file.content)).join("\n");
  const named = [...text.matchAll(/\/(?:etc|var\/lib|usr\/local|run)\/[\w./-]*[\w]/g)].map(([path]) => path);
  const exceptions = [
    "/etc/hostname",
    "/etc/caravan/recovery-pgp-keys.json",
    "/run/systemd/system",
    "/run/caravan/credentials",
    "/run/caravan/XXXXXX",
    "/run/caravan/left",
    "/run/caravan/turn",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/etc",
    "/var/lib",
  ];
  expect([...new Set(named)].filter((path) => ![...known, ...exceptions].includes(path))).toEqual([]);
});

test("no function of the scripts that one shell reads is there twice", () => {
  const library: Record<string, string> = JSON.parse(serverLibrary(server).content);
  const texts = [...firstBootFiles(server).map(({ content }) => content), ...Object.values(library)];
  const names = [...texts.join("\n").matchAll(/^(\w+)\(\) *\{/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(80);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test("a server's library is named by its hash, and user data holds the hash", () => {
  const { key, content } = serverLibrary({ ...server, workers: { general: {} } });
  expect(key).toMatch(/^library\/[0-9a-f]{64}$/);
  const hash = firstBootFiles({ ...server, workers: { general: {} } }).find(({ path }) => path.endsWith("/library"));
  expect(key).toBe(`library/${hash?.content}`);
  expect(serverLibrary({ ...server, workers: { other: {} } }).key).not.toBe(key);
  expect(Object.keys(JSON.parse(content))).toContain("/usr/local/bin/caravan-node");
});

test("autopilot's times are written as Vault tells them, for an import compares the text", () => {
  const three = { ...props, servers: { main: { count: 3, runs: ["vault", "consul", "nomad"] } } } as const;
  const autopilot = access(three).vault?.objects.find(
    (object) => object.kind === "configuration" && object.path.startsWith("sys/storage/raft/autopilot/"),
  );
  expect(autopilot).toMatchObject({
    settings: {
      cleanup_dead_servers: true,
      dead_server_last_contact_threshold: "10m0s",
      last_contact_threshold: "10s",
      server_stabilization_time: "10s",
      min_quorum: 3,
    },
  });
});
