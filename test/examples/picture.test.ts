import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { production } from "../../examples/aws/production";
import { stackPicture } from "../../lib";
import { synthesized, testApp } from "../support/synth";

// After a change of what is made: `npx vitest run --project unit test/examples -u` draws it anew.
test("the picture in docs/aws.md is that of the production example", async () => {
  const app = testApp();
  production(app);
  const picture = stackPicture(synthesized(app, "prod-infrastructure"));
  const path = resolve(__dirname, "../../docs/aws.md");
  const page = readFileSync(path, "utf8");
  const drawn = page.replace(/(?<=```mermaid\n)[\s\S]*?(?=```)/, () => picture);
  expect(drawn).toContain(picture);
  await expect(drawn).toMatchFileSnapshot(path);
});
