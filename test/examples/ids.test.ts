import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { addressesOf } from "../package/released-ids";
import { testApp } from "../support/synth";
import { apps } from "./apps";

test("every example is known here", () => {
  const examples = readdirSync(resolve(__dirname, "../../examples"));
  expect(Object.keys(apps).filter((name) => !name.startsWith("stacks"))).toEqual(examples.sort());
});

// A changed address moves a resource of everybody: give its `moved` entry, then `npx vitest run --project unit test/examples -u`.
test.each(Object.entries(apps))("the addresses of %s are those that are pinned", async (name, fill) => {
  const app = testApp();
  fill(app);
  app.synth();
  const stacks = readdirSync(join(app.outdir, "stacks"));
  const pinned = readdirSync(join(__dirname, "ids")).filter((file) => file.startsWith(`${name}.`));
  expect(stacks.map((id) => `${name}.${id}.txt`)).toEqual(expect.arrayContaining(pinned));
  for (const id of stacks) {
    const stack = JSON.parse(readFileSync(join(app.outdir, "stacks", id, "cdk.tf.json"), "utf8"));
    const addresses = `${addressesOf(stack).sort().join("\n")}\n`;
    await expect(addresses).toMatchFileSnapshot(`ids/${name}.${id}.txt`);
  }
});
