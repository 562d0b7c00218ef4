import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, type AppConfig, TerraformStack } from "cdktf";
import { suiteScope, testScope } from "./temporary";

/** An app whose output lies in a directory of the running test. */
export function testApp(config: AppConfig = {}): App {
  return new App({ outdir: testScope().directory("synth"), ...config });
}

/** An app for a whole suite. `Testing.app()` of cdktf leaves its directory behind. */
export function suiteApp(): App {
  return new App({ outdir: suiteScope().directory("synth") });
}

/** Synthesizes the app as a user does, and reads one stack's Terraform JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the JSON of any stack
export function synthesized(app: App, stackId: string): any {
  app.synth();
  return JSON.parse(readFileSync(join(app.outdir, "stacks", stackId, "cdk.tf.json"), "utf8"));
}

/** Synthesizes the app as a user does, and returns one stack's directory with its state kept there, whatever its backend. */
export function stackDirectory(app: App, stackId: string): string {
  app.synth();
  const directory = join(app.outdir, "stacks", stackId);
  const terraform = { backend: { local: { path: "terraform.tfstate" } } };
  writeFileSync(join(directory, "backend_override.tf.json"), JSON.stringify({ terraform }));
  return directory;
}

/** Puts what another synth wrote into the directory of a stack that was applied, as CI does with each commit. */
export function resynthesize(from: string, into: string): void {
  for (const file of readdirSync(from)) copyFileSync(join(from, file), join(into, file));
}

/** The directory of a plain stack that `build` fills. */
export function synthesize(build: (stack: TerraformStack) => void): string {
  const app = testApp();
  build(new TerraformStack(app, "stack"));
  return stackDirectory(app, "stack");
}
