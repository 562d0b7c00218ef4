import { diskRules } from "../../../lib/policy/gcp/disks";
import { machineRules } from "../../../lib/policy/gcp/machines";
import { metadataRules } from "../../../lib/policy/gcp/metadata";
import { testRules } from "../rule-examples";

const template = (attributes: object) => ({
  resource: { google_compute_region_instance_template: { t: attributes } },
});
const instance = (attributes: object) => ({ resource: { google_compute_instance: { i: attributes } } });
const disk = (attributes: object) => ({ resource: { google_compute_region_disk: { d: attributes } } });
const on = (attribute: string, given: unknown) =>
  `google_compute_region_instance_template.t ${attribute}: ${String(given)}`;

const SERVICE_ACCOUNT = `{"type": "service_account", "private_key_id": "${"0a".repeat(20)}"}`;
const RAW_EXEC = 'plugin "raw_exec" {\n  config {\n    enabled = true\n  }\n}';
const KEY = { kms_key_self_link: "${google_kms_crypto_key.k.id}" };
const shield = { enable_secure_boot: true, enable_vtpm: true, enable_integrity_monitoring: true };

testRules([...machineRules, ...metadataRules, ...diskRules], {
  "gcp-machine-public-ip": {
    breaks: {
      "an address that Google chooses": [
        template({ network_interface: { subnetwork: "${var.subnet}", access_config: [{}] } }),
        on("network_interface.access_config", '"a public address"'),
      ],
      "one of IPv6": [
        instance({ network_interface: [{}, { ipv6_access_config: { network_tier: "PREMIUM" } }] }),
        'google_compute_instance.i network_interface[1].ipv6_access_config: "a public address"',
      ],
    },
    holds: { none: template({ network_interface: { subnetwork: "${var.subnet}", access_config: [] } }) },
  },
  "gcp-machine-ip-forwarding": {
    breaks: { "one that forwards": [template({ can_ip_forward: true }), on("can_ip_forward", true)] },
    holds: { "Google's default": template({}), "one that does not": template({ can_ip_forward: false }) },
  },
  "gcp-machine-service-account": {
    breaks: {
      "a machine alone": [template({}), on("service_account.email", "nothing")],
      "the default one": [
        template({ service_account: { email: "1-compute@developer.gserviceaccount.com", scopes: ["cloud-platform"] } }),
        on("service_account.email", '"1-compute@developer.gserviceaccount.com"'),
      ],
    },
    holds: {
      "one of its own": template({
        service_account: { email: "node@acme.iam.gserviceaccount.com", scopes: ["cloud-platform"] },
      }),
    },
  },
  "gcp-machine-shielded": {
    breaks: {
      "a machine alone": [template({}), on("shielded_instance_config.enable_secure_boot", "nothing")],
      "two of three": [
        template({ shielded_instance_config: { ...shield, enable_vtpm: false } }),
        on("shielded_instance_config.enable_vtpm", false),
      ],
    },
    holds: { "all three": template({ shielded_instance_config: shield }) },
  },
  "gcp-image-pinned": {
    breaks: {
      "a family": [
        template({ disk: { source_image: "projects/acme/global/images/family/node" } }),
        on("disk.source_image", '"projects/acme/global/images/family/node"'),
      ],
      "a family in short": [
        instance({ boot_disk: { initialize_params: { image: "debian-cloud/debian-12" } } }),
        'google_compute_instance.i boot_disk.initialize_params.image: "debian-cloud/debian-12"',
      ],
      "a family that is looked up": [
        { data: { google_compute_image: { i: { family: "debian-12", project: "debian-cloud" } } } },
        'data.google_compute_image.i family: "debian-12"',
      ],
    },
    holds: {
      "an image": template({ disk: { source_image: "projects/acme/global/images/node-20261124" } }),
      "an image in short": template({ disk: { source_image: "debian-cloud/debian-12-bookworm-v20251014" } }),
      "an image that is looked up": { data: { google_compute_image: { i: { name: "node-20261124" } } } },
    },
  },
  "gcp-machine-project-keys": {
    breaks: {
      "a machine alone": [template({}), on("metadata.block-project-ssh-keys", "nothing")],
      "one that takes them": [
        template({ metadata: { "block-project-ssh-keys": "FALSE" } }),
        on("metadata.block-project-ssh-keys", '"FALSE"'),
      ],
    },
    holds: { "one that blocks them": template({ metadata: { "block-project-ssh-keys": "TRUE" } }) },
  },
  "gcp-machine-os-login": {
    breaks: { "a machine alone": [template({}), on("metadata.enable-oslogin", "nothing")] },
    holds: { "OS Login": template({ metadata: { "enable-oslogin": "TRUE" } }) },
  },
  "gcp-machine-serial-port": {
    breaks: {
      "one that is open": [
        template({ metadata: { "serial-port-enable": "1" } }),
        on("metadata.serial-port-enable", '"1"'),
      ],
    },
    holds: { none: template({}), "one that is closed": template({ metadata: { "serial-port-enable": "FALSE" } }) },
  },
  "gcp-machine-ssh-keys": {
    breaks: {
      "of a machine": [
        template({ metadata: { "ssh-keys": "me:ssh-ed25519 AAAA me" } }),
        on("metadata.ssh-keys", '"me:ssh-ed25519 AAAA me"'),
      ],
      "of a project": [
        {
          resource: { google_compute_project_metadata: { p: { metadata: { "ssh-keys": "me:ssh-ed25519 AAAA me" } } } },
        },
        'google_compute_project_metadata.p metadata.ssh-keys: "me:ssh-ed25519 AAAA me"',
      ],
    },
    holds: { none: template({ metadata: { "enable-oslogin": "TRUE" } }) },
  },
  "gcp-user-data-credential": {
    breaks: {
      "a key of a service account": [
        template({ metadata: { "user-data": `#cloud-config\n# ${SERVICE_ACCOUNT}` } }),
        on("metadata.user-data", '"a key (not shown)"'),
      ],
      "in base64": [
        template({ metadata_startup_script: Buffer.from(SERVICE_ACCOUNT).toString("base64") }),
        on("metadata_startup_script", '"a key (not shown)"'),
      ],
    },
    holds: { "a script": template({ metadata: { "user-data": "#cloud-config\n" } }) },
  },
  "gcp-user-data-raw-exec": {
    breaks: {
      "raw_exec that is on": [
        template({ metadata: { "startup-script": RAW_EXEC } }),
        on("metadata.startup-script", '"raw_exec enabled"'),
      ],
    },
    holds: { "raw_exec that is off": template({ metadata: { "user-data": RAW_EXEC.replace("true", "false") } }) },
  },
  "gcp-disk-key": {
    breaks: {
      "a disk alone": [disk({}), "google_compute_region_disk.d disk_encryption_key.kms_key_self_link: nothing"],
      "one of a template's": [
        template({ disk: [{ boot: true, disk_encryption_key: KEY }, { disk_size_gb: 10 }] }),
        on("disk[1].disk_encryption_key.kms_key_self_link", "nothing"),
      ],
      "an instance's": [
        instance({ boot_disk: { auto_delete: true } }),
        "google_compute_instance.i boot_disk.kms_key_self_link: nothing",
      ],
    },
    holds: {
      "a disk with a key": disk({ disk_encryption_key: { kms_key_name: KEY.kms_key_self_link } }),
      "a template with a key": template({ disk: { boot: true, disk_encryption_key: KEY } }),
      "an instance with a key": instance({ boot_disk: KEY, attached_disk: { source: "${google_compute_disk.d.id}" } }),
    },
  },
  "gcp-disk-raw-key": {
    breaks: {
      "a disk's": [
        disk({ disk_encryption_key: { raw_key: "x" } }),
        'google_compute_region_disk.d disk_encryption_key.raw_key: "a key (not shown)"',
      ],
      "an instance's": [
        instance({ boot_disk: { disk_encryption_key_raw: "x" } }),
        'google_compute_instance.i boot_disk.disk_encryption_key_raw: "a key (not shown)"',
      ],
    },
    holds: { "a key of Cloud KMS": disk({ disk_encryption_key: KEY }) },
  },
});
