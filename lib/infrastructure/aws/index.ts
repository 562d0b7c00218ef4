export type { CiRole, GitHubTrust, GitLabTrust } from "../ci-trust";
export { type AwsAlarmChoice, AwsAlarms, type AwsAlarmsProps } from "./alarms";
export { AwsCertificate, type AwsCertificateProps } from "./certificate";
export { ciRoleArn as awsCiRoleArn } from "./ci-role";
export { AwsClusterBucket, type AwsClusterBucketProps } from "./cluster-bucket";
export { AwsDns, type AwsDnsChoice, type AwsDnsProps } from "./dns";
export { AwsEdge, type AwsEdgeChoice, type AwsEdgeProps, type AwsEdgeTransform } from "./edge";
export { AwsFirewall, type AwsFirewallProps } from "./firewall";
export type { AwsGitHubRunners } from "./github-runners";
export { AwsIdentity, type AwsIdentityProps } from "./identity";
export { AwsImage, type AwsImageProps, type AwsImages } from "./image";
export type { AwsInfrastructureStackProps, AwsServerSettings, AwsWorkerSettings } from "./infrastructure-props";
export { AwsInfrastructureStack } from "./infrastructure-stack";
export { type AwsArchitecture, architectureOf as awsArchitectureOf } from "./instance-type";
export { AwsKey, type AwsKeyProps } from "./key";
export { AwsKeys, type AwsKeysProps } from "./keys";
export { AwsLaunchTemplate, type AwsLaunchTemplateProps } from "./launch-template";
export { AwsLogBucket, type AwsLogBucketProps } from "./log-bucket";
export { AwsMachineAddress, type AwsMachineAddressProps } from "./machine-address";
export { stateBucketName as awsStateBucketName } from "./names";
export { AwsNetwork } from "./network";
export type { AwsEgress } from "./network-endpoints";
export type {
  AwsExistingNetworkProps,
  AwsNetworkChoice,
  AwsNetworkProps,
  AwsNetworkTransform,
  AwsOwnNetworkProps,
  IAwsNetwork,
} from "./network-props";
export type { AwsNodeGroupProps, AwsNodeGroupTransform } from "./node-group";
export { AwsNodeLog, type AwsNodeLogProps } from "./node-log";
export { type AwsGivenNodeRole, AwsNodeRole, type AwsNodeRoleProps } from "./node-role";
export type { AwsOutside, AwsOutsides } from "./outside";
export { AwsPeopleAddress, type AwsPeopleAddressProps } from "./people-address";
export type { AwsGivenBalancer, AwsPeopleChoice, AwsPeopleTransform } from "./people-props";
export type { AwsPlace } from "./place";
export type { Conditions } from "./policy-conditions";
export type { PolicyPrincipals, PolicyStatement } from "./policy-document";
export { AwsRunnerGroup, type AwsRunnerGroupProps, type AwsRunners } from "./runner-group";
export { AwsSecretStore, type AwsSecretStoreProps } from "./secret-store";
export { AwsServerGroup, type AwsServerGroupProps, type AwsServerGroupTransform } from "./server-group";
export type { AwsStateStackProps } from "./state-props";
export { AwsStateStack } from "./state-stack";
export { type AwsVolume, AwsVolumes, type AwsVolumesProps } from "./volumes";
export { AwsWorkerGroup, type AwsWorkerGroupProps } from "./worker-group";
export type { AwsZoneProps, AwsZones } from "./zones";
