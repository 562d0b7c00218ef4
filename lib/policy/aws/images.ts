import type { PolicyRule } from "../rule";

const imageOwner: PolicyRule = {
  id: "aws-ami-owner",
  severity: "LOW",
  title: "A machine image is looked up by its owner, or by its id",
  why: "Anybody may publish an image under any name, and the newest one wins.",
  fix: "set owners, or filter by image-id",
  references: { trivy: ["AWS-0344"] },
  resourceTypes: ["data.aws_ami", "data.aws_ami_ids"],
  *check(image) {
    const byId = image.blocks("filter").some((filter) => filter.text("name") === "image-id");
    if (!byId && image.texts("owners").length === 0) yield { attribute: "owners", given: image.value("owners") };
  },
};

const pinned: PolicyRule = {
  id: "aws-image-pinned",
  severity: "MEDIUM",
  title: "A machine starts from an image that somebody chose",
  why: "The newest image of the day changes what machines are without a review, and differs from one machine to the next.",
  fix: "give the image's id",
  references: { url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html" },
  resourceTypes: ["data.aws_ami", "aws_instance", "aws_launch_template", "aws_launch_configuration"],
  *check(resource) {
    if (resource.type === "data.aws_ami") {
      if (resource.boolean("most_recent") === true) yield { attribute: "most_recent", given: true };
      return;
    }
    const attribute = resource.type === "aws_instance" ? "ami" : "image_id";
    const image = resource.text(attribute);
    if (typeof image === "string" && image.startsWith("resolve:ssm:")) yield { attribute, given: image };
  },
};

export const imageRules: readonly PolicyRule[] = [imageOwner, pinned];
