import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { reasonOf } from "../errors";

const BLOCK = 512;

/**
 * What is wrong with a snapshot of Vault, Consul or Nomad, or nothing: all three are compressed tar archives that hold the SHA-256 of
 * each of their files.
 */
export function unsound(snapshot: Buffer): string | undefined {
  let files: Map<string, Buffer>;
  try {
    files = untar(gunzipSync(snapshot));
  } catch (error) {
    return `it is no whole archive: ${reasonOf(error)}`;
  }
  const sums = files.get("SHA256SUMS")?.toString();
  if (sums === undefined) return "it holds no SHA256SUMS";
  const lines = sums.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return "its SHA256SUMS is empty";
  for (const line of lines) {
    const [sum, name = ""] = line.trim().split(/\s+\*?/);
    const file = files.get(name);
    if (file === undefined) return `it lacks its file ${name}`;
    if (createHash("sha256").update(file).digest("hex") !== sum) return `its file ${name} is damaged`;
  }
  return undefined;
}

/** The files of a tar archive: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function untar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    const name = text(header.subarray(0, 100));
    if (name === "") break;
    const size = Number.parseInt(text(header.subarray(124, 136)).trim(), 8);
    if (!Number.isInteger(size) || at + BLOCK + size > archive.length) throw new Error(`${name} ends too early`);
    files.set(name, archive.subarray(at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.length : end).toString("latin1");
}
