export type { CiRole, GitHubTrust, GitLabTrust } from "../ci-trust";
export { type GcpAlarmChoice, GcpAlarms, type GcpAlarmsProps, type GcpWatchedGroup } from "./alarms";
export { GcpCertificate, type GcpCertificateProps } from "./certificate";
export { ciAccountEmail as gcpCiAccountEmail, type GcpCiAccountTransform } from "./ci-account";
export { GcpClusterBucket, type GcpClusterBucketProps } from "./cluster-bucket";
export { GcpCustomRoles, type GcpCustomRolesProps, type GcpNodeRoleName } from "./custom-roles";
export { GcpDns, type GcpDnsChoice, type GcpDnsProps } from "./dns";
export { GcpEdge, type GcpEdgeChoice, type GcpEdgeProps, type GcpEdgeTransform } from "./edge";
export { type GcpClients, GcpFirewall, type GcpFirewallProps } from "./firewall";
export { GcpIdentity, type GcpIdentityProps } from "./identity";
export { GcpImage, type GcpImageProps, type GcpImages } from "./image";
export type { GcpInfrastructureStackProps, GcpServerSettings, GcpWorkerSettings } from "./infrastructure-props";
export { GcpInfrastructureStack } from "./infrastructure-stack";
export { GcpInstanceTemplate, type GcpInstanceTemplateProps } from "./instance-template";
export { architectureOf as gcpArchitectureOf, type GcpArchitecture } from "./instance-type";
export { GcpKey, type GcpKeyProps } from "./key";
export { type GcpGivenKeys, GcpKeys, type GcpKeysProps } from "./keys";
export { GcpLogBucket, type GcpLogBucketProps } from "./log-bucket";
export { GcpMachineAddress, type GcpMachineAddressProps } from "./machine-address";
export { stateBucketName as gcpStateBucketName } from "./names";
export { GcpNetwork } from "./network";
export type { GoogleDomain } from "./network-apis";
export type {
  GcpEgress,
  GcpExistingNetworkProps,
  GcpNetworkChoice,
  GcpNetworkProps,
  GcpNetworkTransform,
  GcpOwnNetworkProps,
  IGcpNetwork,
} from "./network-props";
export { GcpNodeAccount, type GcpNodeAccountProps } from "./node-account";
export type { GcpNodeGroupProps, GcpNodeGroupTransform } from "./node-group";
export { GcpNodeLog, type GcpNodeLogProps } from "./node-log";
export type { GcpOutside, GcpOutsides } from "./outside";
export { GcpPeopleAddress, type GcpPeopleAddressProps } from "./people-address";
export type { GcpGivenBalancer, GcpPeopleChoice, GcpPeopleTransform } from "./people-props";
export type { GcpPlace } from "./place";
export { GcpSecretStore, type GcpSecretStoreProps } from "./secret-store";
export { GcpServerGroup, type GcpServerGroupProps, type GcpServerGroupTransform } from "./server-group";
export type { GcpStateStackProps } from "./state-props";
export { GcpStateStack } from "./state-stack";
export { type GcpVolume, GcpVolumes, type GcpVolumesProps, type GcpVolumeType } from "./volumes";
export { GcpWorkerGroup, type GcpWorkerGroupProps, type GcpWorkerGroupTransform } from "./worker-group";
export type { GcpZones } from "./zones";
