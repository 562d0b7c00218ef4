import {
  AclAuthMethod as ConsulAuthMethod,
  type AclAuthMethodConfig as ConsulAuthMethodConfig,
} from "@cdktf/provider-consul/lib/acl-auth-method";
import {
  AclBindingRule as ConsulBindingRule,
  type AclBindingRuleConfig as ConsulBindingRuleConfig,
} from "@cdktf/provider-consul/lib/acl-binding-rule";
import {
  AclAuthMethod as NomadAuthMethod,
  type AclAuthMethodConfig as NomadAuthMethodConfig,
} from "@cdktf/provider-nomad/lib/acl-auth-method";
import {
  AclBindingRule as NomadBindingRule,
  type AclBindingRuleConfig as NomadBindingRuleConfig,
} from "@cdktf/provider-nomad/lib/acl-binding-rule";
import { IdentityOidc, type IdentityOidcConfig } from "@cdktf/provider-vault/lib/identity-oidc";
import { IdentityOidcKey, type IdentityOidcKeyConfig } from "@cdktf/provider-vault/lib/identity-oidc-key";
import { IdentityOidcRole, type IdentityOidcRoleConfig } from "@cdktf/provider-vault/lib/identity-oidc-role";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { parseDuration } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { isAdministrator, nameAdministrator } from "../administrators";
import type { VaultPathRule } from "../policy/vault-rules";
import type { PlatformServers } from "../servers";

/** What somebody gets in Consul and Nomad, by the name of the policy there. */
export interface Grant {
  /** Policy of Consul. @default - no sign-in to Consul */
  readonly consul?: string;
  /** Policy of Nomad, or `management`. @default - no sign-in to Nomad */
  readonly nomad?: string;
}

export interface TokenIssuerProps {
  readonly servers: PlatformServers;
  /** Certificates by which Consul and Nomad trust Vault. */
  readonly ca?: string;
  /** Who there is, by name. */
  readonly grants: Readonly<Record<string, Grant>>;
  /** How long a token of Consul or Nomad lasts. */
  readonly tokenTtl: string;
  /** @default - none */
  readonly transform?: TokenIssuerTransform;
}

/** Those of roles and bindings are laid on those of all grants. */
export interface TokenIssuerTransform {
  readonly issuer?: Transform<IdentityOidcConfig>;
  readonly key?: Transform<IdentityOidcKeyConfig>;
  readonly role?: Transform<IdentityOidcRoleConfig>;
  readonly consulMethod?: Transform<ConsulAuthMethodConfig>;
  readonly consulBinding?: Transform<ConsulBindingRuleConfig>;
  readonly nomadMethod?: Transform<NomadAuthMethodConfig>;
  readonly nomadBinding?: Transform<NomadBindingRuleConfig>;
}

/** Name of the auth method of Consul and Nomad that trusts Vault's tokens. */
export const issuerMethod = "vault";

/** Who a token is for, so that no other of Vault's tokens is good for it. */
const audience = (grant: string) => `caravan-${grant}`;

/** The claim that says which grant it is. */
const CLAIM = "grant";

/** Short: it is exchanged at once. */
const JWT_TTL = "5m";

/** What lets the bearer of a policy take the token of a grant. */
export function tokenRule(grant: string): VaultPathRule {
  return { path: `identity/oidc/token/${grant}`, capabilities: ["read"] };
}

/**
 * Vault as the issuer that Consul and Nomad trust. Who signed in to Vault takes a signed token of a grant and exchanges it
 * for a short-lived token of Consul or Nomad: neither product keeps a secret for it, nor does Vault keep a management token
 * of theirs. It works in Community editions, for people and for CI alike.
 */
export class TokenIssuer extends Construct {
  readonly key: IdentityOidcKey;
  readonly issuer: IdentityOidc;

