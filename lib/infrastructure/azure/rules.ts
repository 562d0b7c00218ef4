import type { Rule } from "../../core/errors";
import { matching } from "../../core/rules";

/**
 * A region of Azure's public cloud. The others (US Government, China, operated by 21Vianet) have names and addresses of their
 * own, which nodes do not know.
 */
export const region: Rule<string> = matching(
  /(?!usgov|usdod|ussec|usnat|china)[a-z]+[0-9]?/,
  'the name of a region of Azure\'s public cloud as it stands in ids, such as "westeurope"',
  "print the names with: az account list-locations --query [].name",
);

const SUBSCRIPTION = "/subscriptions/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const GROUP = "[\\w().-]{0,89}[\\w()-]";
const NAME = "[\\w][\\w.-]{0,126}";

/** How the parts of ids that Azure writes with capitals stand in them; it reads them in any case, Terraform does not. */
const WRITTEN = "with its capitals as Azure writes them";

/** The id of a resource of a type, or of one inside another: `Microsoft.Network/virtualNetworks/subnets`. */
export function idOf(of: string, type: string, where: string): Rule<string> {
  const [provider = "", ...kinds] = type.split("/");
  const path = kinds.map((kind) => `${kind}/${NAME}`).join("/");
  const example = kinds.map((kind) => `${kind}/<name>`).join("/");
  return matching(
    new RegExp(`${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/${provider.replaceAll(".", "\\.")}/${path}`),
    `the id of ${of}, ${WRITTEN}: "/subscriptions/<id>/resourceGroups/<name>/providers/${provider}/${example}"`,
    `copy it from ${where}; a name is not it`,
  );
}

/** Where most ids are found. */
const PROPERTIES = 'its page, "JSON View", "Resource ID"';

export const virtualNetworkId = idOf("a virtual network", "Microsoft.Network/virtualNetworks", PROPERTIES);
export const subnetId = idOf(
  "a subnet",
  "Microsoft.Network/virtualNetworks/subnets",
  "az network vnet subnet show --query id",
);
export const applicationSecurityGroupId = idOf(
  "an application security group",
  "Microsoft.Network/applicationSecurityGroups",
  PROPERTIES,
);
export const storageAccountId = idOf("a storage account", "Microsoft.Storage/storageAccounts", PROPERTIES);
export const identityId = idOf(
  "a user-assigned managed identity",
  "Microsoft.ManagedIdentity/userAssignedIdentities",
  PROPERTIES,
);
export const keyVaultId = idOf("a key vault", "Microsoft.KeyVault/vaults", PROPERTIES);
export const keyId = idOf("a key in a key vault", "Microsoft.KeyVault/vaults/keys", "az resource show");
export const diskEncryptionSetId = idOf("a disk encryption set", "Microsoft.Compute/diskEncryptionSets", PROPERTIES);
export const workspaceId = idOf("a workspace of Log Analytics", "Microsoft.OperationalInsights/workspaces", PROPERTIES);
export const wafPolicyId = idOf(
  "a policy of the Web Application Firewall for Application Gateway",
  "Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies",
  PROPERTIES,
);
export const publicZoneId = idOf("a public DNS zone", "Microsoft.Network/dnsZones", PROPERTIES);
export const privateZoneId = idOf("a private DNS zone", "Microsoft.Network/privateDnsZones", PROPERTIES);
export const actionGroupId = idOf("an action group", "Microsoft.Insights/actionGroups", PROPERTIES);

/**
 * A version-less address of a secret in a key vault: what reads it finds the newest version, so that a renewed certificate
 * needs no apply.
 */
export const secretAddress: Rule<string> = matching(
  /https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.azure\.net\/secrets\/[A-Za-z0-9-]{1,127}\/?/,
  'the address of a secret in a key vault, without a version: "https://acme.vault.azure.net/secrets/caravan"',
  "copy the secret identifier of the certificate, and leave out its last part, the version",
);

/**
 * Who may come over the internet to a key vault or a storage account: their firewalls take public IPv4 addresses, and ranges of four
 * or more: https://learn.microsoft.com/en-us/azure/storage/common/storage-network-security-ip-address-range
 */
export const clientRange: Rule<string> = matching(
  /(?!10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\/(?:[8-9]|[12]\d|30))?/,
  "a public IPv4 address, or a range from /8 to /30",
  'write "198.51.100.7" for one address and "203.0.113.0/24" for a range; a /31 as two addresses',
);

/** One version of an image, which stands for the same bytes for ever. */
export const imageId: Rule<string> = matching(
  new RegExp(
    `[\\w.-]+:[\\w.-]+:[\\w.-]+:\\d+(?:\\.\\d+){1,3}|${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft\\.Compute/galleries/${NAME}/images/${NAME}/versions/\\d+\\.\\d+\\.\\d+`,
  ),
  'one version of an image: "publisher:offer:sku:version" of the marketplace, or the id of a gallery image\'s version',
  'write its number instead of "latest": az vm image list --publisher Canonical --offer ubuntu-24_04-lts --all',
);
export const securityGroupId = idOf("a network security group", "Microsoft.Network/networkSecurityGroups", PROPERTIES);
export const registryId = idOf("a container registry", "Microsoft.ContainerRegistry/registries", PROPERTIES);
export const backendPoolId = idOf(
  "a pool of a load balancer",
  "Microsoft.Network/loadBalancers/backendAddressPools",
  'the balancer\'s page, "JSON View"',
);
export const gatewayPoolId = idOf(
  "a pool of an application gateway",
  "Microsoft.Network/applicationGateways/backendAddressPools",
  'the gateway\'s page, "JSON View"',
);
