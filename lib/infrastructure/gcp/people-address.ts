import { ComputeSecurityPolicy } from "@cdktf/provider-google/lib/compute-security-policy";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { ports } from "../../core/traffic";
import { domainName, parseDuration } from "../../core/values";
import { transformed } from "../../layer/transform";
import { type Product, products } from "../../node/products";
import { type HealthCheck, ingressHealth, serverHealth, vaultLeaderHealth } from "../health";
import { appsDomain, peopleHosts } from "../people-hosts";
import { GcpBackend, type GcpBackendForm } from "./backend";
import { GcpCertificate } from "./certificate";
import { pieces } from "./firewall-rules";
import { namedPort } from "./named-ports";
import { resourceName } from "./names";
import type { IGcpNetwork } from "./network-props";
import { GcpInternalFront } from "./people-internal";
import { checkPeople, type GcpPeopleChoice, type GcpPeopleTransform } from "./people-props";
import { GcpPublicFront } from "./people-public";
import type { PeopleRoutes } from "./people-routes";
import type { GcpPlace } from "./place";
import { checkPlace } from "./place-check";
import { instanceGroupName } from "./rules";
import { recordsIn, zoneId } from "./zone-name";

export interface GcpPeopleAddressProps extends GcpPlace, GcpPeopleChoice {
  /** The domain below which people find the cluster: `"caravan.example.com"`. */
  readonly domain: string;
  /** Name of the public zone of the domain, `GcpDns.zoneId`. */
  readonly zoneId: string;
  /** It stands in the subnet of nodes, unless it is `public`; then its proxies call from a subnet of their own. */
  readonly network: IGcpNetwork;
  /** Full names of the instance groups that run each product's servers. */
  readonly instanceGroups: Readonly<Record<Product, string>>;
  /** Full names of the instance groups of the workers, by group: their ingress serves `*.apps.<domain>`. */
  readonly workerInstanceGroups: Readonly<Record<string, string>>;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: GcpPeopleTransform;
}

const DEFAULT_TIMEOUT = "1h";
const TTL_SECONDS = 300;

const HEALTH: Readonly<Record<Product, HealthCheck>> = { ...serverHealth, vault: vaultLeaderHealth };

