export {
  type CloudInfrastructureContract,
  type CloudInfrastructureStatic,
  type InfrastructureAccess,
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
