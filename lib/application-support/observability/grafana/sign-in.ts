import { IdentityOidcClient } from "@cdktf/provider-vault/lib/identity-oidc-client";
import { IdentityOidcProvider } from "@cdktf/provider-vault/lib/identity-oidc-provider";
import { IdentityOidcScope } from "@cdktf/provider-vault/lib/identity-oidc-scope";
import { Construct } from "constructs";
import { hcl } from "../../../core/hcl";
import { parseDuration } from "../../../core/values";
import type { PlatformContract } from "../../../platform/contract";

/**
 * How people sign in:
 *
 * - `vault`: as to the platform itself, with Vault as the provider; groups say who is what. It needs `people` of the
 *   platform. Nobody has a password.
 * - `adminPassword`: one account, `admin`, whose password stands in Vault below `<namespace>/grafana`.
 */
export type GrafanaSignIn =
  | {
      readonly vault: {
        /** Groups whose people administrate. @default - nobody does */
        readonly admins?: readonly string[];
        /** Groups whose people may edit and explore. @default - nobody does */
        readonly editors?: readonly string[];
      };
    }
  | {
      readonly adminPassword: {
        readonly secret: string;
        /** @default "password" */
        readonly field?: string;
      };
    };

export interface VaultSignInProps {
  readonly platform: PlatformContract;
  /** Where browsers reach Grafana. */
  readonly rootUrl: string;
  readonly admins: readonly string[];
  readonly editors: readonly string[];
}

/** Names of what the platform made for people. */
const PLATFORM = { key: "people", assignment: "people" } as const;

/** Grafana as a public client of Vault, with PKCE: there is no secret that could leak. */
export class VaultSignIn extends Construct {
  /** Settings of Grafana. */
  readonly environment: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { platform, rootUrl, admins, editors }: VaultSignInProps) {
    super(scope, id);
    const { vault } = platform.static.addresses;
    const people = vault?.people ?? "";
    const machine = vault?.machine ?? "";
    const client = new IdentityOidcClient(this, "client", {
      name: "grafana",
      key: PLATFORM.key,
      clientType: "public",
      redirectUris: [`${rootUrl}/login/generic_oauth`],
      assignments: [PLATFORM.assignment],
      idTokenTtl: parseDuration("10m", "s"),
      accessTokenTtl: parseDuration("10m", "s"),
    });
    const claims = new IdentityOidcScope(this, "scope", {
      name: "grafana",
      description: "Name and groups of somebody, for Grafana",
      template: hcl.text('{"name": {{identity.entity.name}}, "groups": {{identity.entity.groups.names}}}'),
    });
    const { protocol, host } = new URL(people);
    new IdentityOidcProvider(this, "provider", {
      name: "grafana",
      httpsEnabled: protocol === "https:",
      issuerHost: host,
      allowedClientIds: [client.clientId],
      scopesSupported: [claims.name],
    });
    const api = "/v1/identity/oidc/provider/grafana";
    const inGroups = (groups: readonly string[], role: string) =>
      groups.map((group) => `contains(groups[*], '${group}') && '${role}' || `).join("");
    this.environment = {
      GF_AUTH_GENERIC_OAUTH_ENABLED: "true",
      GF_AUTH_GENERIC_OAUTH_NAME: "Vault",
      GF_AUTH_GENERIC_OAUTH_CLIENT_ID: client.clientId,
      GF_AUTH_GENERIC_OAUTH_USE_PKCE: "true",
      GF_AUTH_GENERIC_OAUTH_AUTH_STYLE: "InParams",
      GF_AUTH_GENERIC_OAUTH_SCOPES: `openid ${claims.name}`,
      GF_AUTH_GENERIC_OAUTH_AUTH_URL: `${people}/ui/vault/identity/oidc/provider/grafana/authorize`,
      GF_AUTH_GENERIC_OAUTH_TOKEN_URL: `${machine}${api}/token`,
      GF_AUTH_GENERIC_OAUTH_API_URL: `${machine}${api}/userinfo`,
      GF_AUTH_GENERIC_OAUTH_LOGIN_ATTRIBUTE_PATH: "name",
      GF_AUTH_GENERIC_OAUTH_NAME_ATTRIBUTE_PATH: "name",
      GF_AUTH_GENERIC_OAUTH_EMAIL_ATTRIBUTE_PATH: "name",
      GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_PATH: `${inGroups(admins, "Admin")}${inGroups(editors, "Editor")}'Viewer'`,
      GF_AUTH_GENERIC_OAUTH_ROLE_ATTRIBUTE_STRICT: "true",
      GF_AUTH_GENERIC_OAUTH_ALLOW_SIGN_UP: "true",
      GF_AUTH_DISABLE_LOGIN_FORM: "true",
      GF_AUTH_BASIC_ENABLED: "false",
      GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true",
    };
  }
}
