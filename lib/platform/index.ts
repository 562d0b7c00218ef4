export { ConsulPolicy, type ConsulPolicyProps } from "./consul/policy";
export { NomadPolicy, type NomadPolicyProps } from "./nomad/policy";
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
export { VaultPolicy, type VaultPolicyProps } from "./vault/policy";
