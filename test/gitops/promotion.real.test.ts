import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { CARAVAN, pipelineRoles, Repository } from "./repository";

const BUILT = existsSync(CARAVAN) ? CARAVAN : undefined;

/** Two environments of one stack each, whose image stands in a file of the environment. */
const app = (state: string) => `
const { App, LocalBackend, TerraformStack } = require(${JSON.stringify(require.resolve("cdktf"))});
const { readFileSync } = require("node:fs");
const app = new App();
for (const name of ["dev", "prod"]) {
  const stack = new TerraformStack(app, name + "-web");
  new LocalBackend(stack, { path: ${JSON.stringify(state)} + "/" + name + ".tfstate" });
  const { image, failing } = JSON.parse(readFileSync("environments/" + name + ".json", "utf8"));
  const provisioner = failing ? [{ "local-exec": { command: "false" } }] : undefined;
  stack.addOverride("resource.terraform_data.web", { input: image, triggers_replace: failing ? image : undefined, provisioner });
}
app.synth();
`;

describeWith(
  "promotion, from one environment to the next",
  { terraform: findTool("terraform"), git: findTool("git"), "a build (npm run build)": BUILT },
  () => {
    test("P16: what was applied is proposed for the next one, planned there, and applied by its merge", async () => {
      const scope = testScope();
      const state = scope.directory("state");
      const repository = await Repository.of({
        scope,
        config: { environments: { dev: { aws: pipelineRoles }, prod: { promoteFrom: "dev", aws: pipelineRoles } } },
        files: {
          "app.js": app(state),
          "environments/dev.json": '{ "image": "web:1" }',
          "environments/prod.json": '{ "image": "web:1" }',
        },
      });
      const run = (workflow: string, sha: string) =>
        repository.workflow(workflow, { name: "push", ref: "refs/heads/main", sha });
      const imageOf = (name: string) =>
        JSON.parse(readFileSync(join(state, `${name}.tfstate`), "utf8")).resources[0].instances[0].attributes.input
          .value;

      const begun = await repository.commit();
      await repository.pullRequest(begun);
      const first = await repository.merged(begun);
      expect((await run("caravan-apply-dev", first)).jobs).toMatchObject({ "promote-prod": "success" });
      expect((await run("caravan-apply-prod", first)).jobs).toMatchObject({ "apply-prod-web": "success" });
      // Both have the same: there is nothing to propose.
      expect(repository.forge.pulls).toEqual([]);

      repository.write("environments/dev.json", '{ "image": "web:2" }');
      const head = await repository.commit();
      await repository.pullRequest(head);
      const second = await repository.merged(head);
      const applied = await run("caravan-apply-dev", second);
      expect(applied.jobs, JSON.stringify(applied.logs)).toMatchObject({ "promote-prod": "success" });
      expect(imageOf("dev")).toBe("web:2");
      expect(imageOf("prod")).toBe("web:1");
      expect(repository.forge.pulls).toEqual([
        { head: "caravan/promote-prod", base: "main", title: "Promote dev to prod" },
      ]);
      expect(await repository.git("diff", "--name-only", second, "caravan/promote-prod")).toBe(
        "environments/prod.json",
      );

      await repository.git("merge", "-q", "--ff-only", "caravan/promote-prod");
      const proposed = await repository.git("rev-parse", "HEAD");
      await repository.pullRequest(proposed);
      const comment = repository.forge.comments.find(({ body }) => body.includes("Plan of prod"));
      expect(comment?.body).toContain('input: "web:1" -> "web:2"');
      const third = await repository.merged(proposed);
      expect((await run("caravan-apply-prod", third)).jobs).toMatchObject({ "apply-prod-web": "success" });
      expect(imageOf("prod")).toBe("web:2");

      // What is not applied is not proposed.
      repository.write("environments/dev.json", '{ "image": "web:3", "failing": true }');
      const bad = await repository.commit();
      await repository.pullRequest(bad);
      const failed = await run("caravan-apply-dev", await repository.merged(bad));
      expect(failed.jobs).toMatchObject({ "apply-dev-web": "failure", "promote-prod": "skipped" });
      expect(await repository.git("rev-parse", "caravan/promote-prod")).toBe(proposed);
    });
  },
);
