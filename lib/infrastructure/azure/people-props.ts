import type { ApplicationGatewayConfig } from "@cdktf/provider-azurerm/lib/application-gateway";
import type { DnsARecordConfig } from "@cdktf/provider-azurerm/lib/dns-a-record";
import type { PublicIpConfig } from "@cdktf/provider-azurerm/lib/public-ip";
import type { RoleAssignmentConfig } from "@cdktf/provider-azurerm/lib/role-assignment";
import type { UserAssignedIdentityConfig } from "@cdktf/provider-azurerm/lib/user-assigned-identity";
import type { WebApplicationFirewallPolicyConfig } from "@cdktf/provider-azurerm/lib/web-application-firewall-policy";
import type { PropsCheck } from "../../core/errors";
import { boolean, integer, listOf, matching, oneOf } from "../../core/rules";
import { duration } from "../../core/values";
import type { Transform } from "../../layer/transform";
import { certificates } from "../../node/check/rules";
import { type Product, products } from "../../node/products";
import { allowedRange } from "../ranges";
import { identityId, idOf, keyVaultId, secretAddress } from "./rules";

/** A certificate in a key vault, which is whose it is to renew: an issuer of the vault's, or a job that speaks ACME. */
export interface AzureCertificate {
  /**
   * Address of the certificate's secret, without a version, for `vault`, `consul`, `nomad` and `*.apps` below the domain:
   * `"https://acme.vault.azure.net/secrets/caravan"`. The gateway looks for a newer version every four hours.
   */
  readonly secretId: string;
  /**
   * Id of that key vault, which grants rights by roles (RBAC): the gateway's identity may then read this secret, nothing else.
   *
   * @default - the given `identityId` may already
   */
  readonly keyVaultId?: string;
  /**
   * Whether that key vault gets a private endpoint in the network: a gateway with only a private address reaches it by no other way.
   * `false` where it has one already.
   *
   * @default true - if there is a `keyVaultId`
   */
  readonly privateEndpoint?: boolean;
}

/**
 * An Application Gateway that somebody else made. All of it is one resource, its owner's: listeners, rules, certificate and the
 * verification of servers are set there. Nodes join its pools.
 */
export interface AzureGivenGateway {
  /** Ids of the pools that each product's servers and the workers join. */
  readonly backendPoolIds: Readonly<Record<Product | "apps", string>>;
  /** The block of the gateway's subnet, which nodes let in. */
  readonly sourceRange: string;
  /** The address that the names lead to: `"10.8.1.10"`. */
  readonly address: string;
}

/** How people reach the cluster. */
export interface AzurePeopleChoice {
  /**
   * Networks from which people come, each from /8 on, never everybody.
   *
   * @default - the network itself: its VPN, its peers. A `public` address has no default
   */
  readonly allowedRanges?: readonly string[];
  /**
   * Whether the gateway faces the internet. It breaks the policy's rule `azure-lb-internal` by choice, and the waiver is in the
   * report. A gateway with only a private address needs the feature `EnableApplicationGatewayNetworkIsolation` of
   * `Microsoft.Network` registered in the subscription, once.
   *
   * @default false
   */
  readonly public?: boolean;
  /** The certificate that browsers see. Azure issues none by itself. Beside `gateway`, none. */
  readonly certificate?: AzureCertificate;
  /**
   * Id of a user-assigned identity that may read the certificate.
   *
   * @default - one is made, with the right to read that one secret
   */
  readonly identityId?: string;
  /**
   * Certificates, in PEM, of the authorities that sign what the gateway finds behind it: the cluster's own, which is born with
   * the first servers, and the ingress's. A gateway trusts no server otherwise, and answers people with 502 until it is given:
   * apply, read the secret `public-ca` of the cluster (and the authority of the ingress), give both, apply again.
   *
   * @default - none yet
   */
  readonly backendCa?: string;
  /**
   * How long the gateway waits for an answer, such as that of a blocking query or of `nomad alloc exec`: 1s to 24h.
   *
   * @default "1h"
   */
  readonly idleTimeout?: string;
  /**
   * Between how many units of capacity the gateway scales by itself: 0 to 125. One unit costs about 10 USD a month beside the 320
   * of the gateway (https://azure.microsoft.com/en-us/pricing/details/application-gateway/).
   *
   * @default { min: 2, max: 10 }
   */
  readonly capacity?: { readonly min: number; readonly max: number };
  /**
   * Whether the web application firewall stops what it finds, or only writes it down, which breaks the policy's rule
   * `azure-waf-prevention` by choice.
   *
   * @default "prevention"
   */
  readonly waf?: "prevention" | "detection";
  /**
   * An Application Gateway that exists.
   *
   * @default - one is made
   */
  readonly gateway?: AzureGivenGateway;
}

