import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LayerStack } from "../../../lib";
import { Template } from "../../../lib/testing";
import { findMoto, Moto, useAwsProvider } from "../../support/moto";
import { StandInProviders } from "../../support/providers";
import { type Scope, testScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findMirror, findTool, mirrorConfig } from "../../support/tools";
import { identityStack } from "./identity-fixture";
import { stateStack } from "./state-fixture";

function directory(scope: Scope, stack: LayerStack): string {
  const cwd = scope.directory("identity");
  writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(Template.of(stack).json));
  const terraform = { backend: { local: { path: "terraform.tfstate" } } };
  writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify({ terraform }));
  return cwd;
}

for (const tool of ["terraform", "tofu"]) {
  describeWith(
    `identities for ${tool}, with the schema of the bindings' provider`,
    { tool: findTool(tool) },
    (found) => {
      test.each<[string, () => LayerStack, number]>([
        ["of nodes, with their keys", identityStack, 19],
        ["of CI, with its state", stateStack, 36],
      ])("%s", async (_, stack, count) => {
        const scope = testScope();
        const cwd = directory(scope, stack());
        const terraform = new Terraform({ program: found.tool, cwd, providers: new StandInProviders(scope) });
        await terraform.init();
        expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });
        const { actions } = await terraform.plan();
        expect(actions.filter((action) => action.startsWith("create "))).toHaveLength(count);
        expect(actions).toHaveLength(count);
      });
    },
  );
}

describeWith(
  "identities on moto",
  { terraform: findTool("terraform"), moto: findMoto(), "a mirror of hashicorp/aws": findMirror("hashicorp/aws") },
  ({ terraform: program, "a mirror of hashicorp/aws": mirror }) => {
    test("are applied once, with the roles before the keys that name them, and go", async () => {
      const scope = testScope();
      const moto = await Moto.start(scope);
      const cwd = directory(scope, identityStack({}, false));
      const [version = ""] = mirror.versions;
      useAwsProvider(cwd, version);
      const terraform = new Terraform({ program, cwd, env: moto.env, cliConfig: mirrorConfig(scope, mirror) });
      await terraform.init();
      await terraform.apply();
      expect(await terraform.plan()).toMatchObject({ actions: [], changes: false });
      const state = [...(await terraform.state()).values()];
      const policies = state.filter(({ type }) => type === "aws_kms_key").map(({ values }) => String(values["policy"]));
      expect(policies.filter((policy) => policy.includes("role/caravan/prod/caravan-prod-server-vault"))).toHaveLength(
        1,
      );
      await terraform.destroy();
      expect((await terraform.state()).size).toBe(0);
    });
  },
);
