export {
  type AwsInfrastructureContract,
  type AwsInfrastructureStatic,
  type InfrastructureContract,
  type RemoteInfrastructureProps,
  remoteInfrastructure,
} from "./contract";
export type { Product, ServerGroup, ServerGroups } from "./props";
