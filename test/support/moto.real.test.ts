import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { S3Backend, TerraformOutput, TerraformStack } from "cdktf";
import { expect, test } from "vitest";
import { hcl } from "../../lib/core";
import { findMoto, MOTO_ACCOUNT, Moto, useAwsProvider } from "./moto";
import { synthesize, testApp } from "./synth";
import { testScope } from "./temporary";
import { Terraform } from "./terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "./tools";

function ground(stack: TerraformStack): void {
  const west = new AwsProvider(stack, "west", { region: "eu-west-1", alias: "west" });
  new AwsProvider(stack, "aws", { region: "eu-central-1", allowedAccountIds: [MOTO_ACCOUNT] });
  const vpc = new Vpc(stack, "vpc", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags: { Name: "main" } });
  new Subnet(stack, "subnet", { vpcId: vpc.id, cidrBlock: "10.0.0.0/20" });
  new KmsKey(stack, "key", { enableKeyRotation: true, deletionWindowInDays: 7 });
  const bucket = new S3Bucket(stack, "bucket", { bucket: "caravan-moto", provider: west });
  new IamRole(stack, "role", {
    name: "node",
    assumeRolePolicy: hcl.json({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
    }),
  });
  new TerraformOutput(stack, "account", { value: new DataAwsCallerIdentity(stack, "me").accountId, staticId: true });
  new TerraformOutput(stack, "region", { value: bucket.region, staticId: true });
}

describeWith(
  "moto with the real AWS provider",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    test("applies, plans nothing more, and forgets", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const cwd = synthesize(ground);
      const [version = ""] = mirror.versions;
      useAwsProvider(cwd, version);
      const terraform = new Terraform({ program, cwd, env: moto.env, cliConfig: mirrorConfig(scope, mirror) });
      await terraform.init();
      await terraform.apply();
      expect(await terraform.output()).toEqual({ account: MOTO_ACCOUNT, region: "eu-west-1" });
      expect(await terraform.plan()).toMatchObject({ actions: [], changes: false });

      const bucket = async () => (await fetch(`${moto.endpoint}/caravan-moto`)).status;
      expect(await bucket()).toBe(200);
      await moto.reset();
      expect(await bucket()).toBe(404);
    });
  },
);

describeWith(
  "moto as a state backend",
  { terraform: findTool("terraform"), moto: findMoto() },
  ({ terraform: program }) => {
    test("keeps state and refuses a second writer", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const created = await fetch(`${moto.endpoint}/caravan-state`, { method: "PUT" });
      expect(created.status).toBe(200);

      const app = testApp();
      const stack = new TerraformStack(app, "stack");
      const backend = new S3Backend(stack, { bucket: "caravan-state", key: "stack.tfstate", region: "eu-central-1" });
      backend.addOverride("use_lockfile", true);
      new TerraformOutput(stack, "answer", { value: 42, staticId: true });
      stack.addOverride("resource.terraform_data.slow", { provisioner: [{ "local-exec": { command: "sleep 4" } }] });
      app.synth();
      const terraform = new Terraform({ program, cwd: `${app.outdir}/stacks/stack`, env: moto.env });
      await terraform.init();
      const keys = async () => {
        const listing = await (await fetch(`${moto.endpoint}/caravan-state`)).text();
        return [...listing.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key);
      };
      const first = terraform.apply();
      await expect.poll(keys, { timeout: 20_000 }).toContain("stack.tfstate.tflock");
      await expect(terraform.apply()).rejects.toThrow(/Error acquiring the state lock[\s\S]*OperationTypeApply/);
      await first;
      expect(await terraform.output()).toEqual({ answer: 42 });
      expect(await keys()).toEqual(["stack.tfstate"]);
    });
  },
);
