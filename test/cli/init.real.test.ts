import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { StandInProviders } from "../support/providers";
import { run, testScope } from "../support/temporary";
import { describeWith, findTool } from "../support/tools";
import { BUILT, Shell } from "./bin";

const project = resolve(__dirname, "../..");
const modules = join(project, "node_modules");
const AWS = ["--account", "123456789012", "--region", "eu-central-1", "--repository", "acme/platform"];

const clouds = {
  aws: {
    args: [...AWS, "--image", "ami-0123456789abcdef0"],
    stacks: ["prod-infrastructure", "prod-state"],
    providers: ["aws"],
  },
  azure: {
    args: [
      ...["--account", "11111111-2222-3333-4444-555555555555", "--tenant", "66666666-7777-8888-9999-000000000000"],
      ...["--region", "westeurope", "--repository", "acme/platform"],
      ...["--image", "Canonical:ubuntu-24_04-lts:server:24.04.202510010"],
    ],
    stacks: ["prod-infrastructure", "prod-state"],
    providers: ["azurerm"],
  },
  gcp: {
    args: [
      ...["--account", "acme-caravan", "--region", "europe-west1", "--repository", "acme/platform"],
      ...["--image", "projects/debian-cloud/global/images/debian-12-bookworm-v20251014"],
    ],
    stacks: ["prod-infrastructure", "prod-state"],
    providers: ["google"],
  },
  existing: { args: ["--vault", "https://vault.example.com:8200"], stacks: ["prod-platform"], providers: ["vault"] },
};

/** What `npm install` would bring, and this package itself. */
function install(directory: string): void {
  mkdirSync(join(directory, "node_modules"));
  for (const name of [".bin", "@cdktf", "@types", "cdktf", "constructs", "typescript", "undici-types"]) {
    symlinkSync(join(modules, name), join(directory, "node_modules", name));
  }
  symlinkSync(project, join(directory, "node_modules", "cdktf-caravan"));
}

describeWith(
  "caravan init",
  { terraform: findTool("terraform"), git: findTool("git"), npm: findTool("npm"), "a build (npm run build)": BUILT },
  () => {
    test.each(Object.entries(clouds))(
      "%s: what it writes compiles, synthesizes, passes the policy and is valid",
      async (cloud, { args, stacks, providers: names }) => {
        const scope = testScope();
        const directory = scope.directory("init");
        // As after npm init, npm install.
        const before = { name: "mine", version: "1.0.0", scripts: { test: "true" }, dependencies: { cdktf: "0.21.0" } };
        writeFileSync(join(directory, "package.json"), JSON.stringify(before));
        const shell = new Shell(directory);
        const first = await shell.json(["init", cloud, ...args]);
        expect(first, first.stderr).toMatchObject({ code: 0, answer: { kept: [] } });
        const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
        expect(manifest).toMatchObject({ name: "mine", scripts: { test: "true", build: "tsc" } });
        expect(manifest.dependencies.cdktf).toBe("0.21.0");
        for (const name of names) {
          expect(manifest.dependencies[`@cdktf/provider-${name}`]).toMatch(/^\^\d+\.\d+\.\d+$/);
        }
        expect(await shell.json(["init", cloud, ...args])).toMatchObject({ code: 0, answer: { written: [] } });

        install(directory);
        const synth = await shell.json(["synth"]);
        expect(synth, synth.stderr).toMatchObject({ code: 0 });
        expect([...synth.answer.stacks].sort()).toEqual(stacks);
        const policy = await shell.json(["policy"]);
        expect(policy.code).toBe(0);
        for (const { report } of policy.answer.stacks) expect(report).toMatchObject({ findings: [] });
        expect((await shell.json(["graph"])).answer.levels.flat()).toHaveLength(stacks.length);

        const providers = new StandInProviders(scope);
        for (const stack of stacks) await providers.serve(join(directory, "cdktf.out/stacks", stack));
        const validate = await shell.caravan(["validate"], providers.env);
        expect(validate.stdout, validate.stderr).toBe(`${stacks.length} stacks are valid.\n`);
        if (cloud !== "aws") return;
        await run("git", ["init", "-q"], { cwd: directory });
        const gitops = await shell.json(["gitops", "init"]);
        expect(gitops.answer.written).toContain(".github/workflows/caravan-apply-prod.yml");
        const check = await shell.caravan(["gitops", "check"]);
        expect(check.code).toBe(1);
        expect(check.stderr).toContain("terraform-locks/prod-state.hcl is missing: run caravan lock prod-state");
      },
    );

    test("a stack that Terraform refuses fails with what is wrong, the others are looked at all the same", async () => {
      const directory = testScope().directory("invalid");
      const stack = (id: string, resource: object) => {
        mkdirSync(join(directory, "cdktf.out/stacks", id), { recursive: true });
        writeFileSync(join(directory, "cdktf.out/stacks", id, "cdk.tf.json"), JSON.stringify({ resource }));
        const path = `stacks/${id}`;
        return {
          constructPath: id,
          workingDirectory: path,
          synthesizedStackPath: `${path}/cdk.tf.json`,
          dependencies: [],
        };
      };
      const stacks = {
        "dev-bad": stack("dev-bad", { terraform_data: { one: { inputt: "a" } } }),
        "dev-good": stack("dev-good", { terraform_data: { one: { input: "a" } } }),
      };
      writeFileSync(join(directory, "cdktf.out/manifest.json"), JSON.stringify({ stacks }));
      const { code, answer } = await new Shell(directory).json(["validate"]);
      expect(code).toBe(1);
      expect(answer.stacks).toEqual([
        { stack: "dev-bad", mistakes: [expect.stringContaining("inputt")] },
        { stack: "dev-good", mistakes: [] },
      ]);
    });
  },
);
