import type { App } from "cdktf";
import { GcsState, LocalState } from "cdktf-caravan";
import { type GcpImages, GcpInfrastructureStack, GcpStateStack, gcpStateBucketName } from "cdktf-caravan/gcp";
import { type LayersAbove, layersAbove } from "./layers";

/** What an environment on Google Cloud is made of. Change it to yours. */
export interface GcpEnvironmentProps extends LayersAbove {
  /** Name of the environment, `"prod"`. */
  readonly name: string;
  readonly project: string;
  readonly region: string;
  /** The machine images that nodes start from; docs/images.md says how to look one up. */
  readonly images: GcpImages;
  /** The GitHub repository whose pull requests plan and whose merges apply: `"acme/platform"`. */
  readonly repository: string;
  /**
   * The domain below which people find Vault, Consul, Nomad and applications, `"caravan.example.com"`. After the first apply
   * enter the name servers that it prints in the zone above.
   *
   * @default - there is no address for people
   */
  readonly domain?: string;
  /**
   * Whether these name servers are entered. Then people get their address, with the next apply.
   *
   * @default false
   */
  readonly delegated?: boolean;
}

/** The layers of one environment on Google Cloud. */
export function gcpEnvironment(app: App, props: GcpEnvironmentProps): void {
  const { name, project, region, images, repository, bootstrap = false, deletionProtection } = props;
  const bucket = gcpStateBucketName({ environment: name, project, region });
  const environment = { name, state: new GcsState({ bucket }) };

  new GcpStateStack(app, `${name}-state`, {
    environment: bootstrap ? { name, state: new LocalState() } : environment,
    deletionProtection,
    project,
    region,
    github: { repository },
  });
  const { contract: infrastructure } = new GcpInfrastructureStack(app, `${name}-infrastructure`, {
    environment,
    deletionProtection,
    project,
    region,
    images,
    servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
    workers: {
      general: { min: 2, max: 6 },
      // What scales the others, and other jobs of the platform that ask the cloud.
      ...(props.platform === undefined ? {} : { system: { min: 1, max: 1, system: true } }),
    },
    domain: props.domain,
    dns: props.domain === undefined ? undefined : { delegated: props.delegated },
  });
  layersAbove(app, { ...props, environment, infrastructure });
}
