import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, type AppConfig } from "cdktf";
import { onTestFinished } from "vitest";

/** An app whose output lies in a directory of the running test. */
export function testApp(config: AppConfig = {}): App {
  const outdir = mkdtempSync(join(tmpdir(), "caravan-synth-"));
  onTestFinished(() => rmSync(outdir, { recursive: true, force: true }));
  return new App({ outdir, ...config });
}

/** Synthesizes the app as a user does, and reads one stack's Terraform JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the JSON of any stack
export function synthesized(app: App, stackId: string): any {
  app.synth();
  return JSON.parse(readFileSync(join(app.outdir, "stacks", stackId, "cdk.tf.json"), "utf8"));
}
