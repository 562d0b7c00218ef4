import type { GoogleProviderConfig } from "@cdktf/provider-google/lib/provider";
import type { LayerStackProps } from "../../layer/layer-stack";
import type { Transform } from "../../layer/transform";
import type { ClusterSettings, ServerGroup, WorkerGroup } from "../props";
import type { GcpClusterBucketProps } from "./cluster-bucket";
import type { GcpEdgeChoice, GcpEdgeTransform } from "./edge";
import type { GcpFirewallProps } from "./firewall";
import type { GcpIdentityProps } from "./identity";
import type { GcpImages } from "./image";
import type { GcpGivenKeys } from "./keys";
import type { GcpLogBucketProps } from "./log-bucket";
import type { GcpNetworkChoice } from "./network-props";
import type { GcpNodeLogProps } from "./node-log";
import type { GcpOutsides } from "./outside";
import type { GcpSecretStoreProps } from "./secret-store";
import type { GcpServerGroupTransform } from "./server-group";
import type { GcpVolume, GcpVolumesProps } from "./volumes";
import type { GcpWorkerGroupProps, GcpWorkerGroupTransform } from "./worker-group";

interface GcpGroupSettings<T> {
  /**
   * E-mail address of a service account that exists, for the group's nodes. What they need it is granted.
   *
   * @default - one is made
   */
  readonly account?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: T;
}

/** Servers that are alike, on Google Cloud. */
export interface GcpServerSettings extends ServerGroup, GcpGroupSettings<GcpServerGroupTransform> {}

/** Workers that are alike, on Google Cloud. */
export interface GcpWorkerSettings
  extends WorkerGroup,
    GcpGroupSettings<GcpWorkerGroupTransform>,
    Pick<GcpWorkerGroupProps, "repositories"> {}

export interface GcpInfrastructureStackProps extends LayerStackProps, ClusterSettings, GcpEdgeChoice, GcpGivenKeys {
  /** The region, `"europe-west1"`. */
  readonly region: string;

  /** Id of the project, `"acme-caravan-prod"`. */
  readonly project: string;

  /**
   * The network: one to make (`{ cidr, zones, egress }`), or one that exists (`{ networkId, cidr, subnetId }`).
   *
   * @default - 10.64.0.0/16 over three zones, with Cloud NAT
   */
  readonly network?: GcpNetworkChoice;

  /**
   * What nodes reach beside Google's APIs and, with Cloud NAT, the web: `{ proxy: { range: "10.9.0.10/32", port: 3128 } }`.
   *
   * @default - nothing
   */
  readonly outside?: GcpOutsides;

  /**
   * The machine images that nodes start from, by processor, each by its full name. Needed for every processor that a group
   * without an `imageId` has. `docs/images.md` says how to look one up.
   *
   * @default - none
   */
  readonly images?: GcpImages;

  /**
   * Groups of servers by name, with the products they run. A product runs in exactly one group.
   *
   * @default - one group "main" of three that run Vault, Consul and Nomad
   */
  readonly servers?: Readonly<Record<string, GcpServerSettings>>;

  /**
   * Groups of workers by name.
   *
   * @default - none
   */
  readonly workers?: Readonly<Record<string, GcpWorkerSettings>>;

  /**
   * Volumes for jobs, by name.
   *
   * @default - none
   */
  readonly volumes?: Readonly<Record<string, GcpVolume>>;

  /**
   * E-mail address of the service account that plans, for CI's pull requests.
   *
   * @default - the one that `GcpStateStack` makes for this environment
   */
  readonly plannerEmail?: string;

  /**
   * E-mail address of the service account that applies, for CI after a merge.
   *
   * @default - the one that `GcpStateStack` makes for this environment
   */
  readonly deployerEmail?: string;

  /**
   * Changes to the props of the inner resources. Those of the network and of groups are part of those.
   *
   * @default - none
   */
  readonly transform?: {
    readonly provider?: Transform<GoogleProviderConfig>;
    readonly logBucket?: GcpLogBucketProps["transform"];
    readonly clusterBucket?: GcpClusterBucketProps["transform"];
    readonly secrets?: GcpSecretStoreProps["transform"];
    readonly log?: GcpNodeLogProps["transform"];
    readonly firewall?: GcpFirewallProps["transform"];
    readonly edge?: GcpEdgeTransform;
    readonly volumes?: GcpVolumesProps["transform"];
  } & GcpIdentityProps["transform"];
}
