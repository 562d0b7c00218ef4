import { keyVaultRules } from "../../../lib/policy/azure/key-vault";
import { testRules } from "../rule-examples";

const vault = (attributes: object, beside: object = {}) => ({
  resource: { azurerm_key_vault: { v: attributes }, ...beside },
});
const key = (attributes: object) => ({ resource: { azurerm_key_vault_key: { k: attributes } } });
const secret = (attributes: object) => ({ resource: { azurerm_key_vault_secret: { s: attributes } } });
const ID = "${azurerm_key_vault.v.id}";
const on = (attribute: string, given: unknown) => `azurerm_key_vault.v ${attribute}: ${String(given)}`;

testRules(keyVaultRules, {
  "azure-key-vault-purge-protection": {
    breaks: {
      "a vault alone": [vault({}), on("purge_protection_enabled", "nothing")],
      "one that may be purged": [vault({ purge_protection_enabled: false }), on("purge_protection_enabled", false)],
    },
    holds: { "a protected one": vault({ purge_protection_enabled: true }) },
  },
  "azure-key-vault-rbac": {
    breaks: {
      "a vault alone": [vault({}), on("rbac_authorization_enabled", "nothing")],
      "an access policy": [
        { resource: { azurerm_key_vault_access_policy: { p: { key_vault_id: ID } } } },
        'azurerm_key_vault_access_policy.p azurerm_key_vault_access_policy: "in use"',
      ],
    },
    holds: {
      "Azure's roles": vault({ rbac_authorization_enabled: true }),
      "the argument's former name": vault({ enable_rbac_authorization: true }),
    },
  },
  "azure-key-vault-network": {
    breaks: {
      "a vault alone": [vault({}), on("network_acls.default_action", "nothing")],
      "rules that let all in": [
        vault({ network_acls: { bypass: "AzureServices", default_action: "Allow" } }),
        on("network_acls.default_action", '"Allow"'),
      ],
    },
    holds: {
      "no public network": vault({ public_network_access_enabled: false }),
      "a denial": vault({ network_acls: { bypass: "AzureServices", default_action: "Deny" } }),
    },
  },
  "azure-key-vault-private-endpoint": {
    breaks: { "a vault alone": [vault({}), on("azurerm_private_endpoint", "nothing")] },
    holds: {
      "a vault with one": vault(
        {},
        { azurerm_private_endpoint: { e: { private_service_connection: { private_connection_resource_id: ID } } } },
      ),
    },
  },
  "azure-key-vault-logging": {
    breaks: { "a vault alone": [vault({}), on("azurerm_monitor_diagnostic_setting", "nothing")] },
    holds: {
      "a vault with a log": vault({}, { azurerm_monitor_diagnostic_setting: { d: { target_resource_id: ID } } }),
    },
  },
  "azure-key-rotation": {
    breaks: {
      "a key alone": [key({}), "azurerm_key_vault_key.k rotation_policy.automatic: nothing"],
      "an end without a rotation": [
        key({ rotation_policy: { expire_after: "P90D" } }),
        "azurerm_key_vault_key.k rotation_policy.automatic: nothing",
      ],
    },
    holds: { "one that rotates": key({ rotation_policy: { automatic: { time_after_creation: "P90D" } } }) },
  },
  "azure-secret-expiry": {
    breaks: { "a secret alone": [secret({}), "azurerm_key_vault_secret.s expiration_date: nothing"] },
    holds: { "one with an end": secret({ expiration_date: "2027-03-31T00:00:00Z" }) },
  },
  "azure-secret-content-type": {
    breaks: { "a secret alone": [secret({}), "azurerm_key_vault_secret.s content_type: nothing"] },
    holds: { "one that says what it is": secret({ content_type: "gossip key" }) },
  },
});