  constructor(scope: Construct, id: string, { servers, ca, grants, tokenTtl, transform }: TokenIssuerProps) {
    super(scope, id);
    // A server's own address would stand in its tokens, and each server has another.
    this.issuer = new IdentityOidc(this, "issuer", transformed(transform?.issuer, { issuer: servers.vault.machine }));
    const audiences = Object.keys(grants).map(audience);
    this.key = new IdentityOidcKey(
      this,
      "key",
      transformed(transform?.key, {
        name: "platform",
        algorithm: "RS256",
        rotationPeriod: parseDuration("24h", "s"),
        verificationTtl: parseDuration("24h", "s"),
        allowedClientIds: audiences,
      }),
    );
    for (const name of Object.keys(grants)) {
      new IdentityOidcRole(
        this,
        `role-${name}`,
        transformed(transform?.role, {
          name,
          key: this.key.name,
          clientId: audience(name),
          ttl: parseDuration(JWT_TTL, "s"),
          template: hcl.json({ [CLAIM]: name }),
        }),
      );
    }
    const trust = {
      jwks: `${servers.vault.machine}/v1/identity/oidc/.well-known/keys`,
      issuer: `${servers.vault.machine}/v1/identity/oidc`,
    };
    const wants = (product: "consul" | "nomad") =>
      Object.entries(grants).flatMap(([name, grant]) => {
        const policy = grant[product];
        return policy === undefined || !servers.products.includes(product) ? [] : [{ name, policy }];
      });
    this.consul(wants("consul"), { ...trust, ca, tokenTtl, transform });
    this.nomad(wants("nomad"), { ...trust, ca, tokenTtl, transform });
  }

  private consul(wanted: readonly Wanted[], { jwks, issuer, ca, tokenTtl, transform }: Trust): void {
    if (wanted.length === 0) return;
    const method = new ConsulAuthMethod(
      this,
      "consul",
      transformed(transform?.consulMethod, {
        name: issuerMethod,
        type: "jwt",
        description: "Who signed in to Vault",
        maxTokenTtl: tokenTtl,
        configJson: hcl.json({
          JWKSURL: jwks,
          ...(ca === undefined ? {} : { JWKSCACert: ca }),
          JWTSupportedAlgs: ["RS256"],
          BoundIssuer: issuer,
          BoundAudiences: wanted.map(({ name }) => audience(name)),
          ClaimMappings: { [CLAIM]: CLAIM },
        }),
      }),
    );
    method.node.addDependency(this.key, this.issuer);
    for (const { name, policy } of wanted) {
      new ConsulBindingRule(
        this,
        `consul-${name}`,
        transformed(transform?.consulBinding, {
          authMethod: method.name,
          bindType: "policy",
          bindName: policy,
          selector: `value.${CLAIM}=="${name}"`,
          description: `Grant ${name}`,
        }),
      );
    }
  }

  private nomad(wanted: readonly Wanted[], { jwks, issuer, ca, tokenTtl, transform }: Trust): void {
    if (wanted.length === 0) return;
    const method = new NomadAuthMethod(
      this,
      "nomad",
      transformed(transform?.nomadMethod, {
        name: issuerMethod,
        type: "JWT",
        tokenLocality: "local",
        maxTokenTtl: tokenTtl,
        config: {
          jwksUrl: jwks,
          ...(ca === undefined ? {} : { jwksCaCert: ca }),
          signingAlgs: ["RS256"],
          boundIssuer: [issuer],
          boundAudiences: wanted.map(({ name }) => audience(name)),
          claimMappings: { [CLAIM]: CLAIM },
        },
      }),
    );
    method.node.addDependency(this.key, this.issuer);
    for (const { name, policy } of wanted) {
      const binding = new NomadBindingRule(
        this,
        `nomad-${name}`,
        transformed(transform?.nomadBinding, {
          authMethod: method.name,
          ...(policy === MANAGEMENT ? { bindType: "management" } : { bindType: "policy", bindName: policy }),
          selector: `value.${CLAIM}=="${name}"`,
          description: `Grant ${name}`,
        }),
      );
      if (policy === MANAGEMENT && isAdministrator(name)) nameAdministrator(binding, name, "nomad-management");
    }
  }
}

interface Wanted {
  readonly name: string;
  readonly policy: string;
}

interface Trust {
  readonly jwks: string;
  readonly issuer: string;
  readonly ca: string | undefined;
  readonly tokenTtl: string;
  readonly transform: TokenIssuerTransform | undefined;
}

/** Nomad's own all-powerful policy. */
export const MANAGEMENT = "management";
