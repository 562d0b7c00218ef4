import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbListenerRule } from "@cdktf/provider-aws/lib/lb-listener-rule";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import { Wafv2WebAclAssociation } from "@cdktf/provider-aws/lib/wafv2-web-acl-association";
import { Construct } from "constructs";
import { PropsCheck, type Rule, rule } from "../../core/errors";
import { physicalName } from "../../core/naming";
import { text } from "../../core/rules";
import { ports } from "../../core/traffic";
import { domainName, parseDuration } from "../../core/values";
import { isDeletionProtected } from "../../layer/protection";
import { transformed } from "../../layer/transform";
import { type Product, products } from "../../node/products";
import { waiveByChoice } from "../../policy/waiver";
import { type HealthCheck, ingressHealth, serverHealth, vaultLeaderHealth } from "../health";
import { appsDomain, peopleHosts } from "../people-hosts";
import { waiveTeardown } from "./balancer";
import { AwsCertificate } from "./certificate";
import type { IAwsNetwork } from "./network-props";
import { type AwsGivenBalancer, type AwsPeopleChoice, type AwsPeopleTransform, checkPeople } from "./people-props";
import type { AwsPlace } from "./place";
import { checkPlace } from "./place-check";
import { hostedZoneId, securityGroupId } from "./rules";
import { AwsTargetGroup } from "./target-group";

export interface AwsPeopleAddressProps extends AwsPlace, Omit<AwsPeopleChoice, "allowedRanges"> {
  /** The domain below which people find the cluster: `"caravan.example.com"`. */
  readonly domain: string;
  /** Id of the public zone of the domain, `AwsDns.zoneId`. */
  readonly zoneId: string;
  /** It stands in the private subnets, or in the public ones if it is `public`. */
  readonly network: IAwsNetwork;
  /** The balancer's own security group, `AwsFirewall.peopleSecurityGroupId`. */
  readonly securityGroupId: string;
  /** Names of the Auto Scaling groups that run each product's servers. */
  readonly autoScalingGroups: Readonly<Record<Product, string>>;
  /** Names of the Auto Scaling groups of the workers, by group: their ingress serves `*.apps.<domain>`. */
  readonly workerAutoScalingGroups: Readonly<Record<string, string>>;
  /** Where it writes who called what, `AwsLogBucket.peopleLog`. */
  readonly accessLog: { readonly bucketName: string; readonly prefix: string };
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AwsPeopleTransform;
}

