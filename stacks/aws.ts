import type { App } from "cdktf";
import { LocalState, S3State } from "cdktf-caravan";
import { type AwsImages, AwsInfrastructureStack, AwsStateStack, awsStateBucketName } from "cdktf-caravan/aws";
import { type LayersAbove, layersAbove } from "./layers";

/** What an environment on AWS is made of. Change it to yours. */
export interface AwsEnvironmentProps extends LayersAbove {
  /** Name of the environment, `"prod"`. */
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** The machine images that nodes start from, in the region; docs/images.md says how to look one up. */
  readonly images: AwsImages;
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

/** The layers of one environment on AWS. */
export function awsEnvironment(app: App, props: AwsEnvironmentProps): void {
  const { name, accountId, region, images, repository, bootstrap = false, deletionProtection } = props;
  const bucket = awsStateBucketName({ environment: name, accountId, region });
  const environment = { name, state: new S3State({ bucket, region }) };

  new AwsStateStack(app, `${name}-state`, {
    environment: bootstrap ? { name, state: new LocalState() } : environment,
    deletionProtection,
    accountId,
    region,
    github: { repository },
  });
  const { contract: infrastructure } = new AwsInfrastructureStack(app, `${name}-infrastructure`, {
    environment,
    deletionProtection,
    accountId,
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
