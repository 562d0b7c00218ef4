import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { run, testScope } from "../support/temporary";
import { emptyProject, manifest, succeed } from "./consumer";
import { lostBetween, type SynthesizedStack } from "./released-ids";

const project = resolve(__dirname, "../..");

/** The released versions, oldest first; none before the first release. */
async function releasedVersions(): Promise<string[]> {
  const { code, stdout, stderr } = await run("npm", ["view", manifest.name, "versions", "--json"], {
    env: process.env,
  });
  if (code === 0) return [JSON.parse(stdout)].flat();
  if (`${stdout}${stderr}`.includes("E404")) return [];
  throw new Error(`the registry gave no answer\n${stdout}${stderr}`);
}

function stacksIn(outdir: string): Map<string, SynthesizedStack> {
  const read = (id: string) => JSON.parse(readFileSync(join(outdir, "stacks", id, "cdk.tf.json"), "utf8"));
  return new Map(readdirSync(join(outdir, "stacks")).map((id) => [id, read(id)]));
}

test("no resource of the examples is lost since the last released tarball", async () => {
  const last = (await releasedVersions()).at(-1);
  const changelog = readFileSync(join(project, "CHANGELOG.md"), "utf8");
  if (last === undefined) {
    // The first release has nothing to be compared with. Then the changelog must not speak of one either.
    expect(changelog).not.toMatch(/^## \[\d/m);
    return;
  }
  const scope = testScope();
  const peers = Object.keys(manifest.peerDependencies).map((name) => `${name}@${manifest.devDependencies[name]}`);
  const released = await emptyProject(scope, "released", `${manifest.name}@${last}`, ...peers);
  for (const example of readdirSync(join(project, "dist/examples"))) {
    const main = join(project, "dist/examples", example, "main.js");
    if (!existsSync(main)) continue;
    const outputs = { released: scope.directory("ids"), current: scope.directory("ids") };
    // The example's own requires resolve where it lies, so the released package answers to a copy of it there.
    await succeed(released, "cp", main, `${example}.js`);
    await succeed(released, process.execPath, `${example}.js`, outputs.released);
    await succeed(project, process.execPath, main, outputs.current);
    const current = stacksIn(outputs.current);
    for (const [id, stack] of stacksIn(outputs.released)) {
      expect(lostBetween(stack, current.get(id) ?? {}), `${example}, stack ${id}`).toEqual([]);
    }
  }
});
