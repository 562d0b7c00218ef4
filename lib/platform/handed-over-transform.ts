import type { AclPolicyConfig as ConsulPolicyConfig } from "@cdktf/provider-consul/lib/acl-policy";
import type { DataConsulAclPolicyConfig } from "@cdktf/provider-consul/lib/data-consul-acl-policy";
import type { AclPolicyConfig as NomadPolicyConfig } from "@cdktf/provider-nomad/lib/acl-policy";
import type { AuditConfig } from "@cdktf/provider-vault/lib/audit";
import type { AuthBackendConfig } from "@cdktf/provider-vault/lib/auth-backend";
import type { AwsAuthBackendClientConfig } from "@cdktf/provider-vault/lib/aws-auth-backend-client";
import type { AwsAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/aws-auth-backend-role";
import type { AzureAuthBackendConfigConfig } from "@cdktf/provider-vault/lib/azure-auth-backend-config";
import type { AzureAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/azure-auth-backend-role";
import type { ConsulSecretBackendRoleConfig } from "@cdktf/provider-vault/lib/consul-secret-backend-role";
import type { GcpAuthBackendRoleConfig } from "@cdktf/provider-vault/lib/gcp-auth-backend-role";
import type { MountConfig } from "@cdktf/provider-vault/lib/mount";
import type { PkiSecretBackendConfigAutoTidyConfig } from "@cdktf/provider-vault/lib/pki-secret-backend-config-auto-tidy";
import type { PkiSecretBackendRoleConfig } from "@cdktf/provider-vault/lib/pki-secret-backend-role";
import type { PolicyConfig } from "@cdktf/provider-vault/lib/policy";
import type { RaftAutopilotConfig } from "@cdktf/provider-vault/lib/raft-autopilot";
import type { Transform } from "../layer/transform";

/** Changes to what first boot handed over, each laid on all of its kind. The plan that adopts it shows them. */
export interface HandedOverTransform {
  readonly auditDevice?: Transform<AuditConfig>;
  readonly mount?: Transform<MountConfig>;
  readonly authMethod?: Transform<AuthBackendConfig>;
  readonly vaultPolicy?: Transform<PolicyConfig>;
  readonly autopilot?: Transform<RaftAutopilotConfig>;
  readonly tidy?: Transform<PkiSecretBackendConfigAutoTidyConfig>;
  /** Roles by which nodes get certificates. */
  readonly certificateRole?: Transform<PkiSecretBackendRoleConfig>;
  /** Roles by which workers get tokens of Consul. */
  readonly consulTokenRole?: Transform<ConsulSecretBackendRoleConfig>;
  readonly awsClient?: Transform<AwsAuthBackendClientConfig>;
  readonly awsRole?: Transform<AwsAuthBackendRoleConfig>;
  readonly azureConfig?: Transform<AzureAuthBackendConfigConfig>;
  readonly azureRole?: Transform<AzureAuthBackendRoleConfig>;
  readonly gcpRole?: Transform<GcpAuthBackendRoleConfig>;
  readonly consulPolicy?: Transform<ConsulPolicyConfig>;
  /** By which the id of a policy that is adopted is found. */
  readonly consulPolicyLookup?: Transform<DataConsulAclPolicyConfig>;
  readonly nomadPolicy?: Transform<NomadPolicyConfig>;
}
