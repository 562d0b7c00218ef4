import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { exampleImages } from "../examples/images";
import { StandInProviders } from "../support/providers";
import { run, testScope } from "../support/temporary";
import { Terraform } from "../support/terraform";
import { describeWith, findTool } from "../support/tools";

const dist = resolve(__dirname, "../../dist");

/** Every app that comes with the project: the stacks, and each example. */
const apps = [
  "stacks/main.js",
  ...readdirSync(resolve(__dirname, "../../examples")).map((example) => `examples/${example}/main.js`),
];

/** Runs an app as a user does, and returns its stacks' directories. */
async function synthesize(app: string): Promise<string[]> {
  const main = join(dist, app);
  if (!existsSync(main)) throw new Error(`${main} is missing: npm run build`);
  const outdir = testScope().directory("stacks");
  const { code, stdout, stderr } = await run(process.execPath, [main, outdir], {
    env: { ...process.env, CDKTF_OUTDIR: outdir },
  });
  if (code !== 0) throw new Error(stderr);
  console.log(stdout);
  return readdirSync(join(outdir, "stacks")).map((id) => join(outdir, "stacks", id));
}

for (const tool of ["terraform", "tofu"]) {
  describeWith(`${tool}, with the schema of the bindings' provider`, { tool: findTool(tool) }, (found) => {
    test.each(apps)("accepts and plans every stack of %s", async (app) => {
      for (const cwd of await synthesize(app)) {
        const terraform = { backend: { local: { path: "terraform.tfstate" } } };
        writeFileSync(join(cwd, "backend_override.tf.json"), JSON.stringify({ terraform }));
        const providers = new StandInProviders(testScope(), exampleImages);
        const program = new Terraform({ program: found.tool, cwd, providers });
        await program.init();
        expect(await program.validate(), cwd).toMatchObject({ valid: true, diagnostics: [] });
        const { actions } = await program.plan();
        expect(actions.length, cwd).toBeGreaterThan(4);
        expect(
          actions.filter((action) => !action.startsWith("create ")),
          cwd,
        ).toEqual([]);
      }
    });
  });
}
