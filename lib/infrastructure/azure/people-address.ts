import { ApplicationGateway } from "@cdktf/provider-azurerm/lib/application-gateway";
import { DnsARecord } from "@cdktf/provider-azurerm/lib/dns-a-record";
import { PublicIp } from "@cdktf/provider-azurerm/lib/public-ip";
import { RoleAssignment } from "@cdktf/provider-azurerm/lib/role-assignment";
import { UserAssignedIdentity } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { domainName, parseDuration } from "../../core/values";
import { transformed } from "../../layer/transform";
import { machineHost } from "../../node/node-props";
import type { Product } from "../../node/products";
import { waiveByChoice } from "../../policy/waiver";
import { appsDomain, peopleHosts } from "../people-hosts";
import type { AzureDns } from "./dns";
import { auditTo } from "./log-workspace";
import { identityName, networkResourceName } from "./names";
import { fixedAddress } from "./network-plan";
import type { IAzureNetwork } from "./network-props";
import { CERTIFICATE, FRONTEND, gatewayRoutes, type PeopleService, peopleServices, poolName } from "./people-gateway";
import { type AzurePeopleChoice, type AzurePeopleTransform, checkPeople } from "./people-props";
import { AzurePeopleWaf } from "./people-waf";
import { type AzurePlace, partsOf } from "./place";
import { checkPlace } from "./place-check";
import type { AzurePrivateLink } from "./private-link";

export interface AzurePeopleAddressProps extends AzurePlace, Omit<AzurePeopleChoice, "allowedRanges"> {
  /** The public zone of the domain below which people find the cluster. */
  readonly dns: Pick<AzureDns, "domain" | "zone" | "zoneDomain">;
  /** It stands in the subnet `gateway`. */
  readonly network: IAzureNetwork;
  /** Domain of the names inside: servers are verified by the names in their certificates. */
  readonly insideDomain: string;
  /**
   * By which the key vault of the certificate is reached inside the network.
   *
   * @default - none: the network has a way of its own
   */
  readonly link?: AzurePrivateLink;
  /**
   * Id of the Log Analytics workspace that it tells who called what.
   *
   * @default - none, which breaks the policy's rule `azure-gateway-logging` by choice
   */
  readonly logWorkspaceId?: string;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzurePeopleTransform;
}

/** TLS 1.3, and 1.2 for what knows no later: https://learn.microsoft.com/en-us/azure/application-gateway/application-gateway-ssl-policy-overview */
const TLS_POLICY = "AppGwSslPolicy20220101S";
const DEFAULT_IDLE_TIMEOUT = "1h";
const TTL_SECONDS = 300;

