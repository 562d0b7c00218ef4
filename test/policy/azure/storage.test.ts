import { storageRules } from "../../../lib/policy/azure/storage";
import { testRules } from "../rule-examples";

const account = (attributes: object, beside: object = {}) => ({
  resource: { azurerm_storage_account: { a: attributes }, ...beside },
});
const ID = "${azurerm_storage_account.a.id}";
const on = (attribute: string, given: unknown) => `azurerm_storage_account.a ${attribute}: ${String(given)}`;
const kept = { days: 30 };

testRules(storageRules, {
  "azure-storage-https-only": {
    breaks: {
      "plain HTTP": [account({ https_traffic_only_enabled: false }), on("https_traffic_only_enabled", false)],
    },
    holds: { "Azure's default": account({}), "HTTPS only": account({ https_traffic_only_enabled: true }) },
  },
  "azure-storage-tls": {
    breaks: { "TLS 1.0": [account({ min_tls_version: "TLS1_0" }), on("min_tls_version", '"TLS1_0"')] },
    holds: { "the provider's default": account({}), "TLS 1.2": account({ min_tls_version: "TLS1_2" }) },
  },
  "azure-storage-shared-key": {
    breaks: {
      "an account alone": [account({}), on("shared_access_key_enabled", "nothing")],
      "keys that are on": [account({ shared_access_key_enabled: true }), on("shared_access_key_enabled", true)],
    },
    holds: { "an account without keys": account({ shared_access_key_enabled: false }) },
  },
  "azure-storage-local-users": {
    breaks: { "an account alone": [account({}), on("local_user_enabled", "nothing")] },
    holds: { "an account without users": account({ local_user_enabled: false }) },
  },
  "azure-storage-public-blobs": {
    breaks: {
      "the provider's default": [account({}), on("allow_nested_items_to_be_public", "nothing")],
      "one that may be public": [
        account({ allow_nested_items_to_be_public: "true" }),
        on("allow_nested_items_to_be_public", '"true"'),
      ],
    },
    holds: { "one that may not": account({ allow_nested_items_to_be_public: false }) },
  },
  "azure-storage-public-container": {
    breaks: {
      "a container for everybody": [
        { resource: { azurerm_storage_container: { c: { container_access_type: "blob" } } } },
        'azurerm_storage_container.c container_access_type: "blob"',
      ],
    },
    holds: {
      "a container alone": { resource: { azurerm_storage_container: { c: {} } } },
      "a private one": { resource: { azurerm_storage_container: { c: { container_access_type: "private" } } } },
    },
  },
  "azure-storage-network": {
    breaks: {
      "an account alone": [account({}), on("network_rules.default_action", "nothing")],
      "rules that let all in": [
        account({ network_rules: { default_action: "Allow" } }),
        on("network_rules.default_action", '"Allow"'),
      ],
      "rules beside it that let all in": [
        account(
          {},
          { azurerm_storage_account_network_rules: { r: { storage_account_id: ID, default_action: "Allow" } } },
        ),
        on("azurerm_storage_account_network_rules.r.default_action", '"Allow"'),
      ],
    },
    holds: {
      "no public network": account({ public_network_access_enabled: false }),
      "a denial": account({ network_rules: { default_action: "Deny" } }),
      "a denial beside it": account(
        {},
        { azurerm_storage_account_network_rules: { r: { storage_account_id: ID, default_action: "Deny" } } },
      ),
    },
  },
  "azure-storage-trusted-services": {
    breaks: {
      "nobody but the network": [
        account({ network_rules: { default_action: "Deny", bypass: ["None"] } }),
        on("network_rules.bypass", '["None"]'),
      ],
    },
    holds: {
      "Azure's default": account({ network_rules: { default_action: "Deny" } }),
      "trusted services": account({ network_rules: { default_action: "Deny", bypass: ["Logging", "AzureServices"] } }),
    },
  },
  "azure-storage-private-endpoint": {
    breaks: { "an account alone": [account({}), on("azurerm_private_endpoint", "nothing")] },
    holds: {
      "an account with one": account(
        {},
        { azurerm_private_endpoint: { e: { private_service_connection: { private_connection_resource_id: ID } } } },
      ),
    },
  },
  "azure-storage-versioning": {
    breaks: {
      "an account alone": [
        account({}),
        on("blob_properties.versioning_enabled", "nothing"),
        on("blob_properties.delete_retention_policy", "nothing"),
        on("blob_properties.container_delete_retention_policy", "nothing"),
      ],
      "one without versions": [
        account({
          blob_properties: {
            versioning_enabled: false,
            delete_retention_policy: kept,
            container_delete_retention_policy: kept,
          },
        }),
        on("blob_properties.versioning_enabled", false),
      ],
    },
    holds: {
      "one that keeps all": account({
        blob_properties: {
          versioning_enabled: true,
          delete_retention_policy: kept,
          container_delete_retention_policy: kept,
        },
      }),
    },
  },
  "azure-storage-key": {
    breaks: { "an account alone": [account({}), on("customer_managed_key", "nothing")] },
    holds: {
      "a key of one's own": account({ customer_managed_key: { key_vault_key_id: "${azurerm_key_vault_key.k.id}" } }),
      "a key beside it": account(
        {},
        { azurerm_storage_account_customer_managed_key: { k: { storage_account_id: ID, key_name: "data" } } },
      ),
    },
  },
  "azure-storage-logging": {
    breaks: { "an account alone": [account({}), on("azurerm_monitor_diagnostic_setting", "nothing")] },
    holds: {
      "a log of its blobs": account(
        {},
        { azurerm_monitor_diagnostic_setting: { d: { target_resource_id: `${ID}/blobServices/default` } } },
      ),
    },
  },
  "azure-storage-replication": {
    breaks: {
      "one building": [account({ account_replication_type: "LRS" }), on("account_replication_type", '"LRS"')],
    },
    holds: { "three zones": account({ account_replication_type: "ZRS" }) },
  },
});
