import { AclAuthMethod, type AclAuthMethodConfig } from "@cdktf/provider-nomad/lib/acl-auth-method";
import { AclBindingRule, type AclBindingRuleConfig } from "@cdktf/provider-nomad/lib/acl-binding-rule";
import { IdentityGroup, type IdentityGroupConfig } from "@cdktf/provider-vault/lib/identity-group";
import { IdentityGroupAlias, type IdentityGroupAliasConfig } from "@cdktf/provider-vault/lib/identity-group-alias";
import {
  IdentityOidcAssignment,
  type IdentityOidcAssignmentConfig,
} from "@cdktf/provider-vault/lib/identity-oidc-assignment";
import { IdentityOidcClient, type IdentityOidcClientConfig } from "@cdktf/provider-vault/lib/identity-oidc-client";
import { IdentityOidcKey, type IdentityOidcKeyConfig } from "@cdktf/provider-vault/lib/identity-oidc-key";
import {
  IdentityOidcProvider,
  type IdentityOidcProviderConfig,
} from "@cdktf/provider-vault/lib/identity-oidc-provider";
import { IdentityOidcScope, type IdentityOidcScopeConfig } from "@cdktf/provider-vault/lib/identity-oidc-scope";
import { JwtAuthBackend, type JwtAuthBackendConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend";
import { JwtAuthBackendRole, type JwtAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend-role";
import { TerraformVariable, Token } from "cdktf";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { parseDuration } from "../../core/values";
import { requireProvider } from "../../layer/provider-versions";
import { type Transform, transformed } from "../../layer/transform";
import { nameAdministrator } from "../administrators";
import type { PlatformServers } from "../servers";
import { MANAGEMENT } from "./issuer";
import type { Persona } from "./personas";

/** People's own identity provider: Google, Entra, Okta, Keycloak or any other that speaks OpenID Connect. */
export interface People {
  /** The issuer, as its tokens name it: `"https://login.example.com"`. */
  readonly issuer: string;
  /** This platform's id there. Its secret comes by `TF_VAR_people_client_secret` and stays out of state. */
  readonly clientId: string;
  /**
   * Raised when the client's secret was changed, so that it is written anew.
   *
   * @default 1
   */
  readonly clientSecretVersion?: number;
  /** Authority of the issuer in PEM. @default - one that the operating system trusts */
  readonly issuerCa?: string;
  /** @default "groups" */
  readonly groupsClaim?: string;
  /** The claim that names a person for good. @default "sub" */
  readonly userClaim?: string;
  /** Scopes beside `openid`. @default ["profile", "email"] */
  readonly scopes?: readonly string[];
  /**
   * What the provider needs beyond the standard to tell groups, as Vault's documentation has it:
   * `{ provider: "azure" }`, `{ provider: "gsuite", ... }`.
   *
   * @default - nothing
   */
  readonly providerConfig?: Readonly<Record<string, string>>;
  /** Who is what: groups of the provider, each with its personas. */
  readonly groups: Readonly<Record<string, readonly Persona[]>>;
  /** How long a sign-in lasts before it is renewed. @default "1h" */
  readonly tokenTtl?: string;
  /** How long it can be renewed. @default "8h" */
  readonly tokenMaxTtl?: string;
  /** Changes to the props of the inner resources. @default - none */
  readonly transform?: PeopleSignInTransform;
}

/** Those of groups and of their rights in Nomad are laid on those of all groups. */
export interface PeopleSignInTransform {
  readonly method?: Transform<JwtAuthBackendConfig>;
  readonly role?: Transform<JwtAuthBackendRoleConfig>;
  readonly group?: Transform<IdentityGroupConfig>;
  readonly groupAlias?: Transform<IdentityGroupAliasConfig>;
  /** Vault as Nomad's provider of identities. */
  readonly key?: Transform<IdentityOidcKeyConfig>;
  readonly assignment?: Transform<IdentityOidcAssignmentConfig>;
  readonly client?: Transform<IdentityOidcClientConfig>;
  readonly scope?: Transform<IdentityOidcScopeConfig>;
  readonly provider?: Transform<IdentityOidcProviderConfig>;
  readonly nomadMethod?: Transform<AclAuthMethodConfig>;
  readonly nomadBinding?: Transform<AclBindingRuleConfig>;
}

/** What a group of people gets, in each product's own words. */
export interface GroupRights {
  /** Policies of Vault. */
  readonly vault: readonly string[];
  /** Policies of Nomad, or `management`. */
  readonly nomad: readonly string[];
}

export interface PeopleSignInProps {
  readonly people: People;
  readonly servers: PlatformServers;
  readonly ca?: string;
  readonly groups: Readonly<Record<string, GroupRights>>;
}

/** Mount of people's sign-in in Vault. */
export const peopleMount = "oidc";

/** Name of the auth method of Nomad that people sign in with, by way of Vault. */
export const peopleMethod = "people";

/**
 * People's sign-in: to Vault with their own provider; to Nomad with Vault as the provider, as a public client with PKCE.
 * So the one secret there is stands in Vault alone, and who is in which group is told in one place.
 */
export class PeopleSignIn extends Construct {
  constructor(scope: Construct, id: string, { people, servers, ca, groups }: PeopleSignInProps) {
    super(scope, id);
    const { transform } = people;
    const method = this.vault(people, servers);
    const ids = Object.entries(groups).map(([name, { vault }]) => {
      const group = new IdentityGroup(
        this,
        `group-${name}`,
        transformed(transform?.group, { name, type: "external", policies: [...vault] }),
      );
      new IdentityGroupAlias(
        this,
        `alias-${name}`,
        transformed(transform?.groupAlias, {
          name,
          mountAccessor: method.accessor,
          canonicalId: group.id,
        }),
      );
      return group.id;
    });
    if (servers.products.includes("nomad")) this.nomad(servers, ca, groups, ids, transform);
  }

  private vault(people: People, { vault }: PlatformServers): JwtAuthBackend {
    const secret = new TerraformVariable(this, "people_client_secret", {
      type: "string",
      description: "Secret of the client of people's identity provider; needed when its version is raised",
      sensitive: true,
      default: "",
    });
    secret.overrideLogicalId("people_client_secret");
    secret.addOverride("ephemeral", true);
    const method = new JwtAuthBackend(
      this,
      "method",
      transformed(people.transform?.method, {
        path: peopleMount,
        type: "oidc",
        description: "People",
        oidcDiscoveryUrl: people.issuer,
        ...(people.issuerCa === undefined ? {} : { oidcDiscoveryCaPem: people.issuerCa }),
        oidcClientId: people.clientId,
        defaultRole: PEOPLE_ROLE,
        ...(people.providerConfig === undefined ? {} : { providerConfig: hcl.value({ ...people.providerConfig }) }),
      }),
    );
    // Write-only arguments came after the version that the bindings know.
    requireProvider(this, "vault", ">= 5.7.0");
    method.addOverride("oidc_client_secret_wo", Token.asString(secret.value));
    method.addOverride("oidc_client_secret_wo_version", people.clientSecretVersion ?? 1);
    new JwtAuthBackendRole(
      this,
      "role",
      transformed(people.transform?.role, {
        backend: method.path,
        roleName: PEOPLE_ROLE,
        roleType: "oidc",
        userClaim: people.userClaim ?? "sub",
        groupsClaim: people.groupsClaim ?? "groups",
        boundAudiences: [people.clientId],
        oidcScopes: [...(people.scopes ?? ["profile", "email"])],
        allowedRedirectUris: [
          `${vault.people}/ui/vault/auth/${peopleMount}/oidc/callback`,
          "http://localhost:8250/oidc/callback",
        ],
        tokenTtl: parseDuration(people.tokenTtl ?? "1h", "s"),
        tokenMaxTtl: parseDuration(people.tokenMaxTtl ?? "8h", "s"),
      }),
    );
    return method;
  }

  private nomad(
    { addresses, vault }: PlatformServers,
    ca: string | undefined,
    groups: PeopleSignInProps["groups"],
    groupIds: string[],
    transform: PeopleSignInTransform | undefined,
  ): void {
    const nomad = addresses.nomad?.people ?? "";
    // A key of its own: an id of a client is known only after apply.
    const key = new IdentityOidcKey(
      this,
      "key",
      transformed(transform?.key, {
        name: "people",
        algorithm: "RS256",
        rotationPeriod: parseDuration("24h", "s"),
        verificationTtl: parseDuration("24h", "s"),
        allowedClientIds: ["*"],
      }),
    );
    const assignment = new IdentityOidcAssignment(
      this,
      "assignment",
      transformed(transform?.assignment, { name: "people", groupIds, entityIds: [] }),
    );
    const redirects = [`${nomad}/ui/settings/tokens`, "http://localhost:4649/oidc/callback"];
    const client = new IdentityOidcClient(
      this,
      "client",
      transformed(transform?.client, {
        name: "nomad",
        key: key.name,
        clientType: "public",
        redirectUris: redirects,
        assignments: [assignment.name],
        idTokenTtl: parseDuration("10m", "s"),
        accessTokenTtl: parseDuration("10m", "s"),
      }),
    );
    const scope = new IdentityOidcScope(
      this,
      "scope",
      transformed(transform?.scope, {
        name: "groups",
        description: "Groups that somebody is in",
        template: '{"groups": {{identity.entity.groups.names}}}',
      }),
    );
    const [, scheme = "https", host = ""] = /^(https?):\/\/(.+)$/.exec(vault.people) ?? [];
    const provider = new IdentityOidcProvider(
      this,
      "provider",
      transformed(transform?.provider, {
        name: "people",
        httpsEnabled: scheme === "https",
        issuerHost: host,
        allowedClientIds: [client.clientId],
        scopesSupported: [scope.name],
      }),
    );
    const method = new AclAuthMethod(
      this,
      "nomad",
      transformed(transform?.nomadMethod, {
        name: peopleMethod,
        type: "OIDC",
        tokenLocality: "global",
        maxTokenTtl: "8h",
        default: true,
        config: {
          oidcDiscoveryUrl: provider.issuer,
          oidcClientId: client.clientId,
          oidcEnablePkce: true,
          oidcScopes: [scope.name],
          signingAlgs: ["RS256"],
          boundAudiences: [client.clientId],
          allowedRedirectUris: redirects,
          listClaimMappings: { groups: "groups" },
          // The edge has a certificate that browsers trust; the cluster's own authority signed the machines' address.
          ...(ca === undefined || vault.people !== vault.machine ? {} : { discoveryCaPem: [ca] }),
        },
      }),
    );
    for (const [group, { nomad: policies }] of Object.entries(groups)) {
      for (const policy of policies) {
        const binding = new AclBindingRule(
          this,
          `nomad-${group}-${policy}`,
          transformed(transform?.nomadBinding, {
            authMethod: method.name,
            ...(policy === MANAGEMENT ? { bindType: "management" } : { bindType: "policy", bindName: policy }),
            selector: `"${group}" in list.groups`,
            description: `Group ${group}`,
          }),
        );
        if (policy === MANAGEMENT) nameAdministrator(binding, "admin", "nomad-management");
      }
    }
  }
}

/** The one role of people: what they may do comes from their groups. */
const PEOPLE_ROLE = "people";
