import { expect, test } from "vitest";
import { Template } from "../../lib/testing";
import { platformOf, refuses } from "./refusals";

const engines = (all: object) => ({ vault: { engines: all } });
const transit = (key: object) => engines({ transit: { transit: { keys: { orders: key } } } });
const root = { "1": { commonName: "Shop CA" } };
const pki = (props: object) => engines({ pki: { "pki-shop": { issuers: root, ...props } } });
const url = "postgresql://{{username}}:{{password}}@db.example.com:5432/shop";
const shop = { plugin: "postgresql", connectionUrl: url, username: "vault" };
const database = (connection: object, rest: object = {}) =>
  engines({ database: { database: { connections: { shop: { ...shop, ...connection } }, ...rest } } });
const aws = (role: object) =>
  engines({
    aws: { aws: { region: "eu-central-1", roles: { a: { roleArns: ["arn:aws:iam::123456789012:role/a"], ...role } } } },
  });
const id = "00000000-1111-2222-3333-444444444444";
const azure = (props: object) =>
  engines({ azure: { azure: { subscriptionId: id, tenantId: id, roles: {}, ...props } } });
const gcp = (serviceAccountEmail: string) =>
  engines({ gcp: { gcp: { impersonatedAccounts: { a: { serviceAccountEmail } } } } });
const variables = (all: object) => ({ nomad: { variables: all } });

refuses([
  [
    "an engine at a mount of first boot",
    engines({ transit: { "pki-nodes": { keys: {} } } }),
    'transit["pki-nodes"]',
    "else",
  ],
  [
    "an engine at the applications' store",
    engines({ keyValues: { secret: {} } }),
    'keyValues["secret"]',
    "nothing else",
  ],
  [
    "two engines at one mount",
    engines({ keyValues: { a: {} }, transit: { a: { keys: {} } } }),
    'transit["a"]',
    "nothing",
  ],
  ["a mount with a slash", engines({ keyValues: { "a/b": {} } }), 'keyValues["a/b"]', "lower-case"],
  [
    "a version that is gone at once",
    engines({ keyValues: { a: { deleteVersionAfter: "0s" } } }),
    "deleteVersionAfter",
    "time",
  ],
  ["an unknown kind of key", transit({ type: "des" }), 'keys["orders"].type', '"aes256-gcm96"'],
  ["a key that turns too fast", transit({ rotationPeriod: "1m" }), 'keys["orders"].rotationPeriod', "from 1h"],
  ["a key that leaves Vault", transit({ exportable: true }), 'keys["orders"].exportable', "never leave"],
  ["convergence without derivation", transit({ convergentEncryption: true }), "convergentEncryption", "derived key"],
  ["a derived key of RSA", transit({ type: "rsa-4096", derived: true }), 'keys["orders"].derived', "AES"],
  ["no issuer", pki({ issuers: {} }), 'pki["pki-shop"].issuers', "one issuer or more"],
  ["two issuers and none the default", pki({ issuers: { ...root, "2": root["1"] } }), "defaultIssuer", '"1", "2"'],
  ["an issuer called default", pki({ issuers: { default: root["1"] } }), 'issuers["default"]', "whichever"],
  ["an issuer without a name", pki({ issuers: { "1": {} } }), 'issuers["1"].commonName', "not empty"],
  ["a short key", pki({ issuers: { "1": { commonName: "a", keyType: "rsa", keyBits: 1024 } } }), "keyBits", "3072"],
  [
    "a certificate that outlives its issuer",
    pki({ roles: { web: { maxTtl: "5000d" } } }),
    'roles["web"].maxTtl',
    "3650d",
  ],
  [
    "a longest life that is the shorter",
    pki({ roles: { web: { ttl: "96h", maxTtl: "72h" } } }),
    'roles["web"].maxTtl',
    "96h",
  ],
  ["a role of an issuer that is not there", pki({ roles: { web: { issuer: "9" } } }), 'roles["web"].issuer', '"1"'],
  [
    "a wildcard as a domain",
    pki({ roles: { web: { allowedDomains: ["*.a.com"] } } }),
    "allowedDomains[0]",
    "wildcards",
  ],
  ["an unknown database", database({ plugin: "dbase" }), 'connections["shop"].plugin', '"postgresql"'],
  ["a password in an address", database({ connectionUrl: "postgresql://a:b@db/x" }), "connectionUrl", "{{password}}"],
  ["a database without TLS", database({ connectionUrl: `${url}?sslmode=disable` }), "connectionUrl", "TLS"],
  [
    "a role of a connection that is not there",
    database({}, { roles: { a: { connection: "pay", creationStatements: ["x"] } } }),
    'roles["a"].connection',
    '"shop"',
  ],
  [
    "a password changed every second",
    database({}, { staticRoles: { a: { connection: "shop", username: "a", rotationPeriod: "1s" } } }),
    "rotationPeriod",
    "from 5m",
  ],
  ["a role of nobody", aws({ roleArns: [] }), 'roles["a"].roleArns', "one role or more"],
  ["a user instead of a role", aws({ roleArns: ["arn:aws:iam::123456789012:user/a"] }), "roleArns[0]", "ARN of a role"],
  ["credentials of a week", aws({ ttl: "168h" }), 'roles["a"].ttl', "up to 12h"],
  ["a subscription by name", azure({ subscriptionId: "prod" }), "subscriptionId", "an id of Azure"],
  ["an account by its short name", gcp("deploy"), "serviceAccountEmail", "service account"],
  [
    "a token of Consul that may nothing",
    engines({ consul: { tokens: { roles: { a: {} } } } }),
    'roles["a"]',
    "policies, roles",
  ],
  [
    "a management token of Consul",
    engines({ consul: { tokens: { roles: { a: { consulPolicies: ["global-management"] } } } } }),
    "consulPolicies",
    "other than",
  ],
  [
    "a token of Nomad without policies",
    engines({ nomad: { nomad: { roles: { a: { policies: [] } } } } }),
    "policies",
    "nobody",
  ],
  ["a variable of a namespace that is not there", variables({ shop: {} }), 'variables["shop"]', "default"],
  ["a variable with a dot", variables({ default: { "a.b": { a: "b" } } }), 'variables["default"]["a.b"]', "a path"],
  [
    "a variable in Nomad's own place",
    variables({ default: { "nomad/own": { a: "b" } } }),
    '["nomad/own"]',
    "nomad/jobs",
  ],
  ["a secret in a variable", variables({ default: { app: { DB_PASSWORD: "x" } } }), '["DB_PASSWORD"]', "no secret"],
  ["a quota", { nomad: { namespaces: { a: { quota: "small" } } } }, 'namespaces["a"].quota', "Community"],
  ["a pool with a scheduler", { nomad: { nodePools: { a: { schedulerConfig: {} } } } }, "schedulerConfig", "Community"],
]);

