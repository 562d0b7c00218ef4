import { Audit } from "@cdktf/provider-vault/lib/audit";
import { AuthBackend } from "@cdktf/provider-vault/lib/auth-backend";
import { ConsulSecretBackendRole } from "@cdktf/provider-vault/lib/consul-secret-backend-role";
import { Mount } from "@cdktf/provider-vault/lib/mount";
import { PkiSecretBackendConfigAutoTidy } from "@cdktf/provider-vault/lib/pki-secret-backend-config-auto-tidy";
import { PkiSecretBackendRole } from "@cdktf/provider-vault/lib/pki-secret-backend-role";
import { Policy } from "@cdktf/provider-vault/lib/policy";
import { RaftAutopilot } from "@cdktf/provider-vault/lib/raft-autopilot";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { CaravanError } from "../core/errors";
import { hcl } from "../core/hcl";
import { parseDuration } from "../core/values";
import { adopt } from "../layer/blocks";
import { protect } from "../layer/protection";
import { transformed } from "../layer/transform";
import { vaultPolicyText } from "../node/access-rules";
import type { VaultAccess } from "../node/access-vault";
import type { Settings, VaultObject } from "../node/access-vault-objects";
import { nameAdministrator } from "./administrators";
import { seconds, set, text, texts, unset } from "./handed-over-settings";
import { signInConfiguration, signInRole } from "./handed-over-sign-in";
import type { HandedOverTransform } from "./handed-over-transform";

/** What only the infrastructure knows. */
export interface NodeFacts {
  /** The cloud's identities that sign in with a role of Vault. */
  principals(role: string): string[];
}

/** Makes a resource of each object, and adopts it where it is there. What bears a secret is left to the servers. */
export function handedOverToVault(
  scope: Construct,
  { objects }: VaultAccess,
  isAdopted: boolean,
  facts: NodeFacts,
  transform?: HandedOverTransform,
): void {
  for (const object of objects) {
    const made = resourceOf(scope, object, facts, transform);
    if (made === undefined || !isAdopted) continue;
    adopt(made.resource, made.importId);
    protect(made.resource);
  }
}

interface Made {
  readonly resource: TerraformResource;
  readonly importId: string;
}

function resourceOf(
  scope: Construct,
  object: VaultObject,
  facts: NodeFacts,
  transform?: HandedOverTransform,
): Made | undefined {
  switch (object.kind) {
    case "audit": {
      const { path, type, options } = object;
      const resource = new Audit(
        scope,
        `audit-${path}`,
        transformed(transform?.auditDevice, { path, type, options: texts(options) }),
      );
      return { resource, importId: path };
    }
    case "mount": {
      const { path, type, settings } = object;
      const { max_lease_ttl } = (settings["config"] ?? {}) as Settings;
      const resource = new Mount(
        scope,
        `mount-${path}`,
        transformed(transform?.mount, {
          path,
          type,
          description: text(settings, "description"),
          ...(max_lease_ttl === undefined ? {} : { maxLeaseTtlSeconds: parseDuration(String(max_lease_ttl), "s") }),
          ...(settings["options"] === undefined ? {} : { options: texts(settings["options"] as Settings) }),
        }),
      );
      return { resource, importId: path };
    }
    case "auth": {
      const { path, type, settings } = object;
      const resource = new AuthBackend(
        scope,
        `auth-${path}`,
        transformed(transform?.authMethod, {
          path,
          type,
          description: text(settings, "description"),
        }),
      );
      return { resource, importId: path };
    }
    case "policy": {
      const resource = new Policy(
        scope,
        `vault-${object.name}`,
        transformed(transform?.vaultPolicy, {
          name: object.name,
          policy: hcl.text(vaultPolicyText(object.rules)),
        }),
      );
      if (object.name === "deployer") nameAdministrator(resource, object.name, "vault-policy-grants");
      return { resource, importId: object.name };
    }
    case "configuration":
      return object.secret ? undefined : configuration(scope, object.path, object.settings, transform);
    case "role":
      return role(scope, object, facts, transform);
  }
}

function configuration(scope: Construct, path: string, settings: Settings, transform?: HandedOverTransform): Made {
  if (path === "sys/storage/raft/autopilot/configuration") {
    const resource = new RaftAutopilot(
      scope,
      "autopilot",
      transformed(transform?.autopilot, {
        cleanupDeadServers: set(settings, "cleanup_dead_servers"),
        serverStabilizationTime: text(settings, "server_stabilization_time"),
        lastContactThreshold: text(settings, "last_contact_threshold"),
        deadServerLastContactThreshold: text(settings, "dead_server_last_contact_threshold"),
        minQuorum: settings["min_quorum"] as number | undefined,
      }),
    );
    return { resource, importId: path };
  }
  const [, tidied] = /^(.+)\/config\/auto-tidy$/.exec(path) ?? [];
  if (tidied !== undefined) {
    const resource = new PkiSecretBackendConfigAutoTidy(
      scope,
      `tidy-${tidied}`,
      transformed(transform?.tidy, {
        backend: tidied,
        enabled: settings["enabled"] === true,
        tidyCertStore: set(settings, "tidy_cert_store"),
        tidyRevokedCerts: set(settings, "tidy_revoked_certs"),
      }),
    );
    return { resource, importId: path };
  }
  const [, backend, kind] = /^auth\/(.+)\/(config(?:\/client)?)$/.exec(path) ?? [];
  if (backend !== undefined) {
    return { resource: signInConfiguration(scope, backend, kind, settings, transform), importId: path };
  }
  throw new CaravanError(`what was handed over at ${path} has no resource of Terraform here`);
}

function role(
  scope: Construct,
  object: Extract<VaultObject, { kind: "role" }>,
  facts: NodeFacts,
  transform?: HandedOverTransform,
): Made {
  const { of, mount, name, settings } = object;
  const id = `role-${of}-${name}`;
  switch (of) {
    case "aws-login":
    case "azure-login":
    case "gcp-login":
      return {
        resource: signInRole(scope, id, { ...object, of, principals: facts.principals(name) }, transform),
        importId: `${mount}/role/${name}`,
      };
    case "pki":
      return {
        resource: new PkiSecretBackendRole(
          scope,
          id,
          transformed(transform?.certificateRole, {
            backend: mount,
            name,
            allowedDomains: settings["allowed_domains"] as string[],
            allowBareDomains: set(settings, "allow_bare_domains"),
            allowSubdomains: set(settings, "allow_subdomains"),
            allowLocalhost: unset(settings, "allow_localhost"),
            allowIpSans: unset(settings, "allow_ip_sans"),
            serverFlag: unset(settings, "server_flag"),
            clientFlag: unset(settings, "client_flag"),
            requireCn: unset(settings, "require_cn"),
            keyType: text(settings, "key_type"),
            keyBits: settings["key_bits"] as number,
            ttl: String(seconds(settings, "ttl")),
            maxTtl: String(seconds(settings, "max_ttl")),
            noStore: set(settings, "no_store"),
          }),
        ),
        importId: `${mount}/roles/${name}`,
      };
    case "consul":
      return {
        resource: new ConsulSecretBackendRole(
          scope,
          id,
          transformed(transform?.consulTokenRole, {
            backend: mount,
            name,
            consulPolicies: settings["consul_policies"] as string[],
            local: settings["local"] === true,
            ttl: seconds(settings, "ttl"),
            maxTtl: seconds(settings, "max_ttl"),
          }),
        ),
        importId: `${mount}/roles/${name}`,
      };
  }
}
