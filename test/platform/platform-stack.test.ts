import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "cdktf";
import { expect, onTestFinished, test } from "vitest";
import { existingInfrastructure, LocalState } from "../../lib";
import { workloadAudiences } from "../../lib/node";
import { nomadConfiguration } from "../../lib/node/configuration/nomad";
import { PlatformStack, type PlatformStackProps } from "../../lib/platform";
import { Match, Template } from "../../lib/testing";
import { server, worker } from "../node/examples";
import { testApp } from "../support/synth";
import { refuses } from "./refusals";

const environment = { name: "dev", state: new LocalState() };
const infrastructure = existingInfrastructure({
  environment: "dev",
  vault: { address: "https://vault.example.com:8200" },
  consul: { address: "https://consul.example.com:8501" },
  nomad: { address: "https://nomad.example.com:4646" },
});
const given: PlatformStackProps = { environment, infrastructure };

function platform(props: object = {}, app: App = testApp()): PlatformStack {
  return new PlatformStack(app, "dev-platform", { ...given, ...props });
}

const synth = (props: object = {}) => Template.of(platform(props));
const team = { name: "shop" };
const people = { issuer: "https://login.example.com", clientId: "caravan", groups: { sre: ["operator"] } };
const existing = (props: object) => ({
  infrastructure: existingInfrastructure({ ...infrastructure.static, ...props }),
});

