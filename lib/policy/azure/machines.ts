import type { PolicyRule } from "../rule";
import { blocksAt, settingRule } from "../setting";
import type { SynthesizedResource } from "../synthesized-stack";
import { enablesRawExec, holdsCredential, type UserData, userDataOf } from "../user-data";
import { UNKNOWN } from "../values";
import { LINUX, MACHINES, ORCHESTRATED } from "./machine-types";

const password: PolicyRule = {
  id: "azure-machine-password",
  severity: "HIGH",
  title: "Nobody signs in to a Linux machine with a password",
  why: "A password is guessed by robots, day and night, and stands in Terraform's state.",
  fix: "remove admin_password and disable_password_authentication",
  references: { trivy: ["AZU-0039"], checkov: ["CKV_AZURE_1", "CKV_AZURE_49", "CKV_AZURE_149"] },
  resourceTypes: [...LINUX, ORCHESTRATED],
  *check(machine) {
    const holders =
      machine.type === ORCHESTRATED ? blocksAt(machine, ["os_profile", "linux_configuration"]) : [machine];
    for (const holder of holders) {
      if (holder.boolean("disable_password_authentication") === false) {
        yield { attribute: holder.at("disable_password_authentication"), given: false };
      }
      if (!holder.isUnknown && holder.has("admin_password")) {
        yield { attribute: holder.at("admin_password"), given: "a password (not shown)" };
      }
    }
  },
};

const publicIp: PolicyRule = {
  id: "azure-machine-public-ip",
  severity: "HIGH",
  title: "No machine has a public address",
  why: "What the internet cannot reach it cannot attack.",
  fix: "remove it, and put a load balancer before what must be public",
  references: { trivy: ["AZU-0076"], checkov: ["CKV_AZURE_119", "CKV2_AZURE_39"] },
  resourceTypes: ["azurerm_network_interface", ...MACHINES],
  *check(resource) {
    const configurations =
      resource.type === "azurerm_network_interface"
        ? resource.blocks("ip_configuration")
        : blocksAt(resource, ["network_interface", "ip_configuration"]);
    for (const configuration of configurations) {
      if (configuration.isUnknown) continue;
      for (const name of ["public_ip_address_id", "public_ip_address"]) {
        if (configuration.has(name)) yield { attribute: configuration.at(name), given: "a public address" };
      }
    }
  },
};

const ipForwarding: PolicyRule = {
  id: "azure-machine-ip-forwarding",
  severity: "MEDIUM",
  title: "No machine passes on packets that are not its own",
  why: "A machine that may forward can pretend to be another.",
  fix: "remove it",
  references: { trivy: ["AZU-0075"], checkov: ["CKV_AZURE_118"] },
  resourceTypes: ["azurerm_network_interface", ...MACHINES],
  *check(resource) {
    const isInterface = resource.type === "azurerm_network_interface";
    const name = isInterface ? "ip_forwarding_enabled" : "enable_ip_forwarding";
    for (const block of isInterface ? [resource] : resource.blocks("network_interface")) {
      if (block.boolean(name) === true) yield { attribute: block.at(name), given: true };
    }
  },
};

const encryptionAtHost = settingRule({
  id: "azure-machine-encryption-at-host",
  severity: "HIGH",
  title: "A machine's disks are encrypted on the host too",
  why: "Temporary disks and caches are otherwise written in the clear.",
  fix: "set encryption_at_host_enabled = true",
  references: { trivy: ["AZU-0038"], checkov: ["CKV_AZURE_97"] },
  types: MACHINES,
  path: "encryption_at_host_enabled",
  right: [true],
});

const diskKey: PolicyRule = {
  id: "azure-disk-key",
  severity: "LOW",
  title: "A disk is encrypted with a key of the customer's own",
  why: "With Microsoft's own key nobody can say who may decrypt, see who did, or stop it.",
  fix: "set disk_encryption_set_id",
  references: { checkov: ["CKV_AZURE_93"] },
  resourceTypes: ["azurerm_managed_disk", ...MACHINES],
  *check(resource) {
    const isDisk = resource.type === "azurerm_managed_disk";
    const disks = isDisk ? [resource] : [...resource.blocks("os_disk"), ...resource.blocks("data_disk")];
    for (const disk of disks) {
      if (!disk.isUnknown && !disk.has("disk_encryption_set_id") && !disk.has("secure_vm_disk_encryption_set_id")) {
        yield { attribute: disk.at("disk_encryption_set_id") };
      }
    }
  },
};

