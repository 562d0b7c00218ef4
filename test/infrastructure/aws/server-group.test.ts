import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeHcl } from "../../../lib";
import { hcl } from "../../../lib/core";
import { cloudInit, serverLibrary } from "../../../lib/node";
import { Match, type Template } from "../../../lib/testing";
import { environmentValues, server } from "../../node/examples";
import { refusal } from "./edge-stack";
import { decide } from "./iam-evaluator";
import { cluster, common, groupStack, only, serversIn, serverTemplate } from "./node-group-stack";

const GROUP = "aws_autoscaling_group";

/** The disks in a launch template. */
function disksOf(template: Template): unknown {
  return only(template, "aws_launch_template")["block_device_mappings"];
}

const encrypted = {
  volume_type: "gp3",
  encrypted: "true",
  kms_key_id: common.kmsKeyArn,
  delete_on_termination: "true",
};
const root = (volume_size: number) => ({
  device_name: expect.stringContaining("root_device_name"),
  ebs: { ...encrypted, volume_size },
});

function ofCount(count: number, props: object = {}, deletionProtection = true): Template {
  const one = { ...cluster, servers: { main: { ...cluster.servers["main"], count } } };
  return serverTemplate({ cluster: one as never, ...props }, deletionProtection);
}

describe("a group of three servers", () => {
  const template = serverTemplate();

  test("starts a server anew only when its machine is gone, and is never replaced or waited for", () => {
    expect(only(template, GROUP)).toMatchObject({
      name: "caravan-prod-server-main",
      min_size: 3,
      max_size: 3,
      desired_capacity: 3,
      vpc_zone_identifier: common.subnetIds,
      health_check_type: "EC2",
      suspended_processes: ["AZRebalance"],
      protect_from_scale_in: true,
      wait_for_capacity_timeout: "0",
      lifecycle: { prevent_destroy: true },
      service_linked_role_arn: common.autoScalingRoleArn,
      // The successor first: a hook on a machine that is gone would hold it up.
      instance_maintenance_policy: { min_healthy_percentage: 100, max_healthy_percentage: 200 },
    });
    for (const absent of ["instance_refresh", "max_instance_lifetime", "target_group_arns", "mixed_instances_policy"]) {
      expect(only(template, GROUP)).not.toHaveProperty(absent);
    }
  });

  test("lets a server leave first, but goes on without an answer", () => {
    expect(only(template, "aws_autoscaling_lifecycle_hook")).toEqual({
      name: "caravan-leave",
      autoscaling_group_name: "${aws_autoscaling_group.server-main.name}",
      lifecycle_transition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeat_timeout: 600,
      default_result: "CONTINUE",
    });
    template.hasResource("aws_iam_role_policy", {
      name: "leave",
      policy: Match.json({
        Statement: [
          {
            Action: "autoscaling:CompleteLifecycleAction",
            Resource:
              "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/caravan-prod-server-main",
          },
        ],
      }),
    });
  });

  test("bears the tags by which its peers find it, and the user's own", () => {
    const { tag_specifications: tagged } = only(template, "aws_launch_template");
    expect(tagged).toContainEqual({
      resource_type: "instance",
      tags: {
        Name: "caravan-prod-server-main",
        "caravan-environment": "prod",
        "caravan-group": "server-main",
        "caravan-vault": "prod",
        "caravan-consul": "prod",
        "caravan-nomad": "prod",
        "cost-center": "platform",
      },
    });
  });

  test("starts from the cloud-init document, and finds its library in the bucket before it starts", () => {
    const { userDataBase64, staticBytes } = cloudInit({ ...server, dataDevice: "/dev/sdf" }, environmentValues);
    const given = String(only(template, "aws_launch_template")["user_data"]);
    const member = Buffer.from(given.slice(0, given.indexOf("$")), "base64");
    expect(member).toHaveLength(staticBytes);
    expect(member.equals(Buffer.from(userDataBase64.slice(0, (staticBytes / 3) * 4), "base64"))).toBe(true);
    expect(gunzipSync(member).toString()).toMatch(/^#cloud-config\n/);
    const { key } = serverLibrary(server);
    const library = only(template, "aws_s3_object");
    expect(library).toMatchObject({
      bucket: environmentValues.bucket,
      key,
      server_side_encryption: "aws:kms",
      kms_key_id: environmentValues.bucketKey,
      lifecycle: { create_before_destroy: true },
    });
    expect(only(template, GROUP)["depends_on"]).toEqual(["aws_s3_object.server-main_library_4DD85442"]);
  });
});

test.each([3, 5])("a group of %i: each server has an encrypted disk for data, which goes with it", (count) => {
  const template = ofCount(count, { diskSize: "40GiB", dataDiskSize: "200GiB" });
  expect(only(template, GROUP)).toMatchObject({ min_size: count, max_size: count, desired_capacity: count });
  expect(disksOf(template)).toEqual([root(40), { device_name: "/dev/sdf", ebs: { ...encrypted, volume_size: 200 } }]);
  template.hasNoResource("aws_ebs_volume", {});
});

describe("a group of one", () => {
  const template = ofCount(1);
  const [volume] = template.resources("aws_ebs_volume");

  test("has its data on a volume that is neither its machine's nor the group's", () => {
    expect(disksOf(template)).toEqual([root(30)]);
    expect(volume?.arguments).toMatchObject({
      availability_zone: "${data.aws_subnet.server-main_data-volume_subnet_A3ADE626.availability_zone}",
      type: "gp3",
      size: 20,
      encrypted: true,
      kms_key_id: common.kmsKeyArn,
      final_snapshot: true,
      lifecycle: { prevent_destroy: true },
    });
    const torn = ofCount(1, {}, false).resources("aws_ebs_volume");
    expect(torn[0]?.arguments).toMatchObject({ final_snapshot: false, lifecycle: { prevent_destroy: false } });
  });

  test("stands in the volume's zone", () => {
    expect(only(template, GROUP)["vpc_zone_identifier"]).toEqual([common.subnetIds[0]]);
    expect(template.dataSources("aws_subnet")).toMatchObject([{ arguments: { id: common.subnetIds[0] } }]);
  });

  test("tells its machines the volume, which they may attach to machines of the group only", () => {
    expect(String(only(template, "aws_launch_template")["user_data"])).toContain(
      `CARAVAN_DATA_VOLUME=\\"\${replace(${volume?.address}.id`,
    );
    const statements = (name: string) => {
      const [policy] = template.resources("aws_iam_role_policy").filter(({ arguments: own }) => own["name"] === name);
      return [decodeHcl(String(policy?.arguments["policy"]))];
    };
    const rights = statements("data-volume");
    const attach = (resource: string, context = {}) =>
      decide(rights, { action: "ec2:AttachVolume", resource, context });
    const instance = "arn:aws:ec2:eu-central-1:123456789012:instance/i-1";
    const tags = (group: string, environment = "prod") => ({
      "aws:ResourceTag/caravan-group": group,
      "aws:ResourceTag/caravan-environment": environment,
    });
    expect(attach(`\${${volume?.address}.arn}`)).toBe("allow");
    expect(attach("arn:aws:ec2:eu-central-1:123456789012:volume/vol-1")).toBe("no");
    expect(attach(instance, tags("server-main"))).toBe("allow");
    expect(attach(instance, tags("server-other"))).toBe("no");
    expect(attach(instance, tags("server-main", "dev"))).toBe("no");
    expect(attach(instance)).toBe("no");
    const grant = (context: Record<string, string>) =>
      decide(rights, { action: "kms:CreateGrant", resource: common.kmsKeyArn, context });
    const throughEc2 = { "kms:ViaService": "ec2.eu-central-1.amazonaws.com" };
    expect(grant({ ...throughEc2, "kms:GrantIsForAWSResource": "true" })).toBe("allow");
    expect(grant(throughEc2)).toBe("no");
  });
});

test("a group runs and is found by what it is told only", () => {
  const servers = { vault: { count: 3, runs: ["vault"] }, main: { count: 5, runs: ["consul", "nomad"] } } as const;
  const template = serverTemplate({ cluster: { ...cluster, servers }, group: "vault" });
  const tags = only(template, GROUP)["tag"] as { key: string }[];
  expect(tags.map(({ key }) => key)).toContain("caravan-vault");
  expect(tags.map(({ key }) => key)).not.toContain("caravan-consul");
});

test("the processor of the instance type chooses the image; a group's own image goes before", () => {
  const imageOf = (props: object) => {
    const [image] = serverTemplate(props).dataSources("aws_ami");
    return image?.arguments["filter"];
  };
  expect(imageOf({ instanceType: "r8g.large" })).toEqual([{ name: "image-id", values: ["ami-0123456789abcdef1"] }]);
  expect(imageOf({ instanceType: "r8g.large", imageId: "ami-0123456789abcdef9" })).toEqual([
    { name: "image-id", values: ["ami-0123456789abcdef9"] },
  ]);
});

test("an instance type that only Terraform knows goes with an image of one's own, whose processor nobody checks", () => {
  const template = serverTemplate({
    instanceType: hcl.callString("lower", "M7G.LARGE"),
    imageId: "ami-0123456789abcdef9",
  });
  const [image] = template.dataSources("aws_ami");
  expect(image?.arguments["lifecycle"]).toMatchObject({
    postcondition: [{ condition: '${self.root_device_type == "ebs"}' }],
  });
});

test("what a group adds is laid over what the environment adds", () => {
  const extend = { consul: { log_level: "WARN" }, vault: { log_level: "debug" } };
  const documentOf = (props: object) => {
    const given = String(only(serverTemplate(props), "aws_launch_template")["user_data"]);
    return gunzipSync(Buffer.from(given.slice(0, given.indexOf("$")), "base64")).toString();
  };
  const both = documentOf({ cluster: { ...cluster, extend }, extend: { consul: { log_level: "DEBUG" } } });
  expect(both).toBe(documentOf({ cluster: { ...cluster, extend: { ...extend, consul: { log_level: "DEBUG" } } } }));
});

test("a teardown's first step takes the protection off", () => {
  expect(only(serverTemplate({}, false), GROUP)).toMatchObject({
    lifecycle: { prevent_destroy: false },
    force_delete: true,
  });
  expect(only(serverTemplate(), GROUP)).toMatchObject({ force_delete: false });
});

describe("wrong props", () => {
  test.each<[string, object, string]>([
    ["a group that is none", { group: "mian" }, 'group: given "mian"'],
    ["no subnet", { subnetIds: [] }, "subnetIds: given []"],
    ["a subnet's name", { subnetIds: ["private-a"] }, 'subnetIds[0]: given "private-a"'],
    ["no image for the processor", { images: {} }, "images.x86_64: given nothing"],
    ["an image's name", { imageId: "debian" }, 'imageId: given "debian"'],
    ["a disk that is too small", { diskSize: "10GiB" }, 'diskSize: given "10GiB"'],
    ["a data disk in thousands", { dataDiskSize: "20GB" }, 'dataDiskSize: given "20GB"'],
    ["a role's name", { autoScalingRoleArn: "AutoScaling" }, 'autoScalingRoleArn: given "AutoScaling"'],
    ["an account that is none", { values: { ...environmentValues, account: "1" } }, 'values.account: given "1"'],
  ])("%s", (_name, change, message) => {
    const text = refusal(() => serversIn(groupStack(), { ...change } as never));
    expect(text).toContain(message);
    expect(text).toMatch(/allowed: \S.*\n {4}fix: {5}\S/);
  });
});
