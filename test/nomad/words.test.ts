import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { words } from "../../lib/nomad/generated/words";
import type * as spec from "../../lib/nomad/spec";

/** Our interface for each structure of the API. */
interface Specs {
  Action: spec.Action;
  Affinity: spec.Affinity;
  CNIConfig: spec.Cni;
  CSIMountOptions: spec.CsiMountOptions;
  ChangeScript: spec.ChangeScript;
  CheckRestart: spec.CheckRestart;
  Constraint: spec.Constraint;
  Consul: spec.Consul;
  ConsulConnect: spec.Connect;
  ConsulExposeConfig: spec.Expose;
  ConsulExposePath: spec.ExposePath;
  ConsulGateway: spec.Gateway;
  ConsulGatewayBindAddress: spec.GatewayBindAddress;
  ConsulGatewayProxy: spec.GatewayProxy;
  ConsulGatewayTLSConfig: spec.GatewayTls;
  ConsulGatewayTLSSDSConfig: spec.GatewaySds;
  ConsulHTTPHeaderModifiers: spec.HeaderModifiers;
  ConsulIngressConfigEntry: spec.IngressGateway;
  ConsulIngressListener: spec.IngressListener;
  ConsulIngressService: spec.IngressService;
  ConsulLinkedService: spec.LinkedService;
  ConsulMeshConfigEntry: Readonly<Record<never, never>>;
  ConsulMeshGateway: spec.MeshGateway;
  ConsulProxy: spec.Proxy;
  ConsulSidecarService: spec.SidecarService;
  ConsulTerminatingConfigEntry: spec.TerminatingGateway;
  ConsulTransparentProxy: spec.TransparentProxy;
  ConsulUpstream: spec.Upstream;
  DNSConfig: spec.Dns;
  DisconnectStrategy: spec.Disconnect;
  DispatchPayloadConfig: spec.DispatchPayload;
  EphemeralDisk: spec.EphemeralDisk;
  Job: spec.Job;
  JobUIConfig: spec.Ui;
  JobUILink: spec.UiLink;
  JobVersionTag: Readonly<Record<never, never>>;
  LogConfig: spec.Logs;
  MigrateStrategy: spec.Migrate;
  Multiregion: spec.Multiregion;
  MultiregionRegion: spec.MultiregionRegion;
  MultiregionStrategy: spec.MultiregionStrategy;
  NUMAResource: spec.Numa;
  NetworkResource: spec.Network;
  ParameterizedJobConfig: spec.Parameterized;
  PeriodicConfig: spec.Periodic;
  Port: spec.Port;
  RequestedDevice: spec.Device;
  ReschedulePolicy: spec.Reschedule;
  Resources: spec.Resources;
  RestartPolicy: spec.Restart;
  ScalingPolicy: spec.Scaling;
  Secret: spec.Secret;
  Service: spec.Service;
  ServiceCheck: spec.Check;
  ServiceWeights: spec.Weights;
  SidecarTask: spec.SidecarTask;
  Spread: spec.Spread;
  SpreadTarget: spec.SpreadTarget;
  Task: spec.Task;
  TaskArtifact: spec.Artifact;
  TaskCSIPluginConfig: spec.CsiPlugin;
  TaskGroup: spec.Group;
  TaskLifecycle: spec.Lifecycle;
  TaskSchedule: spec.Schedule;
  TaskScheduleCron: spec.ScheduleCron;
  Template: spec.Template;
  UpdateStrategy: spec.Update;
  Vault: spec.Vault;
  VolumeMount: spec.VolumeMount;
  VolumeRequest: spec.Volume;
  WaitConfig: spec.Wait;
  WorkloadIdentity: spec.Identity;
}

type Words = typeof words;
type KeyOfAny<T> = T extends unknown ? keyof T : never;
type Missing = { [S in keyof Words]: Exclude<keyof Words[S], KeyOfAny<Specs[S]>> };
type Invented = { [S in keyof Words]: Exclude<KeyOfAny<Specs[S]>, keyof Words[S]> };
type Nothing = { [S in keyof Words]: never };

// The compiler names the structure and the word.
const missing: Nothing = {} as Missing;
const invented: Nothing = {} as Invented;

test("our interfaces have each word of the job specification, and no other", () => {
  expect([missing, invented]).toEqual([{}, {}]);
});

test("the generated files are what the schema says", () => {
  execFileSync(process.execPath, ["scripts/generate-nomad-types.mjs", "--check"]);
});
