import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "cdktf";
import { expect, test } from "vitest";
import { LocalState } from "../../../lib";
import { GcpStateStack } from "../../../lib/infrastructure/gcp/state-stack";
import { Template } from "../../../lib/testing";
import { StandInProviders } from "../../support/providers";
import { testScope } from "../../support/temporary";
import { Terraform } from "../../support/terraform";
import { describeWith, findTool } from "../../support/tools";
import { place } from "./identity-fixture";

for (const tool of ["terraform", "tofu"]) {
  describeWith(
    `the state stack for ${tool}, with the schema of the bindings' provider`,
    { tool: findTool(tool) },
    (found) => {
      test("is valid and planned", async () => {
        const scope = testScope();
        const cwd = scope.directory("state");
        const stack = new GcpStateStack(new App(), "prod-state", {
          environment: { name: "prod", state: new LocalState({ directory: "." }) },
          project: place.project,
          region: place.region,
          github: { repository: "acme/platform" },
        });
        writeFileSync(join(cwd, "cdk.tf.json"), JSON.stringify(Template.of(stack).json));
        const terraform = new Terraform({ program: found.tool, cwd, providers: new StandInProviders(scope) });
        await terraform.init();
        expect(await terraform.validate()).toMatchObject({ valid: true, diagnostics: [] });
        const { actions } = await terraform.plan();
        expect(actions.filter((action) => !action.startsWith("create "))).toEqual([]);
        expect(actions.filter((action) => action.includes("google_iam_workload_identity_pool_provider"))).toHaveLength(
          1,
        );
      });
    },
  );
}
