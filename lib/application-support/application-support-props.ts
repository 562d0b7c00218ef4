import type { InfrastructureContract } from "../infrastructure/contract";
import type { LayerStackProps } from "../layer/layer-stack";
import type { PlatformContract } from "../platform/contract";
import type { WorkerGroupScaling, WorkerScaling } from "./autoscaling/scaling-policy";
import type { ConsulAgent } from "./consul-agent";
import type { CsiKind } from "./contract";
import type { ExternalService } from "./external-services";
import type { IngressProps } from "./gateways/api-gateway";
import type { SupportImages } from "./images";
import type { ObservabilitySettings } from "./observability";
import type { Route } from "./routes";
import type { CsiVolume, HostVolume } from "./storage/csi";
import type { CsiCloud, CsiPlugin } from "./storage/csi-plugins";

/** Volumes of jobs. */
export interface SupportStorage {
  /**
   * Whose plugins run.
   *
   * @default - the infrastructure's cloud; none where it is not known
   */
  readonly cloud?: CsiCloud;
  /** Which of them. @default ["block"] */
  readonly kinds?: readonly CsiKind[];
  /**
   * Pools whose nodes mount volumes.
   *
   * @default - those of the groups of workers that say `csi: true`
   */
  readonly nodePools?: readonly string[];
  /**
   * How many of each plugin's controller there are, each on a node of its own.
   *
   * @default 2; 1 where the pool they run in may have a single node
   */
  readonly controllers?: number;
  /** Volumes that plugins make in the cloud, by name. @default - none */
  readonly volumes?: Readonly<Record<string, CsiVolume>>;
  /** Volumes that are directories of nodes, by name. They need no plugin. @default - none */
  readonly hostVolumes?: Readonly<Record<string, HostVolume>>;
  /** Changes to the plugins of this release, such as another image. @default - none */
  readonly plugins?: Readonly<Partial<Record<CsiKind, Partial<CsiPlugin>>>>;
}

/** Scaling of workers and jobs. */
export interface SupportAutoscaling {
  /**
   * Groups of workers that are scaled, by name: `{ general: {} }`. On AWS their groups of machines and bounds come from the
   * infrastructure; elsewhere `target` says them.
   *
   * @default - on AWS every group that is not `system` and whose `max` is above its `min`
   */
  readonly workers?: Readonly<Record<string, WorkerScaling & Partial<Pick<WorkerGroupScaling, "nodePool" | "target">>>>;
  /** Configuration of the clouds' plugins beside: `{ "azure-vmss": { subscription_id: "..." } }`. @default - none */
  readonly plugins?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface ApplicationSupportStackProps extends LayerStackProps {
  /** The contract of the platform: `platform.contract`, or `remotePlatform(...)`. */
  readonly platform: PlatformContract;
  /** The contract of the infrastructure, for what concerns its cloud and its workers: storage, scaling, the cluster's CA. */
  readonly infrastructure: InfrastructureContract;
  /**
   * Routes beside those that Carts of this app bring along: of the platform itself, and of teams whose Carts stand in other
   * repositories.
   *
   * @default - none
   */
  readonly routes?: readonly Route[];
  /** Figures, alerts, dashboards, lines and traces, each part by its name (`docs/observability.md`). @default - none */
  readonly observability?: ObservabilitySettings;
  /**
   * The way in.
   *
   * @default - on every worker, with a certificate of its own authority; none where applications have no domain
   */
  readonly ingress?: IngressProps;
  /** @default - plugins where groups of workers say `csi: true`, no volumes */
  readonly storage?: SupportStorage;
  /** @default - the Autoscaler where there is a group of workers to be scaled */
  readonly autoscaling?: SupportAutoscaling | false;
  /** Services outside that the mesh may call, by the names that they have in it. @default - none */
  readonly externalServices?: Readonly<Record<string, ExternalService>>;
  /**
   * The pool of nodes on which jobs of the support run that need no node of their own.
   *
   * @default - the pool of a `system` group of workers; "default" where there is none
   */
  readonly nodePool?: string;
  /**
   * Where jobs on a node's own network find its Consul agent.
   *
   * @default - loopback: 8501 and 8503 with TLS on nodes of this library, 8500 and 8502 on others
   */
  readonly consulAgent?: ConsulAgent;
  /** Images other than those of this release. @default - `defaultImages` */
  readonly images?: Partial<SupportImages>;
}
