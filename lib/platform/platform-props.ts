import type { InfrastructureContract } from "../infrastructure/contract";
import type { LayerStackProps } from "../layer/layer-stack";
import type { Mesh } from "./consul/mesh";
import type { CiIssuers, Pipeline } from "./identity/ci";
import type { People } from "./identity/people";
import type { WorkloadRole } from "./identity/workloads";
import type { NomadNamespaceProps, NomadNodePoolProps, NomadScheduler } from "./nomad/tenancy";
import type { NomadVariables } from "./nomad/variables";
import type { PlatformTransform } from "./platform-transform";
import type { Team } from "./team";
import type { KeyValueStore, RateLimit, VaultAuditDevice } from "./vault/base";
import type { SecretsEngines } from "./vault/engines/secrets-engines";

export interface PlatformVault {
  /**
   * Where Vault writes what it was asked, by name: at least two, so that it goes on answering when one fails. Beside them
   * stands the device `file` that first boot made, where there was one.
   *
   * @default - the journal, `{ stdout: { type: "file", path: "stdout" } }`; on servers that exist a file
   * `/var/log/vault/audit.log` as well
   */
  readonly audit?: Readonly<Record<string, VaultAuditDevice>>;
  /** @default - `secret`, ten versions */
  readonly keyValues?: KeyValueStore;
  /** What Vault does besides: encryption, certificates, users of databases, credentials of clouds, tokens. @default - nothing */
  readonly engines?: SecretsEngines;
  /** @default - 2,000 requests a second from all clients together */
  readonly quotas?: Readonly<Record<string, RateLimit>>;
  /**
   * Headers of the answers of Vault's UI, by name, beside its own content security policy.
   *
   * @default - no referrer, no guess at types; on servers that exist, over TLS, a year of HSTS, which servers of this library
   * send by themselves
   */
  readonly uiHeaders?: Readonly<Record<string, string>>;
  /** A directory of policies, each in a file `<name>.hcl`. @default - none */
  readonly policies?: string;
  /**
   * By what Vault tells jobs apart. With `"job-id"` two namespaces may not have jobs of one id: it is for servers whose
   * Nomad signs no `unique_id` (`docs/platform.md`).
   *
   * @default "unique-id"
   */
  readonly workloadClaim?: "unique-id" | "job-id";
  /** Jobs with policies of their own, by the role that they name. @default - none */
  readonly workloadRoles?: Readonly<Record<string, WorkloadRole>>;
}

export interface PlatformConsul {
  /** @default - HTTP, access logs, nothing is allowed that nobody asked for */
  readonly mesh?: Mesh;
  /** A directory of policies, each in a file `<name>.hcl`. @default - none */
  readonly policies?: string;
}

export interface PlatformNomad {
  /** Namespaces beside those of the teams, by name; `default` is there, and may be given. @default - none */
  readonly namespaces?: Readonly<Record<string, NomadNamespaceProps>>;
  /** Node pools beside those that groups of workers make, by name. @default - none */
  readonly nodePools?: Readonly<Record<string, NomadNodePoolProps>>;
  /**
   * What jobs of a namespace may read, by namespace and path: `{ shop: { "nomad/jobs/api": { LOG_LEVEL: "info" } } }`. They
   * stand in state: secrets do not go here, but into Vault, or by `nomad var put` (`docs/platform.md`).
   *
   * @default - none
   */
  readonly variables?: NomadVariables;
  /** @default - spread over nodes; system jobs may push out others */
  readonly scheduler?: NomadScheduler;
  /** A directory of policies, each in a file `<name>.hcl`. @default - none */
  readonly policies?: string;
}

export interface PlatformCi {
  /** The pipeline that applies this stack. @default - none signs in by its own identity */
  readonly apply?: Pipeline;
  /** The pipeline that plans it, on pull requests. @default - none */
  readonly plan?: Pipeline;
  /** @default - GitHub's and GitLab's own */
  readonly issuers?: CiIssuers;
}

export interface PlatformStackProps extends LayerStackProps {
  /** The contract of the infrastructure: `infrastructure.contract`, `remoteInfrastructure(...)`, `existingInfrastructure(...)`. */
  readonly infrastructure: InfrastructureContract;
  /** Who works on it, each with what is theirs. @default - none */
  readonly teams?: readonly Team[];
  /** Who signs in by name. @default - nobody */
  readonly people?: People;
  readonly ci?: PlatformCi;
  readonly vault?: PlatformVault;
  readonly consul?: PlatformConsul;
  readonly nomad?: PlatformNomad;
  /** How long a token of Consul or Nomad lasts that somebody takes by way of Vault. @default "1h" */
  readonly tokenTtl?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: PlatformTransform;
}
