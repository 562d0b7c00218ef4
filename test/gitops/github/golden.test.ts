import { join } from "node:path";
import { expect, test } from "vitest";
import { config, rendered, twoEnvironments } from "../pipeline/fixture";

const files = rendered(config, twoEnvironments());

test.each(files)("$path is as it was reviewed", async ({ path, text }) => {
  await expect(text).toMatchFileSnapshot(join(__dirname, "golden", path.split("/").at(-1) ?? ""));
});
