/** What runs on AWS. */
export interface AwsCloud {
  readonly name: "aws";
  /** Region's code, such as `"eu-central-1"`. */
  readonly region: string;
}

/** What runs on Azure, in its public cloud. */
export interface AzureCloud {
  readonly name: "azure";
  /** Region's name as Azure writes it in ids, such as `"westeurope"`. */
  readonly region: string;
  /** Id of the tenant, a UUID: who signs the tokens that nodes sign in to Vault with. */
  readonly tenantId: string;
  /** Id of the subscription, a UUID. */
  readonly subscriptionId: string;
  /** Name of the resource group that the scale sets are in. */
  readonly resourceGroup: string;
}

/** What runs on Google Cloud. */
export interface GcpCloud {
  readonly name: "gcp";
  /** Region, such as `"europe-west1"`. */
  readonly region: string;
  /** Id of the project, such as `"acme-caravan-prod"`. */
  readonly project: string;
}

/** The cloud a node stands on. */
export type NodeCloud = AwsCloud | AzureCloud | GcpCloud;

export type CloudName = NodeCloud["name"];

/** Takes what belongs to the cloud. A cloud that has no entry does not compile. */
export function byCloud<R>(
  cloud: NodeCloud,
  each: {
    readonly aws: (cloud: AwsCloud) => R;
    readonly azure: (cloud: AzureCloud) => R;
    readonly gcp: (cloud: GcpCloud) => R;
  },
): R {
  switch (cloud.name) {
    case "aws":
      return each.aws(cloud);
    case "azure":
      return each.azure(cloud);
    case "gcp":
      return each.gcp(cloud);
  }
}
