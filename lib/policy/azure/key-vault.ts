import type { PolicyRule } from "../rule";
import { isPresent, settingRule } from "../setting";
import { UNKNOWN } from "../values";

const VAULT = "azurerm_key_vault";

const purgeProtection = settingRule({
  id: "azure-key-vault-purge-protection",
  severity: "MEDIUM",
  title: "What is deleted from a Key Vault cannot be purged before its time",
  why: "Without the key that seals Vault its data is lost for good: whoever may purge can destroy a platform in a minute.",
  fix: "set purge_protection_enabled = true",
  references: {
    trivy: ["AZU-0016"],
    checkov: ["CKV_AZURE_42", "CKV_AZURE_110", "CKV_AZURE_111"],
  },
  types: [VAULT],
  path: "purge_protection_enabled",
  right: [true],
});

const rbac: PolicyRule = {
  id: "azure-key-vault-rbac",
  severity: "MEDIUM",
  title: "A Key Vault asks Azure's roles who may do what",
  why: "Access policies know no scope below the vault, no conditions, and no end.",
  fix: "set rbac_authorization_enabled = true, and remove access policies",
  references: { cis: ["Azure v6.0 8.3.6"] },
  resourceTypes: [VAULT, "azurerm_key_vault_access_policy"],
  *check(resource) {
    if (resource.type !== VAULT) {
      yield { attribute: resource.type, given: "in use" };
      return;
    }
    const names = ["rbac_authorization_enabled", "enable_rbac_authorization"];
    const values = names.map((name) => resource.boolean(name));
    if (!values.some((value) => value === true || value === UNKNOWN)) {
      yield { attribute: "rbac_authorization_enabled", given: values.find((value) => value !== undefined) };
    }
  },
};

const network: PolicyRule = {
  id: "azure-key-vault-network",
  severity: "CRITICAL",
  title: "A Key Vault is not reached from every network",
  why: "A token that leaks is then good from everywhere, for every secret.",
  fix: 'set public_network_access_enabled = false, or network_acls with default_action = "Deny"',
  references: {
    trivy: ["AZU-0013"],
    checkov: ["CKV_AZURE_109", "CKV_AZURE_189"],
    cis: ["Azure v6.0 8.3.7"],
  },
  resourceTypes: [VAULT],
  *check(vault) {
    const open = vault.boolean("public_network_access_enabled");
    if (open === false || open === UNKNOWN) return;
    const action = vault.block("network_acls")?.text("default_action");
    if (action !== "Deny" && action !== UNKNOWN) yield { attribute: "network_acls.default_action", given: action };
  },
};

const privateEndpoint: PolicyRule = {
  id: "azure-key-vault-private-endpoint",
  severity: "LOW",
  title: "A Key Vault has a private endpoint",
  why: "Traffic to it otherwise leaves the network, to an address of the internet.",
  fix: "add an azurerm_private_endpoint for the vault",
  references: { checkov: ["CKV2_AZURE_32"], cis: ["Azure v6.0 8.3.8"] },
  resourceTypes: [VAULT],
  *check(vault, stack) {
    if (stack.pointingAt(vault, "azurerm_private_endpoint", "private_service_connection").length === 0) {
      yield { attribute: "azurerm_private_endpoint" };
    }
  },
};

const logging: PolicyRule = {
  id: "azure-key-vault-logging",
  severity: "MEDIUM",
  title: "A Key Vault logs who used which key and secret",
  why: "Without it nobody can say afterwards who read a secret.",
  fix: "add an azurerm_monitor_diagnostic_setting for the vault",
  references: { cis: ["Azure v6.0 6.1.1.4"] },
  resourceTypes: [VAULT],
  *check(vault, stack) {
    if (stack.pointingAt(vault, "azurerm_monitor_diagnostic_setting", "target_resource_id").length === 0) {
      yield { attribute: "azurerm_monitor_diagnostic_setting" };
    }
  },
};

const keyRotation: PolicyRule = {
  id: "azure-key-rotation",
  severity: "MEDIUM",
  title: "A key of a Key Vault rotates by itself",
  why: "A key that never changes protects more and more data with one secret; one with an end and no rotation stops everything.",
  fix: "add rotation_policy with automatic",
  references: {
    trivy: ["AZU-0014"],
    checkov: ["CKV_AZURE_40"],
    cis: ["Azure v6.0 8.3.1", "Azure v6.0 8.3.2", "Azure v6.0 8.3.9"],
  },
  resourceTypes: ["azurerm_key_vault_key"],
  *check(key) {
    const policy = key.block("rotation_policy");
    if (!policy?.isUnknown && policy?.block("automatic") === undefined) {
      yield { attribute: "rotation_policy.automatic" };
    }
  },
};

const secretExpiry = settingRule({
  id: "azure-secret-expiry",
  severity: "LOW",
  title: "A secret of a Key Vault that Terraform writes has an end",
  why: "A secret without one is never changed.",
  fix: "set expiration_date",
  references: {
    trivy: ["AZU-0017"],
    checkov: ["CKV_AZURE_41"],
    cis: ["Azure v6.0 8.3.3", "Azure v6.0 8.3.4"],
  },
  types: ["azurerm_key_vault_secret"],
  path: "expiration_date",
  right: isPresent,
});

const secretContentType = settingRule({
  id: "azure-secret-content-type",
  severity: "LOW",
  title: "A secret of a Key Vault says what it is",
  why: "A secret that nobody can explain is a secret that nobody dares to remove.",
  fix: "set content_type",
  references: { trivy: ["AZU-0015"], checkov: ["CKV_AZURE_114"] },
  types: ["azurerm_key_vault_secret"],
  path: "content_type",
  right: isPresent,
});

export const keyVaultRules: readonly PolicyRule[] = [
  purgeProtection,
  rbac,
  network,
  privateEndpoint,
  logging,
  keyRotation,
  secretExpiry,
  secretContentType,
];
