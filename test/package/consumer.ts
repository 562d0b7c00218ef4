import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { run, type Scope } from "../support/temporary";

const project = resolve(__dirname, "../..");

/** The project's package.json. */
export const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));

/** Runs a program of the project and fails with what it printed. */
export async function succeed(cwd: string, command: string, ...args: string[]): Promise<string> {
  const result = await run(command, args, { cwd, env: process.env, timeoutMs: 300_000 });
  if (result.code !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${result.code}\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

export interface Tarball {
  readonly path: string;
  /** Size of the packed file in bytes. */
  readonly size: number;
  readonly files: readonly string[];
}

/** Packs the package as `npm publish` would, from what `npm run build` left. */
export async function pack(scope: Scope, directory = project): Promise<Tarball> {
  const destination = scope.directory("pack");
  const printed = await succeed(
    directory,
    "npm",
    "pack",
    "--json",
    "--ignore-scripts",
    "--pack-destination",
    destination,
  );
  const parsed = JSON.parse(printed);
  const [packed] = Array.isArray(parsed) ? parsed : Object.values<never>(parsed);
  const { filename, size, files } = packed as { filename: string; size: number; files: { path: string }[] };
  return { path: join(destination, filename), size, files: files.map(({ path }) => path) };
}

/** An empty project with nothing but these packages. */
export async function emptyProject(scope: Scope, name: string, ...packages: string[]): Promise<string> {
  const directory = scope.directory(name);
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name, version: "1.0.0", private: true }));
  await succeed(directory, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", ...packages);
  return directory;
}
