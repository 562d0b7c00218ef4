import type { PolicyRule } from "../rule";
import { settingRule } from "../setting";
import type { SynthesizedResource, SynthesizedStack } from "../synthesized-stack";
import { UNKNOWN } from "../values";

const ACCOUNT = "azurerm_storage_account";

const httpsOnly = settingRule({
  id: "azure-storage-https-only",
  severity: "HIGH",
  title: "A storage account takes HTTPS only",
  why: "Tokens and data can be read on the way.",
  fix: "remove https_traffic_only_enabled",
  references: { trivy: ["AZU-0008", "AZU-0059"], checkov: ["CKV_AZURE_3"] },
  types: [ACCOUNT],
  path: "https_traffic_only_enabled",
  byDefault: true,
  right: [true],
});

const tls = settingRule({
  id: "azure-storage-tls",
  severity: "CRITICAL",
  title: "A storage account speaks TLS 1.2 or later only",
  why: "TLS 1.0 and 1.1 are broken, and RFC 8996 deprecates them.",
  fix: "remove min_tls_version",
  references: { trivy: ["AZU-0011"], checkov: ["CKV_AZURE_44"], cis: ["Azure v6.0 9.3.6"] },
  types: [ACCOUNT],
  path: "min_tls_version",
  byDefault: "TLS1_2",
  right: ["TLS1_2", "TLS1_3"],
});

const sharedKey = settingRule({
  id: "azure-storage-shared-key",
  severity: "HIGH",
  title: "A storage account has no shared keys",
  why: "Whoever has an account's key is everybody to it: no identity, no end, no log of who it was.",
  fix: "set shared_access_key_enabled = false, and sign in with identities",
  references: { checkov: ["CKV2_AZURE_40"], cis: ["Azure v6.0 9.3.1.3"] },
  types: [ACCOUNT],
  path: "shared_access_key_enabled",
  byDefault: true,
  right: [false],
});

const localUsers = settingRule({
  id: "azure-storage-local-users",
  severity: "LOW",
  title: "A storage account has no users of its own",
  why: "Users for SFTP have passwords and keys of the account's, outside of Entra ID.",
  fix: "set local_user_enabled = false",
  references: { checkov: ["CKV_AZURE_244"] },
  types: [ACCOUNT],
  path: "local_user_enabled",
  byDefault: true,
  right: [false],
});

const publicBlobs = settingRule({
  id: "azure-storage-public-blobs",
  severity: "HIGH",
  title: "No container of a storage account can be made public",
  why: "One container made public in haste is read by the whole internet; the account's setting makes that impossible.",
  fix: "set allow_nested_items_to_be_public = false",
  references: { checkov: ["CKV_AZURE_190", "CKV2_AZURE_47"] },
  types: [ACCOUNT],
  path: "allow_nested_items_to_be_public",
  byDefault: true,
  right: [false],
});

const publicContainer = settingRule({
  id: "azure-storage-public-container",
  severity: "HIGH",
  title: "A container is private",
  why: "Everybody in the world reads its blobs otherwise.",
  fix: "remove container_access_type",
  references: { trivy: ["AZU-0007"], checkov: ["CKV_AZURE_34"] },
  types: ["azurerm_storage_container"],
  path: "container_access_type",
  byDefault: "private",
  right: ["private"],
});

/** The rules of an account's firewall, in the account and beside it. */
function firewallsOf(account: SynthesizedResource, stack: SynthesizedStack) {
  const beside = stack.pointingAt(account, "azurerm_storage_account_network_rules", "storage_account_id");
  return [
    ...account.blocks("network_rules").map((block) => ({ block, prefix: "" })),
    ...beside.map((block) => ({ block, prefix: `${block.address}.` })),
  ];
}

/** Off, or known to Terraform only. */
function isOffline(resource: SynthesizedResource): boolean {
  const open = resource.boolean("public_network_access_enabled");
  return open === false || open === UNKNOWN;
}

const network: PolicyRule = {
  id: "azure-storage-network",
  severity: "CRITICAL",
  title: "A storage account is not reached from every network",
  why: "A token that leaks is then good from everywhere.",
  fix: 'set public_network_access_enabled = false, or network_rules with default_action = "Deny"',
  references: {
    trivy: ["AZU-0012"],
    checkov: ["CKV_AZURE_35", "CKV_AZURE_59"],
    cis: ["Azure v6.0 9.3.2.2", "Azure v6.0 9.3.2.3"],
  },
  resourceTypes: [ACCOUNT],
  *check(account, stack) {
    if (isOffline(account)) return;
    const firewalls = firewallsOf(account, stack);
    if (firewalls.length === 0) yield { attribute: "network_rules.default_action" };
    for (const { block, prefix } of firewalls) {
      const action = block.text("default_action");
      if (action !== "Deny" && action !== UNKNOWN) {
        yield { attribute: `${prefix}${block.at("default_action")}`, given: action };
      }
    }
  },
};

