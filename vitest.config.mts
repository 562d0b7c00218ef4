import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Tests read the sources under the names that a user imports, so that a snippet of the README runs as it stands.
const alias = [
  { find: /^cdktf-caravan$/, replacement: source("./lib/index.ts") },
  {
    find: /^cdktf-caravan\/application-support$/,
    replacement: source("./lib/application-support/index.ts"),
  },
  { find: /^cdktf-caravan\/aws$/, replacement: source("./lib/infrastructure/aws/index.ts") },
  { find: /^cdktf-caravan\/azure$/, replacement: source("./lib/infrastructure/azure/index.ts") },
  { find: /^cdktf-caravan\/carts$/, replacement: source("./lib/carts/index.ts") },
  { find: /^cdktf-caravan\/gcp$/, replacement: source("./lib/infrastructure/gcp/index.ts") },
  { find: /^cdktf-caravan\/node$/, replacement: source("./lib/node/index.ts") },
  { find: /^cdktf-caravan\/nomad$/, replacement: source("./lib/nomad/index.ts") },
  { find: /^cdktf-caravan\/operate$/, replacement: source("./lib/operate/index.ts") },
  { find: /^cdktf-caravan\/platform$/, replacement: source("./lib/platform/index.ts") },
  { find: /^cdktf-caravan\/policy$/, replacement: source("./lib/policy/index.ts") },
  { find: /^cdktf-caravan\/testing$/, replacement: source("./lib/testing/index.ts") },
];

export default defineConfig({
  resolve: { alias },
  test: {
    // The tests wait for programs more than they compute: one worker a core, none kept free.
    maxWorkers: "100%",
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.{real,full}.test.ts"],
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "real",
          include: ["test/**/*.real.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "full",
          include: ["test/**/*.full.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
