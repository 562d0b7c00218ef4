import { Lazy, TerraformStack } from "cdktf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkNode, cloudInit, type NodeProps } from "../../lib/node";
import { testApp } from "../support/synth";
import { anyNode } from "./arbitraries";
import { azure, environmentValues, everything, gcp, server, worker } from "./examples";

// biome-ignore lint/suspicious/noExplicitAny: wrong props are what the types forbid
type Wrong = any;

const servers = (groups: Wrong): Wrong => ({ ...server, servers: groups });

/** What people get wrong: props, the property that is named, the value as shown, the rule, the fix. */
const wrong: Record<string, [props: Wrong, property: string, given: string, allowed: RegExp, fix: RegExp]> = {
  "an environment in capitals": [
    { ...server, environment: "Prod" },
    "environment",
    '"Prod"',
    /1 to 16 lower-case/,
    /such as "prod"/,
  ],
  "an environment that is too long": [
    { ...server, environment: "integration-tests" },
    "environment",
    '"integration-tests"',
    /1 to 16/,
    /such as/,
  ],
  "another cloud": [
    { ...server, cloud: { name: "oracle", region: "eu-frankfurt-1" } },
    "cloud.name",
    '"oracle"',
    /"aws", "azure", "gcp"/,
    /use one of them/,
  ],
  "Azure's region as people say it": [
    { ...server, cloud: { ...azure, region: "West Europe" } },
    "cloud.region",
    '"West Europe"',
    /Azure region/,
    /az account list-locations/,
  ],
  "a tenant by its domain": [
    { ...server, cloud: { ...azure, tenantId: "acme.onmicrosoft.com" } },
    "cloud.tenantId",
    '"acme.onmicrosoft.com"',
    /a UUID/,
    /az account show/,
  ],
  "a zone of Google Cloud": [
    { ...server, cloud: { ...gcp, region: "europe-west1-b" } },
    "cloud.region",
    '"europe-west1-b"',
    /region of Google Cloud/,
    /zone's letter/,
  ],
  "a project by its number": [
    { ...server, cloud: { ...gcp, project: "123456789012" } },
    "cloud.project",
    '"123456789012"',
    /6 to 30/,
    /not its name or number/,
  ],
  "a device of AWS on Azure": [
    { ...server, cloud: azure, dataDevice: "/dev/sdf" },
    "dataDevice",
    '"/dev/sdf"',
    /logical unit number/,
    /"10"/,
  ],
  "a zone for a region": [
    { ...server, cloud: { name: "aws", region: "eu-central-1a" } },
    "cloud.region",
    '"eu-central-1a"',
    /code of an AWS region/,
    /without a zone's letter/,
  ],
  "no datacenter": [{ ...server, datacenter: undefined }, "datacenter", "nothing", /names in certificates/, /such as/],
  "a datacenter with a dot": [
    { ...server, datacenter: "eu.central" },
    "datacenter",
    '"eu.central"',
    /lower-case letters, digits and inner hyphens/,
    /such as/,
  ],
  "a Nomad region with an underscore": [
    { ...server, region: "eu_1" },
    "region",
    '"eu_1"',
    /names in certificates/,
    /such as/,
  ],
  "an inside domain of one label": [
    { ...server, insideDomain: "internal" },
    "insideDomain",
    '"internal"',
    /two or more labels/,
    /without a final dot/,
  ],
  "an inside domain that is too long for a certificate": [
    { ...server, insideDomain: `${"a".repeat(50)}.internal` },
    "insideDomain",
    `"${"a".repeat(50)}.internal"`,
    /at most 64 characters, as a certificate's common name/,
    /shorter domain/,
  ],
  "two servers": [
    servers({ main: { count: 2, runs: ["vault"] } }),
    "servers.main.count",
    "2",
    /1, 3, 5/,
    /use one of them/,
  ],
  "a group that runs nothing": [
    servers({ main: { count: 3, runs: ["vault"] }, idle: { count: 1, runs: [] } }),
    "servers.idle.runs",
    "[]",
    /1 to 3 products/,
    /give 1 to 3/,
  ],
  "a product nobody knows": [
    servers({ main: { count: 3, runs: ["vault", "boundary"] } }),
    "servers.main.runs[1]",
    '"boundary"',
    /"vault", "consul", "nomad"/,
    /use one of them/,
  ],
  "a product in two groups": [
    servers({ main: { count: 3, runs: ["vault", "nomad"] }, more: { count: 3, runs: ["nomad"] } }),
    "servers.more.runs",
    '["nomad"]',
    /nomad runs in "main"/,
    /larger count/,
  ],
  "no Vault": [
    servers({ main: { count: 3, runs: ["consul", "nomad"] } }),
    "servers",
    '{"main"',
    /one runs vault/,
    /add "vault"/,
  ],
  "a server of a group that is not there": [{ ...server, group: "other" }, "group", '"other"', /"main"/, /use it/],
  "a PGP key with its armour": [
    {
      ...server,
      recoveryPgpKeys: ["-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----"],
    },
    "recoveryPgpKeys[0]",
    '"-----BEGIN PGP',
    /without armour/,
    /gpg --export KEY \| base64 -w0/,
  ],
  "a PGP private key": [
    { ...server, recoveryPgpKeys: [Buffer.from([0x94, ...Array(200).fill(7)]).toString("base64")] },
    "recoveryPgpKeys[0]",
    '"lAcH',
    /a PGP public key/,
    /gpg --export/,
  ],
  "nobody to hold recovery keys": [
    { ...server, recoveryPgpKeys: [] },
    "recoveryPgpKeys",
    "[]",
    /1 to 10 keys/,
    /give 1 to 10/,
  ],
  "a device that is the machine's own disk": [
    { ...server, dataDevice: "/dev/sda1" },
    "dataDevice",
    '"/dev/sda1"',
    /\/dev\/sdf to \/dev\/sdp/,
    /use "\/dev\/sdf"/,
  ],
  "another discovery": [{ ...server, discovery: "dns" }, "discovery", '"dns"', /"cloud", "addresses"/, /one of them/],
  "a version with a v": [
    { ...server, versions: { vault: "v1.19.5" } },
    "versions.vault",
    '"v1.19.5"',
    /three numbers/,
    /without a v/,
  ],
  "a version that floats": [
    { ...server, versions: { nomad: "1.11" } },
    "versions.nomad",
    '"1.11"',
    /three numbers/,
    /pin it to the patch/,
  ],
  "an old version": [
    { ...server, versions: { consul: "1.21.4" } },
    "versions.consul",
    '"1.21.4"',
    /consul 1\.22 or newer/,
    /use the default, 1\.22\.5/,
  ],
  "a version of something else": [
    { ...server, versions: { boundary: "0.1.0" } },
    "versions.boundary",
    '"0.1.0"',
    /vault, consul, nomad, envoy/,
    /remove it/,
  ],
  "software from elsewhere": [
    { ...server, software: { from: "ansible" } },
    "software.from",
    '"ansible"',
    /"install", "baked"/,
    /one of them/,
  ],
  "a mirror without TLS": [
    { ...server, software: { from: "install", hashicorp: { url: "http://mirror.example.com" } } },
    "software.hashicorp.url",
    '"http://mirror.example.com"',
    /begins with https/,
    /mirror's address/,
  ],
  "a mirror with a password": [
    { ...server, software: { from: "install", docker: { url: "https://me:secret@mirror.example.com" } } },
    "software.docker.url",
    '"https://me:secret@mirror.example.com"',
    /begins with https/,
    /readable in user data/,
  ],
  "a short fingerprint": [
    { ...server, software: { from: "install", hashicorp: { url: "https://m.example.com", fingerprint: "A621E701" } } },
    "software.hashicorp.fingerprint",
    '"A621E701"',
    /40 hexadecimal digits/,
    /gpg --show-keys/,
  ],
  "a registry with a scheme": [
    { ...server, software: { from: "baked", registry: "https://r.example.com" } },
    "software.registry",
    '"https://r.example.com"',
    /a registry/,
    /without a scheme/,
  ],
  "a proxy with a password": [
    { ...server, proxy: { url: "http://me:secret@proxy:3128" } },
    "proxy.url",
    '"http://me:secret@proxy:3128"',
    /scheme, host and port/,
    /user data is no secret/,
  ],
  "two exceptions in one": [
    { ...server, proxy: { url: "http://proxy:3128", except: ["a.example.com, b.example.com"] } },
    "proxy.except[0]",
    '"a.example.com, b.example.com"',
    /a host, a domain/,
    /one a list entry/,
  ],
  "a private key in the bundle": [
    { ...server, caBundle: "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----" },
    "caBundle",
    '"-----BEGIN PRIVATE KEY-----',
    /certificates in PEM, and nothing else/,
    /private key has no business here/,
  ],
  "a retention without a unit": [
    { ...server, telemetry: { prometheusRetention: "60" } },
    "telemetry.prometheusRetention",
    '"60"',
    /a time such as/,
    /unit/,
  ],
  "a StatsD address without a port": [
    { ...server, telemetry: { statsd: "collector" } },
    "telemetry.statsd",
    '"collector"',
    /host and port/,
    /give both/,
  ],
  "TLS switched off in Consul": [
    { ...server, extend: { consul: { tls: {} } } },
    "extend.consul.tls",
    "{}",
    /acl, tls, ports, gossip and joining are the cluster's own/,
    /remove it/,
  ],
  "a misspelt block of Nomad": [
    { ...server, extend: { nomad: { telemetrie: {} } } },
    "extend.nomad.telemetrie",
    "{}",
    /one of log_level/,
    /documentation/,
  ],
  "another seal": [
    { ...server, extend: { vault: { seal: [] } } },
    "extend.vault.seal",
    "[]",
    /storage, seal, listener/,
    /remove it/,
  ],
  "other servers to join": [
    { ...server, extend: { nomad: { server: { server_join: {} } } } },
    "extend.nomad.server.server_join",
    "{}",
    /joining and introduction/,
    /remove it/,
  ],
  "a file nobody knows": [
    { ...server, extend: { envoy: {} } },
    "extend.envoy",
    "{}",
    /vault, consul, nomad, vaultAgent/,
    /remove it/,
  ],
  raw_exec: [
    { ...worker, extend: { nomad: { plugin: { raw_exec: { config: { enabled: true } } } } } },
    "extend.nomad.plugin.raw_exec.config.enabled",
    "true",
    /is root on the node/,
    /docker or the exec driver, or write rawExec: true/,
  ],
  "raw_exec by a word": [{ ...worker, rawExec: "yes" }, "rawExec", '"yes"', /true or false/, /./],
  "raw_exec where no Nomad is": [
    { ...worker, runs: ["consul"], rawExec: true },
    "rawExec",
    "true",
    /only where Nomad runs/,
    /add "nomad"/,
  ],
  "raw_exec by the old name": [
    { ...worker, extend: { nomad: { client: { options: { "driver.raw_exec.enable": "1" } } } } },
    'extend.nomad.client.options["driver.raw_exec.enable"]',
    '"1"',
    /but those of raw_exec/,
    /remove it/,
  ],
  "privileged containers outside a system pool": [
    { ...worker, extend: { nomad: { plugin: { docker: { config: { allow_privileged: true } } } } } },
    "extend.nomad.plugin.docker.config.allow_privileged",
    "true",
    /system: true/,
    /system pool/,
  ],
  "a worker called like a server group": [
    { ...worker, group: "main" },
    "group",
    '"main"',
    /no server group has/,
    /rename/,
  ],
  "a worker that runs Vault": [
    { ...worker, runs: ["vault"] },
    "runs[0]",
    '"vault"',
    /"consul", "nomad"/,
    /one of them/,
  ],
  "a worker of what has no servers": [
    { ...worker, servers: { main: { count: 3, runs: ["vault", "nomad"] } }, runs: ["consul", "nomad"] },
    "runs",
    '["consul","nomad"]',
    /no group runs consul/,
    /add it to a server group/,
  ],
  "Nomad's own pool": [{ ...worker, nodePool: "all" }, "nodePool", '"all"', /every pool to Nomad/, /such as "general"/],
  "a label of ours": [
    { ...worker, labels: { "caravan.group": "x" } },
    "labels (name of a label)",
    '"caravan.group"',
    /begins with caravan\./,
    /acme\.tier/,
  ],
  "a label that jobs could not ask for": [
    { ...worker, labels: { "a..b": "x" } },
    "labels (name of a label)",
    '"a..b"',
    /single dots/,
    /acme\.tier/,
  ],
  "a label that is a number": [{ ...worker, labels: { cores: 4 } }, 'labels["cores"]', "4", /a text/, /give a text/],
  "a registry with a path": [
    { ...worker, registries: ["registry.example.com/shop"] },
    "registries[0]",
    '"registry.example.com/shop"',
    /the host of a registry/,
    /without a path/,
  ],
  "the node's own secrets as a volume": [
    { ...worker, hostVolumes: { x: { path: "/etc/nomad.d/secret" } } },
    "hostVolumes.x.path",
    '"/etc/nomad.d/secret"',
    /node's own/,
    /\/srv\/data/,
  ],
  "everything as a volume": [
    { ...worker, hostVolumes: { x: { path: "/etc" } } },
    "hostVolumes.x.path",
    '"/etc"',
    /nor holds one/,
    /\/srv\/data/,
  ],
  "a volume that climbs": [
    { ...worker, hostVolumes: { x: { path: "/srv/../etc" } } },
    "hostVolumes.x.path",
    '"/srv/../etc"',
    /absolute path/,
    /\/srv\/data/,
  ],
  "a volume's mode as a text": [
    { ...worker, hostVolumes: { x: { path: "/srv/x", readOnly: "no" } } },
    "hostVolumes.x.readOnly",
    '"no"',
    /true or false/,
    /without quotes/,
  ],
};

