import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const project = resolve(__dirname, "../..");

/** A tree that breaks each rule of .dependency-cruiser.cjs once, on purpose. */
const broken: Record<string, string> = {
  "lib/core/errors.ts": 'import "../policy/rule"; import "cdktf";',
  "lib/policy/rule.ts": 'import "../layer/stack";',
  "lib/layer/stack.ts": 'import "../infrastructure/props";',
  "lib/testing/template.ts": 'import "../policy/rule";',
  "lib/nomad/job.ts": 'import "../layer/environment";',
  "lib/layer/environment.ts": 'import "@cdktf/provider-aws/lib/vpc";',
  "lib/infrastructure/props.ts": 'import "../platform/platform";',
  "lib/infrastructure/aws/network.ts": 'import "../azure/network"; import "@cdktf/provider-aws";',
  "lib/infrastructure/azure/network.ts": 'import "@cdktf/provider-aws/lib/subnet";',
  "lib/infrastructure/gcp/network.ts": 'import "../aws/network";',
  "lib/platform/platform.ts": 'import "../carts/cart";',
  "lib/operate/roll.ts": 'import "../infrastructure/props"; import "../platform/platform";',
  "lib/carts/cart.ts": 'import "../../stacks/main"; import "fast-check";',
  "lib/infrastructure/cycle-a.ts": 'import "./cycle-b";',
  "lib/infrastructure/cycle-b.ts": 'import "./cycle-a";',
  "stacks/main.ts": "export {};",
};

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

let root: string;
let violations: string[];

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "caravan-rooms-")));
  symlinkSync(realpathSync(join(project, "node_modules")), join(root, "node_modules"));
  for (const file of [".dependency-cruiser.cjs", "package.json", "tsconfig.json"]) {
    symlinkSync(join(project, file), join(root, file));
  }
  for (const [file, source] of Object.entries(broken)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), source);
  }
  const cruiser = join(project, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [cruiser, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "lib", "stacks"];
  const { summary } = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }));
  violations = summary.violations.map(({ rule, from, to }: Violation) => {
    return `${rule.name}: ${from} -> ${to.replace(/^.*node_modules\//, "")}`;
  });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["core imports nothing of ours", "direction-of-core: lib/core/errors.ts -> lib/policy/rule.ts"],
  ["policy does not know the layers", "direction-of-policy: lib/policy/rule.ts -> lib/layer/stack.ts"],
  ["the layer stack does not know a layer", "direction-of-layer: lib/layer/stack.ts -> lib/infrastructure/props.ts"],
  ["testing knows only core", "direction-of-testing: lib/testing/template.ts -> lib/policy/rule.ts"],
  ["the job model knows only core", "direction-of-nomad: lib/nomad/job.ts -> lib/layer/environment.ts"],
  [
    "infrastructure stands below platform",
    "direction-of-infrastructure: lib/infrastructure/props.ts -> lib/platform/platform.ts",
  ],
  ["platform stands below carts", "direction-of-platform: lib/platform/platform.ts -> lib/carts/cart.ts"],
  ["a provider's barrel", "no-provider-barrel: lib/infrastructure/aws/network.ts -> @cdktf/provider-aws/lib/index.js"],
  [
    "one cloud's room imports another's",
    "cloud-apart-aws: lib/infrastructure/aws/network.ts -> lib/infrastructure/azure/network.ts",
  ],
  [
    "one cloud's room imports another's provider",
    "cloud-apart-azure: lib/infrastructure/azure/network.ts -> @cdktf/provider-aws/lib/subnet/index.js",
  ],
  [
    "the third cloud's room too",
    "cloud-apart-gcp: lib/infrastructure/gcp/network.ts -> lib/infrastructure/aws/network.ts",
  ],
  [
    "a neutral room loads a cloud",
    "cloud-neutral-rooms-load-no-cloud: lib/layer/environment.ts -> @cdktf/provider-aws/lib/vpc/index.js",
  ],
  ["operate does not know the layers", "direction-of-operate: lib/operate/roll.ts -> lib/platform/platform.ts"],
  [
    "operate knows of the infrastructure no more than its contract",
    "operate-knows-contracts-only: lib/operate/roll.ts -> lib/infrastructure/props.ts",
  ],
  ["lib imports an app", "lib-knows-no-app: lib/carts/cart.ts -> stacks/main.ts"],
  ["lib needs a development dependency", "lib-needs-only-peers: lib/carts/cart.ts -> fast-check/lib/cjs/fast-check.js"],
  ["a circle", "no-circular: lib/infrastructure/cycle-a.ts -> lib/infrastructure/cycle-b.ts"],
])("refused: %s", (_, violation) => {
  expect(violations.join("\n")).toContain(violation);
});
