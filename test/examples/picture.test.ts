import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { production } from "../../examples/aws/production";
import { stackPicture } from "../../lib";
import { synthesized, testApp } from "../support/synth";

// To draw it anew: `npx vitest run --project unit test/examples/picture.test.ts` prints what has to stand there.
test("the picture in docs/aws.md is that of the production example", () => {
  const app = testApp();
  production(app);
  const picture = stackPicture(synthesized(app, "prod-infrastructure"));
  const page = readFileSync(resolve(__dirname, "../../docs/aws.md"), "utf8");
  expect(/```mermaid\n([\s\S]*?)```/.exec(page)?.[1]).toBe(picture);
});
