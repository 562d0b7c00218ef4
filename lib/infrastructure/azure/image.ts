import {
  DataAzurermPlatformImage,
  type DataAzurermPlatformImageConfig,
} from "@cdktf/provider-azurerm/lib/data-azurerm-platform-image";
import {
  DataAzurermSharedImage,
  type DataAzurermSharedImageConfig,
} from "@cdktf/provider-azurerm/lib/data-azurerm-shared-image";
import {
  DataAzurermSharedImageVersion,
  type DataAzurermSharedImageVersionConfig,
} from "@cdktf/provider-azurerm/lib/data-azurerm-shared-image-version";
import type {
  LinuxVirtualMachineScaleSetConfig,
  LinuxVirtualMachineScaleSetSourceImageReference,
} from "@cdktf/provider-azurerm/lib/linux-virtual-machine-scale-set";
import { Construct } from "constructs";
import { type PropsCheck as Check, PropsCheck, rule } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import type { MachineSettings } from "../props";
import type { AzureArchitecture } from "./instance-type";
import type { AzurePlace } from "./place";
import { imageId } from "./rules";

/**
 * Machine images by processor, each by one version: of the marketplace (`"Canonical:ubuntu-24_04-lts:server:24.04.202510010"`) or of a
 * gallery of the subscription's own, by its id. A version stands for the same bytes for ever, so that a new image is a change somebody
 * reviews.
 */
export type AzureImages = Readonly<Partial<Record<AzureArchitecture, string>>>;

export interface AzureImageProps extends Pick<AzurePlace, "region" | "subscriptionId"> {
  /** The image's version. */
  readonly imageId: string;
  /**
   * The processor of the machines that shall start from it; a plan fails if a gallery's image is for another.
   *
   * @default - any
   */
  readonly architecture?: AzureArchitecture;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: AzureImageTransform;
}

export interface AzureImageTransform {
  readonly platformImage?: Transform<DataAzurermPlatformImageConfig>;
  readonly galleryImage?: Transform<DataAzurermSharedImageConfig>;
  readonly galleryVersion?: Transform<DataAzurermSharedImageVersionConfig>;
}

/** Checks that a group has an image for its processor. `at` stands before the property's name: `"servers.main."`. */
export function checkImageOf(
  check: Check,
  at: string,
  group: Pick<MachineSettings, "imageId">,
  images: AzureImages | undefined,
  architecture: AzureArchitecture | undefined,
): void {
  if (group.imageId !== undefined) check.required(`${at}imageId`, group.imageId, imageId);
  else if (architecture !== undefined) {
    const here = rule<string>({
      allowed: `${imageId.allowed}, for ${architecture}`,
      fix: `name its version: images: { ${architecture}: "Canonical:ubuntu-24_04-lts:..." }`,
      accepts: imageId.accepts,
    });
    check.required(`images.${architecture}`, images?.[architecture], here);
  }
}

const IN_GALLERY =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/galleries\/([^/]+)\/images\/([^/]+)\/versions\/([^/]+)$/;

const ARCHITECTURES: Readonly<Record<AzureArchitecture, string>> = { x86_64: "x64", arm64: "Arm64" };

/**
 * A machine image, pinned by its version. Every plan sees that it is still there; of a gallery's, also that it is for the machines'
 * processor and of the second generation, which secure boot needs. The marketplace does not say for which processor an image is, and
 * a gallery of another subscription is not asked.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AzureImage extends Construct {
  /** What a machine starts from, as a scale set takes it. */
  readonly source: Pick<LinuxVirtualMachineScaleSetConfig, "sourceImageId" | "sourceImageReference">;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AzureImageProps,
  ) {
    const check = new PropsCheck("AzureImage", scope, id);
    check.required("imageId", props.imageId, imageId);
    check.optional("architecture", props.architecture, oneOf(["x86_64", "arm64"]));
    check.done();
    super(scope, id);
    const [, subscription, resourceGroup = "", gallery = "", image = "", version = ""] =
      IN_GALLERY.exec(props.imageId) ?? [];
    if (subscription === undefined) this.source = { sourceImageReference: this.inMarketplace() };
    else if (subscription !== props.subscriptionId) this.source = { sourceImageId: props.imageId };
    else this.source = { sourceImageId: this.inGallery(resourceGroup, gallery, image, version) };
  }

  private inMarketplace(): LinuxVirtualMachineScaleSetSourceImageReference {
    const { imageId, region, transform } = this.props;
    const [publisher = "", offer = "", sku = "", version = ""] = imageId.split(":");
    const image = new DataAzurermPlatformImage(
      this,
      "Default",
      transformed(transform?.platformImage, { location: region, publisher, offer, sku, version }),
    );
    return { publisher, offer, sku, version: image.version };
  }

  private inGallery(resourceGroupName: string, galleryName: string, imageName: string, version: string): string {
    const { architecture, imageId, transform } = this.props;
    const image = new DataAzurermSharedImage(
      this,
      "image",
      transformed(transform?.galleryImage, {
        resourceGroupName,
        galleryName,
        name: imageName,
        lifecycle: {
          postcondition: [
            {
              condition: `\${${[
                'self.hyper_v_generation == "V2"',
                ...(architecture === undefined ? [] : [`self.architecture == "${ARCHITECTURES[architecture]}"`]),
              ].join(" && ")}}`,
              errorMessage: hcl.text(
                `The machine image ${imageId} is not of generation 2${architecture === undefined ? "" : ` for ${architecture}`}. ` +
                  "Give one that is, or another size of machines.",
              ),
            },
          ],
        },
      }),
    );
    return new DataAzurermSharedImageVersion(
      this,
      "Default",
      transformed(transform?.galleryVersion, {
        resourceGroupName,
        galleryName,
        imageName: image.name,
        name: version,
      }),
    ).id;
  }
}
