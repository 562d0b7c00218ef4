import { describe, expect, test } from "vitest";
import { AwsImage } from "../../../lib/infrastructure/aws/image";
import { AwsLaunchTemplate, type AwsLaunchTemplateProps } from "../../../lib/infrastructure/aws/launch-template";
import { isChoice } from "../../../lib/policy";
import { Template } from "../../../lib/testing";
import { refusal } from "./edge-stack";
import { common, groupStack, only } from "./node-group-stack";

const props: Omit<AwsLaunchTemplateProps, "image"> = {
  name: "nodes",
  instanceType: "c7g.xlarge",
  instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/nodes",
  securityGroupIds: ["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
  userDataBase64: "I2Nsb3VkLWNvbmZpZwo=",
  diskSize: "1TiB",
  kmsKeyArn: common.kmsKeyArn,
  tags: { team: "platform" },
};

function made(change: Partial<AwsLaunchTemplateProps> = {}) {
  const stack = groupStack();
  const image = new AwsImage(stack, "image", { imageId: "ami-0123456789abcdef0", architecture: "arm64" });
  new AwsLaunchTemplate(stack, "template", { image, ...props, ...change });
  const template = Template.of(stack);
  return { stack, template, arguments: only(template, "aws_launch_template") };
}

test("a launch template stands alone, with an image by its id", () => {
  const { template, arguments: recipe } = made();
  expect(recipe).toEqual({
    name: "nodes",
    image_id: "${data.aws_ami.image.image_id}",
    instance_type: "c7g.xlarge",
    iam_instance_profile: { arn: props.instanceProfileArn },
    ebs_optimized: "true",
    monitoring: { enabled: true },
    metadata_options: {
      http_endpoint: "enabled",
      http_tokens: "required",
      http_put_response_hop_limit: 1,
      instance_metadata_tags: "disabled",
    },
    network_interfaces: [
      {
        device_index: 0,
        associate_public_ip_address: "false",
        delete_on_termination: "true",
        security_groups: props.securityGroupIds,
      },
    ],
    block_device_mappings: [
      {
        device_name: "${data.aws_ami.image.root_device_name}",
        ebs: {
          volume_type: "gp3",
          volume_size: 1024,
          encrypted: "true",
          kms_key_id: props.kmsKeyArn,
          delete_on_termination: "true",
        },
      },
    ],
    user_data: props.userDataBase64,
    tag_specifications: ["instance", "network-interface", "volume"].map((resource_type) => ({
      resource_type,
      tags: { team: "platform", Name: "nodes" },
    })),
    tags: { "caravan-environment": "prod", "caravan-stack": "prod-nodes" },
  });
  expect(template.data("aws_ami.image")).toMatchObject({
    filter: [{ name: "image-id", values: ["ami-0123456789abcdef0"] }],
    lifecycle: {
      postcondition: [{ condition: '${self.root_device_type == "ebs" && self.architecture == "arm64"}' }],
    },
  });
});

test("metadata for containers is a choice that the report shows", () => {
  const { stack, arguments: recipe } = made({ metadataForContainers: true });
  expect(recipe["metadata_options"]).toMatchObject({ http_put_response_hop_limit: 2, http_tokens: "required" });
  const waived = stack.policyOutcome?.waived.map(({ waiver }) => [waiver.rule, waiver.resource, isChoice(waiver)]);
  expect(waived).toEqual([["aws-instance-hop-limit", "aws_launch_template.template", true]]);
});

test("a transform has the last word, and the policy judges it", () => {
  const placement = { tenancy: "dedicated" };
  expect(made({ transform: { launchTemplate: { placement } } }).arguments).toMatchObject({ placement });
  expect(() => made({ transform: { launchTemplate: { ebsOptimized: "false" } } })).toThrow(
    "aws-instance-ebs-optimized",
  );
});

describe("wrong props", () => {
  test.each<[string, object, string]>([
    ["no security group", { securityGroupIds: [] }, "securityGroupIds: given []"],
    ["a security group's name", { securityGroupIds: ["nodes"] }, 'securityGroupIds[0]: given "nodes"'],
    [
      "a role for a profile",
      { instanceProfileArn: "arn:aws:iam::123456789012:role/nodes" },
      "instanceProfileArn: given",
    ],
    ["an alias for a key", { kmsKeyArn: "alias/data" }, 'kmsKeyArn: given "alias/data"'],
    ["a disk in GB", { diskSize: "50GB" }, 'diskSize: given "50GB"'],
    ["no user data", { userDataBase64: "" }, 'userDataBase64: given ""'],
    ["a type without a size", { instanceType: "m7i" }, 'instanceType: given "m7i"'],
  ])("%s", (_name, change, message) => expect(refusal(() => made(change))).toContain(message));

  test("of an image", () => {
    const image = (change: object) =>
      new AwsImage(groupStack(), "image", { imageId: "debian-12", architecture: "amd64", ...change } as never);
    expect(refusal(() => image({}))).toContain('AwsImage at "prod-nodes/image": 2 mistakes');
  });
});
