import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, Manifest } from "cdktf";
import { CaravanError } from "../core/errors";

/**
 * Synthesizes an app as `app.synth()` does, with cross-stack references, backends and validations, but into a directory
 * that is gone afterwards: tests that run side by side, and a developer's own `cdktf.out`, stay apart.
 *
 * @returns the Terraform JSON of each stack, by its id
 */
export function synthesize(app: App): Map<string, unknown> {
  if (app.hclOutput) throw new CaravanError("Template reads Terraform JSON: make the App without hclOutput");
  const outdir = mkdtempSync(join(tmpdir(), "caravan-template-"));
  const manifest = new Manifest(app.manifest.version, outdir, false);
  const own = { outdir: app.outdir, manifest: app.manifest };
  try {
    // App.synth writes where these two say; cdktf marks them as readonly for others.
    Object.assign(app, { outdir, manifest });
    app.synth();
    return new Map(
      Object.values(manifest.stacks).map(({ name, synthesizedStackPath }) => [
        name,
        JSON.parse(readFileSync(join(outdir, synthesizedStackPath), "utf8")),
      ]),
    );
  } finally {
    Object.assign(app, own);
    rmSync(outdir, { recursive: true, force: true });
  }
}
