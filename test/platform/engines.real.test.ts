import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { CertificateAuthorityProps } from "../../lib/platform";
import { productPrograms } from "../support/hashicorp/programs";
import { MANAGEMENT, type Servers, startServers } from "../support/hashicorp/servers";
import { resynthesize } from "../support/synth";
import { suiteScope } from "../support/temporary";
import type { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";
import { platformDirectory, platformProps, terraformFor } from "./platform";
import { type Postgres, postgresNeeds, startPostgres } from "./support/postgres";

const PASSWORD = "given-once-and-then-worthless";
const needs = { ...productPrograms, ...postgresNeeds, terraform: findTool("terraform") };

describeWith("Vault's engines, asked of real servers", needs, (programs) => {
  const scope = suiteScope();
  let servers: Servers;
  let postgres: Postgres;
  let terraform: Terraform;
  let cwd: string;

  const issuing: CertificateAuthorityProps = {
    issuers: { "2026": { commonName: "Shop CA 2026" } },
    roles: { web: { allowedDomains: ["shop.example.com"], allowSubdomains: true } },
  };
  const given = (pki: CertificateAuthorityProps, color = "green") => {
    const at = `postgresql://{{username}}:{{password}}@127.0.0.1:${postgres.port}/shop?sslmode=disable`;
    const made = platformDirectory(scope, servers, {
      teams: [{ name: "shop" }],
      vault: {
        ...platformProps(servers).vault,
        keyValues: { casRequired: true, maxVersions: 3 },
        engines: {
          keyValues: { "kv-short": { deleteVersionAfter: "24h" } },
          transit: { transit: { keys: { orders: { rotationPeriod: "30d" }, tenants: { derived: true } } } },
          pki: { "pki-shop": pki },
          database: {
            database: {
              connections: { shop: { plugin: "postgresql", connectionUrl: at, username: "vault", rootRotation: 1 } },
              roles: {
                reader: {
                  connection: "shop",
                  creationStatements: [
                    `create role "{{name}}" login password '{{password}}' valid until '{{expiration}}'`,
                    'grant pg_read_all_data to "{{name}}"',
                  ],
                },
              },
              staticRoles: { legacy: { connection: "shop", username: "legacy" } },
            },
          },
          aws: {
            aws: {
              region: "eu-central-1",
              roles: {
                deploy: {
                  roleArns: ["arn:aws:iam::123456789012:role/deploy"],
                  policyDocument: { Version: "2012-10-17", Statement: [] },
                },
              },
            },
          },
          consul: { "consul-tokens": { roles: { reports: { consulPolicies: ["operator"], ttl: "10m" } } } },
          nomad: { nomad: { ttl: "10m", maxTtl: "1h", roles: { reports: { policies: ["operator"] } } } },
        },
      },
      nomad: { variables: { shop: { "nomad/jobs/api": { LOG_LEVEL: "info", COLOR: color } } } },
    });
    resynthesize(made, cwd);
  };
  const applied = async () => {
    const { actions } = await terraform.plan();
    await terraform.apply();
    expect((await terraform.plan()).actions).toEqual([]);
    return actions.map((action) => action.replace(/_[0-9A-F]{8}$/, ""));
  };
  const creds = async (path: string) => {
    const { data, lease_id, lease_duration } = await servers.vault.must("GET", path);
    return { data, lease_id, lease_duration };
  };

  beforeAll(async () => {
    const superuser = { name: "vault", password: PASSWORD };
    [servers, postgres] = await Promise.all([
      startServers(scope, programs),
      startPostgres(scope, programs.postgres, superuser),
    ]);
    expect((await postgres.as("vault", PASSWORD, "create role legacy login password 'old'")).in).toBe(true);
    cwd = scope.directory("platform");
    given(issuing);
    terraform = terraformFor(scope, programs.terraform, cwd, servers, {
      TF_VAR_database_shop_password: PASSWORD,
      TF_VAR_consul_tokens_engine_token: MANAGEMENT,
      TF_VAR_nomad_engine_token: MANAGEMENT,
    });
    await terraform.init();
    await applied();
  });

  test("no secret that was given is in state, plan or configuration", () => {
    const files = readdirSync(cwd, { withFileTypes: true }).filter((entry) => entry.isFile());
    const text = files.map(({ name }) => readFileSync(join(cwd, name), "latin1")).join("\n");
    for (const secret of [PASSWORD, MANAGEMENT, Buffer.from(PASSWORD).toString("base64").slice(0, -4)]) {
      expect(text).not.toContain(secret);
    }
  });

  test("a key-value store takes no write that does not say what it replaces, and forgets in time", async () => {
    expect((await servers.vault.ask("POST", "secret/data/shop/api", { data: { a: "b" } })).status).toBe(400);
    const options = { cas: 0 };
    expect((await servers.vault.ask("POST", "secret/data/shop/api", { options, data: { a: "b" } })).status).toBe(200);
    const { data } = await servers.vault.must("GET", "kv-short/config");
    expect(data.delete_version_after).toBe("24h0m0s");
  });

  test("a key encrypts, and leaves Vault by no way", async () => {
    const plaintext = Buffer.from("42").toString("base64");
    const { data } = await servers.vault.must("POST", "transit/encrypt/orders", { plaintext });
    const { ciphertext } = data;
    const back = await servers.vault.must("POST", "transit/decrypt/orders", { ciphertext });
    expect(back.data.plaintext).toBe(plaintext);
    expect((await servers.vault.ask("GET", "transit/export/encryption-key/orders")).status).toBe(400);
    expect((await servers.vault.ask("GET", "transit/backup/orders")).status).toBe(500);
    expect((await servers.vault.ask("DELETE", "transit/keys/orders")).status).toBe(400);
    const { data: key } = await servers.vault.must("GET", "transit/keys/orders");
    expect([key.auto_rotate_period, key.type]).toEqual([30 * 24 * 3600, "aes256-gcm96"]);
    // A derived key needs what it is derived for.
    expect((await servers.vault.ask("POST", "transit/encrypt/tenants", { plaintext })).status).toBe(400);
  });

  test("a user of the database lives as long as its lease, and Vault's own password is known to nobody", async () => {
    const { data, lease_id, lease_duration } = await creds("database/creds/reader");
    expect(lease_duration).toBe(3600);
    expect((await postgres.as(data.username, data.password)).said).toBe(data.username);
    await servers.vault.must("PUT", "sys/leases/revoke", { lease_id, sync: true });
    expect((await postgres.as(data.username, data.password)).in).toBe(false);
    expect((await postgres.as("vault", PASSWORD)).in).toBe(false);
    const { data: legacy } = await creds("database/static-creds/legacy");
    expect((await postgres.as("legacy", "old")).in).toBe(false);
    expect((await postgres.as("legacy", legacy.password)).said).toBe("legacy");
  });

  test("tokens of Consul and Nomad end", async () => {
    const { data, lease_id, lease_duration } = await creds("consul-tokens/creds/reports");
    const consul = servers.consul.as(data.token);
    const { Policies, Local } = await consul.must("GET", "acl/token/self");
    expect([Policies[0].Name, Local, lease_duration]).toEqual(["operator", true, 600]);
    await servers.vault.must("PUT", "sys/leases/revoke", { lease_id, sync: true });
    expect((await consul.ask("GET", "acl/token/self")).status).toBe(403);
    const ofNomad = await creds("nomad/creds/reports");
    const nomad = servers.nomad.as(ofNomad.data.secret_id);
    expect((await nomad.must("GET", "acl/token/self")).Policies).toEqual(["operator"]);
    expect(ofNomad.lease_duration).toBe(600);
    await servers.vault.must("PUT", "sys/leases/revoke", { lease_id: ofNomad.lease_id, sync: true });
    expect((await nomad.ask("GET", "acl/token/self")).status).toBe(403);
  });

  test("AWS's engine holds no key; federation is Vault Enterprise's, and is refused", async () => {
    const { data } = await servers.vault.must("GET", "aws/config/root");
    expect([data.access_key ?? "", data.sts_endpoint]).toEqual(["", "https://sts.eu-central-1.amazonaws.com"]);
    const federated = { identity_token_audience: "vault", role_arn: "arn:aws:iam::123456789012:role/vault" };
    const { status, body } = await servers.vault.ask("POST", "aws/config/root", federated);
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining("community edition")]);
  });

  test("jobs of a namespace read its variables", async () => {
    const { Items } = await servers.nomad.must("GET", "var/nomad/jobs/api?namespace=shop");
    expect(Items).toEqual({ LOG_LEVEL: "info", COLOR: "green" });
  });

  const issue = async (name: string): Promise<{ leaf: X509Certificate; issuer: X509Certificate }> => {
    const { data } = await servers.vault.must("POST", "pki-shop/issue/web", { common_name: name });
    return { leaf: new X509Certificate(data.certificate), issuer: new X509Certificate(data.issuing_ca) };
  };

  test("an issuer is followed by another in three applies in place, and what it signed still verifies", async () => {
    const before = await issue("www.shop.example.com");
    expect(before.issuer.subject).toBe("CN=Shop CA 2026");
    expect(before.leaf.infoAccess).toMatch(/\/v1\/pki-shop\/issuer\/[0-9a-f-]+\/der/);
    expect((await servers.vault.ask("POST", "pki-shop/issue/web", { common_name: "example.org" })).status).toBe(400);
    const both = { ...issuing.issuers, "2027": { commonName: "Shop CA 2027" } };

    given({ ...issuing, issuers: both, defaultIssuer: "2026" }, "blue");
    expect(await applied()).toEqual([
      "create vault_pki_secret_backend_root_cert.engines_pki-shop_issuer-2027",
      "update nomad_variable.variables_shop-nomad-jobs-api",
    ]);
    expect((await issue("www.shop.example.com")).issuer.subject).toBe("CN=Shop CA 2026");

    given({ ...issuing, issuers: both, defaultIssuer: "2027" }, "blue");
    expect(await applied()).toEqual(["update vault_pki_secret_backend_config_issuers.engines_pki-shop_default-issuer"]);
    const after = await issue("www.shop.example.com");
    expect(after.issuer.subject).toBe("CN=Shop CA 2027");
    expect(before.leaf.verify(before.issuer.publicKey)).toBe(true);
    expect(after.leaf.verify(after.issuer.publicKey)).toBe(true);
    // Who asks where the old one says that its issuer is still finds it.
    const [, path = ""] = /\/v1\/(pki-shop\/issuer\/[0-9a-f-]+)\/der/.exec(before.leaf.infoAccess ?? "") ?? [];
    expect((await servers.vault.as("").ask("GET", `${path}/json`)).body.data.certificate).toBe(
      `${before.issuer}`.trim() + "\n",
    );

    given({ ...issuing, issuers: { "2027": both["2027"] } }, "blue");
    expect(await applied()).toEqual(["delete vault_pki_secret_backend_root_cert.engines_pki-shop_issuer-2026"]);
    expect((await servers.vault.as("").ask("GET", `${path}/json`)).status).not.toBe(200);
    expect((await issue("www.shop.example.com")).issuer.subject).toBe("CN=Shop CA 2027");
  });
});
