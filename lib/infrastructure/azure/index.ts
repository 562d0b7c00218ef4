export type { CiRole, GitHubTrust, GitLabTrust } from "../ci-trust";
export { type AzureAlarmChoice, AzureAlarms, type AzureAlarmsProps, type AzureWatchedGroup } from "./alarms";
export { ciIdentityId as azureCiIdentityId } from "./ci-identity";
export { AzureClusterBucket, type AzureClusterBucketProps } from "./cluster-bucket";
export { AzureDns, type AzureDnsChoice, type AzureDnsProps } from "./dns";
export {
  type AzureBackendPools,
  AzureEdge,
  type AzureEdgeChoice,
  type AzureEdgeProps,
  type AzureEdgeTransform,
  edgeFirewall as azureEdgeFirewall,
} from "./edge";
export { AzureFirewall } from "./firewall";
export type { AzureFirewallProps } from "./firewall-props";
export { AzureIdentity, type AzureIdentityProps } from "./identity";
export { AzureImage, type AzureImageProps, type AzureImages } from "./image";
export type {
  AzureInfrastructureStackProps,
  AzureServerSettings,
  AzureWorkerSettings,
} from "./infrastructure-props";
export { AzureInfrastructureStack } from "./infrastructure-stack";
export { type AzureArchitecture, architectureOf as azureArchitectureOf } from "./instance-type";
export { AzureKeys, type AzureKeysProps } from "./keys";
export { AzureLogWorkspace, type AzureLogWorkspaceProps } from "./log-workspace";
export { AzureMachineAddress, type AzureMachineAddressProps } from "./machine-address";
export { stateAccountName as azureStateAccountName } from "./names";
export { AzureNetwork } from "./network";
export { AzureFlowLog, type AzureFlowLogProps, type AzureFlowLogStore } from "./network-flow-log";
export type {
  AzureEgress,
  AzureExistingNetworkProps,
  AzureFlowLogTransform,
  AzureNetworkChoice,
  AzureNetworkProps,
  AzureNetworkTransform,
  AzureNetworkWatcher,
  AzureOwnNetworkProps,
  AzureSubnet,
  IAzureNetwork,
} from "./network-props";
export type { AzureNodeGroupProps, AzureNodeGroupTransform } from "./node-group";
export { type AzureGivenIdentity, AzureNodeIdentity, type AzureNodeIdentityProps } from "./node-identity";
export { AzureNodeLog, type AzureNodeLogProps } from "./node-log";
export type { AzureOutside, AzureOutsides } from "./outside";
export { AzurePeopleAddress, type AzurePeopleAddressProps } from "./people-address";
export type { AzureCertificate, AzureGivenGateway, AzurePeopleChoice, AzurePeopleTransform } from "./people-props";
export type { AzurePlace } from "./place";
export { type AzureLinkedService, AzurePrivateLink, type AzurePrivateLinkProps } from "./private-link";
export { azureProvider } from "./provider";
export { AzureRoles, type AzureRolesProps } from "./roles";
export { AzureSecretStore, type AzureSecretStoreProps } from "./secret-store";
export { AzureServerGroup, type AzureServerGroupProps, type AzureServerGroupTransform } from "./server-group";
export type { AzureStateStackProps } from "./state-props";
export { AzureStateStack } from "./state-stack";
export { type AzureVolume, AzureVolumes, type AzureVolumesProps } from "./volumes";
export { AzureWorkerGroup, type AzureWorkerGroupProps, allowSystem as allowAzureSystem } from "./worker-group";
export type { AzureZone } from "./zones";
