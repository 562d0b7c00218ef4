import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AwsNodeGroupProps, AwsNodeGroupTransform } from "../../../lib/infrastructure/aws/node-group";
import { Template } from "../../../lib/testing";
import { findMoto, Moto, useAwsProvider } from "../../support/moto";
import { StandInProviders } from "../../support/providers";
import { testScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../../support/tools";
import { cluster, common, groupStack, serversIn, workersIn } from "./node-group-stack";

interface Change {
  readonly nomad?: string;
  readonly max?: number;
  readonly more?: boolean;
  readonly moto?: Partial<AwsNodeGroupProps>;
}

const servers = {
  vault: { count: 1, runs: ["vault"] },
  main: { count: 3, runs: ["consul", "nomad"] },
} as const;

/** Writes a server group of three, one of one and two worker groups into a directory, over what is there. */
function write(cwd: string, { nomad = "1.11.3", max = 4, more = false, moto }: Change): void {
  // In two steps it is taken down in test/stacks/production.real.test.ts.
  const stack = groupStack(false);
  // Those that moto knows.
  const images = { x86_64: "ami-0b301ce3ce347599c", arm64: "ami-0e9271c829888680e" };
  const all = { ...moto, images, cluster: { ...cluster, servers, versions: { nomad } } };
  serversIn(stack, all);
  serversIn(stack, { ...all, group: "vault" });
  workersIn(stack, { ...all, min: 2, max, instanceType: ["m6g.large", "c6g.large"], spotPercent: 50 });
  workersIn(stack, { ...all, group: "system", system: true, min: 1 });
  if (more) workersIn(stack, { ...all, group: "batch", min: 0, max: 5 });
  writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(Template.of(stack).json));
  const terraform = { backend: { local: { path: "terraform.tfstate" } } };
  writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify({ terraform }));
}

for (const tool of ["terraform", "tofu"]) {
  describeWith(`groups for ${tool}, with the schema of the bindings' provider`, { tool: findTool(tool) }, (found) => {
    test("are valid and planned", async () => {
      const scope = testScope();
      const cwd = scope.directory("groups");
      write(cwd, {});
      const ami = { architecture: "x86_64", root_device_type: "ebs", root_device_name: "/dev/xvda" };
      const arm = { ...ami, architecture: "arm64" };
      const providers = new StandInProviders(scope, {
        aws: { data: { aws_ami: (config) => (JSON.stringify(config).includes("ami-0e92") ? arm : ami) } },
      });
      const terraform = new Terraform({ program: found.tool, cwd, providers });
      await terraform.init();
      expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });
      const { actions } = await terraform.plan();
      expect(actions.filter((action) => !action.startsWith("create "))).toEqual([]);
      expect(actions.filter((action) => action.includes("aws_autoscaling_group"))).toHaveLength(4);
    });
  });
}

/** What moto 5.2.1 forgets or tells otherwise than AWS, so that every plan would set it again. */
const onMoto: AwsNodeGroupTransform = {
  // Tells the template's own tags as those of machines.
  launchTemplate: { lifecycle: { ignoreChanges: ["tag_specifications"] } },
  // Knows nothing of what starts first.
  autoScalingGroup: (group) => ({
    ...group,
    lifecycle: { ...group.lifecycle, ignoreChanges: ["instance_maintenance_policy"] },
  }),
  // Makes up whom it tells.
  lifecycleHook: { lifecycle: { ignoreChanges: ["notification_target_arn", "role_arn"] } },
};

/** Knows no role of Auto Scaling but the account's. */
const autoScalingRoleArn =
  "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";

