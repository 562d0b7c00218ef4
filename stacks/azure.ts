import type { App } from "cdktf";
import { AzurermState, LocalState } from "cdktf-caravan";
import {
  type AzureCertificate,
  type AzureImages,
  AzureInfrastructureStack,
  AzureStateStack,
  type AzureStateStackProps,
  azureStateAccountName,
} from "cdktf-caravan/azure";
import { type LayersAbove, layersAbove } from "./layers";

/** What an environment on Azure is made of. Change it to yours. */
export interface AzureEnvironmentProps extends LayersAbove {
  /** Name of the environment, `"prod"`. */
  readonly name: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly region: string;
  /** The machine images that nodes start from; docs/images.md says how to look one up. */
  readonly images: AzureImages;
  /** The GitHub repository whose pull requests plan and whose merges apply: `"acme/platform"`. */
  readonly repository: string;
  /** From where people and CI reach Terraform's state. */
  readonly clientRanges: AzureStateStackProps["clientRanges"];
  /**
   * The domain below which people find Vault, Consul, Nomad and applications, with its certificate in a key vault: Azure issues
   * none. After the first apply enter the name servers that it prints in the zone above.
   *
   * @default - there is no address for people
   */
  readonly people?: { readonly domain: string; readonly certificate: AzureCertificate };
}

/** The layers of one environment on Azure. */
export function azureEnvironment(app: App, props: AzureEnvironmentProps): void {
  const { name, subscriptionId, tenantId, region, images, repository, people, bootstrap = false } = props;
  const { deletionProtection } = props;
  const resourceGroup = `caravan-${name}`;
  const place = { subscriptionId, tenantId, region };
  const state = new AzurermState({
    storageAccountName: azureStateAccountName({ environment: name, ...place, resourceGroup }),
    containerName: "state",
    resourceGroupName: `${resourceGroup}-state`,
  });
  const environment = { name, state };

  new AzureStateStack(app, `${name}-state`, {
    environment: bootstrap ? { name, state: new LocalState() } : environment,
    deletionProtection,
    ...place,
    github: { repository },
    clientRanges: props.clientRanges,
  });
  const { contract: infrastructure } = new AzureInfrastructureStack(app, `${name}-infrastructure`, {
    environment,
    deletionProtection,
    ...place,
    images,
    servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
    workers: {
      general: { min: 2, max: 6 },
      // What scales the others, and other jobs of the platform that ask the cloud.
      ...(props.platform === undefined ? {} : { system: { min: 1, max: 1, system: true } }),
    },
    domain: people?.domain,
    people: people && { certificate: people.certificate },
  });
  layersAbove(app, { ...props, environment, infrastructure });
}
