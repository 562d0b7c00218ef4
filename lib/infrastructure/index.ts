export {
  type AwsInfrastructureContract,
  type AwsInfrastructureStatic,
  type InfrastructureContract,
  type RemoteInfrastructureProps,
  remoteInfrastructure,
} from "./contract";
export type { ClusterSettings, MachineSettings, ServerGroup, ServerGroups, WorkerGroup, WorkerGroups } from "./props";