/**
 * Where people find the cluster with their browsers: an application load balancer with HTTPS, in front of Vault, Consul, Nomad
 * and the ingress of the workers. What it opens it encrypts anew. Plain HTTP is only sent on, and who asks for another host
 * finds nothing.
 *
 * Of Google's forms it is the regional internal one (INTERNAL_MANAGED), so that TLS is opened in the environment's region and
 * nowhere else. If it is `public` it is the global external one (EXTERNAL_MANAGED), because only its backends take a Cloud Armor
 * policy by Google's provider for Terraform (the regional ones do in its beta), and without such a policy the whole internet
 * would come in; Google's proxies then open TLS wherever people are.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpPeopleAddress extends Construct {
  /** Host names: `vault.caravan.example.com`. */
  readonly hosts: Readonly<Record<Product, string>>;
  /** What the hosts of applications end with: `apps.caravan.example.com`. */
  readonly appsDomain: string;
  /** Full names of the backends, for the URL map of a load balancer that exists. */
  readonly backendIds: Readonly<Record<Product | "apps", string>>;
  readonly address: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpPeopleAddressProps,
  ) {
    const check = new PropsCheck("GcpPeopleAddress", scope, id);
    checkPlace(check, props);
    check.required("domain", props.domain, domainName);
    check.required("zoneId", props.zoneId, zoneId);
    for (const product of products) {
      check.required(`instanceGroups.${product}`, props.instanceGroups?.[product], instanceGroupName);
    }
    for (const [group, name] of Object.entries(props.workerInstanceGroups ?? {})) {
      check.required(`workerInstanceGroups.${group}`, name, instanceGroupName);
    }
    checkPeople(check, props, props.region);
    check.done();
    super(scope, id);

    this.hosts = peopleHosts(props.domain);
    this.appsDomain = appsDomain(props.domain);
    const form = this.form();
    this.backendIds = {
      vault: this.backend("vault", form),
      consul: this.backend("consul", form),
      nomad: this.backend("nomad", form),
      apps: this.backend("apps", form),
    };
    this.address = props.loadBalancer?.address ?? this.front();
    for (const service of [...products, "apps"] as const) this.name(service);
  }

  private get place(): GcpPlace {
    const { environment, project, region } = this.props;
    return { environment, project, region };
  }

  private hostOf(service: Product | "apps"): string {
    return service === "apps" ? `*.${this.appsDomain}` : this.hosts[service];
  }

  private form(): GcpBackendForm {
    const timeoutSeconds = parseDuration(this.props.requestTimeout ?? DEFAULT_TIMEOUT, "s");
    if (this.props.public !== true) return { scheme: "INTERNAL_MANAGED", timeoutSeconds };
    const securityPolicy = this.props.securityPolicyName ?? this.addSecurityPolicy();
    return { scheme: "EXTERNAL_MANAGED", timeoutSeconds, securityPolicy };
  }

  private backend(service: Product | "apps", form: GcpBackendForm): string {
    const isApps = service === "apps";
    return new GcpBackend(this, service, {
      ...this.place,
      name: ["people", service],
      form,
      port: isApps ? ports.ingress : ports[service],
      portName: namedPort(service).name,
      health: isApps ? ingressHealth : HEALTH[service],
      instanceGroups: isApps ? this.props.workerInstanceGroups : { servers: this.props.instanceGroups[service] },
      transform: this.props.transform,
    }).id;
  }

  /** Refuses whoever does not come from the given networks; a rule takes ten of them. */
  private addSecurityPolicy(): string {
    const { environment, project, allowedRanges = [], transform } = this.props;
    const allow = pieces([...new Set(allowedRanges)], 10).map((srcIpRanges, index) => ({
      action: "allow",
      priority: 1000 + index,
      description: "Networks from which people come",
      match: { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges } },
    }));
    const rest = {
      action: "deny(403)",
      priority: 2_147_483_647,
      description: "Everybody else",
      match: { versionedExpr: "SRC_IPS_V1", config: { srcIpRanges: ["*"] } },
    };
    return new ComputeSecurityPolicy(
      this,
      "armor",
      transformed(transform?.securityPolicy, {
        project,
        name: resourceName(environment, "people"),
        description: `Who reaches the people's address of the environment ${environment}`,
        type: "CLOUD_ARMOR",
        rule: [...allow, rest],
      }),
    ).id;
  }

  private front(): string {
    const { domain, transform, network } = this.props;
    const isGlobal = this.props.public === true;
    const certificateName =
      this.props.certificateName ??
      new GcpCertificate(this, "certificate", {
        ...this.place,
        names: [domain, ...products.map((product) => this.hosts[product]), this.hostOf("apps")],
        zoneId: this.props.zoneId,
        global: isGlobal,
        transform,
      }).id;
    const routes: PeopleRoutes = Object.fromEntries(
      ([...products, "apps"] as const).map((service) => [
        service,
        { host: this.hostOf(service), backendId: this.backendIds[service] },
      ]),
    );
    const front = { ...this.place, routes, certificateName };
    return isGlobal
      ? new GcpPublicFront(this, "front", { ...front, transform: transform?.public }).address
      : new GcpInternalFront(this, "front", { ...front, network, transform: transform?.internal }).address;
  }

  private name(service: Product | "apps"): void {
    new DnsRecordSet(
      this,
      `${service}-name`,
      transformed(this.props.transform?.name, {
        ...recordsIn(this.props.zoneId, this.props),
        name: `${this.hostOf(service)}.`,
        type: "A",
        ttl: TTL_SECONDS,
        rrdatas: [this.address],
      }),
    );
  }
}
