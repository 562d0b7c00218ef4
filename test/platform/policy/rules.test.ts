import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthBackend } from "@cdktf/provider-vault/lib/auth-backend";
import { VaultProvider } from "@cdktf/provider-vault/lib/provider";
import { TerraformStack } from "cdktf";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import {
  ConsulPolicy,
  consulPolicyHcl,
  NomadPolicy,
  nomadPolicyHcl,
  readConsulPolicy,
  readNomadPolicy,
  readPolicyDirectory,
  readVaultPolicy,
  VaultPolicy,
  vaultPolicyHcl,
} from "../../../lib/platform";
import { synthesized, testApp } from "../../support/synth";
import { consulRules, nomadRules, vaultRules } from "./arbitraries";

test("a policy's text is read back as the rules that it was made of", () => {
  fc.assert(
    fc.property(vaultRules, (rules) => {
      expect(readVaultPolicy(vaultPolicyHcl(rules))).toEqual(rules);
    }),
  );
  fc.assert(
    fc.property(consulRules, (rules) => {
      expect(readConsulPolicy(consulPolicyHcl(rules))).toEqual(rules);
    }),
  );
  fc.assert(
    fc.property(nomadRules, (rules) => {
      expect(readNomadPolicy(nomadPolicyHcl(rules))).toEqual(rules);
    }),
  );
});

test("the three languages are written as people write them", () => {
  expect(
    vaultPolicyHcl([
      { path: "secret/data/shop/*", capabilities: ["read"] },
      { path: "pki/issue/web", capabilities: ["update"], allowedParameters: { common_name: ["shop.example.com"] } },
    ]),
  ).toBe(`path "secret/data/shop/*" {
  capabilities = ["read"]
}
path "pki/issue/web" {
  capabilities = ["update"]
  allowed_parameters = {
    "common_name" = ["shop.example.com"]
  }
}`);
  expect(consulPolicyHcl({ mesh: "read", service_prefix: { "": { policy: "read", intentions: "write" } } })).toBe(
    'mesh = "read"\nservice_prefix "" {\n  policy = "read"\n  intentions = "write"\n}',
  );
  expect(nomadPolicyHcl({ namespace: { shop: { policy: "read", variables: { "nomad/jobs/*": ["read"] } } } })).toBe(
    'namespace "shop" {\n  policy = "read"\n  variables {\n    path "nomad/jobs/*" {\n      capabilities = ["read"]\n    }\n  }\n}',
  );
});

test("comments, spaces, escapes and lists over several lines are read", () => {
  const text = `# who
// what
path "a" { capabilities = [ "read", /* and */ "list", ] }
path "b\\"c" {
  capabilities = [
    "deny" // never
  ]
}`;
  expect(readVaultPolicy(text)).toEqual([
    { path: "a", capabilities: ["read", "list"] },
    { path: 'b"c', capabilities: ["deny"] },
  ]);
});

test.each([
  ['path "a" { capabilities = ["read" }', 'line 1: "}" where "," should be'],
  ['\nmount "a" {}', 'line 2: "mount" where path "..." should be'],
  ['path "a" {\n  capabilites = ["read"]\n}', 'line 2: path "a" has no "capabilites"'],
  ['path "a" { capabilities = ["read"]\n capabilities = ["list"] }', "line 2: capabilities stands twice"],
  ['policy = "write"', 'line 1: "policy" where path "..." should be'],
  ['path "a" { capabilities = read }', "a value"],
])("is no policy of Vault: %s", (text, message) => {
  expect(() => readVaultPolicy(text)).toThrow(message);
});

test("what stands twice in a policy of Consul or Nomad is told with its line", () => {
  expect(() => readConsulPolicy('acl = "read"\nacl = "write"')).toThrow("line 2: acl stands there twice");
  expect(() => readConsulPolicy('node "a" { policy = "read" }\nnode "a" { policy = "read" }')).toThrow("line 2: node");
  expect(() => readNomadPolicy('node { policy = "read" }\nnode { policy = "write" }')).toThrow("line 2: node");
});

const built = (build: (stack: TerraformStack) => void) => {
  const app = testApp();
  build(new TerraformStack(app, "stack"));
  return synthesized(app, "stack");
};

test("a reference in a template's path stays one", () => {
  const { resource } = built((stack) => {
    new VaultProvider(stack, "vault", {});
    const { accessor } = new AuthBackend(stack, "nomad", { type: "jwt" });
    const path = `secret/data/{{identity.entity.aliases.${accessor}.metadata.nomad_namespace}}/*`;
    new VaultPolicy(stack, "policy", {
      name: "workloads",
      rules: [{ path, capabilities: ["read"] }],
      kvMounts: ["secret"],
    });
  });
  expect(Object.values(resource.vault_policy)).toMatchObject([
    {
      policy:
        'path "secret/data/{{identity.entity.aliases.${vault_auth_backend.nomad.accessor}.metadata.nomad_namespace}}/*" {\n' +
        '  capabilities = ["read"]\n}',
    },
  ]);
});

const vault =
  (path: string, ...capabilities: string[]) =>
  (stack: TerraformStack) =>
    new VaultPolicy(stack, "policy", {
      name: "mine",
      rules: [{ path, capabilities: capabilities as never }],
      kvMounts: ["secret"],
    });
const consul = (rules: object) => (stack: TerraformStack) => new ConsulPolicy(stack, "policy", { name: "mine", rules });
const nomad = (rules: object) => (stack: TerraformStack) => new NomadPolicy(stack, "policy", { name: "mine", rules });

