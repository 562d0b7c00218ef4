import type { PolicyRule } from "../rule";
import { blocksAt, settingRule } from "../setting";
import { MACHINES } from "./machine-types";

const publicIp: PolicyRule = {
  id: "gcp-machine-public-ip",
  severity: "HIGH",
  title: "No machine has a public address",
  why: "What the internet cannot reach it cannot attack.",
  fix: "remove it, and put a load balancer before what must be public",
  references: { trivy: ["GCP-0031"], checkov: ["CKV_GCP_40"], cis: ["GCP v5.0 4.9"] },
  resourceTypes: MACHINES,
  *check(machine) {
    for (const card of machine.blocks("network_interface")) {
      for (const name of ["access_config", "ipv6_access_config"]) {
        // An empty block is an address that Google chooses.
        if (card.blocks(name).some((block) => !block.isUnknown)) {
          yield { attribute: card.at(name), given: "a public address" };
        }
      }
    }
  },
};

const ipForwarding = settingRule({
  id: "gcp-machine-ip-forwarding",
  severity: "HIGH",
  title: "No machine passes on packets that are not its own",
  why: "A machine that may forward can pretend to be another.",
  fix: "remove can_ip_forward",
  references: { trivy: ["GCP-0043"], checkov: ["CKV_GCP_36"], cis: ["GCP v5.0 4.6"] },
  types: MACHINES,
  path: "can_ip_forward",
  byDefault: false,
  right: [false],
});

const serviceAccount: PolicyRule = {
  id: "gcp-machine-service-account",
  severity: "CRITICAL",
  title: "A machine has a service account of its own",
  why: "The default one is everybody's, and in many projects an editor of all of it.",
  fix: "set service_account.email",
  references: {
    trivy: ["GCP-0044"],
    checkov: ["CKV_GCP_30", "CKV_GCP_31"],
    cis: ["GCP v5.0 4.1", "GCP v5.0 4.2"],
  },
  resourceTypes: MACHINES,
  *check(machine) {
    const account = machine.block("service_account");
    if (account?.isUnknown) return;
    const email = account?.text("email");
    const isDefault = typeof email === "string" && /-compute@developer\.gserviceaccount\.com$/.test(email);
    if (email === undefined || isDefault) yield { attribute: "service_account.email", given: email };
  },
};

const shielded: PolicyRule = {
  id: "gcp-machine-shielded",
  severity: "MEDIUM",
  title: "A machine is a Shielded VM, with all three of its protections",
  why: "What changes the kernel or what comes before it is otherwise seen by nobody.",
  fix: "add shielded_instance_config with enable_secure_boot, enable_vtpm and enable_integrity_monitoring",
  references: {
    trivy: ["GCP-0041", "GCP-0045", "GCP-0067"],
    checkov: ["CKV_GCP_39"],
    cis: ["GCP v5.0 4.8"],
  },
  resourceTypes: MACHINES,
  *check(machine) {
    const config = machine.block("shielded_instance_config");
    // Google's own defaults: secure boot alone is off.
    if (config === undefined) yield { attribute: "shielded_instance_config.enable_secure_boot" };
    else if (config.boolean("enable_secure_boot") === undefined) yield { attribute: config.at("enable_secure_boot") };
    for (const name of ["enable_secure_boot", "enable_vtpm", "enable_integrity_monitoring"]) {
      if (config?.boolean(name) === false) yield { attribute: config.at(name), given: false };
    }
  },
};

/** A family of images, in the forms in which Google takes one; an image itself, without its full path, has a date. */
const FAMILY = /(^|\/)family\/|^[a-z][a-z0-9-]*\/(?![a-z0-9-]*-v\d{8}$)[a-z][a-z0-9-]*$/;

const pinnedImage: PolicyRule = {
  id: "gcp-image-pinned",
  severity: "MEDIUM",
  title: "A machine starts from an image that somebody chose",
  why: "The newest image of the day changes what machines are without a review, and differs from one machine to the next.",
  fix: "name the image: projects/<project>/global/images/<name>",
  references: { url: "https://cloud.google.com/compute/docs/images/image-families-best-practices" },
  resourceTypes: [...MACHINES, "data.google_compute_image"],
  *check(resource) {
    if (resource.type === "data.google_compute_image") {
      if (resource.has("family")) yield { attribute: "family", given: resource.value("family") };
      return;
    }
    const images = [
      ...resource.blocks("disk").map((disk) => ({ block: disk, name: "source_image" })),
      ...blocksAt(resource, ["boot_disk", "initialize_params"]).map((block) => ({ block, name: "image" })),
    ];
    for (const { block, name } of images) {
      const image = block.text(name);
      if (typeof image === "string" && FAMILY.test(image)) yield { attribute: block.at(name), given: image };
    }
  },
};

export const machineRules: readonly PolicyRule[] = [publicIp, ipForwarding, serviceAccount, shielded, pinnedImage];
