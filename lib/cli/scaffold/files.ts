import { basename } from "node:path";
import { packageManifest } from "../version";

/** Texts of an app's files by their paths. */
export type Scaffold = Readonly<Record<string, string>>;

export interface ScaffoldProps {
  /** Name of the first environment. */
  readonly name: string;
  /** Provider packages of the app. */
  readonly providers: readonly string[];
  /** The app. */
  readonly main: string;
  /** The environment's entry in `caravan.json`. */
  readonly environment: object;
}

/** What every app has, whichever its cloud. */
export function scaffold(directory: string, { name, providers, main, environment }: ScaffoldProps): Scaffold {
  return {
    "package.json": json({
      name: packageName(directory),
      private: true,
      scripts: { build: "tsc" },
      dependencies: dependencies(providers),
      devDependencies: { "@types/node": "^20", typescript: "^5.9.3" },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        target: "ES2022",
        module: "node16",
        moduleResolution: "node16",
        strict: true,
        skipLibCheck: true,
        rootDir: ".",
        outDir: "dist",
        types: ["node"],
      },
      include: ["main.ts"],
    }),
    // It compiles first: a synth of yesterday's app would be the worst of both.
    "cdktf.json": json({
      language: "typescript",
      app: "npm run --silent build && node dist/main.js",
      output: "cdktf.out",
    }),
    "caravan.json": json({ environments: { [name]: environment } }),
    ".gitignore": "node_modules/\ndist/\ncdktf.out/\n*.tfstate*\n",
    "main.ts": main,
  };
}

const SECTIONS = ["scripts", "dependencies", "devDependencies"] as const;

/**
 * Completes a `package.json` that is there already, as after `npm init` and `npm install`: what it says stays as it is.
 *
 * @returns the text, or nothing where nothing is missing
 */
export function completed(present: string, wanted: string): string | undefined {
  const [own, ours] = [JSON.parse(present), JSON.parse(wanted)];
  const known = { ...own.dependencies, ...own.devDependencies };
  let changed = false;
  for (const section of SECTIONS) {
    for (const [key, value] of Object.entries(ours[section])) {
      if (own[section]?.[key] !== undefined || (section !== "scripts" && known[key] !== undefined)) continue;
      own[section] = { ...own[section], [key]: value };
      changed = true;
    }
  }
  return changed ? json(own) : undefined;
}

/** The versions that this package was built with, or later ones of the same major. */
function dependencies(providers: readonly string[]): Record<string, string> {
  const { version, peerDependencies } = packageManifest();
  const of = (name: string) => (peerDependencies[name] ?? "*").replace(/^>=(\d+\.\d+\.\d+)$/, "^$1");
  const entries = [...providers, "cdktf", "constructs"].map((name) => [name, of(name)] as const);
  return Object.fromEntries(
    [...entries, ["cdktf-caravan", `^${version}`] as const].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function packageName(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, "-")
    .replace(/^[.-]+/, "");
  return name === "" ? "platform" : name;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
