import { CaravanError } from "../../core/errors";
import { type ImageContents, imageFiles, imageVersions } from "./packer-build";

/** What an image on Azure is baked from. */
export interface AzureImageProps extends ImageContents {
  readonly subscriptionId: string;
  /** Region's name, such as `"westeurope"`. */
  readonly region: string;
  /**
   * The image of a compute gallery that gets a new version: `"/subscriptions/.../galleries/acme/images/node"`. It is of generation
   * 2, with Trusted Launch, and for the processor.
   */
  readonly galleryImageId: string;
  /** The new version, three numbers: `"1.4.0"`. What there is is never overwritten. */
  readonly imageVersion: string;
  /**
   * The image to begin with, and its version: `"latest"` is as of the day.
   *
   * @default - Ubuntu 24.04 by Canonical, as of the day
   */
  readonly source?: {
    readonly publisher: string;
    readonly offer: string;
    readonly sku: string;
    readonly version: string;
  };
  /**
   * Id of the subnet that the builder runs in. Packer reaches it by its private address, so that it runs in that network too; the
   * builder needs a way to the package repositories.
   */
  readonly subnetId: string;
  /** @default "Standard_D2s_v5", or "Standard_D2ps_v6" for arm64 */
  readonly instanceType?: string;
  /**
   * Id of the disk encryption set that encrypts the builder's disk and the image.
   *
   * @default - Azure's own key
   */
  readonly diskEncryptionSetId?: string;
}

const GALLERY_IMAGE =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/galleries\/([^/]+)\/images\/([^/]+)$/i;
const SUBNET =
  /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/i;

function partsOf(property: string, id: RegExp, given: string): readonly string[] {
  const [, ...parts] = id.exec(given) ?? [];
  if (parts.length > 0) return parts;
  throw new CaravanError(
    `azureImageFiles: ${property} cannot be "${given}". Give its full id, as the portal's JSON view shows it.`,
  );
}

/** https://documentation.ubuntu.com/azure/azure-how-to/instances/find-ubuntu-images/ */
const ubuntu = (arm: boolean) => ({
  publisher: "Canonical",
  offer: "ubuntu-24_04-lts",
  sku: arm ? "server-arm64" : "server",
  version: "latest",
});

/**
 * The files from which Packer bakes an image on Azure: the same script and the same versions as a node that installs. Run
 * `packer init .` and `packer build .` where they lie, signed in to the Azure CLI.
 *
 * https://developer.hashicorp.com/packer/integrations/hashicorp/azure/latest/components/builder/arm
 *
 * @throws CaravanError for an id that is none
 */
export function azureImageFiles(props: AzureImageProps): Readonly<Record<string, string>> {
  const { architecture = "x86_64", namePrefix = "caravan", region } = props;
  const arm = architecture === "arm64";
  const source = props.source ?? ubuntu(arm);
  const [subscription, galleryGroup, gallery, image] = partsOf("galleryImageId", GALLERY_IMAGE, props.galleryImageId);
  const [networkGroup, network, subnet] = partsOf("subnetId", SUBNET, props.subnetId);
  return imageFiles(props, {
    plugin: { name: "azure", version: "~> 2.3" },
    type: "azure-arm",
    settings: {
      use_azure_cli_auth: true,
      subscription_id: props.subscriptionId,
      location: region,
      temp_resource_group_name: `${namePrefix}-image-\${local.time}`,
      os_type: "Linux",
      vm_size: props.instanceType ?? (arm ? "Standard_D2ps_v6" : "Standard_D2s_v5"),
      image_publisher: source.publisher,
      image_offer: source.offer,
      image_sku: source.sku,
      image_version: source.version,
      virtual_network_resource_group_name: networkGroup,
      virtual_network_name: network,
      virtual_network_subnet_name: subnet,
      private_virtual_network_with_public_ip: false,
      communicator: "ssh",
      ssh_username: "packer",
      security_type: "TrustedLaunch",
      secure_boot_enabled: true,
      vtpm_enabled: true,
      encryption_at_host: true,
      disk_encryption_set_id: props.diskEncryptionSetId,
      shared_image_gallery_destination: {
        subscription,
        resource_group: galleryGroup,
        gallery_name: gallery,
        image_name: image,
        image_version: props.imageVersion,
        target_region: [{ name: region, disk_encryption_set_id: props.diskEncryptionSetId }],
      },
      azure_tags: { ...imageVersions(props), "caravan-source": Object.values(source).join(":") },
    },
    // Takes the builder's user and its keys away: https://learn.microsoft.com/en-us/azure/virtual-machines/generalize
    last: ["/usr/sbin/waagent -force -deprovision+user", "sync"],
  });
}
