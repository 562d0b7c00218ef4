import { type ImageContents, imageFiles, imageVersions } from "./packer-build";

/** What an image on Google Cloud is baked from. */
export interface GcpImageProps extends ImageContents {
  /** Id of the project that keeps the image and runs the builder. */
  readonly project: string;
  /** Zone of the builder, such as `"europe-west3-a"`. */
  readonly zone: string;
  /**
   * The family to begin with, whose newest image of the day is taken, and the project that keeps it.
   *
   * @default - Ubuntu 24.04 by Canonical
   */
  readonly source?: { readonly project: string; readonly family: string };
  /**
   * Subnet that the builder runs in, `"projects/.../regions/.../subnetworks/..."`; needs a way to the package repositories, and lets
   * Identity-Aware Proxy (35.235.240.0/20) reach port 22.
   */
  readonly subnetwork: string;
  /** E-mail address of the builder's service account, which needs no rights. */
  readonly serviceAccount: string;
  /** @default "e2-standard-2", or "c4a-standard-2" for arm64 */
  readonly instanceType?: string;
  /**
   * Name of the Cloud KMS key that encrypts the image.
   *
   * @default - Google's own key
   */
  readonly kmsKeyName?: string;
}

/** https://documentation.ubuntu.com/gcp/google-how-to/gce/find-ubuntu-images/ */
const ubuntu = (arm: boolean) => ({
  project: "ubuntu-os-cloud",
  family: `ubuntu-2404-lts-${arm ? "arm64" : "amd64"}`,
});

/** Labels take lower-case letters, digits, hyphens and underscores. */
function label(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9_-]/g, "-");
}

/**
 * The files from which Packer bakes an image on Google Cloud: the same script and the same versions as a node that installs. Run
 * `packer init .` and `packer build .` where they lie, signed in to gcloud, which carries the way to the builder.
 *
 * https://developer.hashicorp.com/packer/integrations/hashicorp/googlecompute/latest/components/builder/googlecompute
 */
export function gcpImageFiles(props: GcpImageProps): Readonly<Record<string, string>> {
  const { architecture = "x86_64", namePrefix = "caravan" } = props;
  const arm = architecture === "arm64";
  const source = props.source ?? ubuntu(arm);
  const labels = { ...imageVersions(props), "caravan-source": source.family };
  return imageFiles(props, {
    plugin: { name: "googlecompute", version: "~> 1.2" },
    type: "googlecompute",
    settings: {
      project_id: props.project,
      zone: props.zone,
      source_image_family: source.family,
      source_image_project_id: [source.project],
      // A name takes 63 characters: its labels tell the versions.
      image_name: `${namePrefix}-${label(architecture).replace("_", "-")}-\${local.time}`,
      image_description: "Vault, Consul, Nomad and what their nodes need",
      image_labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, label(value)])),
      image_encryption_key: props.kmsKeyName === undefined ? undefined : { kmsKeyName: props.kmsKeyName },
      machine_type: props.instanceType ?? (arm ? "c4a-standard-2" : "e2-standard-2"),
      ...(arm && props.instanceType === undefined ? { disk_type: "hyperdisk-balanced" } : {}),
      subnetwork: props.subnetwork,
      omit_external_ip: true,
      use_internal_ip: true,
      use_iap: true,
      use_os_login: true,
      service_account_email: props.serviceAccount,
      metadata: { "block-project-ssh-keys": "TRUE" },
      enable_secure_boot: true,
      enable_vtpm: true,
      enable_integrity_monitoring: true,
      communicator: "ssh",
      ssh_username: "packer",
    },
  });
}
