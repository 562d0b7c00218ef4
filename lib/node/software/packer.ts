import { type ImageContents, imageFiles, imageVersions } from "./packer-build";

/** What an image on AWS is baked from. */
export interface AwsImageProps extends ImageContents {
  /** Region's code, such as `"eu-central-1"`. */
  readonly region: string;
  /**
   * The image to begin with: pattern of its name, account that owns it, and the user it has. It needs the SSM agent, by which
   * Packer reaches the builder and people reach a node; Debian's own images lack it.
   *
   * @default - Ubuntu 24.04 by Canonical
   */
  readonly source?: { readonly name: string; readonly owner: string; readonly user: string };
  /** Subnet that the builder runs in; needs a way to the package repositories and to Systems Manager. */
  readonly subnetId: string;
  /** Instance profile of the builder with `AmazonSSMManagedInstanceCore`: it is reached without SSH from outside. */
  readonly instanceProfile: string;
  /** @default "m7i.large", or "m7g.large" for arm64 */
  readonly instanceType?: string;
  /**
   * KMS key that encrypts the image.
   *
   * @default - the account's default key for EBS
   */
  readonly kmsKeyId?: string;
}

/** https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/ */
const ubuntu = (architecture: string) => ({
  name: `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${architecture}-server-*`,
  owner: "099720109477",
  user: "ubuntu",
});

/**
 * The files from which Packer bakes an image on AWS: the same script and the same versions as a node that installs. Run
 * `packer init .` and `packer build .` where they lie; Packer asks for the region's credentials itself.
 */
export function awsImageFiles(props: AwsImageProps): Readonly<Record<string, string>> {
  const { architecture = "x86_64", namePrefix = "caravan" } = props;
  const versions = imageVersions(props);
  const arm = architecture === "arm64";
  const source = props.source ?? ubuntu(arm ? "arm64" : "amd64");
  const named = ["vault", "consul", "nomad"].map((product) => `${product}-${versions[`caravan-${product}`]}`).join("-");
  return imageFiles(props, {
    plugin: { name: "amazon", version: "~> 1.3" },
    type: "amazon-ebs",
    settings: {
      region: props.region,
      ami_name: `${namePrefix}-${named}-${architecture}-\${local.time}`,
      ami_description: "Vault, Consul, Nomad and what their nodes need",
      instance_type: props.instanceType ?? (arm ? "m7g.large" : "m7i.large"),
      source_ami_filter: {
        filters: { name: source.name, "root-device-type": "ebs", "virtualization-type": "hvm", architecture },
        owners: [source.owner],
        most_recent: true,
      },
      subnet_id: props.subnetId,
      associate_public_ip_address: false,
      iam_instance_profile: props.instanceProfile,
      communicator: "ssh",
      ssh_username: source.user,
      ssh_interface: "session_manager",
      ssh_clear_authorized_keys: true,
      encrypt_boot: true,
      kms_key_id: props.kmsKeyId,
      imds_support: "v2.0",
      metadata_options: { http_endpoint: "enabled", http_tokens: "required", http_put_response_hop_limit: 1 },
      tags: { Name: `${namePrefix} \${local.time}`, ...versions, "caravan-source": "{{ .SourceAMIName }}" },
      run_tags: { Name: `${namePrefix} image builder` },
    },
  });
}
