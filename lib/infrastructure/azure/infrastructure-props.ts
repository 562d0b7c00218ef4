import type { AzurermProviderConfig } from "@cdktf/provider-azurerm/lib/provider";
import type { LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import type { ClusterSettings, ServerGroup, WorkerGroup } from "../props";
import type { AzureClusterBucketProps } from "./cluster-bucket";
import type { AzureEdgeChoice, AzureEdgeTransform } from "./edge";
import type { AzureFirewallProps } from "./firewall-props";
import type { AzureIdentityProps } from "./identity";
import type { AzureImages } from "./image";
import type { AzureKeysProps } from "./keys";
import type { AzureLogWorkspaceProps } from "./log-workspace";
import type { AzureNetworkChoice } from "./network-props";
import type { AzureNodeGroupTransform } from "./node-group";
import type { AzureGivenIdentity } from "./node-identity";
import type { AzureNodeLogProps } from "./node-log";
import type { AzureOutsides } from "./outside";
import type { AzurePrivateLinkProps } from "./private-link";
import type { AzureSecretStoreProps } from "./secret-store";
import type { AzureServerGroupTransform } from "./server-group";
import type { AzureVolume, AzureVolumesProps } from "./volumes";
import type { AzureWorkerGroupProps } from "./worker-group";

interface AzureGroupSettings<T> {
  /**
   * An identity that exists, for the group's nodes. It gets the rights that one made here gets.
   *
   * @default - one is made
   */
  readonly identity?: AzureGivenIdentity;
  /**
   * Ids of application security groups of the group's machines beside the one that the firewall makes.
   *
   * @default - none
   */
  readonly applicationSecurityGroupIds?: readonly string[];
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: T;
}

/** Servers that are alike, on Azure. */
export interface AzureServerSettings extends ServerGroup, AzureGroupSettings<AzureServerGroupTransform> {}

/** Workers that are alike, on Azure. */
export interface AzureWorkerSettings
  extends WorkerGroup,
    AzureGroupSettings<AzureNodeGroupTransform>,
    Pick<AzureWorkerGroupProps, "registryIds"> {}

export interface AzureInfrastructureStackProps
  extends LayerStackProps,
    ClusterSettings,
    AzureEdgeChoice,
    Pick<AzureKeysProps, "sealKeyId" | "keyringKeyId" | "dataKey"> {
  /** Id of the subscription, a UUID. */
  readonly subscriptionId: string;

  /** Id of its tenant, a UUID. */
  readonly tenantId: string;

  /** The region's name, `"westeurope"`. */
  readonly region: string;

  /**
   * Name of the environment's resource group, which exists: `AzureStateStack` makes it.
   *
   * @default - `caravan-<environment>`
   */
  readonly resourceGroup?: string;

  /**
   * The network: one to make (`{ cidr, zones, egress }`), or one that exists (`{ virtualNetworkId, cidr, nodes, ... }`).
   *
   * @default - 10.64.0.0/16 over three zones, with a NAT gateway
   */
  readonly network?: AzureNetworkChoice;

  /**
   * What nodes reach beside Azure's services and, with a NAT gateway, the web: `{ proxy: { range: "10.9.0.10/32", port: 3128 } }`.
   *
   * @default - nothing
   */
  readonly outside?: AzureOutsides;

  /**
   * Private zones that exist and give key vaults and storage accounts their addresses in the network.
   *
   * @default - they are made
   */
  readonly privateZoneIds?: AzurePrivateLinkProps["zoneIds"];

  /**
   * From where CI reads the cluster's public CA and, for the first apply of the platform, the bootstrap tokens, as public IPv4
   * addresses and ranges.
   *
   * @default - from inside of the network only
   */
  readonly clientRanges?: readonly string[];

  /**
   * The machine images that nodes start from, by processor, each by one version. Needed for every processor that a group without
   * an `imageId` has. `docs/images.md` says how to look one up.
   *
   * @default - none
   */
  readonly images?: AzureImages;

  /**
   * Groups of servers by name, with the products they run. A product runs in exactly one group.
   *
   * @default - one group "main" of three that run Vault, Consul and Nomad
   */
  readonly servers?: Readonly<Record<string, AzureServerSettings>>;

  /**
   * Groups of workers by name.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, AzureWorkerSettings>>;

  /**
   * Volumes for jobs, by name.
   *
   * @default - none
   */
  readonly volumes?: Readonly<Record<string, AzureVolume>>;

  /**
   * The identity that plans, for CI's pull requests.
   *
   * @default - the one that `AzureStateStack` makes for this environment
   */
  readonly plannerIdentity?: AzureGivenIdentity;

  /**
   * The identity that applies, for CI after a merge.
   *
   * @default - the one that `AzureStateStack` makes for this environment
   */
  readonly deployerIdentity?: AzureGivenIdentity;

  /**
   * Changes to the props of the inner resources. Those of the network and of groups are part of those.
   *
   * @default - none
   */
  readonly transform?: {
    readonly provider?: Transform<AzurermProviderConfig>;
    readonly logWorkspace?: AzureLogWorkspaceProps["transform"];
    readonly privateLink?: AzurePrivateLinkProps["transform"];
    readonly clusterBucket?: AzureClusterBucketProps["transform"];
    readonly secrets?: AzureSecretStoreProps["transform"];
    readonly log?: AzureNodeLogProps["transform"];
    readonly firewall?: AzureFirewallProps["transform"];
    readonly edge?: AzureEdgeTransform;
    readonly volumes?: AzureVolumesProps["transform"];
  } & AzureIdentityProps["transform"];
}
