import { endsWithin, ONE_DAY, secondsOf } from "../lifetimes";
import type { PolicyRule } from "../rule";
import type { SynthesizedResource } from "../synthesized-stack";
import { isUnknown, UNKNOWN } from "../values";

const JWT = "https://developer.hashicorp.com/vault/docs/auth/jwt";
const HARDENING = "https://developer.hashicorp.com/vault/docs/concepts/production-hardening";

/** Roles that give tokens, whatever the method. */
const TOKEN_ROLES = [
  "vault_jwt_auth_backend_role",
  "vault_aws_auth_backend_role",
  "vault_azure_auth_backend_role",
  "vault_gcp_auth_backend_role",
  "vault_kubernetes_auth_backend_role",
  "vault_approle_auth_backend_role",
  "vault_cert_auth_backend_role",
  "vault_token_auth_backend_role",
];

const lifetime: PolicyRule = {
  id: "vault-token-lifetime",
  severity: "MEDIUM",
  title: "Who signs in gets a token that ends within a day, or that must be renewed within one",
  why: "By Vault's default a token lives 32 days: who finds it is somebody else for a month.",
  fix: "set token_max_ttl to 86400 or less, or token_period for what renews itself",
  references: { url: HARDENING },
  resourceTypes: TOKEN_ROLES,
  *check(role) {
    const names = ["token_max_ttl", "token_explicit_max_ttl", "token_period"];
    if (names.some((name) => endsWithin(secondsOf(role.text(name)), ONE_DAY))) return;
    // A batch token cannot be renewed.
    const type = role.text("token_type");
    const isBatch = (type === "batch" || type === UNKNOWN) && endsWithin(secondsOf(role.text("token_ttl")), ONE_DAY);
    if (!isBatch) yield { attribute: "token_max_ttl", given: role.value("token_max_ttl") };
  },
};

const root: PolicyRule = {
  id: "vault-token-root",
  severity: "CRITICAL",
  title: "Nobody signs in as root",
  why: "No policy, no namespace and no lifetime holds root; it is for the minutes in which a cluster is born or saved.",
  fix: "give a policy that names what is needed",
  references: { url: HARDENING },
  resourceTypes: [...TOKEN_ROLES, "vault_token", "vault_identity_group", "vault_identity_entity"],
  *check(holder) {
    for (const name of ["token_policies", "policies", "allowed_policies"]) {
      if (holder.texts(name).includes("root")) yield { attribute: name, given: holder.value(name) };
    }
  },
};

const audience: PolicyRule = {
  id: "vault-jwt-audience",
  severity: "HIGH",
  title: "A role of a JWT method says for whom a token must be",
  why: "A token that somebody gave to another service would be good here.",
  fix: "set bound_audiences",
  references: { url: JWT },
  resourceTypes: ["vault_jwt_auth_backend_role"],
  *check(role) {
    if (role.texts("bound_audiences").length === 0) yield { attribute: "bound_audiences", given: undefined };
  },
};

/** Issuers that sign for the whole world, and the claims that say for whom. */
const PUBLIC_ISSUERS: Readonly<Record<string, readonly string[]>> = {
  "token.actions.githubusercontent.com": ["repository", "repository_id", "repository_owner", "repository_owner_id"],
  "gitlab.com": ["project_path", "project_id", "namespace_path", "namespace_id"],
  "app.terraform.io": ["terraform_organization_id", "terraform_workspace_id", "terraform_project_id"],
  "accounts.google.com": ["hd", "email", "sub"],
};

const publicIssuer: PolicyRule = {
  id: "vault-jwt-public-issuer",
  severity: "CRITICAL",
  title: "A role for pipelines or people of a public issuer says whose they are",
  why: "GitHub, GitLab and Google sign tokens for everybody: any pipeline of the world would sign in.",
  fix: 'set bound_claims, such as { repository = "acme/shop" }',
  references: { url: JWT },
  resourceTypes: ["vault_jwt_auth_backend_role"],
  *check(role, stack) {
    for (const issuer of issuersOf(role, stack.ofType("vault_jwt_auth_backend"))) {
      const claims = PUBLIC_ISSUERS[issuer];
      if (claims === undefined || isUnknown(role.value("bound_claims"))) continue;
      const bound = role.block("bound_claims");
      const isBound = claims.some((claim) => {
        const value = bound?.text(claim);
        return value !== undefined && (value === UNKNOWN || !/^[*/]*$/.test(value));
      });
      if (!isBound && !role.has("bound_subject")) {
        yield { attribute: "bound_claims", given: role.value("bound_claims"), fix: `set ${claims.join(" or ")} in it` };
      }
    }
  },
};

/** Host names of the issuers that a role's method trusts. */
function issuersOf(role: SynthesizedResource, methods: readonly SynthesizedResource[]): string[] {
  const named = role.references("backend");
  const own = methods.filter((method) => named.includes(method) || method.value("path") === role.value("backend"));
  return own.flatMap((method) =>
    ["oidc_discovery_url", "bound_issuer"].slice(0, method.has("oidc_discovery_url") ? 1 : 2).flatMap((name) => {
      const [, host] = /^https:\/\/([^/:]+)/.exec(String(method.value(name))) ?? [];
      return host === undefined ? [] : [host];
    }),
  );
}

