import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name?: string;
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** This package's own package.json, whether it is compiled or not. */
export function packageManifest(): Manifest {
  for (let directory = __dirname; dirname(directory) !== directory; directory = dirname(directory)) {
    const file = join(directory, "package.json");
    if (!existsSync(file)) continue;
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
    if (manifest.name === "cdktf-caravan") return manifest;
  }
  return { version: "unknown", peerDependencies: {} };
}

/** Version of this package. */
export function packageVersion(): string {
  return packageManifest().version;
}
