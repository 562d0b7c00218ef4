import { Audit } from "@cdktf/provider-vault/lib/audit";
import { AuthBackend } from "@cdktf/provider-vault/lib/auth-backend";
import { AwsAuthBackendClient } from "@cdktf/provider-vault/lib/aws-auth-backend-client";
import { AwsAuthBackendRole } from "@cdktf/provider-vault/lib/aws-auth-backend-role";
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
import { vaultPolicyText } from "../node/access-rules";
import type { Settings, VaultAccess, VaultObject } from "../node/access-vault";
import { nameAdministrator } from "./administrators";

/** What only the infrastructure knows. */
export interface NodeFacts {
  /** ARNs of the cloud identities that sign in with a role of Vault. */
  roleArns(role: string): string[];
}

/** Makes a resource of each object, and adopts it where it is there. What bears a secret is left to the servers. */
export function handedOverToVault(
  scope: Construct,
  { objects }: VaultAccess,
  isAdopted: boolean,
  facts: NodeFacts,
): void {
  for (const object of objects) {
    const made = resourceOf(scope, object, facts);
    if (made === undefined || !isAdopted) continue;
    adopt(made.resource, made.importId);
    protect(made.resource);
  }
}

interface Made {
  readonly resource: TerraformResource;
  readonly importId: string;
}

function resourceOf(scope: Construct, object: VaultObject, facts: NodeFacts): Made | undefined {
  switch (object.kind) {
    case "audit": {
      const { path, type, options } = object;
      const resource = new Audit(scope, `audit-${path}`, { path, type, options: texts(options) });
      return { resource, importId: path };
    }
    case "mount": {
      const { path, type, settings } = object;
      const { max_lease_ttl } = (settings["config"] ?? {}) as Settings;
      const resource = new Mount(scope, `mount-${path}`, {
        path,
        type,
        description: text(settings, "description"),
        ...(max_lease_ttl === undefined ? {} : { maxLeaseTtlSeconds: parseDuration(String(max_lease_ttl), "s") }),
        ...(settings["options"] === undefined ? {} : { options: texts(settings["options"] as Settings) }),
      });
      return { resource, importId: path };
    }
    case "auth": {
      const { path, type, settings } = object;
      const resource = new AuthBackend(scope, `auth-${path}`, {
        path,
        type,
        description: text(settings, "description"),
      });
      return { resource, importId: path };
    }
    case "policy": {
      const resource = new Policy(scope, `vault-${object.name}`, {
        name: object.name,
        policy: hcl.text(vaultPolicyText(object.rules)),
      });
      if (object.name === "deployer") nameAdministrator(resource, object.name, "vault-policy-grants");
      return { resource, importId: object.name };
    }
    case "configuration":
      return object.secret ? undefined : configuration(scope, object.path, object.settings);
    case "role":
      return role(scope, object, facts);
  }
}

function configuration(scope: Construct, path: string, settings: Settings): Made {
  if (path === "sys/storage/raft/autopilot/configuration") {
    const resource = new RaftAutopilot(scope, "autopilot", {
      cleanupDeadServers: set(settings, "cleanup_dead_servers"),
      serverStabilizationTime: text(settings, "server_stabilization_time"),
      lastContactThreshold: text(settings, "last_contact_threshold"),
      deadServerLastContactThreshold: text(settings, "dead_server_last_contact_threshold"),
      minQuorum: settings["min_quorum"] as number | undefined,
    });
    return { resource, importId: path };
  }
  const [, tidied] = /^(.+)\/config\/auto-tidy$/.exec(path) ?? [];
  if (tidied !== undefined) {
    const resource = new PkiSecretBackendConfigAutoTidy(scope, `tidy-${tidied}`, {
      backend: tidied,
      enabled: settings["enabled"] === true,
      tidyCertStore: set(settings, "tidy_cert_store"),
      tidyRevokedCerts: set(settings, "tidy_revoked_certs"),
    });
    return { resource, importId: path };
  }
  const [, client] = /^auth\/(.+)\/config\/client$/.exec(path) ?? [];
  if (client !== undefined) {
    const resource = new AwsAuthBackendClient(scope, `client-${client}`, {
      backend: client,
      stsEndpoint: text(settings, "sts_endpoint"),
      stsRegion: text(settings, "sts_region"),
      iamServerIdHeaderValue: text(settings, "iam_server_id_header_value"),
    });
    return { resource, importId: path };
  }
  throw new CaravanError(`what was handed over at ${path} has no resource of Terraform here`);
}

function role(scope: Construct, object: Extract<VaultObject, { kind: "role" }>, facts: NodeFacts): Made {
  const { of, mount, name, settings } = object;
  const id = `role-${of}-${name}`;
  switch (of) {
    case "aws-login":
      return {
        resource: new AwsAuthBackendRole(scope, id, {
          backend: mount.replace(/^auth\//, ""),
          role: name,
          authType: text(settings, "auth_type"),
          boundIamPrincipalArns: facts.roleArns(name),
          resolveAwsUniqueIds: settings["resolve_aws_unique_ids"] === true,
          tokenPolicies: settings["token_policies"] as string[],
          tokenTtl: seconds(settings, "token_ttl"),
          tokenMaxTtl: seconds(settings, "token_max_ttl"),
        }),
        importId: `${mount}/role/${name}`,
      };
    case "pki":
      return {
        resource: new PkiSecretBackendRole(scope, id, {
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
        importId: `${mount}/roles/${name}`,
      };
    case "consul":
      return {
        resource: new ConsulSecretBackendRole(scope, id, {
          backend: mount,
          name,
          consulPolicies: settings["consul_policies"] as string[],
          local: settings["local"] === true,
          ttl: seconds(settings, "ttl"),
          maxTtl: seconds(settings, "max_ttl"),
        }),
        importId: `${mount}/roles/${name}`,
      };
  }
}

/** A switch that is off by default: an import knows no difference between off and not said. */
function set(settings: Settings, name: string): true | undefined {
  return settings[name] === true || undefined;
}

/** One that is on by default. */
function unset(settings: Settings, name: string): false | undefined {
  return settings[name] === true ? undefined : false;
}

function text(settings: Settings, name: string): string | undefined {
  const value = settings[name];
  return value === undefined ? undefined : String(value);
}

function texts(settings: Settings): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

function seconds(settings: Settings, name: string): number | undefined {
  const value = settings[name];
  return value === undefined ? undefined : parseDuration(String(value), "s");
}
