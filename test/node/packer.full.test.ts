import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AwsImageProps, awsImageFiles } from "../../lib/node";
import { run, testScope } from "../support/temporary";
import { findTool } from "../support/tools";

const packer = findTool("packer");
const plugins = packer === undefined ? "" : spawnSync(packer, ["plugins", "installed"], { encoding: "utf8" }).stdout;
const missing = [
  ...(packer === undefined ? ["packer"] : []),
  ...(/packer-plugin-amazon/.test(plugins) ? [] : ["its plugin github.com/hashicorp/amazon"]),
];

const props: AwsImageProps = {
  region: "eu-central-1",
  subnetId: "subnet-0123456789abcdef0",
  instanceProfile: "image-builder",
};

const images: Record<string, AwsImageProps> = {
  "as it comes": props,
  "arm64, with everything": {
    ...props,
    architecture: "arm64",
    caBundle: "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
    kmsKeyId: "alias/images",
    namePrefix: "acme",
    proxy: { url: "http://proxy.example.com:3128", except: [".example.com"] },
    source: { name: "acme-base-*", owner: "123456789012", user: "admin" },
  },
};

// Packer comes from neither npm, PyPI nor Debian, so CI has none, whatever it requires: both are built from the sources of
// github.com/hashicorp/packer 1.11.2 and packer-plugin-amazon 1.3.2, by `go build`, and the plugin is put where Packer looks by
// `packer plugins install --path`.
const reason = missing.length > 0 ? ` (missing here: ${missing.join(", ")})` : "";
describe.skipIf(missing.length > 0)(`the template by the judgement of Packer${reason}`, () => {
  const judged = async (command: string, files: Readonly<Record<string, string>>) => {
    const cwd = testScope().directory("image");
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
    // It looks for the source image, but for no build.
    const env = { ...process.env, CHECKPOINT_DISABLE: "1", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" };
    const { code, stdout, stderr } = await run(packer ?? "", [command, "."], { cwd, env });
    return { code, said: `${stdout}${stderr}` };
  };

  test.each(Object.entries(images))("%s", async (_, image) => {
    expect(await judged("validate", awsImageFiles(image))).toEqual({ code: 0, said: "The configuration is valid.\n" });
    expect((await judged("inspect", awsImageFiles(image))).said).toMatch(/amazon-ebs.node[\s\S]*file\s+shell/);
  });

  test("a mistake is seen", async () => {
    const files = awsImageFiles(props);
    const template = files["caravan.pkr.json"] ?? "";
    const unknown = template.replace('"imds_support"', '"imds_suport"');
    const { code, said } = await judged("validate", { ...files, "caravan.pkr.json": unknown });
    expect(code).toBe(1);
    expect(said).toMatch(/imds_suport/);
    const neither = template.replace(/"source_ami_filter": \{[\s\S]*?\n {8}\},\n/, "");
    expect((await judged("validate", { ...files, "caravan.pkr.json": neither })).said).toMatch(/source_ami/);
  });
});
