import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { expect, test } from "vitest";
import { type LayerStack, LocalState } from "../../../lib";
import { AwsInfrastructureStack } from "../../../lib/infrastructure/aws/infrastructure-stack";
import { Template } from "../../../lib/testing";
import { findMoto, leaveOutForMoto, Moto, useAwsProvider } from "../../support/moto";
import { suiteScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../../support/tools";
import { lacks, state } from "./ci-rights";
import { recordedActions } from "./recorded-actions";
import { ACCOUNT, REGION } from "./state-fixture";

/** With a way out by NAT gateways it is `test/stacks/production.real.test.ts`. */
function infrastructure(): LayerStack {
  return new AwsInfrastructureStack(new App(), "prod-infrastructure", {
    environment: { name: "prod", state: new LocalState() },
    accountId: ACCOUNT,
    region: REGION,
    servers: { vault: { runs: ["vault"] }, main: { runs: ["consul", "nomad"] } },
    workers: { general: {} },
    network: { egress: "private", publicSubnets: true },
    // One of those that moto knows.
    images: { x86_64: "ami-0b301ce3ce347599c" },
    software: { from: "baked", registry: "registry.example.com" },
    domain: "caravan.example.com",
    dns: { delegated: true },
    volumes: { home: { size: "1GiB", zone: "a" } },
    deletionProtection: false,
  });
}

describeWith(
  "what Terraform calls, and what CI may call",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    const scope = suiteScope();

    async function prepare(moto: Moto, template: Template): Promise<Terraform> {
      const cwd = scope.directory("ci");
      writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(template.json));
      const terraform = { backend: { local: { path: "terraform.tfstate" } } };
      writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify({ terraform }));
      useAwsProvider(cwd, mirror.versions[0] ?? "");
      leaveOutForMoto(cwd);
      const runner = new Terraform({ program, cwd, env: moto.env, cliConfig: mirrorConfig(scope, mirror) });
      await runner.init();
      return runner;
    }

    test("the infrastructure with egress private", async () => {
      const moto = await Moto.start(scope);
      const terraform = await prepare(moto, Template.of(infrastructure()));
      const applied = await recordedActions(moto, () => terraform.apply());
      expect(applied).toEqual(expect.arrayContaining(["ec2:CreateVpc", "iam:CreateRole", "kms:CreateKey"]));
      expect(lacks("deployer", applied)).toEqual([]);
      expect(lacks("planner", applied).length).toBeGreaterThan(20);

      const planned = await recordedActions(moto, () => terraform.plan());
      expect(planned).toEqual(expect.arrayContaining(["ec2:DescribeVpcs", "iam:GetRolePolicy", "kms:GetKeyPolicy"]));
      expect(lacks("planner", planned)).toEqual([]);
      expect(lacks("deployer", planned)).toEqual([]);

      const destroyed = await recordedActions(moto, () => terraform.destroy());
      expect(destroyed).toEqual(expect.arrayContaining(["ec2:DeleteVpc", "iam:DeleteRole", "kms:ScheduleKeyDeletion"]));
      expect(lacks("deployer", destroyed)).toEqual([]);
    });

    test("the state stack is planned by the planner, and applied by people", async () => {
      const moto = await Moto.start(scope);
      const terraform = await prepare(moto, state);
      const applied = await recordedActions(moto, () => terraform.apply());
      expect(lacks("deployer", applied)).toEqual(
        expect.arrayContaining(["iam:AttachRolePolicy", "iam:CreateOpenIDConnectProvider", "iam:CreatePolicy"]),
      );
      const planned = await recordedActions(moto, () => terraform.plan());
      expect(planned).toEqual(expect.arrayContaining(["iam:GetPolicyVersion", "s3:GetBucketPolicy"]));
      expect(lacks("planner", planned)).toEqual([]);
    });
  },
);
