export {
  type AwsInfrastructureContract,
  type AwsInfrastructureStatic,
  type InfrastructureContract,
  type RemoteInfrastructureProps,
  remoteInfrastructure,
} from "./contract";
export type { ServerGroup, ServerGroups } from "./props";
