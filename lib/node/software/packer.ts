import type { ClusterProps } from "../node-props";
import { staticScript } from "../static-script";
import { versionsOf } from "../versions";
import { imageSoftwareFile } from "./software";

/** What an image is baked from. */
export interface AwsImageProps extends Pick<ClusterProps, "versions" | "software" | "caBundle" | "proxy"> {
  /** Region's code, such as `"eu-central-1"`. */
  readonly region: string;
  /** @default "x86_64" */
  readonly architecture?: "x86_64" | "arm64";
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
  /** @default "caravan" */
  readonly namePrefix?: string;
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
  return {
    "caravan.pkr.json": `${JSON.stringify(template(props), null, 2)}\n`,
    "install.sh": staticScript("software/install.sh"),
    software: imageSoftwareFile(props),
    ...(props.caBundle === undefined ? {} : { "caravan.crt": props.caBundle }),
  };
}

function template(props: AwsImageProps): object {
  const { architecture = "x86_64", namePrefix = "caravan" } = props;
  const { vault, consul, nomad, docker } = versionsOf(props);
  const arm = architecture === "arm64";
  const source = props.source ?? ubuntu(arm ? "arm64" : "amd64");
  const { url, except = [] } = props.proxy ?? {};
  const environment =
    url === undefined
      ? []
      : [`http_proxy=${url}`, `https_proxy=${url}`, `no_proxy=${["localhost", ...except].join(",")}`];
  const tags = {
    Name: `${namePrefix} \${local.time}`,
    "caravan-vault": vault,
    "caravan-consul": consul,
    "caravan-nomad": nomad,
    "caravan-docker": docker,
    "caravan-source": "{{ .SourceAMIName }}",
  };
  return {
    packer: { required_plugins: { amazon: { source: "github.com/hashicorp/amazon", version: "~> 1.3" } } },
    locals: { time: '${formatdate("YYYYMMDD-hhmm", timestamp())}' },
    source: {
      "amazon-ebs": {
        node: {
          region: props.region,
          ami_name: `${namePrefix}-vault-${vault}-consul-${consul}-nomad-${nomad}-${architecture}-\${local.time}`,
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
          tags,
          run_tags: { Name: `${namePrefix} image builder` },
        },
      },
    },
    build: {
      sources: ["source.amazon-ebs.node"],
      provisioner: [
        {
          file: {
            sources: ["install.sh", "software", ...(props.caBundle === undefined ? [] : ["caravan.crt"])],
            destination: "/tmp/",
          },
        },
        {
          shell: {
            environment_vars: environment,
            execute_command: "chmod +x {{ .Path }}; sudo -E env {{ .Vars }} bash -eux {{ .Path }}",
            inline: [
              "cloud-init status --wait || true",
              "[ ! -e /tmp/caravan.crt ] || install -m 0644 /tmp/caravan.crt /usr/local/share/ca-certificates/caravan.crt",
              "bash /tmp/install.sh",
              // Nothing of the builder may live on in its copies.
              "rm -f /tmp/install.sh /tmp/software /tmp/caravan.crt /etc/ssh/ssh_host_*",
              "apt-get clean",
              "cloud-init clean --logs --machine-id",
            ],
          },
        },
      ],
    },
  };
}
