import { vaultSignInRules } from "../../../lib/policy/vault/sign-in";
import { testRules } from "../rule-examples";

const role = (attributes: object, method: object = { path: "jwt" }) => ({
  resource: {
    vault_jwt_auth_backend: { m: method },
    vault_jwt_auth_backend_role: { r: { backend: "${vault_jwt_auth_backend.m.path}", ...attributes } },
  },
});
const at = "vault_jwt_auth_backend_role.r";
const github = { path: "jwt-github", oidc_discovery_url: "https://token.actions.githubusercontent.com" };
const aws = (...bound_iam_principal_arns: string[]) => ({
  resource: { vault_aws_auth_backend_role: { r: { bound_iam_principal_arns } } },
});
const appRole = (attributes: object) => ({ resource: { vault_approle_auth_backend_role: { r: attributes } } });
const tune = (settings: object, path = "sys/auth/ldap/tune") => ({
  resource: {
    vault_generic_endpoint: { t: { path, data_json: JSON.stringify({ user_lockout_config: settings }) } },
  },
});

testRules(vaultSignInRules, {
  "vault-token-lifetime": {
    breaks: {
      "the default": [role({}), `${at} token_max_ttl: nothing`],
      "a month": [role({ token_max_ttl: 2_764_800 }), `${at} token_max_ttl: 2764800`],
      "no end": [role({ token_max_ttl: 0, token_ttl: 3600 }), `${at} token_max_ttl: 0`],
      "a period of a month": [role({ token_period: 2_764_800 }), `${at} token_max_ttl: nothing`],
    },
    holds: {
      "eight hours": role({ token_max_ttl: 28_800 }),
      "what renews itself": role({ token_period: 1800 }),
      "a batch token": role({ token_type: "batch", token_ttl: 3600 }),
    },
  },
  "vault-token-root": {
    breaks: {
      "a role": [role({ token_policies: ["root"] }), `${at} token_policies: ["root"]`],
      "a group": [
        { resource: { vault_identity_group: { g: { policies: ["admin", "root"] } } } },
        'vault_identity_group.g policies: ["admin","root"]',
      ],
    },
    holds: { "a policy": role({ token_policies: ["operator"] }) },
  },
  "vault-jwt-audience": {
    breaks: { "anybody's token": [role({}), `${at} bound_audiences: nothing`] },
    holds: { ours: role({ bound_audiences: ["https://vault.example.com:8200"] }) },
  },
  "vault-jwt-public-issuer": {
    breaks: {
      "every pipeline of GitHub": [role({}, github), `${at} bound_claims: nothing`],
      "every repository": [
        role({ bound_claims: { repository: "*" } }, github),
        `${at} bound_claims: {"repository":"*"}`,
      ],
      "every main branch": [
        role({ bound_claims: { ref: "refs/heads/main" } }, github),
        `${at} bound_claims: {"ref":"refs/heads/main"}`,
      ],
      "everybody whom Google knows": [
        role({ backend: "gsuite" }, { path: "gsuite", oidc_discovery_url: "https://accounts.google.com" }),
        `${at} bound_claims: nothing`,
      ],
    },
    holds: {
      "one repository": role({ bound_claims: { repository: "acme/shop" } }, github),
      "one subject": role({ bound_subject: "repo:acme/shop:ref:refs/heads/main" }, github),
      "an issuer of one's own": role({}, { path: "jwt", oidc_discovery_url: "https://login.example.com" }),
    },
  },
  "vault-oidc-redirect": {
    breaks: {
      "plain HTTP": [
        role({ allowed_redirect_uris: ["http://vault.example.com/ui/vault/auth/oidc/oidc/callback"] }),
        `${at} allowed_redirect_uris: "http://vault.example.com/ui/vault/auth/oidc/oidc/callback"`,
      ],
    },
    holds: {
      "TLS and the person's own machine": role({
        allowed_redirect_uris: ["https://vault.example.com/ui/x", "http://localhost:8250/oidc/callback"],
      }),
    },
  },
  "vault-oidc-verbose-log": {
    breaks: { "claims in the log": [role({ verbose_oidc_logging: true }), `${at} verbose_oidc_logging: true`] },
    holds: { quiet: role({ verbose_oidc_logging: false }) },
  },
  "vault-aws-login-bound": {
    breaks: {
      nobody: [
        { resource: { vault_aws_auth_backend_role: { r: {} } } },
        "vault_aws_auth_backend_role.r bound_iam_principal_arns: nothing",
      ],
      "all roles of an account": [
        aws("arn:aws:iam::123456789012:role/*"),
        'vault_aws_auth_backend_role.r bound_iam_principal_arns: "arn:aws:iam::123456789012:role/*"',
      ],
      "any account": [
        aws("arn:aws:iam::*:role/deployer"),
        'vault_aws_auth_backend_role.r bound_iam_principal_arns: "arn:aws:iam::*:role/deployer"',
      ],
    },
    holds: { "one role": aws("arn:aws:iam::123456789012:role/caravan/prod/deployer") },
  },
  "vault-approle-bound": {
    breaks: {
      "for ever, from everywhere": [
        appRole({}),
        "vault_approle_auth_backend_role.r secret_id_bound_cidrs: nothing",
        "vault_approle_auth_backend_role.r secret_id_ttl: nothing",
      ],
    },
    holds: {
      "from a network": appRole({ secret_id_ttl: 3600, secret_id_bound_cidrs: ["10.0.0.0/16"] }),
      once: appRole({ secret_id_ttl: 600, secret_id_num_uses: 1 }),
    },
  },
  "vault-password-login": {
    breaks: {
      passwords: [
        { resource: { vault_auth_backend: { u: { type: "userpass" } } } },
        'vault_auth_backend.u type: "userpass"',
      ],
    },
    holds: { identities: { resource: { vault_auth_backend: { u: { type: "kubernetes" } } } } },
  },
  "vault-user-lockout": {
    breaks: {
      "nobody is locked out": [
        tune({ lockout_disable: true }),
        "vault_generic_endpoint.t data_json.user_lockout_config.lockout_disable: true",
      ],
      "a thousand guesses": [
        tune({ lockout_threshold: "1000" }, "sys/mounts/auth/ldap/tune"),
        "vault_generic_endpoint.t data_json.user_lockout_config.lockout_threshold: 1000",
      ],
    },
    holds: { stricter: tune({ lockout_threshold: "3", lockout_duration: "1h" }) },
    exempts: { "another path": tune({ lockout_disable: true }, "secret/config") },
  },
});