const diskNetwork: PolicyRule = {
  id: "azure-disk-public-access",
  severity: "MEDIUM",
  title: "A disk cannot be exported over the internet",
  why: "By default whoever may ask for a link to it downloads it from everywhere.",
  fix: 'set public_network_access_enabled = false, or network_access_policy = "DenyAll"',
  references: { checkov: ["CKV_AZURE_251"] },
  resourceTypes: ["azurerm_managed_disk"],
  *check(disk) {
    const open = disk.boolean("public_network_access_enabled");
    const policy = disk.text("network_access_policy");
    if (open === false || open === UNKNOWN || policy === UNKNOWN) return;
    if (policy !== "DenyAll" && policy !== "AllowPrivate") {
      yield { attribute: "public_network_access_enabled", given: open };
    }
  },
};

const agent = settingRule({
  id: "azure-machine-agent",
  severity: "LOW",
  title: "A machine has Azure's agent",
  why: "Without it Azure neither says that a machine is about to end nor knows that it came up.",
  fix: "remove provision_vm_agent",
  references: { checkov: ["CKV_AZURE_179"] },
  types: MACHINES.filter((type) => type !== ORCHESTRATED),
  path: "provision_vm_agent",
  byDefault: true,
  right: [true],
});

const extensions = settingRule({
  id: "azure-machine-extensions",
  severity: "MEDIUM",
  title: "Nobody installs extensions on a virtual machine",
  why: "Whoever may write an extension is root on the machine.",
  fix: "set allow_extension_operations = false",
  references: { checkov: ["CKV_AZURE_50"] },
  types: ["azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine"],
  path: "allow_extension_operations",
  byDefault: true,
  right: [false],
});

const identity: PolicyRule = {
  id: "azure-machine-identity",
  severity: "MEDIUM",
  title: "A machine has an identity of its own",
  why: "What runs on it is otherwise given keys that do not expire.",
  fix: 'add identity with type "UserAssigned"',
  references: { url: "https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/overview" },
  resourceTypes: MACHINES,
  *check(machine) {
    if (machine.block("identity") === undefined) yield { attribute: "identity" };
  },
};

/** Custom data and user data of a machine; a set with flexible orchestration has the former in its profile. */
function userDataIn(machine: SynthesizedResource): UserData[] {
  return [machine, ...machine.blocks("os_profile")].flatMap((block) => [
    ...userDataOf(block, ["custom_data", "user_data", "user_data_base64"]),
  ]);
}

const userDataCredential: PolicyRule = {
  id: "azure-user-data-credential",
  severity: "CRITICAL",
  title: "No custom data or user data holds a key",
  why: "Everything on the machine, and everybody who may describe it, reads them.",
  fix: "remove the key and give the machine an identity",
  references: { trivy: ["AZU-0037"] },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const [attribute, texts] of userDataIn(machine)) {
      if (holdsCredential(texts)) yield { attribute, given: "a key (not shown)" };
    }
  },
};

const rawExec: PolicyRule = {
  id: "azure-user-data-raw-exec",
  severity: "HIGH",
  title: "No machine lets jobs of Nomad run as root without isolation (raw_exec)",
  why: "Whoever may submit a job is root on the machine, reads its secrets and takes its identities.",
  fix: "leave the driver off, and use the docker or the exec driver",
  references: { url: "https://developer.hashicorp.com/nomad/docs/drivers/raw_exec" },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const [attribute, texts] of userDataIn(machine)) {
      if (enablesRawExec(texts)) yield { attribute, given: "raw_exec enabled" };
    }
  },
};

const pinnedImage: PolicyRule = {
  id: "azure-image-pinned",
  severity: "MEDIUM",
  title: "A machine starts from an image that somebody chose",
  why: "The newest image of the day changes what machines are without a review, and differs from one machine to the next.",
  fix: "give the image's version",
  references: { url: "https://learn.microsoft.com/en-us/azure/virtual-machines/linux/cli-ps-findimage" },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const image of machine.blocks("source_image_reference")) {
      if (image.text("version") === "latest") yield { attribute: image.at("version"), given: "latest" };
    }
  },
};

export const machineRules: readonly PolicyRule[] = [
  password,
  publicIp,
  ipForwarding,
  encryptionAtHost,
  diskKey,
  diskNetwork,
  agent,
  extensions,
  identity,
  userDataCredential,
  rawExec,
  pinnedImage,
];
