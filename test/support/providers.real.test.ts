import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DataAwsAvailabilityZones } from "@cdktf/provider-aws/lib/data-aws-availability-zones";
import { DataAwsIamPolicyDocument } from "@cdktf/provider-aws/lib/data-aws-iam-policy-document";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SecretsmanagerSecretVersion } from "@cdktf/provider-aws/lib/secretsmanager-secret-version";
import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { Fn, TerraformOutput, type TerraformStack } from "cdktf";
import { describe, expect, test } from "vitest";
import { attribute, type Behaviours, StandInProviders, type Values } from "./providers";
import { synthesize } from "./synth";
import { type Scope, testScope } from "./temporary";
import { Terraform } from "./terraform";
import { describeWith, findTool } from "./tools";

/** A stack's directory with a runner that stand-ins serve. */
async function prepare(program: string, scope: Scope, cwd: string, behaviours: Behaviours = {}) {
  const terraform = new Terraform({ program, cwd, providers: new StandInProviders(scope, { aws: behaviours }) });
  await terraform.init();
  return terraform;
}

function network(stack: TerraformStack): void {
  new AwsProvider(stack, "aws", { region: "eu-central-1", defaultTags: [{ tags: { team: "platform" } }] });
  const west = new AwsProvider(stack, "west", { alias: "west", region: "eu-west-1" });
  const zones = new DataAwsAvailabilityZones(stack, "zones", { state: "available" });
  const vpc = new Vpc(stack, "vpc", { cidrBlock: "10.0.0.0/16", tags: { Name: "main" } });
  const subnet = new Subnet(stack, "subnet", {
    vpcId: vpc.id,
    cidrBlock: "10.0.0.0/20",
    availabilityZone: Fn.element(zones.names, 2),
  });
  new Vpc(stack, "other", { provider: west, cidrBlock: "10.1.0.0/16" });
  const group = new SecurityGroup(stack, "group", {
    vpcId: vpc.id,
    ingress: [{ fromPort: 443, toPort: 443, protocol: "tcp", cidrBlocks: [vpc.cidrBlock] }],
  });
  new LaunchTemplate(stack, "template", {
    iamInstanceProfile: { name: "node" },
    blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: 20 } }],
    networkInterfaces: [{ subnetId: subnet.id, securityGroups: [group.id] }],
  });
  const policy = new DataAwsIamPolicyDocument(stack, "policy", {
    statement: [
      {
        actions: ["s3:GetObject"],
        resources: [vpc.arn],
        condition: [{ test: "Bool", variable: "a", values: ["true"] }],
      },
    ],
  });
  new TerraformOutput(stack, "vpc_id", { value: vpc.id, staticId: true });
  new TerraformOutput(stack, "policy_json", { value: policy.json, staticId: true });
}