refuses([
  ["no infrastructure", { infrastructure: undefined }, "infrastructure", "the contract of an infrastructure"],
  ["another environment's", existing({ environment: "prod" }), "infrastructure.static.environment", '"dev"'],
  ["plain HTTP", existing({ vault: { address: "http://vault.example.com:8200" } }), "vault.address", "https://"],
  ["an address with a path", existing({ nomad: { address: "https://n.example.com/ui" } }), "nomad.address", "a path"],
  ["an address without a scheme", existing({ consul: { address: "c:8500" } }), "consul.address", "https://"],
  ["a token of a day and more", { tokenTtl: "48h" }, "tokenTtl", "24h"],
  ["a token of a number", { tokenTtl: 3600 }, "tokenTtl", "a time such as"],
  ["a team with a capital", { teams: [{ name: "Shop" }] }, "teams[0].name", "lower-case"],
  ["a team twice", { teams: [team, team] }, "teams[1].name", "each team once"],
  ["a team called default", { teams: [{ name: "default" }] }, "teams[0].name", "Nomad's own namespace"],
  ["a service with an underscore", { teams: [{ ...team, services: ["a_b"] }] }, "teams[0].services[0]", "a service's"],
  ["a service with * inside", { teams: [{ ...team, services: ["a*b"] }] }, "teams[0].services[0]", "a service's name"],
  [
    "a service of two teams",
    {
      teams: [
        { ...team, services: ["web"] },
        { name: "pay", services: ["web"] },
      ],
    },
    "teams[1].services[0]",
    'reaches into "web" of "shop"',
  ],
  [
    "a team's services below another's",
    { teams: [team, { name: "shop-eu" }] },
    "teams[1].services[0]",
    '"shop-eu" reaches into "shop-*" of "shop"',
  ],
  ["services of all who begin with h", { teams: [{ ...team, services: ["h*"] }] }, "services[0]", "entrances of hosts"],
  ["an entrance as a service", { teams: [{ ...team, services: ["host-a"] }] }, "services[0]", "entrances of hosts"],
  [
    "a host of two teams",
    {
      teams: [
        { ...team, hosts: ["www"] },
        { name: "pay", hosts: ["www"] },
      ],
    },
    "teams[1].hosts[0]",
    'reaches into "www" of "shop"',
  ],
  ["a host of two labels", { teams: [{ ...team, hosts: ["a.b"] }] }, "teams[0].hosts[0]", "one label"],
  ["a pipeline of nobody", { teams: [{ ...team, ci: {} }] }, "teams[0].ci", "one of github and gitlab"],
  [
    "a pipeline of both",
    { teams: [{ ...team, ci: { github: { repository: "a/b" }, gitlab: { project: "a/b" } } }] },
    "teams[0].ci",
    "one of",
  ],
  [
    "a repository without owner",
    { ci: { apply: { github: { repository: "b" } } } },
    "ci.apply.github.repository",
    "owner",
  ],
  [
    "a branch with a wildcard",
    { ci: { plan: { github: { repository: "a/b", branch: "*" } } } },
    "ci.plan.github.branch",
    "without refs/heads/",
  ],
  [
    "an issuer of plain HTTP",
    { ci: { issuers: { gitlab: "http://gitlab.example.com" } } },
    "ci.issuers.gitlab",
    "https",
  ],
  ["people without an issuer", { people: { ...people, issuer: undefined } }, "people.issuer", "an issuer"],
  ["people without a client", { people: { ...people, clientId: "" } }, "people.clientId", "not empty"],
  ["an unknown persona", { people: { ...people, groups: { sre: ["root"] } } }, 'people.groups["sre"][0]', '"admin"'],
  ["a group with quotes", { people: { ...people, groups: { 'a"b': [] } } }, "people.groups", "without quotes"],
  ["a sign-in of two days", { people: { ...people, tokenMaxTtl: "48h" } }, "people.tokenMaxTtl", "24h"],
  ["a secret's version of 0", { people: { ...people, clientSecretVersion: 0 } }, "people.clientSecretVersion", "1 to"],
  [
    "a relative audit file",
    { vault: { audit: { a: { type: "file", path: "audit.log" } } } },
    'audit["a"].path',
    "absolute",
  ],
  ["an unknown audit device", { vault: { audit: { a: { type: "kafka" } } } }, 'audit["a"].type', '"syslog"'],
  [
    "a header of Vault's own",
    { vault: { uiHeaders: { "X-Vault-Token": "a" } } },
    'uiHeaders["X-Vault-Token"]',
    "not X-Vault",
  ],
  ["no versions", { vault: { keyValues: { maxVersions: 0 } } }, "keyValues.maxVersions", "1 to 100"],
  ["a mount with a slash", { vault: { keyValues: { path: "a/b" } } }, "keyValues.path", "a mount"],
  ["no requests at all", { vault: { quotas: { all: { rate: 0 } } } }, 'quotas["all"].rate', "requests a second"],
  ["an unknown claim", { vault: { workloadClaim: "name" } }, "vault.workloadClaim", '"unique-id"'],
  [
    "a job that breaks templates",
    { vault: { workloadRoles: { a: { namespace: "shop", jobs: ["a/b"], policies: ["a"] } } } },
    "jobs[0]",
    "a job's id",
  ],
  ["a namespace of a team", { teams: [team], nomad: { namespaces: { shop: {} } } }, 'namespaces["shop"]', "no team"],
  ["Nomad's own pool", { nomad: { nodePools: { all: {} } } }, 'nodePools["all"]', "beside all and default"],
  ["an unknown algorithm", { nomad: { scheduler: { algorithm: "fill" } } }, "scheduler.algorithm", '"binpack"'],
  ["a directory that is not there", { vault: { policies: "none" } }, "vault.policies", "*.hcl"],
  [
    "everything to everything",
    { consul: { mesh: { intentions: [{ from: "*", to: "*" }] } } },
    "intentions[0]",
    "no connection from everything",
  ],
  [
    "a connection twice",
    {
      consul: {
        mesh: {
          intentions: [
            { from: "a", to: "b" },
            { from: "a", to: "b", action: "deny" },
          ],
        },
      },
    },
    "intentions[1]",
    "each connection once",
  ],
]);

test("all mistakes are told at once", () => {
  expect(() => platform({ tokenTtl: "1s", teams: [{ name: "A" }], people: { groups: {} } })).toThrow("4 mistakes");
});

test("who may sign in as a workload is what Nomad's servers and clients are told, word for word", () => {
  const { vault: onServer, consul } = nomadConfiguration(server) as Record<string, Record<string, unknown>>;
  const { vault: onClient, consul: clientConsul } = nomadConfiguration(worker) as Record<
    string,
    Record<string, unknown>
  >;
  const template = synth();
  expect(onServer?.["default_identity"]).toMatchObject({ aud: [workloadAudiences.vault] });
  template.hasResource("vault_jwt_auth_backend", {
    path: onClient?.["jwt_auth_backend_path"],
    default_role: onClient?.["create_from_role"],
  });
  template.hasResource("vault_jwt_auth_backend_role", {
    role_name: onClient?.["create_from_role"],
    bound_audiences: [workloadAudiences.vault],
    user_claim: "/extra_claims/unique_id",
  });
  template.hasResource("consul_acl_auth_method", {
    name: clientConsul?.["service_auth_method"],
    config_json: Match.json({ BoundAudiences: Object(consul?.["task_identity"]).aud }),
  });
});

