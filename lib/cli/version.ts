import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Version of this package, from its own package.json, compiled or not. */
export function packageVersion(): string {
  for (let directory = __dirname; dirname(directory) !== directory; directory = dirname(directory)) {
    const file = join(directory, "package.json");
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly name?: string;
      readonly version?: string;
    };
    if (name === "cdktf-caravan" && version !== undefined) return version;
  }
  return "unknown";
}
