import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A script that is a real file of this library, without what only its readers need: comments of whole lines and empty lines. The
 * first line stays.
 */
export function staticScript(path: string): string {
  const [first = "", ...rest] = readFileSync(join(__dirname, path), "utf8").split("\n");
  const kept = rest.filter((line) => line.trim() !== "" && !/^\s*#(?!!)/.test(line));
  return [first, ...kept, ""].join("\n");
}
