import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Template } from "../../../lib/testing";
import { findMoto, leaveOutForMoto, Moto, useAwsProvider } from "../../support/moto";
import { StandInProviders } from "../../support/providers";
import { type Scope, testScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../../support/tools";
import { edgeOf } from "./edge-fixture";

function directory(scope: Scope): string {
  const cwd = scope.directory("edge");
  writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(Template.of(edgeOf()).json));
  const terraform = { backend: { local: { path: "terraform.tfstate" } } };
  writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify({ terraform }));
  return cwd;
}

for (const tool of ["terraform", "tofu"]) {
  describeWith(`an edge for ${tool}, with the schema of the bindings' provider`, { tool: findTool(tool) }, (found) => {
    test("is valid and planned", async () => {
      const scope = testScope();
      const cwd = directory(scope);
      const terraform = new Terraform({ program: found.tool, cwd, providers: new StandInProviders(scope) });
      await terraform.init();
      expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });
      const { actions } = await terraform.plan();
      expect(actions.filter((action) => !action.startsWith("create "))).toEqual([]);
      expect(actions.length).toBeGreaterThan(150);
    });
  });
}

/** What moto 5.2.1 forgets, so that every plan would set it again. */
const falseDrift = new Set([
  // Its tag specifications.
  "update aws_launch_template",
  // The VPC of a private zone.
  "update aws_route53_zone",
  // The description of a rule that refers to a group.
  "update aws_vpc_security_group_egress_rule",
  "update aws_vpc_security_group_ingress_rule",
]);

describeWith(
  "an edge on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    test("is applied once, and goes", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const cwd = directory(scope);
      const [version = ""] = mirror.versions;
      useAwsProvider(cwd, version);
      leaveOutForMoto(cwd);
      const terraform = new Terraform({ program, cwd, env: moto.env, cliConfig: mirrorConfig(scope, mirror) });
      await terraform.init();
      await terraform.apply();
      const again = await terraform.plan();
      expect(new Set(again.actions.map((action) => action.replace(/\..*/, "")))).toEqual(falseDrift);
      await terraform.destroy();
      expect((await terraform.state()).size).toBe(0);
    });
  },
);
