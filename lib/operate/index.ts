export { AwsCloud, type AwsCloudProps } from "./aws/cloud";
export type { AwsCredentials } from "./aws/signature";
export { AzureCloud, type AzureCloudProps } from "./azure/cloud";
export type { Bounds } from "./bounds";
export type { Cloud, Forward, Forwarding, Machine, MachineGroup, MachineOutput, ReadableSecret } from "./cloud";
export type { CloudOverrides } from "./cloud-of";
export { OperateError, type OperateErrorKind } from "./errors";
export { GcpCloud, type GcpCloudProps } from "./gcp/cloud";
export type { ProductHealth, RaftServer } from "./health";
export { type Finding, judge, type Observation, type Severity, verdict } from "./judge";
export {
  type ConnectOptions,
  connect,
  connectExisting,
  connectPlatform,
  type Living,
  type LivingProps,
  living,
  type PlatformServersStatic,
  type TerraformOutputs,
} from "./living";
export { type Endpoint, type ProductAnswer, ProductClient, type ProductRequest } from "./product-client";
export { type RestoreOptions, type RestoreResult, restore } from "./restore/restore";
export { type RetireResult, retireBootstrap } from "./retire-bootstrap";
export { nextStep, type RollState, type RollStep } from "./roll/next-step";
export { previewRoll, type RollOptions, type RollPreview, type RollResult, roll } from "./roll/roll";
export { type RotateCaOptions, type RotateCaResult, rotateCa } from "./rotate/ca";
export { type RotateGossipResult, rotateGossip } from "./rotate/gossip";
export { type RotatableToken, type RotateTokenResult, rotateToken } from "./rotate/token";
export { type SessionProps, Sessions, type TokenSource } from "./sessions";
export { type Status, status } from "./status";
export { openTunnel, type Tunnel, type TunnelEnd, type TunnelOptions } from "./tunnel/tunnel";
export { wait } from "./wait";
