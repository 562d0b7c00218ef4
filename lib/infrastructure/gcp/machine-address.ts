import { ComputeAddress, type ComputeAddressConfig } from "@cdktf/provider-google/lib/compute-address";
import {
  ComputeForwardingRule,
  type ComputeForwardingRuleConfig,
} from "@cdktf/provider-google/lib/compute-forwarding-rule";
import { DnsManagedZone, type DnsManagedZoneConfig } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet, type DnsRecordSetConfig } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { ports } from "../../core/traffic";
import { domainName } from "../../core/values";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { machineHost } from "../../node/node-props";
import { type Product, products } from "../../node/products";
import { serverHealth } from "../health";
import { GcpBackend, type GcpBackendTransform } from "./backend";
import { resourceName } from "./names";
import type { IGcpNetwork } from "./network-props";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { instanceGroupName } from "./rules";
import { recordsIn, zoneId } from "./zone-name";

export interface GcpMachineAddressProps extends GcpPlace {
  /** It stands in the subnet of nodes. */
  readonly network: IGcpNetwork;
  /** Domain of the names inside, `"caravan.internal"`: Vault is `vault.<environment>.<insideDomain>`. */
  readonly insideDomain: string;
  /** Full names of the instance groups that run each product's servers. */
  readonly instanceGroups: Readonly<Record<Product, string>>;
  /**
   * Name of a private zone that exists and holds the names; the network must see it. With its project where that is another:
   * `"projects/acme-dns/managedZones/internal"`.
   *
   * @default - one is made for `<environment>.<insideDomain>`
   */
  readonly zoneId?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: Pick<GcpBackendTransform, "backend" | "healthCheck"> & {
    /** Laid on each of the addresses. */
    readonly address?: Transform<ComputeAddressConfig>;
    /** Laid on each of the forwarding rules. */
    readonly forwardingRule?: Transform<ComputeForwardingRuleConfig>;
    readonly zone?: Transform<DnsManagedZoneConfig>;
    /** Laid on each of the names. */
    readonly record?: Transform<DnsRecordSetConfig>;
  };
}

const TTL_SECONDS = 300;

/**
 * Where agents, layers and whoever checks workload identities find Vault, Consul and Nomad: internal pass-through load
 * balancers that hand TLS on to the servers, under names that stand in their certificates. They answer in the region only.
 *
 * Each product has an address of its own. A machine behind such a balancer answers what it sends there itself: with one address
 * for all, a server that does not run Vault would ask itself for Vault.
 * https://cloud.google.com/load-balancing/docs/internal/setting-up-internal#test-from-backend-vms
 *
 * Machines take the balancer's address for their own by Google's guest agent, which the image must have.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpMachineAddress extends Construct {
  /** Host names: `vault.prod.caravan.internal`. */
  readonly hosts: Readonly<Record<Product, string>>;
  /** The private zone of the names, as it was given or by its name. */
  readonly zoneId: string;
  /** For alarms. */
  readonly backends: Readonly<Record<Product, GcpBackend>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpMachineAddressProps,
  ) {
    const check = new PropsCheck("GcpMachineAddress", scope, id);
    checkPlace(check, props);
    check.required("insideDomain", props.insideDomain, domainName);
    check.optional("zoneId", props.zoneId, zoneId);
    for (const product of products) {
      check.required(`instanceGroups.${product}`, props.instanceGroups?.[product], instanceGroupName);
    }
    check.done();
    super(scope, id);

    this.zoneId = props.zoneId ?? this.addZone();
    this.backends = { vault: this.add("vault"), consul: this.add("consul"), nomad: this.add("nomad") };
    this.hosts = {
      vault: machineHost(props, "vault"),
      consul: machineHost(props, "consul"),
      nomad: machineHost(props, "nomad"),
    };
  }

  private add(product: Product): GcpBackend {
    const { environment, project, region, network, transform } = this.props;
    const name = resourceName(environment, "machine", product);
    const backend = new GcpBackend(this, product, {
      ...{ environment, project, region },
      name: ["machine", product],
      form: { scheme: "INTERNAL", networkId: network.networkId },
      port: ports[product],
      health: serverHealth[product],
      instanceGroups: { servers: this.props.instanceGroups[product] },
      transform,
    });
    const address = new ComputeAddress(
      this,
      `${product}-address`,
      transformed(transform?.address, {
        project,
        region,
        name,
        addressType: "INTERNAL",
        purpose: "GCE_ENDPOINT",
        subnetwork: network.subnetId,
      }),
    );
    new ComputeForwardingRule(
      this,
      `${product}-forwarding`,
      transformed(transform?.forwardingRule, {
        project,
        region,
        name,
        loadBalancingScheme: "INTERNAL",
        network: network.networkId,
        subnetwork: network.subnetId,
        ipAddress: address.id,
        ipProtocol: "TCP",
        ports: [String(ports[product])],
        allowGlobalAccess: false,
        backendService: backend.id,
      }),
    );
    new DnsRecordSet(
      this,
      `${product}-name`,
      transformed(transform?.record, {
        ...recordsIn(this.zoneId, this.props),
        name: `${machineHost(this.props, product)}.`,
        type: "A",
        ttl: TTL_SECONDS,
        rrdatas: [address.address],
      }),
    );
    return backend;
  }

  private addZone(): string {
    const { environment, project, insideDomain, network, transform } = this.props;
    return protect(
      new DnsManagedZone(
        this,
        "zone",
        transformed(transform?.zone, {
          project,
          name: resourceName(environment, "inside"),
          dnsName: `${environment}.${insideDomain}.`,
          description: `Names inside the environment ${environment}`,
          visibility: "private",
          privateVisibilityConfig: { networks: [{ networkUrl: network.networkId }] },
          forceDestroy: !isDeletionProtected(this),
        }),
      ),
    ).name;
  }
}
