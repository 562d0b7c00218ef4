import { AclAuthMethod, type AclAuthMethodConfig } from "@cdktf/provider-consul/lib/acl-auth-method";
import { AclBindingRule, type AclBindingRuleConfig } from "@cdktf/provider-consul/lib/acl-binding-rule";
import type { AclPolicyConfig } from "@cdktf/provider-consul/lib/acl-policy";
import { AclRole, type AclRoleConfig } from "@cdktf/provider-consul/lib/acl-role";
import { JwtAuthBackend, type JwtAuthBackendConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend";
import { JwtAuthBackendRole, type JwtAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/jwt-auth-backend-role";
import type { PolicyConfig } from "@cdktf/provider-vault/lib/policy";
import { Construct } from "constructs";
import { hcl } from "../../core/hcl";
import { parseDuration } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { vaultMounts, workloadAudiences, workloadRole } from "../../node/names";
import { waiveByChoice } from "../../policy";
import { ConsulPolicy } from "../consul/policy";
import { VaultPolicy } from "../vault/policy";

/** Jobs that get policies of their own in Vault, by a role that they name: `vault { role = "reports" }`. */
export interface WorkloadRole {
  /** Namespace of the jobs. */
  readonly namespace: string;
  /** Ids of the jobs. In an id `*` stands for any characters. */
  readonly jobs: readonly string[];
  /** Policies of Vault that they get instead of the default one. */
  readonly policies: readonly string[];
}

/** A Nomad namespace, as far as its jobs are somebody in Consul. */
export interface WorkloadNamespace {
  readonly name: string;
  /**
   * Names of the services that its jobs may register; in a name a final `*` stands for any characters.
   *
   * @default - any name
   */
  readonly services?: readonly string[];
}

export interface VaultWorkloadsProps {
  /** Where Nomad's keys are read. */
  readonly nomadAddress: string;
  readonly ca?: string;
  /** Mount of the key-value store that jobs read their secrets from. */
  readonly kvMount: string;
  /** By which claim Vault tells jobs apart. */
  readonly userClaim: "unique-id" | "job-id";
  readonly roles: Readonly<Record<string, WorkloadRole>>;
  /** @default - none */
  readonly transform?: VaultWorkloadsTransform;
}

export interface VaultWorkloadsTransform {
  readonly method?: Transform<JwtAuthBackendConfig>;
  readonly policy?: Transform<PolicyConfig>;
  /** Laid on the default role and on those of jobs with policies of their own. */
  readonly role?: Transform<JwtAuthBackendRoleConfig>;
}

const CLAIMS = { nomad_namespace: "nomad_namespace", nomad_job_id: "nomad_job_id", nomad_task: "nomad_task" };

/** A task's token lasts as long as Nomad renews it, and ends half an hour after. */
const TOKEN_PERIOD = "30m";

/**
 * Nomad's workloads in Vault: every job reads what stands below its namespace and its own id, and nothing of another.
 *
 * https://developer.hashicorp.com/nomad/docs/secure/workload-identity/vault
 */
export class VaultWorkloads extends Construct {
  readonly method: JwtAuthBackend;

  constructor(scope: Construct, id: string, props: VaultWorkloadsProps) {
    super(scope, id);
    const { nomadAddress, ca, kvMount, userClaim, roles, transform } = props;
    this.method = new JwtAuthBackend(
      this,
      "method",
      transformed(transform?.method, {
        path: vaultMounts.workloads,
        type: "jwt",
        description: "Nomad's workloads",
        jwksUrl: jwksUrl(nomadAddress),
        ...(ca === undefined ? {} : { jwksCaPem: ca }),
        jwtSupportedAlgs: ["RS256", "EdDSA"],
        defaultRole: workloadRole,
      }),
    );
    const job = `{{identity.entity.aliases.${this.method.accessor}.metadata`;
    const own = `${job}.nomad_namespace}}/${job}.nomad_job_id}}`;
    const policy = new VaultPolicy(this, "policy", {
      name: workloadRole,
      kvMounts: [kvMount],
      rules: [
        { path: `${kvMount}/data/${own}`, capabilities: ["read"] },
        { path: `${kvMount}/data/${own}/*`, capabilities: ["read"] },
        { path: `${kvMount}/metadata/${own}/*`, capabilities: ["list"] },
      ],
      transform: { policy: transform?.policy },
    });
    const common = { mount: this.method.path, claim: userClaim, transform: transform?.role };
    addWorkloadRole(this, "role", { ...common, name: workloadRole, policies: [policy.policyName] });
    for (const [name, { namespace, jobs, policies }] of Object.entries(roles)) {
      addWorkloadRole(this, `role-${name}`, { ...common, name, policies, bound: { namespace, jobs } });
    }
  }
}

/** A role of Nomad's workloads in Vault. */
export interface VaultWorkloadRole {
  readonly mount: string;
  readonly claim: VaultWorkloadsProps["userClaim"];
  readonly name: string;
  readonly policies: readonly string[];
  /** @default - any job */
  readonly bound?: Pick<WorkloadRole, "namespace" | "jobs">;
  /** @default - none */
  readonly transform?: Transform<JwtAuthBackendRoleConfig>;
}

export function addWorkloadRole(scope: Construct, id: string, role: VaultWorkloadRole): JwtAuthBackendRole {
  const { mount, claim, name, policies, bound, transform } = role;
  return new JwtAuthBackendRole(
    scope,
    id,
    transformed(transform, {
      backend: mount,
      roleName: name,
      roleType: "jwt",
      boundAudiences: [workloadAudiences.vault],
      userClaim: claim === "unique-id" ? "/extra_claims/unique_id" : "/nomad_job_id",
      userClaimJsonPointer: true,
      claimMappings: CLAIMS,
      tokenType: "service",
      tokenPeriod: parseDuration(TOKEN_PERIOD, "s"),
      tokenPolicies: [...policies],
      ...(bound === undefined
        ? {}
        : {
            boundClaimsType: "glob",
            // Several values of one claim stand in one text.
            boundClaims: { nomad_namespace: bound.namespace, nomad_job_id: bound.jobs.join(",") },
          }),
    }),
  );
}

export interface ConsulWorkloadsProps {
  readonly nomadAddress: string;
  readonly ca?: string;
  readonly namespaces: readonly WorkloadNamespace[];
  /** @default - none */
  readonly transform?: ConsulWorkloadsTransform;
}

export interface ConsulWorkloadsTransform extends WorkloadNamespaceTransform {
  readonly method?: Transform<AclAuthMethodConfig>;
}

/** Each is laid on those of all namespaces. */
export interface WorkloadNamespaceTransform {
  /** The policy of a namespace's tasks. */
  readonly policy?: Transform<AclPolicyConfig>;
  /** The role of a namespace's tasks. */
  readonly role?: Transform<AclRoleConfig>;
  readonly taskBinding?: Transform<AclBindingRuleConfig>;
  readonly serviceBinding?: Transform<AclBindingRuleConfig>;
}

/** Role of a namespace's tasks in Consul. Without it no allocation of that namespace starts: Consul refuses its sign-in. */
export function taskRole(namespace: string): string {
  return `nomad-tasks-${namespace}`;
}

/**
 * Nomad's workloads in Consul: a service registers itself under names of its namespace, a task reads services and the keys
 * of its namespace. Every namespace has both.
 *
 * https://developer.hashicorp.com/nomad/docs/secure/workload-identity/consul
 */
export class ConsulWorkloads extends Construct {
  readonly method: AclAuthMethod;

  constructor(scope: Construct, id: string, { nomadAddress, ca, namespaces, transform }: ConsulWorkloadsProps) {
    super(scope, id);
    this.method = new AclAuthMethod(
      this,
      "method",
      transformed(transform?.method, {
        name: workloadRole,
        type: "jwt",
        description: "Nomad's workloads",
        // No longest life: Nomad cannot renew such a token, and ends it with the allocation.
        tokenLocality: "local",
        configJson: hcl.json({
          JWKSURL: jwksUrl(nomadAddress),
          ...(ca === undefined ? {} : { JWKSCACert: ca }),
          JWTSupportedAlgs: ["RS256"],
          BoundAudiences: [workloadAudiences.consul],
          ClaimMappings: { ...CLAIMS, nomad_service: "nomad_service" },
        }),
      }),
    );
    waiveByChoice(this.method, {
      rule: "consul-token-lifetime",
      reason: "Nomad cannot renew such a token, and ends it with the allocation",
      prop: "infrastructure",
    });
    for (const namespace of namespaces) addWorkloadNamespace(this, this.method.name, namespace, transform);
  }
}

/** What the jobs of a namespace are to Consul: its tasks have a role, its services register themselves. */
export function addWorkloadNamespace(
  scope: Construct,
  authMethod: string,
  { name, services }: WorkloadNamespace,
  transform?: WorkloadNamespaceTransform,
): void {
  const policy = new ConsulPolicy(scope, `policy-${name}`, {
    name: taskRole(name),
    description: `Tasks in Nomad's namespace ${name}`,
    rules: {
      key_prefix: { [`${name}/`]: "read" },
      node_prefix: { "": "read" },
      service_prefix: { "": "read" },
    },
    transform: { policy: transform?.policy },
  });
  const role = new AclRole(
    scope,
    `role-${name}`,
    transformed(transform?.role, {
      name: taskRole(name),
      description: `Tasks in Nomad's namespace ${name}`,
      policies: [policy.resource.id],
    }),
  );
  const inNamespace = `value.nomad_namespace=="${name}"`;
  new AclBindingRule(
    scope,
    `tasks-${name}`,
    transformed(transform?.taskBinding, {
      authMethod,
      bindType: "role",
      bindName: role.name,
      selector: `"nomad_service" not in value and ${inNamespace}`,
      description: `Tasks in ${name}`,
    }),
  );
  const allowed = services === undefined ? "" : ` and value.nomad_service matches "${servicePattern(services)}"`;
  new AclBindingRule(
    scope,
    `services-${name}`,
    transformed(transform?.serviceBinding, {
      authMethod,
      bindType: "service",
      bindName: hcl.text("${value.nomad_service}"),
      selector: `"nomad_service" in value and ${inNamespace}${allowed}`,
      description: `Services in ${name}`,
    }),
  );
}

/** A regular expression for names of which some end with `*`. */
export function servicePattern(services: readonly string[]): string {
  return `^(${services.map((name) => name.replace(/\*$/, "[a-z0-9-]*")).join("|")})$`;
}

function jwksUrl(nomadAddress: string): string {
  return `${nomadAddress}/.well-known/jwks.json`;
}
