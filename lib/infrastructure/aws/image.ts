import { DataAwsAmi, type DataAwsAmiConfig } from "@cdktf/provider-aws/lib/data-aws-ami";
import { Construct } from "constructs";
import { PropsCheck } from "../../core/errors";
import { hcl } from "../../core/hcl";
import { oneOf } from "../../core/rules";
import { type Transform, transformed } from "../../layer/transform";
import type { AwsArchitecture } from "./instance-type";
import { imageId } from "./rules";

/**
 * Machine images by processor, each by its id. An id stands for the same bytes for ever, so that a new image is a change
 * somebody reviews. `docs/images.md` says how to look one up.
 */
export type AwsImages = Readonly<Partial<Record<AwsArchitecture, string>>>;

export interface AwsImageProps {
  /** The image's id. It holds for one region. */
  readonly imageId: string;
  /**
   * The processor of the machines that shall start from it; a plan fails if it is another's.
   *
   * @default - any
   */
  readonly architecture?: AwsArchitecture;
  /**
   * Changes to the props of the inner resources.
   *
   * @default - none
   */
  readonly transform?: { readonly image?: Transform<DataAwsAmiConfig> };
}

/**
 * A machine image, pinned by its id. Every plan sees that it is still there and is for the machines' processor; and what
 * it calls its root disk, which a launch template must know to encrypt that disk and not a second one.
 *
 * @throws InvalidPropsError for wrong props
 */
export class AwsImage extends Construct {
  readonly imageId: string;
  /** What the image calls its root disk: `/dev/xvda`. */
  readonly rootDeviceName: string;

  constructor(scope: Construct, id: string, props: AwsImageProps) {
    const check = new PropsCheck("AwsImage", scope, id);
    check.required("imageId", props.imageId, imageId);
    check.optional("architecture", props.architecture, oneOf(["x86_64", "arm64"]));
    check.done();
    super(scope, id);

    const { architecture } = props;
    const conditions = [
      'self.root_device_type == "ebs"',
      ...(architecture === undefined ? [] : [`self.architecture == "${architecture}"`]),
    ];
    const kind = architecture === undefined ? "image" : `${architecture} image`;
    const image = new DataAwsAmi(
      this,
      "Default",
      transformed(props.transform?.image, {
        filter: [{ name: "image-id", values: [props.imageId] }],
        // One that its owner no longer recommends must still be found: machines are started from it.
        includeDeprecated: true,
        lifecycle: {
          postcondition: [
            {
              condition: `\${${conditions.join(" && ")}}`,
              errorMessage: hcl.text(
                `The machine image ${props.imageId} is no ${kind} with an EBS root disk. Give the id of one, or another ` +
                  "instance type.",
              ),
            },
          ],
        },
      }),
    );
    this.imageId = image.imageId;
    this.rootDeviceName = image.rootDeviceName;
  }
}