const trustedServices: PolicyRule = {
  id: "azure-storage-trusted-services",
  severity: "HIGH",
  title: "A storage account's firewall lets Azure's own trusted services through",
  why: "Logs, backups and alarms that Azure writes itself are otherwise lost without a word.",
  fix: 'add "AzureServices" to bypass',
  references: { trivy: ["AZU-0010"], checkov: ["CKV_AZURE_36"], cis: ["Azure v6.0 9.3.5"] },
  resourceTypes: [ACCOUNT],
  *check(account, stack) {
    for (const { block, prefix } of firewallsOf(account, stack)) {
      // Not stated is Azure's default, AzureServices.
      if (block.isUnknown || !block.has("bypass")) continue;
      const services = block.texts("bypass");
      if (!services.some((service) => service === UNKNOWN || service === "AzureServices")) {
        yield { attribute: `${prefix}${block.at("bypass")}`, given: block.value("bypass") };
      }
    }
  },
};

const privateEndpoint: PolicyRule = {
  id: "azure-storage-private-endpoint",
  severity: "LOW",
  title: "A storage account has a private endpoint",
  why: "Traffic to it otherwise leaves the network, to an address of the internet.",
  fix: "add an azurerm_private_endpoint for the account",
  references: { checkov: ["CKV2_AZURE_33"], cis: ["Azure v6.0 9.3.2.1"] },
  resourceTypes: [ACCOUNT],
  *check(account, stack) {
    if (stack.pointingAt(account, "azurerm_private_endpoint", "private_service_connection").length === 0) {
      yield { attribute: "azurerm_private_endpoint" };
    }
  },
};

const versioning: PolicyRule = {
  id: "azure-storage-versioning",
  severity: "MEDIUM",
  title: "A storage account keeps versions of blobs, and what is deleted",
  why: "What is overwritten or deleted by mistake (a state, a snapshot) is otherwise gone.",
  fix: "add blob_properties with versioning_enabled, delete_retention_policy and container_delete_retention_policy",
  references: {
    trivy: ["AZU-0056"],
    checkov: ["CKV2_AZURE_38"],
    cis: ["Azure v6.0 9.2.1", "Azure v6.0 9.2.2", "Azure v6.0 9.2.3"],
  },
  resourceTypes: [ACCOUNT],
  *check(account) {
    const blobs = account.block("blob_properties");
    if (blobs?.isUnknown) return;
    const versions = blobs?.boolean("versioning_enabled");
    if (versions !== true && versions !== UNKNOWN) {
      yield { attribute: "blob_properties.versioning_enabled", given: versions };
    }
    for (const kept of ["delete_retention_policy", "container_delete_retention_policy"]) {
      if (blobs?.block(kept) === undefined) yield { attribute: `blob_properties.${kept}` };
    }
  },
};

const customerKey: PolicyRule = {
  id: "azure-storage-key",
  severity: "LOW",
  title: "A storage account is encrypted with a key of the customer's own",
  why: "With Microsoft's own key nobody can say who may decrypt, see who did, or stop it.",
  fix: "add customer_managed_key, or an azurerm_storage_account_customer_managed_key for the account",
  references: { trivy: ["AZU-0060"], checkov: ["CKV2_AZURE_1"] },
  resourceTypes: [ACCOUNT],
  *check(account, stack) {
    const beside = stack.pointingAt(account, "azurerm_storage_account_customer_managed_key", "storage_account_id");
    if (account.block("customer_managed_key") === undefined && beside.length === 0) {
      yield { attribute: "customer_managed_key" };
    }
  },
};

const logging: PolicyRule = {
  id: "azure-storage-logging",
  severity: "LOW",
  title: "A storage account logs who reads and writes its blobs",
  why: "Without it nobody can say afterwards who took what.",
  fix: "add an azurerm_monitor_diagnostic_setting for the account's blob service (<id>/blobServices/default)",
  references: { trivy: ["AZU-0057"], checkov: ["CKV2_AZURE_21"] },
  resourceTypes: [ACCOUNT],
  *check(account, stack) {
    if (stack.pointingAt(account, "azurerm_monitor_diagnostic_setting", "target_resource_id").length === 0) {
      yield { attribute: "azurerm_monitor_diagnostic_setting" };
    }
  },
};

const replication = settingRule({
  id: "azure-storage-replication",
  severity: "LOW",
  title: "A storage account's data stands in more than one building",
  why: "With LRS all copies stand in one building, and go with it.",
  fix: 'set account_replication_type to "ZRS", or to one with a second region',
  references: { trivy: ["AZU-0058"], checkov: ["CKV_AZURE_206"], cis: ["Azure v6.0 9.3.11"] },
  types: [ACCOUNT],
  path: "account_replication_type",
  right: ["ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"],
});

export const storageRules: readonly PolicyRule[] = [
  httpsOnly,
  tls,
  sharedKey,
  localUsers,
  publicBlobs,
  publicContainer,
  network,
  trustedServices,
  privateEndpoint,
  versioning,
  customerKey,
  logging,
  replication,
];