const redirects: PolicyRule = {
  id: "vault-oidc-redirect",
  severity: "HIGH",
  title: "Sign-in in the browser comes back over TLS, or to the person's own machine",
  why: "The code that comes back is the sign-in: on plain HTTP whoever listens takes it.",
  fix: "write https:// addresses; http:// for localhost only",
  references: { url: JWT },
  resourceTypes: ["vault_jwt_auth_backend_role", "vault_identity_oidc_client"],
  *check(role) {
    for (const name of ["allowed_redirect_uris", "redirect_uris"]) {
      for (const address of role.texts(name)) {
        if (address === UNKNOWN || /^https:\/\/|^http:\/\/(localhost|127\.0\.0\.1)[:/]/.test(address)) continue;
        yield { attribute: name, given: address };
      }
    }
  },
};

const verbose: PolicyRule = {
  id: "vault-oidc-verbose-log",
  severity: "MEDIUM",
  title: "Tokens of people's provider are not written to Vault's log",
  why: "verbose_oidc_logging writes the claims of everybody who signs in, with the codes of their sign-ins.",
  fix: "remove verbose_oidc_logging",
  references: { url: JWT },
  resourceTypes: ["vault_jwt_auth_backend_role"],
  *check(role) {
    if (role.boolean("verbose_oidc_logging") === true) yield { attribute: "verbose_oidc_logging", given: true };
  },
};

const awsBound: PolicyRule = {
  id: "vault-aws-login-bound",
  severity: "CRITICAL",
  title: "A role for AWS identities names them",
  why: "With a wildcard for the account or the name, roles of others sign in.",
  fix: "set bound_iam_principal_arns to whole ARNs",
  references: { url: "https://developer.hashicorp.com/vault/docs/auth/aws" },
  resourceTypes: ["vault_aws_auth_backend_role"],
  *check(role) {
    const attribute = "bound_iam_principal_arns";
    const arns = role.texts(attribute);
    // EC2's own binding is by machine, account or network.
    const other = ["bound_account_ids", "bound_ami_ids", "bound_vpc_ids", "bound_ec2_instance_ids"];
    if (arns.length === 0 && !other.some((name) => role.has(name))) yield { attribute, given: undefined };
    for (const arn of arns) {
      if (arn === UNKNOWN) continue;
      const [, account = "", name = ""] = /^arn:[^:]*:(?:iam|sts)::([^:]*):(.*)$/.exec(arn) ?? [];
      if (!/^\d{12}$/.test(account) || /^[^/]+\/\*|^\*$|^$/.test(name)) yield { attribute, given: arn };
    }
  },
};

const appRole: PolicyRule = {
  id: "vault-approle-bound",
  severity: "HIGH",
  title: "An AppRole's secret id ends, and comes from known addresses",
  why: "It is a password: without an end and without addresses a copy of it is good for ever and from everywhere.",
  fix: "set secret_id_ttl, and secret_id_bound_cidrs or secret_id_num_uses; better, let it sign in by an identity",
  references: { url: "https://developer.hashicorp.com/vault/docs/auth/approle/approle-pattern" },
  resourceTypes: ["vault_approle_auth_backend_role"],
  *check(role) {
    const ends = secondsOf(role.text("secret_id_ttl"));
    if (ends !== UNKNOWN && (ends === undefined || ends === 0)) {
      yield { attribute: "secret_id_ttl", given: role.value("secret_id_ttl") };
    }
    const uses = role.number("secret_id_num_uses");
    if (role.has("secret_id_bound_cidrs") || uses === UNKNOWN || (uses !== undefined && uses > 0)) return;
    yield { attribute: "secret_id_bound_cidrs", given: undefined };
  },
};

const passwords: PolicyRule = {
  id: "vault-password-login",
  severity: "MEDIUM",
  title: "People sign in by their own provider, not by a password of Vault's",
  why: "A password of Vault's has no second factor and stays when its person goes.",
  fix: "use an OIDC method",
  references: { url: HARDENING },
  resourceTypes: ["vault_auth_backend"],
  *check(method) {
    if (method.text("type") === "userpass") yield { attribute: "type", given: "userpass" };
  },
};

/** Vault's own default is 5 wrong passwords in 15 minutes. */
const MAX_GUESSES = 10;

const lockout: PolicyRule = {
  id: "vault-user-lockout",
  severity: "MEDIUM",
  title: "Who guesses a password is locked out",
  why: "Otherwise passwords, LDAP's too, are guessed as fast as Vault answers.",
  fix: `leave Vault's default, or set lockout_threshold to ${MAX_GUESSES} or less`,
  references: { url: "https://developer.hashicorp.com/vault/docs/concepts/user-lockout" },
  resourceTypes: ["vault_generic_endpoint"],
  *check(endpoint, stack) {
    if (!/^sys\/(?:mounts\/)?auth\/.+\/tune$/.test(String(endpoint.value("path")))) return;
    const document = stack.document(endpoint.value("data_json"));
    const { user_lockout_config: settings } = (document ?? {}) as { user_lockout_config?: Record<string, unknown> };
    if (settings === null || typeof settings !== "object") return;
    const disabled = String(settings["lockout_disable"]) === "true";
    const threshold = Number(settings["lockout_threshold"] ?? 0);
    if (disabled) yield { attribute: "data_json.user_lockout_config.lockout_disable", given: true };
    if (threshold > MAX_GUESSES) {
      yield { attribute: "data_json.user_lockout_config.lockout_threshold", given: threshold };
    }
  },
};

export const vaultSignInRules: readonly PolicyRule[] = [
  lifetime,
  root,
  audience,
  publicIssuer,
  redirects,
  verbose,
  awsBound,
  appRole,
  passwords,
  lockout,
];