test("without Consul there is nothing of it, and native discovery is Nomad's own", () => {
  const { consul: _, ...rest } = infrastructure.static;
  const template = synth({ teams: [team], infrastructure: existingInfrastructure(rest) });
  expect(JSON.stringify(template.json)).not.toContain("consul_");
  template.hasResource("nomad_namespace", { name: "shop" });
});

test("without Nomad it governs Vault and Consul", () => {
  const { nomad: _, ...rest } = infrastructure.static;
  const template = synth({ teams: [team], infrastructure: existingInfrastructure(rest) });
  expect(JSON.stringify(template.json)).not.toContain("nomad_");
  expect(template.resources("vault_jwt_auth_backend")).toEqual([]);
});

test("who acts is in no provider, and a team's static half says what is its own", () => {
  const stack = platform({ teams: [{ ...team, hosts: ["shop", "www"] }] });
  const { provider } = Template.of(stack).json as { provider: Record<string, object[]> };
  expect(provider).toMatchObject({
    vault: [{ address: "https://vault.example.com:8200" }],
    consul: [{ address: "consul.example.com:8501", scheme: "https", datacenter: "dc1" }],
    nomad: [{ address: "https://nomad.example.com:4646", region: "global" }],
  });
  expect(stack.contract.static.teams).toEqual({
    shop: {
      namespace: "shop",
      services: ["shop", "shop-*"],
      hosts: ["shop", "www"],
      entrances: { shop: "host-shop", www: "host-www" },
      secretsPath: "shop",
    },
  });
  expect(stack.contract.static.namespaces).toEqual(["default", "shop"]);
});

test("Nomad's own namespace is governed too, and what a namespace's jobs may use beyond the rules is in the report", () => {
  const stack = platform({
    teams: [{ ...team, drivers: ["docker", "raw_exec"] }],
    nomad: { namespaces: { default: { networks: ["host"] }, system: {} } },
  });
  const template = Template.of(stack);
  template.hasResource("nomad_namespace", {
    name: "default",
    capabilities: { disabled_task_drivers: ["raw_exec"], enabled_network_modes: ["host"] },
  });
  const tenancy = stack.policyOutcome?.waived.filter(({ rule }) => /^nomad-(raw|host)/.test(rule));
  expect(tenancy?.map(({ rule, resource }) => `${rule} ${resource.replace(/_[0-9A-F]{8}$/, "")}`)).toEqual([
    "nomad-raw-exec nomad_namespace.tenancy_namespace-shop",
    "nomad-host-network nomad_namespace.tenancy_namespace-default",
  ]);
});

test("the report names everybody who could give himself more", () => {
  const stack = platform({ people: { ...people, groups: { board: ["admin"], sre: ["operator"] } } });
  Template.of(stack);
  const named = stack.policyOutcome?.waived.map(({ rule, resource, waiver }) => {
    return `${rule} ${resource.replace(/_[0-9A-F]{8}$/, "")} (${"prop" in waiver ? waiver.prop : ""})`;
  });
  expect([...new Set(named)].sort()).toEqual([
    "consul-acl-write consul_acl_policy.consul-admin (people.groups)",
    "consul-acl-write consul_acl_policy.handed-over_consul-deployer (ci.apply)",
    "consul-acl-write consul_acl_policy.handed-over_consul-snapshot (infrastructure)",
    "consul-token-lifetime consul_acl_auth_method.consul-workloads_method (infrastructure)",
    "nomad-all-namespaces nomad_acl_policy.handed-over_nomad-deployer (ci.apply)",
    "nomad-management nomad_acl_binding_rule.issuer_nomad-admin (people.groups)",
    "nomad-management nomad_acl_binding_rule.issuer_nomad-deployer (ci.apply)",
    "nomad-management nomad_acl_binding_rule.people_nomad-board-management (people.groups)",
    "nomad-operator-write nomad_acl_policy.handed-over_nomad-deployer (ci.apply)",
    "vault-policy-grants vault_policy.handed-over_vault-deployer (ci.apply)",
    "vault-policy-grants vault_policy.vault-admin (people.groups)",
  ]);
});

