import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A script that is a real file of this library, without what only its readers need: comments of whole lines and empty lines. The
 * first line stays.
 */
export function staticScript(path: string): string {
  const known = scripts.get(path);
  if (known !== undefined) return known;
  const [first = "", ...rest] = readFileSync(join(__dirname, path), "utf8").split("\n");
  const kept = rest.filter((line) => line.trim() !== "" && !/^\s*#(?!!)/.test(line));
  const script = [first, ...kept, ""].join("\n");
  scripts.set(path, script);
  return script;
}

/** Each is part of every node's document. */
const scripts = new Map<string, string>();
