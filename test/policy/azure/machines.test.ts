import { machineRules } from "../../../lib/policy/azure/machines";
import { testRules } from "../rule-examples";

const set = (attributes: object) => ({ resource: { azurerm_linux_virtual_machine_scale_set: { s: attributes } } });
const machine = (attributes: object) => ({ resource: { azurerm_linux_virtual_machine: { m: attributes } } });
const flexible = (attributes: object) => ({
  resource: { azurerm_orchestrated_virtual_machine_scale_set: { f: attributes } },
});
const card = (attributes: object) => ({ resource: { azurerm_network_interface: { n: attributes } } });
const disk = (attributes: object) => ({ resource: { azurerm_managed_disk: { d: attributes } } });
const onSet = (attribute: string, given: unknown) =>
  `azurerm_linux_virtual_machine_scale_set.s ${attribute}: ${String(given)}`;

const encoded = (text: string) => Buffer.from(text).toString("base64");
const KEY = `-----BEGIN PRIVATE KEY-----\n${"A".repeat(64)}\n-----END PRIVATE KEY-----`;
const RAW_EXEC = 'plugin "raw_exec" {\n  config {\n    enabled = true\n  }\n}';

testRules(machineRules, {
  "azure-machine-password": {
    breaks: {
      "a password that is allowed": [
        set({ disable_password_authentication: false }),
        onSet("disable_password_authentication", false),
      ],
      "a password": [
        machine({ admin_password: "x" }),
        'azurerm_linux_virtual_machine.m admin_password: "a password (not shown)"',
      ],
      "a password in a profile": [
        flexible({ os_profile: { linux_configuration: { disable_password_authentication: false } } }),
        "azurerm_orchestrated_virtual_machine_scale_set.f os_profile.linux_configuration.disable_password_authentication: false",
      ],
    },
    holds: { "Azure's default": set({}), "no passwords": set({ disable_password_authentication: true }) },
  },
  "azure-machine-public-ip": {
    breaks: {
      "a set whose machines have one": [
        set({ network_interface: { ip_configuration: { name: "main", public_ip_address: { name: "out" } } } }),
        onSet("network_interface.ip_configuration.public_ip_address", '"a public address"'),
      ],
      "a card with one": [
        card({ ip_configuration: { public_ip_address_id: "${azurerm_public_ip.p.id}" } }),
        'azurerm_network_interface.n ip_configuration.public_ip_address_id: "a public address"',
      ],
    },
    holds: {
      "a set without": set({ network_interface: { ip_configuration: { name: "main", subnet_id: "${var.subnet}" } } }),
      "a card without": card({ ip_configuration: { name: "main" } }),
    },
  },
  "azure-machine-ip-forwarding": {
    breaks: {
      "a set that forwards": [
        set({ network_interface: { enable_ip_forwarding: true } }),
        onSet("network_interface.enable_ip_forwarding", true),
      ],
      "a card that forwards": [
        card({ ip_forwarding_enabled: true }),
        "azurerm_network_interface.n ip_forwarding_enabled: true",
      ],
    },
    holds: { "a set": set({ network_interface: { name: "main" } }), "a card": card({ ip_forwarding_enabled: false }) },
  },
  "azure-machine-encryption-at-host": {
    breaks: { "a set alone": [set({}), onSet("encryption_at_host_enabled", "nothing")] },
    holds: { "one that is encrypted": set({ encryption_at_host_enabled: true }) },
  },
  "azure-disk-key": {
    breaks: {
      "a disk alone": [disk({}), "azurerm_managed_disk.d disk_encryption_set_id: nothing"],
      "disks of a set": [
        set({
          os_disk: { caching: "None" },
          data_disk: [{ lun: 1 }, { lun: 2, disk_encryption_set_id: "${var.set}" }],
        }),
        onSet("os_disk.disk_encryption_set_id", "nothing"),
        onSet("data_disk[0].disk_encryption_set_id", "nothing"),
      ],
    },
    holds: {
      "a disk with a key": disk({ disk_encryption_set_id: "${azurerm_disk_encryption_set.e.id}" }),
      "a set with a key": set({ os_disk: { disk_encryption_set_id: "/subscriptions/0/set" } }),
    },
  },
  "azure-disk-public-access": {
    breaks: { "a disk alone": [disk({}), "azurerm_managed_disk.d public_network_access_enabled: nothing"] },
    holds: {
      "no public access": disk({ public_network_access_enabled: false }),
      "no export at all": disk({ network_access_policy: "DenyAll" }),
    },
  },
  "azure-machine-agent": {
    breaks: { "a set without": [set({ provision_vm_agent: false }), onSet("provision_vm_agent", false)] },
    holds: { "Azure's default": set({}), "one with it": set({ provision_vm_agent: true }) },
  },
  "azure-machine-extensions": {
    breaks: {
      "Azure's default": [machine({}), "azurerm_linux_virtual_machine.m allow_extension_operations: nothing"],
    },
    holds: { "none may be installed": machine({ allow_extension_operations: false }) },
  },
  "azure-machine-identity": {
    breaks: { "a set alone": [set({}), onSet("identity", "nothing")] },
    holds: { "one with an identity": set({ identity: { type: "UserAssigned", identity_ids: ["${var.identity}"] } }) },
  },
  "azure-user-data-credential": {
    breaks: {
      "a private key": [set({ custom_data: encoded(KEY) }), onSet("custom_data", '"a key (not shown)"')],
      "a key of a storage account": [
        set({ user_data: encoded(`AccountName=a;AccountKey=${"a".repeat(88)}`) }),
        onSet("user_data", '"a key (not shown)"'),
      ],
      "a key in a profile": [
        flexible({ os_profile: { custom_data: encoded(KEY) } }),
        'azurerm_orchestrated_virtual_machine_scale_set.f os_profile.custom_data: "a key (not shown)"',
      ],
    },
    holds: { "a script": set({ custom_data: encoded("#!/bin/sh\necho 'BEGIN PRIVATE KEY' | grep -c PRIVATE\n") }) },
  },
  "azure-user-data-raw-exec": {
    breaks: {
      "raw_exec that is on": [set({ custom_data: encoded(RAW_EXEC) }), onSet("custom_data", '"raw_exec enabled"')],
    },
    holds: { "raw_exec that is off": set({ custom_data: encoded(RAW_EXEC.replace("true", "false")) }) },
  },
  "azure-image-pinned": {
    breaks: {
      "the newest of the day": [
        set({ source_image_reference: { publisher: "Canonical", version: "latest" } }),
        onSet("source_image_reference.version", '"latest"'),
      ],
    },
    holds: {
      "a version": set({ source_image_reference: { publisher: "Canonical", version: "24.04.202510010" } }),
      "an image of one's own": set({ source_image_id: "${var.image}" }),
    },
  },
});
