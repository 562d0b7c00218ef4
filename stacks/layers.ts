import type { App } from "cdktf";
import type { Environment, InfrastructureContract } from "cdktf-caravan";
import { ApplicationSupportStack } from "cdktf-caravan/application-support";
import { type Cart, CartsStack } from "cdktf-caravan/carts";
import { PlatformStack, type PlatformStackProps } from "cdktf-caravan/platform";

/** What environments are made of on every cloud. */
export interface LayersAbove {
  /**
   * The layers above the infrastructure, which are applied once its servers are born: teams and people, the application
   * support, and applications of the platform's own. Those of teams stand in the teams' repositories.
   *
   * @default - none yet
   */
  readonly platform?: Pick<PlatformStackProps, "teams" | "people" | "ci"> & {
    /** @default - none */
    readonly carts?: readonly Cart[];
  };
  /**
   * Whether the state stack keeps its state in a file: for its first apply, before there is a place for it.
   *
   * @default false
   */
  readonly bootstrap?: boolean;
  /**
   * Whether Terraform refuses to destroy what would be lost for good. Turning it off is the first step of a teardown.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
}

/** The layers above the infrastructure, whichever cloud it is on. */
export function layersAbove(
  app: App,
  props: LayersAbove & {
    readonly name: string;
    readonly environment: Environment;
    readonly infrastructure: InfrastructureContract;
  },
): void {
  if (props.platform === undefined) return;
  const { name, environment, infrastructure, deletionProtection } = props;
  const { carts, ...governed } = props.platform;
  const { contract: platform } = new PlatformStack(app, `${name}-platform`, {
    environment,
    deletionProtection,
    infrastructure,
    ...governed,
  });
  const { contract: support } = new ApplicationSupportStack(app, `${name}-support`, {
    environment,
    deletionProtection,
    infrastructure,
    platform,
  });
  if (carts === undefined) return;
  new CartsStack(app, `${name}-carts`, { environment, deletionProtection, platform, support, carts });
}