describeWith(
  "groups on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    test("are applied once; what changes is the recipe, never a server or a lone server's volume", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const ask = async (service: string, action: string, parameters: Record<string, string> = {}) => {
        const version = service === "ec2" ? "2016-11-15" : "2011-01-01";
        const credential = `test/20260101/eu-central-1/${service}/aws4_request`;
        const answer = await fetch(moto.endpoint, {
          method: "POST",
          headers: { Authorization: `AWS4-HMAC-SHA256 Credential=${credential}` },
          body: new URLSearchParams({ Action: action, Version: version, ...parameters }),
        });
        return answer.text();
      };
      const every = (text: string, name: string) =>
        [...text.matchAll(new RegExp(`<${name}>([^<]+)<`, "g"))].map(([, value = ""]) => value);
      const running = async () =>
        every(
          await ask("ec2", "DescribeInstances", {
            "Filter.1.Name": "tag:caravan-nomad",
            "Filter.1.Value.1": "prod",
            "Filter.2.Name": "instance-state-name",
            "Filter.2.Value.1": "running",
          }),
          "instanceId",
        ).sort();
      const onto: Change["moto"] = {
        autoScalingRoleArn,
        transform: onMoto,
        subnetIds: every(await ask("ec2", "DescribeSubnets"), "subnetId"),
        securityGroupIds: every(await ask("ec2", "DescribeSecurityGroups"), "groupId").slice(0, 1),
      };
      await fetch(`${moto.endpoint}/${common.values.bucket}`, {
        method: "PUT",
        headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request" },
        body: "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>",
      });

      const cwd = scope.directory("groups");
      write(cwd, { moto: onto });
      const [version = ""] = mirror.versions;
      useAwsProvider(cwd, version);
      const env = { ...moto.env, AWS_S3_USE_PATH_STYLE: "true" };
      const terraform = new Terraform({ program, cwd, env, cliConfig: mirrorConfig(scope, mirror) });
      await terraform.init();
      await terraform.apply();
      const born = await running();
      expect(born).toHaveLength(3);

      // What the Nomad Autoscaler does: more workers, and its notes on the group.
      const group = "caravan-prod-worker-general";
      await ask("autoscaling", "SetDesiredCapacity", { AutoScalingGroupName: group, DesiredCapacity: "3" });
      await ask("autoscaling", "CreateOrUpdateTags", {
        "Tags.member.1.ResourceType": "auto-scaling-group",
        "Tags.member.1.ResourceId": group,
        "Tags.member.1.Key": "nomad_autoscaler_lifecycle_phase_1",
        "Tags.member.1.Value": "drain_i-0123456789abcdef0",
        "Tags.member.1.PropagateAtLaunch": "false",
      });
      expect(await terraform.plan()).toMatchObject({ actions: [], changes: false });

      write(cwd, { moto: onto, max: 8, nomad: "1.11.4", more: true });
      const changed = await terraform.plan();
      expect(changed.actions.filter((action) => !action.startsWith("create "))).toEqual([
        "update aws_autoscaling_group.server-main",
        "update aws_autoscaling_group.server-vault",
        "update aws_autoscaling_group.worker-general",
        "update aws_autoscaling_group.worker-system",
        "update aws_launch_template.server-main_launch-template_AF89B04F",
        "update aws_launch_template.server-vault_launch-template_F3DFF63D",
        "update aws_launch_template.worker-general_launch-template_C1D4328E",
        "update aws_launch_template.worker-system_launch-template_B7FE5A81",
      ]);
      const created = changed.actions.filter((action) => action.startsWith("create "));
      expect(created.every((action) => action.includes("batch"))).toBe(true);
      const volumes = async () =>
        [...(await terraform.state()).values()].filter(({ type }) => type === "aws_ebs_volume");
      const [volume] = await volumes();
      expect(volume?.values).toMatchObject({
        id: expect.stringMatching(/^vol-/),
        ...{ encrypted: true, kms_key_id: common.kmsKeyArn },
      });
      await terraform.apply(changed.file);
      expect(await running()).toEqual(born);
      const state = await terraform.state();
      expect(state.get("aws_autoscaling_group.server-main")?.values).toMatchObject({
        launch_template: [{ version: "2" }],
      });
      expect((await volumes()).map(({ values }) => values["id"])).toEqual([volume?.values["id"]]);
      expect(state.get("aws_autoscaling_group.worker-general")?.values).toMatchObject({
        max_size: 8,
        desired_capacity: 3,
      });

      await terraform.destroy();
      expect((await terraform.state()).size).toBe(0);
    });
  },
);
