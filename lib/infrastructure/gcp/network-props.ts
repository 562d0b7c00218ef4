import type { ComputeAddressConfig } from "@cdktf/provider-google/lib/compute-address";
import type { ComputeFirewallConfig } from "@cdktf/provider-google/lib/compute-firewall";
import type { ComputeNetworkConfig } from "@cdktf/provider-google/lib/compute-network";
import type { ComputeRouteConfig } from "@cdktf/provider-google/lib/compute-route";
import type { ComputeRouterConfig } from "@cdktf/provider-google/lib/compute-router";
import type { ComputeRouterNatConfig } from "@cdktf/provider-google/lib/compute-router-nat";
import type { ComputeSubnetworkConfig } from "@cdktf/provider-google/lib/compute-subnetwork";
import type { DnsPolicyConfig } from "@cdktf/provider-google/lib/dns-policy";
import type { Transform } from "../../layer/transform";
import type { GcpApisTransform, GoogleDomain } from "./network-apis";
import type { GcpTrafficLogTransform } from "./network-log";
import type { GcpPlace } from "./place";
import type { GcpZones } from "./zones";

/** How nodes reach what is outside of the network: through Cloud NAT, or not at all but for Google's own APIs. */
export type GcpEgress = "nat" | "private";

/** A network that is made for the environment. */
export interface GcpOwnNetworkProps {
  /**
   * The network's IPv4 block, a /16 to /22 from the private ranges. Half of it is the subnet of nodes; of the quarter for
   * what faces the outside, a quarter is the subnet of Google's proxies; the rest stays free. Changing it later replaces
   * the subnets, which nodes and addresses in them refuse.
   *
   * @default "10.64.0.0/16"
   */
  readonly cidr?: string;

  /**
   * Over which zones groups of nodes spread, 1 to 3: how many, or a list of letters. Subnets are in no zone.
   *
   * @default 3 - mostly a, b, c; b, c, d in europe-west1 and us-east1
   */
  readonly zones?: GcpZones;

  /**
   * How nodes reach the outside.
   *
   * `"nat"`: every node can reach the internet. It breaks the policy's rule `gcp-egress-anywhere` by choice, and the waiver
   * is in the report.
   *
   * `"private"`: no way to the internet; Google's APIs are reached at restricted.googleapis.com, by private zones that answer
   * for their domains. Machine images must hold all programs, and tasks need a mirror of their images inside or in Artifact
   * Registry (`googleDomains`). APIs that VPC Service Controls does not know are done without:
   * https://cloud.google.com/vpc-service-controls/docs/supported-products
   *
   * @default "nat"
   */
  readonly egress?: GcpEgress;

  /**
   * From how many addresses Cloud NAT sends, 1 to 16. They stay the same, so that others can let them in. Each serves 64,512
   * connections to one destination at a time.
   *
   * @default 2 - with egress "nat"
   */
  readonly natAddresses?: number;

  /**
   * Domains of Google's that are reached like its APIs, beside googleapis.com: `["pkg.dev"]` for Artifact Registry. With
   * egress "private" only.
   *
   * @default - none
   */
  readonly googleDomains?: readonly GoogleDomain[];

  /**
   * Blocks that the network must stay apart from because it shall reach them: other environments, the company's own.
   *
   * @default - none
   */
  readonly otherNetworks?: readonly string[];

  /**
   * How many days it is kept who talked to whom, 1 to 3650: flows, denials of the firewall, errors of Cloud NAT, names asked
   * for.
   *
   * @default 400
   */
  readonly flowLogRetentionDays?: number;

  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpNetworkTransform;
}

export interface GcpNetworkTransform extends GcpApisTransform, GcpTrafficLogTransform {
  readonly network?: Transform<ComputeNetworkConfig>;
  readonly subnet?: Transform<ComputeSubnetworkConfig>;
  readonly proxySubnet?: Transform<ComputeSubnetworkConfig>;
  /** Laid on both denials: of all that comes in, and of all that goes out. */
  readonly denial?: Transform<ComputeFirewallConfig>;
  readonly internetRoute?: Transform<ComputeRouteConfig>;
  readonly router?: Transform<ComputeRouterConfig>;
  readonly nat?: Transform<ComputeRouterNatConfig>;
  /** Laid on each of the addresses. */
  readonly natAddress?: Transform<ComputeAddressConfig>;
  readonly dnsPolicy?: Transform<DnsPolicyConfig>;
}

/**
 * A network that somebody else made, also in the host project of a Shared VPC. Nothing in it is changed but for firewall rules,
 * which are made in the network's project.
 */
export interface GcpExistingNetworkProps {
  /** Its full name: `"projects/acme-network/global/networks/shared"`. */
  readonly networkId: string;
  /** The IPv4 block that holds its subnets. */
  readonly cidr: string;
  /** Full name of the subnet where nodes stand, in the environment's region. It must have Private Google Access. */
  readonly subnetId: string;
  /**
   * The block of that subnet.
   *
   * @default - `cidr`
   */
  readonly nodeRange?: string;
  /**
   * The block of the network's proxy-only subnet in the region, of purpose REGIONAL_MANAGED_PROXY: a network has one a region.
   *
   * @default - none, so that people have no address
   */
  readonly proxyRange?: string;
  /**
   * How nodes reach the outside. With `"private"`, its owner leads googleapis.com to 199.36.153.4/30.
   *
   * @default "nat"
   */
  readonly egress?: GcpEgress;
  /**
   * Over which zones groups of nodes spread, as in a network that is made.
   *
   * @default 3
   */
  readonly zones?: GcpZones;
}

/** A network to make, or one that exists. */
export type GcpNetworkChoice = GcpOwnNetworkProps | GcpExistingNetworkProps;

export interface GcpNetworkProps extends GcpPlace, GcpOwnNetworkProps {
  /** Full name of the key that encrypts the log. Its policy must let Cloud Logging use it. */
  readonly kmsKeyName: string;
}

/** What others need to know of a network. */
export interface IGcpNetwork {
  /** Its full name, `projects/<project>/global/networks/<name>`. */
  readonly networkId: string;
  /** The project that it is in; another than the environment's in a Shared VPC. */
  readonly networkProject: string;
  /** The IPv4 block that holds its subnets. */
  readonly cidr: string;
  readonly egress: GcpEgress;
  /** Names of the zones that groups spread over: `["europe-west1-b"]`. */
  readonly zones: readonly string[];
  /** Full name of the subnet of nodes. */
  readonly subnetId: string;
  /** The block of the subnet of nodes. */
  readonly nodeRange: string;
  /** The block from which Google's proxies call what stands behind an application load balancer, where there are any. */
  readonly proxyRange?: string;
  /** Whether the network denies whatever no rule allows, in and out. */
  readonly isClosed: boolean;
}
