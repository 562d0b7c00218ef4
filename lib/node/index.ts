export {
  dynamicPorts,
  type PortName,
  type Protocol,
  ports,
  type Traffic,
  type TrafficRole,
  traffic,
  trafficBetween,
} from "../core/traffic";
export { type Access, access } from "./access";
export type { ConsulAccess, ConsulPolicy, ConsulToken } from "./access-consul";
export type { NomadAccess, NomadPolicy } from "./access-nomad";
export type { AccessProps, WorkerGroup } from "./access-props";
export {
  type ConsulRules,
  consulPolicyText,
  type NomadRules,
  nomadPolicyText,
  type VaultRule,
  vaultPolicyText,
} from "./access-rules";
export type { VaultAccess } from "./access-vault";
export type { VaultObject } from "./access-vault-objects";
export { type CertificateNames, certificateLifetime, certificateNames } from "./certificates";
export { checkNode } from "./check/check-node";
export { awsPartition } from "./cloud/aws-partition";
export type { AwsCloud, AzureCloud, CloudName, GcpCloud, NodeCloud } from "./cloud/clouds";
export { type CloudInit, cloudInit, userDataLimits } from "./cloud-init";
export type { ConsulExtension } from "./configuration/consul-types";
export type { NomadClientExtension, NomadExtension, NomadServerExtension } from "./configuration/nomad-types";
export type { TelemetryExtension, UserLockout, VaultAgentExtension, VaultExtension } from "./configuration/vault-types";
export {
  type AwsEnvironmentValues,
  type AzureEnvironmentValues,
  type EnvironmentValue,
  type EnvironmentValues,
  environmentFile,
  environmentVariable,
  type GcpEnvironmentValues,
} from "./environment-file";
export type { NodeExtensions } from "./extensions";
export { factsFile, nodeFacts } from "./facts";
export { firstBootFiles, type StaticFile, serverLibrary } from "./first-boot";
export { type ApiWrite, type HandOver, handOver, handOverFile } from "./hand-over";
export { consulRoles, nodeSecrets, type PkiRole, pkiRole, vaultMounts, workloadAudiences, workloadRole } from "./names";
export { type NodeFile, nodeFiles } from "./node-files";
export {
  type ClusterProps,
  clusterRuns,
  groupOf,
  type HostVolume,
  joinTag,
  machineHost,
  type NodeProps,
  nodePoolOf,
  nodeRoleName,
  type Proxy,
  runsOf,
  type ServerGroup,
  type ServerNodeProps,
  type Telemetry,
  type WorkerNodeProps,
} from "./node-props";
export { directories, files, type NodePath, type NodeUser, nodeUsers, programs, units } from "./paths";
export { type ClientProduct, type Product, products, trafficRoles } from "./products";
export { type AwsImageProps, awsImageFiles } from "./software/packer";
export { type AzureImageProps, azureImageFiles } from "./software/packer-azure";
export type { ImageContents } from "./software/packer-build";
export { type GcpImageProps, gcpImageFiles } from "./software/packer-gcp";
export type { BakedSoftware, InstalledSoftware, PackageRepository, Software } from "./software/software-props";
export { defaultVersions, type Versions } from "./versions";
