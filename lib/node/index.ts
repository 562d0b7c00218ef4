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
export { type EnvironmentValues, environmentFile, environmentVariable } from "./environment-file";
export type { ConfigurationBlock, ConfigurationValue, NodeExtensions } from "./extensions";
export { factsFile, nodeFacts } from "./facts";
export { consulRoles, nodeSecrets, type PkiRole, pkiRole, vaultMounts, workloadRole } from "./names";
export {
  type AwsCloud,
  type ClusterProps,
  clusterRuns,
  groupOf,
  type HostVolume,
  joinTag,
  machineHost,
  type NodeCloud,
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
export type { BakedSoftware, InstalledSoftware, Software } from "./software";
export { defaultVersions, type Versions } from "./versions";
