import { Lb, type LbConfig } from "@cdktf/provider-azurerm/lib/lb";
import {
  LbBackendAddressPool,
  type LbBackendAddressPoolConfig,
} from "@cdktf/provider-azurerm/lib/lb-backend-address-pool";
import { LbProbe, type LbProbeConfig } from "@cdktf/provider-azurerm/lib/lb-probe";
import { LbRule, type LbRuleConfig } from "@cdktf/provider-azurerm/lib/lb-rule";
import { PrivateEndpoint, type PrivateEndpointConfig } from "@cdktf/provider-azurerm/lib/private-endpoint";
import { PrivateLinkService, type PrivateLinkServiceConfig } from "@cdktf/provider-azurerm/lib/private-link-service";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { ports } from "../../core/traffic";
import { domainName, isWithinDomain } from "../../core/values";
import { type Transform, transformed } from "../../layer/transform";
import { machineHost } from "../../node/node-props";
import { type Product, products } from "../../node/products";
import { serverHealth } from "../health";
import { AzureMachineNames, type AzureMachineNamesTransform } from "./machine-names";
import { networkResourceName, privateEndpointName } from "./names";
import { fixedAddress } from "./network-plan";
import type { IAzureNetwork } from "./network-props";
import { type AzurePlace, partsOf } from "./place";
import { checkPlace } from "./place-check";
import { privateZoneId } from "./rules";

export interface AzureMachineAddressProps extends AzurePlace {
  /** It stands in the subnet `machine`. */
  readonly network: IAzureNetwork;
  /** Domain of the names inside, `"caravan.internal"`: Vault is `vault.<environment>.<insideDomain>`. */
  readonly insideDomain: string;
  /** The server groups by name, with the products that each runs. */
  readonly servers: Readonly<Record<string, { readonly runs: readonly Product[] }>>;
  /**
   * Id of a private zone that exists and holds the names; who owns it links it to the network.
   *
   * @default - one is made for `<environment>.<insideDomain>`
   */
  readonly zoneId?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzureMachineNamesTransform & {
    readonly loadBalancer?: Transform<LbConfig>;
    /** Laid on the pool of each server group. */
    readonly backendPool?: Transform<LbBackendAddressPoolConfig>;
    /** Laid on the probe of each product. */
    readonly probe?: Transform<LbProbeConfig>;
    /** Laid on the rule of each product. */
    readonly rule?: Transform<LbRuleConfig>;
    readonly privateLinkService?: Transform<PrivateLinkServiceConfig>;
    readonly privateEndpoint?: Transform<PrivateEndpointConfig>;
  };
}

const FRONTEND = "machine";

/** As long as connections through the Private Link service may be silent; what keeps them longer sends keepalives. */
const IDLE_MINUTES = 5;