test.each([
  [vault("secret/shop/*", "read"), "rules[0].path", "secret/ and one of data", "write secret/data/shop/*"],
  [vault("secret/data/shop/*", "read", "list"), "rules[0].capabilities", "no list below data/", "secret/metadata"],
  [vault("a", "reed"), "rules[0].capabilities", "create, read, update", "use one of them"],
  [vault("a"), "rules[0].capabilities", "1 or more capabilities", "name them"],
  [vault("a", "read", "deny"), "rules[0].capabilities", "deny alone", "remove deny"],
  [vault("secret/data/*", "sudo"), "rules[0].capabilities", "no sudo on a path with a wildcard", "name the path"],
  [vault("/sys/auth", "read"), "rules[0].path", "without a leading slash", "remove"],
  [vault("v1/sys/auth", "read"), "rules[0].path", "without a leading slash or v1/", "remove"],
  [vault("a/*/b", "read"), "rules[0].path", "a * at the end only", "write +"],
  [vault("a/b+/c", "read"), "rules[0].path", "a + that is a whole segment", "write + alone"],
  [vault("a/{{entity.name}}", "read"), "rules[0].path", "templates of the form {{identity", "begin it with identity"],
  [vault("a/{{identity.entity.name}", "read"), "rules[0].path", "templates of the form", "close each template"],
  [consul({ services: { "": "read" } }), "rules.services", "acl, keyring", "use a resource"],
  [consul({ node_prefix: { "": "list" } }), 'rules.node_prefix[""]', "deny, read, write", "use one"],
  [consul({ service_prefix: { "web-*": "read" } }), 'rules.service_prefix["web-*"]', "a name as it is", "without a *"],
  [consul({ service: { "": "read" } }), 'rules.service[""]', "a name", "service_prefix"],
  [consul({ operator: "admin" }), "rules.operator", "deny, read, write", "use one"],
  [consul({}), "rules.rules", "1 or more rules", "give a right"],
  [
    nomad({ namespace: { a: { capabilities: ["submit"] } } }),
    'rules.namespace["a"].capabilities',
    "submit-job",
    "use one",
  ],
  [nomad({ namespace: { "a b": { policy: "read" } } }), 'rules.namespace["a b"]', "1 to 128 letters", "use the name"],
  [nomad({ node: { policy: "admin" } }), "rules.node.policy", "deny, read, write", "use one"],
  [nomad({ namespace: { a: {} } }), 'rules.namespace["a"]', "a policy or capabilities", "give a right"],
  [nomad({ namespaces: {} }), "rules.namespaces", "agent, node, operator", "Nomad refuses"],
  [nomad({ namespace: { a: { variables: { "a b": ["read"] } } } }), '.variables["a b"]', "letters, digits", "write it"],
])("refused at synth: %#", (build, property, allowed, fix) => {
  let message = "";
  try {
    built(build);
  } catch (error) {
    message = String(error);
  }
  const line = (name: string) => message.split("\n").find((one) => one.trimStart().startsWith(name));
  expect(message).toContain(property);
  expect(line("allowed:")).toContain(allowed);
  expect(line("fix:")).toContain(fix);
});

test("names that the servers change or refuse are told", () => {
  const rules = [{ path: "a", capabilities: ["read" as const] }];
  for (const name of ["Team", "root", "a/b", "{{x}}"]) {
    expect(() => built((stack) => new VaultPolicy(stack, "policy", { name, rules }))).toThrow("lower-case");
  }
  for (const name of ["global-management", "builtin/dns", "a b", "${x}"]) {
    const build = (stack: TerraformStack) => new ConsulPolicy(stack, "policy", { name, rules: { acl: "read" } });
    expect(() => built(build)).toThrow("not global-management");
  }
  const node = { policy: "read" as const };
  expect(() => built((stack) => new NomadPolicy(stack, "policy", { name: "a_b", rules: { node } }))).toThrow("hyphens");
});

test("a path that stands there twice is told", () => {
  const rule = { path: "a", capabilities: ["read" as const] };
  const build = (stack: TerraformStack) => new VaultPolicy(stack, "policy", { name: "mine", rules: [rule, rule] });
  expect(() => built(build)).toThrow("rules[1].path");
});

test("a directory of plain files is read and judged", () => {
  const directory = mkdtempSync(join(tmpdir(), "caravan-policies-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const good = 'path "secret/data/a" {\n  capabilities = ["read"] # mine\n}\n';
  writeFileSync(join(directory, "good.hcl"), good);
  writeFileSync(join(directory, "bad.hcl"), 'path "secret/a" { capabilities = ["read"] }');
  writeFileSync(join(directory, "broken.hcl"), "path {");
  writeFileSync(join(directory, "README.md"), "");
  const { policies, problems } = readPolicyDirectory("vault.policies", directory, "vault", { kvMounts: ["secret"] });
  expect(policies.map(({ name }) => name)).toEqual(["bad", "broken", "good"]);
  expect(policies[2]?.text).toBe(good);
  expect(problems.map(({ property, allowed }) => `${property}: ${allowed}`)).toEqual([
    "vault.policies/bad.hcl[0].path: secret/ and one of data, metadata, delete, undelete, destroy, subkeys, config",
    "vault.policies/broken.hcl: a policy of Vault",
  ]);
  expect(readPolicyDirectory("vault.policies", join(directory, "none"), "vault").problems).toHaveLength(1);
});
