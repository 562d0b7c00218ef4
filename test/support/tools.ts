import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { Scope } from "./scope";

export { findTool } from "./programs";

/**
 * A suite that needs what may be missing. Where something is, the suite is skipped and a test's title says why; with
 * `CARAVAN_REQUIRE_TOOLS=1` that test fails.
 *
 * @param needs What is needed, by a name for people: `{ terraform: findTool("terraform") }`.
 */
export function describeWith<T extends Readonly<Record<string, unknown>>>(
  title: string,
  needs: T,
  body: (found: { readonly [K in keyof T]: NonNullable<T[K]> }) => void,
): void {
  const missing = Object.keys(needs).filter((name) => needs[name] === undefined);
  describe(title, () => {
    if (missing.length === 0) return body(needs as { readonly [K in keyof T]: NonNullable<T[K]> });
    const reason = `missing here: ${missing.join(", ")}`;
    if (process.env["CARAVAN_REQUIRE_TOOLS"] !== "1") return test.skip(reason, () => {});
    test(reason, () => {
      throw new Error(`${reason}; CARAVAN_REQUIRE_TOOLS=1 forbids to skip`);
    });
  });
}

/** A directory from which Terraform can install a provider without the network. */
export interface Mirror {
  /** The directory that holds `registry.terraform.io`. */
  readonly root: string;
  /** The versions that are there, newest first. */
  readonly versions: readonly string[];
}

/**
 * The local mirror that holds a provider, `"hashicorp/aws"`, in any version or in one. Looked for in this order:
 * `CARAVAN_PROVIDER_MIRROR`, the filesystem mirrors of `TF_CLI_CONFIG_FILE`, Terraform's own plugin directories, and three
 * levels below the usual places for software.
 */
export function findMirror(provider: string, version?: string): Mirror | undefined {
  for (const root of mirrorCandidates()) {
    const folder = join(root, HOST, provider);
    const versions = directories(folder).filter((name) => /^\d/.test(name));
    const newestFirst = versions.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    const found = version === undefined ? newestFirst.length > 0 : newestFirst.includes(version);
    if (found) return { root, versions: newestFirst };
  }
  return undefined;
}

/** A CLI configuration that installs every provider from a mirror. */
export function mirrorConfig(scope: Scope, { root }: Mirror): string {
  const file = join(scope.directory("cli"), "cli.tfrc");
  writeFileSync(file, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(root)}\n  }\n}\n`);
  return file;
}

const HOST = "registry.terraform.io";
const SEARCH_DEPTH = 3;

function* mirrorCandidates(): Generator<string> {
  const given = process.env["CARAVAN_PROVIDER_MIRROR"];
  if (given) yield given;
  const config = process.env["TF_CLI_CONFIG_FILE"];
  if (config && existsSync(config)) {
    for (const [, path] of readFileSync(config, "utf8").matchAll(/filesystem_mirror\s*\{[^}]*?path\s*=\s*"([^"]+)"/g)) {
      if (path !== undefined) yield path;
    }
  }
  const data = process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share");
  yield join(homedir(), ".terraform.d", "plugins");
  for (const share of [data, "/usr/local/share", "/usr/share"]) yield join(share, "terraform", "plugins");
  for (const top of ["/opt", "/usr/local", "/usr/share", "/var/lib", homedir()]) yield* below(top, SEARCH_DEPTH);
}

function* below(directory: string, depth: number): Generator<string> {
  const children = directories(directory);
  if (children.includes(HOST)) yield directory;
  if (depth === 0) return;
  for (const child of children) {
    if (child !== "node_modules" && child !== ".git") yield* below(join(directory, child), depth - 1);
  }
}

function directories(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