/**
 * Where agents, layers and whoever checks workload identities find Vault, Consul and Nomad: an internal load balancer in all
 * zones that passes TLS through to the servers, under names that stand in their certificates.
 *
 * The names lead to a private endpoint, from which a Private Link service hands connections to the balancer, under an address of
 * its own. Without it a server that is its own client by way of the balancer would get packets that come from itself, and drop
 * them: https://learn.microsoft.com/en-us/azure/load-balancer/load-balancer-overview#limitations. The endpoint costs about 7 USD
 * a month and 0.01 USD a GB (https://azure.microsoft.com/en-us/pricing/details/private-link/).
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureMachineAddress extends Construct {
  /** Host names: `vault.prod.caravan.internal`. */
  readonly hosts: Readonly<Record<Product, string>>;
  /** The private zone of the names. */
  readonly zoneId: string;
  /** For the interfaces of each server group's scale set, by the group's name. */
  readonly backendPoolIds: Readonly<Record<string, string>>;
  /** For alarms. */
  readonly loadBalancerId: string;
  /** The address that the names lead to. */
  readonly address: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureMachineAddressProps,
  ) {
    const check = new PropsCheck("AzureMachineAddress", scope, id);
    checkPlace(check, props);
    check.required("insideDomain", props.insideDomain, domainName);
    if (check.optional("zoneId", props.zoneId, privateZoneId)) checkZone(check, props, props.zoneId);
    checkRunning(check, props.servers);
    check.done();
    super(scope, id);

    const balancer = this.addBalancer();
    this.loadBalancerId = balancer.id;
    const pools = Object.keys(props.servers).map((group) => [group, this.addPool(group, balancer)] as const);
    this.backendPoolIds = Object.fromEntries(pools);
    for (const [group, poolId] of pools) {
      for (const product of props.servers[group]?.runs ?? []) this.addRule(product, balancer, poolId);
    }
    this.address = this.addEndpoint(balancer);
    const { environment, subscriptionId, tenantId, region, resourceGroup, network, insideDomain, zoneId } = props;
    const names = new AzureMachineNames(this, "names", {
      ...{ environment, subscriptionId, tenantId, region, resourceGroup, insideDomain, zoneId },
      virtualNetworkId: network.virtualNetworkId,
      address: this.address,
      transform: props.transform,
    });
    this.hosts = names.hosts;
    this.zoneId = names.zoneId;
  }

  private addBalancer(): Lb {
    const { environment, network, transform } = this.props;
    return new Lb(
      this,
      "Default",
      transformed(transform?.loadBalancer, {
        name: networkResourceName(environment, "machine"),
        ...this.where(),
        sku: "Standard",
        frontendIpConfiguration: [
          {
            name: FRONTEND,
            subnetId: network.machine.id,
            privateIpAddressAllocation: "Static",
            privateIpAddress: fixedAddress(network.machine),
            zones: [...network.zones],
          },
        ],
      }),
    );
  }

  private addPool(group: string, balancer: Lb): string {
    return new LbBackendAddressPool(
      this,
      `pool-${group}`,
      transformed(this.props.transform?.backendPool, { name: group, loadbalancerId: balancer.id }),
    ).id;
  }

  /** Azure takes only 200 for well, and does not ask who signed a server's certificate. */
  private addRule(product: Product, balancer: Lb, poolId: string): void {
    const { transform } = this.props;
    const probe = new LbProbe(
      this,
      `${product}-probe`,
      transformed(transform?.probe, {
        name: product,
        loadbalancerId: balancer.id,
        protocol: "Https",
        port: ports[product],
        requestPath: serverHealth[product].path,
        intervalInSeconds: 5,
        probeThreshold: 2,
      }),
    );
    new LbRule(
      this,
      `${product}-rule`,
      transformed(transform?.rule, {
        name: product,
        loadbalancerId: balancer.id,
        protocol: "Tcp",
        frontendIpConfigurationName: FRONTEND,
        frontendPort: ports[product],
        backendPort: ports[product],
        backendAddressPoolIds: [poolId],
        probeId: probe.id,
        floatingIpEnabled: false,
        tcpResetEnabled: true,
        idleTimeoutInMinutes: IDLE_MINUTES,
      }),
    );
  }

  private addEndpoint(balancer: Lb): string {
    const { environment, network, subscriptionId, transform } = this.props;
    const service = new PrivateLinkService(
      this,
      "link",
      transformed(transform?.privateLinkService, {
        name: networkResourceName(environment, "machine"),
        ...this.where(),
        loadBalancerFrontendIpConfigurationIds: [balancer.frontendIpConfiguration.get(0).id],
        natIpConfiguration: [
          {
            name: "machine",
            primary: true,
            subnetId: network.machine.id,
            privateIpAddress: fixedAddress(network.machine, 1),
            privateIpAddressVersion: "IPv4",
          },
        ],
        visibilitySubscriptionIds: [subscriptionId],
        autoApprovalSubscriptionIds: [subscriptionId],
      }),
    );
    const endpoint = new PrivateEndpoint(
      this,
      "endpoint",
      transformed(transform?.privateEndpoint, {
        name: privateEndpointName(environment, "machine"),
        ...this.where(),
        subnetId: network.machine.id,
        privateServiceConnection: {
          name: "machine",
          isManualConnection: false,
          privateConnectionResourceId: service.id,
        },
      }),
    );
    return endpoint.privateServiceConnection.privateIpAddress;
  }

  private where(): { readonly resourceGroupName: string; readonly location: string } {
    return { resourceGroupName: this.props.resourceGroup, location: this.props.region };
  }
}

function checkRunning(check: PropsCheck, servers: AzureMachineAddressProps["servers"]): void {
  for (const product of products) {
    const running = Object.values(servers).filter(({ runs }) => runs.includes(product));
    if (running.length === 1) continue;
    check.add({
      property: "servers",
      given: servers,
      allowed: `one group that runs ${product}`,
      fix: `name ${product} in the runs of one group`,
    });
  }
}

function checkZone(check: PropsCheck, props: AzureMachineAddressProps, zoneId: string): void {
  const { name } = partsOf(zoneId);
  const host = machineHost(props, "vault");
  if (Token.isUnresolved(host) || isWithinDomain(host, name)) return;
  check.add({
    property: "zoneId",
    given: zoneId,
    allowed: `a zone that ${host} lies in, such as ${host.replace("vault.", "")}`,
    fix: "give another zone, or another insideDomain",
  });
}
