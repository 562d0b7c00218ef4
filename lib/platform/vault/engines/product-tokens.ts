import { ConsulSecretBackend, type ConsulSecretBackendConfig } from "@cdktf/provider-vault/lib/consul-secret-backend";
import {
  ConsulSecretBackendRole,
  type ConsulSecretBackendRoleConfig,
} from "@cdktf/provider-vault/lib/consul-secret-backend-role";
import { NomadSecretBackend, type NomadSecretBackendConfig } from "@cdktf/provider-vault/lib/nomad-secret-backend";
import { NomadSecretRole, type NomadSecretRoleConfig } from "@cdktf/provider-vault/lib/nomad-secret-role";
import { Construct } from "constructs";
import { PropsCheck } from "../../../core/errors";
import { text } from "../../../core/rules";
import { parseDuration } from "../../../core/values";
import { type Transform, transformed } from "../../../layer/transform";
import { requireWriteOnlyTokens, secretVariable, variableName } from "../secret-variable";
import { checkLifetimes, checkNames, version } from "./rules";

/** What somebody who asks gets in Consul. */
export interface ConsulTokenRole {
  /** Policies by name. @default - none */
  readonly consulPolicies?: readonly string[];
  /** Roles by name. @default - none */
  readonly consulRoles?: readonly string[];
  /** Services that the token registers and acts as. @default - none */
  readonly serviceIdentities?: readonly string[];
  /** Nodes, `"name:datacenter"`. @default - none */
  readonly nodeIdentities?: readonly string[];
  /** Whether it is good in this datacenter only. @default true */
  readonly local?: boolean;
  /** @default "1h" */
  readonly ttl?: string;
  /** @default "24h" */
  readonly maxTtl?: string;
}

export interface ConsulEngineProps {
  /** By name. */
  readonly roles: Readonly<Record<string, ConsulTokenRole>>;
  /**
   * Raised, so that the management token is written anew that the engine makes others with. It comes by
   * `TF_VAR_<mount>_engine_token`. The engine `consul` of an environment of this library has one of its own.
   *
   * @default 1
   */
  readonly tokenVersion?: number;
  /** @default - none */
  readonly transform?: {
    readonly engine?: Transform<ConsulSecretBackendConfig>;
    readonly role?: Transform<ConsulSecretBackendRoleConfig>;
  };
}

/** A product that Vault makes tokens of. */
export interface EngineTarget {
  readonly path: string;
  /** Where the product answers, with scheme and port. */
  readonly address: string;
  /** @default - what the system trusts */
  readonly ca?: string;
}

/**
 * Tokens of Consul that end: by lease, or when they are revoked.
 *
 * @throws InvalidPropsError for wrong props
 */
export class ConsulEngine extends Construct {
  /** `isThere`: first boot has made the engine, and only its roles are made. */
  constructor(
    scope: Construct,
    id: string,
    { path, address, ca, isThere = false, ...props }: ConsulEngineProps & EngineTarget & { readonly isThere?: boolean },
  ) {
    super(scope, id);
    const check = new PropsCheck("ConsulEngine", scope, id);
    checkConsulEngine(check, props);
    check.done();
    const { roles, tokenVersion = 1, transform } = props;
    const engine = isThere ? undefined : this.engine(path, address, ca, tokenVersion, transform);
    for (const [name, role] of Object.entries(roles)) {
      new ConsulSecretBackendRole(
        this,
        `role-${name}`,
        transformed(transform?.role, {
          backend: engine?.path ?? path,
          name,
          ...(role.consulPolicies && { consulPolicies: [...role.consulPolicies] }),
          ...(role.consulRoles && { consulRoles: [...role.consulRoles] }),
          ...(role.serviceIdentities && { serviceIdentities: [...role.serviceIdentities] }),
          ...(role.nodeIdentities && { nodeIdentities: [...role.nodeIdentities] }),
          local: role.local ?? true,
          ttl: parseDuration(role.ttl ?? "1h", "s"),
          maxTtl: parseDuration(role.maxTtl ?? "24h", "s"),
        }),
      );
    }
  }

  private engine(
    path: string,
    address: string,
    ca: string | undefined,
    tokenVersion: number,
    transform: ConsulEngineProps["transform"],
  ): ConsulSecretBackend {
    const { protocol, host } = new URL(address);
    const engine = new ConsulSecretBackend(
      this,
      "Default",
      transformed(transform?.engine, {
        path,
        description: "Tokens of Consul",
        address: host,
        scheme: protocol.replace(":", ""),
        ...(ca === undefined ? {} : { caCert: ca }),
      }),
    );
    requireWriteOnlyTokens(this);
    engine.addOverride("token_wo", tokenVariable(this, path, "Consul"));
    engine.addOverride("token_wo_version", tokenVersion);
    return engine;
  }
}

