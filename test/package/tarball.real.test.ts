import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { suiteScope } from "../support/temporary";
import { emptyProject, manifest, pack, succeed, type Tarball } from "./consumer";

const scope = suiteScope();
const project = resolve(__dirname, "../..");
const tool = (name: string) => join(project, "node_modules/.bin", name);
const { devDependencies } = manifest;

const app = `
const { App } = require("cdktf");
const { LocalState, S3State, summaryTable } = require("cdktf-caravan");
const { AwsInfrastructureStack } = require("cdktf-caravan/aws");
const { allRules } = require("cdktf-caravan/policy");
const { Template } = require("cdktf-caravan/testing");

const app = new App({ outdir: process.argv[2] });
const state = new S3State({ bucket: "acme-caravan-state", region: "eu-central-1" });
const stack = new AwsInfrastructureStack(app, "prod-infrastructure", {
  environment: { name: "prod", state },
  region: "eu-central-1",
  accountId: "123456789012",
  images: { x86_64: "ami-0123456789abcdef0" },
  policyRules: allRules,
});
app.synth();
console.log(summaryTable(app));
if (typeof Template !== "function") throw new Error("no Template");
`;

let tarball: Tarball;

beforeAll(async () => {
  if (!existsSync(join(project, "dist/lib/index.js"))) await succeed(project, "npm", "run", "build");
  tarball = await pack(scope);
});

test("holds the library and nothing else", () => {
  console.log(`tarball: ${(tarball.size / 1024).toFixed(0)} KiB, ${tarball.files.length} files`);
  const expected = /^(dist\/lib\/.*\.(js|d\.ts|sh|json)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
  expect(tarball.files.filter((file) => !expected.test(file))).toEqual([]);
  expect(tarball.files.filter((file) => /\.map$|\.test\.|(^|dist\/)(test|examples|stacks|bench)\//.test(file))).toEqual(
    [],
  );
});

test("publint and attw find nothing", async () => {
  expect(await succeed(project, tool("publint"), "run", tarball.path, "--strict")).toContain("All good!");
  const found = JSON.parse(await succeed(project, tool("attw"), tarball.path, "--format", "json"));
  expect(found.problems).toEqual({});
});

const providers = { aws: "aws", azure: "azurerm", gcp: "google" };

test.each(Object.entries(providers))(
  "importing cdktf-caravan/%s loads nothing of another cloud",
  async (cloud, own) => {
    const program = `require("cdktf-caravan/${cloud}"); console.log(JSON.stringify(Object.keys(require.cache)));`;
    const loaded: string[] = JSON.parse(await succeed(project, process.execPath, "-e", program));
    const clouds = loaded.flatMap((file) => /@cdktf\/provider-(aws|azurerm|google)\//.exec(file)?.[1] ?? []);
    expect([...new Set(clouds)]).toEqual([own]);
    const rooms = loaded.flatMap((file) => /dist\/lib\/infrastructure\/(aws|azure|gcp)\//.exec(file)?.[1] ?? []);
    expect([...new Set(rooms)]).toEqual([cloud]);
  },
);

describe("in an empty project with only the AWS provider beside it", () => {
  const aws = `@cdktf/provider-aws@${devDependencies["@cdktf/provider-aws"]}`;
  const constructs = `constructs@${devDependencies.constructs}`;
  const outputs = new Map<string, unknown>();

  async function synthesizeIn(directory: string): Promise<unknown> {
    writeFileSync(join(directory, "app.js"), app);
    const outdir = join(directory, "out");
    const printed = await succeed(directory, process.execPath, "app.js", outdir);
    expect(printed).toMatch(/^prod-infrastructure +\d+ +\d+ +passes \d+ rules/m);
    const text = readFileSync(join(outdir, "stacks/prod-infrastructure/cdk.tf.json"), "utf8");
    const { "//": _, ...terraform } = JSON.parse(text);
    return terraform;
  }

  test("a stack is synthesized with cdktf, and TypeScript finds every subpath", async () => {
    const directory = await emptyProject(
      scope,
      "with-cdktf",
      tarball.path,
      `cdktf@${devDependencies.cdktf}`,
      constructs,
      aws,
    );
    outputs.set("cdktf", await synthesizeIn(directory));

    const imports = Object.keys(manifest.exports)
      .filter((subpath) => subpath !== "./package.json")
      .map(
        (subpath, index) =>
          `import * as room${index} from "${subpath.replace(/^\./, "cdktf-caravan")}"; void room${index};`,
      );
    writeFileSync(join(directory, "user.ts"), imports.join("\n"));
    for (const resolution of [
      ["node16", "node16"],
      ["commonjs", "node10"],
      ["esnext", "bundler"],
    ] as const) {
      const [module, moduleResolution] = resolution;
      const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"];
      await succeed(
        directory,
        tool("tsc"),
        ...options,
        "--module",
        module,
        "--moduleResolution",
        moduleResolution,
        "user.ts",
      );
    }
  });

  test("a stack is synthesized with cdktn through a shim named cdktf, to the same Terraform", async () => {
    const shim = scope.directory("shim");
    const name = { name: "cdktf", version: "0.21.99", main: "index.js", types: "index.d.ts" };
    const dependencies = { cdktn: "0.24.0" };
    writeFileSync(
      join(shim, "package.json"),
      JSON.stringify({ ...name, dependencies, peerDependencies: { constructs: "*" } }),
    );
    writeFileSync(join(shim, "index.js"), 'module.exports = require("cdktn");\n');
    writeFileSync(join(shim, "index.d.ts"), 'export * from "cdktn";\n');
    mkdirSync(join(shim, "node_modules"), { recursive: true });
    const { path } = await pack(scope, shim);
    const directory = await emptyProject(scope, "with-cdktn", tarball.path, path, constructs, aws);
    expect(await synthesizeIn(directory)).toEqual(outputs.get("cdktf"));
  });
});