test("what clouds are told: who Vault is there, and never a key", () => {
  const federation = { audience: "vault.example.com" };
  const email = "vault@acme.iam.gserviceaccount.com";
  const template = Template.of(
    platformOf(
      engines({
        aws: {
          aws: {
            region: "eu-central-1",
            federation: { ...federation, roleArn: "arn:aws:iam::123456789012:role/v" },
            roles: {},
          },
        },
        gcp: {
          gcp: {
            federation: { ...federation, serviceAccountEmail: email },
            impersonatedAccounts: { deploy: { serviceAccountEmail: "deploy@acme.iam.gserviceaccount.com" } },
          },
        },
        azure: {
          azure: {
            subscriptionId: id,
            tenantId: id,
            roles: { a: { azureRoles: [{ roleName: "Reader", scope: `/subscriptions/${id}` }] } },
          },
        },
      }),
    ),
  );
  template.hasResource("vault_aws_secret_backend", {
    identity_token_audience: "vault.example.com",
    identity_token_ttl: 3600,
    role_arn: "arn:aws:iam::123456789012:role/v",
    sts_endpoint: "https://sts.eu-central-1.amazonaws.com",
  });
  template.hasResource("vault_gcp_secret_backend", { service_account_email: email });
  template.hasResource("vault_gcp_secret_impersonated_account", { impersonated_account: "deploy", ttl: "3600" });
  template.hasResource("vault_azure_secret_backend_role", { ttl: "3600", max_ttl: "86400", permanently_delete: true });
  expect(JSON.stringify(template.json)).not.toMatch(/"(secret_key|access_key|credentials|client_secret|password)"/);
});

test("a password is a variable that is never kept, of a name that says whose it is", () => {
  const template = Template.of(platformOf(database({ rootRotation: 2 })));
  expect(template.json).toMatchObject({
    variable: { database_shop_password: { ephemeral: true, sensitive: true, default: "" } },
  });
  template.hasResource("vault_database_secret_backend_connection", {
    postgresql: { password_wo: "${var.database_shop_password}", password_wo_version: 1, connection_url: url },
  });
  template.hasResource("vault_generic_endpoint", { disable_read: true, disable_delete: true, data_json: "{}" });
});
