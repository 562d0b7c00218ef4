import { ComputeAddress } from "@cdktf/provider-google/lib/compute-address";
import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeRoute } from "@cdktf/provider-google/lib/compute-route";
import { ComputeRouter } from "@cdktf/provider-google/lib/compute-router";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { DnsPolicy } from "@cdktf/provider-google/lib/dns-policy";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { protect } from "../../layer/protection";
import { transformed } from "../../layer/transform";
import { type Waivable, waiveByChoice } from "../../policy/waiver";
import { subnetBlock, tierBlock } from "../addressing";
import { resourceName } from "./names";
import { GcpApis } from "./network-apis";
import { checkExisting, type NetworkPlan, planNetwork } from "./network-check";
import { GcpTrafficLog } from "./network-log";
import type {
  GcpEgress,
  GcpExistingNetworkProps,
  GcpNetworkChoice,
  GcpNetworkProps,
  GcpNetworkTransform,
  IGcpNetwork,
} from "./network-props";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { cryptoKeyName } from "./rules";

const ANYWHERE = "0.0.0.0/0";

/** Below every rule that lets something through, above what Google's own last rules let: all that goes out. */
export const DENIAL_PRIORITY = 65_000;

/**
 * The network of an environment: one subnet in its region for all nodes, whatever their zone, one for Google's proxies, and
 * Cloud NAT as the only way out. It has no route but its own, denies whatever no rule allows, in and out, and keeps a log of who
 * talked to whom and which names were asked for. Nothing in it has a public address but Cloud NAT. IPv4 only.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpNetwork extends Construct implements IGcpNetwork {
  /**
   * A network that exists; nothing is made.
   *
   * @throws InvalidPropsError for wrong props
   */
  static fromAttributes(
    scope: Construct,
    id: string,
    attributes: GcpExistingNetworkProps & Pick<GcpPlace, "region">,
  ): IGcpNetwork {
    return new ExistingNetwork(scope, id, attributes);
  }

  /**
   * The network that was chosen: made, or one that exists.
   *
   * @throws InvalidPropsError for wrong props
   */
  static fromChoice(
    scope: Construct,
    id: string,
    choice: GcpNetworkChoice,
    rest: Pick<GcpNetworkProps, "environment" | "project" | "region" | "kmsKeyName">,
  ): IGcpNetwork {
    if ("networkId" in choice) return GcpNetwork.fromAttributes(scope, id, { ...choice, region: rest.region });
    return new GcpNetwork(scope, id, { ...choice, ...rest });
  }

  readonly networkId: string;
  readonly networkProject: string;
  readonly cidr: string;
  readonly egress: GcpEgress;
  readonly zones: readonly string[];
  readonly subnetId: string;
  readonly nodeRange: string;
  readonly proxyRange: string;
  /** Full name of the proxy-only subnet. */
  readonly proxySubnetId: string;
  /** The addresses from which nodes call the internet: for those who let them in. */
  readonly natAddresses: readonly string[];
  readonly isClosed = true;

  private readonly place: GcpPlace;
  private readonly transform: GcpNetworkTransform;
  private readonly plan: NetworkPlan;

  constructor(scope: Construct, id: string, props: GcpNetworkProps) {
    const check = new PropsCheck("GcpNetwork", scope, id);
    checkPlace(check, props);
    check.required("kmsKeyName", props.kmsKeyName, cryptoKeyName);
    const plan = planNetwork(check, props, props.region);
    check.done();
    super(scope, id);
    const { environment, project, region } = props;
    this.place = { environment, project, region };
    this.transform = props.transform ?? {};
    this.plan = plan;
    this.networkProject = project;
    this.cidr = plan.block.toString();
    this.egress = plan.egress;
    this.zones = plan.zones;
    this.nodeRange = tierBlock(plan.block, "private").toString();
    this.proxyRange = subnetBlock(plan.block, "public", 0).toString();

    const network = this.addNetwork();
    this.networkId = network.id;
    this.deny("INGRESS");
    this.deny("EGRESS");
    const subnet = this.addSubnet();
    this.subnetId = subnet.id;
    this.proxySubnetId = this.addProxySubnet().id;
    this.logNames();
    const nat = plan.egress === "nat" ? this.addNat() : undefined;
    this.natAddresses = nat?.addresses ?? [];
    if (plan.egress === "private") {
      new GcpApis(this, "apis", {
        ...this.place,
        networkId: this.networkId,
        domains: plan.googleDomains,
        transform: this.transform,
      });
    }
    new GcpTrafficLog(this, "log", {
      ...this.place,
      networkName: network.nameInput ?? "",
      subnetName: subnet.nameInput ?? "",
      natName: nat?.name,
      kmsKeyName: props.kmsKeyName,
      retentionDays: plan.flowLogRetentionDays,
      transform: this.transform,
    });
  }

  /** A replaced network would take everything in it along, hence the protection. */
  private addNetwork(): ComputeNetwork {
    return protect(
      new ComputeNetwork(
        this,
        "Default",
        transformed(this.transform.network, {
          project: this.place.project,
          name: this.named("network"),
          description: `Network of the environment ${this.place.environment}`,
          autoCreateSubnetworks: false,
          routingMode: "REGIONAL",
          deleteDefaultRoutesOnCreate: true,
        }),
      ),
    );
  }

  private deny(direction: "INGRESS" | "EGRESS"): void {
    const name = direction.toLowerCase();
    new ComputeFirewall(
      this,
      `deny-${name}`,
      transformed(this.transform.denial, {
        project: this.place.project,
        name: this.named("deny", name),
        description: "Denies whatever no rule allows",
        network: this.networkId,
        direction,
        priority: DENIAL_PRIORITY,
        deny: [{ protocol: "all" }],
        ...(direction === "INGRESS" ? { sourceRanges: [ANYWHERE] } : { destinationRanges: [ANYWHERE] }),
        logConfig: { metadata: "INCLUDE_ALL_METADATA" },
      }),
    );
  }

  private addSubnet(): ComputeSubnetwork {
    const { project, region } = this.place;
    return new ComputeSubnetwork(
      this,
      "nodes",
      transformed(this.transform.subnet, {
        project,
        region,
        name: this.named("nodes"),
        description: `Nodes of the environment ${this.place.environment}`,
        network: this.networkId,
        ipCidrRange: this.nodeRange,
        stackType: "IPV4_ONLY",
        privateIpGoogleAccess: true,
        // Every flow, as CIS GCP v5.0 3.10 has it.
        logConfig: { aggregationInterval: "INTERVAL_5_SEC", flowSampling: 1, metadata: "INCLUDE_ALL_METADATA" },
      }),
    );
  }

  /** Where Google's own proxies stand; they have no flow log. */
  private addProxySubnet(): ComputeSubnetwork {
    const { project, region } = this.place;
    return new ComputeSubnetwork(
      this,
      "proxies",
      transformed(this.transform.proxySubnet, {
        project,
        region,
        name: this.named("proxies"),
        description: `Proxies of load balancers of the environment ${this.place.environment}`,
        network: this.networkId,
        ipCidrRange: this.proxyRange,
        purpose: "REGIONAL_MANAGED_PROXY",
        role: "ACTIVE",
      }),
    );
  }

  private logNames(): void {
    new DnsPolicy(
      this,
      "names",
      transformed(this.transform.dnsPolicy, {
        project: this.place.project,
        name: this.named("names"),
        description: `Logs which names the nodes of the environment ${this.place.environment} ask for`,
        enableLogging: true,
        networks: [{ networkUrl: this.networkId }],
      }),
    );
  }

  private addNat(): { readonly name: string; readonly addresses: string[] } {
    const { project, region } = this.place;
    const routeProps = transformed(this.transform.internetRoute, {
      project,
      name: this.named("internet"),
      description: "The internet, by Cloud NAT",
      network: this.networkId,
      destRange: ANYWHERE,
      nextHopGateway: "default-internet-gateway",
    });
    const route = new ComputeRoute(this, "internet-route", routeProps);
    // A waiver that a narrower route does not need would fail the policy.
    if (routeProps.destRange === ANYWHERE) this.waiveWayOut(route);
    const router = new ComputeRouter(
      this,
      "router",
      transformed(this.transform.router, { project, region, name: this.named("router"), network: this.networkId }),
    );
    const addresses = Array.from(
      { length: this.plan.natAddresses },
      (_, index) =>
        new ComputeAddress(
          this,
          `nat-${index + 1}-address`,
          transformed(this.transform.natAddress, {
            project,
            region,
            name: this.named("nat", String(index + 1)),
            addressType: "EXTERNAL",
          }),
        ),
    );
    const nat = new ComputeRouterNat(
      this,
      "nat",
      transformed(this.transform.nat, {
        project,
        region,
        name: this.named("nat"),
        router: router.name,
        natIpAllocateOption: "MANUAL_ONLY",
        natIps: addresses.map((address) => address.selfLink),
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetwork: [{ name: this.subnetId, sourceIpRangesToNat: ["ALL_IP_RANGES"] }],
        // A node takes as many ports as its tasks need: with a fixed number many connections to one registry would fail.
        enableDynamicPortAllocation: true,
        enableEndpointIndependentMapping: false,
        minPortsPerVm: 64,
        maxPortsPerVm: 32_768,
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      }),
    );
    this.waiveWayOut(nat);
    return { name: nat.nameInput ?? "", addresses: addresses.map(({ address }) => address) };
  }

  private waiveWayOut(resource: Waivable): void {
    waiveByChoice(resource, {
      rule: "gcp-egress-anywhere",
      prop: "egress",
      reason: 'egress "nat": nodes install programs and tasks fetch images from the internet',
    });
  }

  private named(...parts: readonly string[]): string {
    return resourceName(this.place.environment, ...parts);
  }
}

class ExistingNetwork extends Construct implements IGcpNetwork {
  readonly networkId: string;
  readonly networkProject: string;
  readonly cidr: string;
  readonly egress: GcpEgress;
  readonly zones: readonly string[];
  readonly subnetId: string;
  readonly nodeRange: string;
  readonly proxyRange?: string;
  readonly isClosed = false;

  constructor(scope: Construct, id: string, props: GcpExistingNetworkProps & Pick<GcpPlace, "region">) {
    const check = new PropsCheck("GcpNetwork", scope, id);
    const zones = checkExisting(check, props, props.region);
    check.done();
    super(scope, id);
    this.networkId = props.networkId;
    this.networkProject = /projects\/([^/]+)\//.exec(props.networkId)?.[1] ?? "";
    this.cidr = props.cidr;
    this.egress = props.egress ?? "nat";
    this.zones = zones;
    this.subnetId = props.subnetId;
    this.nodeRange = props.nodeRange ?? props.cidr;
    this.proxyRange = props.proxyRange;
  }
}