/**
 * Where people find the cluster with their browsers: an Application Gateway with HTTPS and a web application firewall, in front of
 * Vault, Consul, Nomad and the ingress of the workers. What it opens it encrypts anew, to servers whose certificates it verifies.
 * Plain HTTP is only sent on.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzurePeopleAddress extends Construct {
  /** Host names: `vault.caravan.example.com`. */
  readonly hosts: Readonly<Record<Product, string>>;
  /** What the hosts of applications end with: `apps.caravan.example.com`. */
  readonly appsDomain: string;
  /** For the interfaces of the scale sets that run each product, and of the workers. */
  readonly backendPoolIds: Readonly<Record<PeopleService, string>>;
  /** For alarms, if it is not a given one. */
  readonly gatewayId?: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzurePeopleAddressProps,
  ) {
    const check = new PropsCheck("AzurePeopleAddress", scope, id);
    checkPlace(check, props);
    check.required("dns.domain", props.dns?.domain, domainName);
    check.required("insideDomain", props.insideDomain, domainName);
    checkPeople(check, props);
    if (props.gateway === undefined && props.network.gateway === undefined) {
      check.add({
        property: "network.gateway",
        given: undefined,
        allowed: "a subnet in which nothing but the gateway stands",
        fix: "give the network one (gatewaySubnet), or leave out the domain",
      });
    }
    check.done();
    super(scope, id);

    const { domain } = props.dns;
    this.hosts = peopleHosts(domain);
    this.appsDomain = appsDomain(domain);
    if (props.gateway !== undefined) {
      this.backendPoolIds = props.gateway.backendPoolIds;
      this.addNames({ records: [props.gateway.address] });
      return;
    }
    const publicIp = props.public === true ? this.addPublicIp() : undefined;
    const gateway = this.addGateway(publicIp);
    this.gatewayId = gateway.id;
    const poolIds = peopleServices.map((service) => [
      service,
      `${gateway.id}/backendAddressPools/${poolName(service)}`,
    ]);
    this.backendPoolIds = Object.fromEntries(poolIds);
    this.addNames(publicIp ? { targetResourceId: publicIp.id } : { records: [this.privateAddress()] });
    this.addLog(gateway);
  }

  private privateAddress(): string {
    const { gateway } = this.props.network;
    return gateway === undefined ? "" : fixedAddress(gateway);
  }

  private addPublicIp(): PublicIp {
    const { environment, network, transform } = this.props;
    return new PublicIp(
      this,
      "public-ip",
      transformed(transform?.publicIp, {
        name: networkResourceName(environment, "people"),
        ...this.where(),
        sku: "Standard",
        allocationMethod: "Static",
        zones: [...network.zones],
      }),
    );
  }

  private addGateway(publicIp: PublicIp | undefined): ApplicationGateway {
    const { environment, region, resourceGroup, network, insideDomain, transform } = this.props;
    const { certificate, capacity = { min: 2, max: 10 }, backendCa, waf = "prevention" } = this.props;
    const reader = this.addReader();
    const policies = new AzurePeopleWaf(this, "waf", {
      ...{ environment, region, resourceGroup },
      mode: waf,
      transform: transform?.wafPolicy,
    });
    const inside = { environment, insideDomain };
    const gateway = new ApplicationGateway(
      this,
      "Default",
      transformed(transform?.gateway, {
        name: networkResourceName(environment, "people"),
        ...this.where(),
        zones: [...network.zones],
        sku: { name: "WAF_v2", tier: "WAF_v2" },
        autoscaleConfiguration: { minCapacity: capacity.min, maxCapacity: capacity.max },
        enableHttp2: true,
        firewallPolicyId: policies.appsPolicyId,
        sslPolicy: { policyType: "Predefined", policyName: TLS_POLICY },
        identity: { type: "UserAssigned", identityIds: [reader.identityId] },
        sslCertificate: [{ name: CERTIFICATE, keyVaultSecretId: certificate?.secretId }],
        gatewayIpConfiguration: [{ name: FRONTEND, subnetId: network.gateway?.id ?? "" }],
        frontendIpConfiguration: [
          publicIp === undefined
            ? {
                name: FRONTEND,
                subnetId: network.gateway?.id,
                privateIpAddressAllocation: "Static",
                privateIpAddress: this.privateAddress(),
              }
            : { name: FRONTEND, publicIpAddressId: publicIp.id },
        ],
        ...gatewayRoutes({
          hosts: { ...this.hosts, apps: `*.${this.appsDomain}` },
          serverHosts: {
            vault: machineHost(inside, "vault"),
            consul: machineHost(inside, "consul"),
            nomad: machineHost(inside, "nomad"),
          },
          appsProbeHost: `health.${this.appsDomain}`,
          productsPolicyId: policies.productsPolicyId,
          backendCa,
          idleTimeoutSeconds: parseDuration(this.props.idleTimeout ?? DEFAULT_IDLE_TIMEOUT, "s"),
        }),
        dependsOn: reader.after,
      }),
    );
    this.connectVault(gateway);
    if (publicIp !== undefined) {
      waiveByChoice(gateway, {
        rule: "azure-lb-internal",
        prop: "public",
        reason: "people come from networks that reach it over the internet, and from no others",
      });
    }
    return gateway;
  }

  /** Who reads the certificate: one who may, or one who is made and given that one secret. */
  private addReader(): { identityId: string; after?: ITerraformDependable[] } {
    const { environment, identityId, certificate, transform } = this.props;
    if (identityId !== undefined) return { identityId };
    const identity = new UserAssignedIdentity(
      this,
      "identity",
      transformed(transform?.identity, { name: identityName(environment, "people"), ...this.where() }),
    );
    const role = new RoleAssignment(
      this,
      "certificate-role",
      transformed(transform?.certificateRole, {
        scope: `${certificate?.keyVaultId}/secrets/${partsOf(certificate?.secretId.replace(/\/$/, "") ?? "").name}`,
        roleDefinitionName: "Key Vault Secrets User",
        principalId: identity.principalId,
        principalType: "ServicePrincipal",
      }),
    );
    return { identityId: identity.id, after: [role] };
  }

  /** A gateway that cannot read its certificate is not made. */
  private connectVault(gateway: ApplicationGateway): void {
    const { link, certificate } = this.props;
    if (link === undefined || certificate?.keyVaultId === undefined || certificate.privateEndpoint === false) return;
    link.connect("people-certificate", certificate.keyVaultId, "vault");
    gateway.node.addDependency(link);
  }

  private addNames(target: { readonly records: string[] } | { readonly targetResourceId: string }): void {
    const { dns, transform } = this.props;
    const hosts = { ...this.hosts, apps: `*.${this.appsDomain}` };
    for (const service of peopleServices) {
      new DnsARecord(
        this,
        `${service}-name`,
        transformed(transform?.name, {
          name: hosts[service].slice(0, -dns.zoneDomain.length - 1),
          zoneName: dns.zone.name,
          resourceGroupName: dns.zone.resourceGroup,
          ttl: TTL_SECONDS,
          ...target,
        }),
      );
    }
  }

  private addLog(gateway: ApplicationGateway): void {
    const { logWorkspaceId } = this.props;
    if (logWorkspaceId === undefined) {
      waiveByChoice(gateway, {
        rule: "azure-gateway-logging",
        prop: "logWorkspaceId",
        reason: "no workspace is told who called what",
      });
      return;
    }
    auditTo(this, "log", {
      resourceId: gateway.id,
      workspaceId: logWorkspaceId,
      categories: ["ApplicationGatewayAccessLog", "ApplicationGatewayFirewallLog"],
    });
  }

  private where(): { readonly resourceGroupName: string; readonly location: string } {
    return { resourceGroupName: this.props.resourceGroup, location: this.props.region };
  }
}
