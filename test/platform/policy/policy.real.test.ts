import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  consulPolicyHcl,
  nomadPolicyHcl,
  readConsulPolicy,
  readNomadPolicy,
  readVaultPolicy,
  vaultPolicyHcl,
} from "../../../lib/platform";
import { productPrograms } from "../../support/hashicorp/programs";
import { MANAGEMENT, type Servers, startServers } from "../../support/hashicorp/servers";
import { run, suiteScope } from "../../support/temporary";
import { describeWith } from "../../support/tools";
import { consulRules, nomadRules, vaultRules } from "./arbitraries";

const sample = <T>(of: fc.Arbitrary<T>, count: number) => fc.sample(of, { numRuns: count, seed: 20261124 });

describeWith("policies, judged by the real programs", productPrograms, (programs) => {
  const scope = suiteScope();
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers(scope, programs);
  });

  const command = async (program: keyof typeof programs, args: readonly string[]) => {
    const env = {
      VAULT_ADDR: servers.vault.address,
      VAULT_TOKEN: servers.vault.token,
      CONSUL_HTTP_ADDR: servers.consul.address,
      CONSUL_HTTP_TOKEN: MANAGEMENT,
      NOMAD_ADDR: servers.nomad.address,
      NOMAD_TOKEN: MANAGEMENT,
      HOME: scope.directory("home"),
    };
    const { code, stderr } = await run(programs[program], args, { env });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("rror")]);
  };
  const file = (text: string) => {
    const path = join(scope.directory("policy"), "policy.hcl");
    writeFileSync(path, text);
    return path;
  };

  test("vault policy fmt and write take every text, and Vault keeps it as it is", async () => {
    for (const [index, rules] of sample(vaultRules, 30).entries()) {
      const text = vaultPolicyHcl(rules);
      await servers.vault.must("PUT", `sys/policies/acl/p${index}`, { policy: text });
      const { data } = await servers.vault.must("GET", `sys/policies/acl/p${index}`);
      expect(readVaultPolicy(data.policy)).toEqual(rules);
    }
    const path = file(vaultPolicyHcl(sample(vaultRules, 1).flat()));
    await command("vault", ["policy", "fmt", path]);
    await command("vault", ["policy", "write", "by-program", path]);
  });

  test("consul acl policy create takes every text", async () => {
    for (const [index, rules] of sample(consulRules, 30).entries()) {
      const text = consulPolicyHcl(rules);
      const { Rules } = await servers.consul.must("PUT", "acl/policy", { Name: `p${index}`, Rules: text });
      expect(readConsulPolicy(Rules)).toEqual(rules);
    }
    const path = file(consulPolicyHcl(sample(consulRules, 1)[0] ?? {}));
    await command("consul", ["acl", "policy", "create", "-name", "by-program", "-rules", `@${path}`]);
  });

  test("nomad acl policy apply takes every text", async () => {
    for (const [index, rules] of sample(nomadRules, 30).entries()) {
      const text = nomadPolicyHcl(rules);
      await servers.nomad.must("POST", `acl/policy/p${index}`, { Name: `p${index}`, Rules: text });
      const { Rules } = await servers.nomad.must("GET", `acl/policy/p${index}`);
      expect(readNomadPolicy(Rules)).toEqual(rules);
    }
    await command("nomad", [
      "acl",
      "policy",
      "apply",
      "by-program",
      file(nomadPolicyHcl(sample(nomadRules, 1)[0] ?? {})),
    ]);
  });

  // What is refused at synth is what a server refuses, or takes and ignores.
  test.each([
    ["vault", "PUT", "sys/policies/acl/bad", { policy: 'path "a" { capabilities = ["reed"] }' }, 400],
    ["vault", "PUT", "sys/policies/acl/bad", { policy: 'path "a/+b/*" { capabilities = ["read"] }' }, 204],
    ["vault", "PUT", "sys/policies/acl/ignored", { policy: 'path "/sys//a" { capabilities = ["read"] }' }, 204],
    ["consul", "PUT", "acl/policy", { Name: "bad", Rules: 'service_prefx "" { policy = "read" }' }, 200],
    ["consul", "PUT", "acl/policy", { Name: "bad", Rules: 'node_prefix "" { policy = "list" }' }, 500],
    ["nomad", "POST", "acl/policy/bad", { Name: "bad", Rules: 'namespace "a" { capabilities = ["submit"] }' }, 400],
    ["nomad", "POST", "acl/policy/bad", { Name: "bad", Rules: 'node "a" { policy = "read" }' }, 400],
  ] as const)("%s: %s %s %j: %i", async (product, method, path, body, status) => {
    expect((await servers[product].ask(method, path, body)).status).toBe(status);
  });
});
