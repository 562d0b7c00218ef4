import { Lb, type LbConfig } from "@cdktf/provider-aws/lib/lb";
import { LbListener, type LbListenerConfig } from "@cdktf/provider-aws/lib/lb-listener";
import type { LbTargetGroupConfig } from "@cdktf/provider-aws/lib/lb-target-group";
import { Route53Record, type Route53RecordConfig } from "@cdktf/provider-aws/lib/route53-record";
import { Route53Zone, type Route53ZoneConfig } from "@cdktf/provider-aws/lib/route53-zone";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { physicalName } from "../../core/naming";
import { ports } from "../../core/traffic";
import { domainName } from "../../core/values";
import { isDeletionProtected, protect } from "../../layer/protection";
import { type Transform, transformed } from "../../layer/transform";
import { machineHost } from "../../node/node-props";
import { type Product, products } from "../../node/products";
import { serverHealth } from "../health";
import { waiveTeardown } from "./balancer";
import type { IAwsNetwork } from "./network-props";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { hostedZoneId, securityGroupId } from "./rules";
import { AwsTargetGroup } from "./target-group";

export interface AwsMachineAddressProps extends AwsPlace {
  /** It stands in the private subnets. */
  readonly network: IAwsNetwork;
  /** The balancer's own security group, `AwsFirewall.machineSecurityGroupId`. */
  readonly securityGroupId: string;
  /** Domain of the names inside, `"caravan.internal"`: Vault is `vault.<environment>.<insideDomain>`. */
  readonly insideDomain: string;
  /** Names of the Auto Scaling groups that run each product's servers. */
  readonly autoScalingGroups: Readonly<Record<Product, string>>;
  /**
   * Id of a private zone that exists and holds the names; the network must see it.
   *
   * @default - one is made for `<environment>.<insideDomain>`
   */
  readonly zoneId?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: {
    readonly loadBalancer?: Transform<LbConfig>;
    /** Laid on each of the listeners. */
    readonly listener?: Transform<LbListenerConfig>;
    /** Laid on each of the target groups. */
    readonly targetGroup?: Transform<LbTargetGroupConfig>;
    readonly zone?: Transform<Route53ZoneConfig>;
    /** Laid on each of the names. */
    readonly record?: Transform<Route53RecordConfig>;
  };
}

/**
 * Where agents, layers and whoever checks workload identities find Vault, Consul and Nomad: an internal network load balancer
 * that passes TLS through to the servers, under names that stand in their certificates.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsMachineAddress extends Construct {
  /** Host names: `vault.prod.caravan.internal`. */
  readonly hosts: Readonly<Record<Product, string>>;
  /** The private zone of the names. */
  readonly zoneId: string;
  /** For groups that are attached elsewhere, and for alarms. */
  readonly targetGroups: Readonly<Record<Product, AwsTargetGroup>>;
  /** What CloudWatch calls the balancer. */
  readonly loadBalancerArnSuffix: string;

  constructor(scope: Construct, id: string, props: AwsMachineAddressProps) {
    const check = new PropsCheck("AwsMachineAddress", scope, id);
    checkPlace(check, props);
    check.required("securityGroupId", props.securityGroupId, securityGroupId);
    check.required("insideDomain", props.insideDomain, domainName);
    check.optional("zoneId", props.zoneId, hostedZoneId);
    for (const product of products) {
      if (props.autoScalingGroups[product] !== undefined) continue;
      check.add({
        property: `autoScalingGroups.${product}`,
        given: undefined,
        allowed: `the name of the Auto Scaling group that runs ${product}'s servers`,
        fix: "give it",
      });
    }
    check.done();
    super(scope, id);

    const { environment, network, transform } = props;
    const isProtected = isDeletionProtected(this);
    const balancer = new Lb(
      this,
      "Default",
      transformed(transform?.loadBalancer, {
        name: physicalName({ kind: "awsLoadBalancer", parts: ["caravan", environment, "machine"] }),
        loadBalancerType: "network",
        internal: true,
        subnets: [...network.privateSubnetIds],
        securityGroups: [props.securityGroupId],
        // With a single server of a product in another zone its name would lead to nobody otherwise.
        enableCrossZoneLoadBalancing: true,
        enableDeletionProtection: isProtected,
      }),
    );
    waiveTeardown(balancer);
    const zoneId = props.zoneId ?? this.addZone(props);
    this.zoneId = zoneId;
    const targetGroup = (product: Product) => {
      const targets = new AwsTargetGroup(this, product, {
        environment,
        name: ["machine", product],
        vpcId: network.vpcId,
        port: ports[product],
        protocol: "TCP",
        health: serverHealth[product],
        autoScalingGroups: { servers: props.autoScalingGroups[product] },
        transform: transform?.targetGroup,
      });
      new LbListener(
        this,
        `${product}-listener`,
        transformed(transform?.listener, {
          loadBalancerArn: balancer.arn,
          port: ports[product],
          protocol: "TCP",
          defaultAction: [{ type: "forward", targetGroupArn: targets.arn }],
        }),
      );
      new Route53Record(
        this,
        `${product}-name`,
        transformed(transform?.record, {
          zoneId,
          name: machineHost(props, product),
          type: "A",
          alias: { name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: false },
        }),
      );
      return targets;
    };
    this.targetGroups = { vault: targetGroup("vault"), consul: targetGroup("consul"), nomad: targetGroup("nomad") };
    this.hosts = {
      vault: machineHost(props, "vault"),
      consul: machineHost(props, "consul"),
      nomad: machineHost(props, "nomad"),
    };
    this.loadBalancerArnSuffix = balancer.arnSuffix;
  }

  private addZone({ environment, insideDomain, region, network, transform }: AwsMachineAddressProps): string {
    return protect(
      new Route53Zone(
        this,
        "zone",
        transformed(transform?.zone, {
          name: `${environment}.${insideDomain}`,
          comment: `Names inside the environment ${environment}`,
          vpc: [{ vpcId: network.vpcId, vpcRegion: region }],
          forceDestroy: !isDeletionProtected(this),
        }),
      ),
    ).zoneId;
  }
}