test(`${Object.keys(wrong).length} mistakes are told apart`, () =>
  expect(Object.keys(wrong).length).toBeGreaterThanOrEqual(25));

describe("refused, with property, value, rule and fix:", () => {
  test.each(Object.entries(wrong))("%s", (_, [props, property, given, allowed, fix]) => {
    let problems: readonly { property: string; given: unknown; allowed: string; fix: string }[] = [];
    let message = "";
    try {
      checkNode(props);
    } catch (error) {
      ({ problems, message } = error as { problems: typeof problems; message: string });
    }
    expect(problems.map((problem) => problem.property)).toEqual([property]);
    expect(problems[0]?.allowed).toMatch(allowed);
    expect(problems[0]?.fix).toMatch(fix);
    expect(message).toContain(`  ${property}: given ${given}`);
    expect(message).toMatch(/^Node at "[^"]*\/[^"]*": 1 mistake in its props\n/);
  });
});

test("several mistakes are told at once", () => {
  expect(() =>
    checkNode({ ...worker, nodePool: "all", discovery: "dns", hostVolumes: { x: { path: "x" } } } as Wrong),
  ).toThrow(/^Node at "prod\/general": 3 mistakes in its props\n {2}discovery: .*\n.*\n.*\n {2}nodePool: /);
});

test("what Terraform knows only later has no place in a file that is packed at synth", () => {
  const stack = new TerraformStack(testApp(), "stack");
  const later = Lazy.stringValue({ produce: () => stack.node.id });
  expect(() => checkNode({ ...worker, labels: { zone: later }, insideDomain: later })).toThrow(
    /2 mistakes[\s\S]*insideDomain: given a Terraform value[\s\S]*labels\.zone: given a Terraform value[\s\S]*environment file/,
  );
});

test("the document is not made of wrong props", () => {
  expect(() => cloudInit({ ...server, environment: "Prod" }, environmentValues)).toThrow(/Node at "Prod\/main"/);
});

test("right props pass, whatever they are", () => {
  for (const props of Object.values<NodeProps>({ server, worker, ...everything })) checkNode(props);
  fc.assert(fc.property(anyNode, (props) => checkNode(props)));
});