/** What somebody who asks gets in Nomad. A management token is given to nobody: people get one by signing in. */
export interface NomadTokenRole {
  /** Policies by name. */
  readonly policies: readonly string[];
  /** Whether it is good in all regions. @default false */
  readonly global?: boolean;
}

export interface NomadEngineProps {
  /** By name. */
  readonly roles: Readonly<Record<string, NomadTokenRole>>;
  /** How long its tokens last. @default "1h" */
  readonly ttl?: string;
  /** How long they can be renewed. @default "24h" */
  readonly maxTtl?: string;
  /**
   * Raised, so that the management token is written anew that the engine makes others with. It comes by
   * `TF_VAR_<mount>_engine_token`.
   *
   * @default 1
   */
  readonly tokenVersion?: number;
  /** @default - none */
  readonly transform?: {
    readonly engine?: Transform<NomadSecretBackendConfig>;
    readonly role?: Transform<NomadSecretRoleConfig>;
  };
}

/**
 * Tokens of Nomad that end: by lease, or when they are revoked.
 *
 * @throws InvalidPropsError for wrong props
 */
export class NomadEngine extends Construct {
  constructor(scope: Construct, id: string, { path, address, ca, ...props }: NomadEngineProps & EngineTarget) {
    super(scope, id);
    const check = new PropsCheck("NomadEngine", scope, id);
    checkNomadEngine(check, props);
    check.done();
    const { roles, ttl = "1h", maxTtl = "24h", tokenVersion = 1, transform } = props;
    const engine = new NomadSecretBackend(
      this,
      "Default",
      transformed(transform?.engine, {
        backend: path,
        description: "Tokens of Nomad",
        address,
        ...(ca === undefined ? {} : { caCert: ca }),
        ttl: parseDuration(ttl, "s"),
        maxTtl: parseDuration(maxTtl, "s"),
      }),
    );
    requireWriteOnlyTokens(this);
    engine.addOverride("token_wo", tokenVariable(this, path, "Nomad"));
    engine.addOverride("token_wo_version", tokenVersion);
    for (const [name, { policies, global = false }] of Object.entries(roles)) {
      new NomadSecretRole(
        this,
        `role-${name}`,
        transformed(transform?.role, {
          backend: engine.backend,
          role: name,
          type: "client",
          policies: [...policies],
          global,
        }),
      );
    }
  }
}

function tokenVariable(scope: Construct, path: string, product: string): string {
  const description = `Management token of ${product} for the engine ${path}; needed when its version is raised`;
  return secretVariable(scope, variableName(path, "engine_token"), description);
}

export function checkConsulEngine(check: PropsCheck, { roles, tokenVersion }: ConsulEngineProps): void {
  check.optional("tokenVersion", tokenVersion, version);
  checkNames(check, "roles", roles);
  for (const [name, role] of Object.entries(roles)) {
    const at = `roles["${name}"]`;
    checkLifetimes(check, `${at}.`, role.ttl ?? "1h", role.maxTtl ?? "24h");
    const rights = [role.consulPolicies, role.consulRoles, role.serviceIdentities, role.nodeIdentities];
    if (rights.every((one = []) => one.length === 0)) {
      const allowed = "policies, roles or identities of Consul";
      check.add({ property: at, given: role, allowed, fix: 'write { consulPolicies: ["reports"] }' });
    }
    if (role.consulPolicies?.includes("global-management")) {
      const allowed = "policies other than global-management";
      const fix = "people get such a token by signing in, for an hour";
      check.add({ property: `${at}.consulPolicies`, given: role.consulPolicies, allowed, fix });
    }
  }
}

export function checkNomadEngine(
  check: PropsCheck,
  { roles, ttl = "1h", maxTtl = "24h", tokenVersion }: NomadEngineProps,
): void {
  check.optional("tokenVersion", tokenVersion, version);
  checkLifetimes(check, "", ttl, maxTtl);
  checkNames(check, "roles", roles);
  for (const [name, { policies }] of Object.entries(roles)) {
    check.each(`roles["${name}"].policies`, policies, text);
    if (policies?.length !== 0) continue;
    const allowed = "one policy or more; a management token is given to nobody";
    check.add({ property: `roles["${name}"].policies`, given: policies, allowed, fix: 'write ["reports"]' });
  }
}
