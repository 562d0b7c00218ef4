import type { PolicyRule } from "../rule";
import { blocksAt } from "../setting";
import type { SynthesizedBlock, SynthesizedResource } from "../synthesized-stack";
import { MACHINES } from "./machine-types";

const DISKS = ["google_compute_disk", "google_compute_region_disk"];

/** The disks of a resource, with the block in which each one's key stands. */
function keyHolders(resource: SynthesizedResource): { disk: SynthesizedBlock; path: readonly string[] }[] {
  if (DISKS.includes(resource.type)) return [{ disk: resource, path: ["disk_encryption_key"] }];
  if (resource.type === "google_compute_instance") {
    return ["boot_disk", "attached_disk"].flatMap((name) => resource.blocks(name).map((disk) => ({ disk, path: [] })));
  }
  return resource.blocks("disk").map((disk) => ({ disk, path: ["disk_encryption_key"] }));
}

const diskKey: PolicyRule = {
  id: "gcp-disk-key",
  severity: "LOW",
  title: "A disk is encrypted with a Cloud KMS key of the customer's own",
  why: "With Google's own key nobody can say who may decrypt, see who did, or stop it.",
  fix: "set kms_key_self_link (kms_key_name of a regional disk)",
  references: {
    trivy: ["GCP-0033", "GCP-0034"],
    checkov: ["CKV_GCP_37", "CKV_GCP_38"],
    cis: ["GCP v5.0 4.7"],
  },
  resourceTypes: [...DISKS, ...MACHINES],
  *check(resource) {
    for (const { disk, path } of keyHolders(resource)) {
      // A disk that is there already has the key that it was made with.
      if (disk.isUnknown || (disk !== resource && disk.has("source"))) continue;
      const holders = blocksAt(disk, path);
      const has = (holder: SynthesizedBlock) => holder.has("kms_key_self_link") || holder.has("kms_key_name");
      if (!holders.some(has)) yield { attribute: disk.at([...path, "kms_key_self_link"].join(".")) };
    }
  },
};

const rawKey: PolicyRule = {
  id: "gcp-disk-raw-key",
  severity: "CRITICAL",
  title: "No key of a disk is written out",
  why: "Whoever may read the state, or a plan file, reads the key.",
  fix: "use a Cloud KMS key",
  references: { trivy: ["GCP-0037"] },
  resourceTypes: [...DISKS, ...MACHINES],
  *check(resource) {
    for (const { disk, path } of keyHolders(resource)) {
      for (const holder of blocksAt(disk, path)) {
        if (holder.isUnknown) continue;
        for (const name of ["raw_key", "rsa_encrypted_key", "disk_encryption_key_raw", "disk_encryption_key_rsa"]) {
          if (holder.has(name)) yield { attribute: holder.at(name), given: "a key (not shown)" };
        }
      }
    }
  },
};

export const diskRules: readonly PolicyRule[] = [diskKey, rawKey];