test("what breaks a rule of the products stops the synth", () => {
  const one = { stdout: { type: "file", path: "stdout" } };
  expect(() => Template.of(platform({ vault: { audit: one } }))).toThrow("vault-audit-devices");
  expect(() => Template.of(platform({ vault: { quotas: {} } }))).toThrow("vault-rate-limit");
});

/** Directories of plain files, one a language, each with these policies. */
function policyFiles(files: Readonly<Record<"vault" | "consul" | "nomad", Readonly<Record<string, string>>>>): object {
  const root = mkdtempSync(join(tmpdir(), "caravan-policy-files-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const props = Object.entries(files).map(([language, policies]) => {
    const directory = join(root, language);
    mkdirSync(directory);
    for (const [name, text] of Object.entries(policies)) writeFileSync(join(directory, `${name}.hcl`), text);
    return [language, { policies: directory }] as const;
  });
  return Object.fromEntries(props);
}

test("directories of plain files become policies of all three, word for word", () => {
  const vault = '# Reports\npath "secret/data/reports/{{identity.entity.name}}" {\n  capabilities = ["read"]\n}\n';
  const consul = 'service_prefix "" {\n  policy = "read" # all\n}\n';
  const nomad = 'namespace "shop" {\n  policy = "read"\n}\n';
  const template = synth(
    policyFiles({ vault: { reports: vault }, consul: { reports: consul }, nomad: { reports: nomad } }),
  );
  template.hasResource("vault_policy", { name: "reports", policy: vault });
  template.hasResource("consul_acl_policy", { name: "reports", rules: consul });
  template.hasResource("nomad_acl_policy", { name: "reports", rules_hcl: nomad });
});

test("a plain file is judged as a typed policy is, in all three languages", () => {
  const wrong = policyFiles({
    vault: { a: 'path "secret/reports" { capabilities = ["read"] }', b: 'path "a/*" { capabilities = ["sudo"] }' },
    consul: { a: 'service_prefx "" { policy = "read" }', b: 'acl = "read"\nacl = "write"' },
    nomad: {
      a: 'namespace "shop" { capabilities = ["submit"] }',
      b: 'node { policy = "read" }\nnode { policy = "read" }',
    },
  });
  let message = "";
  try {
    platform(wrong);
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain("6 mistakes");
  for (const property of ["vault", "consul", "nomad"].flatMap((name) => [
    `${name}.policies/a.hcl`,
    `${name}.policies/b.hcl`,
  ])) {
    expect(message).toContain(property);
  }
});

test("Vault's UI sends HSTS where servers that exist speak TLS, and no other than is asked for", () => {
  const headers = (props: object) =>
    synth(props)
      .resources("vault_generic_endpoint")
      .map((one) => `${one.arguments["path"]}: ${one.arguments["data_json"]}`);
  expect(headers({})).toContain(
    'sys/config/ui/headers/Strict-Transport-Security: {"values":["max-age=31536000; includeSubDomains"]}',
  );
  expect(headers(existing({ vault: { address: "http://127.0.0.1:8200" } })).join()).not.toContain("Strict-Transport");
  expect(headers({ vault: { uiHeaders: { "Permissions-Policy": "camera=()" } } })).toEqual([
    'sys/config/ui/headers/Permissions-Policy: {"values":["camera=()"]}',
  ]);
});

test("what a destroy leaves is listed", () => {
  expect(platform().remains.map(({ address }) => address.replace(/_[0-9A-F]{8}$/, ""))).toEqual([
    "nomad_namespace.tenancy_namespace-default",
    "nomad_scheduler_config.tenancy_scheduler",
  ]);
});

test("every namespace has its role in Consul, under the name that its tasks sign in with", () => {
  const template = synth({ teams: [team], nomad: { namespaces: { system: {} } } });
  const roles = template.resources("consul_acl_role").map((role) => role.arguments["name"]);
  expect(roles.sort()).toEqual(["nomad-tasks-default", "nomad-tasks-shop", "nomad-tasks-system"]);
  template.hasResource("consul_acl_binding_rule", {
    bind_name: "$${value.nomad_service}",
    selector:
      '"nomad_service" in value and value.nomad_namespace=="shop" and value.nomad_service matches "^(shop|shop-[a-z0-9-]*)$"',
  });
});
