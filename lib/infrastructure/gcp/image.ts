import {
  DataGoogleComputeImage,
  type DataGoogleComputeImageConfig,
} from "@cdktf/provider-google/lib/data-google-compute-image";
import { Construct } from "constructs";
import { type PropsCheck as Check, PropsCheck, rule } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import type { MachineSettings } from "../props";
import type { GcpArchitecture } from "./instance-type";
import { imageName } from "./rules";

/**
 * Machine images by processor, each by its full name: `{ x86_64: "projects/debian-cloud/global/images/debian-12-..." }`. A name
 * stands for the same bytes as long as its owner does not delete it, so that a new image is a change somebody reviews. A family
 * is none: what it stands for changes by itself.
 */
export type GcpImages = Readonly<Partial<Record<GcpArchitecture, string>>>;

export interface GcpImageProps {
  /** The image's full name. */
  readonly imageId: string;
  /**
   * The processor of the machines that shall start from it; a plan fails if it is another's.
   *
   * @default - any
   */
  readonly architecture?: GcpArchitecture;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: { readonly image?: Transform<DataGoogleComputeImageConfig> };
}

/** Checks that a group has an image for its processor. `at` stands before the property's name: `"servers.main."`. */
export function checkImageOf(
  check: Check,
  at: string,
  group: Pick<MachineSettings, "imageId">,
  images: GcpImages | undefined,
  architecture: GcpArchitecture | undefined,
): void {
  if (group.imageId !== undefined) check.required(`${at}imageId`, group.imageId, imageName);
  else if (architecture !== undefined) {
    const here = rule<string>({
      allowed: `${imageName.allowed}, for ${architecture}`,
      fix: `give its full name: images: { ${architecture}: "projects/debian-cloud/global/images/..." }`,
      accepts: imageName.accepts,
    });
    check.required(`images.${architecture}`, images?.[architecture], here);
  }
}

/**
 * A machine image, pinned by its full name. Every plan sees that it is still there, is ready and for the machines' processor.
 *
 * @throws InvalidPropsError for wrong props
 */
export class GcpImage extends Construct {
  /** As a template takes it. */
  readonly selfLink: string;

  constructor(scope: Construct, id: string, props: GcpImageProps) {
    const check = new PropsCheck("GcpImage", scope, id);
    check.required("imageId", props.imageId, imageName);
    check.optional("architecture", props.architecture, oneOf(["x86_64", "arm64"]));
    check.done();
    super(scope, id);
    const { imageId, architecture } = props;
    const [, project, name] = /projects\/([^/]+)\/global\/images\/(.+)$/.exec(imageId) ?? [];
    // Images of x86-64 may not say what they are for.
    const processor = { x86_64: ' AND architecture != "ARM64"', arm64: ' AND architecture = "ARM64"' };
    const image = new DataGoogleComputeImage(
      this,
      "Default",
      transformed(props.transform?.image, {
        project,
        // The provider knows no attribute for the processor, but an image that the filter leaves out is not found.
        filter: `name = "${name}"${architecture === undefined ? "" : processor[architecture]}`,
        lifecycle: {
          postcondition: [
            {
              condition: '${self.status == "READY"}',
              errorMessage: hcl.text(`The machine image ${imageId} is not ready to start machines from.`),
            },
          ],
        },
      }),
    );
    this.selfLink = image.selfLink;
  }
}
