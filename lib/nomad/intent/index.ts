export { grpcCheck, httpCheck, scriptCheck, tcpCheck } from "./checks";
export {
  type ExposeProps,
  expose,
  type MeshProps,
  restartWhenUnhealthy,
  sidecar,
  transparentProxy,
  upstream,
} from "./expose";
export { extendGroup, extendJob, extendTask, type GroupPart, type JobPart, type TaskPart } from "./extend";
export {
  type AutoscalingProps,
  autoscaling,
  type CanaryProps,
  canary,
  runInPool,
  type ScalingCheck,
  schedule,
  spreadOverZones,
} from "./rollout";
export { type VaultSecret, variableEnv, vaultEnv, vaultFile } from "./secrets";
export { csiVolume, hostVolume } from "./volumes";