export interface AzurePeopleTransform {
  readonly gateway?: Transform<ApplicationGatewayConfig>;
  readonly publicIp?: Transform<PublicIpConfig>;
  readonly identity?: Transform<UserAssignedIdentityConfig>;
  readonly certificateRole?: Transform<RoleAssignmentConfig>;
  /** Laid on both policies, that of products and that of applications, told apart by their names. */
  readonly wafPolicy?: Transform<WebApplicationFirewallPolicyConfig>;
  /** Laid on each of the names. */
  readonly name?: Transform<DnsARecordConfig>;
}

/** https://learn.microsoft.com/en-us/azure/application-gateway/configuration-http-settings#request-timeout */
const idleTimeout = duration({ min: "1s", max: "24h", unit: "s" });

const backendPoolId = idOf(
  "a pool of an Application Gateway",
  "Microsoft.Network/applicationGateways/backendAddressPools",
  "az network application-gateway address-pool show --query id",
);

const address = matching(
  /(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)/,
  "an IPv4 address",
  'write it like "10.8.1.10"',
);

const OWNERS = ["public", "certificate", "identityId", "backendCa", "idleTimeout", "capacity", "waf"] as const;

/** Checks from where people come, beside how they reach the cluster. */
export function checkPeopleRanges(check: PropsCheck, { allowedRanges, public: isPublic }: AzurePeopleChoice): void {
  check.each("allowedRanges", allowedRanges, allowedRange);
  if (isPublic === true) check.required("allowedRanges", allowedRanges, listOf(1, 50, "networks"));
}

/** Checks how people reach the cluster. */
export function checkPeople(check: PropsCheck, props: Omit<AzurePeopleChoice, "allowedRanges">): void {
  check.optional("public", props.public, boolean);
  check.optional("identityId", props.identityId, identityId);
  check.optional("backendCa", props.backendCa, certificates);
  check.optional("idleTimeout", props.idleTimeout, idleTimeout);
  check.optional("waf", props.waf, oneOf(["prevention", "detection"]));
  checkCapacity(check, props.capacity);
  if (props.gateway !== undefined) checkGiven(check, props, props.gateway);
  else checkCertificate(check, props);
}

function checkCertificate(check: PropsCheck, props: AzurePeopleChoice): void {
  check.required("certificate.secretId", props.certificate?.secretId, secretAddress);
  check.optional("certificate.keyVaultId", props.certificate?.keyVaultId, keyVaultId);
  check.optional("certificate.privateEndpoint", props.certificate?.privateEndpoint, boolean);
  if ((props.certificate?.keyVaultId === undefined) === (props.identityId === undefined)) {
    check.add({
      property: "certificate.keyVaultId",
      given: props.certificate?.keyVaultId,
      allowed: "the key vault of the certificate, or an identityId that may already read it; one of both",
      fix: "give the vault's id to have an identity made that may read the certificate",
    });
  }
}

function checkCapacity(check: PropsCheck, capacity: AzurePeopleChoice["capacity"]): void {
  if (capacity === undefined) return;
  const min = check.required("capacity.min", capacity.min, integer(0, 100, "units"));
  const max = check.required("capacity.max", capacity.max, integer(2, 125, "units"));
  if (!min || !max || capacity.min <= capacity.max) return;
  check.add({
    property: "capacity.min",
    given: capacity.min,
    allowed: `at most max, which is ${capacity.max}`,
    fix: "raise max or lower min",
  });
}

function checkGiven(check: PropsCheck, props: AzurePeopleChoice, given: AzureGivenGateway): void {
  const inner = check.under("gateway");
  for (const service of [...products, "apps"] as const) {
    inner.required(`backendPoolIds.${service}`, given.backendPoolIds?.[service], backendPoolId);
  }
  inner.required("sourceRange", given.sourceRange, allowedRange);
  inner.required("address", given.address, address);
  for (const property of OWNERS.filter((each) => props[each] !== undefined)) {
    check.add({
      property,
      given: props[property],
      allowed: "nothing beside gateway, whose owner decides",
      fix: `set it on that gateway, and remove ${property} here`,
    });
  }
}