/** TLS 1.3, and 1.2 for what knows no later: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06";
const DEFAULT_IDLE_TIMEOUT = "1h";
const FIRST_PRIORITY = 100;

const HEALTH: Readonly<Record<Product, HealthCheck>> = { ...serverHealth, vault: vaultLeaderHealth };

/**
 * Where people find the cluster with their browsers: an application load balancer with HTTPS, in front of Vault, Consul, Nomad
 * and the ingress of the workers. What it opens it encrypts anew. Plain HTTP is only sent on.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsPeopleAddress extends Construct {
  /** Host names: `vault.caravan.example.com`. */
  readonly hosts: Readonly<Record<Product, string>>;
  /** What the hosts of applications end with: `apps.caravan.example.com`. */
  readonly appsDomain: string;
  /** For groups that are attached elsewhere, and for alarms. */
  readonly targetGroups: Readonly<Record<Product | "apps", AwsTargetGroup>>;
  /** What CloudWatch calls the balancer, if it is not a given one. */
  readonly loadBalancerArnSuffix?: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsPeopleAddressProps,
  ) {
    const check = new PropsCheck("AwsPeopleAddress", scope, id);
    checkPlace(check, props);
    check.required("domain", props.domain, domainName);
    check.required("zoneId", props.zoneId, hostedZoneId);
    check.required("securityGroupId", props.securityGroupId, securityGroupId);
    check.required("accessLog.bucketName", props.accessLog?.bucketName, text);
    checkPeople(check, props);
    checkSubnets(check, props);
    check.done();
    super(scope, id);

    const { domain, transform } = props;
    this.hosts = peopleHosts(domain);
    this.appsDomain = appsDomain(domain);
    const { balancer, suffix } = this.balancer();
    this.loadBalancerArnSuffix = suffix;

    const behind = (service: Product | "apps", index: number): AwsTargetGroup => {
      const isApps = service === "apps";
      const host = isApps ? `*.${appsDomain(domain)}` : this.hosts[service];
      const targets = new AwsTargetGroup(this, service, {
        environment: props.environment,
        name: ["people", service],
        vpcId: props.network.vpcId,
        port: isApps ? ports.ingress : ports[service],
        protocol: "HTTPS",
        health: isApps ? ingressHealth : HEALTH[service],
        autoScalingGroups: isApps ? props.workerAutoScalingGroups : { servers: props.autoScalingGroups[service] },
        transform: transform?.targetGroup,
      });
      new LbListenerRule(
        this,
        `${service}-rule`,
        transformed(transform?.rule, {
          listenerArn: balancer.listenerArn,
          priority: (balancer.firstPriority ?? FIRST_PRIORITY) + index,
          condition: [{ hostHeader: { values: [host] } }],
          action: [{ type: "forward", targetGroupArn: targets.arn }],
        }),
      );
      new Route53Record(
        this,
        `${service}-name`,
        transformed(transform?.name, {
          zoneId: props.zoneId,
          name: host,
          type: "A",
          alias: { name: balancer.dnsName, zoneId: balancer.hostedZoneId, evaluateTargetHealth: false },
        }),
      );
      return targets;
    };
    this.targetGroups = {
      vault: behind("vault", 0),
      consul: behind("consul", 1),
      nomad: behind("nomad", 2),
      apps: behind("apps", 3),
    };
  }

  private balancer(): { balancer: Omit<AwsGivenBalancer, "securityGroupId">; suffix?: string } {
    const given = this.props.loadBalancer;
    if (given !== undefined) return { balancer: given };
    const balancer = this.addBalancer();
    const listener = this.addListeners(balancer);
    return {
      balancer: { listenerArn: listener.arn, dnsName: balancer.dnsName, hostedZoneId: balancer.zoneId },
      suffix: balancer.arnSuffix,
    };
  }

  private addBalancer(): Lb {
    const { environment, network, accessLog, webAclArn, transform } = this.props;
    const isPublic = this.props.public === true;
    const balancer = new Lb(
      this,
      "Default",
      transformed(transform?.loadBalancer, {
        name: physicalName({ kind: "awsLoadBalancer", parts: ["caravan", environment, "people"] }),
        loadBalancerType: "application",
        internal: !isPublic,
        subnets: [...(isPublic ? network.publicSubnetIds : network.privateSubnetIds)],
        securityGroups: [this.props.securityGroupId],
        idleTimeout: parseDuration(this.props.idleTimeout ?? DEFAULT_IDLE_TIMEOUT, "s"),
        dropInvalidHeaderFields: true,
        desyncMitigationMode: "defensive",
        enableDeletionProtection: isDeletionProtected(this),
        accessLogs: { bucket: accessLog.bucketName, prefix: accessLog.prefix, enabled: true },
      }),
    );
    waiveTeardown(balancer);
    if (webAclArn !== undefined) {
      new Wafv2WebAclAssociation(
        this,
        "web-acl",
        transformed(transform?.webAclAssociation, { resourceArn: balancer.arn, webAclArn }),
      );
    }
    if (balancer.internalInput === false) {
      const reason = "people come from networks that reach it over the internet, and from no others";
      waiveByChoice(balancer, { rule: "aws-lb-internal", prop: "public", reason });
      if (webAclArn === undefined) {
        waiveByChoice(balancer, { rule: "aws-lb-waf", prop: "webAclArn", reason: `no web ACL: ${reason}` });
      }
    }
    return balancer;
  }

  private addListeners(balancer: Lb): LbListener {
    const { domain, zoneId, transform } = this.props;
    const certificateArn =
      this.props.certificateArn ??
      new AwsCertificate(this, "certificate", {
        names: [domain, ...products.map((product) => this.hosts[product]), `*.${appsDomain(domain)}`],
        zoneId,
        transform,
      }).arn;
    new LbListener(
      this,
      "redirect",
      transformed(transform?.redirectListener, {
        loadBalancerArn: balancer.arn,
        port: ports.peoplePlain,
        protocol: "HTTP",
        defaultAction: [
          { type: "redirect", redirect: { protocol: "HTTPS", port: String(ports.people), statusCode: "HTTP_301" } },
        ],
      }),
    );
    return new LbListener(
      this,
      "listener",
      transformed(transform?.listener, {
        loadBalancerArn: balancer.arn,
        port: ports.people,
        protocol: "HTTPS",
        sslPolicy: TLS_POLICY,
        certificateArn,
        // Whoever asks for another host finds nothing.
        defaultAction: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } }],
      }),
    );
  }
}

function checkSubnets(check: PropsCheck, { network, loadBalancer, public: isPublic }: AwsPeopleAddressProps): void {
  if (loadBalancer !== undefined) return;
  const property = isPublic ? "publicSubnetIds" : "privateSubnetIds";
  check.required(`network.${property}`, network[property], subnetsOfTwoZones);
}

const subnetsOfTwoZones: Rule<readonly string[]> = rule({
  allowed: "subnets in two zones or more: an application load balancer stands in no fewer",
  fix: "give the network another zone (and public subnets, if people come over the internet), or leave out the domain",
  accepts: (value) => Array.isArray(value) && value.length >= 2,
});
