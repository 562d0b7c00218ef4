import type { InfrastructureContract } from "../infrastructure/contract";
import type { LayerStackProps } from "../layer/layer-stack";
import type { PlatformContract } from "../platform/contract";
import type { ObservabilitySettings } from "./observability";
import type { Route } from "./routes";

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
}