for (const name of ["terraform", "tofu"]) {
  describeWith(`stand-in for AWS on ${name}`, { [name]: findTool(name) }, (found) => {
    const program = found[name] ?? "";

    test("validates, plans, applies, plans nothing more and destroys", async () => {
      const scope = testScope();
      const terraform = await prepare(program, scope, synthesize(network));
      expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });

      const { file, plan, actions } = await terraform.plan();
      expect(actions).toEqual([
        "create aws_launch_template.template",
        "create aws_security_group.group",
        "create aws_subnet.subnet",
        "create aws_vpc.other",
        "create aws_vpc.vpc",
      ]);
      const subnet = plan.resource_changes.find(({ address }) => address === "aws_subnet.subnet")?.change;
      expect(subnet?.after).toMatchObject({ availability_zone: "eu-central-1c", cidr_block: "10.0.0.0/20" });
      expect(subnet?.after_unknown).toMatchObject({ id: true, vpc_id: true, arn: true });

      await terraform.apply(file);
      expect(await terraform.output()).toEqual({
        vpc_id: expect.stringMatching(/^vpc-[0-9a-f]{12}$/),
        policy_json: "{}",
      });
      const state = await terraform.state();
      expect(state.get("aws_subnet.subnet")?.values["vpc_id"]).toBe(state.get("aws_vpc.vpc")?.values["id"]);
      expect(await terraform.plan()).toMatchObject({ changes: false, actions: [] });

      await terraform.destroy();
      expect((await terraform.state()).size).toBe(0);
    });

    test("imports what it applied, and plans an update", async () => {
      const scope = testScope();
      const cwd = synthesize((stack) => {
        new AwsProvider(stack, "aws", { region: "eu-central-1" });
        new Vpc(stack, "vpc", { cidrBlock: "10.0.0.0/16" });
      });
      const terraform = await prepare(program, scope, cwd, { resources: { aws_vpc: { replaceOn: ["cidr_block"] } } });
      await terraform.apply();
      const id = String((await terraform.state()).get("aws_vpc.vpc")?.values["id"]);
      await terraform.succeed("state", "rm", "aws_vpc.vpc");
      await terraform.import("aws_vpc.vpc", id);
      expect(await terraform.plan()).toMatchObject({ changes: false });

      const edit = async (properties: object) => {
        const resource = { aws_vpc: { vpc: properties } };
        const settings = { backend: { local: { path: "terraform.tfstate" } } };
        writeFileSync(
          join(cwd, "cdk.tf.json"),
          JSON.stringify({ terraform: settings, provider: { aws: [{}] }, resource }),
        );
        return (await terraform.plan()).actions;
      };
      expect(await edit({ cidr_block: "10.0.0.0/16", tags: { a: "b" } })).toEqual(["update aws_vpc.vpc"]);
      expect(await edit({ cidr_block: "10.2.0.0/16" })).toEqual(["delete-create aws_vpc.vpc"]);
    });

    describe("finds what is wrong in", () => {
      const cases: Record<string, [resource: Record<string, Record<string, object>>, message: RegExp]> = {
        "an unknown argument": [{ aws_vpc: { a: { cidr_blok: "10.0.0.0/16" } } }, /cidr_blok/],
        "an unknown type": [{ aws_vpcs: { a: {} } }, /aws_vpcs/],
        "a missing argument": [{ aws_subnet: { a: { cidr_block: "10.0.0.0/16" } } }, /"vpc_id" is required/],
        "a missing argument of a block": [
          { aws_lb_listener: { a: { load_balancer_arn: "arn", default_action: [{}] } } },
          /"type" is required/,
        ],
        "a missing block": [{ aws_lb_listener: { a: { load_balancer_arn: "arn" } } }, /default_action/],
        "a block too many": [{ aws_launch_template: { a: { placement: [{}, {}] } } }, /No more than 1 "placement"/],
        "a wrong type": [{ aws_subnet: { a: { vpc_id: ["x"], cidr_block: "" } } }, /string required/],
        "a reference to nothing": [{ aws_subnet: { a: { vpc_id: "${aws_vpc.b.id}" } } }, /undeclared resource/],
        "a reference to an attribute that is not there": [
          { aws_vpc: { b: {} }, aws_subnet: { a: { vpc_id: "${aws_vpc.b.ids}" } } },
          /does not have|no argument.*"ids"|Unsupported attribute/,
        ],
        "an argument that only the provider sets": [
          { aws_vpc: { a: { arn: "arn" } } },
          /"arn" is decided by the provider/,
        ],
        "an object that lacks a part": [{ aws_security_group: { a: { ingress: [{ to_port: 1 }] } } }, /are required/],
      };
      test.each(Object.entries(cases))("%s", async (_, [resource, message]) => {
        const scope = testScope();
        const cwd = scope.directory();
        writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify({ provider: { aws: [{}] }, resource }));
        const { valid, diagnostics } = await (await prepare(program, scope, cwd)).validate();
        expect(valid).toBe(false);
        expect(diagnostics.map(({ summary, detail }) => `${summary} ${detail}`).join("\n")).toMatch(message);
      });
    });

    test("gives a type the life that a test writes for it, and the provider's configuration of its alias", async () => {
      const world = new Map<string, Values>();
      const regions: unknown[] = [];
      const resources: Behaviours["resources"] = {
        aws_vpc: {
          create: (planned, { provider }) => {
            regions.push(provider["region"]);
            const id = `vpc-${world.size}`;
            world.set(id, { cidr_block: planned["cidr_block"] ?? null });
            return { id };
          },
          read: (state) => world.get(String(state["id"])) ?? null,
          delete: (state) => void world.delete(String(state["id"])),
          import: (id) => (world.has(id) ? { id, ...world.get(id) } : null),
        },
      };
      const scope = testScope();
      const cwd = synthesize((stack) => {
        new AwsProvider(stack, "aws", { region: "eu-central-1" });
        const west = new AwsProvider(stack, "west", { alias: "west", region: "eu-west-1" });
        new Vpc(stack, "vpc", { cidrBlock: "10.0.0.0/16" });
        new Vpc(stack, "other", { cidrBlock: "10.1.0.0/16", provider: west });
      });
      const terraform = await prepare(program, scope, cwd, { resources });
      await terraform.apply();
      expect(regions.sort()).toEqual(["eu-central-1", "eu-west-1"]);
      expect([...world.keys()].sort()).toEqual(["vpc-0", "vpc-1"]);

      for (const found of world.values()) found["cidr_block"] = "10.9.0.0/16";
      expect((await terraform.plan()).actions).toEqual(["update aws_vpc.other", "update aws_vpc.vpc"]);
      world.clear();
      expect((await terraform.plan()).actions).toEqual(["create aws_vpc.other", "create aws_vpc.vpc"]);
      await expect(terraform.import("aws_vpc.vpc", "vpc-9")).rejects.toThrow(/There is no "vpc-9"/);
    });

    test("keeps write-only and ephemeral values out of plan and state, and hands them to the behaviour", async () => {
      const seen: unknown[] = [];
      const behaviours: Behaviours = {
        resources: {
          aws_secretsmanager_secret_version: {
            create: (_, { config }) => {
              seen.push(config["secret_string_wo"]);
              return {};
            },
          },
        },
        ephemeral: {
          aws_test_secret: {
            schema: {
              attributes: { length: attribute("number", "required"), value: attribute("string", "computed") },
              blocks: {},
            },
            open: (config) => ({ value: "s".repeat(Number(config["length"])) }),
            close: ({ value }) => void seen.push(`closed ${String(value)}`),
          },
        },
      };
      const scope = testScope();
      const cwd = synthesize((stack) => {
        new AwsProvider(stack, "aws", { region: "eu-central-1" });
        stack.addOverride("ephemeral.aws_test_secret.one", { length: 6 });
        new SecretsmanagerSecretVersion(stack, "version", {
          secretId: "secret",
          secretStringWo: "${ephemeral.aws_test_secret.one.value}",
          secretStringWoVersion: 1,
        });
      });
      const terraform = await prepare(program, scope, cwd, behaviours);
      const { file, plan } = await terraform.plan();
      await terraform.apply(file);
      expect(seen).toEqual(["closed ssssss", "ssssss", "closed ssssss"]);
      expect(JSON.stringify(plan)).not.toContain("ssssss");
      expect(JSON.stringify([...(await terraform.state()).values()])).not.toContain("ssssss");
      expect(await terraform.plan()).toMatchObject({ changes: false });
    });

    test("a behaviour that fails is Terraform's error, and nothing is kept", async () => {
      const scope = testScope();
      const cwd = synthesize((stack) => {
        new AwsProvider(stack, "aws", { region: "eu-central-1" });
        new Vpc(stack, "vpc", { cidrBlock: "10.0.0.0/16" });
      });
      const create = () => Promise.reject(new Error("VpcLimitExceeded"));
      const terraform = await prepare(program, scope, cwd, { resources: { aws_vpc: { create } } });
      await expect(terraform.apply()).rejects.toThrow(/aws_vpc: VpcLimitExceeded/);
      expect((await terraform.state()).size).toBe(0);
    });
  });
}
