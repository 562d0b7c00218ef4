import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { App } from "cdktf";
import { expect, test } from "vitest";
import { production as onAws } from "../../examples/aws/production";
import { production as onAzure } from "../../examples/azure/production";
import { production as onGcp } from "../../examples/gcp/production";
import { stackPicture } from "../../lib";
import { synthesized, testApp } from "../support/synth";

const examples: Readonly<Record<string, (app: App) => unknown>> = { aws: onAws, azure: onAzure, gcp: onGcp };

// After a change of what is made: `npx vitest run --project unit test/examples -u` draws it anew.
test.each(Object.entries(examples))(
  "the picture in docs/%s.md is that of the production example",
  async (cloud, fill) => {
    const app = testApp();
    fill(app);
    const picture = stackPicture(synthesized(app, "prod-infrastructure"));
    const path = resolve(__dirname, `../../docs/${cloud}.md`);
    const page = readFileSync(path, "utf8");
    const drawn = page.replace(/(?<=```mermaid\n)[\s\S]*?(?=```)/, () => picture);
    expect(drawn).toContain(picture);
    await expect(drawn).toMatchFileSnapshot(path);
  },
);
