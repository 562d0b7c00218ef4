export {
  type AwsAccess,
  type AwsInfrastructureContract,
  type AwsInfrastructureStatic,
  type InfrastructureContract,
  type RemoteInfrastructureProps,
  remoteInfrastructure,
} from "./contract";
export {
  type ExistingInfrastructureContract,
  type ExistingInfrastructureStatic,
  type ExistingServers,
  existingInfrastructure,
} from "./existing";
export type { ClusterSettings, MachineSettings, ServerGroup, ServerGroups, WorkerGroup, WorkerGroups } from "./props";
