export type { ConsulMeshTransform, HttpPermission, Intention, Mesh } from "./consul/mesh";
export type { MeshAuthMethod, MeshAuthority, MeshAuthorityTransform, MeshRoot } from "./consul/mesh-authority";
export { ConsulPolicy, type ConsulPolicyProps } from "./consul/policy";
export type {
  ServiceDefaults,
  ServiceEntries,
  ServiceResolver,
  ServiceRouter,
  ServiceSplitter,
} from "./consul/service-entries";
export {
  type PlatformContract,
  type PlatformStatic,
  type RemotePlatformProps,
  remotePlatform,
  type TeamStatic,
} from "./contract";
export type { HandedOverTransform } from "./handed-over-transform";
export type { CiIssuers, CiSignInTransform, GithubPipeline, GitlabPipeline, Pipeline } from "./identity/ci";
export type { TokenIssuerTransform } from "./identity/issuer";
export type { People, PeopleSignInTransform } from "./identity/people";
export type { Persona } from "./identity/personas";
export type { ConsulWorkloadsTransform, VaultWorkloadsTransform, WorkloadRole } from "./identity/workloads";
export { NomadPolicy, type NomadPolicyProps } from "./nomad/policy";
export type { NomadNamespaceProps, NomadNodePoolProps, NomadScheduler, NomadTenancyTransform } from "./nomad/tenancy";
export type { NomadVariables } from "./nomad/variables";
export type { PlatformCi, PlatformConsul, PlatformNomad, PlatformStackProps, PlatformVault } from "./platform-props";
export { PlatformStack } from "./platform-stack";
export type { PlatformTransform, PolicyTransforms } from "./platform-transform";
export {
  type ConsulLevel,
  type ConsulPolicyRules,
  type ConsulServiceLevel,
  consulPolicyHcl,
  readConsulPolicy,
} from "./policy/consul-rules";
export { type PolicyDirectory, type PolicyFile, type PolicyLanguage, readPolicyDirectory } from "./policy/files";
export {
  type NomadCapability,
  type NomadNamespaceRights,
  type NomadPolicyRules,
  type NomadVariableCapability,
  nomadPolicyHcl,
  readNomadPolicy,
} from "./policy/nomad-rules";
export { readVaultPolicy, type VaultCapability, type VaultPathRule, vaultPolicyHcl } from "./policy/vault-rules";
export type { ServerAddress } from "./servers";
export type { Team, TeamTransform } from "./team";
export type { KeyValueStore, RateLimit, VaultAuditDevice, VaultBaseTransform } from "./vault/base";
export {
  CertificateAuthority,
  type CertificateAuthorityProps,
  type CertificateIssuer,
  type CertificateRole,
} from "./vault/certificate-authority";
export {
  type AwsCredentialRole,
  AwsEngine,
  type AwsEngineProps,
  type AzureCredentialRole,
  AzureEngine,
  type AzureEngineProps,
  GcpEngine,
  type GcpEngineProps,
  type GcpImpersonatedAccount,
  type IdentityTokenFederation,
} from "./vault/engines/clouds";
export {
  type DatabaseConnection,
  DatabaseEngine,
  type DatabaseEngineProps,
  type DatabaseRole,
  type DatabaseStaticRole,
} from "./vault/engines/database";
export { KeyValueEngine, type KeyValueEngineProps } from "./vault/engines/key-values";
export {
  ConsulEngine,
  type ConsulEngineProps,
  type ConsulTokenRole,
  NomadEngine,
  type NomadEngineProps,
  type NomadTokenRole,
} from "./vault/engines/product-tokens";
export type { SecretsEngines } from "./vault/engines/secrets-engines";
export { TransitEngine, type TransitEngineProps, type TransitKey } from "./vault/engines/transit";
export { nodeCertificateRoles } from "./vault/node-certificate-roles";
export { VaultPolicy, type VaultPolicyProps } from "./vault/policy";
